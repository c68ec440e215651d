email-kind-password-changed = Password changed
mail-password-not-you = If this wasn't you, choose a new password for your account now.
mail-password-not-you-link = If this wasn't you, choose a new password for your account now:
mail-password-undo = If this wasn't you, you have { $lifetime } to undo it. The new password then stops working. Your previous one, if you had one, works again. Everything added since is removed, and all browsers are signed out.
mail-password-undo-link = If this wasn't you, you have { $lifetime } to undo it. The new password then stops working. Your previous one, if you had one, works again. Everything added since is removed, and all browsers are signed out. To undo the change, open this link:
mail-password-other = Choose another password instead
mail-password-other-link = To choose another password instead:
