# Where apps lead users: the way in, "not for you", signing out.

## In an app's place

app-in-frame = Sign in first
    .text = This part of the page needs a sign-in, and can’t show it here.
    .link = Open it in the whole window
app-form-waits = Not sent yet
    .text = You’ve been signed out, so your form wasn’t sent. Sign in in a new tab, then reload this page to send the form again.
    .link = Sign in in a new tab

## The way in

app-requires-proof = This app asks you to verify it’s you. Afterwards you’ll continue to the app.
app-requires-passkey = This app accepts only a passkey. Afterwards you’ll continue to the app.
app-requires-more = { $app } needs a second factor
    .second-factor = Set up an authenticator app or a passkey. Then continue to the app.
    .passkey = This app accepts only a passkey. Add one to your account. Then continue to the app.
app-set-up-factor = Set up a second factor
app-add-passkey = Add a passkey
app-continue = Continue to { $app }
app-no-cookies = { $app } can’t keep you signed in
app-no-cookies-text = You’re signed in here, but your browser keeps no cookie for this address:
app-no-cookies-mend = Allow cookies for it in your browser’s settings, then try again.
try-again = Try again

## Not for you

app-refused = You can’t open { $app }
app-refused-text = You’re signed in as <b>{ $email }</b>, and { $app } isn’t open to this account.
app-refused-ask = Ask an administrator to let you in, or sign in with another account.
use-another-account = Use another account
app-open = { $app } is open to you
app-open-text = Your account can open this app.

## Signing out

app-sign-out = Sign out?
app-sign-out-text = This signs you out of { $product } and of every app that you opened in this browser.
