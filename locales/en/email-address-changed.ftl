email-kind-address-changed = Email address changed
mail-moved-at = Your email address at { $product } was changed
mail-moved = Your email address was changed
mail-moved-glance = If this wasn't you, take your account back within { $lifetime }.
mail-moved-to = Your account now uses { $new }. We no longer send email to this address.
mail-moved-undo = If this wasn't you, you have { $lifetime } to move your account back to this address. Everything added since is removed, and all browsers are signed out.
mail-moved-undo-link = If this wasn't you, this link moves your account back to this address. It works for { $lifetime }. Everything added since is removed, and all browsers are signed out:
