//! Passkeys: what follows from adding one and from removing one.

use crate::{
    db::{self, Error, Tx},
    domain::{PasskeyId, SecurityEvent, ways_in::Loss},
    people::{
        Change, Owner,
        factors::recovery_codes_go_with_the_last,
        gains::{Grant, record},
        tell::tell,
        ways_in::locked_by,
    },
};

/// Does what follows when its owner has added a passkey. The mailbox gets an email, and can undo
/// it. With the account's first second factor, every session without one ends.
pub fn passkey_was_added(tx: &mut Tx<'_>, owner: Owner<'_>, passkey: PasskeyId) -> Result<(), Error> {
    let account = owner.account;
    let is_only_one = db::passkeys::of_account(tx.connection, account.id)?.len() == 1;
    // An app that an admin has turned off is no factor: no session has shown it.
    let settings = tx.settings()?;
    let has_app = db::enrolled::of(tx.connection, account.id)?.under(&settings).totp;
    if is_only_one && !has_app {
        owner.end_the_rest(tx)?;
    }
    record(tx, account, &Grant::Passkey(passkey))
}

/// Removes a passkey, unless it is the last way in.
pub fn remove_passkey(tx: &mut Tx<'_>, owner: Owner<'_>, id: PasskeyId) -> Result<Change, Error> {
    let account = owner.account;
    if let Some(lock_out) = locked_by(tx, Loss::Passkey(account.id, id))? {
        return Ok(lock_out.into());
    }
    if !db::passkeys::remove(tx.connection, account.id, id)? {
        return Ok(Change::Unchanged);
    }
    recovery_codes_go_with_the_last(tx.connection, account.id)?;
    owner.end_the_rest(tx)?;
    tell(tx, account, SecurityEvent::PasskeyRemoved)?;
    Ok(Change::Done)
}
