email-kind-account-closed = Konto geschlossen
mail-closed-at = Ihr Konto bei { $product } ist geschlossen
mail-closed = Ihr Konto ist geschlossen
mail-closed-glance = Sie sind überall abgemeldet, und Ihre Daten sind gelöscht. Waren Sie das nicht? Dann wenden Sie sich an uns.
mail-closed-what = Sie sind überall abgemeldet, und Ihre Daten sind gelöscht. Nur Protokolleinträge und die Liste der E-Mails an Sie bewahren wir noch für begrenzte Zeit auf.
mail-closed-what-at = Ihr Konto bei { $product } ist geschlossen. Sie sind überall abgemeldet, und Ihre Daten sind gelöscht. Nur Protokolleinträge und die Liste der E-Mails an Sie bewahren wir noch für begrenzte Zeit auf.
mail-closed-not-you = Waren Sie das nicht? Schreiben Sie an { $support }.
mail-closed-not-you-host = Waren Sie das nicht? Wenden Sie sich an den Betreiber von { $host }.
