address-unverified = Ihre E-Mail-Adresse ist noch nicht bestätigt.
    .off = Anmeldelinks sind ausgeschaltet. Deshalb können Sie sie zurzeit nicht bestätigen.
verify-address-send = Bestätigungslink senden
nothing-changed-yet = Danke für die Bestätigung. Noch ist nichts geändert: Klicken Sie auf die Schaltfläche, um fortzufahren.
others-will-be-signed-out = Sie werden in Ihren anderen Browsern abgemeldet.

# Konto

account = Konto
your-account = Ihr Konto
account-profile = Profil
change-address = Adresse ändern
security = Sicherheit
account-name = Name
    .hint = So sprechen wir Sie an. Optional.
save-name = Name speichern
account-language = Sprache
    .hint = Für Seiten und E-Mails.
language-of-browser = Wie im Browser
save-language = Sprache speichern
account-time-zone = Zeitzone
    .hint = Für Zeiten auf Seiten und in E-Mails. Ohne Auswahl gilt in E-Mails { $zone }.
time-zone-of-browser = Wie im Browser
save-time-zone = Zeitzone speichern
account-sessions = Sitzungen
account-activity = Aktivität
account-data = Daten
account-ends = Ihr Konto endet am { $at }. Danach können Sie sich nicht mehr anmelden.
account-created = Erstellt am { $at }

where-signed-in = Wo Sie angemeldet sind
session-active = Gerade aktiv
this-browser = Dieser Browser
session-signed-in = Anmeldung: { $ago } ({ $methods })
session-last-active = Zuletzt aktiv: { $ago }
session-places = Der Ort ergibt sich aus der IP-Adresse. Bei Handys und VPNs stimmt er oft nicht.
session-until-closed = Bis zum Schließen des Browsers
sign-out-browser = { $browser } abmelden
sign-out-others = Alle anderen Sitzungen beenden
sign-out-others-question = Alle anderen Sitzungen beenden?
    .what = Sie werden in allen anderen Browsern und auf allen anderen Geräten abgemeldet. Hier bleiben Sie angemeldet.

activity-what = Was in den letzten { $span-dative } mit Ihrem Konto geschehen ist. Kommt Ihnen etwas fremd vor? Wählen Sie „Das war ich nicht“.
activity-none = Noch nichts.
    .older = Nichts Älteres.
activity-not-me = Das war ich nicht
not-me = So schützen Sie jetzt Ihr Konto
    .first = Beenden Sie zuerst alle anderen Sitzungen:
    .then = Danach:
    .methods = <a>Prüfen Sie Ihre Anmeldemethoden</a> und entfernen Sie, was Ihnen nicht gehört.
    .password = <a>Legen Sie ein neues Passwort fest</a>.
    .mailbox = Ändern Sie das Passwort Ihres Postfachs. Wer Ihre E-Mails liest, kann sich mit Ihrem Konto anmelden, solange Sie keinen zweiten Faktor haben.
    .ask = Brauchen Sie Hilfe? Schreiben Sie an <a>{ $support }</a>.
    .admin = Brauchen Sie Hilfe? Fragen Sie einen Admin.

your-data = Ihre Daten
    .what = Laden Sie eine Datei (JSON) mit allem herunter, was wir über Sie gespeichert haben.
download-data = Meine Daten herunterladen

# Eine andere Adresse

change-your-address = E-Mail-Adresse ändern
address-current = Ihre aktuelle Adresse: <b>{ $email }</b>
address-new = Neue E-Mail-Adresse
    .hint = Wir senden einen Link an die neue Adresse. Öffnen Sie ihn zur Bestätigung in diesem Browser. An Ihre alte Adresse senden wir einen Link, mit dem sich die Änderung { $lifetime } lang rückgängig machen lässt.
address-send = Bestätigungs-E-Mail senden

# Konto schließen

close-account = Konto schließen
close-short = Damit werden Ihr Konto und Ihre Daten sofort gelöscht. Das lässt sich nicht rückgängig machen.
close-what = Das Konto von <b>{ $email }</b> wird sofort gelöscht, mit allen Sitzungen und Daten. Das lässt sich nicht rückgängig machen.
close-kept = Einträge zu Ihrem Konto bleiben mit Ihrer E-Mail-Adresse { $lifetime } lang im Protokoll. Die Liste der E-Mails an Sie wird innerhalb einer Woche gelöscht.
close-copy = Sie möchten eine Kopie? <a>Laden Sie zuerst Ihre Daten herunter</a>.
close-sure = Ja, mein Konto und seine Daten löschen
close-my-account = Mein Konto schließen

# Passkeys und Apps

passkeys = Passkeys
    .what = Mit einem Passkey melden Sie sich per Fingerabdruck, Gesicht oder Geräte-PIN an. Sie müssen nichts eintippen. Sobald Sie einen haben, brauchen Sie ihn auch bei der Anmeldung mit Link oder Passwort.
name-of-passkey = Name des Passkeys
    .new = Name des neuen Passkeys
passkey-add = Passkey hinzufügen
passkey-add-another = Weiteren Passkey hinzufügen
passkey-not-added = Der Passkey konnte nicht hinzugefügt werden. Versuchen Sie es noch einmal.
passkey-offer = Anmelden, ohne auf eine E-Mail zu warten
    .what = Fügen Sie einen Passkey hinzu. Dann melden Sie sich per Fingerabdruck, Gesicht oder Geräte-PIN an. Sie brauchen ihn dann auch bei der Anmeldung mit Link oder Passwort.
    .later = Nicht jetzt
    .never = Nicht mehr fragen
passkey-made-by-browser = Ihr Browser hat einen Passkey für dieses Konto gespeichert. <a>Passkeys verwalten</a>.
passkey-synced = Zwischen Geräten synchronisiert
passkey-on-one-device = Nur auf einem Gerät
passkey-remove-question = Diesen Passkey entfernen?
    .last = Das ist Ihr einziger Passkey. Ohne einen anderen zweiten Faktor funktionieren auch Ihre Wiederherstellungscodes nicht mehr.
    .others = Sie können sich damit nicht mehr anmelden. Ihre anderen Passkeys bleiben.
    .button = Passkey entfernen

factor-name-hint = Zum Beispiel „Mein Handy“. Optional.
factor-added-on = Hinzugefügt am { $at }
last-used = Zuletzt verwendet am { $at }
rename = Umbenennen
rename-named = { $name } umbenennen
new-name = Neuer Name
remove = Entfernen
remove-named = { $name } entfernen

authenticator-apps = Authenticator-Apps
    .what = Eine App auf Ihrem Handy zeigt sechs Ziffern, die alle 30 Sekunden wechseln. Sobald sie eingerichtet ist, brauchen Sie diese Ziffern bei jeder Anmeldung mit Link oder Passwort.
name-of-app = Name der App
app-set-up = App einrichten
app-set-up-another = Weitere App einrichten
app-usual-name = Authenticator-App
set-up-authenticator-app = Authenticator-App einrichten
app-scan = Scannen Sie diesen QR-Code mit Ihrer Authenticator-App. Ist die App auf diesem Gerät? <a>App öffnen</a>.
app-picture = QR-Code für Ihre Authenticator-App. Sie können stattdessen den Schlüssel darunter eingeben.
app-key = Oder geben Sie diesen Schlüssel in der App ein (zeitbasiert, sechs Ziffern):
app-code = Aktueller Code aus der App
app-turn-on = Einschalten
app-not-yet = Die App ist aktiv, sobald Sie den ersten Code eingegeben haben. Dann werden Sie in Ihren anderen Browsern abgemeldet.
app-remove-question = Diese Authenticator-App entfernen?
    .what = Die Codes dieser App gelten nicht mehr. Ohne einen anderen zweiten Faktor funktionieren auch Ihre Wiederherstellungscodes nicht mehr.
    .button = App entfernen

# Das Passwort

password-change = Passwort ändern
set-password = Passwort festlegen
    .then = Danach können Sie sich auch mit diesem Passwort anmelden.
password-save = Passwort speichern
password-remove = Mein Passwort entfernen
password-remove-question = Ihr Passwort entfernen?
    .what = Sie können sich dann nicht mehr damit anmelden. Alle anderen Anmeldemethoden bleiben.

# Wiederherstellungscodes

recovery-codes = {"Wiederher\u00ADstellungs\u00ADcodes"}
    .what = Mit einem Wiederherstellungscode melden Sie sich an, wenn Sie Ihren zweiten Faktor nicht zur Hand haben, etwa weil Ihr Handy weg ist. Jeder Code gilt einmal.
recovery-codes-left = { $left ->
    [0] Von den { $count } Codes, die Sie am { $at } erstellt haben, ist <b>keiner mehr übrig</b>.
    [one] Von den { $count } Codes, die Sie am { $at } erstellt haben, ist <b>noch einer übrig</b>.
   *[other] Von den { $count } Codes, die Sie am { $at } erstellt haben, sind <b>noch { $left } übrig</b>.
}
recovery-codes-used-up = Erstellen Sie neue Codes.
recovery-codes-run-out = Erstellen Sie neue Codes, bevor Sie den letzten verwenden.
recovery-codes-none = Sie haben keine Wiederherstellungscodes.
recovery-codes-create = { $count } Codes erstellen
recovery-codes-create-new = { $count } neue Codes erstellen
recovery-codes-shown = Wir zeigen die Codes nur einmal: höchstens { $lifetime } lang und nur, bis Sie die Seite verlassen.
recovery-codes-replaced = Sobald Sie neue Codes erstellen, gelten die bisherigen nicht mehr.
recovery-codes-without-factor = Wiederherstellungscodes helfen, wenn Sie Ihren zweiten Faktor nicht zur Hand haben. Sie haben noch keinen. <a>Richten Sie zuerst einen ein</a>.
recovery-codes-remove = Meine Codes entfernen
recovery-codes-replace-question = Neue Codes erstellen?
    .what = Ihre bisherigen Codes gelten dann sofort nicht mehr. Die neuen sehen Sie auf der nächsten Seite.
    .button = Neue Codes erstellen
recovery-codes-remove-question = {"Wiederher\u00ADstellungs\u00ADcodes"} entfernen?
    .what = Die Codes gelten dann sofort nicht mehr. Wenn Sie Ihren zweiten Faktor verlieren, können Sie sich damit nicht mehr anmelden.

recovery-codes-yours = Ihre {"Wiederher\u00ADstellungs\u00ADcodes"}
recovery-codes-still-shown = Haben Sie Ihre neuen Codes noch nicht gesichert? <a>Codes noch einmal anzeigen</a>.
recovery-codes-save = Bewahren Sie diese Codes so auf, dass Sie sie auch ohne Ihr Handy finden. Sie werden nur dieses eine Mal angezeigt. Jeder Code gilt einmal.
    .older = Ältere Codes gelten nicht mehr.
recovery-codes-for = Wiederherstellungscodes für { $email } bei { $name }, { $server }
recovery-codes-created = Erstellt am { $at }. Jeder Code gilt einmal anstelle eines zweiten Faktors.
recovery-codes-download = Herunterladen
recovery-codes-copy = Kopieren
recovery-codes-print = Drucken
recovery-codes-saved = Ich habe die Codes gesichert

# Sicherheit

factor-first = Richten Sie zuerst einen zweiten Faktor ein
    .what = { $name } verlangt einen zweiten Faktor. Sobald er eingerichtet ist, können Sie alles Weitere nutzen.
set-up-passkey = Passkey einrichten
set-up-app = Authenticator-App einrichten
how-you-sign-in = So melden Sie sich an
verified = Bestätigt
not-verified = Nicht bestätigt
turned-on = Eingerichtet
not-set-up = Nicht eingerichtet
password-set-on = Festgelegt am { $at }.
password-needs-length = Ohne zweiten Faktor gilt es nur, wenn es mindestens { $count } Zeichen hat.
password-optional = Optional: Ein Anmeldelink genügt.
change-password = Passwort ändern
passkeys-none-yet = Der sicherste Weg: Fingerabdruck, Gesicht oder Sicherheitsschlüssel, ohne etwas einzutippen.
passkeys-only-one = Fügen Sie auf einem anderen Gerät einen zweiten hinzu, falls Sie diesen verlieren.
passkeys-several = Als zweiter Faktor oder ganz allein zur Anmeldung.
manage-passkeys = Passkeys verwalten
apps-none-yet = Sechs Ziffern vom Handy, die Sie nach dem Anmeldelink oder dem Passwort eingeben.
apps-some = Ein zweiter Faktor: Beim Anmelden fragen wir nach sechs Ziffern.
manage-apps = Apps verwalten
recovery-codes-count = { $count } übrig
recovery-codes-each-once = Jeder gilt einmal anstelle des zweiten Faktors.
recovery-codes-create-some = Erstellen Sie welche, damit Sie sich nicht aussperren.
recovery-codes-few = { $count ->
    [one] Nur noch einer ist übrig. Erstellen Sie bald neue Codes.
   *[other] Nur noch { $count } sind übrig. Erstellen Sie bald neue Codes.
}
manage-codes = Codes verwalten
create-codes = Codes erstellen
no-second-factor-email = Sie haben keinen zweiten Faktor. Wer Ihre E-Mails lesen kann, kann sich mit Ihrem Konto anmelden.
no-second-factor-password = Sie haben keinen zweiten Faktor. Wer Ihre E-Mails lesen kann oder Ihr Passwort kennt, kann sich mit Ihrem Konto anmelden.

remembered-browsers = Gespeicherte Browser
    .what = In diesen Browsern fragen wir { $lifetime } lang nicht nach dem zweiten Faktor.
    .off = Gespeicherte Browser sind jetzt ausgeschaltet. Deshalb fragen wir auch in diesen nach dem zweiten Faktor.
remembered-since = Gespeichert seit { $at }
forget = Vergessen
forget-browser = { $browser } vergessen
forget-all = Alle vergessen
forget-all-question = Alle Browser vergessen?
    .what = Bei der nächsten Anmeldung fragen wir in jedem Browser nach dem zweiten Faktor, auch in diesem.

lost-phone = Wenn Sie Ihr Handy verlieren
lost-use-code = Melden Sie sich wie gewohnt an. Wenn wir nach dem zweiten Faktor fragen, geben Sie einen Wiederherstellungscode ein.
lost-create-codes = Mit Wiederherstellungscodes könnten Sie sich wie gewohnt anmelden. Sie haben keine: <a>Erstellen Sie jetzt welche</a>.
lost-use-passkey = Auch ein Passkey auf einem anderen Gerät oder ein Sicherheitsschlüssel genügt.
lost-add-passkey = Auch ein Passkey auf einem anderen Gerät oder ein Sicherheitsschlüssel würde genügen.
lost-set-password = Haben Sie nichts davon, melden Sie sich mit einem Anmeldelink und einem Passwort an. Dann können Sie darum bitten, Ihre zweiten Faktoren zu entfernen. Sie haben kein Passwort: <a>Legen Sie jetzt eines fest</a>.
lost-use-password = Haben Sie nichts davon, melden Sie sich mit einem Anmeldelink und Ihrem Passwort an. Dann können Sie darum bitten, Ihre zweiten Faktoren zu entfernen. Ihr Passwort zählt dafür erst, wenn Sie es einmal zusammen mit einem zweiten Faktor verwendet haben. Tun Sie das einmal oder <a>legen Sie es neu fest</a>.
lost-two-ways = Haben Sie nichts davon, melden Sie sich auf zwei anderen Wegen an, etwa mit einem Anmeldelink und Ihrem Passwort. Dann können Sie darum bitten, Ihre zweiten Faktoren zu entfernen.
lost-write = Auch ein Admin kann Ihre zweiten Faktoren entfernen lassen: Schreiben Sie an <a>{ $support }</a>. Das dauert { $lifetime }. Wir benachrichtigen Sie vorher, und Sie können es verhindern.
lost-ask = Auch ein Admin kann Ihre zweiten Faktoren entfernen lassen. Das dauert { $lifetime }. Wir benachrichtigen Sie vorher, und Sie können es verhindern.
lost-afterwards = Sobald Sie angemeldet sind, entfernen Sie hier die Passkeys und Apps des Handys. Melden Sie es dann in der <a>Liste Ihrer Sitzungen</a> ab.
lost-without-factor = Melden Sie sich auf einem anderen Gerät an und melden Sie dann das Handy in der <a>Liste Ihrer Sitzungen</a> ab. Sind auf dem Handy Ihre E-Mails eingerichtet? Dann ändern Sie zuerst das Passwort Ihres Postfachs.

# Alle zweiten Faktoren werden entfernt

recovery-alarm = Jemand will Ihre zweiten Faktoren entfernen
    .visitor = Am { $asked } hat sich jemand auf zwei anderen Wegen angemeldet und Ihre zweiten Faktoren als verloren gemeldet.
    .admin = Am { $asked } hat ein Admin Ihre zweiten Faktoren als verloren gemeldet.
    .operator = Am { $asked } hat der Betreiber dieses Servers Ihre zweiten Faktoren als verloren gemeldet.
    .where = Angefordert von:
    .when = <b>Wir entfernen sie am { $at }.</b> Waren Sie das nicht, oder haben Sie alles wiedergefunden? Dann verhindern Sie das jetzt.
keep-second-factors = Zweite Faktoren behalten
recovery-question = Ihre zweiten Faktoren behalten?
    .what = Am { $asked } wurde uns mitgeteilt, dass alle Authenticator-Apps, Passkeys und Wiederherstellungscodes von <b>{ $email }</b> verloren sind. Wir entfernen sie am <b>{ $due }</b>.
    .keep = Waren Sie das nicht, oder haben Sie alles wiedergefunden? Behalten Sie Ihre zweiten Faktoren. Dann bleibt alles, wie es ist.
your-second-factors = Ihre zweiten Faktoren
recovery-ended = Es wurde nichts entfernt
    .email = Ihre zweiten Faktoren gelten weiter. Haben Sie nicht darum gebeten, fragen Sie einen Admin, ob er es war. Wenn nicht, liest vielleicht jemand Ihre E-Mails: Ändern Sie das Passwort Ihres Postfachs.
    .password = Ihre zweiten Faktoren gelten weiter. Haben Sie nicht darum gebeten, fragen Sie einen Admin, ob er es war. Wenn nicht, liest vielleicht jemand Ihre E-Mails und kennt Ihr Passwort: Ändern Sie beide Passwörter.
    .before = Das Entfernen wurde schon vorher abgebrochen. Ihre zweiten Faktoren gelten weiter.
recovery-done = Ihre zweiten Faktoren wurden entfernt
    .what = Die Wartezeit ist abgelaufen. Melden Sie sich an und richten Sie neue ein. Wenn Sie nicht darum gebeten haben, wenden Sie sich sofort an den Betreiber dieses Servers.
recovery-link-unknown = Dieser Link ist ungültig
    .what = Er ist unvollständig oder zu alt. Um Ihre zweiten Faktoren zu behalten, öffnen Sie den Link in unserer E-Mail noch einmal. Oder melden Sie sich mit einem zweiten Faktor an, den Sie seit mindestens { $lifetime-dative } haben.

# Einen neuen Browser abmelden

new-browser = Neuer Browser
new-browser-question = Den neuen Browser abmelden?
    .what = Am { $at } hat sich jemand in einem neuen Browser beim Konto <b>{ $email }</b> angemeldet.
    .browser = Browser: { $browser }
    .address = IP-Adresse: { $address }
    .then = Damit melden Sie den neuen Browser sofort ab. Ihre anderen Browser bleiben angemeldet.
    .button = Neuen Browser abmelden
    .keep = Waren Sie das? Dann schließen Sie einfach diese Seite. Der Browser bleibt angemeldet.
new-browser-ended = Der neue Browser ist abgemeldet
    .then = Wenn Sie sich dort nicht selbst angemeldet haben, kann sich jemand anderes mit Ihrem Konto anmelden. Prüfen Sie Ihre Anmeldemethoden und entfernen Sie, was Sie nicht kennen.
    .button = Anmeldemethoden prüfen
new-browser-over = Dieser Link ist abgelaufen
    .what = Dieser Link galt { $lifetime } lang. In der Liste Ihrer Sitzungen können Sie den Browser weiterhin abmelden.
new-browser-unknown = Dieser Link ist ungültig
    .what = Er ist unvollständig, oder unsere E-Mail ist älter als { $lifetime }. Öffnen Sie den Link in der E-Mail noch einmal. Oder melden Sie den Browser auf Ihrer Kontoseite ab.

# Eine Änderung rückgängig machen

undo-a-change = Änderung rückgängig machen
undo-passkey = Den neuen Passkey entfernen?
    .happened = Am { $at } kam zum Konto <b>{ $email }</b> ein Passkey hinzu.
    .then = Der Passkey gilt nicht mehr.
    .done = Der Passkey ist entfernt.
    .thing = ein Passkey
undo-app = Die neue Authenticator-App entfernen?
    .happened = Am { $at } kam zum Konto <b>{ $email }</b> eine Authenticator-App hinzu.
    .then = Die Codes der App gelten nicht mehr.
    .done = Die Authenticator-App ist entfernt.
    .thing = eine Authenticator-App
undo-codes = Die neuen {"Wiederher\u00ADstellungs\u00ADcodes"} zurücknehmen?
    .happened = Am { $at } wurden für das Konto <b>{ $email }</b> neue Wiederherstellungscodes erstellt.
    .then = Die neuen Codes gelten nicht mehr. Hatten Sie vorher welche, gelten sie wieder.
    .done = Die neuen Wiederherstellungscodes gelten nicht mehr.
    .thing = neue Wiederherstellungscodes
undo-remembered = Den gespeicherten Browser entfernen?
    .happened = Am { $at } hat sich jemand beim Konto <b>{ $email }</b> angemeldet. Dabei wurde gewählt, dass wir in diesem Browser nicht mehr nach dem zweiten Faktor fragen.
    .then = Dort fragen wir wieder nach dem zweiten Faktor.
    .done = Der gespeicherte Browser ist entfernt.
    .thing = ein gespeicherter Browser
undo-password = Die Passwortänderung rückgängig machen?
    .happened = Am { $at } wurde für das Konto <b>{ $email }</b> ein neues Passwort festgelegt.
    .then = Das neue Passwort gilt nicht mehr. Hatten Sie vorher eines, gilt es wieder.
    .done = Das neue Passwort gilt nicht mehr.
    .thing = ein neues Passwort
undo-address = Die Änderung der Adresse rückgängig machen?
    .happened = Am { $at } wurde die E-Mail-Adresse des Kontos <b>{ $email }</b> in <b>{ $new }</b> geändert.
    .then = Das Konto bekommt wieder die Adresse <b>{ $email }</b>.
    .done = Es hat wieder die Adresse <b>{ $email }</b>. Was seit der Änderung hinzukam, ist entfernt, und alle Browser sind abgemeldet.
    .thing = eine andere E-Mail-Adresse
undo-rights = Die Adminrechte zurücknehmen?
    .happened = Am { $at } hat das Konto <b>{ $email }</b> Adminrechte an <b>{ $admin }</b> gegeben.
    .gone = Am { $at } hat das Konto <b>{ $email }</b> einem anderen Konto Adminrechte gegeben.
    .then = Die Adminrechte werden entzogen, auch jene, die damit weitergegeben wurden.
    .done = Die Adminrechte sind entzogen.
    .thing = Adminrechte für ein anderes Konto
undo-if-not-you = Wenn Sie das nicht waren, machen Sie es rückgängig. Das bedeutet:
undo-moves-back = Das Konto bekommt statt <b>{ $email }</b> wieder die Adresse, die es damals hatte.
undo-later = Alles, was danach hinzukam, wird ebenfalls entfernt: { $things }.
    .any = Alles, was danach hinzukam, wird ebenfalls entfernt.
undo-signs-out = Sie werden in allen Browsern abgemeldet.
undo-keeps = Alles, was Sie vorher hatten, bleibt, wie es war.
undo-closes-other = Inzwischen gibt es unter <b>{ $email }</b> ein neues Konto. Wir schließen es, und Ihres tritt an seine Stelle.
undo-not-me = Das war ich nicht: rückgängig machen
undo-was-you = Waren Sie das? Dann schließen Sie einfach diese Seite. Es bleibt alles, wie es ist.

undone-address = Ihr Konto ist wiederhergestellt
change-undone = Änderung rückgängig gemacht
undone-rest = Alles, was danach hinzukam, ist ebenfalls entfernt, und alle Browser sind abgemeldet.
undone-next = Wie es weitergeht:
undone-sign-in = Melden Sie sich mit einem Anmeldelink oder wie bisher an.
undone-check = Prüfen Sie Ihre Anmeldemethoden und entfernen Sie, was Sie nicht kennen.
undo-too-late = Hier lässt sich das nicht mehr rückgängig machen
    .what = Der Link in unserer E-Mail galt { $lifetime } lang.
    .write = Wenn die Änderung nicht von Ihnen ist, schreiben Sie an <a>{ $support }</a>. Wir können Ihnen das Konto zurückgeben.
    .ask = Wenn die Änderung nicht von Ihnen ist, wenden Sie sich an den Betreiber dieses Servers. Er kann Ihnen das Konto zurückgeben.
undo-unknown = Dieser Link ist ungültig
    .what = Er ist unvollständig, oder unsere E-Mail ist älter als { $lifetime }. Öffnen Sie den Link in der E-Mail noch einmal.
    .write = Wenn das nicht hilft und die Änderung nicht von Ihnen ist, schreiben Sie an <a>{ $support }</a>.
    .ask = Wenn das nicht hilft und die Änderung nicht von Ihnen ist, wenden Sie sich an den Betreiber dieses Servers.
undo-rights-stay = Diese Adminrechte lassen sich hier nicht zurücknehmen
    .dismissed = Das Konto <b>{ $email }</b> wurde seitdem deaktiviert oder hat keine Adminrechte mehr. Deshalb kann es diese Rechte nicht mehr entziehen.
    .last = Das Konto <b>{ $email }</b> ist kein aktiver Admin mehr. Ohne diese Rechte hätte der Server keinen Admin, der sich anmelden kann.
    .write = Wenn Sie die Rechte nicht vergeben haben, schreiben Sie an <a>{ $support }</a>.
    .ask = Wenn Sie die Rechte nicht vergeben haben, fragen Sie einen Admin dieses Servers.
    .ask-server = Wenn Sie die Rechte nicht vergeben haben, wenden Sie sich an den Betreiber dieses Servers.
undo-taken = Diese Adresse gehört jetzt zu einem anderen Konto
    .what = Wir können die Änderung nicht rückgängig machen, weil jetzt ein anderes Konto <b>{ $email }</b> verwendet.
    .yours = Ist es Ihr Konto? Melden Sie sich in diesem Browser damit an und öffnen Sie den Link noch einmal. Haben Sie dazu eine neuere E-Mail von uns? Dann verwenden Sie den Link darin.
    .write = Wenn es nicht Ihr Konto ist, schreiben Sie an <a>{ $support }</a>.
    .ask = Wenn es nicht Ihr Konto ist, wenden Sie sich an den Betreiber dieses Servers.
