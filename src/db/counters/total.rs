//! The limit that every stranger's request counts. Its count is in several rows, so that requests
//! on PostgreSQL do not wait for each other.
//!
//! Each row keeps a fixed part of the count, and the parts add up to the limit. More than the limit
//! can therefore never be allowed, and a request is refused only once every row is full. A row that
//! another transaction holds is passed over.

use crate::{
    db::{
        DbConnection, Error,
        engine::dialect::{self, Savepoint},
        limit_rows::{self, expect_whole, moments},
    },
    domain::{Limit, Timestamp, limit::Decision},
};

/// The name of the limit, and of its first row. Nodes of an earlier version know only that row.
pub const TOTAL_OF_MAILS: &str = "total of mails";

/// All rows, in the order of their bytes.
const ROWS: [&str; 16] = [
    TOTAL_OF_MAILS,
    "total of mails 01",
    "total of mails 02",
    "total of mails 03",
    "total of mails 04",
    "total of mails 05",
    "total of mails 06",
    "total of mails 07",
    "total of mails 08",
    "total of mails 09",
    "total of mails 10",
    "total of mails 11",
    "total of mails 12",
    "total of mails 13",
    "total of mails 14",
    "total of mails 15",
];

/// The end of a look for room.
pub(in crate::db) enum Room {
    /// This row, with what it allowed before, has room. It is locked.
    In(&'static str, Vec<Timestamp>),
    Full {
        until: Timestamp,
    },
}

/// One row, with its part of the limit and with what it has allowed. The limit is `None` if it is
/// so small that the row keeps nothing of it.
struct Part {
    name: &'static str,
    limit: Option<Limit>,
    /// As stored: every request reads all rows.
    allowed: Vec<u8>,
    is_stored: bool,
}

impl Part {
    fn decide(&self, now: Timestamp) -> Option<Decision> {
        Some(self.limit?.decide_over(moments(&self.allowed), now))
    }

    fn has_room(&self, now: Timestamp) -> bool {
        self.decide(now) == Some(Decision::Allowed)
    }

    fn into_room(self) -> Room {
        Room::In(self.name, moments(&self.allowed).collect())
    }
}

/// Returns what the limit would decide now, without a lock.
pub(in crate::db) fn peek(connection: &mut DbConnection, limit: Limit, now: Timestamp) -> Result<Decision, Error> {
    Ok(decide(&parts(connection, limit)?, limit, now))
}

/// Looks for a row with room, and locks it.
pub(in crate::db) fn find_room(connection: &mut DbConnection, limit: Limit, now: Timestamp) -> Result<Room, Error> {
    let mut parts = parts(connection, limit)?;
    if let Decision::Limited { until } = decide(&parts, limit, now) {
        return Ok(Room::Full { until });
    }
    if !dialect::is_shared(connection) {
        // No other transaction can have filled it since.
        let open = parts.into_iter().find(|part| part.has_room(now));
        return open.map(Part::into_room).ok_or_else(Error::crossing);
    }
    loop {
        let open: Vec<&str> = parts.iter().filter(|part| part.has_room(now)).map(|part| part.name).collect();
        if open.is_empty() {
            // Others were quicker, or the limit was lowered.
            return Ok(Room::Full { until: first_end(&parts, limit, now) });
        }
        // A transaction that holds a full row and waits for another one could wait for ever. So it
        // gives the full one back.
        dialect::savepoint(connection, Savepoint::SetBeforeRow)?;
        if parts.iter().any(|part| part.has_room(now) && !part.is_stored) {
            limit_rows::make(connection, &open)?;
        }
        let (name, bytes) = limit_rows::lock_one(connection, &open)?.ok_or_else(Error::crossing)?;
        let locked = parts.iter_mut().find(|part| part.name == name).ok_or_else(|| Error::unreadable("limit"))?;
        expect_whole(&bytes)?;
        locked.allowed = bytes;
        if locked.has_room(now) {
            return Ok(Room::In(locked.name, moments(&locked.allowed).collect()));
        }
        // It was filled since it was read.
        dialect::savepoint(connection, Savepoint::ReturnBeforeRow)?;
    }
}

/// Returns when the first row has room again.
fn first_end(parts: &[Part], limit: Limit, now: Timestamp) -> Timestamp {
    let ends = parts.iter().filter_map(|part| match part.decide(now)? {
        Decision::Limited { until } => Some(until),
        Decision::Allowed => None,
    });
    ends.min().unwrap_or_else(|| now.plus(limit.window()))
}

/// Reads all rows, in their order, also those that do not exist yet.
fn parts(connection: &mut DbConnection, limit: Limit) -> Result<Vec<Part>, Error> {
    let rows = limit_rows::read_span(connection, &ROWS)?;
    let count = u16::try_from(ROWS.len()).unwrap_or(1);
    let part = |(index, name)| Part { name, limit: limit.part(index, count), allowed: Vec::new(), is_stored: false };
    let mut parts: Vec<Part> = (0..).zip(ROWS).map(part).collect();
    for (name, bytes) in rows {
        if let Some(part) = parts.iter_mut().find(|part| part.name == name) {
            expect_whole(&bytes)?;
            part.allowed = bytes;
            part.is_stored = true;
        }
    }
    Ok(parts)
}

fn decide(parts: &[Part], limit: Limit, now: Timestamp) -> Decision {
    limit.decide_over(parts.iter().flat_map(|part| moments(&part.allowed)), now)
}
