email-kind-test = Test-E-Mail
mail-test-from = Test-E-Mail von { $product }
mail-test = Test-E-Mail
mail-test-glance = Sie können das lesen, also kommen E-Mails an. Öffnen Sie jetzt den Link und bestätigen Sie den Empfang.
mail-test-sent = { $admin } hat diese E-Mail am { $at } gesendet. Sie können sie lesen, also können auch Anmeldelinks Sie erreichen.
mail-test-link = Der Link sollte mit { $host } beginnen. Wenn nicht, schreibt Ihr E-Mail-Anbieter Links um: Schalten Sie dort die Klickverfolgung aus.
mail-test-button = Empfang bestätigen
mail-test-code = Anmelde-E-Mails enthalten auch einen Code. Dieser ist nur ein Beispiel:
