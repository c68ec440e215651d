email-kind-password-changed = Passwort geändert
mail-password-not-you = Waren Sie das nicht? Wählen Sie jetzt ein neues Passwort für Ihr Konto.
mail-password-not-you-link = Waren Sie das nicht? Wählen Sie jetzt ein neues Passwort für Ihr Konto:
mail-password-undo = Waren Sie das nicht? Sie haben { $lifetime } Zeit, die Änderung rückgängig zu machen. Dann gilt wieder Ihr bisheriges Passwort, falls Sie eines hatten. Alle seitdem hinzugefügten Anmeldemethoden werden entfernt und alle Browser abgemeldet.
mail-password-undo-link = Waren Sie das nicht? Sie haben { $lifetime } Zeit, die Änderung rückgängig zu machen. Dann gilt wieder Ihr bisheriges Passwort, falls Sie eines hatten. Alle seitdem hinzugefügten Anmeldemethoden werden entfernt und alle Browser abgemeldet. Um die Änderung rückgängig zu machen, öffnen Sie diesen Link:
mail-password-other = Stattdessen ein anderes Passwort wählen
mail-password-other-link = So wählen Sie stattdessen ein anderes Passwort:
