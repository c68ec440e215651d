//! The memory of the limits: what each has allowed. In the database, so that it survives a restart
//! and all nodes share it.

use super::{DbConnection, Error, dialect, schema::limits};
use crate::domain::{Limit, Timestamp, limit::Decision};
use diesel::prelude::*;

/// One thing that is limited: its name in the table, and how often it may happen.
#[derive(Clone, Debug)]
pub struct Counted {
    pub name: String,
    pub limit: Limit,
}

/// Takes one from each, or from none if any refuses. Returns the latest of their ends.
pub fn take(connection: &mut DbConnection, counted: &[Counted], now: Timestamp) -> Result<Decision, Error> {
    let allowed = locked(connection, counted)?;
    let decision = latest(counted, &allowed, now);
    if decision == Decision::Allowed {
        let rows: Vec<_> = counted
            .iter()
            .zip(&allowed)
            .map(|(one, allowed)| {
                let moments = one.limit.remember(allowed, now);
                (one.name.as_str(), encode(&moments), now.plus(one.limit.window()).as_millis())
            })
            .collect();
        dialect::store_limits(connection, &rows)?;
    }
    Ok(decision)
}

/// Returns what [`take`] would decide now, without taking.
pub fn peek(connection: &mut DbConnection, counted: &[Counted], now: Timestamp) -> Result<Decision, Error> {
    let names: Vec<_> = counted.iter().map(|one| one.name.as_str()).collect();
    let rows: Vec<(String, Vec<u8>)> =
        limits::table.filter(limits::name.eq_any(names)).select((limits::name, limits::allowed)).load(connection)?;
    let allowed = in_order(counted, rows)?;
    Ok(latest(counted, &allowed, now))
}

/// Clears the counts, so that the next one is the first.
pub fn forget(connection: &mut DbConnection, names: &[String]) -> Result<(), Error> {
    diesel::delete(limits::table.filter(limits::name.eq_any(names))).execute(connection)?;
    Ok(())
}

/// Deletes what no limit needs any more.
pub fn purge(connection: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    Ok(diesel::delete(limits::table.filter(limits::forget_at.lt(now.as_millis()))).execute(connection)?)
}

fn locked(connection: &mut DbConnection, counted: &[Counted]) -> Result<Vec<Vec<Timestamp>>, Error> {
    let mut names: Vec<_> = counted.iter().map(|one| one.name.as_str()).collect();
    let rows = dialect::lock_limits(connection, &mut names)?;
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

fn decode(bytes: &[u8]) -> Result<Vec<Timestamp>, Error> {
    let (moments, rest) = bytes.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(Error::unreadable("limit"));
    }
    Ok(moments.iter().map(|&moment| Timestamp::from_millis(i64::from_be_bytes(moment))).collect())
}
