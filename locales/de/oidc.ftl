# Apps, bei denen man sich mit OpenID Connect anmeldet.

# Eine Anfrage, über die keine App etwas erfahren darf
oidc-problem = Die Anmeldung lässt sich nicht fortsetzen
oidc-problem-app = App:
oidc-problem-address = Adresse:
oidc-problem-ask = Gehen Sie zurück zur App und versuchen Sie es noch einmal. Wenn es wieder nicht geht, zeigen Sie diese Seite der Administration.
oidc-unknown-app = Die App, die Sie hergeschickt hat, ist hier nicht eingetragen, oder sie ist ausgeschaltet.
oidc-no-address = Die App hat nicht angegeben, wohin es nach der Anmeldung gehen soll.
oidc-wrong-address = Die App will Sie zu einer Adresse leiten, die nicht für sie eingetragen ist. Wenn die Adresse stimmt, kann die Administration sie eintragen.
oidc-too-long = Die Anfrage der App ist zu lang.
oidc-unreadable = Wir konnten die Anfrage der App nicht lesen.

# Mit welchem Konto
oidc-select = Welches Konto?
oidc-select-text = { $app } fragt, welches Konto Sie verwenden möchten.
oidc-select-continue = Weiter als { $email }
oidc-select-other = Um ein anderes Konto zu verwenden, melden Sie sich ab. Beginnen Sie dann in { $app } noch einmal.
oidc-sign-out = Abmelden

# Nicht für diesen Menschen
oidc-not-for-you = Sie können diese App nicht öffnen
oidc-not-for-you-text = Sie sind als { $email } angemeldet. Für dieses Konto ist { $app } nicht freigegeben. Bitten Sie die Administration um Zugang oder melden Sie sich mit einem anderen Konto an.
oidc-back = Zurück zu { $app }

# Was eine App lesen darf
oidc-consent = Diese Angaben an die App weitergeben?
oidc-consent-text = { $app } kommt von einem anderen Anbieter. Die App bittet um diese Angaben über { $email }:
oidc-wants-id = Die Kennung Ihres Kontos
oidc-wants-profile = Ihr Name und Ihr Benutzername
oidc-wants-email = Ihre E-Mail-Adresse
oidc-wants-groups = Ihre Gruppen
oidc-wants-offline = Alles auch, während Sie abgemeldet sind
oidc-consent-yes = Erlauben
oidc-consent-no = Nicht erlauben

# Abmelden von einer App aus
oidc-logout = Abmelden?
oidc-logout-text = Damit melden Sie sich in diesem Browser bei { $product } ab.
oidc-logout-by = Sie haben sich bei { $app } abgemeldet. Möchten Sie sich in diesem Browser auch bei { $product } abmelden?
oidc-logout-stay = Angemeldet bleiben
oidc-logged-out = Sie sind abgemeldet
oidc-logged-out-text = Sie können diese Seite schließen.
oidc-sign-in-again = Erneut anmelden
