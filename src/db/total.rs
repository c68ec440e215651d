//! The limit that every stranger's request counts. Its count is in several rows, so that requests on
//! PostgreSQL do not wait for each other.
//!
//! Each row keeps a fixed part of the count, and the parts add up to the limit. More than the limit
//! can therefore never be allowed, and a request is refused only once every row is full. A row that
//! another transaction holds is passed over.

use super::{
    DbConnection, Error, dialect,
    limit_rows::{self, decode},
};
use crate::domain::{Limit, Timestamp, limit::Decision};

/// The name of the limit, and of its first row. Nodes of an earlier version know only that row.
pub const TOTAL_OF_MAILS: &str = "total of mails";
const PARTS: u16 = 16;

/// The end of a look for room.
pub(super) enum Room {
    /// This row, with what it allowed before, has room. It is locked.
    In(String, Vec<Timestamp>),
    Full {
        until: Timestamp,
    },
}

/// A row, and the moments in it.
type Part = (String, Vec<Timestamp>);

fn name(index: u16) -> String {
    if index == 0 { TOTAL_OF_MAILS.to_owned() } else { format!("{TOTAL_OF_MAILS} {index:02}") }
}

/// Returns what the limit would decide now, without a lock.
pub(super) fn peek(connection: &mut DbConnection, limit: Limit, now: Timestamp) -> Result<Decision, Error> {
    Ok(decide(&parts(connection)?, limit, now))
}

/// Looks for a row with room, and locks it.
pub(super) fn find_room(connection: &mut DbConnection, limit: Limit, now: Timestamp) -> Result<Room, Error> {
    let mut parts = parts(connection)?;
    if let Decision::Limited { until } = decide(&parts, limit, now) {
        return Ok(Room::Full { until });
    }
    let mut holds_a_row = false;
    loop {
        let names = with_room(&parts, limit, now);
        if names.is_empty() {
            // Others were quicker, or the limit was lowered.
            let ends = parts.iter().filter_map(|part| match decide_part(part, limit, now)? {
                Decision::Limited { until } => Some(until),
                Decision::Allowed => None,
            });
            return Ok(Room::Full { until: ends.min().unwrap_or_else(|| now.plus(limit.window())) });
        }
        if !dialect::is_shared(connection) {
            // No other transaction can have filled it since.
            let open = parts.into_iter().find(|part| has_room(part, limit, now));
            return open.map(|(name, moments)| Room::In(name, moments)).ok_or_else(Error::crossing);
        }
        // A transaction that holds a full row and waits for another one could wait for ever. So
        // this begins again.
        let locked = if holds_a_row {
            limit_rows::try_lock_one(connection, &names)?
        } else {
            limit_rows::lock_one(connection, &names)?
        };
        let (name, bytes) = locked.ok_or_else(Error::crossing)?;
        holds_a_row = true;
        let part = (name, decode(&bytes)?);
        if has_room(&part, limit, now) {
            return Ok(Room::In(part.0, part.1));
        }
        // It was filled since it was read.
        parts.retain(|(other, _)| *other != part.0);
        parts.push(part);
    }
}

/// Reads all rows, in their order, also those that do not exist yet.
fn parts(connection: &mut DbConnection) -> Result<Vec<Part>, Error> {
    let names: Vec<String> = (0..PARTS).map(name).collect();
    let rows = limit_rows::read_span(connection, &names)?;
    let mut parts: Vec<Part> = names.into_iter().map(|name| (name, Vec::new())).collect();
    for (name, bytes) in rows {
        if let Some((_, moments)) = parts.iter_mut().find(|(part, _)| *part == name) {
            *moments = decode(&bytes)?;
        }
    }
    Ok(parts)
}

fn decide(parts: &[Part], limit: Limit, now: Timestamp) -> Decision {
    let all: Vec<Timestamp> = parts.iter().flat_map(|(_, moments)| moments).copied().collect();
    limit.decide(&all, now)
}

fn with_room(parts: &[Part], limit: Limit, now: Timestamp) -> Vec<String> {
    let open = parts.iter().filter(|part| has_room(part, limit, now));
    open.map(|(name, _)| name.clone()).collect()
}

fn has_room(part: &Part, limit: Limit, now: Timestamp) -> bool {
    decide_part(part, limit, now) == Some(Decision::Allowed)
}

/// `None` if this row keeps no part of the limit, because the limit is small.
fn decide_part((row, moments): &Part, limit: Limit, now: Timestamp) -> Option<Decision> {
    let index = match row.strip_prefix(TOTAL_OF_MAILS)? {
        "" => 0,
        index => index.trim_start().parse().ok()?,
    };
    Some(limit.part(index, PARTS)?.decide(moments, now))
}
