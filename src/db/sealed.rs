//! What is sealed under the operator's key, and the names of the keys that this database has used.
//! The keys themselves are in the key file.

use super::{
    DbConnection, Error, dialect,
    schema::{sealing_keys, totp_authenticators},
};
use crate::domain::{AccountId, AuthenticatorId, KeyId, Timestamp};
use diesel::prelude::*;

diesel::define_sql_function! {
    fn substr(bytes: diesel::sql_types::Binary, from: diesel::sql_types::Integer, length: diesel::sql_types::Integer) -> diesel::sql_types::Binary
}

/// Takes a lock until the end of the transaction, before anything depends on the key file. Nodes
/// that start together, and commands that rotate together, take turns.
pub fn serialise(connection: &mut DbConnection) -> Result<(), Error> {
    dialect::serialise(connection, "sealing keys")
}

/// Returns the key that was noted last. `None` before the first start.
pub fn newest_key(connection: &mut DbConnection) -> Result<Option<KeyId>, Error> {
    let found: Option<String> = sealing_keys::table
        .order(sealing_keys::first_used_at.desc())
        .select(sealing_keys::id)
        .first(connection)
        .optional()?;
    found.map(|id| id.parse().map_err(|_| Error::unreadable("name of a key"))).transpose()
}

/// Notes that a key is in use, as the newest, unless it was noted before.
pub fn note_key(connection: &mut DbConnection, key: KeyId, now: Timestamp) -> Result<(), Error> {
    let latest: Option<i64> =
        sealing_keys::table.select(diesel::dsl::max(sealing_keys::first_used_at)).first(connection)?;
    // Later than all others, even if the clock was set back.
    let at = now.as_millis().max(latest.map_or(i64::MIN, |latest| latest.saturating_add(1)));
    let insert = diesel::insert_into(sealing_keys::table)
        .values((sealing_keys::id.eq(key.to_string()), sealing_keys::first_used_at.eq(at)))
        .on_conflict_do_nothing();
    dialect::OnConflict(insert).execute(connection)?;
    Ok(())
}

/// Returns the keys that were noted, each with the moment of its first use.
pub fn first_uses(connection: &mut DbConnection) -> Result<Vec<(KeyId, Timestamp)>, Error> {
    let noted: Vec<(String, i64)> =
        sealing_keys::table.select((sealing_keys::id, sealing_keys::first_used_at)).load(connection)?;
    let read = |(id, at): (String, i64)| {
        let id = id.parse().map_err(|_| Error::unreadable("name of a key"))?;
        Ok((id, Timestamp::from_millis(at)))
    };
    noted.into_iter().map(read).collect()
}

/// Returns the beginnings of everything that is sealed, each once.
pub fn beginnings(connection: &mut DbConnection, length: usize) -> Result<Vec<Vec<u8>>, Error> {
    let length = i32::try_from(length).map_err(Error::fault)?;
    let beginning = substr(totp_authenticators::sealed_secret, 1, length);
    Ok(totp_authenticators::table.select(beginning).distinct().load(connection)?)
}

pub fn count(connection: &mut DbConnection) -> Result<i64, Error> {
    Ok(totp_authenticators::table.count().get_result(connection)?)
}

/// A sealed secret of an authenticator app, and the row that it is in.
pub struct SealedSecret {
    pub account: AccountId,
    pub authenticator: AuthenticatorId,
    pub sealed: Vec<u8>,
}

/// Returns up to `most` sealed secrets after a certain one, in the order of their ids.
pub fn page(
    connection: &mut DbConnection,
    after: Option<AuthenticatorId>,
    most: i64,
) -> Result<Vec<SealedSecret>, Error> {
    let rows: Vec<(i64, i64, Vec<u8>)> = totp_authenticators::table
        .filter(totp_authenticators::id.gt(after.map_or(-1, AuthenticatorId::as_i64)))
        .order(totp_authenticators::id)
        .limit(most)
        .select((totp_authenticators::account_id, totp_authenticators::id, totp_authenticators::sealed_secret))
        .load(connection)?;
    let read = |(account, id, sealed)| SealedSecret {
        account: AccountId::from_i64(account),
        authenticator: AuthenticatorId::from_i64(id),
        sealed,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Stores the same secret, sealed anew. Returns `false` if another transaction removed or sealed it
/// in between.
pub fn reseal(connection: &mut DbConnection, id: AuthenticatorId, old: &[u8], new: &[u8]) -> Result<bool, Error> {
    let row = totp_authenticators::table.find(id.as_i64()).filter(totp_authenticators::sealed_secret.eq(old));
    Ok(diesel::update(row).set(totp_authenticators::sealed_secret.eq(new)).execute(connection)? == 1)
}
