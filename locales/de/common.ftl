language-name = Deutsch

moment = { $day }.{"\u00A0"}{ $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
} { $year } um { $hour }:{ $minute }{"\u00A0"}Uhr ({ $zone })

# A no-break space keeps a number and its unit on one line. In the dative, { $wait-dative }: "in 3 Tagen".
day = { $day }.{"\u00A0"}{ $month ->
    [1] Jan.
    [2] Feb.
    [3] März
    [4] Apr.
    [5] Mai
    [6] Juni
    [7] Juli
    [8] Aug.
    [9] Sept.
    [10] Okt.
    [11] Nov.
   *[other] Dez.
}
moment-short = { day }{"\u00A0"}{ $year }, { $hour }:{ $minute } { $zone }

span-seconds = { $count ->
    [one] { $count }{"\u00A0"}Sekunde
   *[other] { $count }{"\u00A0"}Sekunden
}
span-minutes = { $count ->
    [one] { $count }{"\u00A0"}Minute
   *[other] { $count }{"\u00A0"}Minuten
}
span-hours = { $count ->
    [one] { $count }{"\u00A0"}Stunde
   *[other] { $count }{"\u00A0"}Stunden
}
span-days = { $count ->
    [one] { $count }{"\u00A0"}Tag
   *[other] { $count }{"\u00A0"}{ $case ->
        [dative] Tagen
       *[other] Tage
    }
}

ago-now = gerade eben
ago-minutes = { $count ->
    [one] vor { $count } Minute
   *[other] vor { $count } Minuten
}
ago-hours = { $count ->
    [one] vor { $count } Stunde
   *[other] vor { $count } Stunden
}
ago-days = { $count ->
    [one] vor { $count } Tag
   *[other] vor { $count } Tagen
}

number-group = {"."}
number = { $number }

list-more = { $first }, { $rest }
list-last = { $first } und { $last }
list-statements = { $first }; { $rest }

skip-to-content = Zum Inhalt springen
main-navigation = Hauptnavigation
admin-pages = Verwaltung
help-at = Hilfe: <a>{ $support }</a>
sign-out = Abmelden
cancel = Abbrechen
save = Speichern

to-the-app-continue = Weiter zur App
leaving-for-the-app = Sie verlassen { $product }
    .what = Hier geht es weiter zur App unter dieser Adresse:

browser-on-system = { $system ->
    [iPhone] { $browser } auf dem { $system }
    [iPad] { $browser } auf dem { $system }
    [Mac] { $browser } auf dem { $system }
   *[other] { $browser } unter { $system }
}
browser-unknown-on = unbekannter Browser, { $system }
browser-unknown = unbekannter Browser
command-line = Befehlszeile
method-email-link = Anmeldelink
method-email-code = Code aus einer E-Mail
method-password = Passwort
method-console-link = Konsolenlink
method-passkey = Passkey
method-app = Authenticator-App
method-recovery-code = Wiederherstellungscode
method-remembered-browser = gespeicherter Browser

with-email-link = einem Anmeldelink
with-email-code = einem Code aus einer E-Mail
with-password = einem Passwort
with-console-link = einem Konsolenlink
with-passkey = einem Passkey
with-app = einer Authenticator-App
with-recovery-code = einem Wiederherstellungscode
with-remembered-browser = einem gespeicherten Browser

from-browser = { $system ->
    [iPhone] in { $browser } auf dem { $system }
    [iPad] in { $browser } auf dem { $system }
    [Mac] in { $browser } auf dem { $system }
   *[other] in { $browser } unter { $system }
}
    .alone = in { $browser }
    .unknown-on = { $system ->
        [iPhone] in einem Browser auf dem { $system }
        [iPad] in einem Browser auf dem { $system }
        [Mac] in einem Browser auf dem { $system }
       *[other] in einem Browser unter { $system }
    }
    .unknown = in einem unbekannten Browser
    .command-line = auf der Befehlszeile

# Links unter Seiten und E-Mails
link-terms = Nutzungsbedingungen
link-privacy = Datenschutz
link-imprint = Impressum
link-help = Hilfe

zone-africa = Afrika
zone-america = Amerika
zone-antarctica = Antarktis
zone-arctic = Arktis
zone-asia = Asien
zone-atlantic = Atlantik
zone-australia = Australien
zone-europe = Europa
zone-indian = Indischer Ozean
zone-pacific = Pazifik
