# The pages of an account, and the pages of the links that undo a change or keep second factors.

address-unverified = Your email address isn’t verified yet.
    .off = Email links are turned off, so you can’t verify it now.
verify-address-send = Send verification email
nothing-changed-yet = Thanks for verifying it’s you. Nothing has changed yet: press the button to continue.
others-will-be-signed-out = You’ll be signed out of your other browsers.

# Account

account = Account
your-account = Your account
account-profile = Profile
change-address = Change address
security = Security
account-name = Name
    .hint = What we call you. Optional.
save-name = Save name
account-language = Language
    .hint = For pages and emails.
language-of-browser = Same as the browser
save-language = Save language
account-time-zone = Time zone
    .hint = For times on pages and in emails. If you don’t choose one, emails use { $zone }.
time-zone-of-browser = Same as the browser
save-time-zone = Save time zone
account-sessions = Sessions
account-activity = Activity
account-data = Data
account-ends = Your account ends on { $at }. After that you can’t sign in.
account-created = Created on { $at }

where-signed-in = Where you’re signed in
session-active = Active now
this-browser = This browser
session-signed-in = Signed in { $ago } ({ $methods })
session-last-active = Last active { $ago }
session-places = The place comes from the IP address. For phones and VPNs, it’s often wrong.
session-until-closed = Ends when the browser closes
sign-out-browser = Sign out { $browser }
sign-out-others = Sign out everywhere else
sign-out-others-question = Sign out everywhere else?
    .what = You’ll be signed out of every other browser and device. This browser stays signed in.

activity-what = What happened to your account in the last { $span }. Don’t recognise something? Choose “Wasn’t me”.
activity-none = Nothing yet.
    .older = Nothing older.
activity-not-me = Wasn’t me
not-me = Secure your account
    .first = First, sign out every other browser:
    .then = Then:
    .methods = <a>Check your sign-in methods</a> and remove what isn’t yours.
    .password = <a>Set a new password</a>.
    .mailbox = Change your email password. Anyone who reads your email can sign in as you, unless you have a second factor.
    .ask = Need help? Write to <a>{ $support }</a>.
    .admin = Need help? Ask an admin.

your-data = Your data
    .what = Download a file (JSON) with everything we keep about you.
download-data = Download my data

# Another address

change-your-address = Change your email address
address-current = Your current address: <b>{ $email }</b>
address-new = New email address
    .hint = We’ll email a link to the new address. Open it in this browser to confirm. We’ll also email your old address a link that can undo the change for { $lifetime }.
address-send = Send confirmation email

# Closing the account

close-account = Close your account
close-short = This deletes your account and its data right away. You can’t undo it.
close-what = This deletes the account of <b>{ $email }</b> right away, with its sessions and its data. You can’t undo this.
close-kept = The audit log keeps entries about your account, with your email address, for { $lifetime }. The list of emails sent to you is deleted within a week.
close-copy = Want a copy? <a>Download your data</a> first.
close-sure = Yes, delete my account and its data
close-my-account = Close my account

# Passkeys and apps

passkeys = Passkeys
    .what = A passkey lets you sign in with your fingerprint, face or device PIN. There’s nothing to type. Once you have one, we also ask for it after an email link or a password.
name-of-passkey = Name of the passkey
    .new = Name of the new passkey
passkey-add = Add a passkey
passkey-add-another = Add another passkey
passkey-not-added = This passkey couldn’t be added. Try again.
passkey-offer = Sign in without waiting for an email
    .what = Add a passkey to sign in with your fingerprint, face or device PIN next time. We’ll also ask for it after an email link or a password.
    .later = Not now
    .never = Don’t ask again
passkey-made-by-browser = Your browser saved a passkey for this account. <a>Manage your passkeys</a>.
passkey-synced = Synced between devices
passkey-on-one-device = On one device only
passkey-remove-question = Remove this passkey?
    .last = This is your only passkey. Without another second factor, your recovery codes stop working too.
    .others = You can no longer sign in with it. Your other passkeys stay.
    .button = Remove passkey

factor-name-hint = For example “My phone”. Optional.
factor-added-on = Added on { $at }
last-used = Last used on { $at }
rename = Rename
rename-named = Rename { $name }
new-name = New name
remove = Remove
remove-named = Remove { $name }

authenticator-apps = Authenticator apps
    .what = An app on your phone shows six digits that change every 30 seconds. Once you set it up, we ask for them after an email link or a password.
name-of-app = Name of the app
app-set-up = Set up an app
app-set-up-another = Set up another app
app-usual-name = Authenticator app
set-up-authenticator-app = Set up an authenticator app
app-scan = Scan this QR code with your authenticator app. Is the app on this device? <a>Open the app</a>.
app-picture = QR code for your authenticator app. You can enter the key below instead.
app-key = Or enter this key in the app (time-based, six digits):
app-code = Code shown in the app
app-turn-on = Turn on
app-not-yet = The app works once you enter its first code. You’ll then be signed out of your other browsers.
app-remove-question = Remove this authenticator app?
    .what = Its codes stop working. Without another second factor, your recovery codes stop working too.
    .button = Remove app

# The password

password-change = Change your password
set-password = Set a password
    .then = You’ll also be able to sign in with this password.
password-save = Save password
password-remove = Remove my password
password-remove-question = Remove your password?
    .what = You can no longer sign in with it. Your other ways to sign in still work.

# Recovery codes

recovery-codes = Recovery codes
    .what = Use a recovery code when you don’t have your second factor, for example because you lost your phone. Each code works once.
recovery-codes-left = { $left ->
    [0] You have <b>none left</b> of the { $count } codes that you created on { $at }.
    [one] You have <b>one left</b> of the { $count } codes that you created on { $at }.
   *[other] You have <b>{ $left } left</b> of the { $count } codes that you created on { $at }.
}
recovery-codes-used-up = Create new codes.
recovery-codes-run-out = Create new codes before you use the last one.
recovery-codes-none = You have no recovery codes.
recovery-codes-create = Create { $count } codes
recovery-codes-create-new = Create { $count } new codes
recovery-codes-shown = We show the codes only once: for at most { $lifetime }, and until you leave the page.
recovery-codes-replaced = Your current codes stop working as soon as you create new ones.
recovery-codes-without-factor = Recovery codes are for the day you can’t use your second factor, and you don’t have one yet. <a>Set one up first</a>.
recovery-codes-remove = Remove my codes
recovery-codes-replace-question = Create new recovery codes?
    .what = Your current codes stop working right away. We show the new ones on the next page.
    .button = Create new codes
recovery-codes-remove-question = Remove your recovery codes?
    .what = They stop working right away. If you lose your second factor, you can’t use them to sign in.

recovery-codes-yours = Your recovery codes
recovery-codes-still-shown = Haven’t saved your new codes yet? <a>Show them again</a>.
recovery-codes-save = Save these codes somewhere you can reach without your phone. You won’t be able to see them again. Each code works once.
    .older = Older codes no longer work.
recovery-codes-for = Recovery codes for { $email } at { $name }, { $server }
recovery-codes-created = Created on { $at }. Each code works once, instead of a second factor.
recovery-codes-download = Download
recovery-codes-copy = Copy
recovery-codes-print = Print
recovery-codes-saved = I’ve saved my codes

# Security

factor-first = Set up a second factor first
    .what = { $name } requires one. You can use everything else once it’s set up.
set-up-passkey = Set up a passkey
set-up-app = Set up an authenticator app
how-you-sign-in = How you sign in
verified = Verified
not-verified = Not verified
turned-on = On
not-set-up = Not set up
password-set-on = Set on { $at }.
password-needs-length = Without a second factor, it works only if it has at least { $count } characters.
password-optional = Optional: an email link signs you in.
change-password = Change password
passkeys-none-yet = The safest way: your fingerprint, your face or a security key, and nothing to type.
passkeys-only-one = Add a second one on another device in case you lose this one.
passkeys-several = Use one as your second factor, or to sign in with nothing else.
manage-passkeys = Manage passkeys
apps-none-yet = Six digits from your phone, which we ask for after an email link or a password.
apps-some = A second factor: we ask for six digits when you sign in.
manage-apps = Manage apps
recovery-codes-count = { $count } left
recovery-codes-each-once = Each works once, instead of your second factor.
recovery-codes-create-some = Create some so that you don’t get locked out.
recovery-codes-few = { $count ->
    [one] Only one is left. Create new codes soon.
   *[other] Only { $count } are left. Create new codes soon.
}
manage-codes = Manage codes
create-codes = Create codes
no-second-factor-email = You have no second factor. Anyone who can read your email can sign in as you.
no-second-factor-password = You have no second factor. Anyone who can read your email or knows your password can sign in as you.

remembered-browsers = Remembered browsers
    .what = We don’t ask for your second factor in these browsers for { $lifetime }.
    .off = Remembered browsers are turned off now, so we ask for your second factor in these too.
remembered-since = Remembered since { $at }
forget = Forget
forget-browser = Forget { $browser }
forget-all = Forget all
forget-all-question = Forget all browsers?
    .what = We’ll ask for your second factor at the next sign-in in every browser, including this one.

lost-phone = If you lose your phone
lost-use-code = Sign in as usual. When we ask for your second factor, enter a recovery code.
lost-create-codes = With recovery codes you could sign in as usual. You have none: <a>create some now</a>.
lost-use-passkey = A passkey on another device or a security key works as well.
lost-add-passkey = A passkey on another device or a security key would work as well.
lost-set-password = No other way? Sign in with an email link and a password. Then ask us to remove your second factors. You have no password: <a>set one now</a>.
lost-use-password = No other way? Sign in with an email link and your password. Then ask us to remove your second factors. Your password counts only after you’ve used it together with a second factor. Do that once, or <a>set it again</a>.
lost-two-ways = No other way? Sign in two other ways, such as an email link and your password. Then ask us to remove your second factors.
lost-write = An admin can also have your second factors removed: write to <a>{ $support }</a>. That takes { $lifetime }. We’ll email you first, and you can cancel it.
lost-ask = An admin can also have your second factors removed. That takes { $lifetime }. We’ll email you first, and you can cancel it.
lost-afterwards = Once you’re signed in, remove the phone’s passkeys and apps here. Then sign the phone out in your <a>list of sessions</a>.
lost-without-factor = Sign in on another device, then sign the phone out in your <a>list of sessions</a>. Can the phone open your email? Then change your email password first.

# A recovery, which removes all second factors

recovery-alarm = Someone wants to remove your second factors
    .visitor = On { $asked }, someone signed in two other ways and told us that you’ve lost them.
    .admin = On { $asked }, an admin told us that you’ve lost them.
    .operator = On { $asked }, the people who run this server told us that you’ve lost them.
    .where = Requested from:
    .when = <b>We’ll remove them on { $at }.</b> If this wasn’t you, or you’ve found them, stop it now.
keep-second-factors = Keep my second factors
recovery-question = Keep your second factors?
    .what = On { $asked }, we were told that <b>{ $email }</b> has lost all authenticator apps, passkeys and recovery codes. We’ll remove them on <b>{ $due }</b>.
    .keep = If this wasn’t you, or you’ve found them, keep them. Then nothing changes.
your-second-factors = Your second factors
recovery-ended = Nothing was removed
    .email = Your second factors work as before. If you didn’t ask for their removal, check with an admin. If no admin did either, someone may be reading your email, so change your email password.
    .password = Your second factors work as before. If you didn’t ask for their removal, check with an admin. If no admin did either, someone may be reading your email and know your password, so change both passwords.
    .before = The removal was cancelled earlier. Your second factors work as before.
recovery-done = Your second factors were removed
    .what = The waiting period is over. Sign in and set up new ones. If you didn’t ask for this, tell the people who run this server right away.
recovery-link-unknown = This link isn’t valid
    .what = It may be incomplete or too old. To keep your second factors, open the link in our email again. Or sign in with a second factor that you’ve had for at least { $lifetime }.

# Signing a new browser out

new-browser = New browser
new-browser-question = Sign out the new browser?
    .what = Someone signed in to the account <b>{ $email }</b> in a new browser on { $at }.
    .browser = Browser: { $browser }
    .address = IP address: { $address }
    .then = This signs it out right away. Your other browsers stay signed in.
    .button = Sign out the new browser
    .keep = If this was you, just close this page. The browser stays signed in.
new-browser-ended = The new browser is signed out
    .then = If you didn’t sign in there, someone else can sign in as you. Check your sign-in methods, and remove any you don’t recognise.
    .button = Check my sign-in methods
new-browser-over = This link has expired
    .what = This link worked for { $lifetime }. You can still sign that browser out in your list of sessions.
new-browser-unknown = This link isn’t valid
    .what = It may be incomplete, or our email may be more than { $lifetime } old. Open the link in the email again. Or sign out any browser on your account page.

# Undoing a change

undo-a-change = Undo a change
undo-passkey = Remove the new passkey?
    .happened = On { $at }, a passkey was added to the account <b>{ $email }</b>.
    .then = The passkey stops working.
    .done = The passkey is removed.
    .thing = a passkey
undo-app = Remove the new authenticator app?
    .happened = On { $at }, an authenticator app was added to the account <b>{ $email }</b>.
    .then = The app’s codes stop working.
    .done = The authenticator app is removed.
    .thing = an authenticator app
undo-codes = Undo the new recovery codes?
    .happened = On { $at }, new recovery codes were created for the account <b>{ $email }</b>.
    .then = The new codes stop working. If you had codes before, they work again.
    .done = The new recovery codes no longer work.
    .thing = new recovery codes
undo-remembered = Stop remembering that browser?
    .happened = On { $at }, someone signed in to the account <b>{ $email }</b>. They chose not to be asked for a second factor again in that browser.
    .then = We’ll ask for the second factor in that browser again.
    .done = The browser is no longer remembered.
    .thing = a remembered browser
undo-password = Undo the password change?
    .happened = On { $at }, a new password was set for the account <b>{ $email }</b>.
    .then = The new password stops working. If you had one before, it works again.
    .done = The new password no longer works.
    .thing = a new password
undo-address = Undo the address change?
    .happened = On { $at }, the email address of the account <b>{ $email }</b> was changed to <b>{ $new }</b>.
    .then = The account goes back to <b>{ $email }</b>.
    .done = Its address is <b>{ $email }</b> again. We’ve removed what was added since the change and signed out every browser.
    .thing = another email address
undo-rights = Take back the admin rights?
    .happened = On { $at }, the account <b>{ $email }</b> gave admin rights to <b>{ $admin }</b>.
    .gone = On { $at }, the account <b>{ $email }</b> gave admin rights to another account.
    .then = The admin rights are removed, and so are any that were passed on with them.
    .done = The admin rights are removed.
    .thing = admin rights for another account
undo-if-not-you = If this wasn’t you, undo it. This is what happens:
undo-moves-back = The account goes back from <b>{ $email }</b> to the address it had then.
undo-later = Anything added later is removed too: { $things }.
    .any = Anything added later is removed too.
undo-signs-out = You’re signed out in every browser.
undo-keeps = Everything you had before stays as it was.
undo-closes-other = Since then, a new account uses <b>{ $email }</b>. We close it, and yours takes its place.
undo-not-me = This wasn’t me: undo it
undo-was-you = If this was you, just close this page. Everything stays as it is.

undone-address = Your account is restored
change-undone = Change undone
undone-rest = Anything added later is removed too, and every browser is signed out.
undone-next = Next:
undone-sign-in = Sign in with an email link, or the way you did before.
undone-check = Check your sign-in methods, and remove any you don’t recognise.
undo-too-late = It’s too late to undo this here
    .what = The link in our email worked for { $lifetime }.
    .write = If you didn’t make the change, write to <a>{ $support }</a>. We can give you your account back.
    .ask = If you didn’t make the change, ask the people who run this server. They can give you your account back.
undo-unknown = This link isn’t valid
    .what = It may be incomplete, or our email may be more than { $lifetime } old. Open the link in the email again.
    .write = If that doesn’t help and you didn’t make the change, write to <a>{ $support }</a>.
    .ask = If that doesn’t help and you didn’t make the change, ask the people who run this server.
undo-rights-stay = These admin rights can’t be taken back here
    .dismissed = The account <b>{ $email }</b> has since been disabled or lost its admin rights, so it can’t take these rights away.
    .last = The account <b>{ $email }</b> is no longer an active admin. Without these rights, this server would have no admin who can sign in.
    .write = If you didn’t give them, write to <a>{ $support }</a>.
    .ask = If you didn’t give them, ask an admin of this server.
    .ask-server = If you didn’t give them, ask the people who run this server.
undo-taken = This address now belongs to another account
    .what = We can’t undo the change, because another account now uses <b>{ $email }</b>.
    .yours = If that account is yours, sign in to it in this browser and open this link again. If you have a newer email from us about this, use its link instead.
    .write = If it isn’t yours, write to <a>{ $support }</a>.
    .ask = If it isn’t yours, ask the people who run this server.
