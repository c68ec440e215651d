//! Second factors: removing all of them, and what follows when one is shown. Files with their names
//! enrol and remove single ones.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, AccountId, AskedFrom, AuditEntry, Entropy, SecurityEvent, SessionId, Shown, Timestamp,
        audit::{Action, Actor},
        gain::is_settled,
        mail::QueuedMail,
    },
    people::{cancel_recovery, status::end_attempts},
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
pub fn second_factor_was_shown(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    (shown, now): (Shown, Timestamp),
) -> Result<(), Error> {
    // Without a date it counts as gained now.
    let since = shown.since.unwrap_or(now);
    if is_settled(since, now) {
        db::totp::forget_failures(connection, account.id)?;
    } else {
        forgive_wrong_codes(connection, account.id, since)?;
    }
    let Some(recovery) = db::recoveries::under_way(connection, account.id)? else { return Ok(()) };
    if !is_settled(since, recovery.asked_at) {
        return Ok(());
    }
    if cancel_recovery(connection, entropy, account, now)? {
        let line = AuditEntry::new(entropy, now, Actor::of(account), Action::RecoveryCancelled, account.email.as_str());
        db::audit::insert(connection, &line.to("second factor shown"))?;
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
pub fn recovery_code_was_used(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    now: Timestamp,
) -> Result<u32, Error> {
    let left = db::recovery_codes::left(connection, account.id)?;
    let event = SecurityEvent::RecoveryCodeUsed { left };
    tell(connection, entropy, &News { account, event, from: None }, now)?;
    Ok(left)
}

/// Removes the recovery codes with the last second factor, because they replace it.
pub(super) fn recovery_codes_go_with_the_last(connection: &mut DbConnection, account: AccountId) -> Result<(), Error> {
    if !db::enrolled::of(connection, account)?.has_second_factor() {
        db::recovery_codes::remove_all(connection, account, None)?;
    }
    Ok(())
}

/// Does what must follow when a factor or a password is added or removed in the session `keep`.
/// Other sessions began under other rules, remembered browsers may rely on what is gone, and
/// waiting sign-ins would end under old rules.
pub(super) fn end_the_rest(
    connection: &mut DbConnection,
    account: &Account,
    keep: SessionId,
    now: Timestamp,
) -> Result<(), Error> {
    db::sessions::delete_others(connection, account.id, keep)?;
    end_attempts(connection, account, now)
}

/// What an account's owner is told by email.
#[derive(Clone, Copy, Debug)]
pub struct News<'a> {
    pub account: &'a Account,
    pub event: SecurityEvent,
    /// Where it was done. `None` if the owner's browser did not do it.
    pub from: Option<&'a AskedFrom>,
}

/// Puts the email to the owner into the outbox.
pub fn tell(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    news: &News<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    db::outbox::enqueue(connection, &mail_of(entropy, news, now))
}

/// Returns the email to the owner.
pub(super) fn mail_of(entropy: &dyn Entropy, news: &News<'_>, now: Timestamp) -> QueuedMail {
    QueuedMail {
        account_id: Some(news.account.id),
        note: news.event.note(),
        from: news.from.cloned(),
        ..QueuedMail::new(entropy, news.event.mail_kind(), news.account.email.clone(), now)
    }
}
