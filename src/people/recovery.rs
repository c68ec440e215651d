//! All second factors are lost: after a waiting period they are removed, unless somebody says no.
//!
//! Whoever asks, the owner is told by mail and has the whole waiting period. Nobody can shorten it, an admin as little as a second request, and
//! a second request does not lengthen it either.

use crate::{
    db::{self, DbConnection, Error, limits::Counted},
    domain::{
        Account, AuditEntry, Entropy, RecoveryId, SecurityEvent, Timestamp,
        audit::{Action, Actor},
        limit::Decision,
        mail::{MailKind, QueuedMail},
        recovery::{AskedBy, Recovery},
    },
    people::{
        factors::{News, remove_factors, tell},
        sign_out_everywhere,
    },
};

/// What came of asking for a recovery.
#[derive(Clone, Debug)]
pub enum Begun {
    Now(Recovery),
    /// One is under way since earlier, and stays as it is.
    Before(Recovery),
    /// The account has no second factor, or is none that anybody signs in to.
    NothingToRemove,
    /// Begun too often lately; when it can be again.
    Limited {
        until: Timestamp,
    },
}

/// Starts the waiting period, and tells the owner.
pub fn begin_recovery(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    asked_by: AskedBy,
    now: Timestamp,
) -> Result<Begun, Error> {
    db::serialise(connection, &account.email.mailbox())?;
    // As it is now; one that has moved meanwhile would be told at the wrong address.
    let account =
        db::accounts::find(connection, account.id)?.filter(|still| still.is_active() && still.email == account.email);
    let Some(account) = account else { return Ok(Begun::NothingToRemove) };
    if let Some(recovery) = db::recoveries::under_way(connection, account.id)? {
        return Ok(Begun::Before(recovery));
    }
    // Whatever is switched off at the moment among them: it may be switched on again.
    if !db::enrolled::of(connection, account.id)?.has_second_factor() {
        return Ok(Begun::NothingToRemove);
    }
    let limit = AskedBy::limit().ok_or_else(|| Error::fault("there is no limit for recoveries"))?;
    let name = format!("recoveries of {} asked for by {}", account.id, asked_by.as_str());
    if let Decision::Limited { until } = db::limits::take(connection, &[Counted { name, limit }], now)? {
        return Ok(Begun::Limited { until });
    }
    let recovery = Recovery::new(RecoveryId::issue(entropy), account.id, asked_by, now);
    db::recoveries::insert(connection, &recovery)?;
    let news = QueuedMail {
        account_id: Some(account.id),
        note: recovery.id.to_string(),
        ..QueuedMail::new(entropy, MailKind::RecoveryBegun, account.email, now)
    };
    db::outbox::enqueue(connection, &news)?;
    Ok(Begun::Now(recovery))
}

/// Ends the account's recovery, if one is under way, and tells the owner. Until everything is removed a "no" counts, also in the moment between
/// the end of the waiting period and the removal. `false` if there was nothing to end.
pub fn cancel_recovery(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    now: Timestamp,
) -> Result<bool, Error> {
    db::serialise(connection, &account.email.mailbox())?;
    if !db::recoveries::cancel(connection, account.id, now)? {
        return Ok(false);
    }
    tell(connection, entropy, &News { account, event: SecurityEvent::RecoveryCancelled, from: None }, now)?;
    Ok(true)
}

/// Removes the second factors, and nothing else, if the account's recovery is due. Of any number who try, one does it.
///
/// Every session ends: it was begun with what is gone now, and if the phone was stolen and not lost, by its thief. Nobody can say that
/// they did not expect to sign in once more. Password, address, name and rights stay.
///
/// The caller has called `db::serialise` for the account's mailbox, and read the account since. A disabled account has no recovery under way:
/// disabling ends it, so that one from before does not open the account when it is enabled again.
pub fn finish_recovery(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    now: Timestamp,
) -> Result<bool, Error> {
    if !account.is_active() || !db::recoveries::finish(connection, account.id, now)? {
        return Ok(false);
    }
    remove_factors(connection, account.id, None)?;
    // Wrong codes of apps that are gone must not count against the next one.
    db::totp::forget_failures(connection, account.id)?;
    sign_out_everywhere(connection, account, now)?;
    tell(connection, entropy, &News { account, event: SecurityEvent::RecoveryDone, from: None }, now)?;
    let line = AuditEntry::new(entropy, now, Actor::Gatepost, Action::RecoveryDone, account.email.as_str());
    db::audit::insert(connection, &line)?;
    Ok(true)
}
