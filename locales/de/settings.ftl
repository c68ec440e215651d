settings-held = Danke für die Bestätigung. Noch ist nichts gespeichert: Prüfen Sie Ihre Änderungen und klicken Sie auf „Speichern“.
settings-overtaken = Jemand anderes hat die Einstellungen geändert, während Sie sie bearbeitet haben. Noch ist nichts gespeichert. Speichern Sie noch einmal, um Ihre Werte zu übernehmen. In diesen Feldern weichen sie von den gespeicherten ab:
settings-problems = { $count ->
    [one] Prüfen Sie { $count } Feld. Es ist noch nichts gespeichert, auch nicht in den anderen Abschnitten.
   *[other] Prüfen Sie { $count } Felder. Es ist noch nichts gespeichert, auch nicht in den anderen Abschnitten.
}
settings-sections = Abschnitte
setting-default = Voreinstellung: { $value }.
setting-unit = { $setting }: Einheit
setting-span = { $setting }: Zeitraum
setting-limit-in = in
limit-in-words = { $number } in { $span-dative }
unit-seconds = Sekunden
unit-minutes = Minuten
unit-hours = Stunden
unit-days = Tage
settings-save-all = Alle Abschnitte speichern
settings-preview = Vorschau
    .hint = So sehen Anmeldeseite und Anmelde-E-Mail mit Ihren Eingaben aus. Dabei wird nichts gespeichert.
    .button = Vorschau aktualisieren
    .page-light = Anmeldeseite, hell
    .page-dark = Anmeldeseite, dunkel
    .email-light = E-Mail, hell
    .email-dark = E-Mail, dunkel
setting-pick = { $setting }: auswählen

settings-ways = Anmeldemethoden
setting-email-link = Anmeldelink und Code per E-Mail
    .hint = Das Ausschalten wirkt sofort, auch für Links, die schon gesendet sind. Wer angemeldet ist, bleibt es.
setting-password = Passwort
    .hint = Für alle, die auf ihrer Kontoseite eines festlegen. Sie können es per E-Mail zurücksetzen.
setting-passkey = Passkey
    .hint = Anmeldung mit Fingerabdruck, Gesicht oder PIN. Dient auch als zweiter Faktor.
    .impossible = Hier nicht möglich, denn Passkeys brauchen einen Hostnamen, und dieser Server hat nur eine IP-Adresse. Tragen Sie bei <code>GATEPOST_BASE_URL</code> einen Namen ein.
setting-link-lifetime = Gültigkeit der Links
    .hint = Beginnt, wenn der E-Mail-Server die E-Mail annimmt.

settings-factors = Zweite Faktoren
    .hint = Wer einen zweiten Faktor hat, braucht ihn bei jeder Anmeldung mit Link oder Passwort. Schalten Sie einen Faktor aus, fragen wir nicht mehr danach und nehmen ihn nicht mehr an. Wer keinen anderen hat, meldet sich dann ohne an.
setting-app = Authenticator-App
    .hint = Sechs Ziffern aus einer App, alle 30 Sekunden neu.
setting-recovery-codes = Wiederherstellungscodes
    .hint = Zehn Codes zum Aufbewahren. Jeder gilt einmal anstelle eines zweiten Faktors.
setting-remembered-browsers = Gespeicherte Browser
    .hint = Auf Wunsch fragen wir in einem Browser 30 Tage lang nicht mehr nach. Bei wichtigen Änderungen fragen wir trotzdem.
setting-required = Vorgeschrieben für
    .hint = Wer noch keinen hat, muss zuerst einen einrichten.
required-for-no-one = Niemanden
required-for-admins = Admins
required-for-everyone = Alle

settings-join = Neue Konten
setting-join = Wer ein Konto bekommt
    .hint = Bestehende Konten bleiben erhalten.
join-invited = Eingeladene
join-domains = Eingeladene und alle mit einer Adresse der erlaubten Domains
join-anyone = Alle mit einer E-Mail-Adresse
setting-domains = Erlaubte Domains
    .hint = Eine pro Zeile. Subdomains gehören nicht dazu.
setting-invitation-lifetime = Gültigkeit der Einladungen
    .hint = So lange gilt der Link in der Einladung. Beginnt, wenn der E-Mail-Server die E-Mail annimmt.

settings-sessions = Sitzungen
    .hint = Wie lange die Anmeldung gilt.
setting-session-idle = „Angemeldet bleiben“: längste Pause zwischen zwei Besuchen
    .hint = Wer so lange nicht da war, meldet sich neu an.
setting-session-absolute = „Angemeldet bleiben“: Höchstdauer
    .hint = Danach ist in jedem Fall eine neue Anmeldung nötig.
setting-browser-session = Ohne „Angemeldet bleiben“: Höchstdauer
    .hint = Die Sitzung endet auch, wenn der Browser geschlossen wird.
setting-step-up = Wichtige Änderungen: erneut fragen nach
    .hint = Vor wichtigen Änderungen fragen wir nach, wenn die letzte Bestätigung länger her ist.
setting-new-browsers = E-Mail bei Anmeldung in einem neuen Browser
    .hint = Wir benachrichtigen die Person, der das Konto gehört. Mit einer Schaltfläche in der E-Mail kann sie den Browser abmelden.

settings-apps = Apps
setting-apps = Apps zulassen
    .hint = Ausschalten wirkt sofort. Apps hinter Ihrem Proxy weisen jede Anfrage ab, auch für öffentliche Pfade. Keine App erhält oder erneuert eine Anmeldung. Apps mit eigenen Sitzungen erfahren davon nichts. Nach dem Einschalten geht alles weiter.
setting-devices = Anmeldung auf Geräten erlauben
    .hint = Für Fernseher und Programme im Terminal. Ausschalten wirkt sofort, auch für wartende Geräte. Angemeldete Geräte bleiben angemeldet.
setting-access-lifetime = Gültigkeit von Zugriffstokens
    .hint = Neue Apps beginnen mit diesen Zeiten. Vorhandene Apps behalten ihre.
setting-refresh-idle = Aktualisierungstokens: längste Pause
    .hint = Benutzt eine App ihr Token so lange nicht, muss sie die Person wieder hierher schicken.
setting-refresh-absolute = Aktualisierungstokens: Höchstdauer
    .hint = Danach muss eine App die Person in jedem Fall wieder hierher schicken.

settings-limits = E-Mail
    .hint = So viele E-Mails senden wir höchstens im angegebenen Zeitraum.
setting-limit-per-mailbox = Pro E-Mail-Adresse
    .hint = Weitere Anfragen für die Adresse lösen keine E-Mail aus.
setting-limit-per-client = Pro IP-Adresse
    .hint = Zählt Anfragen von einem Gerät oder Netz, für alle Adressen zusammen.
setting-limit-per-domain = Neue Adressen pro Domain
    .hint = Zählt Adressen ohne Konto. Weitere E-Mails an sie warten.
setting-limit-global = Insgesamt
    .hint = Zählt Anfragen aus Browsern ohne frühere Anmeldung. Für andere gilt diese Grenze nicht.

settings-look = Name, Sprache und Farbe
setting-name = Name
    .hint = Steht auf Seiten und in E-Mails.
setting-colour = Farbe der Schaltflächen
    .hint = Als #rrggbb.
setting-support = E-Mail-Adresse für Hilfe
    .hint = Steht auf Seiten und in E-Mails. Antworten gehen nur dann an diese Adresse, wenn ihre Domain die des Absenders ist. Optional.
setting-language = Sprache
    .hint = Für alle, deren Konto und Browser keine dieser Sprachen verlangen.
setting-time-zone = Zeitzone
    .hint = Zum Beispiel Europe/Berlin. Gilt für alle, die keine gewählt haben, in E-Mails und auf Seiten ohne JavaScript.
setting-code-in-subject = Code im Betreff von E-Mails
    .hint = Der Code ist lesbar, ohne die E-Mail zu öffnen. Das gilt auch für andere, die den Sperrbildschirm oder die Liste der E-Mails sehen.
setting-code-first = Domains mit dem Code zuerst
    .hint = E-Mails an diese Domains beginnen mit dem Code und haben keine Schaltfläche. Eine Domain pro Zeile.
setting-logo = Logo
    .light = Logo für die helle Darstellung
    .none = (keines)
setting-logo-dark = Logo für die dunkle Darstellung

settings-links = Links
    .hint = Stehen unter jeder Seite und jeder E-Mail. Ein leeres Feld zeigt keinen Link.
setting-terms-link = Nutzungsbedingungen
    .hint = Zum Beispiel https://example.com/terms.
setting-privacy-link = Datenschutz
    .hint = Zum Beispiel https://example.com/privacy.
setting-imprint-link = Impressum
    .hint = Zum Beispiel https://example.com/imprint.
setting-help-link = Hilfe
    .hint = Zum Beispiel https://example.com/help.

setting-is-now = Gespeicherter Wert: { $value }
setting-is-now-empty = Gespeicherter Wert: leer
value-on = ein
value-off = aus

lock-out = Kein Admin könnte sich mehr anmelden
    .what = Sie schalten den letzten Weg aus, auf dem sich Admins anmelden können. Danach gibt es nur noch Konsolenlinks: Für jede Anmeldung muss jemand mit Zugang zur Befehlszeile des Servers <code>gatepost link</code> ausführen. Wer angemeldet ist, bleibt es.
    .button = Ausschalten
    .keep = Eingeschaltet lassen

problem-choose = Wählen Sie eine dieser Möglichkeiten.
problem-own-factor = Richten Sie zuerst auf Ihrer Sicherheitsseite einen eigenen zweiten Faktor ein. Die Vorschrift gilt auch für Sie.
problem-no-factors = Schalten Sie zuerst Authenticator-Apps oder Passkeys ein. Sonst kann niemand einen zweiten Faktor einrichten.
problem-no-host-name = Passkeys brauchen einen Hostnamen, und dieser Server hat nur eine IP-Adresse.
problem-domain = Mindestens ein Eintrag ist keine Domain wie example.com.
problem-too-many-domains = Höchstens 200 Domains.
problem-no-domains = Geben Sie mindestens eine Domain ein oder wählen Sie eine andere Möglichkeit.
problem-lifetime = Geben Sie eine ganze Zahl ein. Mindestens { $least }, höchstens { $most }.
problem-limit = Geben Sie zwei ganze Zahlen ein: eine Anzahl bis 1000 und einen Zeitraum von 1 Sekunde bis 7 Tagen.
problem-name = 1 bis 40 Zeichen, ohne { "<" } { ">" } " und @.
problem-colour = Geben Sie eine Farbe als #rrggbb ein, zum Beispiel #1f5f4f.
problem-support = Geben Sie eine E-Mail-Adresse ein oder lassen Sie das Feld leer.
problem-language = Wählen Sie eine Sprache aus der Liste.
problem-time-zone = Geben Sie eine Zeitzone wie Europe/Berlin ein oder UTC.
problem-link = Geben Sie die Adresse einer Seite ein, etwa https://example.com/agb, oder lassen Sie das Feld leer.
problem-logo = Dieses Logo gibt es nicht.
problem-unknown = Diese Einstellung gibt es nicht.

declared-setting = Von einer Datei auf dem Server festgelegt. Ändern Sie es dort.
