//! Factors that an account has enrolled. They are read from the rows when needed and never stored
//! beside them, so that nothing can disagree.

use crate::{
    db::{
        DbConnection, Error,
        engine::kept::KeptDsl,
        schema::{passkeys, passwords, recovery_codes, totp_authenticators, trusted_devices},
    },
    domain::{AccountId, Enrolled, Factor},
};
use diesel::{dsl::exists, prelude::*, select};

/// Returns all of it, even what is turned off; see [`Enrolled::under`].
pub fn of(connection: &mut DbConnection, account: AccountId) -> Result<Enrolled, Error> {
    let (password, totp, passkey, recovery_codes) = select((
        exists(passwords::table.filter(passwords::account_id.eq(account))),
        exists(
            totp_authenticators::table
                .filter(totp_authenticators::account_id.eq(account))
                .filter(totp_authenticators::confirmed_at.is_not_null()),
        ),
        exists(passkeys::table.filter(passkeys::account_id.eq(account))),
        exists(
            recovery_codes::table
                .filter(recovery_codes::account_id.eq(account))
                .filter(recovery_codes::used_at.is_null()),
        ),
    ))
    .one_kept(connection)?;
    Ok(Enrolled { password, totp, passkey, recovery_codes })
}

/// Numbers of the factors and remembered browsers of an account, even of those turned off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    pub authenticators: i64,
    pub passkeys: i64,
    /// Codes that are left.
    pub recovery_codes: i64,
    pub trusted_devices: i64,
}

impl Numbers {
    pub const fn of(&self, factor: Factor) -> i64 {
        match factor {
            Factor::Passkey => self.passkeys,
            Factor::App => self.authenticators,
            Factor::RecoveryCodes => self.recovery_codes,
        }
    }
}

pub fn numbers(connection: &mut DbConnection, account: AccountId) -> Result<Numbers, Error> {
    Ok(Numbers {
        authenticators: totp_authenticators::table
            .filter(totp_authenticators::account_id.eq(account))
            .filter(totp_authenticators::confirmed_at.is_not_null())
            .count()
            .get_result(connection)?,
        passkeys: passkeys::table.filter(passkeys::account_id.eq(account)).count().get_result(connection)?,
        recovery_codes: recovery_codes::table
            .filter(recovery_codes::account_id.eq(account))
            .filter(recovery_codes::used_at.is_null())
            .count()
            .get_result(connection)?,
        trusted_devices: trusted_devices::table
            .filter(trusted_devices::account_id.eq(account))
            .count()
            .get_result(connection)?,
    })
}
