//! A row that is there to be written: by the readiness check and by `gatepost check`.

use super::{DbConnection, Error, schema::heartbeats};
use diesel::prelude::*;

/// Really writes. SQLite writes nothing where a row stays as it was, so it counts.
pub fn beat(connection: &mut DbConnection) -> Result<(), Error> {
    let written =
        diesel::update(heartbeats::table).set(heartbeats::beats.eq(heartbeats::beats + 1)).execute(connection)?;
    if written == 1 { Ok(()) } else { Err(Error::unreadable("heartbeat")) }
}

/// How often it was written.
pub fn count(connection: &mut DbConnection) -> Result<i64, Error> {
    Ok(heartbeats::table.select(heartbeats::beats).first(connection)?)
}
