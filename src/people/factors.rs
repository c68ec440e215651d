//! Second factors: taking them all away, and what follows from one having been shown. Enrolling and removing a single one is in the files
//! that are named after it.

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

/// Takes everything away that could be shown after a first method, and all that remembers it; or only what was added since a moment.
pub fn remove_factors(
    connection: &mut DbConnection,
    account: AccountId,
    since: Option<Timestamp>,
) -> Result<(), Error> {
    db::totp::remove_all(connection, account, since)?;
    db::passkeys::remove_all(connection, account, since)?;
    db::recovery_codes::remove_all(connection, account, since)?;
    db::trusted_devices::delete_all(connection, account)
}

/// The account's second factor was shown, after a first method. A recovery that is under way ends, since what was said to be lost is there;
/// but not by a factor that was young when the recovery began. An attacker may have planted that, and it must not keep the owner out.
pub fn second_factor_was_shown(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    (shown, now): (Shown, Timestamp),
) -> Result<(), Error> {
    // What the caller cannot date counts as gained now.
    let since = shown.since.unwrap_or(now);
    // Nor does a young factor forgive wrong codes of an older app: an attacker could otherwise guess at that for as long as it takes.
    if is_settled(since, now) || !db::totp::has_older_than(connection, account.id, since)? {
        db::totp::forget_failures(connection, account.id)?;
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

/// A recovery code was used, and the owner is told. How many are left.
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

/// Recovery codes replace a second factor, so they go with the last one.
pub(super) fn recovery_codes_go_with_the_last(connection: &mut DbConnection, account: AccountId) -> Result<(), Error> {
    if !db::enrolled::of(connection, account)?.has_second_factor() {
        db::recovery_codes::remove_all(connection, account, None)?;
    }
    Ok(())
}

/// What has to follow when a factor or a password was added or taken away in the session `keep`: other sessions were begun under other rules, remembered
/// browsers remember what may be gone, and sign-ins under way would end under rules that no longer hold.
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
    /// Where it was done. `None` where the owner's browser did not do it.
    pub from: Option<&'a AskedFrom>,
}

/// Puts the email that tells the owner into the outbox.
pub fn tell(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    news: &News<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    db::outbox::enqueue(connection, &mail_of(entropy, news, now))
}

/// The email that tells the owner.
pub(super) fn mail_of(entropy: &dyn Entropy, news: &News<'_>, now: Timestamp) -> QueuedMail {
    QueuedMail {
        account_id: Some(news.account.id),
        note: news.event.note(),
        from: news.from.cloned(),
        ..QueuedMail::new(entropy, news.event.mail_kind(), news.account.email.clone(), now)
    }
}
