# The audit log. Each line is a sentence that begins with who did it.

audit-empty = Nothing has happened yet.
audit-none-found = No entries match.
audit-none-between = No entries match here. We searched back to { $at }.
audit-newer = Newer
audit-older = Older
audit-newest = Newest
audit-search-older = Search older entries
audit-search = Search
    .hint = Enter an email address to see everything by or about that user. Any other text is searched for in addresses, names, values, browsers and IP addresses.
audit-kind = Event type
    .all = Everything
    .sign-ins = Sign-ins and sessions
    .warnings = Warnings
    .methods = Sign-in methods
    .accounts = Accounts
    .recoveries = Recoveries
    .settings = Settings
    .apps = Apps and groups
    .server = Server
audit-from-day = From
audit-to-day = To
audit-days = Days are in UTC.
audit-show = Show
audit-show-all = Show everything
audit-of-user = Only entries by or about <b>{ $email }</b>. <a>Show entries about everyone</a>
audit-download = Download these entries: <a>CSV</a> or <a>JSON</a>. A file has at most 20,000 entries, newest first.

# Who did it, at the start of a sentence
actor-command-line = The command line
actor-admin = An admin
actor-gatepost = Gatepost
actor-visitor = Someone not signed in
audit-person = <a>{ $email }</a>

audit-set-up = { $subject } became the first admin
audit-signed-in = { $actor } signed in with { $methods }
    .from = { $actor } signed in with { $methods } { $from }
    .plain = { $actor } signed in
audit-stepped-up = { $actor } verified their identity with { $methods }
    .plain = { $actor } verified their identity
audit-signed-out = { $actor } signed out
audit-session-revoked = { $actor } ended a session of { $subject }
    .own = { $actor } ended one of their sessions
    .link = { $actor } ended a session of { $subject } with a link from an email
audit-other-sessions-revoked = { $actor } signed out { $count ->
    [0] their other sessions
    [one] { $count } other session
   *[other] { $count } other sessions
}
audit-attempt-cancelled = { $actor } cancelled a sign-in of { $subject } with a link from an email
audit-codes-guessed = { $actor } entered too many wrong email codes for { $subject }
audit-account-added = { $actor } added { $subject }
    .admin = { $actor } added { $subject } as an admin
audit-account-disabled = { $actor } disabled { $subject }
audit-account-enabled = { $actor } enabled { $subject }
audit-account-end-changed = { $actor } set the end of { $subject } to { $at }
    .removed = { $actor } removed the end date of { $subject }
audit-account-ended = The account of { $subject } ended
audit-account-closed = { $actor } closed the account of { $subject }
    .own = { $actor } closed their account
audit-invitation-sent = { $actor } sent { $subject } the invitation again
audit-invitation-withdrawn = { $actor } withdrew the invitation to { $subject }
audit-unknown-action = { $actor } did something that this version doesn’t know ({ $action }): { $subject }
audit-admin-granted = { $actor } made { $subject } an admin
audit-admin-revoked = { $actor } removed the admin rights of { $subject }
    .own = { $actor } gave up their admin rights
audit-signed-out-everywhere = { $actor } signed out { $subject } everywhere
audit-name-changed = { $actor } changed their name from “{ $before }” to “{ $after }”
    .first = { $actor } entered the name “{ $after }”
    .removed = { $actor } removed the name “{ $before }”
audit-language-changed = { $actor } chose a language: { $after }
audit-time-zone-changed = { $actor } chose a time zone: { $after }
audit-address-change-asked = { $actor } asked to change their email address to { $after }
audit-address-changed = { $actor } changed their email address to { $subject }
audit-address-change-undone = { $actor } undid a change of address: { $before } is { $after } again
audit-gain-undone = { $actor } undid changes to { $subject } with a link from an email. Removed: { $gains }
audit-password-set = { $actor } set a password
audit-password-removed = { $actor } removed their password
audit-password-reset = { $actor } set a new password for { $subject } with a link from an email
audit-app-added = { $actor } added the authenticator app “{ $after }”
audit-app-removed = { $actor } removed the authenticator app “{ $before }”
audit-app-guessed = { $actor } entered { $count ->
    [one] { $count } wrong app code
   *[other] { $count } wrong app codes
} for { $subject }
audit-recovery-codes-made = { $actor } created new recovery codes
audit-recovery-codes-removed = { $actor } removed their recovery codes
audit-recovery-code-used = { $actor } used a recovery code. { $count ->
    [one] { $count } is left
   *[other] { $count } are left
}
audit-passkey-added = { $actor } added the passkey “{ $after }”
audit-passkey-renamed = { $actor } renamed the passkey “{ $before }” to “{ $after }”
audit-passkey-removed = { $actor } removed the passkey “{ $before }”
audit-passkey-copied = Gatepost refused the passkey “{ $after }” of { $subject }, because it may be a copy
audit-browser-remembered = { $actor } added a remembered browser: { $browser }
audit-browser-forgotten = { $actor } removed a remembered browser: { $browser }
    .all = { $actor } removed { $count ->
    [one] { $count } remembered browser
   *[other] all { $count } remembered browsers
}
audit-recovery-begun = { $actor } started a recovery of { $subject }, due on { $at }
    .own = { $actor } started a recovery of their account, due on { $at }
audit-recovery-cancelled = { $actor } cancelled the recovery of { $subject }
    .own = { $actor } cancelled the recovery of their account
    .link = { $actor } cancelled the recovery of { $subject } with a link from an email
    .factor = { $actor } used a second factor, which cancelled the recovery
audit-recovery-done = { $actor } completed the recovery of { $subject }. Removed: { $removed }
    .plain = { $actor } completed the recovery of { $subject }
audit-key-rotated = { $actor } replaced the key in the key file
audit-database-restored = { $actor } restored a backup: { $after }
audit-setting-changed = { $actor } changed “{ $setting }” from { $before } to { $after }
    .on = { $actor } turned on “{ $setting }”
    .off = { $actor } turned off “{ $setting }”
    .set = { $actor } set “{ $setting }” to { $after }
    .cleared = { $actor } cleared “{ $setting }”, which was { $before }
    .logo = { $actor } changed the logo
    .logo-dark = { $actor } changed the logo for dark mode
audit-console-link = { $actor } printed a console link for { $subject }
audit-test-email = { $actor } sent a test email to { $subject }
audit-email-retried = { $actor } had a failed email sent again
audit-signing-keys-rotated = { $actor } created new keys that sign tokens for apps. They sign from { $after }
audit-app-secret-made = { $actor } created a new secret for the app { $subject }
audit-signed-in-to-app = { $actor } signed in to the app { $subject }
audit-app-consent-given = { $actor } allowed the app { $subject } to read: { $after }
audit-app-access-ended = { $actor } ended the access of the app { $after } to { $subject }
audit-app-token-replayed = The app { $after } used a code or token of { $subject } twice. That sign-in has ended, because the code or token may have been stolen
audit-logout-not-delivered = The app { $after } couldn’t be told that { $subject } signed out. It may keep the user signed in
audit-app-behind-added = { $actor } added the app { $subject }: { $after }
audit-app-behind-changed = { $actor } changed the app { $subject }. Before: { $before }. Now: { $after }
audit-app-behind-removed = { $actor } removed the app { $subject }
audit-signed-out-of-app = { $actor } signed out of the app { $subject }
audit-access-asked = { $actor } asked for access to the app { $subject }
audit-access-given = { $actor } let { $subject } open the app { $app }
    .until = { $actor } let { $subject } open the app { $app } until { $at }
audit-access-refused = { $actor } refused { $subject } access to the app { $after }
audit-access-taken = { $actor } removed the access of { $subject } to the app { $before }
audit-guest-forgotten = { $actor } deleted the account of the guest { $subject }
audit-group-added = { $actor } added the group { $subject }
audit-group-changed = { $actor } changed the group { $subject } from “{ $before }” to “{ $after }”
audit-group-removed = { $actor } removed the group { $subject }
audit-group-joined = { $actor } added { $subject } to the group { $after }
audit-group-left = { $actor } removed { $subject } from the group { $before }
audit-handle-changed = { $actor } changed the username of { $subject } from { $before } to { $after }
    .own = { $actor } changed their username from { $before } to { $after }

# Columns of the table that spreadsheets open
audit-fact =
    .time = Time
    .event = Event
    .actor = By
    .action = Action
    .subject = About
    .before = Before
    .after = After
    .browser = Browser
    .client = IP address
    .request = Request

# Values
gain-passkey = passkey
gain-app = authenticator app
gain-recovery-codes = new recovery codes
gain-remembered-browser = remembered browser
gain-password = new password
gain-address = new email address
gain-admin-rights = admin rights for another account
