//! Authenticator apps: enrolling and removing one.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, AuthenticatorId, Entropy, SecurityEvent, SessionId, Timestamp,
        totp::{Authenticator, Step},
    },
    people::{
        factors::{News, end_the_rest, recovery_codes_go_with_the_last, tell},
        gains::{Grant, record},
    },
};

/// Confirms an app by its first code, of this time step, in the session `keep`. From now on a
/// sign-in asks for it. Returns `false` if another request was quicker.
pub fn add_authenticator(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    authenticator: &Authenticator,
    step: Step,
    keep: SessionId,
    now: Timestamp,
) -> Result<bool, Error> {
    if !db::totp::confirm(connection, authenticator.id, now)?
        || !db::totp::use_step(connection, authenticator.id, step, now)?
    {
        return Ok(false);
    }
    end_the_rest(connection, account, keep, now)?;
    record(connection, entropy, account, (&Grant::App(authenticator.id), now))?;
    Ok(true)
}

/// Returns `false` if the account has no such app.
pub fn remove_authenticator(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    id: AuthenticatorId,
    keep: SessionId,
    now: Timestamp,
) -> Result<bool, Error> {
    if !db::totp::remove(connection, account.id, id)? {
        return Ok(false);
    }
    recovery_codes_go_with_the_last(connection, account.id)?;
    end_the_rest(connection, account, keep, now)?;
    tell(connection, entropy, &News { account, event: SecurityEvent::AuthenticatorRemoved, from: None }, now)?;
    Ok(true)
}
