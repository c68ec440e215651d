//! Ending what an account has in progress: its sessions, its attempts, its remembered browsers.

use crate::{
    db::{self, Error, Tx},
    domain::Account,
};

/// Ends all sessions and open attempts of an account. Returns how many sessions there were.
pub fn sign_out_everywhere(tx: &mut Tx<'_>, account: &Account) -> Result<usize, Error> {
    // Otherwise a second factor shown at this moment could make a session after these have ended.
    tx.lock(&account.email)?;
    let sessions = db::sessions::delete_all(tx.connection, account.id)?;
    end_attempts(tx, account)?;
    Ok(sessions)
}

/// Ends everything that the account has in progress, and everything that would shorten the next
/// sign-in.
pub(super) fn end_attempts(tx: &mut Tx<'_>, account: &Account) -> Result<(), Error> {
    db::trusted_devices::delete_all(tx.connection, account.id)?;
    db::attempts::end_all_of_address(tx.connection, &account.email, tx.now)?;
    db::attempts::end_all_of_account(tx.connection, account.id, tx.now)
}
