//! The log of changes, by which a node learns what it may no longer keep in memory.
//!
//! Triggers append to it in the transaction that makes a change, so that no writer can forget. A
//! node reads what was added since its last look: one statement for all sessions.
//!
//! On PostgreSQL, transactions commit in another order than they begin, so that "everything after
//! the last row" would miss some. A [`Position`] is therefore a snapshot: it tells which
//! transactions the last look could not see. On SQLite, which has one writer, it is the last row.

use crate::{
    db::{DbConnection, Error, engine::dialect, schema::change_log},
    domain::AccountId,
};
use diesel::prelude::*;

/// The number that the log has for apps and groups, in the column of accounts. No id is negative.
const APPS: i64 = -1;
/// Rows that [`trim`] leaves. A node that is further behind forgets everything.
const KEPT: i64 = 10_000;

/// Point up to which a node has read the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    seen: String,
    /// The run of the database server. Another one may be a standby that lacks the last commits.
    run: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The settings or the logo.
    Settings,
    /// An app, or a group. Who belongs to a group is a change of the account.
    Apps,
    /// An account, its sessions or its factors.
    Account(AccountId),
}

/// Changes since a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    These(Vec<Change>),
    /// The log cannot tell, so that everything may have changed.
    Unknown,
}

/// Reads what was added since a position, and where the log ends now. Rows that another
/// transaction has yet to commit come with a later call.
pub fn since(connection: &mut DbConnection, last: Option<&Position>) -> Result<(Position, Changes), Error> {
    let rows = dialect::read_change_log(connection, last.map(|last| last.seen.as_str()))?;
    let first = rows.first().ok_or_else(|| Error::unreadable("change log"))?;
    let position = Position { seen: first.seen.clone(), run: first.run.clone() };
    if !first.is_whole || last.is_none_or(|last| last.run != position.run) {
        return Ok((position, Changes::Unknown));
    }
    let change = |row: &dialect::LogRow| match row.account_id {
        Some(APPS) => Change::Apps,
        Some(id) => Change::Account(AccountId::from_i64(id)),
        None => Change::Settings,
    };
    let changes = rows.iter().filter(|row| row.is_change).map(change).collect();
    Ok((position, Changes::These(changes)))
}

/// Deletes old rows, and those that came with a copy from another server. Returns how many.
///
/// The oldest row that is left tells readers how far back the log reaches. Its transaction and all
/// earlier ones have ended, so that no row can come before it later.
pub fn trim(connection: &mut DbConnection) -> Result<usize, Error> {
    let strange = dialect::delete_strange_changes(connection)?;
    let newest_first = change_log::table.select(change_log::place).order(change_log::place.desc());
    let Some(kept) = newest_first.offset(KEPT).first::<i64>(connection).optional()? else { return Ok(strange) };
    let ended = change_log::place.lt(kept.min(dialect::settled_before(connection)?));
    let oldest: Option<i64> = newest_first.filter(ended).first(connection).optional()?;
    let Some(oldest) = oldest else { return Ok(strange) };
    let old = change_log::table.filter(change_log::place.lt(oldest));
    Ok(strange + diesel::delete(old).execute(connection)?)
}
