//! Browsers in which an account has signed in. Each has a separate limit for passwords,
//! recovery codes and emails. No stranger's flood uses those up.
//!
//! The secret changes with each sign-in in the browser, for all accounts that know it. One that was
//! copied counts until the next sign-in there, and for no longer than the browser is known.

use crate::{
    db::{
        DbConnection, Error,
        engine::kept::KeptDsl,
        known_browsers::others,
        schema::{accounts, known_browsers},
    },
    domain::{AccountId, EmailAddress, KnownBrowserId, Timestamp, TokenHash},
};
use diesel::prelude::*;

/// Returns whether the account of this address lets that browser have its own. `false` for an
/// unknown browser.
pub fn are_of(connection: &mut DbConnection, device: Option<&TokenHash>, email: &EmailAddress) -> Result<bool, Error> {
    let Some(device) = device else { return Ok(false) };
    let found: i64 = known_browsers::table
        .inner_join(accounts::table)
        .filter(known_browsers::device_hash.eq(device))
        .filter(known_browsers::signed_out_at.is_null())
        .filter(known_browsers::tries_ended_at.is_null())
        .filter(accounts::email.eq(email.as_str()))
        .count()
        .one_kept(connection)?;
    Ok(found > 0)
}

/// Replaces a browser's secret, for each account that knows the browser by `known`.
///
/// Without that one, the first may have been copied. An attacker could keep the tries by signing in
/// to another account, while the browser itself would lose them.
pub fn change_secret(
    connection: &mut DbConnection,
    known: &TokenHash,
    (from, to): (&TokenHash, &TokenHash),
) -> Result<(), Error> {
    let of_browser = known_browsers::table.filter(known_browsers::secret_hash.eq(known));
    diesel::update(of_browser.filter(known_browsers::device_hash.eq(from)))
        .set(known_browsers::device_hash.eq(to))
        .run_kept(connection)?;
    Ok(())
}

/// Takes them from all of the account's browsers but one, because its owner may not know who uses
/// them.
pub fn take_all(
    connection: &mut DbConnection,
    account: AccountId,
    keep: Option<KnownBrowserId>,
    now: Timestamp,
) -> Result<(), Error> {
    diesel::update(others(account, keep).filter(known_browsers::tries_ended_at.is_null()))
        .set(known_browsers::tries_ended_at.eq(now))
        .run_kept(connection)?;
    Ok(())
}

/// Removes the own tries of browsers that signed in since then. Restores those of the other
/// browsers.
pub fn turn_back(
    connection: &mut DbConnection,
    account: AccountId,
    since: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    let own = known_browsers::table.filter(known_browsers::account_id.eq(account));
    diesel::update(own.filter(known_browsers::last_used_at.ge(since)))
        .set(known_browsers::tries_ended_at.eq(now))
        .run_kept(connection)?;
    let before = own.filter(known_browsers::last_used_at.lt(since));
    diesel::update(before.filter(known_browsers::tries_ended_at.ge(since)))
        .set(known_browsers::tries_ended_at.eq(None::<Timestamp>))
        .run_kept(connection)?;
    Ok(())
}
