//! The account that signed in last in each browser.

use crate::{
    db::{DbConnection, Error, engine::kept::KeptDsl, schema::devices},
    domain::{AccountId, Timestamp, TokenHash},
};
use diesel::prelude::*;

/// Most browsers remembered for one account. The one unused for longest gives way.
const MAX: i64 = 30;

/// Returns the account that used a browser last.
pub fn account_of(connection: &mut DbConnection, device: &TokenHash) -> Result<Option<AccountId>, Error> {
    let account: Option<AccountId> =
        devices::table.find(device).select(devices::account_id).one_kept(connection).optional()?;
    Ok(account)
}

/// Notes a sign-in there. A browser belongs to the account that used it last.
pub fn note(
    connection: &mut DbConnection,
    device: &TokenHash,
    account: AccountId,
    now: Timestamp,
) -> Result<(), Error> {
    let upsert = diesel::insert_into(devices::table)
        .values((devices::secret_hash.eq(device), devices::account_id.eq(account), devices::last_used_at.eq(now)))
        .on_conflict(devices::secret_hash)
        .do_update()
        .set((devices::account_id.eq(account), devices::last_used_at.eq(now)));
    upsert.run_kept(connection)?;
    let own = devices::table.filter(devices::account_id.eq(account));
    // Asked first, because SQLite parses a statement with a LIMIT anew each time.
    if own.count().one_kept::<i64>(connection)? <= MAX {
        return Ok(());
    }
    let surplus: Vec<TokenHash> =
        own.order(devices::last_used_at.desc()).offset(MAX).limit(MAX).select(devices::secret_hash).load(connection)?;
    diesel::delete(devices::table.filter(devices::secret_hash.eq_any(surplus))).execute(connection)?;
    Ok(())
}

/// Deletes one browser.
pub fn forget(connection: &mut DbConnection, device: &TokenHash) -> Result<(), Error> {
    diesel::delete(devices::table.filter(devices::secret_hash.eq(device))).run_kept(connection)?;
    Ok(())
}

/// Deletes all browsers of an account.
pub fn forget_all(connection: &mut DbConnection, account: AccountId) -> Result<(), Error> {
    diesel::delete(devices::table.filter(devices::account_id.eq(account))).run_kept(connection)?;
    Ok(())
}

/// Deletes the browsers that signed in to an account since a moment.
pub fn forget_since(connection: &mut DbConnection, account: AccountId, since: Timestamp) -> Result<(), Error> {
    diesel::delete(devices::table.filter(devices::account_id.eq(account)).filter(devices::last_used_at.ge(since)))
        .run_kept(connection)?;
    Ok(())
}

/// Returns when each browser of an account was last used, for the owner's download.
pub fn of_account(connection: &mut DbConnection, account: AccountId) -> Result<Vec<Timestamp>, Error> {
    let times: Vec<Timestamp> = devices::table
        .filter(devices::account_id.eq(account))
        .order(devices::last_used_at.desc())
        .select(devices::last_used_at)
        .load(connection)?;
    Ok(times)
}
