# Apps, bei denen man sich mit OpenID Connect anmeldet.

# Eine Anfrage, über die keine App etwas erfahren darf
oidc-problem = Diese Anmeldung geht nicht weiter
oidc-problem-app = App:
oidc-problem-address = Adresse:
oidc-problem-ask = Gehen Sie zurück zur App und versuchen Sie es noch einmal. Wenn es wieder geschieht, zeigen Sie diese Seite der Administration.
oidc-unknown-app = Die App, die Sie hergeschickt hat, ist nicht eingetragen oder abgeschaltet.
oidc-no-address = Die App hat nicht gesagt, wohin Sie nach der Anmeldung gelangen sollen.
oidc-wrong-address = Die App will Sie an eine Adresse schicken, die nicht für sie eingetragen ist. Die Administration kann die Adresse eintragen, wenn sie stimmt.
oidc-too-long = Die App hat mehr mitgeschickt, als wir zurückschicken können.
oidc-unreadable = Die Anfrage der App ist fehlerhaft.

# Mit welchem Konto
oidc-select = Welches Konto?
oidc-select-text = { $app } möchte wissen, wer Sie sind.
oidc-select-continue = Weiter als { $email }
oidc-select-other = Für ein anderes Konto melden Sie sich ab und dann von { $app } aus neu an.
oidc-sign-out = Abmelden

# Nicht für diesen Menschen
oidc-not-for-you = Diese App steht Ihnen nicht offen
oidc-not-for-you-text = Sie sind als { $email } angemeldet. Wer { $app } öffnen darf, entscheidet die Administration.
oidc-back = Zurück zu { $app }

# Was eine App lesen darf
oidc-consent = Der App diese Angaben geben?
oidc-consent-text = { $app } stammt von Dritten. Sie möchte über { $email } lesen:
oidc-wants-id = Eine Nummer, die für Ihr Konto steht
oidc-wants-profile = Ihren Namen und Benutzernamen
oidc-wants-email = Ihre E-Mail-Adresse
oidc-wants-groups = Die Gruppen, zu denen Sie gehören
oidc-wants-offline = All das auch, während Sie abgemeldet sind
oidc-consent-yes = Erlauben
oidc-consent-no = Nicht erlauben

# Abmelden von einer App aus
oidc-logout = Abmelden?
oidc-logout-text = Das beendet Ihre Sitzung bei { $product } in diesem Browser.
oidc-logout-by = Sie haben sich bei { $app } abgemeldet. Möchten Sie sich in diesem Browser auch bei { $product } abmelden?
oidc-logout-stay = Angemeldet bleiben
oidc-logged-out = Sie sind abgemeldet
oidc-logged-out-text = Sie können diese Seite schließen.
oidc-sign-in-again = Erneut anmelden
