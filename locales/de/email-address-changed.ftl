email-kind-address-changed = E-Mail-Adresse geändert
mail-moved-at = Ihre E-Mail-Adresse bei { $product } wurde geändert
mail-moved = Ihre E-Mail-Adresse wurde geändert
mail-moved-glance = Waren Sie das nicht? Sie haben { $lifetime } Zeit, Ihr Konto zurückzuholen.
mail-moved-to = Ihr Konto verwendet jetzt { $new }. Künftig senden wir E-Mails nur noch dorthin.
mail-moved-to-at = Ihr Konto bei { $product } verwendet jetzt { $new }. Künftig senden wir E-Mails nur noch dorthin.
mail-moved-undo = Waren Sie das nicht? Sie haben { $lifetime } Zeit, Ihr Konto wieder auf die bisherige Adresse umzustellen. Dabei werden alle seitdem hinzugefügten Anmeldemethoden entfernt und alle Browser abgemeldet.
mail-moved-undo-link = Waren Sie das nicht? Sie haben { $lifetime } Zeit, Ihr Konto wieder auf die bisherige Adresse umzustellen. Dabei werden alle seitdem hinzugefügten Anmeldemethoden entfernt und alle Browser abgemeldet. Um das Konto wieder auf die bisherige Adresse umzustellen, öffnen Sie diesen Link:
