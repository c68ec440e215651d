# The pages of admins. Settings and the audit log have files of their own.

# The list of pages, which are also their headings
overview = Overview
settings = Settings
users = Users
emails = Email
audit-log = Audit log

# Overview
failed-emails-alarm = { $count ->
    [one] { $count } email couldn’t be delivered. <a>See why</a>
   *[other] { $count } emails couldn’t be delivered. <a>See why</a>
}
emails-not-sent = Emails aren’t being sent. You can read them in the <a>test mailbox</a>. To send them, set <code>GATEPOST_MAIL_URL</code> to your email server.
own-email-not-verified = Your email address isn’t verified yet. <a>Verify it now</a>.
sessions-number = Sessions
waiting-emails-number = Emails waiting
failed-emails-number = Emails failed
email-links-on = Email links are <b>on</b>.
email-links-off = Email links are <b>off</b>.
who-can-join-is = Who can join: <b>{ $policy }</b>.
change-settings = Change settings

alarm-no-way-in = No admin can sign in any more, except with a console link. <a>Turn on a sign-in method</a>
alarm-emails-wait = Emails have been waiting since { $at }. <a>See why</a>
alarm-key-file = Other users of the server’s machine can read the key file. Let only Gatepost’s own user read it: <code>chmod 600</code>
alarm-old-backup = The last backup with <code>gatepost backup</code> was on { $at }.
alarm-no-backup = There has been no backup with <code>gatepost backup</code> yet.
alarm-settings-changed = Settings changed on { $at }: { $sentence }. <a>See all changes</a>
asks-wait = { $count ->
    [one] <a>{ $count } user is asking for access to an app</a>
   *[other] <a>{ $count } users are asking for access to apps</a>
}
alarm-disk = Only { $free }% of the disk with the database is free.

finish-setting-up = Finish setting up
steps-progress = { $done } of { $all } done
steps-done = (done)
steps-to-do = (to do)
step-name = <a>Choose a name</a>, so that users know where they’re signing in
step-logo = <a>Add a logo</a>
step-email = <a>Send yourself a test email</a>, then open its link
step-factor = <a>Add a passkey or an authenticator app</a> to your own account
step-second-admin = <a>Make someone else an admin</a>, so that you aren’t the only one
step-backup = Make a backup with <code>gatepost backup</code>

sign-ins-in-30-days = Sign-ins in the last 30 days
chart-empty = There have been no sign-ins in the last 30 days.
chart-most = Most on one day: { $most }
chart-email = Email
chart-passkey = Passkey
chart-password = Password
chart-other = Console link
chart-failed = Wrong passwords and codes
show-as-table = Show as a table
chart-day = Day (UTC)

emails-in-24-hours = Emails in the last 24 hours
delivery-none = No emails in the last 24 hours.
delivery-median = Half of them were accepted within { $wait }.
    .one = It was accepted within { $wait }.
delivery-more = All emails
last-change = Last change:
    .at = On { $at }
    .all = All changes of settings
last-upgrade = Last upgrade
upgrade-versions = On { $at } this server went from version { $from } to { $to }.
upgrade-migrations = { $count ->
    [0] The database’s structure didn’t change.
    [one] The database’s structure changed in one step.
   *[other] The database’s structure changed in { $count } steps.
}
upgrade-steps = Show the steps
unseen-sqlite = Gatepost only knows of backups made with <code>gatepost backup</code>. It can’t see whether an accepted email reaches its recipient.
unseen-postgres = Gatepost can’t see backups or the disk of the PostgreSQL server, or whether an accepted email reaches its recipient.

# Users
invite-someone = Invite someone
invite-held = Thanks for verifying it’s you. The invitation hasn’t been sent yet: press Invite.
invite-email = Email address
invite-as-admin = As an admin
invite = Invite
search-users = Email address or name
search = Search
users-number = { $count ->
    [one] { $count } user
   *[other] { $count } users
}
    .more = More than { $count } users
users-found = { $count ->
    [0] No users found
    [one] { $count } user found
   *[other] { $count } users found
}
    .more = More than { $count } users found
users-show = Show
    .all = All users
    .admins = Admins
    .disabled = Disabled
    .never-signed-in = Never signed in
    .no-second-factor = No second factor
    .invited = Pending invitation
    .with-end = With an end date
users-show-all = Show all users
users-select = Select { $email }
    .all = Select all on this page
    .brief = Select
users-selected = With the selected users:
    .disable = Disable
    .enable = Enable
    .sign-out = Sign out
    .disable-them = Disable the selected users
    .end = Set end date
    .end-them = Set end date of the selected users
    .enable-them = Enable the selected users
    .sign-out-them = Sign out the selected users
users-download = Download this list: <a>CSV</a>. A file has at most 20,000 users.
user-fact =
    .user = User
    .email = Email
    .name = Name
    .admin = Admin
    .disabled = Disabled since
    .verified = Email verified
    .created = Created
    .signed-in = Last signed in
    .ends = Ends
user-last-signed-in = Last sign-in: { $at }
user-never-signed-in = Never signed in
    .short = Never
user-is-admin = Admin
user-is-disabled = Disabled
user-ends = Ends on { $at }
user-is-not-verified = Email not verified
user-is-you = You
list-pages = Pages
list-previous = Previous
list-next = Next

# Invitations
invitations = Invitations
invite-list = Invite several people
invite-emails = Email addresses
    .hint = One per line, or separated by commas. At most { $most }.
invitations-sent = All invitations
invitations-none = No invitations yet.
invitations-newest = Newest invitations
invitation-asked = Invited by { $inviter } on { $at }.
invitation-expires = Expires on { $at }.
invitation-progress =
    .queued = Not sent yet
    .refused = Refused by the email server
    .accepted = Accepted by the email server
    .kept = In the test mailbox
    .opened = Opened
    .expired = Expired
    .signed-in = Signed in
    .disabled = Disabled
invitation-link = Link you can share
    .hint = Opens the sign-in page with this address filled in. The link alone doesn’t sign anyone in: the user still gets an email.
invitation-again = Send again
    .it = Send the invitation again
invitation-withdraw = Withdraw
    .it = Withdraw invitation

# One user
all-users = All users
user-joined = Created on { $at }
user-sessions = { $count ->
    [0] No sessions
    [one] { $count } session
   *[other] { $count } sessions
}
user-sign-out = Sign out everywhere
user-disable = Disable
user-enable = Enable
user-make-admin = Make admin
user-remove-admin = Remove admin rights
user-stays-last-admin = You can’t disable this account or remove its admin rights, because there’s no other admin.
user-stays-way-in = You can’t disable this account or remove its admin rights, because no other admin could sign in.
invitation-send = Send an invitation
user-sessions-all = Sessions
user-session = Signed in on { $since } ({ $methods })
    .seen = Last active on { $seen }
user-events = Recent events
user-all-events = All events of this user
user-emails = Recent emails
user-email =
    .waiting = Waiting
    .sent = Accepted by the email server
    .kept = In the test mailbox
    .dropped = Not sent
    .dead = Failed
user-is-over = Ended
account-end = End date
    .admin = Admins have no end date.
    .last-day = Last day
    .hint = The account ends after this day (UTC): no sign-in, no session, no app. The user gets an email now and 7 days before. Leave it empty for no end date.
    .hint-guest = To end this guest’s account before we delete it, enter its last day (UTC). After that: no sign-in, no session, no app. The user gets an email now and 7 days before. To keep the guest longer, add them to an app again with a later date.
    .save = Save end date
    .when-invited = Last day (optional)
end-several = { $count ->
    [one] Set an end date for this account?
   *[other] Set an end date for { $count } accounts?
}
    .what = The accounts end after this day (UTC). Users get an email now and 7 days before. Leave it empty for no end date. Admins stay as they are.
    .button = Save end date
user-factors = Ways to sign in besides email
user-has-no-factors = No password, passkey, authenticator app or recovery codes
way-passkey = Passkey: <b>{ $name }</b>
way-app = Authenticator app: <b>{ $name }</b>
way-codes = Recovery codes left: <b>{ $name }</b>
way-password = Password
way-since = Since { $at }
way-used = Last used on { $at }
count-of-remembered-browsers = { $count ->
    [one] { $count } remembered browser
   *[other] { $count } remembered browsers
}
recovery-by-admin = An admin started a recovery on { $asked }. All second factors will be removed on <b>{ $due }</b> unless someone cancels it.
recovery-by-console = Someone at the server’s command line started a recovery on { $asked }. All second factors will be removed on <b>{ $due }</b> unless someone cancels it.
recovery-by-owner = The owner, or someone with the owner’s other ways to sign in, started a recovery on { $asked }. All second factors will be removed on <b>{ $due }</b> unless someone cancels it.
recovery-cancel = Cancel recovery
recovery-what = Has this user lost all second factors, or has someone else taken over the account? A recovery gives the account back after { $lifetime }. It removes all second factors, all remembered browsers and any password set in the last 7 days. We email the owner right away, and the owner can cancel it. Make sure that the person who asks you is the owner.
recovery-start = Start recovery

# Questions before a change
disable-question = Disable this account?
    .what = This user is signed out everywhere and can’t sign in until an admin enables the account again.
    .button = Disable account
disable-several = { $count ->
    [one] Disable this account?
   *[other] Disable { $count } accounts?
}
    .what = { $count ->
    [one] This user is signed out everywhere and can’t sign in until an admin enables the account again.
   *[other] These users are signed out everywhere and can’t sign in until an admin enables their accounts again.
}
    .button = Disable
enable-several = { $count ->
    [one] Enable this account?
   *[other] Enable { $count } accounts?
}
    .what = { $count ->
    [one] This user can sign in again.
   *[other] These users can sign in again.
}
    .button = Enable
sign-out-several = { $count ->
    [one] Sign this user out everywhere?
   *[other] Sign { $count } users out everywhere?
}
    .what = { $count ->
    [one] All sessions of this user end, and we ask for the second factor again in remembered browsers.
   *[other] All sessions of these users end, and we ask for the second factor again in remembered browsers.
}
    .button = Sign out everywhere
withdraw-question = Withdraw this invitation?
    .what = The account is removed, and the link in the email stops working. You can invite the user again later.
    .button = Withdraw
make-admin-question = Make this user an admin?
    .what = Admins can change all settings, add users, and disable or sign out any user, including you.
    .guest = This user is a guest. As an admin, they keep the account without an end date.
    .button = Make admin
remove-admin-question = Remove admin rights?
    .what = This user can no longer change settings or manage users. The account itself stays.
    .button = Remove admin rights
sign-out-user-question = Sign this user out everywhere?
    .what = All sessions of this user end, and we ask for the second factor again in remembered browsers.
    .button = Sign out everywhere
start-recovery-question = Start recovery?
    .what = We’ll email { $email } right away, with a link to cancel this. After { $lifetime }, we’ll remove all second factors from the account.
    .first = First make sure that the person asking you is really the one who owns this account.
remove-logo-question = Remove the logo?
    .what = Pages and emails then show the name only. To bring the logo back, you need its file.
    .dark = Remove the logo for dark mode?
    .dark-what = Dark mode then shows the logo for light mode. To bring the removed logo back, you need its file.
    .button = Remove logo

# Email
test-email = Test email
    .send = Send me a test email
    .hint = Goes to <b>{ $email }</b>. Your email server’s answer appears here. Then open the link in the email.
    .hint-kept = Goes to the test mailbox, addressed to <b>{ $email }</b>. Open the email there and click its link.
test-email-outcome =
    .waiting = On its way since { $at }. The email server hasn’t answered yet.
    .again = The email server hasn’t accepted it yet. Gatepost tries again. The reason:
    .sent = The email server accepted it on { $at }:
    .kept = It’s in the test mailbox ({ $at }). Emails aren’t being sent.
    .dead = Gatepost couldn’t deliver it and gave up on { $at }. The reason:
    .dropped = Gatepost didn’t send it ({ $at }):
    .look = Check again
test-arrived = Your test email arrived
    .what = You opened its link. Confirm that email works, and the overview ticks it off.
    .button = Email works
outbox = Outbox
failed-emails = Failed
    .none = Failed: none
waiting-emails = Waiting
    .none = Waiting: none
sent-emails = Recently sent
    .none = Recently sent: none
email-kept = Kept in the test mailbox, no. { $number }
email-answer = Full answer of the server
email-reason =
    .attempt-forgotten = The request behind it has been deleted.
    .attempt-ended = The request behind it has ended.
    .ended-since = It’s no longer needed, or a newer email has replaced it.
    .over-limit = Too many emails were requested.
    .too-late = It couldn’t be sent in time.
    .link-printed = The link was printed on the command line instead.
    .passwords-off = Passwords are turned off.
    .email-links-off = Email links are turned off.
    .browser-emails-off = Emails about new browsers are turned off.
    .account-gone = The account has been deleted or disabled.
    .account-disabled = The account is disabled.
    .account-moved = The account has been deleted or disabled, or it has another email address.
    .no-account = This email address has no account.
    .may-not-join = This email address has no account, and the settings don’t allow a new one.
    .new-address-may-not-join = The new email address isn’t allowed here.
    .new-address-taken = The new email address already has an account.
    .no-guest = The user is no longer a guest.
    .no-admin = The user is no longer an admin.
    .change-forgotten = The record of the address change has been deleted.
    .recovery-ended = The recovery has ended.
    .browser-forgotten = The account has been deleted, or the browser is no longer known.
    .ask-answered = The request for access has been answered or deleted.
    .ask-gone = The request for access has been deleted, or the user has asked again.
    .app-gone = The app has been removed.
    .app-or-asker-gone = The app has been removed, or the user’s account has been deleted or disabled.
    .access-ended = The user’s access has ended.
    .unreadable = Gatepost can’t read what it stored about this email.
    .put-off = This domain has reached its limit for emails to addresses without an account.
    .together = Sent together with other notifications in one email.
email-of-newer-version = Email from a newer version
email-of-kind-to = <b>{ $kind }</b> to { $recipient }
email-tries = { $count ->
    [0] Not tried yet
    [one] { $count } attempt
   *[other] { $count } attempts
}
email-since = Since { $at }
email-next-try = Next attempt on { $at }
email-too-late = Too late to try again
email-retry = Try again
email-domains = Domains with scanners
    .hint = Some email providers check every link by opening it. The links still work, but the emails can arrive late or be blocked. For such a domain, you can put the code first and show the link as text below it.
    .none = No scanners found so far. We count one when another browser opens a link within 10 seconds of its delivery.
email-domain-scanned = Since { $at }, another browser opened { $scanned } of { $opened } opened links within 10 seconds of delivery.
email-domain-code-first = Code first
email-domain-code = Put the code first
email-domain-link = Put the button back
email-previews = Previews
    .hint = Each kind of email, with sample data. Opens in a new tab.
    .all = Show all kinds
    .html = HTML
    .text = Text
email-preview-subject = Subject: { $subject }

# Logo
logo = Logo
logo-dark = Logo for dark mode
    .hint = Pages and emails show it to users whose device is in dark mode.
    .first = Add the <a>logo for light mode</a> first.
    .none = None. Dark mode shows the same logo as light mode.
logo-now = Current logo
logo-picture = The current logo
logo-none = No logo. Pages and emails show the name only.
logo-remove = Remove logo
logo-replace = Replace logo
logo-add = Add logo
logo-held = Thanks for verifying it’s you. We’ve kept your file, but nothing has changed yet.
logo-use = Use this logo
logo-file = Picture
    .hint = A PNG or WebP of up to 64 KB and 1024 pixels on each side. We save only the picture, as a PNG, and show it at most 48 pixels high.
