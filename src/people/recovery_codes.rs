//! Recovery codes: making ten new ones and removing those that are left.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, Entropy, Gain, SecurityEvent, Timestamp,
        recovery_code::{RecoveryCodeHash, Salt},
    },
    people::{
        factors::{News, tell},
        gains::{Grant, record, record_beside},
    },
};

/// Gives the account these codes. Earlier ones no longer work, unless the new ones are undone.
pub fn make_recovery_codes(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    salt: &Salt,
    codes: &[RecoveryCodeHash],
    now: Timestamp,
) -> Result<(), Error> {
    record(connection, entropy, account, (&Grant::RecoveryCodes, now))?;
    db::recovery_codes::replace(connection, account.id, salt, codes, now)
}

/// Gives the account its codes with a second factor that it gains in the same transaction. The email about the factor undoes both.
pub fn make_recovery_codes_beside_a_factor(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    (salt, codes): (&Salt, &[RecoveryCodeHash]),
    now: Timestamp,
) -> Result<(), Error> {
    record_beside(connection, entropy, account, (&Grant::RecoveryCodes, now))?;
    db::recovery_codes::replace(connection, account.id, salt, codes, now)
}

/// Removes the codes. Undoing the next ones puts them back. Returns `false` if the account had none.
pub fn remove_recovery_codes(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    now: Timestamp,
) -> Result<bool, Error> {
    db::former::set_aside(connection, account.id, Gain::RecoveryCodes, now)?;
    if !db::recovery_codes::remove_all(connection, account.id, None)? {
        return Ok(false);
    }
    tell(connection, entropy, &News { account, event: SecurityEvent::RecoveryCodesRemoved, from: None }, now)?;
    Ok(true)
}
