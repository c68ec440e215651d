# Apps that sign users in by OpenID Connect.

# A request that no app may be told about
oidc-problem = This sign-in can’t continue
oidc-problem-app = App ID:
oidc-problem-address = Address:
oidc-problem-ask = Go back to the app and try again. If it happens again, show this page to an admin.
oidc-unknown-app = The app that sent you here isn’t registered here, or it’s turned off.
oidc-no-address = The app didn’t say where to send you after you sign in.
oidc-wrong-address = The app wants to send you to an address that isn’t registered for it. If the address is right, an admin can add it.
oidc-too-long = The app’s request is too long.
oidc-unreadable = We couldn’t read the app’s request.

# With which account
oidc-select = Choose an account
    .what = <b>{ $app }</b> is asking which account to use.
oidc-select-continue = Continue as { $email }
oidc-sign-out = Sign out

# What an app may read
oidc-consent = Share your data with this app?
    .what = <b>{ $app }</b> comes from a third party. It’s asking for this information about <b>{ $email }</b>:
    .end = You can withdraw access in your account at any time.
oidc-wants-id = Your account ID
oidc-wants-profile = Your name and username
oidc-wants-email = Your email address
oidc-wants-groups = Your groups
oidc-wants-offline = All of this, even while you’re signed out
oidc-consent-yes = Allow
oidc-consent-no = Don’t allow

# Signing out from an app
oidc-logout = Sign out?
    .what = This signs you out of { $product } in this browser.
oidc-logout-by = You signed out of <b>{ $app }</b>. Do you want to sign out of { $product } in this browser, too?
oidc-logout-stay = Stay signed in
oidc-logged-out = You’re signed out
    .what = You can close this page.
oidc-sign-in-again = Sign in again
oidc-told = You’re signed out of { $product } in this browser. These apps were open in this session:
oidc-told-ended = Signed out
oidc-told-waiting = Hasn’t answered yet. We’ll keep trying.
oidc-told-gave-up = Didn’t answer. Sign out in the app, too.
oidc-told-cannot = We can’t sign you out there. Sign out in the app itself.
oidc-told-again = Check again

# Signing in a device
device = Sign in a device
    .what = Enter the code that your device shows. You’re signed in as <b>{ $email }</b>.
device-code = Code on the device
device-code-hint = Eight letters, like WDJB-MJHT. Expires in 10 minutes.
device-code-wrong = That code is wrong or has expired. Check it, or get a new one on the device.
device-not-for-you = This account doesn’t have access to the app on the device.
device-confirm = Let this device sign in?
    .what = A device wants to use <b>{ $app }</b> as <b>{ $email }</b>.
device-warning = Only continue if you started this yourself, on a device that you can see now. If someone sent you the code or a link, don’t allow it: they would use the app as you.
device-gets = <b>{ $app }</b> gets:
device-place = Device’s network
device-near = { $address }, the same network as this browser
device-far = { $address }, not the same network as this browser
device-time = Requested
device-ago = { $ago } ago
device-yes = Allow
device-no = Don’t allow
device-allowed = The device is signed in
    .what = Return to the device. It continues with <b>{ $app }</b> in a few seconds.
device-denied = The device isn’t signed in
    .what = We’ve told the device that you said no. It gets no access to <b>{ $app }</b>.
device-over = This code has expired
    .what = Get a new code on the device, then enter it here.
device-another = Enter another code
