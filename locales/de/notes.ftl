address-missing = Geben Sie Ihre E-Mail-Adresse ein.
address-too-long = Das ist zu lang für eine E-Mail-Adresse.
address-shape = Geben Sie eine E-Mail-Adresse ein, zum Beispiel ana@example.com.
address-local-part = Vor dem @ steht ein Zeichen, das wir nicht unterstützen.
address-domain = Nach dem @ fehlt eine gültige Domain, zum Beispiel example.com.
name-missing = Geben Sie einen Namen ein.
name-too-long = Höchstens { $most } Zeichen.
name-unprintable = Der Name enthält ein unsichtbares Zeichen. Geben Sie ihn neu ein.
password-too-short = Mindestens { $least } Zeichen. Gut sind ein paar zufällige Wörter.
password-too-long = Höchstens { $most } Zeichen.
password-common = Dieses Passwort ist weit verbreitet oder wiederholt nur ein Muster. Wählen Sie ein anderes.
password-has-address = Ihre E-Mail-Adresse darf nicht im Passwort vorkommen.
password-has-product = Der Name dieser Website darf nicht im Passwort vorkommen.
password-breached = Dieses Passwort ist in einem Datenleck aufgetaucht. Wählen Sie ein anderes.
password-of-neighbours = Nebeneinanderliegende Tasten sind leicht zu erraten. Nehmen Sie vier zufällige Wörter.
password-of-repeats = Wiederholungen machen ein Passwort länger, aber nicht schwerer zu erraten. Ergänzen Sie andere Wörter.
password-of-sequences = Folgen wie abc oder 1234 sind leicht zu erraten. Nehmen Sie vier zufällige Wörter.
password-of-dates = Jahreszahlen und Datumsangaben sind leicht zu erraten. Nehmen Sie vier zufällige Wörter.
password-near-common = Das ähnelt einem weit verbreiteten Passwort. Nehmen Sie vier zufällige Wörter.
password-of-words = Ein paar häufige Wörter oder Namen sind leicht zu erraten. Ergänzen Sie ein oder zwei zufällige Wörter.
logo-too-large = Diese Datei ist größer als 64 KB. Wählen Sie eine kleinere.
logo-too-large-as-png = Wir speichern Bilder als PNG, und dieses ist dann größer als 64 KB. Wählen Sie eines mit weniger Pixeln.
logo-not-a-picture = Wählen Sie eine PNG- oder WebP-Datei.
logo-too-many-pixels = Dieses Bild hat auf einer Seite mehr als 1024 Pixel. Wählen Sie ein kleineres.

code-not-whole = Der Code ist unvollständig. Kopieren Sie ihn aus der E-Mail oder geben Sie alle sechs Zeichen ein.
code-wrong = Der Code ist falsch oder abgelaufen. Verwenden Sie den Code aus der neuesten E-Mail.
codes-paused = Für diese Adresse wurden zu viele Codes eingegeben. Verwenden Sie den Link in der E-Mail oder geben Sie in { $wait-dative } wieder einen Code ein.
password-wrong = E-Mail-Adresse oder Passwort falsch.
password-wrong-and-short = E-Mail-Adresse oder Passwort falsch. Ein Passwort mit weniger als { $least } Zeichen genügt nur zusammen mit einem zweiten Faktor.
own-password-wrong = Falsches Passwort.
own-password-wrong-and-short = Falsches Passwort. Ein Passwort mit weniger als { $least } Zeichen genügt nur zusammen mit einem zweiten Faktor.
password-pauses = Ihr Passwort ist gesperrt, weil für diese Adresse 100-mal hintereinander ein falsches eingegeben wurde. Melden Sie sich mit einem Anmeldelink oder einem Passkey an oder wählen Sie ein neues Passwort. Danach gilt es wieder.
factor-not-whole = Der Code ist unvollständig. Eine App zeigt sechs Ziffern, ein Wiederherstellungscode hat 16 Zeichen.
app-code-wrong = Der Code ist falsch oder abgelaufen. Jeder Code gilt einmal: Warten Sie auf den nächsten.
recovery-code-wrong = Der Code ist falsch oder wurde schon verwendet. Jeder Code gilt einmal: Nehmen Sie einen anderen.
factors-paused = Mehrere Codes waren falsch. Nutzen Sie einen anderen Weg oder geben Sie in { $wait-dative } wieder einen Code ein.
factors-used-up = Zu viele falsche Codes. Verwenden Sie einen Passkey oder einen Wiederherstellungscode. Wenn Sie beides nicht haben, wählen Sie „{ factors-lost }“.
may-not-sign-in = Die Adresse { $email } gehört Ihnen, kann aber derzeit nicht zur Anmeldung verwendet werden. Wenden Sie sich an einen Admin.
too-many-emails = Sie haben zu viele E-Mails angefordert. Verwenden Sie die neueste oder versuchen Sie es später noch einmal.
email-again-in = Neue E-Mail in { $wait } möglich.
another-email-asked = Sie haben eine weitere E-Mail angefordert. Verwenden Sie die neueste.
password-reset-done = Ihr neues Passwort ist festgelegt, und Sie sind überall abgemeldet. Melden Sie sich mit dem neuen Passwort an.
cancelled-someone-signed-out = Jemand hatte sich mit dieser E-Mail angemeldet. Wir haben diese Person abgemeldet.
cancelled-own-signed-out = Diese E-Mail wurde in diesem Browser angefordert oder verwendet. Wir haben Sie deshalb hier abgemeldet.
cancelled-asker-signed-out = Der Browser, in dem jemand diese E-Mail angefordert hat, ist nicht mehr angemeldet.
cancelled-used-before = Jemand hatte diese E-Mail schon verwendet. Der Browser, in dem das geschah, ist nicht mehr angemeldet.
cancelled-used-somewhere = Jemand hatte diese E-Mail schon verwendet. Melden Sie sich an und prüfen Sie, welche Browser angemeldet sind.
cancelled-unused = Mit dieser E-Mail hatte sich niemand angemeldet.
signed-out = Sie sind abgemeldet.
account-closed = Ihr Konto ist geschlossen und seine Daten sind gelöscht. Die Einträge im Protokoll und die Liste der E-Mails an Sie werden später gelöscht. Wir haben Ihnen eine Bestätigung gesendet.
session-ended = Ihre Sitzung ist beendet. Melden Sie sich an, um fortzufahren.
session-ended-kept = Ihre Sitzung ist beendet, deshalb ist noch nichts gespeichert. Melden Sie sich wieder an: Ihre Eingaben sind noch da.
session-ended-lost = Ihre Sitzung ist beendet, deshalb ist nichts gespeichert. Melden Sie sich an und füllen Sie das Formular noch einmal aus.
confirmed = Danke für die Bestätigung. Noch ist nichts geschehen: Klicken Sie noch einmal auf die Schaltfläche.
too-often = Zu viele Versuche. Versuchen Sie es in { $wait-dative } noch einmal.

last-way-in = Das ist der letzte Weg, auf dem sich Admins hier anmelden können. Schalten Sie zuerst einen anderen ein.
same-address = Das ist bereits Ihre Adresse.
no-email-links = Anmeldelinks sind ausgeschaltet, deshalb können wir keine neue Adresse bestätigen.
address-not-here = Diese Adresse kann hier nicht verwendet werden. Fragen Sie einen Admin, welche Adressen möglich sind.
name-saved = Ihr Name ist gespeichert.
language-saved = Ihre Sprache ist gespeichert.
time-zone-saved = Ihre Zeitzone ist gespeichert.
password-set = Ihr Passwort ist festgelegt. Ihre anderen Browser sind abgemeldet.
password-removed = Ihr Passwort ist entfernt. Ihre anderen Browser sind abgemeldet.
recovery-kept = Ihre zweiten Faktoren bleiben, wie sie sind.
recovery-continues = Ihre zweiten Faktoren werden trotzdem entfernt. Um sie zu behalten, verwenden Sie den Link in unserer E-Mail. Oder melden Sie sich noch einmal mit einem zweiten Faktor an, den Sie seit mindestens 7 Tagen haben.
browser-signed-out = Der Browser ist abgemeldet.
others-signed-out = Alle Ihre anderen Browser sind abgemeldet.
address-asked = Wenn sich { $email } verwenden lässt, haben wir einen Link dorthin gesendet. Öffnen Sie ihn in diesem Browser. Bis dahin ändert sich nichts.
address-changed = Ihre Adresse ist geändert. Wir haben eine E-Mail an die alte gesendet.
address-verified = Ihre E-Mail-Adresse ist bestätigt.
app-not-whole = Der Code ist unvollständig: Die App zeigt sechs Ziffern.
app-wrong = Falscher Code. Prüfen Sie, ob Ihr Handy seine Uhr automatisch stellt.
app-added = Ihre App ist eingerichtet. Ab jetzt fragen wir bei der Anmeldung nach einem Code aus dieser App.
app-removed = Die App ist entfernt. Ihre anderen Browser sind abgemeldet.
app-late = Das hat etwas gedauert, deshalb gelten QR-Code und Schlüssel nicht mehr. Beginnen Sie noch einmal.
factor-added = Ihr zweiter Faktor ist eingerichtet. Sichern Sie jetzt Ihre Wiederherstellungscodes für den Fall, dass Sie ihn verlieren.
no-second-factor = Wiederherstellungscodes gelten nur mit einem zweiten Faktor. Richten Sie zuerst einen ein.
recovery-codes-removed = Ihre Wiederherstellungscodes sind entfernt. Sie gelten nicht mehr.
passkey-added = Ihr Passkey ist hinzugefügt. Sie können sich damit anmelden, und wir fragen künftig auch bei allen anderen Anmeldemethoden danach.
passkey-renamed = Der Passkey ist umbenannt.
passkey-removed = Der Passkey ist entfernt. Ihre anderen Browser sind abgemeldet. Löschen Sie ihn auch auf Ihrem Gerät oder in Ihrem Passwortmanager.
browser-forgotten = Wir fragen in diesem Browser wieder nach Ihrem zweiten Faktor.
browsers-forgotten = Wir fragen in allen Browsern wieder nach Ihrem zweiten Faktor.
not-sure = Setzen Sie das Häkchen, wenn Sie sicher sind.
last-admin = Sie sind der letzte Admin. Machen Sie zuerst eine andere Person zum Admin.
gave-rights = Sie haben in den letzten 7 Tagen eine andere Person zum Admin gemacht. Nur Ihr Konto kann das rückgängig machen, deshalb lässt es sich noch nicht schließen. Entziehen Sie zuerst diese Adminrechte, oder schließen Sie Ihr Konto später.

invited = { $email } ist eingeladen. Die E-Mail ist unterwegs.
    .kept = { $email } ist eingeladen. Die E-Mail liegt im Testpostfach: E-Mails werden nicht versendet.
has-account = Diese Adresse hat bereits ein Konto. Es wurde nichts geändert.
invited-several = { $invited ->
    [one] { $invited } Person ist eingeladen.
   *[other] { $invited } Personen sind eingeladen.
}
invited-several-but-known = { $invited ->
    [0] Es wurde niemand neu eingeladen.
    [one] { $invited } Person ist eingeladen.
   *[other] { $invited } Personen sind eingeladen.
} { $known ->
    [one] { $known } Adresse hatte schon ein Konto.
   *[other] { $known } Adressen hatten schon ein Konto.
}
invited-several-but-bad = { $invited ->
    [0] Noch ist niemand eingeladen.
    [one] { $invited } Person ist eingeladen.
   *[other] { $invited } Personen sind eingeladen.
} { $known ->
    [0] {""}
    [one] { $known } Adresse hatte schon ein Konto.
   *[other] { $known } Adressen hatten schon ein Konto.
} { $bad ->
    [one] { $bad } Eintrag ist keine E-Mail-Adresse: Korrigieren Sie ihn unten und klicken Sie auf „Einladen“.
   *[other] { $bad } Einträge sind keine E-Mail-Adressen: Korrigieren Sie sie unten und klicken Sie auf „Einladen“.
}
too-many-addresses = Das sind zu viele Adressen. Geben Sie höchstens { $most } ein. Es wurde niemand eingeladen.
no-addresses = Geben Sie mindestens eine E-Mail-Adresse ein.
invitation-withdrawn = Die Einladung ist zurückgezogen und das Konto entfernt.
not-waiting = Diese Person hat sich schon angemeldet oder ist deaktiviert. Deshalb ist keine Einladung offen.
no-user-chosen = Wählen Sie mindestens eine andere Person aus.
several-unchanged = Es wurde nichts geändert. Ihr eigenes Konto und der letzte Admin, der sich anmelden kann, bleiben, wie sie sind.
several-disabled = { $done ->
    [one] { $done } Konto ist deaktiviert, und die Person ist überall abgemeldet.
   *[other] { $done } Konten sind deaktiviert, und die Personen sind überall abgemeldet.
}
several-enabled = { $done ->
    [one] { $done } Konto ist aktiviert.
   *[other] { $done } Konten sind aktiviert.
}
several-signed-out = { $done ->
    [one] { $done } Person ist überall abgemeldet.
   *[other] { $done } Personen sind überall abgemeldet.
}
several-disabled-but-some = Deaktivierte Konten: { $done }. Nicht geändert: { $kept }. Ihr eigenes Konto und der letzte Admin, der sich anmelden kann, bleiben, wie sie sind.
several-enabled-but-some = Aktivierte Konten: { $done }. Nicht geändert: { $kept }. Ihr eigenes Konto bleibt, wie es ist.
several-signed-out-but-some = Überall abgemeldete Personen: { $done }. Nicht geändert: { $kept }. Ihre eigenen Sitzungen bleiben, wie sie sind.
several-end-set = { $done ->
    [one] Das Enddatum von { $done } Konto ist gesetzt.
   *[other] Die Enddaten von { $done } Konten sind gesetzt.
}
several-end-set-but-some = Gesetzte Enddaten: { $done }. Nicht geändert: { $kept }. Ihr eigenes Konto und die von Admins bleiben, wie sie sind. Ebenso Gastkonten, die wir schon vorher löschen.
account-disabled = Das Konto ist deaktiviert, und seine Sitzungen sind beendet.
account-enabled = Das Konto ist wieder aktiviert.
made-admin = Diese Person ist jetzt Admin.
removed-admin = Diese Person ist nicht mehr Admin.
signed-out-everywhere = Diese Person ist überall abgemeldet.
last-admin-elsewhere = Das ist der letzte Admin. Machen Sie zuerst eine andere Person zum Admin.
last-admin-way-in = Das ist der letzte Admin, der sich anmelden kann. Schalten Sie zuerst eine Anmeldemethode ein, die ein anderer Admin hat.
recovery-begun = Die Wiederherstellung hat begonnen. Wir haben der Person eine E-Mail gesendet.
recovery-cancelled = Es wurde nichts entfernt. Wir haben der Person eine E-Mail gesendet.
keep-by-the-link = Das ist Ihr eigenes Konto. Um Ihre zweiten Faktoren zu behalten, verwenden Sie den Link in unserer E-Mail oder fragen Sie einen anderen Admin.
admin-too-new-to-cancel = Sie wurden weniger als 7 Tage vor Beginn dieser Wiederherstellung Admin und können sie deshalb nicht abbrechen. Fragen Sie einen anderen Admin.
recovery-of-your-own = Das ist Ihr eigenes Konto. Entfernen Sie Ihre zweiten Faktoren auf Ihrer Kontoseite oder fragen Sie einen anderen Admin.
nothing-to-recover = Es gibt keinen zweiten Faktor und kein neues Passwort zu entfernen, oder das Konto ist deaktiviert.
recovery-too-often = Innerhalb eines Tages wurde dreimal eine Wiederherstellung begonnen und abgebrochen. Finden Sie zuerst heraus, wer sie abgebrochen hat.
test-sent = Die Test-E-Mail ist unterwegs.
test-arrived-noted = Der E-Mail-Versand funktioniert: Ihre Test-E-Mail ist angekommen, und ihr Link hat hierher geführt.
code-first = E-Mails an diese Domain beginnen jetzt mit dem Code.
link-first = E-Mails an diese Domain haben wieder eine Schaltfläche.
email-queued = Die E-Mail wird noch einmal gesendet.
email-gone = Diese E-Mail kann nicht mehr gesendet werden: Sie ist gelöscht oder wird nicht mehr gebraucht.
logo-saved = Das Logo ist gespeichert.
logo-removed = Das Logo ist entfernt.
account-end-saved = Enddatum gespeichert. Wir haben es der Person mitgeteilt, außer wenn die Einladung noch offen ist.
account-end-removed = Das Konto hat kein Enddatum mehr.
account-end-no-date = Geben Sie ein Datum wie 2027-03-31 ein, oder lassen Sie das Feld leer.
account-end-past = Wählen Sie einen Tag, der noch nicht vorbei ist.
account-end-after-guest = Wir löschen dieses Gastkonto schon vorher. Wählen Sie einen früheren Tag.
account-end-admin = Admins haben kein Enddatum. Entziehen Sie zuerst die Adminrechte.
settings-saved = Einstellungen gespeichert.
settings-part-saved = Dieser Abschnitt ist gespeichert. Ihre Änderungen in anderen Abschnitten sind es noch nicht.
settings-previewed = Die Vorschau zeigt Ihre Änderungen. Noch ist nichts gespeichert.
