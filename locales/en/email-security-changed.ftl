email-kind-security-changed = Security settings changed
mail-check-not-you = If this wasn't you, check all your sign-in methods right away.
mail-check-not-you-link = If this wasn't you, check all your sign-in methods right away:
mail-check = Check my sign-in methods
mail-check-link = To check your sign-in methods:
mail-check-undo = If this wasn't you, you have { $lifetime } to undo it. Doing so also removes all sign-in methods added since and signs out all browsers. Everything you had before stays as it was.
mail-check-undo-link = If this wasn't you, you have { $lifetime } to undo it. Doing so also removes all sign-in methods added since and signs out all browsers. Everything you had before stays as it was. To undo the change, open this link:
mail-least-password = You have no second factor left. A password shorter than { $least } characters no longer signs you in: choose a longer one.
