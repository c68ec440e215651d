email-kind-address-changed = Email address changed
mail-moved-at = Your email address at { $product } was changed
mail-moved = Your email address was changed
mail-moved-glance = If this wasn't you, take your account back within { $lifetime }.
mail-moved-to = Your account now uses { $new }. From now on, we'll send email only to that address.
mail-moved-to-at = Your account at { $product } now uses { $new }. From now on, we'll send email only to that address.
mail-moved-undo = If this wasn't you, you have { $lifetime } to move your account back to this address. Doing so also removes all sign-in methods added since and signs out all browsers.
mail-moved-undo-link = If this wasn't you, you have { $lifetime } to move your account back to this address. Doing so also removes all sign-in methods added since and signs out all browsers. To move it back, open this link:
