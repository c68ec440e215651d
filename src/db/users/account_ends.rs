//! Ends of accounts: when each is, and what has been done about it.

use crate::{
    db::{DbConnection, Error, schema::accounts},
    domain::{AccountId, Timestamp},
};
use diesel::prelude::*;

/// Sets when an account ends, or that it does not. Its user has not been told of it yet.
pub fn set(connection: &mut DbConnection, id: AccountId, end: Option<Timestamp>) -> Result<(), Error> {
    diesel::update(accounts::table.find(id))
        .set((
            accounts::ends_at.eq(end),
            accounts::end_told_at.eq(None::<Timestamp>),
            accounts::end_done_at.eq(None::<Timestamp>),
        ))
        .execute(connection)?;
    Ok(())
}

/// Returns accounts that have ended, and what acted for them has not.
pub fn over(connection: &mut DbConnection, now: Timestamp, most: i64) -> Result<Vec<AccountId>, Error> {
    let ids: Vec<AccountId> = accounts::table
        .filter(accounts::ends_at.is_not_null())
        .filter(accounts::ends_at.le(now))
        .filter(accounts::end_done_at.is_null())
        .filter(accounts::is_admin.eq(false))
        .order(accounts::ends_at)
        .limit(most)
        .select(accounts::id)
        .load(connection)?;
    Ok(ids)
}

/// Returns accounts that end before a moment, and whose users have not been told.
pub fn untold(connection: &mut DbConnection, before: Timestamp, most: i64) -> Result<Vec<AccountId>, Error> {
    let ids: Vec<AccountId> = accounts::table
        .filter(accounts::ends_at.is_not_null())
        .filter(accounts::ends_at.le(before))
        .filter(accounts::end_told_at.is_null())
        .filter(accounts::end_done_at.is_null())
        .filter(accounts::proven_at.is_not_null())
        .filter(accounts::is_admin.eq(false))
        .order(accounts::ends_at)
        .limit(most)
        .select(accounts::id)
        .load(connection)?;
    Ok(ids)
}

/// Notes that the user was told. Returns `false` if that was noted before.
pub fn note_told(connection: &mut DbConnection, id: AccountId, now: Timestamp) -> Result<bool, Error> {
    let noted = diesel::update(accounts::table.find(id).filter(accounts::end_told_at.is_null()))
        .set(accounts::end_told_at.eq(now))
        .execute(connection)?;
    Ok(noted == 1)
}

/// Notes that everything that acted for the account has ended. Returns `false` if that was noted
/// before.
pub fn note_done(connection: &mut DbConnection, id: AccountId, now: Timestamp) -> Result<bool, Error> {
    let noted = diesel::update(accounts::table.find(id).filter(accounts::end_done_at.is_null()))
        .set(accounts::end_done_at.eq(now))
        .execute(connection)?;
    Ok(noted == 1)
}
