email-kind-guest-ends = Guest account ends soon
mail-guest-ends-at = Your guest account at { $product } ends soon
mail-guest-ends = Your guest account ends soon
mail-guest-ends-glance = Save what you need before then. Need more time? Ask the admin who invited you.
mail-guest-ends-what = Your guest account ends on { $until }. After that, we delete it. Save what you need before then.
mail-guest-ends-what-at = Your guest account at { $product } ends on { $until }. After that, we delete it. Save what you need before then.
mail-guest-ends-longer = Need more time? Ask the admin who invited you.
