# Wohin Apps ihre Benutzer leiten: der Weg hinein, „nicht für Sie“, Abmelden.

## Anstelle einer App

app-in-frame = Bitte zuerst anmelden
    .text = Dieser Teil der Seite braucht eine Anmeldung, die hier nicht angezeigt werden kann.
    .link = Im ganzen Fenster öffnen
app-form-waits = Noch nicht gesendet
    .text = Sie sind abgemeldet, daher wurde Ihr Formular nicht gesendet. Melden Sie sich in einem neuen Tab an und laden Sie diese Seite dann neu, um es noch einmal zu senden.
    .link = In einem neuen Tab anmelden

## Der Weg hinein

app-requires-proof = Diese App möchte sicher sein, dass Sie es sind. Danach geht es weiter zur App.
app-requires-passkey = Diese App verlangt einen Passkey. Danach geht es weiter zur App.
app-requires-more = { $app } verlangt einen zweiten Faktor
    .second-factor = Richten Sie eine Authenticator-App oder einen Passkey ein. Danach geht es weiter zur App.
    .passkey = Diese App verlangt einen Passkey. Fügen Sie Ihrem Konto einen hinzu. Danach geht es weiter zur App.
app-set-up-factor = Zweiten Faktor einrichten
app-add-passkey = Passkey hinzufügen
app-continue = Weiter zu { $app }
app-no-cookies = { $app } kann Sie nicht angemeldet halten
app-no-cookies-text = Hier sind Sie angemeldet, aber Ihr Browser speichert kein Cookie für diese Adresse:
app-no-cookies-mend = Erlauben Sie in den Einstellungen Ihres Browsers Cookies für diese Adresse und versuchen Sie es dann erneut.
try-again = Erneut versuchen

## Nicht für Sie

app-refused = Sie können { $app } nicht öffnen
app-refused-text = Sie sind als <b>{ $email }</b> angemeldet. Für dieses Konto ist { $app } nicht freigegeben.
app-refused-ask = Bitten Sie eine Administratorin oder einen Administrator um Zugang, oder melden Sie sich mit einem anderen Konto an.
use-another-account = Anderes Konto verwenden
app-open = { $app } steht Ihnen offen
app-open-text = Ihr Konto kann diese App öffnen.

## Abmelden

app-sign-out = Abmelden?
app-sign-out-text = Damit melden Sie sich bei { $product } und bei allen Apps ab, die Sie in diesem Browser geöffnet haben.
