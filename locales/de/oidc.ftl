# Apps, bei denen man sich mit OpenID Connect anmeldet.

# Eine Anfrage, über die keine App etwas erfahren darf
oidc-problem = Die Anmeldung lässt sich nicht fortsetzen
oidc-problem-app = App-ID:
oidc-problem-address = Adresse:
oidc-problem-ask = Gehen Sie zurück zur App und versuchen Sie es noch einmal. Wenn es wieder nicht geht, zeigen Sie diese Seite einem Admin.
oidc-unknown-app = Die App, die Sie hergeschickt hat, ist hier nicht eingetragen, oder sie ist ausgeschaltet.
oidc-no-address = Die App hat nicht angegeben, wohin es nach der Anmeldung gehen soll.
oidc-wrong-address = Die App will Sie zu einer Adresse leiten, die nicht für sie eingetragen ist. Wenn die Adresse stimmt, kann ein Admin sie eintragen.
oidc-too-long = Die Anfrage der App ist zu lang.
oidc-unreadable = Wir konnten die Anfrage der App nicht lesen.

# Mit welchem Konto
oidc-select = Konto wählen
    .what = <b>{ $app }</b> fragt, welches Konto Sie verwenden möchten.
oidc-select-continue = Weiter als { $email }
oidc-sign-out = Abmelden

# Was eine App lesen darf
oidc-consent = Ihre Angaben an diese App weitergeben?
    .what = <b>{ $app }</b> kommt von einem anderen Anbieter. Die App bittet um diese Angaben über <b>{ $email }</b>:
    .end = In Ihrem Konto können Sie das jederzeit widerrufen.
oidc-wants-id = Ihre Konto-ID
oidc-wants-profile = Ihr Name und Ihr Benutzername
oidc-wants-email = Ihre E-Mail-Adresse
oidc-wants-groups = Ihre Gruppen
oidc-wants-offline = All das auch dann, wenn Sie abgemeldet sind
oidc-consent-yes = Erlauben
oidc-consent-no = Nicht erlauben

# Abmelden von einer App aus
oidc-logout = Abmelden?
    .what = Damit melden Sie sich in diesem Browser bei { $product } ab.
oidc-logout-by = Sie haben sich bei <b>{ $app }</b> abgemeldet. Möchten Sie sich in diesem Browser auch bei { $product } abmelden?
oidc-logout-stay = Angemeldet bleiben
oidc-logged-out = Sie sind abgemeldet
    .what = Sie können diese Seite schließen.
oidc-sign-in-again = Erneut anmelden
oidc-told = Sie sind in diesem Browser bei { $product } abgemeldet. Diese Apps waren in dieser Sitzung geöffnet:
oidc-told-ended = Abgemeldet
oidc-told-waiting = Hat noch nicht geantwortet. Wir versuchen es weiter.
oidc-told-gave-up = Hat nicht geantwortet. Melden Sie sich auch in der App ab.
oidc-told-cannot = Dort können wir Sie nicht abmelden. Melden Sie sich in der App selbst ab.
oidc-told-again = Erneut prüfen

# Ein Gerät anmelden
device = Gerät anmelden
    .what = Geben Sie den Code ein, den Ihr Gerät zeigt. Sie sind als <b>{ $email }</b> angemeldet.
device-code = Code auf dem Gerät
device-code-hint = Acht Buchstaben, etwa WDJB-MJHT. 10 Minuten gültig.
device-code-wrong = Der Code ist falsch oder abgelaufen. Prüfen Sie ihn oder lassen Sie sich auf dem Gerät einen neuen geben.
device-not-for-you = Dieses Konto hat keinen Zugang zur App auf dem Gerät.
device-confirm = Dieses Gerät anmelden?
    .what = Ein Gerät möchte <b>{ $app }</b> als <b>{ $email }</b> benutzen.
device-warning = Fahren Sie nur fort, wenn Sie das selbst auf einem Gerät begonnen haben, das Sie gerade vor sich haben. Hat Ihnen jemand den Code oder einen Link geschickt, dann lehnen Sie ab: Sonst benutzt diese Person die App in Ihrem Namen.
device-gets = <b>{ $app }</b> erhält:
device-place = Netzwerk des Geräts
device-near = { $address }, dasselbe Netzwerk wie bei diesem Browser
device-far = { $address }, nicht dasselbe Netzwerk wie bei diesem Browser
device-time = Angefragt
device-ago = vor { $ago }
device-yes = Erlauben
device-no = Ablehnen
device-allowed = Das Gerät ist angemeldet
    .what = Kehren Sie zum Gerät zurück. Dort geht es in wenigen Sekunden mit <b>{ $app }</b> weiter.
device-denied = Das Gerät ist nicht angemeldet
    .what = Wir haben dem Gerät mitgeteilt, dass Sie abgelehnt haben. Es erhält keinen Zugang zu <b>{ $app }</b>.
device-over = Dieser Code ist abgelaufen
    .what = Fordern Sie auf dem Gerät einen neuen Code an und geben Sie ihn hier ein.
device-another = Anderen Code eingeben
