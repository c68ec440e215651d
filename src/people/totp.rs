//! Authenticator apps: enrolling and removing one.

use crate::{
    db::{self, Error, Tx},
    domain::{
        AuthenticatorId, SecurityEvent,
        totp::{Authenticator, Step},
    },
    people::{
        Owner,
        factors::recovery_codes_go_with_the_last,
        gains::{Grant, record},
        tell::tell,
    },
};

/// Confirms an app by its first code, of this time step. From now on a sign-in asks for
/// it. Returns `false` if another request was quicker.
pub fn add_authenticator(
    tx: &mut Tx<'_>,
    owner: Owner<'_>,
    authenticator: &Authenticator,
    step: Step,
) -> Result<bool, Error> {
    if !db::totp::confirm(tx.connection, authenticator.id, tx.now)?
        || !db::totp::use_step(tx.connection, authenticator.id, step, tx.now)?
    {
        return Ok(false);
    }
    owner.end_the_rest(tx)?;
    record(tx, owner.account, &Grant::App(authenticator.id))?;
    Ok(true)
}

/// Returns `false` if the account has no such app.
pub fn remove_authenticator(tx: &mut Tx<'_>, owner: Owner<'_>, id: AuthenticatorId) -> Result<bool, Error> {
    let account = owner.account;
    if !db::totp::remove(tx.connection, account.id, id)? {
        return Ok(false);
    }
    recovery_codes_go_with_the_last(tx.connection, account.id)?;
    owner.end_the_rest(tx)?;
    tell(tx, account, SecurityEvent::AuthenticatorRemoved)?;
    Ok(true)
}
