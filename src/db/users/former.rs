//! Passwords and recovery codes that a gain replaced, kept as hashes so that undoing can put them
//! back. What a user removed shortly before counts as replaced. Otherwise an attacker would remove
//! the owner's password first.

use crate::{
    db::{
        DbConnection, Error,
        columns::Named,
        schema::{gains, passwords, recovery_code_sets, recovery_codes, set_aside},
    },
    domain::{
        AccountId, Gain, Gained, Timestamp,
        gain::{Returns, UNDO_LIFETIME},
    },
};
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

/// Returns what the gain is about to replace. That is what the account has now, or what its user
/// removed in the last days. Call it before the gain is made.
pub(in crate::db) fn of(connection: &mut DbConnection, gained: &Gained) -> Result<Option<String>, Error> {
    match current(connection, gained.account_id, gained.kind)? {
        Some(current) => Ok(Some(current)),
        None => Ok(set_aside::table
            .find((gained.account_id, Named(gained.kind)))
            .filter(set_aside::removed_at.gt(gained.gained_at.minus(UNDO_LIFETIME)))
            .select(set_aside::former)
            .first(connection)
            .optional()?),
    }
}

/// Keeps what the account has of this kind, because its user is about to remove it.
pub fn set_aside(connection: &mut DbConnection, account: AccountId, kind: Gain, now: Timestamp) -> Result<(), Error> {
    let Some(former) = current(connection, account, kind)? else { return Ok(()) };
    diesel::delete(set_aside::table.find((account, Named(kind)))).execute(connection)?;
    diesel::insert_into(set_aside::table)
        .values((
            set_aside::account_id.eq(account),
            set_aside::kind.eq(Named(kind)),
            set_aside::former.eq(former),
            set_aside::removed_at.eq(now),
        ))
        .execute(connection)?;
    Ok(())
}

/// Puts back the password from before a gain.
pub fn return_password(connection: &mut DbConnection, gained: &Gained) -> Result<(), Error> {
    crate::db::passwords::remove(connection, gained.account_id)?;
    put_back(connection, gained)
}

/// Deletes what an account's user removed.
pub fn forget_set_aside(connection: &mut DbConnection, account: AccountId) -> Result<(), Error> {
    diesel::delete(set_aside::table.filter(set_aside::account_id.eq(account))).execute(connection)?;
    Ok(())
}

/// Deletes what users removed before a moment.
pub(in crate::db) fn purge(connection: &mut DbConnection, before: Timestamp) -> Result<(), Error> {
    diesel::delete(set_aside::table.filter(set_aside::removed_at.le(before))).execute(connection)?;
    Ok(())
}

fn current(connection: &mut DbConnection, account: AccountId, kind: Gain) -> Result<Option<String>, Error> {
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
    let row: Option<(String, Timestamp, bool)> = passwords::table
        .find(account)
        .select((passwords::hash, passwords::set_at, passwords::from_mail))
        .first(connection)
        .optional()?;
    Ok(row.map(|(hash, set_at, from_mail)| Password { hash, set_at: set_at.as_millis(), from_mail }))
}

fn codes(connection: &mut DbConnection, account: AccountId) -> Result<Option<Codes>, Error> {
    let set: Option<(Vec<u8>, Timestamp)> = recovery_code_sets::table
        .find(account)
        .select((recovery_code_sets::salt, recovery_code_sets::made_at))
        .first(connection)
        .optional()?;
    let Some((salt, made_at)) = set else { return Ok(None) };
    let codes: Vec<(Vec<u8>, Option<Timestamp>)> = recovery_codes::table
        .filter(recovery_codes::account_id.eq(account))
        .select((recovery_codes::code_hash, recovery_codes::used_at))
        .load(connection)?;
    let stored = |(hash, used_at): (Vec<u8>, Option<Timestamp>)| (hash, used_at.map(Timestamp::as_millis));
    let codes = codes.into_iter().map(stored).collect();
    Ok(Some(Codes { salt, made_at: made_at.as_millis(), codes }))
}

/// Puts back what a gain replaced, after the caller has removed the gain.
pub fn put_back(connection: &mut DbConnection, gained: &Gained) -> Result<(), Error> {
    let stored: Option<Option<String>> =
        gains::table.find(gained.id).select(gains::former).first(connection).optional()?;
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
            passwords::account_id.eq(account),
            passwords::hash.eq(&former.hash),
            passwords::set_at.eq(Timestamp::from_millis(former.set_at)),
            passwords::from_mail.eq(former.from_mail),
        ))
        .execute(connection)?;
    Ok(())
}

fn put_codes(connection: &mut DbConnection, account: AccountId, former: &Codes) -> Result<(), Error> {
    diesel::insert_into(recovery_code_sets::table)
        .values((
            recovery_code_sets::account_id.eq(account),
            recovery_code_sets::salt.eq(&former.salt),
            recovery_code_sets::made_at.eq(Timestamp::from_millis(former.made_at)),
        ))
        .execute(connection)?;
    for (hash, used_at) in &former.codes {
        diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::account_id.eq(account),
                recovery_codes::code_hash.eq(hash),
                recovery_codes::used_at.eq(used_at.map(Timestamp::from_millis)),
            ))
            .execute(connection)?;
    }
    Ok(())
}
