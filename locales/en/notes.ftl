# What a page says about the form that was sent before.

# What is wrong with what was typed
address-missing = Enter your email address.
address-too-long = That’s too long for an email address.
address-shape = Enter an email address like ana@example.com.
address-local-part = The part before the @ has a character that we don’t support.
address-domain = The part after the @ should look like example.com.
name-missing = Enter a name.
name-too-long = Use at most { $most } characters.
name-unprintable = This name contains an invisible character. Enter the name again.
password-too-short = Use at least { $least } characters. A few random words work well.
password-too-long = Use at most { $most } characters.
password-common = This password is too common or too repetitive. Choose another one.
password-has-address = Don’t use your email address in your password.
password-has-product = Don’t use this site’s name in your password.
password-breached = This password has appeared in a data breach. Choose another.
password-of-neighbours = Keys next to each other are easy to guess. Use four random words.
password-of-repeats = Repeating a part makes a password longer but not harder to guess. Add different words.
password-of-sequences = Sequences like abc or 1234 are easy to guess. Use four random words.
password-of-dates = Years and dates are easy to guess. Use four random words.
password-near-common = This is close to a password that many people use. Use four random words.
password-of-words = A few common words or names are easy to guess. Add one or two random words.
logo-too-large = This file is larger than 64 KB. Choose a smaller one.
logo-too-large-as-png = We store pictures as PNG, and as a PNG this one is larger than 64 KB. Choose one with fewer pixels.
logo-not-a-picture = Choose a PNG or WebP file.
logo-too-many-pixels = This picture has more than 1024 pixels on one side. Choose a smaller one.

# Signing in
code-not-whole = That code is incomplete. Copy it from the email, or enter all six characters.
code-wrong = That code is wrong or has expired. Use the code from the newest email.
codes-paused = Too many codes were tried for this address. Use the link in the email, or try a code again in { $wait }.
password-wrong = Wrong email address or password.
password-wrong-and-short = Wrong email address or password. A password with fewer than { $least } characters works only together with a second factor.
own-password-wrong = Wrong password.
own-password-wrong-and-short = Wrong password. A password with fewer than { $least } characters works only together with a second factor.
password-pauses = Your password is paused after 100 wrong attempts in a row for this address. Sign in with an email link or a passkey, or choose a new password. Then it works again.
factor-not-whole = That code is incomplete. An app shows six digits; a recovery code has 16 characters.
app-code-wrong = That code is wrong or has expired. Each code works once: wait for the app’s next one.
recovery-code-wrong = That code is wrong or has been used. Each code works once: use another one.
factors-paused = Several codes were wrong. Use another way, or try a code again in { $wait }.
factors-used-up = Too many wrong codes. Use a passkey or a recovery code instead. If you have neither, choose “{ factors-lost }”.
may-not-sign-in = You’ve shown that { $email } is yours, but you can’t sign in with it right now. Ask an admin.
too-many-emails = You’ve asked for too many emails. Use the newest one, or try again later.
email-again-in = You can ask for another email in { $wait }.
another-email-asked = You asked for another email. Use the newest one.
password-reset-done = Your new password is set, and you’ve been signed out everywhere. Sign in with the new password.
cancelled-someone-signed-out = Someone had signed in with this email. We’ve signed them out.
cancelled-own-signed-out = This email was requested or used in this browser, so we’ve signed you out here.
cancelled-asker-signed-out = The browser that asked for this email is no longer signed in.
cancelled-used-before = Someone had used this email before. That browser is no longer signed in.
cancelled-used-somewhere = Someone had used this email before. Sign in and check which browsers are signed in.
cancelled-unused = No one had signed in with this email.
signed-out = You’re signed out.
account-closed = Your account is closed and its data has been deleted. Audit log entries and the list of emails sent to you are deleted later. We’ve emailed you a confirmation.
session-ended = Your session has ended. Sign in to continue.
session-ended-kept = Your session has ended, so nothing is saved yet. Sign in again: we’ve kept what you typed.
session-ended-lost = Your session has ended, so nothing was saved. Sign in and fill in the form again.
confirmed = Thanks for verifying it’s you. Nothing has been done yet: press the button once more.
too-often = Too many attempts. Try again in { $wait }.

# The account
last-way-in = This is the last way an admin can sign in here. Turn on another one first.
same-address = This is already your address.
no-email-links = Email links are turned off, so we can’t verify a new address.
address-not-here = This address can’t be used here. Ask an admin which addresses can.
name-saved = Your name is saved.
language-saved = Your language is saved.
time-zone-saved = Your time zone is saved.
password-set = Your password is set. Your other browsers are signed out.
password-removed = Your password is removed. Your other browsers are signed out.
recovery-kept = Your second factors stay as they are.
recovery-continues = Your second factors are still going to be removed. To keep them, use the link in our email. Or sign in again with a second factor you’ve had for at least 7 days.
browser-signed-out = That browser is signed out.
others-signed-out = All your other browsers are signed out.
address-asked = If { $email } can be used, we’ve emailed a link there. Open it in this browser. Until then, nothing changes.
address-changed = Your address is changed. We’ve emailed the old one.
address-verified = Your email address is verified.
app-not-whole = That code is incomplete: the app shows six digits.
app-wrong = Wrong code. Check that your phone sets its clock automatically.
app-added = Your app is set up. From now on we’ll ask for its code when you sign in.
app-removed = The app is removed. Your other browsers are signed out.
app-late = That took a while, so the QR code and its key have expired. Start again.
factor-added = Your second factor is set up. Now save your recovery codes in case you lose it.
no-second-factor = Recovery codes work only with a second factor. Set one up first.
recovery-codes-removed = Your recovery codes are removed. They no longer work.
passkey-added = Your passkey is added. You can sign in with it, and we’ll ask for it after any other way of signing in.
passkey-renamed = Passkey renamed.
passkey-removed = The passkey is removed. Your other browsers are signed out. Delete it on your device or in your password manager, too.
browser-forgotten = We’ll ask for your second factor in that browser again.
browsers-forgotten = We’ll ask for your second factor in every browser again.
not-sure = Tick the box if you’re sure.
last-admin = You’re the last admin. Make another user an admin first.
gave-rights = You made another user an admin in the last 7 days. Only your account can undo that, so it can’t be closed yet. Remove those admin rights first, or close your account later.

# Admins
invited = { $email } is invited. The email is on its way.
    .kept = { $email } is invited. The email is in the test mailbox: emails aren’t being sent.
has-account = This address already has an account. Nothing was changed.
invited-several = { $invited ->
    [one] { $invited } user is invited.
   *[other] { $invited } users are invited.
}
invited-several-but-known = { $invited ->
    [0] No one new is invited.
    [one] { $invited } user is invited.
   *[other] { $invited } users are invited.
} { $known ->
    [one] { $known } address already had an account.
   *[other] { $known } addresses already had an account.
}
invited-several-but-bad = { $invited ->
    [0] No one is invited yet.
    [one] { $invited } user is invited.
   *[other] { $invited } users are invited.
} { $known ->
    [0] {""}
    [one] { $known } address already had an account.
   *[other] { $known } addresses already had an account.
} { $bad ->
    [one] { $bad } entry isn’t an email address: correct it below, then press Invite.
   *[other] { $bad } entries aren’t email addresses: correct them below, then press Invite.
}
too-many-addresses = That’s too many addresses. Enter at most { $most }. No one has been invited.
no-addresses = Enter at least one email address.
invitation-withdrawn = The invitation is withdrawn, and the account is removed.
not-waiting = This user has already signed in or is disabled, so there’s no open invitation.
no-user-chosen = Select at least one other user.
several-unchanged = Nothing was changed. Your own account and the last admin who can sign in stay as they are.
several-disabled = { $done ->
    [one] { $done } account is disabled, and its user is signed out everywhere.
   *[other] { $done } accounts are disabled, and their users are signed out everywhere.
}
several-enabled = { $done ->
    [one] { $done } account is enabled.
   *[other] { $done } accounts are enabled.
}
several-signed-out = { $done ->
    [one] { $done } user is signed out everywhere.
   *[other] { $done } users are signed out everywhere.
}
several-disabled-but-some = Disabled accounts: { $done }. Not changed: { $kept }. Your own account and the last admin who can sign in stay as they are.
several-enabled-but-some = Enabled accounts: { $done }. Not changed: { $kept }. Your own account stays as it is.
several-signed-out-but-some = Users signed out everywhere: { $done }. Not changed: { $kept }. Your own sessions stay as they are.
several-end-set = { $done ->
    [one] The end date of { $done } account is set.
   *[other] The end dates of { $done } accounts are set.
}
several-end-set-but-some = End dates set: { $done }. Not changed: { $kept }. Your own account and those of admins stay as they are. So do guest accounts that we delete before that day.
account-disabled = The account is disabled, and its sessions have ended.
account-enabled = The account is enabled again.
made-admin = This user is now an admin.
removed-admin = This user is no longer an admin.
signed-out-everywhere = This user is signed out everywhere.
last-admin-elsewhere = This is the last admin. Make another user an admin first.
last-admin-way-in = This is the last admin who can sign in. First turn on a way of signing in that another admin has.
recovery-begun = Recovery started. We’ve emailed the owner.
recovery-cancelled = Nothing was removed. We’ve emailed the owner.
keep-by-the-link = This is your own account. Use the link in our email to keep your second factors, or ask another admin.
admin-too-new-to-cancel = You became an admin less than 7 days before this recovery began, so you can’t cancel it. Ask another admin.
recovery-of-your-own = This is your own account. Remove your second factors on your account page, or ask another admin.
nothing-to-recover = There is no second factor and no new password to remove, or the account is disabled.
recovery-too-often = A recovery was started and cancelled three times within a day. First find out who cancelled it.
test-sent = The test email is on its way.
test-arrived-noted = Email works: your test email arrived, and its link led here.
code-first = Emails to this domain now put the code first.
link-first = Emails to this domain have their button again.
email-queued = The email will be sent again.
email-gone = That email can’t be sent any more: it has been deleted or is no longer needed.
logo-saved = The logo is saved.
logo-removed = The logo is removed.
account-end-saved = End date saved. We’ve told the user, unless the invitation is still open.
account-end-removed = The account has no end date any more.
account-end-no-date = Enter a date such as 2027-03-31, or leave this empty.
account-end-past = Choose a day that isn’t over yet.
account-end-after-guest = We delete this guest’s account before that day. Choose an earlier day.
account-end-admin = Admins have no end date. Remove the admin rights first.
settings-saved = Settings saved.
settings-part-saved = This section is saved. Your changes in other sections aren’t saved yet.
settings-previewed = The preview shows your changes. Nothing is saved yet.
