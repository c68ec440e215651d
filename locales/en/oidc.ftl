# Apps that sign users in by OpenID Connect.

# A request that no app may be told about
oidc-problem = This sign-in can’t continue
oidc-problem-app = App:
oidc-problem-address = Address:
oidc-problem-ask = Go back to the app and try again. If it happens again, show this page to an admin.
oidc-unknown-app = The app that sent you here isn’t registered here, or it’s turned off.
oidc-no-address = The app didn’t say where to send you after you sign in.
oidc-wrong-address = The app wants to send you to an address that isn’t registered for it. If the address is right, an admin can add it.
oidc-too-long = The app’s request is too long.
oidc-unreadable = We couldn’t read the app’s request.

# With which account
oidc-select = Which account?
oidc-select-text = { $app } is asking which account to use.
oidc-select-continue = Continue as { $email }
oidc-select-other = To use another account, sign out, then start again from { $app }.
oidc-sign-out = Sign out

# Not for this user
oidc-not-for-you = You can’t open this app
oidc-not-for-you-text = You’re signed in as { $email }. This account doesn’t have access to { $app }. Ask an admin for access, or sign in with another account.
oidc-back = Back to { $app }

# What an app may read
oidc-consent = Share this with the app?
oidc-consent-text = { $app } comes from a third party. It’s asking for this information about { $email }:
oidc-wants-id = Your account ID
oidc-wants-profile = Your name and username
oidc-wants-email = Your email address
oidc-wants-groups = Your groups
oidc-wants-offline = All of this, even while you’re signed out
oidc-consent-yes = Allow
oidc-consent-no = Don’t allow

# Signing out from an app
oidc-logout = Sign out?
oidc-logout-text = This signs you out of { $product } in this browser.
oidc-logout-by = You signed out of { $app }. Do you want to sign out of { $product } in this browser, too?
oidc-logout-stay = Stay signed in
oidc-logged-out = You’re signed out
oidc-logged-out-text = You can close this page.
oidc-sign-in-again = Sign in again
