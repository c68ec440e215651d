# What changed in an account: the heading of the email that tells of it, and what follows from it.
# A heading has no full stop, because "at Gatepost" may follow.

event-password-set = A new password was set
    .detail = Your other browsers are signed out.
event-password-removed = Your password was removed
    .detail = Your other browsers are signed out.
event-password-reset = Your password was reset
    .detail = All browsers are signed out.
event-app-added = An authenticator app was added
    .detail = You'll be asked for its code when you sign in.
event-app-removed = An authenticator app was removed
    .detail = Its codes no longer work.
event-app-guessed = Wrong codes were entered for your authenticator app
    .detail = The person who entered them knows your password or can read your email. If that wasn't you, change the password of your email account, and your password here if you have one.
event-passkey-added = A passkey was added
    .detail = It can be used to sign in to your account.
event-passkey-removed = A passkey was removed
    .detail = It can no longer be used to sign in to your account.
event-passkey-copied = A passkey may have been copied
    .detail = It behaved like a copy, so we refused it. Remove this passkey and add a new one.
event-recovery-codes-made = New recovery codes were created
    .detail = Your old recovery codes no longer work.
event-recovery-codes-removed = Your recovery codes were removed
    .detail = They no longer work.
event-recovery-code-used = A recovery code was used
    .detail = { $left ->
        [0] It was the last one. Create new ones now.
        [1] Only { $left } is left. Create new ones soon.
        [2] Only { $left } are left. Create new ones soon.
        [3] Only { $left } are left. Create new ones soon.
       *[other] { $left } are left.
    }
event-recovery-begun = Your second factors are about to be removed
    .detail = We'll remove them after 24 hours. Your email address changed in the last 7 days. So we sent the link that stops this to your former address. You can also stop it by signing in with a second factor that you've had for at least 7 days.
event-recovery-cancelled = Your second factors were kept
    .detail = The request to remove them was cancelled.
event-recovery-done = Your second factors were removed
    .detail = The waiting period ended and the request wasn't cancelled. Sign in as before, then set up new ones.
event-browser-remembered = A browser no longer needs your second factor
    .detail = This lasts for 30 days.
event-admin-made = You made another account an admin
    .detail = It can now change every account and every setting.
event-became-admin = You are an admin now
    .detail = Another admin gave you these rights. You can now change every account and every setting.
event-undone = A change to your account was undone
    .detail = Someone used the link in our email. Anything added later was removed too, and all browsers were signed out. Sign in with an email link, then check your sign-in methods.
event-account-ends = Your account has an end date
    .detail = After that you can't sign in, and you're signed out everywhere. If you need the account for longer, ask your admin.
event-account-stays = Your account has no end date any more
    .detail = You can use it as before.
event-unknown = The security of your account was changed
    .detail = A newer version of this server made the change, and this one can't say what it was.

# What it is about.
event-about-admin = The new admin is { $admin }.
event-about-end = It ends on { $at }.
event-about-removed = Removed: { $what }.
event-removed-apps = { $count ->
    [one] { $count } authenticator app
   *[other] { $count } authenticator apps
}
event-removed-passkeys = { $count ->
    [one] { $count } passkey
   *[other] { $count } passkeys
}
event-removed-codes = { $count ->
    [one] { $count } recovery code
   *[other] { $count } recovery codes
}
event-removed-browsers = { $count ->
    [one] { $count } remembered browser
   *[other] { $count } remembered browsers
}
event-removed-password = the new password
