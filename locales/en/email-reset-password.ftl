email-kind-reset-password = Reset the password
mail-reset-for = Choose a new password for { $product }
mail-reset = Choose a new password
mail-reset-glance = The link works only once and expires in { $lifetime }. Nothing has changed yet.
mail-reset-open = Open this link and choose a password:
mail-reset-expires = The link works only once and expires in { $lifetime }. Afterwards, sign in with the new password.
mail-reset-end = Didn't request this? Nothing has changed. Don't forward this email, and <a>cancel this request</a>.
mail-reset-end-link = Didn't request this? Nothing has changed. Don't forward this email. To cancel this request:
