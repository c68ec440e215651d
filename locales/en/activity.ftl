# What happened to the reader’s account. A sentence names no actor: the page says beside it who it was, unless it was the reader

activity-set-up = Became the first admin
activity-signed-in = Signed in with { $methods }
    .from = Signed in with { $methods } { $from }
    .plain = Signed in
activity-stepped-up = Identity verified with { $methods }
    .plain = Identity verified
activity-signed-out = Signed out
activity-session-revoked = Session ended
    .link = Session ended with a link from an email
activity-other-sessions-revoked = { $count ->
    [0] Other sessions signed out
    [one] { $count } other session signed out
   *[other] { $count } other sessions signed out
}
activity-attempt-cancelled = Sign-in cancelled with a link from an email
activity-codes-guessed = Too many wrong email codes entered
activity-account-added = Account added
    .admin = Account added, as an admin
activity-account-disabled = Account disabled
activity-account-enabled = Account enabled
activity-account-end-changed = End of the account set to { $at }
    .removed = End date of the account removed
activity-account-ended = Account ended
activity-invitation-sent = Invitation sent again
activity-admin-granted = Admin rights given
activity-admin-revoked = Admin rights removed
    .own = Admin rights given up
activity-signed-out-everywhere = Signed out everywhere
activity-name-changed = Name changed from “{ $before }” to “{ $after }”
    .first = Name set to “{ $after }”
    .removed = Name “{ $before }” removed
activity-language-changed = Language chosen: { $after }
activity-time-zone-changed = Time zone chosen: { $after }
activity-address-change-asked = Change of the email address to { $after } requested
activity-address-changed = Email address changed to { $subject }
activity-address-change-undone = Change of address undone: { $before } is { $after } again
activity-gain-undone = Changes undone with a link from an email. Removed: { $gains }
activity-password-set = Password set
activity-password-removed = Password removed
activity-password-reset = New password set with a link from an email
activity-app-added = Authenticator app “{ $after }” added
activity-app-removed = Authenticator app “{ $before }” removed
activity-app-guessed = { $count ->
    [one] { $count } wrong app code entered
   *[other] { $count } wrong app codes entered
}
activity-recovery-codes-made = New recovery codes created
activity-recovery-codes-removed = Recovery codes removed
activity-recovery-code-used = Recovery code used. { $count ->
    [one] { $count } is left
   *[other] { $count } are left
}
activity-passkey-added = Passkey “{ $after }” added
activity-passkey-renamed = Passkey “{ $before }” renamed to “{ $after }”
activity-passkey-removed = Passkey “{ $before }” removed
activity-passkey-copied = Passkey “{ $after }” refused, because it may be a copy
activity-browser-remembered = Remembered browser added: { $browser }
activity-browser-forgotten = Remembered browser removed: { $browser }
    .all = { $count ->
        [one] { $count } remembered browser removed
       *[other] All { $count } remembered browsers removed
    }
activity-recovery-begun = Recovery started, due on { $at }
activity-recovery-cancelled = Recovery cancelled
    .link = Recovery cancelled with a link from an email
    .factor = Recovery cancelled by a second factor
activity-recovery-done = Recovery completed. Removed: { $removed }
    .plain = Recovery completed
activity-console-link = Console link created on the server
activity-test-email = Test email sent to { $subject }
activity-email-retried = Failed email sent again
activity-signed-in-to-app = Signed in to the app { $subject }
activity-signed-out-of-app = Signed out of the app { $subject }
activity-app-consent-given = App { $subject } allowed to read: { $after }
activity-app-access-ended = Access of the app { $after } ended
activity-app-token-replayed = The app { $after } used a code or token twice. That sign-in has ended, because the code or token may be stolen
activity-logout-not-delivered = We couldn’t tell the app { $after } that you signed out. Sign out there, too
activity-access-asked = Access to the app { $subject } requested
activity-access-given = Access to the app { $app } given
    .until = Access to the app { $app } given until { $at }
activity-access-refused = Access to the app { $after } refused
activity-access-taken = Access to the app { $before } removed
activity-app-behind-added = App { $subject } added: { $after }
activity-app-behind-changed = App { $subject } changed. Before: { $before }. Now: { $after }
activity-app-behind-removed = App { $subject } removed
activity-group-added = Group { $subject } added
activity-group-changed = Group { $subject } changed from “{ $before }” to “{ $after }”
activity-group-removed = Group { $subject } removed
activity-group-joined = Added to the group { $after }
activity-group-left = Removed from the group { $before }
activity-handle-changed = Username changed from { $before } to { $after }
activity-unknown-action = Something that this version doesn’t know ({ $action })
