email-kind-reset-password = Passwort zurücksetzen
mail-reset-for = Wählen Sie ein neues Passwort für { $product }
mail-reset = Neues Passwort wählen
mail-reset-glance = Der Link gilt nur einmal und { $lifetime } lang. Noch hat sich nichts geändert.
mail-reset-open = Öffnen Sie diesen Link und wählen Sie ein Passwort:
mail-reset-expires = Der Link gilt nur einmal und { $lifetime } lang. Melden Sie sich danach mit dem neuen Passwort an.
mail-reset-end = Sie haben das nicht angefordert? Es hat sich nichts geändert. Leiten Sie diese E-Mail nicht weiter und <a>brechen Sie den Vorgang ab</a>.
mail-reset-end-link = Sie haben das nicht angefordert? Es hat sich nichts geändert. Leiten Sie diese E-Mail nicht weiter. So brechen Sie den Vorgang ab:
