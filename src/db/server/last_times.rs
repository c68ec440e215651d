//! Last times of events that leave no other trace.

pub use crate::db::kinds::Noted;
use crate::{
    db::{DbConnection, Error, columns::Named, schema::last_times},
    domain::Timestamp,
};
use diesel::prelude::*;

pub fn find(connection: &mut DbConnection, what: Noted) -> Result<Option<Timestamp>, Error> {
    let at: Option<Timestamp> =
        last_times::table.find(Named(what)).select(last_times::at).first(connection).optional()?;
    Ok(at)
}

/// Notes it. Of two transactions that note something for the first time at once, one fails.
pub fn note(connection: &mut DbConnection, what: Noted, at: Timestamp) -> Result<(), Error> {
    let row = last_times::table.find(Named(what));
    if diesel::update(row).set(last_times::at.eq(at)).execute(connection)? == 0 {
        diesel::insert_into(last_times::table)
            .values((last_times::name.eq(Named(what)), last_times::at.eq(at)))
            .execute(connection)?;
    }
    Ok(())
}
