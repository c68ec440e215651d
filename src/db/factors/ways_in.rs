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
    let admins: Vec<(AccountId, Option<AccountId>)> = accounts::table
        .left_join(passwords::table)
        .filter(is_active_admin)
        .select((accounts::id, passwords::account_id.nullable()))
        .load(connection)?;
    // Not a join: SQLite would look at the owner of every passkey.
    let ids: Vec<AccountId> = admins.iter().map(|(id, _)| *id).collect();
    let passkeys: Vec<(AccountId, PasskeyId)> = passkeys::table
        .filter(passkeys::account_id.eq_any(ids))
        .select((passkeys::account_id, passkeys::id))
        .load(connection)?;
    let passkeys_of = |id| passkeys.iter().filter(|(owner, _)| *owner == id).map(|(_, key)| *key).collect();
    Ok(admins
        .into_iter()
        .map(|(id, password)| Admin { id, has_password: password.is_some(), passkeys: passkeys_of(id) })
        .collect())
}
