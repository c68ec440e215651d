# Apps that sign users in by OpenID Connect.

# A request that no app may be told about
oidc-problem = This sign-in can’t continue
oidc-problem-app = App:
oidc-problem-address = Address:
oidc-problem-ask = Go back to the app and try again. If it happens again, show this page to an admin.
oidc-unknown-app = The app that sent you here isn’t registered, or has been turned off.
oidc-no-address = The app didn’t say where to send you after the sign-in.
oidc-wrong-address = The app wants to send you to an address that isn’t registered for it. An admin can add the address if it is right.
oidc-too-long = The app sent along more than we can send back.
oidc-unreadable = The request of the app is malformed.

# With which account
oidc-select = Which account?
oidc-select-text = { $app } wants to know who you are.
oidc-select-continue = Continue as { $email }
oidc-select-other = To use another account, sign out, then sign in from { $app } again.
oidc-sign-out = Sign out

# Not for this user
oidc-not-for-you = This app isn’t open to you
oidc-not-for-you-text = You’re signed in as { $email }. An admin decides who may open { $app }.
oidc-back = Back to { $app }

# What an app may read
oidc-consent = Share this with the app?
oidc-consent-text = { $app } was made by others. It asks to read this about { $email }:
oidc-wants-id = The number of your account
oidc-wants-profile = Your name and user name
oidc-wants-email = Your email address
oidc-wants-groups = The groups that you belong to
oidc-wants-offline = All of this also while you’re signed out
oidc-consent-yes = Allow
oidc-consent-no = Don’t allow

# Signing out from an app
oidc-logout = Sign out?
oidc-logout-text = This ends your session at { $product } in this browser.
oidc-logout-by = You signed out of { $app }. Do you want to sign out of { $product } in this browser, too?
oidc-logout-stay = Stay signed in
oidc-logged-out = You’re signed out
oidc-logged-out-text = You can close this page.
oidc-sign-in-again = Sign in again
