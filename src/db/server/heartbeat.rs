//! A row for write tests, by the readiness check and by `gatepost check`.

use crate::db::{DbConnection, Error, engine::kept::KeptDsl, schema::heartbeats};
use diesel::prelude::*;

/// Really writes. SQLite skips a row that stays unchanged, so that this increments a counter.
pub fn beat(connection: &mut DbConnection) -> Result<(), Error> {
    let written = diesel::update(heartbeats::table)
        .set(heartbeats::beats.eq(heartbeats::beats + 1))
        .execute_either(connection)?;
    if written == 1 { Ok(()) } else { Err(Error::unreadable("heartbeat")) }
}

/// Returns how often it was written.
pub fn count(connection: &mut DbConnection) -> Result<i64, Error> {
    Ok(heartbeats::table.select(heartbeats::beats).first(connection)?)
}
