//! Keys that sign tokens for apps. Their private parts come and go sealed; this module does not
//! know the operator's key.

pub use crate::db::oidc::stored::{KeyRowId, StoredKey};
use crate::{
    db::{
        DbConnection, Error,
        columns::Named,
        schema::oidc_keys,
        sealed::{SealedKind, SealedRow, SealedWords, substr},
    },
    domain::{
        Timestamp,
        oidc::{SigningAlg, key_schedule::KeyTimes},
    },
};
use diesel::prelude::*;

type Row = (KeyRowId, String, Named<SigningAlg>, String, Vec<u8>, Timestamp);

fn read((id, kid, Named(alg), jwk, sealed, signs_from): Row) -> StoredKey {
    StoredKey { id, kid, times: KeyTimes { alg, signs_from }, jwk, sealed }
}

/// Returns all keys, in the order in which they begin to sign.
pub fn all(connection: &mut DbConnection) -> Result<Vec<StoredKey>, Error> {
    let rows: Vec<Row> = oidc_keys::table
        .order((oidc_keys::signs_from, oidc_keys::id))
        .select((
            oidc_keys::id,
            oidc_keys::kid,
            oidc_keys::alg,
            oidc_keys::public_jwk,
            oidc_keys::sealed_private,
            oidc_keys::signs_from,
        ))
        .load(connection)?;
    Ok(rows.into_iter().map(read).collect())
}

pub fn insert(connection: &mut DbConnection, key: &StoredKey, now: Timestamp) -> Result<(), Error> {
    diesel::insert_into(oidc_keys::table)
        .values((
            oidc_keys::id.eq(key.id),
            oidc_keys::kid.eq(&key.kid),
            oidc_keys::alg.eq(Named(key.times.alg)),
            oidc_keys::public_jwk.eq(&key.jwk),
            oidc_keys::sealed_private.eq(&key.sealed),
            oidc_keys::made_at.eq(now),
            oidc_keys::signs_from.eq(key.times.signs_from),
        ))
        .execute(connection)?;
    Ok(())
}

pub fn delete(connection: &mut DbConnection, id: KeyRowId) -> Result<(), Error> {
    diesel::delete(oidc_keys::table.find(id)).execute(connection)?;
    Ok(())
}

/// Deletes all keys. Apps then accept no token that was signed before.
pub fn delete_all(connection: &mut DbConnection) -> Result<usize, Error> {
    Ok(diesel::delete(oidc_keys::table).execute(connection)?)
}

/// The private parts of all signing keys, for what rotates the operator's keys.
pub struct PrivateKeys;

impl SealedKind for PrivateKeys {
    fn column(&self) -> &'static str {
        "oidc_keys.sealed_private"
    }

    fn words(&self) -> SealedWords {
        SealedWords {
            lost: "Signing keys that Gatepost makes anew",
            remedy: "Make new signing keys: gatepost oidc rotate-keys --now.",
        }
    }

    fn beginnings(&self, connection: &mut DbConnection, length: i32) -> Result<Vec<Vec<u8>>, Error> {
        let beginning = substr(oidc_keys::sealed_private, 1, length);
        Ok(oidc_keys::table.select(beginning).distinct().load(connection)?)
    }

    fn count(&self, connection: &mut DbConnection) -> Result<i64, Error> {
        Ok(oidc_keys::table.count().get_result(connection)?)
    }

    fn page(&self, connection: &mut DbConnection, after: Option<i64>, most: i64) -> Result<Vec<SealedRow>, Error> {
        let rows: Vec<(KeyRowId, Vec<u8>)> = oidc_keys::table
            .filter(oidc_keys::id.gt(KeyRowId::from_i64(after.unwrap_or(-1))))
            .order(oidc_keys::id)
            .limit(most)
            .select((oidc_keys::id, oidc_keys::sealed_private))
            .load(connection)?;
        let read =
            |(id, sealed): (KeyRowId, Vec<u8>)| SealedRow { id: id.as_i64(), place: StoredKey::place(id), sealed };
        Ok(rows.into_iter().map(read).collect())
    }

    fn reseal(&self, connection: &mut DbConnection, row: &SealedRow, anew: &[u8]) -> Result<bool, Error> {
        let same = oidc_keys::table.find(KeyRowId::from_i64(row.id)).filter(oidc_keys::sealed_private.eq(&row.sealed));
        Ok(diesel::update(same).set(oidc_keys::sealed_private.eq(anew)).execute(connection)? == 1)
    }
}
