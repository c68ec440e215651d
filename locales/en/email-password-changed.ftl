email-kind-password-changed = Password changed
mail-password-not-you = If this wasn't you, choose a new password for your account now.
mail-password-not-you-link = If this wasn't you, choose a new password for your account now:
mail-password-undo = If this wasn't you, you have { $lifetime } to undo it. That brings back your previous password, if you had one. It also removes all sign-in methods added since and signs out all browsers.
mail-password-undo-link = If this wasn't you, you have { $lifetime } to undo it. That brings back your previous password, if you had one. It also removes all sign-in methods added since and signs out all browsers. To undo the change, open this link:
mail-password-other = Choose another password instead
mail-password-other-link = To choose another password instead:
