//! Last times of events that leave no other trace.

use crate::{
    db::{DbConnection, Error, columns::Named, schema::last_times},
    domain::Timestamp,
};
use diesel::prelude::*;
use strum::{IntoStaticStr, VariantArray};

/// Event whose last time is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Noted {
    /// A copy by `gatepost backup`. No other backup is known here.
    Backup,
    /// The end of the last hour whose sign-ins are counted.
    SignInsCounted,
    /// An admin opened the link in a test email.
    TestEmailOpened,
}

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
