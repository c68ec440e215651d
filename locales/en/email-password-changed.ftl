email-kind-password-changed = Password changed
mail-password-not-you = If this wasn't you, choose a new password for your account now.
mail-password-not-you-link = If this wasn't you, choose a new password for your account now:
mail-password-undo = If this wasn't you, you have { $lifetime } to undo it. The new password then stops working, and if you had one before, it works again. This also removes everything added since and signs out all browsers.
mail-password-undo-link = If this wasn't you, this link undoes it. It works for { $lifetime }. The new password then stops working, and if you had one before, it works again. This also removes everything added since and signs out all browsers:
mail-password-other = Choose another password instead
mail-password-other-link = To choose another password instead:
