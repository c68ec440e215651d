//! The memory of the limits: what each has allowed. In the database, so that it survives a restart
//! and all nodes share it.

use crate::{
    db::{
        DbConnection, Error,
        limit_rows::{self, Row, decode},
        schema::limits,
        total::{self, Room, TOTAL_OF_MAILS},
    },
    domain::{Limit, Timestamp, limit::Decision},
};
use diesel::prelude::*;

/// Beginning of the names of counts that last until a success, and not for a short while.
pub const IN_A_ROW: &str = "passwords in a row for ";

/// One thing that is limited: its name in the table, and how often it may happen.
#[derive(Clone, Debug)]
pub struct Counted {
    pub name: String,
    pub limit: Limit,
}

/// Takes one from each, or from none if any refuses. Returns the latest of their ends.
pub fn take(connection: &mut DbConnection, counted: &[Counted], now: Timestamp) -> Result<Decision, Error> {
    let (own, total) = apart(counted);
    let allowed = locked(connection, &own)?;
    let decision = latest(&own, &allowed, now);
    let mut rows: Vec<_> =
        own.iter().zip(&allowed).map(|(one, allowed)| row(&one.name, one.limit, allowed, now)).collect();
    let Some(total) = total else {
        if decision == Decision::Allowed {
            limit_rows::store(connection, &rows)?;
        }
        return Ok(decision);
    };
    if decision != Decision::Allowed {
        return Ok(later(decision, total::peek(connection, total.limit, now)?));
    }
    // Last, so that its row is locked only briefly.
    match total::find_room(connection, total.limit, now)? {
        Room::Full { until } => Ok(Decision::Limited { until }),
        Room::In(name, moments) => {
            rows.push(row(name, total.limit, &moments, now));
            limit_rows::store(connection, &rows)?;
            Ok(Decision::Allowed)
        }
    }
}

/// A count in a row is kept for a share of its window. Strangers type any number of addresses, and
/// a year for each try would fill the table. Whether there is an account makes no difference.
fn row(name: &str, limit: Limit, allowed: &[Timestamp], now: Timestamp) -> Row {
    let moments = limit.remember(allowed, now);
    let lifetime = if name.starts_with(IN_A_ROW) { limit.share(moments.len()) } else { limit.window() };
    (name.to_owned(), encode(&moments), now.plus(lifetime))
}

/// Tells the limits with one row from the one that has several.
fn apart(counted: &[Counted]) -> (Vec<Counted>, Option<&Counted>) {
    let total = counted.iter().find(|one| one.name == TOTAL_OF_MAILS);
    (counted.iter().filter(|one| one.name != TOTAL_OF_MAILS).cloned().collect(), total)
}

fn later(one: Decision, other: Decision) -> Decision {
    match (one, other) {
        (Decision::Limited { until }, Decision::Limited { until: other }) => {
            Decision::Limited { until: until.max(other) }
        }
        (Decision::Allowed, end) | (end, Decision::Allowed) => end,
    }
}

/// Returns what [`take`] would decide now, without taking.
pub fn peek(connection: &mut DbConnection, counted: &[Counted], now: Timestamp) -> Result<Decision, Error> {
    let (own, total) = apart(counted);
    let names: Vec<_> = own.iter().map(|one| one.name.as_str()).collect();
    let rows = limit_rows::read(connection, &names)?;
    let decision = latest(&own, &in_order(&own, rows)?, now);
    match total {
        Some(total) => Ok(later(decision, total::peek(connection, total.limit, now)?)),
        None => Ok(decision),
    }
}

/// Clears the counts, so that the next one is the first.
pub fn forget(connection: &mut DbConnection, names: &[String]) -> Result<(), Error> {
    Ok(limit_rows::delete(connection, names)?)
}

/// Returns up to `most` names that no limit needs any more. Reads all rows, so that it is work for
/// a reader. An index would cost each request a write.
pub fn over(connection: &mut DbConnection, now: Timestamp, most: i64) -> Result<Vec<String>, Error> {
    let over = limits::table.filter(limits::forget_at.lt(now));
    Ok(over.limit(most).select(limits::name).load(connection)?)
}

/// Returns whether a limit counts beyond `latest`. A count of what came in a row may count for a
/// year longer. Reads all rows, as [`over`] does.
pub fn is_beyond(connection: &mut DbConnection, latest: Timestamp) -> Result<bool, Error> {
    let beyond = limits::table.filter(limits::forget_at.gt(latest));
    let lasting = limits::forget_at.gt(latest_in_a_row(latest));
    let beyond = beyond.filter(limits::name.not_like(format!("{IN_A_ROW}%")).or(lasting));
    Ok(beyond.select(limits::name).first::<String>(connection).optional()?.is_some())
}

/// Deletes limits that count beyond `latest`: see [`is_beyond`].
pub fn forget_beyond(connection: &mut DbConnection, latest: Timestamp) -> Result<usize, Error> {
    let beyond = limits::table.filter(limits::forget_at.gt(latest));
    let lasting = limits::forget_at.gt(latest_in_a_row(latest));
    Ok(diesel::delete(beyond.filter(limits::name.not_like(format!("{IN_A_ROW}%")).or(lasting))).execute(connection)?)
}

const fn latest_in_a_row(latest: Timestamp) -> Timestamp {
    latest.plus(Limit::in_a_row(1).window())
}

/// Deletes those of `names` that no limit needs any more. A row that a request holds at this moment
/// is left for the next time.
pub fn purge(connection: &mut DbConnection, names: &[String], now: Timestamp) -> Result<usize, Error> {
    let names = limit_rows::lock_free(connection, names)?;
    let named = limits::table.filter(limits::name.eq_any(names));
    Ok(diesel::delete(named.filter(limits::forget_at.lt(now))).execute(connection)?)
}

fn locked(connection: &mut DbConnection, counted: &[Counted]) -> Result<Vec<Vec<Timestamp>>, Error> {
    let mut names: Vec<_> = counted.iter().map(|one| one.name.as_str()).collect();
    let rows = limit_rows::lock(connection, &mut names)?;
    in_order(counted, rows)
}

fn in_order(counted: &[Counted], rows: Vec<(String, Vec<u8>)>) -> Result<Vec<Vec<Timestamp>>, Error> {
    counted
        .iter()
        .map(|one| {
            let row = rows.iter().find(|(name, _)| *name == one.name);
            row.map_or(Ok(Vec::new()), |(_, bytes)| decode(bytes))
        })
        .collect()
}

fn latest(counted: &[Counted], allowed: &[Vec<Timestamp>], now: Timestamp) -> Decision {
    let end = counted
        .iter()
        .zip(allowed)
        .filter_map(|(one, allowed)| match one.limit.decide(allowed, now) {
            Decision::Limited { until } => Some(until),
            Decision::Allowed => None,
        })
        .max();
    end.map_or(Decision::Allowed, |until| Decision::Limited { until })
}

fn encode(moments: &[Timestamp]) -> Vec<u8> {
    moments.iter().flat_map(|at| at.as_millis().to_be_bytes()).collect()
}
