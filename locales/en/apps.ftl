# Apps that users open through Gatepost, groups, and the usernames by which apps know users.

# Groups

groups = Groups
    .what = A group is a list of users. You choose which groups can open an app, and the app learns the names of the user’s groups.
groups-all = All groups
group-new = New group
group-name = Name
    .hint = Lowercase letters, digits, dots, hyphens and underscores.
    .for-good = The name can’t be changed later, because apps rely on it.
group-add = Add group
group-held = Thanks for verifying it’s you. Nothing is saved yet: press the button to finish.
group-members = Members
group-members-none = This group has no members yet.
group-members-number = { $count ->
    [one] { $count } member
   *[other] { $count } members
}
group-member-email = Email address of a user
group-join = Add
group-remove-member = Remove { $email } from the group
    .short = Remove
group-apps = Apps for its members
group-apps-none = None.
group-note = About this group
    .label = Note for admins
group-note-save = Save note
group-remove = Remove group
remove-group-question = Remove this group?
    .what = Its members can no longer open apps that only this group can open. The accounts stay.
    .button = Remove group
group-added = The group is added.
group-saved = The note is saved.
group-removed = The group is removed.
group-taken = There’s already a group with this name.
group-name-refused = Use only lowercase letters, digits, dots, hyphens and underscores, and begin with a letter or a digit.
group-note-refused = Use at most 100 characters on one line.
group-joined = The user is now in the group.
group-has-user = This user is already in the group.
group-no-such-user = No user has this email address.
group-left = The user is no longer in the group.

# Apps

connected-apps = Apps
    .what = Users sign in to these apps with their account here. A reverse proxy asks Gatepost, or the app speaks OpenID Connect.
    .empty = No apps yet. Users will sign in to apps with their account here. A reverse proxy asks Gatepost, or the app speaks OpenID Connect.
connected-apps-off = Apps are turned off: no one can open them. You can turn them on in the <a>settings</a>.
unread-apps = Apps that can’t be read
    .what = A newer version of Gatepost may have stored these apps. No one can open them now. Install that version again, or remove the apps.
unread-app-remove = Remove { $app }
connected-apps-all = All apps
connected-app-new = New app
connected-app-add = Add app
connected-app-change = Change { $app }
connected-app-held = Thanks for verifying it’s you. Nothing is saved yet: press the button to finish.
app-name = Name
    .hint = Users see it in their list of apps.
app-host = Address
    .hint = Where users open the app, such as wiki.example.com. We use HTTPS unless you put http:// in front.
app-hosts = Addresses
    .hint = One on each line, such as wiki.example.com, *.wiki.example.com or http://10.0.0.7:8080.
app-hosts-none = None yet
app-who = Who can open it?
    .brief = Who can open it
    .everyone = Everyone with an account
    .groups = Only these groups and users
    .no-one = No one
app-entry = Access
app-groups = Groups
    .hint = Separate names with commas. A name that doesn’t exist yet becomes a new group.
    .known = Your groups: { $groups }.
app-users = Users
    .hint = Email addresses of users outside these groups, one on each line.
app-description = Description
    .hint = A few words for the list of apps. Optional.
app-link = Link
    .hint = Where the list of apps leads. Without one it is the first address. For an app with OpenID Connect alone, it is the site of its redirect URI.
app-hidden = Hide from the list of apps
    .hint = Users can still open it.
app-off = Turn the app off
    .hint = No one can open it until you turn it on again.
declared-app = A file on the server sets this app up. Change it there.
declared-group = A file on the server sets this group up. You can still change its members here.
declared-refused = Nothing was changed: a file on the server sets this up. Change it there.
declared-secret = The secret comes from a file on the server. Change it there.
app-is-off = This app is turned off.
app-disabled = Off
app-requires = What users need to open it
    .one = A sign-in
    .two = A second factor
    .passkey = A passkey
    .unoffered = What this app requires isn’t available with the current settings, so users can’t set it up.
app-fresh = How old their sign-in may be
    .any = Any age
app-fresh-is = at most { $span } old
app-without-signing-in = Without signing in
app-paths = Public paths
    .hint = One on each line, such as /api. Anyone can open these paths and everything below them, without signing in. Only for what the app guards itself.
app-web-files = Let browsers fetch the files of a web app
    .hint = Its manifest, icon and service worker: browsers fetch them without cookies. Needed to install the app on a phone.
app-preflights = Let preflight requests through
    .hint = For scripts of other websites that use the app’s API. Such requests say nothing about the user.
app-popup = The app uses a sign-in popup
    .hint = Only for apps whose sign-in window stays empty.
app-open-to = Open to: { $who }
app-open-to-everyone = Everyone
app-open-to-no-one = No one
app-open-to-users = { $count ->
    [one] { $count } user
   *[other] { $count } users
}
app-last-used = Last used on { $at }
app-facts = At a glance
app-open-link = Open { $app }
app-change = Change
app-remove = Remove
app-proxy = Configure the proxy
    .what = Choose your proxy and copy its configuration. Change <code>127.0.0.1:9200</code> to where the app listens, and <code>127.0.0.1:8000</code> to where Gatepost listens.
    .trust = Gatepost answers only proxies whose address is in <code>GATEPOST_TRUSTED_PROXIES</code>. The app must not be reachable except through the proxy.
    .optional = This app signs users in with OpenID Connect. You need this only if a proxy should ask Gatepost as well.
    .no-trust = Gatepost doesn’t answer any proxy yet, because <code>GATEPOST_TRUSTED_PROXIES</code> isn’t set. Set it to your proxy’s address. The app must not be reachable except through the proxy.
    .several = These files are for { $host }. Use them once more for each other address of the app.
    .left-out = We have no tested configuration for this address for { $proxies }.
app-try = Try it
    .yes = You can open this app. It learns this about you:
    .no = You don’t have access to this app. If you did, it would learn this about you:
app-header = Header
    .value = Value
    .empty = (empty)
app-icon-add = Add icon
app-icon-change = Change icon
app-icon = Icon
    .hint = A PNG or WebP of up to 64 KB, ideally square.
    .optional = Optional. A PNG or WebP of up to 64 KB, ideally square.
    .kept = We’ve kept the icon that you chose.
    .again = Choose the icon again. Browsers don’t fill in files a second time.
app-icon-save = Use this icon
app-icon-remove = Remove icon
remove-icon-question = Remove the icon?
    .what = The list of apps then shows the first letter of the name. To bring the icon back, you need its file.
    .button = Remove icon
remove-connected-app-question = Remove this app?
    .what = No one can open it through Gatepost any more. To keep its settings, turn it off instead.
    .unread = All that Gatepost knows of the app is deleted. The version that stored it could open it again.
    .button = Remove app
connected-app-added = The app is added.
connected-app-saved = The app is saved.
connected-app-removed = The app is removed.
app-name-refused = Enter a name of at most 60 characters.
app-host-missing = Enter the app’s address.
app-host-refused = “{ $typed }” isn’t the address of an app. Enter one like wiki.example.com, without a path.
app-host-own = This is Gatepost’s own address. An app needs a different one.
app-overtaken = Someone else changed this app while you were editing. Nothing is saved yet. Compare it with the app’s page in another tab, or save again to use your values.
app-host-taken = { $host } belongs to the app { $app }.
app-groups-missing = Enter at least one group or user.
app-group-refused = “{ $typed }” isn’t the name of a group: lowercase letters, digits, dots, hyphens and underscores.
app-user-unknown = No user has the email address { $typed }.
app-path-refused = “{ $typed }” can’t be a public path. A public path begins with /, and has no “.” or “..” between slashes, no double slashes and no semicolons.
app-link-refused = Enter a web address like https://wiki.example.com/start.
app-description-refused = Use at most 200 characters on one line.
app-fresh-refused = Choose one of the times in the list.

# The user’s own apps and username

own-apps = Your apps
    .read = Manage app access
own-app-used = Used since you signed in
own-app-sign-out = Sign out
own-app-sign-out-of = Sign out of { $app }
own-app-left = You’re signed out of this app. The app itself may keep you signed in.
own-app-icon = Icon of { $app }
username = Username
    .hint = Apps know you by this name. You can change it once.
    .fixed = Apps know you by this name. Only an admin can change it now.
    .admin-hint = Apps know the user by this name and keep data under it. A former name is never given to another user.
save-username = Save username
username-question = Change your username?
    .what = You can change it only once. Apps may show you as a new user, without the data you have there.
username-saved = The username is saved.
username-shape = Use 1 to 32 lowercase letters, digits, dots, hyphens and underscores. Begin and end with a letter or a digit.
username-taken = Another user has this username, or had it before.
username-reserved = Many apps treat this name as their administrator. Only an admin can give it.
username-chosen-before = You have changed your username before. Ask an admin to change it again.
user-in-apps = In apps
user-groups = Groups:
user-groups-none = none

# Access of single users, asks for access, guests

access-link = Manage users and guests
access-of = Access to { $app }
access-asks = Requests for access
access-asking = { $count ->
    [one] { $count } user is asking for access
   *[other] { $count } users are asking for access
}
access-asked-on = Asked on { $at }
access-ask = Access to { $app }
access-yes-question = Let this user open { $app }?
access-until-question = Let this user open { $app } for a limited time?
access-no-question = Refuse access to { $app }?
access-yes = Give access
access-until = Give temporary access
access-no = Refuse
    .what = The user gets an email, and can ask again in a week.
access-yes-to = Give access: { $email }
access-until-to = Give temporary access: { $email }
access-no-to = Refuse: { $email }
access-until-day = Until
    .hint = The access ends at the end of this day, UTC.
access-answered-yes = An admin gave access on { $at }.
access-answered-no = An admin refused access on { $at }.
access-named = Users with individual access
access-named-none = None yet.
    .others = All other users have access through a group, or because the app is open to everyone.
access-until-moment = Until { $at }
access-without-end = No end date
access-take = Remove access: { $email }
    .short = Remove
access-take-question = Remove access to { $app }?
    .what = The user can still open the app if one of their groups can, or if it’s open to everyone.
    .button = Remove access
access-add = Add a user or a guest
    .what = Someone without an account becomes a guest. A guest signs in by email and sees only this app. We delete the account afterwards.
    .day = Optional for users, required for guests. The access ends at the end of this day, UTC.
    .button = Add
access-given = The user can now open the app.
access-refused = The user gets an email with your answer.
access-taken = This access has ended.
access-answered-before = Another admin has already answered, or the request no longer exists.
guest-invited = The guest gets an email with an invitation.
app-person-refused = Enter an email address like ana@example.com.
app-date-refused = Choose a date between today and one year from now.
user-is-guest = Guest until { $at }. Then this account is deleted.

# What proxies were refused for

troubles = Refused requests
trouble-at = Last on { $at }
trouble-missing = The proxy sent no { $name }.
    .mend = Add your proxy’s line. Caddy and Traefik send this header by themselves. The files on an app’s page have all lines.
trouble-missing-nginx = The proxy sent no { $name }.
    .mend = Add this line to nginx’s configuration. The files on an app’s page have all lines.
trouble-twice = The proxy sent a header twice.
    .mend = Let the proxy replace the visitor’s header instead of adding another one.
trouble-unreadable = The proxy sent a header that we can’t read.
    .mend = Compare the proxy’s configuration with the file on the app’s page.
trouble-not-a-proxy = A request came from a machine that isn’t a trusted proxy.
    .mend = The server’s log names its address, as <code>client</code>. If it is your proxy, add that address to <code>GATEPOST_TRUSTED_PROXIES</code> and restart Gatepost.
trouble-unknown-host = The proxy asked about a host that belongs to no app.
    .mend = Add the host to an app, or take it out of the proxy’s configuration. To find it, compare the hosts there with those of your apps.
trouble-no-cookie = A browser didn’t keep this app’s cookie.
    .mend = Open the app over HTTPS at exactly the address set here. If that doesn’t help, the browser blocks cookies.
trouble-groups-too-long = A user is in so many groups that their names don’t fit into a header.
    .mend = The app got none of them. Use shorter names, or fewer groups.
