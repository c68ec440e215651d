//! Recovery when all second factors are lost: after a waiting period they are removed, unless the
//! owner cancels.
//!
//! The owner gets an email in each case and has the whole waiting period. Neither an admin nor a
//! second request can shorten it, and a second request does not lengthen it.

use crate::{
    db::{self, DbConnection, Error, Tx, enrolled::Numbers, limits::Counted},
    domain::{
        Account, AuditEntry, Gain, Gained, RecoveryId, SecurityEvent, Timestamp,
        audit::{Action, Actor},
        clock_jump,
        gain::UNDO_LIFETIME,
        limit::Decision,
        mail::{MailKind, QueuedMail},
        news::{Removed, RemovedFactor},
        recovery::{AskedBy, Recovery, WAITING_PERIOD},
    },
    people::{
        ending::sign_out_everywhere,
        factors::{forgive_wrong_codes, remove_factors},
        tell::{mail_of, tell},
    },
};

/// Outcome of asking for a recovery.
#[derive(Clone, Debug)]
pub enum Begun {
    Now(Recovery),
    /// One is already in progress and stays unchanged.
    Before(Recovery),
    /// The account has no second factor, or is disabled.
    NothingToRemove,
    /// Begun too often; says when it can be begun again.
    Limited {
        until: Timestamp,
    },
}

/// Starts the waiting period, and tells the owner.
pub fn begin_recovery(tx: &mut Tx<'_>, account: &Account, asked_by: AskedBy) -> Result<Begun, Error> {
    tx.lock(&account.email)?;
    // Read again: if it has moved since, the email would go to the wrong address.
    let account = db::accounts::find(tx.connection, account.id)?
        .filter(|still| still.is_usable(tx.now) && still.email == account.email);
    let Some(account) = account else { return Ok(Begun::NothingToRemove) };
    if let Some(recovery) = db::recoveries::under_way(tx.connection, account.id)? {
        return Ok(Begun::Before(recovery));
    }
    // Factors that are turned off count, too, because they may be turned on again.
    if !db::enrolled::of(tx.connection, account.id)?.has_second_factor()
        && young_passwords(tx.connection, &account, asked_by, tx.now)?.is_empty()
    {
        return Ok(Begun::NothingToRemove);
    }
    let name = format!("recoveries of {} asked for by {}", account.id, asked_by.into_str());
    if let Decision::Limited { until } =
        db::limits::take(tx.connection, &[Counted { name, limit: AskedBy::LIMIT }], tx.now)?
    {
        return Ok(Begun::Limited { until });
    }
    let recovery = Recovery::new(RecoveryId::issue(tx.entropy), account.id, asked_by, tx.now);
    db::recoveries::insert(tx.connection, &recovery)?;
    tell_of_beginning(tx, &account, &recovery)?;
    Ok(Begun::Now(recovery))
}

/// Emails the mailbox that can cancel, with a link. That is not the account's own if the account
/// has just moved, because the move may be an attacker's. The new address then gets the email
/// without the link.
fn tell_of_beginning(tx: &mut Tx<'_>, account: &Account, recovery: &Recovery) -> Result<(), Error> {
    let moves = db::gains::open_since(tx.connection, account.id, Gain::Address, tx.now.minus(UNDO_LIFETIME))?;
    let mail = QueuedMail {
        account_id: Some(account.id),
        note: recovery.id.to_string(),
        ..QueuedMail::new(tx.entropy, MailKind::RecoveryBegun, account.email.clone(), tx.now)
    };
    let Some(first) = moves.first() else { return tx.mail(&mail) };
    tx.mail(&QueuedMail { recipient: first.told.clone(), ..mail })?;
    tell(tx, account, SecurityEvent::RecoveryBegun)
}

/// Returns the passwords that a recovery removes at its end, because they were young when it began.
/// Oldest first.
fn young_passwords(
    connection: &mut DbConnection,
    account: &Account,
    asked_by: AskedBy,
    asked_at: Timestamp,
) -> Result<Vec<Gained>, Error> {
    if !Gain::Password.young_goes_at_end_of(asked_by) {
        return Ok(Vec::new());
    }
    db::gains::open_since(connection, account.id, Gain::Password, asked_at.minus(UNDO_LIFETIME))
}

/// Restarts the waiting period of an account that was disabled or over during it. The owner then
/// has all of it.
pub(super) fn restart_recovery(tx: &mut Tx<'_>, account: &Account) -> Result<(), Error> {
    if !db::recoveries::set_due(tx.connection, account.id, tx.now.plus(WAITING_PERIOD))? {
        return Ok(());
    }
    match db::recoveries::under_way(tx.connection, account.id)? {
        Some(recovery) => tell_of_beginning(tx, account, &recovery),
        None => Ok(()),
    }
}

/// Does so if the account has become usable again since it was read as `before`.
pub(super) fn restart_recovery_if_back(tx: &mut Tx<'_>, before: &Account) -> Result<(), Error> {
    if before.is_usable(tx.now) {
        return Ok(());
    }
    match db::accounts::find(tx.connection, before.id)? {
        Some(account) if account.is_usable(tx.now) => restart_recovery(tx, &account),
        _ => Ok(()),
    }
}

/// Cancels the account's recovery, if one is in progress, and tells the owner. This works until
/// everything is removed, even after the waiting period has ended. Returns `false` if there was
/// nothing to cancel. Fails if the account has just moved.
pub fn cancel_recovery(tx: &mut Tx<'_>, account: &Account) -> Result<bool, Error> {
    tx.lock(&account.email)?;
    let account = db::accounts::find_unmoved(tx.connection, account.id, &account.email)?;
    let Some(account) = account else { return Ok(false) };
    if !db::recoveries::cancel(tx.connection, account.id, tx.now)? {
        return Ok(false);
    }
    tell(tx, &account, SecurityEvent::RecoveryCancelled)?;
    Ok(true)
}

/// Removes the second factors if the account's recovery is due. If an admin or the command line
/// began it, a password that was young then goes, too. The one before returns. Of any number of
/// callers, one does it.
///
/// Every session ends, because it began with what is gone now. If the phone was stolen, the thief
/// has one. Address, name and rights stay.
///
/// Lock the account's mailbox first, and read the account after that. The recovery of a disabled
/// account waits: it must not be due when the account is enabled again. So does each one while the
/// clock is implausible. Otherwise a thief could take the owner's time. They would sign in under a
/// clock that is ahead, or right after the server was off for a day.
pub fn finish_recovery(tx: &mut Tx<'_>, account: &Account) -> Result<bool, Error> {
    let recovery = db::recoveries::under_way(tx.connection, account.id)?;
    let Some(recovery) = recovery.filter(|recovery| account.is_usable(tx.now) && recovery.due_at <= tx.now) else {
        return Ok(false);
    };
    if !clock_jump::is_believed(db::housekeeping_runs::last(tx.connection)?, tx.now) {
        return Ok(false);
    }
    remove_what_was_lost(tx, account, &recovery)
}

fn remove_what_was_lost(tx: &mut Tx<'_>, account: &Account, recovery: &Recovery) -> Result<bool, Error> {
    if !db::recoveries::finish(tx.connection, account.id, tx.now)? {
        return Ok(false);
    }
    let numbers = db::enrolled::numbers(tx.connection, account.id)?;
    let passwords = young_passwords(tx.connection, account, recovery.asked_by, recovery.asked_at)?;
    remove_factors(tx.connection, account.id, None)?;
    // Wrong codes of removed apps must not count against the next one.
    forgive_wrong_codes(tx.connection, account.id, tx.now)?;
    if let Some(first) = passwords.first() {
        db::former::return_password(tx.connection, first)?;
    }
    let open = db::gains::open_of(tx.connection, account.id)?;
    let gone: Vec<_> = open.into_iter().filter(|gained| gained.kind.goes_at_end_of_recovery()).collect();
    db::gains::mark_undone(tx.connection, &[gone, passwords.clone()].concat(), tx.now)?;
    sign_out_everywhere(tx, account)?;
    // A thief may have agreed for an app of their own, with what was young when the recovery began.
    let since = recovery.asked_at.minus(UNDO_LIFETIME);
    db::oidc_held::withdraw_consents_since(tx.connection, account.id, since)?;
    let removed = removed(&numbers, !passwords.is_empty());
    let event = SecurityEvent::RecoveryDone;
    let mail = mail_of(tx, account, event);
    tx.mail(&QueuedMail { note: event.note_about(&removed), ..mail })?;
    let line = AuditEntry::new(tx.entropy, tx.now, Actor::Gatepost, Action::RecoveryDone).about(account.email.as_str());
    tx.log(&line.to(removed))?;
    Ok(true)
}

/// Recovers the account at once, as a recovery does at its end. For the operator at the command
/// line, who controls the machine anyway. Returns `false` if it changed nothing.
pub fn recover_now(tx: &mut Tx<'_>, account: &Account) -> Result<bool, Error> {
    tx.lock(&account.email)?;
    let account = db::accounts::find(tx.connection, account.id)?
        .filter(|still| still.is_usable(tx.now) && still.email == account.email);
    let Some(account) = account else { return Ok(false) };
    let asked_by = AskedBy::CommandLine;
    if !db::enrolled::of(tx.connection, account.id)?.has_second_factor()
        && young_passwords(tx.connection, &account, asked_by, tx.now)?.is_empty()
    {
        return Ok(false);
    }
    let recovery =
        Recovery { due_at: tx.now, ..Recovery::new(RecoveryId::issue(tx.entropy), account.id, asked_by, tx.now) };
    db::recoveries::cancel(tx.connection, account.id, tx.now)?;
    db::recoveries::insert(tx.connection, &recovery)?;
    remove_what_was_lost(tx, &account, &recovery)
}

/// Returns what was removed, as the email's row and the audit log store it.
fn removed(numbers: &Numbers, password: bool) -> String {
    let mut all = vec![
        Removed::Counted(RemovedFactor::App, numbers.authenticators),
        Removed::Counted(RemovedFactor::Passkey, numbers.passkeys),
        Removed::Counted(RemovedFactor::RecoveryCode, numbers.recovery_codes),
        Removed::Counted(RemovedFactor::RememberedBrowser, numbers.trusted_devices),
    ];
    all.extend(password.then_some(Removed::NewPassword));
    Removed::stored(&all)
}
