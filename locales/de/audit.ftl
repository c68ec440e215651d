audit-empty = Noch ist nichts geschehen.
audit-none-found = Keine passenden Einträge.
audit-none-between = Keine passenden Einträge seit dem { $at }. Ältere sind noch nicht durchsucht.
audit-newer = Neuere
audit-older = Ältere
audit-newest = Neueste
audit-search-older = Ältere Einträge durchsuchen
audit-search = Suche
    .hint = Mit einer E-Mail-Adresse sehen Sie alles, was diese Person getan hat oder was sie betrifft. Anderer Text wird in Adressen, Namen, Werten, Browsern und IP-Adressen gesucht.
audit-kind = Art
    .all = Alles
    .sign-ins = Anmeldungen und Sitzungen
    .warnings = Warnungen
    .methods = Anmeldemethoden
    .accounts = Konten
    .recoveries = Wiederherstellungen
    .settings = Einstellungen
    .apps = Apps und Gruppen
    .server = Server
audit-from-day = Von
audit-to-day = Bis
audit-days = Die Tage gelten in UTC.
audit-show = Anzeigen
audit-show-all = Alles anzeigen
audit-of-user = Nur Einträge von oder über <b>{ $email }</b>. <a>Einträge über alle anzeigen</a>
audit-download = Diese Einträge herunterladen: <a>CSV</a> oder <a>JSON</a>. Eine Datei enthält höchstens 20.000 Einträge, die neuesten zuerst.

actor-command-line = Die Befehlszeile
actor-admin = Ein Admin
actor-gatepost = Gatepost
actor-visitor = Jemand ohne Anmeldung
audit-person = <a>{ $email }</a>

audit-set-up = { $subject } ist der erste Admin
audit-signed-in = { $actor } hat sich mit { $methods } angemeldet
    .from = { $actor } hat sich mit { $methods } { $from } angemeldet
    .plain = { $actor } hat sich angemeldet
audit-stepped-up = { $actor } hat die Identität mit { $methods } bestätigt
    .plain = { $actor } hat die Identität bestätigt
audit-signed-out = { $actor } hat sich abgemeldet
audit-session-revoked = { $actor } hat eine Sitzung von { $subject } beendet
    .own = { $actor } hat eine eigene Sitzung beendet
    .link = { $actor } hat mit einem Link aus einer E-Mail eine Sitzung von { $subject } beendet
audit-other-sessions-revoked = { $actor } hat { $count ->
    [0] die anderen Sitzungen
    [one] { $count } andere Sitzung
   *[other] { $count } andere Sitzungen
} beendet
audit-attempt-cancelled = { $actor } hat mit einem Link aus einer E-Mail eine Anmeldung von { $subject } abgebrochen
audit-codes-guessed = { $actor } hat zu viele falsche E-Mail-Codes für { $subject } eingegeben
audit-account-added = { $actor } hat { $subject } hinzugefügt
    .admin = { $actor } hat { $subject } als Admin hinzugefügt
audit-account-disabled = { $actor } hat { $subject } deaktiviert
audit-account-enabled = { $actor } hat { $subject } aktiviert
audit-account-end-changed = { $actor } hat das Ende des Kontos von { $subject } auf { $at } gesetzt
    .removed = { $actor } hat das Enddatum von { $subject } entfernt
audit-account-ended = Das Konto von { $subject } ist abgelaufen
audit-account-closed = { $actor } hat das Konto von { $subject } geschlossen
    .own = { $actor } hat das eigene Konto geschlossen
audit-invitation-sent = { $actor } hat die Einladung erneut an { $subject } gesendet
audit-invitation-withdrawn = { $actor } hat die Einladung an { $subject } zurückgezogen
audit-unknown-action = { $actor } hat etwas getan, das diese Version nicht kennt ({ $action }): { $subject }
audit-admin-granted = { $actor } hat { $subject } zum Admin gemacht
audit-admin-revoked = { $actor } hat { $subject } die Adminrechte entzogen
    .own = { $actor } hat die eigenen Adminrechte abgegeben
audit-signed-out-everywhere = { $actor } hat { $subject } überall abgemeldet
audit-name-changed = { $actor } hat den Namen „{ $before }“ in „{ $after }“ geändert
    .first = { $actor } hat den Namen „{ $after }“ eingetragen
    .removed = { $actor } hat den Namen „{ $before }“ entfernt
audit-language-changed = { $actor } hat eine Sprache gewählt: { $after }
audit-time-zone-changed = { $actor } hat eine Zeitzone gewählt: { $after }
audit-address-change-asked = { $actor } möchte die E-Mail-Adresse in { $after } ändern
audit-address-changed = { $actor } hat die E-Mail-Adresse in { $subject } geändert
audit-address-change-undone = { $actor } hat eine Änderung der Adresse rückgängig gemacht: Statt { $before } gilt wieder { $after }
audit-gain-undone = { $actor } hat mit einem Link aus einer E-Mail Änderungen an { $subject } rückgängig gemacht. Entfernt: { $gains }
audit-password-set = { $actor } hat ein Passwort festgelegt
audit-password-removed = { $actor } hat das Passwort entfernt
audit-password-reset = { $actor } hat mit einem Link aus einer E-Mail ein neues Passwort für { $subject } festgelegt
audit-app-added = { $actor } hat die Authenticator-App „{ $after }“ hinzugefügt
audit-app-removed = { $actor } hat die Authenticator-App „{ $before }“ entfernt
audit-app-guessed = { $actor } hat { $count ->
    [one] { $count } falschen App-Code
   *[other] { $count } falsche App-Codes
} für { $subject } eingegeben
audit-recovery-codes-made = { $actor } hat neue Wiederherstellungscodes erstellt
audit-recovery-codes-removed = { $actor } hat die Wiederherstellungscodes entfernt
audit-recovery-code-used = { $actor } hat einen Wiederherstellungscode verwendet. { $count ->
    [one] { $count } ist übrig
   *[other] { $count } sind übrig
}
audit-passkey-added = { $actor } hat den Passkey „{ $after }“ hinzugefügt
audit-passkey-renamed = { $actor } hat den Passkey „{ $before }“ in „{ $after }“ umbenannt
audit-passkey-removed = { $actor } hat den Passkey „{ $before }“ entfernt
audit-passkey-copied = Gatepost hat den Passkey „{ $after }“ von { $subject } abgelehnt, weil er eine Kopie sein kann
audit-browser-remembered = { $actor } hat einen gespeicherten Browser hinzugefügt: { $browser }
audit-browser-forgotten = { $actor } hat einen gespeicherten Browser entfernt: { $browser }
    .all = { $actor } hat { $count ->
    [one] { $count } gespeicherten Browser
   *[other] alle { $count } gespeicherten Browser
} entfernt
audit-recovery-begun = { $actor } hat eine Wiederherstellung von { $subject } begonnen, fällig am { $at }
    .own = { $actor } hat eine Wiederherstellung des eigenen Kontos begonnen, fällig am { $at }
audit-recovery-cancelled = { $actor } hat die Wiederherstellung von { $subject } abgebrochen
    .own = { $actor } hat die Wiederherstellung des eigenen Kontos abgebrochen
    .link = { $actor } hat mit einem Link aus einer E-Mail die Wiederherstellung von { $subject } abgebrochen
    .factor = { $actor } hat einen zweiten Faktor verwendet und damit die Wiederherstellung abgebrochen
audit-recovery-done = { $actor } hat die Wiederherstellung von { $subject } abgeschlossen. Entfernt: { $removed }
    .plain = { $actor } hat die Wiederherstellung von { $subject } abgeschlossen
audit-key-rotated = { $actor } hat den Schlüssel in der Schlüsseldatei ersetzt
audit-database-restored = { $actor } hat eine Sicherung zurückgespielt: { $after }
audit-setting-changed = { $actor } hat „{ $setting }“ von „{ $before }“ auf „{ $after }“ geändert
    .on = { $actor } hat „{ $setting }“ eingeschaltet
    .off = { $actor } hat „{ $setting }“ ausgeschaltet
    .set = { $actor } hat „{ $setting }“ auf „{ $after }“ gesetzt
    .cleared = { $actor } hat „{ $setting }“ geleert, vorher „{ $before }“
    .logo = { $actor } hat das Logo geändert
    .logo-dark = { $actor } hat das Logo für die dunkle Darstellung geändert
audit-console-link = { $actor } hat einen Konsolenlink für { $subject } ausgegeben
audit-test-email = { $actor } hat eine Test-E-Mail an { $subject } gesendet
audit-email-retried = { $actor } hat eine nicht zugestellte E-Mail noch einmal senden lassen
audit-signing-keys-rotated = { $actor } hat neue Schlüssel erstellt, die Tokens für Apps signieren. Sie signieren ab { $after }
audit-app-secret-made = { $actor } hat ein neues Geheimnis für die App { $subject } erstellt
audit-signed-in-to-app = { $actor } hat sich bei der App { $subject } angemeldet
audit-app-consent-given = { $actor } hat der App { $subject } erlaubt, Angaben zu lesen: { $after }
audit-app-access-ended = { $actor } hat der App { $after } den Zugriff auf das Konto { $subject } entzogen
audit-app-token-replayed = Die App { $after } hat einen Code oder ein Token von { $subject } zweimal verwendet. Diese Anmeldung ist beendet, weil Code oder Token gestohlen sein können
audit-logout-not-delivered = Der App { $after } konnte nicht mitgeteilt werden, dass { $subject } sich abgemeldet hat. Sie lässt die Person vielleicht angemeldet
audit-app-behind-added = { $actor } hat die App { $subject } hinzugefügt: { $after }
audit-app-behind-changed = { $actor } hat die App { $subject } geändert. Vorher: { $before }. Jetzt: { $after }
audit-app-behind-removed = { $actor } hat die App { $subject } entfernt
audit-signed-out-of-app = { $actor } hat sich von der App { $subject } abgemeldet
audit-access-asked = { $actor } hat um Zugang zur App { $subject } gebeten
audit-access-given = { $actor } hat { $subject } Zugang zur App { $app } gegeben
    .until = { $actor } hat { $subject } bis { $at } Zugang zur App { $app } gegeben
audit-access-refused = { $actor } hat { $subject } den Zugang zur App { $after } verweigert
audit-access-taken = { $actor } hat { $subject } den Zugang zur App { $before } entzogen
audit-guest-forgotten = { $actor } hat das Konto des Gastes { $subject } gelöscht
audit-group-added = { $actor } hat die Gruppe { $subject } hinzugefügt
audit-group-changed = { $actor } hat die Gruppe { $subject } von „{ $before }“ in „{ $after }“ geändert
audit-group-removed = { $actor } hat die Gruppe { $subject } entfernt
audit-group-joined = { $actor } hat { $subject } in die Gruppe { $after } aufgenommen
audit-group-left = { $actor } hat { $subject } aus der Gruppe { $before } entfernt
audit-handle-changed = { $actor } hat den Benutzernamen von { $subject } von { $before } in { $after } geändert
    .own = { $actor } hat den eigenen Benutzernamen von { $before } in { $after } geändert

audit-fact =
    .time = Zeit
    .event = Ereignis
    .actor = Wer
    .action = Aktion
    .subject = Betrifft
    .before = Vorher
    .after = Nachher
    .browser = Browser
    .client = IP-Adresse
    .request = Anfrage

gain-passkey = Passkey
gain-app = Authenticator-App
gain-recovery-codes = neue Wiederherstellungscodes
gain-remembered-browser = gespeicherter Browser
gain-password = neues Passwort
gain-address = neue E-Mail-Adresse
gain-admin-rights = Adminrechte für ein anderes Konto
