# Emails. What ends in a colon has the link below it, in the text part.

# The frame, and what several emails share.
# What a screen reader calls the whole.
mail-role = email
mail-help = Questions? Write to { $support }
mail-button-fails = Button not working? Copy this address into your browser:
mail-browser = Browser: { $browser }
mail-address = IP address: { $address }
mail-time = Time: { $at }
mail-place = { $browser } from { $address }
mail-news-at = { $title } at { $product }
mail-other-changes = { $detail } Other changes since the last email: { $changes }.
mail-change = { $title } ({ $at })
mail-change-from = { $title } ({ $at }, { $place })
mail-link-and-code-expire = The link and the code each work only once and expire in { $lifetime }.
# A subject, and what the inbox shows of the email.
mail-subject-and-glance = { $subject }. { $glance }
mail-link-expires = The link works only once, and it expires in { $lifetime }.
mail-undo = This wasn't me: undo it

# Signing in.
mail-sign-in-to = Sign in to { $product }
mail-sign-in-code = { $code } is your { $product } sign-in code
mail-sign-in = Sign in
mail-sign-in-enter = Enter this code where you're signing in:
mail-sign-in-enter-or-open = Enter the code where you're signing in. Or open this link and press the button:
mail-sign-in-or-link = Or use this link:
mail-sign-in-end = Didn't request this? Don't forward this email, and <a>cancel this sign-in</a>.
mail-sign-in-end-link = Didn't request this? Don't forward this email. To cancel this sign-in:

# Verifying before a change.
mail-verify-at = Verify it's you at { $product }
mail-verify-code = { $code } is your { $product } verification code
mail-verify = Verify it's you
mail-verify-button = Yes, it's me
mail-verify-why = You're about to change something important, so please verify it's you.
mail-verify-enter = Enter this code in the browser where you're signed in:
mail-verify-enter-or-open = Enter the code in the browser where you're signed in. Or open this link there and press the button:
mail-verify-or-link = Or use this link in the same browser:
mail-verify-end = Didn't request this? Then someone else is signed in as you. Don't forward this email. <a>Cancel this request</a>, then sign in and sign out every browser you don't recognise.
mail-verify-end-link = Didn't request this? Then someone else is signed in as you. Don't forward this email. Cancel this request with the next link, then sign in and sign out every browser you don't recognise:

# A new address.
mail-confirm-for = Confirm your new email address for { $product }
mail-confirm = Confirm your new email address
mail-confirm-button = Confirm new address
mail-confirm-moves = The account { $old } will move to this address. Use the link in the browser where you're signed in.
mail-confirm-open = The account { $old } will move to this address. Open this link in the browser where you're signed in, and press the button:
mail-confirm-expires = The link works only once and expires in { $lifetime }. Until you use it, nothing changes.
mail-confirm-end = Didn't request this? Ignore this email, or <a>cancel this request</a>.
mail-confirm-end-link = Didn't request this? Ignore this email, or cancel this request:
mail-moved-at = Your email address at { $product } was changed
mail-moved = Your email address was changed
mail-moved-glance = If this wasn't you, take your account back within { $lifetime }.
mail-moved-to = Your account now uses { $new }. We no longer send email to this address.
mail-moved-undo = If this wasn't you, you have { $lifetime } to move your account back to this address. Everything added since is removed, and all browsers are signed out.
mail-moved-undo-link = If this wasn't you, this link moves your account back to this address. It works for { $lifetime }. Everything added since is removed, and all browsers are signed out:

# Passwords.
mail-reset-for = Choose a new password for { $product }
mail-reset = Choose a new password
mail-reset-glance = The link works only once and expires in { $lifetime }. Nothing has changed yet.
mail-reset-open = Open this link and choose a password:
mail-reset-expires = The link works only once and expires in { $lifetime }. Afterwards, sign in with the new password.
mail-reset-end = Didn't request this? Nothing has changed. Don't forward this email, and <a>cancel this request</a>.
mail-reset-end-link = Didn't request this? Nothing has changed. Don't forward this email. To cancel this request:
mail-password-not-you = If this wasn't you, choose a new password for your account now.
mail-password-not-you-link = If this wasn't you, choose a new password for your account now:
mail-password-undo = If this wasn't you, you have { $lifetime } to undo it. Your former password works again, everything added since is removed, and all browsers are signed out.
mail-password-undo-link = If this wasn't you, this link undoes it. It works for { $lifetime }. Your former password works again, everything added since is removed, and all browsers are signed out:
mail-password-other = Choose another password instead
mail-password-other-link = To choose another password instead:

# Other changes.
mail-check-not-you = If this wasn't you, check all your sign-in methods right away.
mail-check-not-you-link = If this wasn't you, check all your sign-in methods right away:
mail-check = Check my sign-in methods
mail-check-link = To check your sign-in methods:
mail-check-undo = If this wasn't you, you have { $lifetime } to undo it. Everything added since is removed, and all browsers are signed out. What you had before stays.
mail-check-undo-link = If this wasn't you, this link undoes it. It works for { $lifetime }. Everything added since is removed, and all browsers are signed out. What you had before stays:
mail-least-password = You have no second factor left. A password shorter than { $least } characters no longer signs you in: choose a longer one.

# A sign-in in a browser not seen before.
mail-new-browser-at = New sign-in to { $product }
mail-new-browser = New sign-in to your account
mail-new-browser-glance = If this wasn't you, sign that browser out with the link in this email.
mail-new-browser-what = Someone signed in to your account in a browser that we haven't seen before.
mail-methods = Signed in with: { $methods }
mail-new-browser-was-you = If this was you, there's nothing to do.
mail-new-browser-end = If this wasn't you, sign that browser out. You can do this for { $lifetime }, and your other browsers stay signed in.
mail-new-browser-end-link = If this wasn't you, sign that browser out with this link. It works for { $lifetime }, and your other browsers stay signed in:
mail-new-browser-button = Sign that browser out
mail-new-browser-others = More sign-ins in new browsers since the last email:
mail-new-browser-others-end = If one of these wasn't you, sign that browser out on your account page.
mail-signed-in-at = { $place } ({ $at }, { $methods })

# Second factors are lost.
mail-recovery-at = Your second factors at { $product } are about to be removed
mail-recovery = Your second factors are about to be removed
mail-recovery-glance = You can keep them until { $due }.
mail-recovery-by-owner = Someone who knows your password and can read your email told us that your second factors are lost. They asked us to remove all authenticator apps, passkeys and recovery codes from your account.
mail-recovery-by-admin = An admin told us that you've lost your second factors. They asked us to remove your authenticator apps, passkeys and recovery codes.
mail-recovery-by-operator = The people who run this server told us that you've lost your second factors. They asked us to remove your authenticator apps, passkeys and recovery codes.
mail-recovery-due = We'll remove them on { $due }. Until then nothing changes.
mail-recovery-keep = If this wasn't you, or you've found them, keep them:
mail-recovery-keep-button = Keep my second factors

# Invitation, farewell, test.
mail-invited-to = You're invited to { $product }
mail-invited = You're invited
mail-invited-glance = Your account is ready. Accept the invitation to sign in with this email address.
mail-invited-by = { $inviter } created an account for you.
mail-invited-by-link = { $inviter } created an account for you. To sign in, open this link:
mail-invited-guest = { $inviter } invites you to open { $app } until { $until }. After that, we delete the account.
mail-invited-guest-link = { $inviter } invites you to open { $app } until { $until }. After that, we delete the account. To sign in, open this link:
mail-invited-button = Accept the invitation
mail-invited-once = The link signs you in once and expires in { $lifetime }. After that, sign in with this email address on the sign-in page.
mail-invited-unknown = Not expecting this? You can ignore this email.
mail-closed-at = Your account at { $product } is closed
mail-closed = Your account is closed
mail-closed-glance = You're signed out everywhere, and your data is deleted. If this wasn't you, tell us.
mail-closed-what = You closed it. You're signed out everywhere, and your data is deleted. We keep only the audit log and the list of emails sent to you, for a while.
mail-closed-not-you = If this wasn't you, write to { $support }.
mail-closed-not-you-host = If this wasn't you, write to the people who run { $host }.
mail-test-from = Test email from { $product }
mail-test = Test email
mail-test-glance = You can read this, so email works. Now open the link and confirm that it arrived.
mail-test-sent = { $admin } sent this email on { $at }. You can read it, so email links can reach you too.
mail-test-link = The link should start with { $host }. If it doesn't, your email provider rewrites links: turn off its click tracking.
mail-test-button = Confirm that it arrived
mail-test-code = Sign-in emails have a code too. This one is only an example:

# Access to apps, guests.
mail-access-asked-at = Someone is asking for access to { $app } at { $product }
mail-access-asked = A user is asking for access
mail-access-asked-glance = You can give access, give it for a limited time, or refuse.
mail-access-asked-by = { $asker } asked for access to { $app } on { $at }.
mail-access-yes = Give access
mail-access-until = Give temporary access
mail-access-no = Refuse
mail-access-yes-link = To give access:
mail-access-until-link = To give temporary access:
mail-access-no-link = To refuse:
mail-access-asks-first = For each link, you sign in as an admin and confirm. If another admin has already answered, you'll see that.
mail-access-given-at = You can now open { $app } at { $product }
mail-access-given = You can open { $app }
mail-access-given-glance = An admin has given you access. Open it with the link in this email.
mail-access-given-what = An admin has given you access to { $app }.
mail-access-given-until = An admin has given you access to { $app } until { $until }.
mail-access-open = Open { $app }
mail-access-open-link = To open it:
mail-access-refused-at = No access to { $app } at { $product }
mail-access-refused = No access to { $app }
mail-access-refused-glance = An admin has refused you access. You can ask again in a week.
mail-access-refused-what = An admin has refused you access to { $app }. You can ask again in a week.
mail-access-why = You're getting this email because you asked for access to { $app } with your account at { $host }.
mail-guest-ends-at = Your guest account at { $product } ends soon
mail-guest-ends = Your guest account ends soon
mail-guest-ends-glance = Save what you need until then. Need more time? Ask the admin who invited you.
mail-guest-ends-what = Your guest account ends on { $until }. Then we delete it. Save what you need until then.
mail-guest-ends-longer = Need more time? Ask the admin who invited you.
