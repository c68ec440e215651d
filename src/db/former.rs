//! What a gain replaced, kept as hashes so that undoing can put it back.

use super::{
    DbConnection, Error,
    schema::{gains, passwords, recovery_code_sets, recovery_codes},
};
use crate::domain::{AccountId, Gain, Gained, gain::Returns};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Password {
    hash: String,
    set_at: i64,
    from_mail: bool,
}

#[derive(Serialize, Deserialize)]
struct Codes {
    salt: Vec<u8>,
    made_at: i64,
    /// Each code's hash, and when it was used.
    codes: Vec<(Vec<u8>, Option<i64>)>,
}

/// Returns what the account has now and the gain is about to replace. Call it before the gain is
/// made.
pub(super) fn of(connection: &mut DbConnection, account: AccountId, kind: Gain) -> Result<Option<String>, Error> {
    match kind.returns() {
        Returns::FormerPassword => password(connection, account)?.as_ref().map(written).transpose(),
        Returns::FormerCodes => codes(connection, account)?.as_ref().map(written).transpose(),
        // The former address is the mailbox that was told.
        Returns::Nothing | Returns::FormerAddress => Ok(None),
    }
}

fn written(former: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(former).map_err(Error::fault)
}

fn password(connection: &mut DbConnection, account: AccountId) -> Result<Option<Password>, Error> {
    let row: Option<(String, i64, bool)> = passwords::table
        .find(account.as_i64())
        .select((passwords::hash, passwords::set_at, passwords::from_mail))
        .first(connection)
        .optional()?;
    Ok(row.map(|(hash, set_at, from_mail)| Password { hash, set_at, from_mail }))
}

fn codes(connection: &mut DbConnection, account: AccountId) -> Result<Option<Codes>, Error> {
    let set: Option<(Vec<u8>, i64)> = recovery_code_sets::table
        .find(account.as_i64())
        .select((recovery_code_sets::salt, recovery_code_sets::made_at))
        .first(connection)
        .optional()?;
    let Some((salt, made_at)) = set else { return Ok(None) };
    let codes = recovery_codes::table
        .filter(recovery_codes::account_id.eq(account.as_i64()))
        .select((recovery_codes::code_hash, recovery_codes::used_at))
        .load(connection)?;
    Ok(Some(Codes { salt, made_at, codes }))
}

/// Puts back what a gain replaced, after the caller has removed the gain.
pub fn put_back(connection: &mut DbConnection, gained: &Gained) -> Result<(), Error> {
    let stored: Option<Option<String>> =
        gains::table.find(gained.id.as_i64()).select(gains::former).first(connection).optional()?;
    let Some(stored) = stored.flatten() else { return Ok(()) };
    let unreadable = |_| Error::unreadable("former state");
    match gained.kind.returns() {
        Returns::FormerPassword => {
            put_password(connection, gained.account_id, &serde_json::from_str(&stored).map_err(unreadable)?)
        }
        Returns::FormerCodes => {
            put_codes(connection, gained.account_id, &serde_json::from_str(&stored).map_err(unreadable)?)
        }
        Returns::Nothing | Returns::FormerAddress => Ok(()),
    }
}

fn put_password(connection: &mut DbConnection, account: AccountId, former: &Password) -> Result<(), Error> {
    diesel::insert_into(passwords::table)
        .values((
            passwords::account_id.eq(account.as_i64()),
            passwords::hash.eq(&former.hash),
            passwords::set_at.eq(former.set_at),
            passwords::from_mail.eq(former.from_mail),
        ))
        .execute(connection)?;
    Ok(())
}

fn put_codes(connection: &mut DbConnection, account: AccountId, former: &Codes) -> Result<(), Error> {
    diesel::insert_into(recovery_code_sets::table)
        .values((
            recovery_code_sets::account_id.eq(account.as_i64()),
            recovery_code_sets::salt.eq(&former.salt),
            recovery_code_sets::made_at.eq(former.made_at),
        ))
        .execute(connection)?;
    for (hash, used_at) in &former.codes {
        diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::account_id.eq(account.as_i64()),
                recovery_codes::code_hash.eq(hash),
                recovery_codes::used_at.eq(used_at),
            ))
            .execute(connection)?;
    }
    Ok(())
}
