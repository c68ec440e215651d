//! Recovery codes: making ten new ones and removing those that are left.

use crate::{
    db::{self, Error, Tx},
    domain::{Account, Gain, SecurityEvent, recovery_code::HashedCodes},
    people::{
        gains::{Grant, record, record_beside},
        tell::tell,
    },
};

/// Gives the account these codes. Earlier ones no longer work, unless the new ones are undone.
pub fn make_recovery_codes(tx: &mut Tx<'_>, account: &Account, codes: &HashedCodes) -> Result<(), Error> {
    record(tx, account, &Grant::RecoveryCodes)?;
    db::recovery_codes::replace(tx.connection, account.id, codes, tx.now)
}

/// Gives the account its codes with a second factor that it gains in the same transaction. The
/// email about the factor undoes both.
pub fn make_recovery_codes_beside_a_factor(
    tx: &mut Tx<'_>,
    account: &Account,
    codes: &HashedCodes,
) -> Result<(), Error> {
    record_beside(tx, account, &Grant::RecoveryCodes)?;
    db::recovery_codes::replace(tx.connection, account.id, codes, tx.now)
}

/// Removes the codes. Undoing the next ones puts them back. Returns `false` if the account had
/// none.
pub fn remove_recovery_codes(tx: &mut Tx<'_>, account: &Account) -> Result<bool, Error> {
    db::former::set_aside(tx.connection, account.id, Gain::RecoveryCodes, tx.now)?;
    if !db::recovery_codes::remove_all(tx.connection, account.id, None)? {
        return Ok(false);
    }
    tell(tx, account, SecurityEvent::RecoveryCodesRemoved)?;
    Ok(true)
}
