//! Passwords, as hashes.

use crate::{
    db::{
        DbConnection, Error,
        engine::kept::KeptDsl,
        schema::{accounts, passwords},
    },
    domain::{AccountId, EmailAddress, PasswordHash, Timestamp},
};
use diesel::prelude::*;

/// Returns an account's password, and when it was set.
pub fn find(connection: &mut DbConnection, account: AccountId) -> Result<Option<(PasswordHash, Timestamp)>, Error> {
    let found: Option<(String, Timestamp)> = passwords::table
        .find(account)
        .select((passwords::hash, passwords::set_at))
        .get_result(connection)
        .optional()?;
    Ok(found.map(|(hash, at)| (PasswordHash::from_stored(hash), at)))
}

/// Returns when the password of the account at this address was set. `None` without an account or a
/// password, by the same statement.
pub fn set_at(connection: &mut DbConnection, email: &EmailAddress) -> Result<Option<Timestamp>, Error> {
    let at: Option<Timestamp> = passwords::table
        .inner_join(accounts::table)
        .filter(accounts::email.eq(email.as_str()))
        .select(passwords::set_at)
        .one_kept(connection)
        .optional()?;
    Ok(at)
}

/// Sets an account's password and replaces an older one.
pub fn set(
    connection: &mut DbConnection,
    account: AccountId,
    hash: &PasswordHash,
    now: Timestamp,
) -> Result<(), Error> {
    let upsert = diesel::insert_into(passwords::table)
        .values((passwords::account_id.eq(account), passwords::hash.eq(hash.as_str()), passwords::set_at.eq(now)))
        .on_conflict(passwords::account_id)
        .do_update()
        .set((passwords::hash.eq(hash.as_str()), passwords::set_at.eq(now), passwords::from_mail.eq(false)));
    upsert.run_kept(connection)?;
    Ok(())
}

/// Notes that the password was chosen through an email link, or has been used beside a second
/// factor since.
pub fn note_from_mail(connection: &mut DbConnection, account: AccountId, from_mail: bool) -> Result<(), Error> {
    diesel::update(passwords::table.find(account).filter(passwords::from_mail.ne(from_mail)))
        .set(passwords::from_mail.eq(from_mail))
        .run_kept(connection)?;
    Ok(())
}

/// Returns whether there is a password, and whether it was chosen through an email link.
pub fn is_from_mail(connection: &mut DbConnection, account: AccountId) -> Result<Option<bool>, Error> {
    Ok(passwords::table.find(account).select(passwords::from_mail).get_result(connection).optional()?)
}

/// Stores a new hash of the same password under today's parameters, unless the password has changed
/// since.
pub fn rehash(
    connection: &mut DbConnection,
    account: AccountId,
    old: &PasswordHash,
    new: &PasswordHash,
) -> Result<(), Error> {
    diesel::update(passwords::table.find(account).filter(passwords::hash.eq(old.as_str())))
        .set(passwords::hash.eq(new.as_str()))
        .run_kept(connection)?;
    Ok(())
}

/// Removes the password. Returns `false` if there was none.
pub fn remove(connection: &mut DbConnection, account: AccountId) -> Result<bool, Error> {
    Ok(diesel::delete(passwords::table.find(account)).execute_either(connection)? == 1)
}
