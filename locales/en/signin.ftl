# Signing in, and what its pages share with others: passkeys, passwords, codes.

# Passkeys
passkey-closed = Cancelled or timed out. Try again.
passkey-late = Timed out. Try again.
passkey-known = You already have a passkey on this device.
passkey-many = You’ve reached the limit of passkeys. Remove one first.
passkey-name = Use at most 50 characters that can be shown.
passkey-address = Enter an email address like ana@example.com, or leave it empty.
passkey-off = Passkeys are turned off.
passkey-elsewhere = Passkeys don’t work at this web address. Use the one that links in our emails lead to.
passkey-changed = This passkey has changed since you added it, so we can’t accept it. Use another way. Then remove the passkey on your security page and add it again.
passkey-refused = We don’t recognise this passkey. Try another one or another way to sign in.
passkey-of-another = This passkey belongs to another account.
passkey-needs-script = To use a passkey, turn on JavaScript in this browser.
passkey-unknown-here = This browser doesn’t support passkeys.
passkey-use = Use a passkey
offline = We can’t reach the server. Try again in a moment.
patience = Too many attempts. Wait a moment and try again.
fault = Something went wrong on our side. Try again in a moment.

# Passwords and codes
password-hint = At least { $least } characters. A few random words work well; a password manager is even better.
show = Show
hide = Hide
copied = Copied
marked = Selected: copy it now
factors-lost = I’ve lost my phone or my codes
