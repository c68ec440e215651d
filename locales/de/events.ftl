event-password-set = Ein neues Passwort wurde festgelegt
    .detail = Ihre anderen Browser sind abgemeldet.
event-password-removed = Ihr Passwort wurde entfernt
    .detail = Ihre anderen Browser sind abgemeldet.
event-password-reset = Ihr Passwort wurde zurückgesetzt
    .detail = Alle Browser sind abgemeldet.
event-app-added = Eine Authenticator-App wurde hinzugefügt
    .detail = Beim Anmelden fragen wir künftig nach einem Code aus dieser App.
event-app-removed = Eine Authenticator-App wurde entfernt
    .detail = Die Codes dieser App gelten nicht mehr.
event-app-guessed = Für Ihre Authenticator-App wurden falsche Codes eingegeben
    .detail = Wer sie eingegeben hat, kennt Ihr Passwort oder kann Ihre E-Mails lesen. Waren Sie das nicht? Dann ändern Sie das Passwort Ihres E-Mail-Kontos und, falls Sie hier eines haben, auch dieses.
event-passkey-added = Ein Passkey wurde hinzugefügt
    .detail = Damit kann man sich bei Ihrem Konto anmelden.
event-passkey-removed = Ein Passkey wurde entfernt
    .detail = Damit kann man sich nicht mehr bei Ihrem Konto anmelden.
event-passkey-copied = Ein Passkey wurde möglicherweise kopiert
    .detail = Er verhielt sich wie eine Kopie, deshalb haben wir ihn abgelehnt. Entfernen Sie diesen Passkey und fügen Sie einen neuen hinzu.
event-recovery-codes-made = Neue Wiederherstellungscodes wurden erstellt
    .detail = Ihre alten Wiederherstellungscodes gelten nicht mehr.
event-recovery-codes-removed = Ihre Wiederherstellungscodes wurden entfernt
    .detail = Sie gelten nicht mehr.
event-recovery-code-used = Ein Wiederherstellungscode wurde verwendet
    .detail = { $left ->
        [0] Es war der letzte. Erstellen Sie jetzt neue.
        [1] Nur noch { $left } ist übrig. Erstellen Sie bald neue.
        [2] Nur noch { $left } sind übrig. Erstellen Sie bald neue.
        [3] Nur noch { $left } sind übrig. Erstellen Sie bald neue.
       *[other] { $left } sind noch übrig.
    }
event-recovery-begun = Ihre zweiten Faktoren werden bald entfernt
    .detail = Wir entfernen sie nach 24 Stunden. Weil Ihre E-Mail-Adresse in den letzten 7 Tagen geändert wurde, ging der Link, der das verhindert, an Ihre frühere Adresse. Sie können es auch verhindern, indem Sie sich mit einem zweiten Faktor anmelden, den Sie seit mindestens 7 Tagen haben.
event-recovery-cancelled = Ihre zweiten Faktoren bleiben erhalten
    .detail = Das Entfernen wurde abgebrochen.
event-recovery-done = Ihre zweiten Faktoren wurden entfernt
    .detail = Die Wartezeit ist abgelaufen, und niemand hat das Entfernen abgebrochen. Melden Sie sich wie bisher an und richten Sie dann neue ein.
event-browser-remembered = Ein Browser braucht Ihren zweiten Faktor nicht mehr
    .detail = Das gilt 30 Tage lang.
event-admin-made = Sie haben ein anderes Konto zum Admin gemacht
    .detail = Es kann jetzt jedes Konto und jede Einstellung ändern.
event-became-admin = Sie sind jetzt Admin
    .detail = Ein anderer Admin hat Ihnen diese Rechte gegeben. Sie können jetzt jedes Konto und jede Einstellung ändern.
event-undone = Eine Änderung an Ihrem Konto wurde rückgängig gemacht
    .detail = Jemand hat den Link in unserer E-Mail verwendet. Alles, was danach hinzukam, wurde ebenfalls entfernt, und alle Browser wurden abgemeldet. Melden Sie sich mit einem Anmeldelink an und prüfen Sie dann Ihre Anmeldemethoden.
event-account-ends = Ihr Konto hat ein Enddatum
    .detail = Danach können Sie sich nicht mehr anmelden und sind überall abgemeldet. Wenn Sie das Konto länger brauchen, wenden Sie sich an einen Admin.
event-account-stays = Ihr Konto hat kein Enddatum mehr
    .detail = Sie können es wie bisher benutzen.
event-unknown = Die Sicherheitseinstellungen Ihres Kontos wurden geändert
    .detail = Eine neuere Version dieses Servers hat das geändert, und diese hier kann nicht sagen, was es war.

event-about-admin = Der neue Admin ist { $admin }.
event-about-end = Es endet am { $at }.
event-about-removed = Entfernt: { $what }.
event-removed-apps = { $count ->
    [one] { $count } Authenticator-App
   *[other] { $count } Authenticator-Apps
}
event-removed-passkeys = { $count ->
    [one] { $count } Passkey
   *[other] { $count } Passkeys
}
event-removed-codes = { $count ->
    [one] { $count } Wiederherstellungscode
   *[other] { $count } Wiederherstellungscodes
}
event-removed-browsers = { $count ->
    [one] { $count } gespeicherter Browser
   *[other] { $count } gespeicherte Browser
}
event-removed-password = das neue Passwort
