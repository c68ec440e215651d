overview = Übersicht
settings = Einstellungen
users = Personen
emails = E-Mail
audit-log = Protokoll

failed-emails-alarm = { $count ->
    [one] { $count } E-Mail konnte nicht zugestellt werden. <a>Grund ansehen</a>
   *[other] { $count } E-Mails konnten nicht zugestellt werden. <a>Gründe ansehen</a>
}
emails-not-sent = E-Mails werden nicht versendet. Sie können sie im <a>Testpostfach</a> lesen. Um sie zu versenden, tragen Sie bei <code>GATEPOST_MAIL_URL</code> Ihren E-Mail-Server ein.
own-email-not-verified = Ihre E-Mail-Adresse ist noch nicht bestätigt. <a>Jetzt bestätigen</a>.
sessions-number = Sitzungen
waiting-emails-number = Wartende E-Mails
failed-emails-number = Nicht zugestellte E-Mails
email-links-on = Anmeldelinks sind <b>eingeschaltet</b>.
email-links-off = Anmeldelinks sind <b>ausgeschaltet</b>.
who-can-join-is = Wer ein Konto bekommt: <b>{ $policy }</b>.
change-settings = Einstellungen ändern

alarm-no-way-in = Kein Admin kann sich mehr anmelden, außer mit einem Konsolenlink. <a>Anmeldemethode einschalten</a>
alarm-emails-wait = E-Mails warten seit { $at }. <a>Warum?</a>
alarm-key-file = Andere Benutzer des Servers können die Schlüsseldatei lesen. Nur Gatepost selbst darf sie lesen: <code>chmod 600</code>
alarm-old-backup = Die letzte Sicherung mit <code>gatepost backup</code> ist vom { $at }.
alarm-no-backup = Es gibt noch keine Sicherung mit <code>gatepost backup</code>.
alarm-settings-changed = Die Einstellungen wurden am { $at } geändert: { $sentence }. <a>Alle Änderungen ansehen</a>
asks-wait = { $count ->
    [one] <a>{ $count } Person bittet um Zugang zu einer App</a>
   *[other] <a>{ $count } Personen bitten um Zugang zu Apps</a>
}
alarm-disk = Auf dem Datenträger der Datenbank sind nur { $free } % frei.

finish-setting-up = Einrichtung abschließen
steps-progress = { $done } von { $all } erledigt
steps-done = (erledigt)
steps-to-do = (offen)
step-name = <a>Namen vergeben</a>, damit alle wissen, wo sie sich anmelden
step-logo = <a>Logo hinzufügen</a>
step-email = <a>Senden Sie sich eine Test-E-Mail</a> und öffnen Sie danach den Link darin
step-factor = <a>Passkey oder Authenticator-App</a> für Ihr Konto hinzufügen
step-second-admin = <a>Eine weitere Person zum Admin machen</a>, damit Sie nicht allein sind
step-backup = Eine Sicherung mit <code>gatepost backup</code> anlegen

sign-ins-in-30-days = Anmeldungen der letzten 30 Tage
chart-empty = In den letzten 30 Tagen gab es keine Anmeldungen.
chart-most = Höchstwert: { $most }
chart-email = E-Mail
chart-passkey = Passkey
chart-password = Passwort
chart-other = Konsolenlink
chart-failed = Falsche Passwörter und Codes
show-as-table = Als Tabelle anzeigen
chart-day = Tag (UTC)

emails-in-24-hours = E-Mails der letzten 24 Stunden
delivery-none = In den letzten 24 Stunden gab es keine E-Mails.
delivery-median = Die Hälfte wurde innerhalb von { $wait } angenommen.
    .one = Sie wurde innerhalb von { $wait } angenommen.
delivery-more = Alle E-Mails
last-change = Letzte Änderung:
    .at = Am { $at }
    .all = Alle Änderungen der Einstellungen
last-upgrade = Letzte Aktualisierung
upgrade-versions = Am { $at } wechselte dieser Server von Version { $from } zu { $to }.
upgrade-migrations = { $count ->
    [0] Der Aufbau der Datenbank blieb gleich.
    [one] Der Aufbau der Datenbank änderte sich in einem Schritt.
   *[other] Der Aufbau der Datenbank änderte sich in { $count } Schritten.
}
upgrade-steps = Schritte zeigen
unseen-sqlite = Gatepost kennt nur Sicherungen mit <code>gatepost backup</code> und sieht nicht, ob eine angenommene E-Mail ankommt.
unseen-postgres = Gatepost sieht weder Sicherungen noch den Datenträger des PostgreSQL-Servers und auch nicht, ob eine angenommene E-Mail ankommt.

invite-someone = Jemanden einladen
invite-held = Danke für die Bestätigung. Die Einladung ist noch nicht gesendet: Klicken Sie auf „Einladen“.
invite-email = E-Mail-Adresse
invite-as-admin = Als Admin
invite = Einladen
search-users = E-Mail-Adresse oder Name
search = Suchen
users-number = { $count ->
    [one] { $count } Person
   *[other] { $count } Personen
}
    .more = Mehr als { $count } Personen
users-found = { $count ->
    [0] Keine Person gefunden
    [one] { $count } Person gefunden
   *[other] { $count } Personen gefunden
}
    .more = Mehr als { $count } Personen gefunden
users-show = Anzeigen
    .all = Alle Personen
    .admins = Admins
    .disabled = Deaktivierte
    .never-signed-in = Noch nie angemeldet
    .no-second-factor = Ohne zweiten Faktor
    .invited = Offene Einladung
    .with-end = Mit Enddatum
users-show-all = Alle Personen anzeigen
users-select = { $email } auswählen
    .all = Alle auf dieser Seite auswählen
    .brief = Auswahl
users-selected = Mit den ausgewählten Personen:
    .disable = Deaktivieren
    .enable = Aktivieren
    .sign-out = Abmelden
    .disable-them = Ausgewählte Personen deaktivieren
    .end = Enddatum setzen
    .end-them = Enddatum setzen: ausgewählte Personen
    .enable-them = Ausgewählte Personen aktivieren
    .sign-out-them = Ausgewählte Personen abmelden
users-download = Diese Liste herunterladen: <a>CSV</a>. Eine Datei enthält höchstens 20.000 Personen.
user-fact =
    .user = Person
    .email = E-Mail
    .name = Name
    .admin = Admin
    .disabled = Deaktiviert seit
    .verified = E-Mail bestätigt
    .created = Erstellt
    .signed-in = Zuletzt angemeldet
    .ends = Endet
user-last-signed-in = Letzte Anmeldung: { $at }
user-never-signed-in = Noch nie angemeldet
    .short = Noch nie
user-is-admin = Admin
user-is-disabled = Deaktiviert
user-ends = Endet am { $at }
user-is-not-verified = E-Mail nicht bestätigt
user-is-you = Sie
list-pages = Seiten
list-previous = Zurück
list-next = Weiter

invitations = Einladungen
invite-list = Mehrere Personen einladen
invite-emails = E-Mail-Adressen
    .hint = Eine pro Zeile oder durch Kommas getrennt. Höchstens { $most }.
invitations-sent = Alle Einladungen
invitations-none = Noch keine Einladungen.
invitations-newest = Neueste Einladungen
invitation-asked = Von { $inviter } eingeladen am { $at }.
invitation-expires = Gültig bis { $at }.
invitation-progress =
    .queued = Noch nicht gesendet
    .refused = Vom E-Mail-Server abgelehnt
    .accepted = Vom E-Mail-Server angenommen
    .kept = Im Testpostfach
    .opened = Geöffnet
    .expired = Abgelaufen
    .signed-in = Angemeldet
    .disabled = Deaktiviert
invitation-link = Link zum Weitergeben
    .hint = Öffnet die Anmeldeseite und trägt diese Adresse ein. Der Link allein meldet niemanden an: Die Person bekommt trotzdem eine E-Mail.
invitation-again = Erneut senden
    .it = Erneut einladen
invitation-withdraw = Zurückziehen
    .it = Einladung zurückziehen

all-users = Alle Personen
user-joined = Erstellt am { $at }
user-sessions = { $count ->
    [0] Keine Sitzung
    [one] { $count } Sitzung
   *[other] { $count } Sitzungen
}
user-sign-out = Überall abmelden
user-disable = Deaktivieren
user-enable = Aktivieren
user-make-admin = Zum Admin machen
user-remove-admin = Adminrechte entziehen
user-stays-last-admin = Dieses Konto lässt sich nicht deaktivieren und behält die Adminrechte, weil es keinen anderen Admin gibt.
user-stays-way-in = Dieses Konto lässt sich nicht deaktivieren und behält die Adminrechte, weil sich sonst kein Admin anmelden könnte.
invitation-send = Einladung senden
user-sessions-all = Sitzungen
user-session = Angemeldet am { $since } ({ $methods })
    .seen = Zuletzt aktiv am { $seen }
user-events = Letzte Ereignisse
user-all-events = Alle Ereignisse dieser Person
user-emails = Letzte E-Mails
user-email =
    .waiting = Wartet
    .sent = Vom E-Mail-Server angenommen
    .kept = Im Testpostfach
    .dropped = Nicht gesendet
    .dead = Nicht zugestellt
user-is-over = Abgelaufen
account-end = Enddatum
    .admin = Admins haben kein Enddatum.
    .last-day = Letzter Tag
    .hint = Nach diesem Tag (UTC) endet das Konto: keine Anmeldung, keine Sitzung, keine App. Die Person erhält jetzt und 7 Tage vorher eine E-Mail. Ohne Datum endet das Konto nicht.
    .hint-guest = Soll das Gastkonto schon vor der Löschung enden, geben Sie den letzten Tag (UTC) ein. Danach: keine Anmeldung, keine Sitzung, keine App. Die Person erhält jetzt und 7 Tage vorher eine E-Mail. Soll der Gast länger bleiben, fügen Sie ihn mit einem späteren Datum noch einmal bei einer App hinzu.
    .save = Enddatum speichern
    .when-invited = Letzter Tag (optional)
end-several = { $count ->
    [one] Enddatum für dieses Konto festlegen?
   *[other] Enddatum für { $count } Konten festlegen?
}
    .what = Die Konten enden nach diesem Tag (UTC). Die Personen erhalten jetzt und 7 Tage vorher eine E-Mail. Ohne Datum enden die Konten nicht. Admins bleiben, wie sie sind.
    .button = Enddatum speichern
user-factors = Anmeldemethoden außer E-Mail
user-has-no-factors = Kein Passwort, kein Passkey, keine Authenticator-App, keine Wiederherstellungscodes
way-passkey = Passkey: <b>{ $name }</b>
way-app = Authenticator-App: <b>{ $name }</b>
way-codes = Wiederherstellungscodes übrig: <b>{ $name }</b>
way-password = Passwort
way-since = Seit { $at }
way-used = Zuletzt verwendet am { $at }
count-of-remembered-browsers = { $count ->
    [one] { $count } gespeicherter Browser
   *[other] { $count } gespeicherte Browser
}
recovery-by-admin = Ein Admin hat am { $asked } eine Wiederherstellung begonnen. Am <b>{ $due }</b> werden alle zweiten Faktoren entfernt, wenn niemand das abbricht.
recovery-by-console = Jemand hat am { $asked } auf der Befehlszeile des Servers eine Wiederherstellung begonnen. Am <b>{ $due }</b> werden alle zweiten Faktoren entfernt, wenn niemand das abbricht.
recovery-by-owner = Die Person, der das Konto gehört, oder jemand mit ihren anderen Anmeldemethoden hat am { $asked } eine Wiederherstellung begonnen. Am <b>{ $due }</b> werden alle zweiten Faktoren entfernt, wenn niemand das abbricht.
recovery-cancel = Wiederherstellung abbrechen
recovery-what = Hat diese Person alle zweiten Faktoren verloren, oder hat jemand anderes das Konto übernommen? Eine Wiederherstellung gibt das Konto nach { $lifetime-dative } zurück. Sie entfernt alle zweiten Faktoren, alle gespeicherten Browser und jedes Passwort, das in den letzten 7 Tagen festgelegt wurde. Wir senden der Person sofort eine E-Mail, und sie kann die Wiederherstellung abbrechen. Vergewissern Sie sich, dass das Konto wirklich der Person gehört, die Sie darum bittet.
recovery-start = Wiederherstellung beginnen

disable-question = Dieses Konto deaktivieren?
    .what = Die Person wird überall abgemeldet und kann sich erst wieder anmelden, wenn ein Admin das Konto aktiviert.
    .button = Konto deaktivieren
disable-several = { $count ->
    [one] Dieses Konto deaktivieren?
   *[other] { $count } Konten deaktivieren?
}
    .what = { $count ->
    [one] Die Person wird überall abgemeldet und kann sich erst wieder anmelden, wenn ein Admin das Konto aktiviert.
   *[other] Diese Personen werden überall abgemeldet und können sich erst wieder anmelden, wenn ein Admin ihr Konto aktiviert.
}
    .button = Deaktivieren
enable-several = { $count ->
    [one] Dieses Konto aktivieren?
   *[other] { $count } Konten aktivieren?
}
    .what = { $count ->
    [one] Diese Person kann sich danach wieder anmelden.
   *[other] Diese Personen können sich danach wieder anmelden.
}
    .button = Aktivieren
sign-out-several = { $count ->
    [one] Diese Person überall abmelden?
   *[other] { $count } Personen überall abmelden?
}
    .what = { $count ->
    [one] Alle Sitzungen dieser Person enden, und wir fragen auch in gespeicherten Browsern wieder nach dem zweiten Faktor.
   *[other] Alle Sitzungen dieser Personen enden, und wir fragen auch in gespeicherten Browsern wieder nach dem zweiten Faktor.
}
    .button = Überall abmelden
withdraw-question = Diese Einladung zurückziehen?
    .what = Das Konto wird entfernt, und der Link in der E-Mail funktioniert nicht mehr. Sie können die Person später erneut einladen.
    .button = Zurückziehen
make-admin-question = Diese Person zum Admin machen?
    .what = Admins können alle Einstellungen ändern, Personen hinzufügen und jedes Konto deaktivieren oder abmelden, auch Ihres.
    .guest = Diese Person ist Gast. Als Admin behält sie ihr Konto ohne Enddatum.
    .button = Zum Admin machen
remove-admin-question = Adminrechte entziehen?
    .what = Diese Person kann danach keine Einstellungen mehr ändern und keine Personen mehr verwalten. Das Konto selbst bleibt.
    .button = Adminrechte entziehen
sign-out-user-question = Diese Person überall abmelden?
    .what = Alle ihre Sitzungen enden, und wir fragen auch in gespeicherten Browsern wieder nach dem zweiten Faktor.
    .button = Überall abmelden
start-recovery-question = Wiederherstellung beginnen?
    .what = An { $email } geht sofort eine E-Mail mit einem Link zum Abbrechen. Nach { $lifetime-dative } entfernen wir alle zweiten Faktoren des Kontos.
    .first = Vergewissern Sie sich zuerst, dass das Konto der Person gehört, die Sie darum bittet.
remove-logo-question = Logo entfernen?
    .what = Seiten und E-Mails zeigen dann nur noch den Namen. Um das Logo zurückzuholen, brauchen Sie die Bilddatei.
    .dark = Logo für die dunkle Darstellung entfernen?
    .dark-what = Die dunkle Darstellung zeigt dann das Logo für die helle. Um das entfernte Logo zurückzuholen, brauchen Sie die Bilddatei.
    .button = Logo entfernen

test-email = Test-E-Mail
    .send = Test-E-Mail an mich senden
    .hint = Geht an <b>{ $email }</b>. Die Antwort Ihres E-Mail-Servers erscheint hier. Öffnen Sie danach den Link in der E-Mail.
    .hint-kept = Geht ins Testpostfach, adressiert an <b>{ $email }</b>. Öffnen Sie dort den Link in der E-Mail.
test-email-outcome =
    .waiting = Unterwegs seit { $at }. Der E-Mail-Server hat noch nicht geantwortet.
    .again = Der E-Mail-Server hat sie noch nicht angenommen. Gatepost versucht es erneut. Der Grund:
    .sent = Der E-Mail-Server hat sie am { $at } angenommen:
    .kept = Sie liegt im Testpostfach ({ $at }). E-Mails werden nicht versendet.
    .dead = Gatepost konnte sie nicht zustellen und hat am { $at } aufgegeben. Der Grund:
    .dropped = Gatepost hat sie nicht gesendet ({ $at }):
    .look = Erneut prüfen
test-arrived = Ihre Test-E-Mail ist angekommen
    .what = Sie haben den Link darin geöffnet. Bestätigen Sie, dass der E-Mail-Versand funktioniert. Der Schritt in der Übersicht ist dann erledigt.
    .button = E-Mail-Versand funktioniert
outbox = Postausgang
failed-emails = Nicht zugestellt
    .none = Nicht zugestellt: keine
waiting-emails = Wartend
    .none = Wartend: keine
sent-emails = Zuletzt gesendet
    .none = Zuletzt gesendet: keine
email-kept = Im Testpostfach, Nr. { $number }
email-answer = Vollständige Antwort des Servers
email-reason =
    .attempt-forgotten = Die zugehörige Anfrage wurde gelöscht.
    .attempt-ended = Die zugehörige Anfrage ist beendet.
    .ended-since = Sie wird nicht mehr gebraucht, oder eine neuere E-Mail hat sie ersetzt.
    .over-limit = Es wurden zu viele E-Mails angefordert.
    .too-late = Sie konnte nicht rechtzeitig gesendet werden.
    .link-printed = Der Link wurde stattdessen auf der Befehlszeile ausgegeben.
    .passwords-off = Passwörter sind ausgeschaltet.
    .email-links-off = Anmeldelinks sind ausgeschaltet.
    .browser-emails-off = E-Mails über neue Browser sind ausgeschaltet.
    .account-gone = Das Konto ist gelöscht oder deaktiviert.
    .account-disabled = Das Konto ist deaktiviert.
    .account-moved = Das Konto ist gelöscht oder deaktiviert, oder es hat eine andere E-Mail-Adresse.
    .no-account = Zu dieser E-Mail-Adresse gibt es kein Konto.
    .may-not-join = Zu dieser E-Mail-Adresse gibt es kein Konto, und die Einstellungen erlauben kein neues.
    .new-address-may-not-join = Die neue E-Mail-Adresse ist hier nicht erlaubt.
    .new-address-taken = Zur neuen E-Mail-Adresse gibt es schon ein Konto.
    .no-guest = Die Person ist kein Gast mehr.
    .no-admin = Die Person ist kein Admin mehr.
    .change-forgotten = Die Änderung der E-Mail-Adresse ist nicht mehr gespeichert.
    .recovery-ended = Die Wiederherstellung ist beendet.
    .browser-forgotten = Das Konto ist gelöscht, oder der Browser ist nicht mehr bekannt.
    .ask-answered = Die Zugangsanfrage wurde beantwortet oder gelöscht.
    .ask-gone = Die Zugangsanfrage wurde gelöscht, oder die Person hat erneut gefragt.
    .app-gone = Die App wurde entfernt.
    .app-or-asker-gone = Die App wurde entfernt, oder das Konto der Person ist gelöscht oder deaktiviert.
    .access-ended = Der Zugang ist beendet.
    .unreadable = Gatepost kann nicht lesen, was zu dieser E-Mail gespeichert ist.
    .put-off = Für diese Domain ist die Grenze für E-Mails an Adressen ohne Konto erreicht.
    .together = Zusammen mit anderen Mitteilungen in einer E-Mail gesendet.
email-of-newer-version = E-Mail aus einer neueren Version von Gatepost
email-of-kind-to = <b>{ $kind }</b> an { $recipient }
email-tries = { $count ->
    [0] Noch nicht versucht
    [one] { $count } Versuch
   *[other] { $count } Versuche
}
email-since = Seit { $at }
email-next-try = Nächster Versuch: { $at }
email-too-late = Zu spät für einen neuen Versuch
email-retry = Erneut senden
email-domains = Domains mit Scannern
    .hint = Manche E-Mail-Anbieter öffnen jeden Link, um ihn zu prüfen. Die Links gelten trotzdem, aber die E-Mails kommen vielleicht verspätet oder gar nicht an. Für solche Domains können Sie zuerst den Code zeigen und darunter den Link als Text.
    .none = Bisher keine Scanner bemerkt. Wir zählen einen, wenn ein anderer Browser einen Link innerhalb von 10 Sekunden nach der Zustellung öffnet.
email-domain-scanned = Seit dem { $at } hat ein anderer Browser { $scanned } von { $opened } geöffneten Links innerhalb von 10 Sekunden nach der Zustellung geöffnet.
email-domain-code-first = Code zuerst
email-domain-code = Code voranstellen
email-domain-link = Wieder mit Schaltfläche
email-previews = Vorschau
    .hint = Alle Arten von E-Mails mit Beispieldaten. Öffnet sich in einem neuen Tab.
    .all = Alle Arten zeigen
    .html = HTML
    .text = Text
email-preview-subject = Betreff: { $subject }


logo = Logo
logo-dark = Logo für die dunkle Darstellung
    .hint = Seiten und E-Mails zeigen es allen, deren Gerät dunkel eingestellt ist.
    .first = Fügen Sie zuerst das <a>Logo für die helle Darstellung</a> hinzu.
    .none = Keines. Die dunkle Darstellung zeigt dasselbe Logo wie die helle.
logo-now = Aktuelles Logo
logo-picture = Das aktuelle Logo
logo-none = Kein Logo. Seiten und E-Mails zeigen nur den Namen.
logo-remove = Logo entfernen
logo-replace = Logo ersetzen
logo-add = Logo hinzufügen
logo-held = Danke für die Bestätigung. Ihre Datei ist noch da, aber noch ist nichts geändert.
logo-use = Dieses Logo verwenden
logo-file = Bild
    .hint = PNG oder WebP mit höchstens 64 KB und 1024 Pixeln auf jeder Seite. Wir speichern nur das Bild, als PNG, und zeigen es höchstens 48 Pixel hoch.
