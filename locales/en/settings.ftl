# Settings: their names, hints and choices, and what can be wrong with a value.

settings-held = Thanks for verifying it’s you. Nothing is saved yet: check your changes, then press Save.
settings-overtaken = Someone else changed the settings while you were editing. Nothing is saved yet. Save again to use your values. They differ from the saved ones in these fields:
settings-problems = { $count ->
    [one] { $count } field needs another look. Nothing is saved yet, in any section.
   *[other] { $count } fields need another look. Nothing is saved yet, in any section.
}
settings-sections = Sections
setting-default = Default: { $value }.
setting-unit = { $setting }: unit
setting-span = { $setting }: time
setting-limit-in = in
limit-in-words = { $number } in { $span }
unit-seconds = seconds
unit-minutes = minutes
unit-hours = hours
unit-days = days
settings-save-all = Save all sections
settings-preview = Preview
    .hint = How the sign-in page and the sign-in email look with what you’ve entered here. Nothing is saved.
    .button = Update the preview
    .page-light = Sign-in page, light
    .page-dark = Sign-in page, dark
    .email-light = Email, light
    .email-dark = Email, dark
setting-pick = { $setting }: choose

settings-ways = Ways to sign in
setting-email-link = Email link and code
    .hint = Turning this off takes effect immediately, including for links already sent. Existing sessions stay signed in.
setting-password = Password
    .hint = For users who set one on their account page. They can reset it by email.
setting-passkey = Passkey
    .hint = Users sign in with a fingerprint, a face or a PIN. Also works as a second factor.
    .impossible = Not possible here, because passkeys need a host name and this server has an IP address only. Give it a name in <code>GATEPOST_BASE_URL</code>.
setting-link-lifetime = Link lifetime
    .hint = Starts when the email server accepts the email.

settings-factors = Second factors
    .hint = Users who have a second factor need it after every email link and every password. If you turn a factor off, we neither ask for it nor accept it. Users without another factor then sign in without one.
setting-app = Authenticator app
    .hint = Six digits from an app, new every 30 seconds.
setting-recovery-codes = Recovery codes
    .hint = Ten codes to save. Each works once instead of a second factor.
setting-remembered-browsers = Remembered browsers
    .hint = Users can choose not to be asked again in a browser for 30 days. Sensitive changes still ask.
setting-required = Required for
    .hint = Users without a second factor have to set one up first.
required-for-no-one = No one
required-for-admins = Admins
required-for-everyone = Everyone

settings-join = New accounts
setting-join = Who can join
    .hint = Users who have an account keep it.
join-invited = Invited users
join-domains = Invited users, and anyone at the allowed domains
join-anyone = Anyone with an email address
setting-domains = Allowed domains
    .hint = One per line. Subdomains aren’t included.
setting-invitation-lifetime = Invitation lifetime
    .hint = How long users can sign in with the link in an invitation. Starts when the email server accepts the email.

settings-sessions = Sessions
    .hint = How long users stay signed in.
setting-session-idle = Remembered session: idle limit
    .hint = For users who choose “Keep me signed in”. After this time without a visit, they sign in again.
setting-session-absolute = Remembered session: total limit
    .hint = After this time, they always have to sign in again.
setting-browser-session = Browser session: limit
    .hint = For all other users. Their session also ends when they close the browser.
setting-step-up = Sensitive changes: ask again after
    .hint = Users verify that it’s them before a sensitive change, unless they did so within this time.
setting-new-browsers = Email users about new browsers
    .hint = We email users when someone signs in to their account in a new browser. The email has a button that signs that browser out.

settings-apps = Apps
setting-apps = Let users open apps
    .hint = Turning this off takes effect immediately. Apps behind your proxy refuse every request, even for public paths. No app gets or renews a sign-in. Apps that keep their own sessions aren’t told. Everything works again once you turn it on.
setting-devices = Allow sign-in on devices
    .hint = For TVs and programs in a terminal. Turning this off takes effect immediately, including for devices that are waiting. Devices that are signed in stay signed in.
setting-access-lifetime = Access token lifetime
    .hint = New apps start with these lifetimes. Apps you’ve already added keep theirs.
setting-refresh-idle = Refresh token: idle limit
    .hint = After this time without use, an app has to send its users here again.
setting-refresh-absolute = Refresh token: total limit
    .hint = After this time, an app always has to send its users here again.

settings-limits = Email
    .hint = These are the most emails we send within the given time.
setting-limit-per-mailbox = Per email address
    .hint = Further requests for the address send nothing.
setting-limit-per-client = Per IP address
    .hint = Counts requests from one computer or network, for all addresses together.
setting-limit-per-domain = New addresses per domain
    .hint = Counts addresses without an account. Further emails to them wait.
setting-limit-global = In total
    .hint = Counts requests from browsers that haven’t signed in before. Other requests are never held up.

settings-look = Name, language and colour
setting-name = Name
    .hint = Shown on pages and in emails.
setting-colour = Button colour
    .hint = As #rrggbb.
setting-support = Support email
    .hint = Shown on pages and in emails. Replies go to this address only if it has the same domain as the sender’s address. Optional.
setting-language = Language
    .hint = For users whose account and browser don’t ask for one of these.
setting-time-zone = Time zone
    .hint = Such as Europe/Berlin. Used for users who haven’t chosen one, in emails and on pages without JavaScript.
setting-code-in-subject = Code in the subject of emails
    .hint = Users can read the code without opening the email. So can anyone who sees their lock screen or a list of their emails.
setting-code-first = Domains with the code first
    .hint = Emails to these domains put the code first and have no button. One domain per line.
setting-logo = Logo
    .light = Logo for light mode
    .none = (none)
setting-logo-dark = Logo for dark mode

settings-links = Links
    .hint = Shown below every page and every email. Leave a field empty to show no link.
setting-terms-link = Terms of use
    .hint = Such as https://example.com/terms.
setting-privacy-link = Privacy policy
    .hint = Such as https://example.com/privacy.
setting-imprint-link = Imprint
    .hint = Such as https://example.com/imprint.
setting-help-link = Help
    .hint = Such as https://example.com/help.

setting-is-now = Saved value: { $value }
setting-is-now-empty = Saved value: empty
value-on = on
value-off = off

# The question before the last way in is turned off
lock-out = No admin will be able to sign in
    .what = You’re turning off the last way an admin can sign in. After that, only console links will work. Someone with access to the server’s command line will have to run <code>gatepost link</code> for each sign-in. Existing sessions stay signed in.
    .button = Turn it off
    .keep = Keep it on

# What is wrong with a value
problem-choose = Choose one of these.
problem-own-factor = Set up a second factor of your own first, on your security page. This applies to you, too.
problem-no-factors = Turn on authenticator apps or passkeys first. Otherwise no one can set up a second factor.
problem-no-host-name = Passkeys need a host name, and this server has an IP address only.
problem-domain = One of these isn’t a domain like example.com.
problem-too-many-domains = Use at most 200 domains.
problem-no-domains = Enter at least one domain, or choose another way to join.
problem-lifetime = Enter a whole number. At least { $least }, at most { $most }.
problem-limit = Enter two whole numbers: a count of at most 1000, and a time from 1 second to 7 days.
problem-name = Use 1 to 40 characters, without { "<" } { ">" } " or @.
problem-colour = Enter a colour as #rrggbb, such as #1f5f4f.
problem-support = Enter an email address, or leave this empty.
problem-language = Choose one of the languages in the list.
problem-time-zone = Enter a time zone such as Europe/Berlin, or UTC.
problem-link = Enter the address of a page, such as https://example.com/terms, or leave this empty.
problem-logo = This logo doesn’t exist.
problem-unknown = This setting doesn’t exist.

declared-setting = Set by a file on the server. Change it there.
