# Where apps lead users: the way in, "not for you", signing out.

## In an app's place

app-in-frame = Sign in first
    .text = You need to sign in to see this part of the page. Signing in doesn’t work inside another page.
    .link = Open as a full page
app-form-waits = Not sent yet
    .text = You’re signed out, so your form wasn’t sent. Open a new tab to sign in. Then reload this page to send the form again.
    .link = Sign in (new tab)
apps-turned-off = Apps are turned off
    .text = An admin has turned all apps off, so you can’t open this app right now.

## The way in

app-requires-proof = { $app } asks you to verify it’s you again. Then we’ll take you there.
    .unnamed = This app asks you to verify it’s you again. Then we’ll take you there.
app-requires-passkey = { $app } asks for a passkey. Then we’ll take you there.
    .unnamed = This app asks for a passkey. Then we’ll take you there.
app-requires-more = { $app } needs a second factor
    .needs-passkey = { $app } needs a passkey
    .second-factor = Set up an authenticator app or a passkey, then continue to the app.
    .passkey = Add one to your account, then continue to the app.
    .no-passkeys = Passkeys aren’t available here, so you can’t open this app right now. Ask an admin for help.
    .no-factors = Second factors aren’t available here, so you can’t open this app right now. Ask an admin to turn on authenticator apps or passkeys.
app-set-up-factor = Set up a second factor
app-add-passkey = Add a passkey
app-continue = Continue to { $app }
    .set-up = I’ve set it up: continue to { $app }
app-no-cookies = { $app } can’t keep you signed in
    .what = You’re signed in here, but your browser doesn’t save cookies for this address:
app-no-cookies-mend = Allow cookies for this address in your browser’s settings, then try again.
try-again = Try again

app-again = Open { $app } again?
    .what = You signed out of <b>{ $app }</b> in this browser.

## Not for you

app-refused = You can’t open { $app }
    .what = You’re signed in as <b>{ $email }</b>. This account doesn’t have access.
app-refused-ask = You can ask the admins for access. They’ll answer by email.
app-ask = Ask for access
app-refused-back = Back to the app
app-refused-off = An admin has turned this app off.
app-refused-guest = You’re a guest here. To open another app, ask the admin who invited you.
app-asked = You asked for access on { $at }. We’ll email you the answer.
app-asked-no = An admin refused your request on { $at }. You can ask again from { $again }.
app-asked-much = You’ve asked for several apps today. Ask again tomorrow.
access-asked = We’ve told the admins. You’ll get an email with their answer.
use-another-account = Use another account
app-open = You can open { $app }
    .what = Your account has access to this app.

## Signing out

app-sign-out = Sign out?
    .what = This signs you out of { $product } and its apps in this browser. Some apps may keep you signed in until you sign out there.
