email-kind-password-changed = Passwort geändert
mail-password-not-you = Waren Sie das nicht? Wählen Sie jetzt ein neues Passwort für Ihr Konto.
mail-password-not-you-link = Waren Sie das nicht? Wählen Sie jetzt ein neues Passwort für Ihr Konto:
mail-password-undo = Waren Sie das nicht? Um es rückgängig zu machen, haben Sie { $lifetime } Zeit. Das neue Passwort gilt dann nicht mehr. Hatten Sie vorher eines, gilt es wieder. Alles, was seitdem hinzukam, wird entfernt, und alle Browser werden abgemeldet.
mail-password-undo-link = Waren Sie das nicht? Dieser Link macht es rückgängig. Er gilt { $lifetime } lang. Das neue Passwort gilt dann nicht mehr. Hatten Sie vorher eines, gilt es wieder. Alles, was seitdem hinzukam, wird entfernt, und alle Browser werden abgemeldet:
mail-password-other = Stattdessen ein anderes Passwort wählen
mail-password-other-link = So wählen Sie stattdessen ein anderes Passwort:
