//! Second factors: removing all of them, and what follows when one is shown. Files with their names
//! enrol and remove single ones.

use crate::{
    db::{self, DbConnection, Error, Tx},
    domain::{
        Account, AccountId, AuditEntry, SecurityEvent, Shown, Timestamp,
        audit::{Action, Actor},
        gain::is_settled,
        mail::QueuedMail,
    },
    people::cancel_recovery,
};

/// Removes everything that can be shown after a first method, and remembered browsers. Or only what
/// was added since a moment.
pub fn remove_factors(
    connection: &mut DbConnection,
    account: AccountId,
    since: Option<Timestamp>,
) -> Result<(), Error> {
    db::totp::remove_all(connection, account, since)?;
    db::passkeys::remove_all(connection, account, since)?;
    db::recovery_codes::remove_all(connection, account, since)?;
    db::former::forget_set_aside(connection, account)?;
    db::trusted_devices::delete_all(connection, account)
}

/// Notes that the account's second factor was shown after a first method. A recovery in progress
/// ends, because the lost factor is there.
///
/// A factor that was young when the recovery began does not end it. An attacker may have planted
/// that, and it must not lock the owner out.
pub fn second_factor_was_shown(tx: &mut Tx<'_>, account: &Account, shown: Shown) -> Result<(), Error> {
    // Without a date it counts as gained now.
    let since = shown.since.unwrap_or(tx.now);
    if is_settled(since, tx.now) {
        db::totp::forget_failures(tx.connection, account.id)?;
    } else {
        forgive_wrong_codes(tx.connection, account.id, since)?;
    }
    let Some(recovery) = db::recoveries::under_way(tx.connection, account.id)? else { return Ok(()) };
    if !is_settled(since, recovery.asked_at) {
        return Ok(());
    }
    if cancel_recovery(tx, account)? {
        let line = AuditEntry::new(tx.entropy, tx.now, Actor::of(account), Action::RecoveryCancelled);
        tx.log(&line.about(account.email.as_str()).to("second factor shown"))?;
    }
    Ok(())
}

/// Clears the count of wrong codes, unless the account has an app from before `since`. Otherwise an
/// attacker who cannot show that app could guess at it for as long as it takes.
pub(super) fn forgive_wrong_codes(
    connection: &mut DbConnection,
    account: AccountId,
    since: Timestamp,
) -> Result<(), Error> {
    if db::totp::has_older_than(connection, account, since)? {
        return Ok(());
    }
    db::totp::forget_failures(connection, account)
}

/// Notes that a recovery code was used, and tells the owner. Returns how many are left.
pub fn recovery_code_was_used(tx: &mut Tx<'_>, account: &Account) -> Result<u32, Error> {
    let left = db::recovery_codes::left(tx.connection, account.id)?;
    let event = SecurityEvent::RecoveryCodeUsed { left };
    tell(tx, account, event)?;
    Ok(left)
}

/// Removes the recovery codes with the last second factor, because they replace it.
pub(super) fn recovery_codes_go_with_the_last(connection: &mut DbConnection, account: AccountId) -> Result<(), Error> {
    if !db::enrolled::of(connection, account)?.has_second_factor() {
        db::recovery_codes::remove_all(connection, account, None)?;
    }
    Ok(())
}

/// Tells the account's owner by email.
pub fn tell(tx: &mut Tx<'_>, account: &Account, event: SecurityEvent) -> Result<(), Error> {
    let mail = mail_of(tx, account, event);
    tx.mail(&mail)
}

/// Returns the email to the owner.
pub(super) fn mail_of(tx: &Tx<'_>, account: &Account, event: SecurityEvent) -> QueuedMail {
    QueuedMail {
        account_id: Some(account.id),
        note: event.note(),
        ..QueuedMail::new(tx.entropy, event.mail_kind(), account.email.clone(), tx.now)
    }
}
