//! The guard of the last way in. Every change that takes a way to sign in from an admin asks here
//! first, in its own transaction.

use crate::{
    db::{self, Error, Tx},
    domain::ways_in::{LockOut, Loss, WaysIn, WaysOn},
};

/// Returns why `loss` must not happen, if there is a reason.
///
/// Until the end of the transaction no other job takes a way in away. Of two losses at once, each
/// harmless alone, the second one sees the first. Everything is therefore read here, after the
/// lock. The lock comes after those of mailboxes.
pub fn locked_by(tx: &mut Tx<'_>, loss: Loss) -> Result<Option<LockOut>, Error> {
    tx.lock_admins()?;
    would_lock(tx, &[loss])
}

/// Returns why these losses together must not happen, as far as is known without the lock.
pub fn would_lock(tx: &mut Tx<'_>, losses: &[Loss]) -> Result<Option<LockOut>, Error> {
    let on = WaysOn::under(&*tx.settings()?);
    let admins = db::ways_in::of_admins(tx.connection)?;
    Ok(WaysIn { on, admins }.locked_by_all(losses))
}
