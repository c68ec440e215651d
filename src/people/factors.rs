//! Second factors: removing all of them, and what goes with them. Files with their names enrol and
//! remove single ones.

use crate::{
    db::{self, DbConnection, Error, Tx},
    domain::{Account, AccountId, Factor, SecurityEvent, Timestamp},
    people::tell::tell,
};
use strum::VariantArray;

/// Removes everything that can be shown after a first method, and remembered browsers. Or only what
/// was added since a moment.
pub fn remove_factors(
    connection: &mut DbConnection,
    account: AccountId,
    since: Option<Timestamp>,
) -> Result<(), Error> {
    for factor in Factor::VARIANTS {
        match factor {
            Factor::App => {
                db::totp::remove_all(connection, account, since)?;
            }
            Factor::Passkey => {
                db::passkeys::remove_all(connection, account, since)?;
            }
            Factor::RecoveryCodes => {
                db::recovery_codes::remove_all(connection, account, since)?;
            }
        }
    }
    db::former::forget_set_aside(connection, account)?;
    db::trusted_devices::delete_all(connection, account)
}

/// Clears the count of wrong codes, unless the account has an app from before `since`. Otherwise an
/// attacker who cannot show that app could guess at it for as long as it takes.
pub(super) fn forgive_wrong_codes(
    connection: &mut DbConnection,
    account: AccountId,
    since: Timestamp,
) -> Result<(), Error> {
    if db::totp::has_older_than(connection, account, since)? {
        return Ok(());
    }
    forgive_all_wrong_codes(connection, account)
}

/// Clears the count of wrong codes.
pub(super) fn forgive_all_wrong_codes(connection: &mut DbConnection, account: AccountId) -> Result<(), Error> {
    db::totp::forget_failures(connection, account)
}

/// Notes that a recovery code was used, and tells the owner. Returns how many are left.
pub fn recovery_code_was_used(tx: &mut Tx<'_>, account: &Account) -> Result<u32, Error> {
    let left = db::recovery_codes::left(tx.connection, account.id)?;
    let event = SecurityEvent::RecoveryCodeUsed { left };
    tell(tx, account, event)?;
    Ok(left)
}

/// Removes the recovery codes with the last second factor, because they replace it.
pub(super) fn recovery_codes_go_with_the_last(connection: &mut DbConnection, account: AccountId) -> Result<(), Error> {
    if !db::enrolled::of(connection, account)?.has_second_factor() {
        db::recovery_codes::remove_all(connection, account, None)?;
    }
    Ok(())
}
