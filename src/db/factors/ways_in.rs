//! The ways in which admins can sign in.

use crate::{
    db::{
        DbConnection, Error,
        schema::{accounts, passkeys, passwords},
    },
    domain::{AccountId, PasskeyId, ways_in::Admin},
};
use diesel::prelude::*;

/// Returns every active admin.
pub fn of_admins(connection: &mut DbConnection) -> Result<Vec<Admin>, Error> {
    // As the partial index has it: neither database uses the index for a bound value.
    let is_active_admin = accounts::is_admin.and(accounts::disabled_at.is_null());
    let admins: Vec<(i64, Option<i64>)> = accounts::table
        .left_join(passwords::table)
        .filter(is_active_admin)
        .select((accounts::id, passwords::account_id.nullable()))
        .load(connection)?;
    // Not a join: SQLite would look at the owner of every passkey.
    let ids: Vec<i64> = admins.iter().map(|(id, _)| *id).collect();
    let passkeys: Vec<(i64, i64)> = passkeys::table
        .filter(passkeys::account_id.eq_any(ids))
        .select((passkeys::account_id, passkeys::id))
        .load(connection)?;
    let passkeys_of =
        |id| passkeys.iter().filter(|(owner, _)| *owner == id).map(|(_, key)| PasskeyId::from_i64(*key)).collect();
    Ok(admins
        .into_iter()
        .map(|(id, password)| Admin {
            id: AccountId::from_i64(id),
            has_password: password.is_some(),
            passkeys: passkeys_of(id),
        })
        .collect())
}
