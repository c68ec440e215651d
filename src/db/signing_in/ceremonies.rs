//! Challenges that wait for a passkey's answer, one row each. The secret in a browser's cookie
//! finds it, and the first answer deletes it.

use crate::{
    db::{DbConnection, Error, engine::kept::KeptDsl, schema::passkey_ceremonies},
    domain::{AccountId, Timestamp, TokenHash, passkey::Ceremony},
};
use diesel::prelude::*;

pub fn insert(connection: &mut DbConnection, browser: &TokenHash, ceremony: &Ceremony) -> Result<(), Error> {
    diesel::insert_into(passkey_ceremonies::table)
        .values((
            passkey_ceremonies::secret_hash.eq(browser),
            passkey_ceremonies::purpose.eq(&ceremony.purpose),
            passkey_ceremonies::account_id.eq(ceremony.account_id),
            passkey_ceremonies::bound_to.eq(ceremony.bound_to),
            passkey_ceremonies::state.eq(&ceremony.state),
            passkey_ceremonies::begun_at.eq(ceremony.begun_at),
        ))
        .run_kept(connection)?;
    Ok(())
}

type Columns = (String, Option<i64>, Option<AccountId>, String, Timestamp);

/// Returns a ceremony, which stays.
pub fn find(connection: &mut DbConnection, browser: &TokenHash) -> Result<Option<Ceremony>, Error> {
    let row = passkey_ceremonies::table.find(browser);
    let found: Option<Columns> = row
        .select((
            passkey_ceremonies::purpose,
            passkey_ceremonies::bound_to,
            passkey_ceremonies::account_id,
            passkey_ceremonies::state,
            passkey_ceremonies::begun_at,
        ))
        .first(connection)
        .optional()?;
    Ok(found.map(|(purpose, bound_to, account_id, state, begun_at)| Ceremony {
        purpose,
        bound_to,
        account_id,
        state,
        begun_at,
    }))
}

/// Removes a ceremony and returns it. Of two answers at once, one gets it: the row count of the
/// deletion decides.
pub fn take(connection: &mut DbConnection, browser: &TokenHash) -> Result<Option<Ceremony>, Error> {
    let Some(found) = find(connection, browser)? else { return Ok(None) };
    let deleted = diesel::delete(passkey_ceremonies::table.find(browser)).execute_either(connection)?;
    Ok((deleted == 1).then_some(found))
}

/// Deletes a ceremony, because another one begins in the same browser.
pub fn forget(connection: &mut DbConnection, browser: &TokenHash) -> Result<(), Error> {
    diesel::delete(passkey_ceremonies::table.find(browser)).run_kept(connection)?;
    Ok(())
}

/// Deletes ceremonies that no browser can answer any more.
pub fn purge(connection: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    let end = now.minus(Ceremony::LIFETIME);
    Ok(diesel::delete(passkey_ceremonies::table.filter(passkey_ceremonies::begun_at.le(end)))
        .execute_either(connection)?)
}
