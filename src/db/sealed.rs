//! What is sealed under the operator's key, and which keys this database was used with. The names of keys only: the keys are in
//! the key file.

use super::{
    DbConnection, Error, dialect,
    schema::{sealing_keys, totp_authenticators},
};
use crate::domain::{AuthenticatorId, KeyId, Timestamp};
use diesel::prelude::*;

diesel::define_sql_function! {
    fn substr(bytes: diesel::sql_types::Binary, from: diesel::sql_types::Integer, length: diesel::sql_types::Integer) -> diesel::sql_types::Binary
}

/// Before anything is decided by what the key file holds, until the end of the transaction: of nodes that start together, and of
/// commands that rotate together, one goes first.
pub fn serialise(connection: &mut DbConnection) -> Result<(), Error> {
    dialect::serialise(connection, "sealing keys")
}

/// The key that was noted last; none before the first start.
pub fn newest_key(connection: &mut DbConnection) -> Result<Option<KeyId>, Error> {
    let found: Option<String> = sealing_keys::table
        .order(sealing_keys::first_used_at.desc())
        .select(sealing_keys::id)
        .first(connection)
        .optional()?;
    found.map(|id| id.parse().map_err(|_| Error::unreadable("name of a key"))).transpose()
}

/// Notes that a key is in use, as the newest; nothing if it was noted before.
pub fn note_key(connection: &mut DbConnection, key: KeyId, now: Timestamp) -> Result<(), Error> {
    let latest: Option<i64> =
        sealing_keys::table.select(diesel::dsl::max(sealing_keys::first_used_at)).first(connection)?;
    // Later than all others, also where the clock was set back.
    let at = now.as_millis().max(latest.map_or(i64::MIN, |latest| latest.saturating_add(1)));
    let insert = diesel::insert_into(sealing_keys::table)
        .values((sealing_keys::id.eq(key.to_string()), sealing_keys::first_used_at.eq(at)))
        .on_conflict_do_nothing();
    dialect::OnConflict(insert).execute(connection)?;
    Ok(())
}

/// How all that is sealed begins, each beginning once.
pub fn beginnings(connection: &mut DbConnection, length: usize) -> Result<Vec<Vec<u8>>, Error> {
    let length = i32::try_from(length).map_err(Error::fault)?;
    let beginning = substr(totp_authenticators::sealed_secret, 1, length);
    Ok(totp_authenticators::table.select(beginning).distinct().load(connection)?)
}

pub fn count(connection: &mut DbConnection) -> Result<i64, Error> {
    Ok(totp_authenticators::table.count().get_result(connection)?)
}

/// Up to `most` sealed secrets of authenticator apps after a certain one, in the order of their ids.
pub fn page(
    connection: &mut DbConnection,
    after: Option<AuthenticatorId>,
    most: i64,
) -> Result<Vec<(AuthenticatorId, Vec<u8>)>, Error> {
    let rows: Vec<(i64, Vec<u8>)> = totp_authenticators::table
        .filter(totp_authenticators::id.gt(after.map_or(-1, AuthenticatorId::as_i64)))
        .order(totp_authenticators::id)
        .limit(most)
        .select((totp_authenticators::id, totp_authenticators::sealed_secret))
        .load(connection)?;
    Ok(rows.into_iter().map(|(id, sealed)| (AuthenticatorId::from_i64(id), sealed)).collect())
}

/// The same secret, sealed anew; `false` if it was removed or sealed by somebody else meanwhile.
pub fn reseal(connection: &mut DbConnection, id: AuthenticatorId, old: &[u8], new: &[u8]) -> Result<bool, Error> {
    let row = totp_authenticators::table.find(id.as_i64()).filter(totp_authenticators::sealed_secret.eq(old));
    Ok(diesel::update(row).set(totp_authenticators::sealed_secret.eq(new)).execute(connection)? == 1)
}
