//! Passkeys: what follows from adding one and from removing one.

use crate::{
    db::{self, DbConnection, Error},
    domain::{Account, Entropy, PasskeyId, SecurityEvent, SessionId, Settings, Timestamp, ways_in::Loss},
    people::{
        Change,
        factors::{News, end_the_rest, recovery_codes_go_with_the_last, tell},
        gains::{Grant, record},
        ways_in::locked_by,
    },
};

/// Does what follows when a passkey was added in the session `keep`. The mailbox gets an email, and
/// can undo it. With the account's first second factor, every session without one ends.
pub fn passkey_was_added(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    passkey: PasskeyId,
    keep: SessionId,
    now: Timestamp,
) -> Result<(), Error> {
    let is_only_one = db::passkeys::of_account(connection, account.id)?.len() == 1;
    if is_only_one && !db::enrolled::of(connection, account.id)?.totp {
        end_the_rest(connection, account, keep, now)?;
    }
    record(connection, entropy, account, (&Grant::Passkey(passkey), now))
}

/// Removes a passkey, unless it is the last way in.
pub fn remove_passkey(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    start: &Settings,
    account: &Account,
    id: PasskeyId,
    keep: SessionId,
    now: Timestamp,
) -> Result<Change, Error> {
    if let Some(lock_out) = locked_by(connection, start, Loss::Passkey(account.id, id))? {
        return Ok(lock_out.into());
    }
    if !db::passkeys::remove(connection, account.id, id)? {
        return Ok(Change::Unchanged);
    }
    recovery_codes_go_with_the_last(connection, account.id)?;
    end_the_rest(connection, account, keep, now)?;
    tell(connection, entropy, &News { account, event: SecurityEvent::PasskeyRemoved, from: None }, now)?;
    Ok(Change::Done)
}
