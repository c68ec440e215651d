email-kind-security-changed = Sicherheitseinstellungen geändert
mail-check-not-you = Waren Sie das nicht? Prüfen Sie sofort Ihre Anmeldemethoden.
mail-check-not-you-link = Waren Sie das nicht? Prüfen Sie sofort Ihre Anmeldemethoden:
mail-check = Anmeldemethoden prüfen
mail-check-link = So prüfen Sie Ihre Anmeldemethoden:
mail-check-undo = Waren Sie das nicht? Sie haben { $lifetime } Zeit, die Änderung rückgängig zu machen. Dabei werden alle seitdem hinzugefügten Anmeldemethoden entfernt und alle Browser abgemeldet. Alles, was Sie vorher hatten, bleibt, wie es war.
mail-check-undo-link = Waren Sie das nicht? Sie haben { $lifetime } Zeit, die Änderung rückgängig zu machen. Dabei werden alle seitdem hinzugefügten Anmeldemethoden entfernt und alle Browser abgemeldet. Alles, was Sie vorher hatten, bleibt, wie es war. Um die Änderung rückgängig zu machen, öffnen Sie diesen Link:
mail-least-password = Sie haben keinen zweiten Faktor mehr. Ein Passwort mit weniger als { $least } Zeichen genügt nicht mehr zur Anmeldung: Wählen Sie ein längeres.
