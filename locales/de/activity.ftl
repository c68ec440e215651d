# Was mit dem Konto geschehen ist. Wer es war, steht daneben, wenn es nicht die lesende Person selbst war

activity-set-up = Erster Admin geworden
activity-signed-in = Mit { $methods } angemeldet
    .from = Mit { $methods } { $from } angemeldet
    .plain = Angemeldet
activity-stepped-up = Identität mit { $methods } bestätigt
    .plain = Identität bestätigt
activity-signed-out = Abgemeldet
activity-session-revoked = Sitzung beendet
    .link = Sitzung mit einem Link aus einer E-Mail beendet
activity-other-sessions-revoked = { $count ->
    [0] Andere Sitzungen beendet
    [one] { $count } andere Sitzung beendet
   *[other] { $count } andere Sitzungen beendet
}
activity-attempt-cancelled = Anmeldung mit einem Link aus einer E-Mail abgebrochen
activity-codes-guessed = Zu viele falsche E-Mail-Codes eingegeben
activity-account-added = Konto hinzugefügt
    .admin = Konto hinzugefügt, als Admin
activity-account-disabled = Konto deaktiviert
activity-account-enabled = Konto aktiviert
activity-account-end-changed = Ende des Kontos auf { $at } gesetzt
    .removed = Enddatum des Kontos entfernt
activity-account-ended = Konto abgelaufen
activity-invitation-sent = Einladung erneut gesendet
activity-admin-granted = Adminrechte erhalten
activity-admin-revoked = Adminrechte entzogen
    .own = Adminrechte abgegeben
activity-signed-out-everywhere = Überall abgemeldet
activity-name-changed = Name von „{ $before }“ in „{ $after }“ geändert
    .first = Name „{ $after }“ eingetragen
    .removed = Name „{ $before }“ entfernt
activity-language-changed = Sprache gewählt: { $after }
activity-time-zone-changed = Zeitzone gewählt: { $after }
activity-address-change-asked = Änderung der E-Mail-Adresse in { $after } angefordert
activity-address-changed = E-Mail-Adresse in { $subject } geändert
activity-address-change-undone = Änderung der Adresse rückgängig gemacht: Statt { $before } gilt wieder { $after }
activity-gain-undone = Änderungen mit einem Link aus einer E-Mail rückgängig gemacht. Entfernt: { $gains }
activity-password-set = Passwort festgelegt
activity-password-removed = Passwort entfernt
activity-password-reset = Neues Passwort mit einem Link aus einer E-Mail festgelegt
activity-app-added = Authenticator-App „{ $after }“ hinzugefügt
activity-app-removed = Authenticator-App „{ $before }“ entfernt
activity-app-guessed = { $count ->
    [one] { $count } falscher App-Code eingegeben
   *[other] { $count } falsche App-Codes eingegeben
}
activity-recovery-codes-made = Neue Wiederherstellungscodes erstellt
activity-recovery-codes-removed = Wiederherstellungscodes entfernt
activity-recovery-code-used = Wiederherstellungscode verwendet. { $count ->
    [one] { $count } ist übrig
   *[other] { $count } sind übrig
}
activity-passkey-added = Passkey „{ $after }“ hinzugefügt
activity-passkey-renamed = Passkey „{ $before }“ in „{ $after }“ umbenannt
activity-passkey-removed = Passkey „{ $before }“ entfernt
activity-passkey-copied = Passkey „{ $after }“ abgelehnt, weil er eine Kopie sein kann
activity-browser-remembered = Gespeicherter Browser hinzugefügt: { $browser }
activity-browser-forgotten = Gespeicherter Browser entfernt: { $browser }
    .all = { $count ->
        [one] { $count } gespeicherter Browser entfernt
       *[other] Alle { $count } gespeicherten Browser entfernt
    }
activity-recovery-begun = Wiederherstellung begonnen, fällig am { $at }
activity-recovery-cancelled = Wiederherstellung abgebrochen
    .link = Wiederherstellung mit einem Link aus einer E-Mail abgebrochen
    .factor = Wiederherstellung durch einen zweiten Faktor abgebrochen
activity-recovery-done = Wiederherstellung abgeschlossen. Entfernt: { $removed }
    .plain = Wiederherstellung abgeschlossen
activity-console-link = Konsolenlink auf dem Server erstellt
activity-test-email = Test-E-Mail an { $subject } gesendet
activity-email-retried = Nicht zugestellte E-Mail noch einmal gesendet
activity-signed-in-to-app = Bei der App { $subject } angemeldet
activity-signed-out-of-app = Von der App { $subject } abgemeldet
activity-app-consent-given = App { $subject } darf Angaben lesen: { $after }
activity-app-access-ended = Zugriff der App { $after } beendet
activity-app-token-replayed = Die App { $after } hat einen Code oder ein Token zweimal verwendet. Diese Anmeldung ist beendet, weil Code oder Token gestohlen sein können
activity-logout-not-delivered = Der App { $after } konnte nicht mitgeteilt werden, dass Sie sich abgemeldet haben. Melden Sie sich auch dort ab
activity-access-asked = Um Zugang zur App { $subject } gebeten
activity-access-given = Zugang zur App { $app } erhalten
    .until = Zugang zur App { $app } bis { $at } erhalten
activity-access-refused = Zugang zur App { $after } verweigert
activity-access-taken = Zugang zur App { $before } entzogen
activity-app-behind-added = App { $subject } hinzugefügt: { $after }
activity-app-behind-changed = App { $subject } geändert. Vorher: { $before }. Jetzt: { $after }
activity-app-behind-removed = App { $subject } entfernt
activity-group-added = Gruppe { $subject } hinzugefügt
activity-group-changed = Gruppe { $subject } von „{ $before }“ in „{ $after }“ geändert
activity-group-removed = Gruppe { $subject } entfernt
activity-group-joined = In die Gruppe { $after } aufgenommen
activity-group-left = Aus der Gruppe { $before } entfernt
activity-handle-changed = Benutzername von { $before } in { $after } geändert
activity-unknown-action = Etwas, das diese Version nicht kennt ({ $action })
