email-kind-address-changed = E-Mail-Adresse geändert
mail-moved-at = Ihre E-Mail-Adresse bei { $product } wurde geändert
mail-moved = Ihre E-Mail-Adresse wurde geändert
mail-moved-glance = Waren Sie das nicht? Sie können Ihr Konto { $lifetime } lang zurückholen.
mail-moved-to = Ihr Konto verwendet jetzt { $new }. An Ihre bisherige Adresse senden wir keine E-Mails mehr.
mail-moved-to-at = Ihr Konto bei { $product } verwendet jetzt { $new }. An Ihre bisherige Adresse senden wir keine E-Mails mehr.
mail-moved-undo = Waren Sie das nicht? Um Ihr Konto zu dieser Adresse zurückzuholen, haben Sie { $lifetime } Zeit. Alles, was seitdem hinzukam, wird entfernt, und alle Browser werden abgemeldet.
mail-moved-undo-link = Waren Sie das nicht? Dieser Link holt Ihr Konto zu dieser Adresse zurück. Er gilt { $lifetime } lang. Alles, was seitdem hinzukam, wird entfernt, und alle Browser werden abgemeldet:
