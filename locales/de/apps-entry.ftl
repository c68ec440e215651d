# Wohin Apps ihre Benutzer leiten: der Weg hinein, „nicht für Sie“, Abmelden.

## Anstelle einer App

app-in-frame = Bitte zuerst anmelden
    .text = Für diesen Teil der Seite müssen Sie sich anmelden. Innerhalb einer anderen Seite ist das nicht möglich.
    .link = Als ganze Seite öffnen
app-form-waits = Noch nicht gesendet
    .text = Sie sind abgemeldet, deshalb wurde Ihr Formular nicht gesendet. Melden Sie sich in einem neuen Tab an. Laden Sie dann diese Seite neu, um das Formular noch einmal zu senden.
    .link = Anmelden (neuer Tab)
apps-turned-off = Apps sind ausgeschaltet
    .text = Ein Admin hat alle Apps ausgeschaltet. Deshalb können Sie diese App zurzeit nicht öffnen.

## Der Weg hinein

app-requires-proof = { $app } bittet Sie, noch einmal zu bestätigen, dass Sie es sind. Danach geht es dort weiter.
    .unnamed = Diese App bittet Sie, noch einmal zu bestätigen, dass Sie es sind. Danach geht es dort weiter.
app-requires-passkey = { $app } verlangt einen Passkey. Danach geht es dort weiter.
    .unnamed = Diese App verlangt einen Passkey. Danach geht es dort weiter.
app-requires-more = { $app } verlangt einen zweiten Faktor
    .needs-passkey = { $app } verlangt einen Passkey
    .second-factor = Richten Sie eine Authenticator-App oder einen Passkey ein. Gehen Sie dann weiter zur App.
    .passkey = Fügen Sie Ihrem Konto einen hinzu. Gehen Sie dann weiter zur App.
    .no-passkeys = Passkeys sind hier nicht verfügbar. Deshalb können Sie diese App zurzeit nicht öffnen. Wenden Sie sich an einen Admin.
    .no-factors = Ein zweiter Faktor ist hier nicht verfügbar. Deshalb können Sie diese App zurzeit nicht öffnen. Bitten Sie einen Admin, Authenticator-Apps oder Passkeys einzuschalten.
app-set-up-factor = Zweiten Faktor einrichten
app-add-passkey = Passkey hinzufügen
app-continue = Weiter zu { $app }
    .set-up = Schon eingerichtet? Weiter zu { $app }
app-no-cookies = { $app } kann Ihre Anmeldung nicht speichern
    .what = Hier sind Sie angemeldet, aber Ihr Browser speichert keine Cookies für diese Adresse:
app-no-cookies-mend = Erlauben Sie in den Einstellungen Ihres Browsers Cookies für diese Adresse und versuchen Sie es dann noch einmal.
try-again = Noch einmal versuchen

app-again = { $app } wieder öffnen?
    .what = Sie haben sich in diesem Browser von <b>{ $app }</b> abgemeldet.

## Nicht für Sie

app-refused = Sie können { $app } nicht öffnen
    .what = Sie sind als <b>{ $email }</b> angemeldet. Dieses Konto hat keinen Zugang.
app-refused-ask = Sie können einen Admin um Zugang bitten. Die Antwort kommt per E-Mail.
app-ask = Um Zugang bitten
app-refused-back = Zurück zur App
app-refused-off = Ein Admin hat diese App ausgeschaltet.
app-refused-guest = Sie sind hier Gast. Für eine weitere App wenden Sie sich an die Person, die Sie eingeladen hat.
app-asked = Sie haben am { $at } um Zugang gebeten. Wir senden Ihnen die Antwort per E-Mail.
app-asked-no = Ein Admin hat Ihre Anfrage am { $at } abgelehnt. Ab dem { $again } können Sie erneut fragen.
app-asked-much = Sie haben heute schon für mehrere Apps um Zugang gebeten. Fragen Sie morgen wieder.
access-asked = Wir haben die Admins benachrichtigt. Sie erhalten die Antwort per E-Mail.
use-another-account = Anderes Konto verwenden
app-open = Sie können { $app } öffnen
    .what = Ihr Konto hat Zugang zu dieser App.

## Abmelden

app-sign-out = Abmelden?
    .what = Damit melden Sie sich in diesem Browser bei { $product } und den Apps ab. Bei manchen Apps bleiben Sie angemeldet, bis Sie sich dort abmelden.
