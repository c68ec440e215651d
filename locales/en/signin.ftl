# Signing in, and what its pages share with others: passkeys, passwords, codes.

# Passkeys
passkey-closed = Cancelled or timed out. Try again.
passkey-late = Timed out. Try again.
passkey-known = You already have a passkey on this device.
passkey-many = You can’t add more passkeys. Remove one first.
passkey-name = Use at most 50 visible characters.
passkey-address = Enter an email address like ana@example.com, or clear the field to use a passkey.
passkey-off = Passkeys are turned off.
passkey-elsewhere = Passkeys don’t work at this web address. Open the site with a link from one of our emails.
passkey-changed = This passkey has changed since you added it, so we can’t accept it. Use another way. Then remove the passkey on your security page and add it again.
passkey-refused = We don’t recognise this passkey. Try another one or another way to sign in.
passkey-of-another = This passkey belongs to another account.
passkey-needs-script = To use a passkey, turn on JavaScript in this browser.
passkey-unknown-here = This browser doesn’t support passkeys.
passkey-use = Use a passkey
passkey-use-elsewhere = Passkey on another device? Choose that device when your browser asks.
offline = We can’t reach the server. Try again in a moment.
patience = Too many attempts. Wait a moment and try again.
fault = Something went wrong on our side. Try again in a moment.

# Passwords and codes
password-hint = At least { $least } characters. A few random words work well; a password manager is even better.
show = Show
hide = Hide
copied = Copied
marked = Selected: copy it now
factors-lost = Can’t use any of these?

# Said on several pages
sign-in = Sign in
sign-in-to = Sign in to { $product }
# Below the line above, when an app has sent the user here.
sign-in-for-app = to continue to <b>{ $app }</b>
email-address = Email address
password = Password
new-password = New password
continue = Continue
back = Back
invited-to = You’re invited to { $product }
invited-by = { $inviter } created an account for you.
invited-signed-in-as = You’re signed in here as { $current }. If you continue, that session will end.
invitation-over = This invitation no longer works
    .current = You’re signed in here as <b>{ $current }</b>.
    .used = It has already been used.
    .expired = It has expired, but your account is still there.
    .sign-in = Sign in with your email address.
    .unknown = It may have been withdrawn, or replaced by a newer email. Use the newest email, or ask the person who invited you.
to-sign-in-page = Go to sign-in
other-ways-to-sign-in = Other ways to sign in
back-to-sign-in = Back to sign-in
keep-signed-in = Keep me signed in on this device for { $lifetime }
keep-signed-in-hint = We also remember your email address here. Not for shared computers.
use-different-address = Use a different address
verify-its-you = Verify it’s you
signed-in = You’re signed in
link-over = This link no longer works
links-once-newest = Links work once and expire after { $lifetime }. Only the newest one works.
link-not-working = This link doesn’t work
link-whole-and-cookies = Check that the link was copied in full and that your browser allows cookies for this site.

# The first page
email-explained = We’ll email you a link and a code.
email-explained-no-password = We’ll email you a link and a code. No password needed.
email-me-a-link = Email me a link
email-link-instead = Email me a link instead
sign-in-with-passkey = Sign in with a passkey
    .hint = Use your fingerprint, face, device PIN or security key.
sign-in-with-password = Sign in with a password
or = or
forget-me-here = Forget me on this device
security-key-not-offered = Security key not recognised? Enter your email address
security-key-address = Some security keys can’t store your email address. Enter it here, then continue.
continue-with-security-key = Continue with your security key
sign-in-off = Sign-in is turned off
ask-for-console-link = Ask an admin for a link that signs you in once.
lost-passkey = Lost your passkey? Ask an admin.
lost-passkey-ask = Lost your passkey? Ask <a>{ $support }</a>.
by-invitation = By invitation only. No invitation yet? Ask an admin.
by-invitation-ask = By invitation only. No invitation yet? Ask <a>{ $support }</a>.

# Passwords
no-password-needed-for-link = You can sign in now without your password: we’ll email you a link.
forgot-password = Forgot your password?
reset-your-password = Reset your password
reset-explained = We’ll email you a link to choose a new one.
email-me-a-reset-link = Email me a reset link
choose-new-password = Choose a new password
reset-signs-out = For <b>{ $email }</b>. Saving it signs you out everywhere.

# Each sentence is also true for an address that gets no email or is over a limit.
check-your-inbox = Check your inbox
look-for-sign-in-email = Look for our newest email to <b>{ $email }</b>. Open its link in this browser, or enter its code.
look-for-reset-email = Look for our newest email to <b>{ $email }</b> about a new password, and open its link.
emailed-to-verify = Look for our newest email to <b>{ $email }</b>. To verify it’s you, open its link in this browser, or enter its code.
open-test-mailbox = Open the test mailbox (new tab)
open-webmail = Open { $name } (new tab)
code-from-email = Code from the email
code-hint = Six characters, like K7M-2QX. Works for { $lifetime }.
codes-dead = Too many wrong codes
    .text = This email’s link and code no longer work. Ask for another email.
no-email = Didn’t get the email?
no-email-hint = It can take a minute. Check your spam folder, too. Only the newest email works.
    .sign-in = It can take a minute. Check your spam folder, too. We only send an email if this address can be used here.
    .reset = It can take a minute. Check your spam folder, too. We only send an email if this address has an account here.
send-another-email = Send another email
emails-used-up = You can’t ask for more emails here right now. Try again in an hour, or use a different address.
start-again = Start again
page-continues = This page moves on by itself once you’ve signed in. If it doesn’t, reload it.
    .verified = This page moves on by itself once you’ve verified it’s you. If it doesn’t, reload it.
nothing-in-progress = No sign-in in progress
expired-or-no-cookies = Your sign-in may have expired, or your browser may be blocking cookies. Allow cookies for this site, then try again.
ask-for-another-email = Ask for another email

# The link was opened
then-finish-change = Continue only if you asked for this link. Then you can finish your change.
then-verified = Continue only if you asked for this link. It also verifies your email address.
verify-as = Yes, I’m { $email }
confirm-new-address = Confirm your new address
new-address-explained = You’ll sign in with this address and get our emails there.
use-address = Use { $email }
sign-in-as = Sign in as { $email }
not-you-close = Not you? Just close this page.
asked-in-another-browser = This email was requested in another browser
sign-in-asked = On { $at }, <b>{ $browser }</b> asked to sign in as <b>{ $email }</b>.
sign-in-asked-from = On { $at }, <b>{ $browser }</b> (IP address { $client }) asked to sign in as <b>{ $email }</b>.
signed-in-here-as = You’re already signed in here as <b>{ $current }</b>.
enter-code-there = To sign in <b>there</b>, go back to that browser and enter the code from the email.
did-not-ask-close = Didn’t request it? Close this page and don’t share the email.
sign-in-here-instead = Sign in on this device instead
sign-in-on-this-device = Sign in on this device?
continue-only-if = Continue only if you requested this email in { $browser } and <b>{ $email }</b> is your address.
session-here-ends = You’re signed in here as { $email }. If you continue, that session will end.
signed-in-as-someone-else = You’re signed in as someone else
link-signs-in-as = This browser is signed in as <b>{ $current }</b>. This link is for <b>{ $email }</b>.
switch-to = Switch to { $email }
stay-signed-in-as = Stay signed in as { $email }
open-where-signed-in = Open this link where you’re signed in
open-in-asking-browser = Open this link in the browser that requested it
verifies-in-another-browser = It only works there. You can also go back to that browser and enter the code from the email.
confirms-address-of-account = This link confirms a new address. Open it in a browser where you’re signed in to the account that requested it.
link-still-works = Nothing has changed, and the link still works.
links-off = Email links are turned off
links-off-explained = An admin has turned off email links, including those already sent. Use another way to sign in.
email-new-link-to = Send a new link to { $email }
verify-link-over = This link was for verifying it’s you. It works once and expires after { $lifetime }. To make the change, go back and ask for another email.
back-to-change = Back to your change
address-link-over = This link was meant to confirm a new address. It works once and expires after { $lifetime }. Your account shows your current address.
to-your-account = Go to your account
console-link-over = This link was created on the server’s command line and works once. Ask the person who gave it to you for another one.
signed-in-as = You’re signed in as <b>{ $email }</b>. You can close this page.
continue-to-account = Continue to your account

# Someone else asked for the email
was-not-you = Cancel this request?
email-asked = On { $at }, <b>{ $browser }</b> requested this email.
email-asked-from = On { $at }, <b>{ $browser }</b> (IP address { $client }) requested this email.
cancel-explained = If it was you, you can close this page. If it wasn’t, cancel it. The link and code will stop working, and anyone who used them will be signed out.
cancel-signs-out-here = This email was requested or used in this browser. If you cancel, you’ll be signed out here, too.
cancel-it = This wasn’t me: cancel it
cancelled = Cancelled
email-cancelled = The email’s link and code no longer work.
keep-getting = If you keep getting emails like this, tell an admin.
keep-getting-ask = If you keep getting emails like this, tell <a>{ $support }</a>.
nothing-to-cancel = Nothing to cancel
cancel-link-over = This link may be incomplete. Open it again from the email. If the email is more than a day old, its link and code have expired anyway.

# The second factor
one-more-step = One more step
second-factor-asked = You’re signing in as <b>{ $email }</b>. Verify it’s you with your second factor.
use-app = Use an authenticator app
code-from-app = Code from your authenticator app
code-from-app-hint = The current six-digit code.
remember-factor = Don’t ask again in this browser for { $lifetime }
    .hint = Not for shared computers.
use-recovery-code = Use a recovery code
recovery-code = Recovery code
recovery-code-hint = One of the { $count } codes you saved. Each works once.
use-this-code = Use this code
not-you-different-address = Not you? <a>Use a different address</a>

# The second factor is lost
factors-lost-question = Lost your phone or your codes?
factors-removed-soon = Your second factors will be removed
waiting-period-over = The waiting period for <b>{ $email }</b> is over. <a>Sign in</a> again: we won’t ask for a second factor.
removal-under-way = We’ll remove the second factors of <b>{ $email }</b> on <b>{ $due }</b>.
removal-asked = Someone asked us for this on { $asked }. Once your second factors are removed, sign in as usual and set up new ones.
factor-found = Found your phone or a code? Signing in with it stops the removal, and everything stays as it is.
    .button = Sign in with my second factor
removal-not-you = If this wasn’t you, the link in our email stops it.
removal-explained = We can remove all authenticator apps, passkeys and recovery codes from <b>{ $email }</b>. Your password and your address stay as they are.
    .impossible = We can’t remove your second factors here, because we can’t tell that it’s you. Ask an admin to remove them.
removal-takes = For your safety, this takes { $wait }. We’ll email you a link that stops it. At the end, you’re signed out everywhere.
remove-factors-in = Remove my second factors in { $wait }
show-one-more = To continue, verify it’s you in one more way:
after-email-lost-again = Open the link in this browser, or enter the code here. Then you’ll come back to this page.
enter-my-password = Enter my password
then-lost-again = Then you’ll come back to this page.
address-too-new = Your email address changed in the last 7 days, so an email isn’t enough here.
password-from-email = Your password isn’t enough here, because you set it through an email or before you had a second factor.
admin-can-start = An admin can also start the removal for you.
admin-can-start-ask = An admin can also start the removal for you: <a>{ $support }</a>

# Verifying it's you before a change
fresh-sign-in-needed = Please verify it’s you again before this change, because the last time was more than { $lifetime } ago. You’ll then return to where you were.
fresh-sign-in-needed-kept = Please verify it’s you again before this change, because the last time was more than { $lifetime } ago. We’ve kept what you filled in.
email-link-to = Email a link to { $email }
verify-by-console-link = Only a console link can verify it’s you now. The people who run this server get one with <code>gatepost link { $email }</code>. Open it in this browser, then <a>continue here</a>.

# The first start
set-up = Set up
welcome = Welcome
set-up-explained = You’re about to become the first admin. Then you can invite others.
your-email-address = Your email address
check-the-spelling = Check the spelling: anyone who can read this mailbox becomes an admin.
become-first-admin = Become the first admin
set-up-link-over = This set-up link no longer works
set-up-link-over-explained = There’s an admin already, or the link is more than a day old. If there’s no admin yet, restart Gatepost and look in its log for a new link.

# The mailbox for trying things out
test-mailbox = Test mailbox
test-mailbox-to = Only emails to
test-mailbox-show = Show
test-mailbox-clear = Delete all emails
test-mailbox-explained = Emails are shown here and not sent, because GATEPOST_MAIL_URL is <code>dev:</code>. The newest comes first. Reload to see new ones.
no-test-email = No email yet. <a>Sign in</a> to get one. For the very first sign-in, open the set-up link from the server’s log.
email-to = To { $recipient }
as-html = As HTML
as-html-of = As HTML, email { $number }
source = Source
source-of = Source, email { $number }
