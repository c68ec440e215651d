# What all pages and emails share.

# The language's name in itself.
language-name = English

# A moment in an email. The zone is as in “UTC+1”.
moment = { $day }{"\u00A0"}{ $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year } at { $hour }:{ $minute } { $zone }

# A day in a chart.
day = { $day }{"\u00A0"}{ $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[other] Dec
}
# A moment on a page.
moment-short = { day }{"\u00A0"}{ $year }, { $hour }:{ $minute } { $zone }

# A no-break space keeps a number and its unit on one line.
# { $case } is "dative" where a sentence says { $wait-dative } in place of { $wait }: German says "in 3 Tagen".
span-seconds = { $count ->
    [one] { $count }{"\u00A0"}second
   *[other] { $count }{"\u00A0"}seconds
}
span-minutes = { $count ->
    [one] { $count }{"\u00A0"}minute
   *[other] { $count }{"\u00A0"}minutes
}
span-hours = { $count ->
    [one] { $count }{"\u00A0"}hour
   *[other] { $count }{"\u00A0"}hours
}
span-days = { $count ->
    [one] { $count }{"\u00A0"}day
   *[other] { $count }{"\u00A0"}days
}

ago-now = just now
ago-minutes = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
ago-hours = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
ago-days = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}

# What groups the digits of a number from 10,000 on.
number-group = {","}
number = { $number }

# A list of three is list-more of the first and list-last of the rest.
list-more = { $first }, { $rest }
list-last = { $first } and { $last }
# Statements that may have commas themselves.
list-statements = { $first }; { $rest }

skip-to-content = Skip to content
main-navigation = Main
admin-pages = Admin
help-at = Help: <a>{ $support }</a>
sign-out = Sign out
cancel = Cancel
save = Save

# The page between this server and an app.
to-the-app-continue = Continue to the app
leaving-for-the-app = You’re leaving { $product }
    .what = Continue to the app at this address:

# Browsers and ways of signing in. A sentence names them in the nominative, best after a colon or a comma.
browser-on-system = { $browser } on { $system }
browser-unknown-on = a browser on { $system }
browser-unknown = an unknown browser
command-line = the command line
method-email-link = email link
method-email-code = code from an email
method-password = password
method-console-link = console link
method-passkey = passkey
method-app = authenticator app
method-recovery-code = recovery code
method-remembered-browser = remembered browser

# The same ways after “signed in with”, in the case that the language needs there.
with-email-link = an email link
with-email-code = a code from an email
with-password = a password
with-console-link = a console link
with-passkey = a passkey
with-app = an authenticator app
with-recovery-code = a recovery code
with-remembered-browser = a remembered browser

# Where something was done, within a sentence.
from-browser = from { $browser } on { $system }
    .alone = from { $browser }
    .unknown-on = from a browser on { $system }
    .unknown = from an unknown browser
    .command-line = from the command line

# Links below pages and emails
link-terms = Terms of use
link-privacy = Privacy policy
link-imprint = Imprint
link-help = Help

zone-africa = Africa
zone-america = America
zone-antarctica = Antarctica
zone-arctic = Arctic
zone-asia = Asia
zone-atlantic = Atlantic
zone-australia = Australia
zone-europe = Europe
zone-indian = Indian Ocean
zone-pacific = Pacific
