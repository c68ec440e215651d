//! Tells whether this installation has ever had an admin.

use crate::{
    db::{DbConnection, Error, schema::installation},
    domain::Timestamp,
};
use diesel::prelude::*;

pub fn is_set_up(connection: &mut DbConnection) -> Result<bool, Error> {
    let set_up: i64 =
        installation::table.filter(installation::set_up_at.is_not_null()).count().get_result(connection)?;
    Ok(set_up > 0)
}

/// Returns when the first admin was named.
pub fn set_up_at(connection: &mut DbConnection) -> Result<Option<Timestamp>, Error> {
    let at: Option<Option<Timestamp>> =
        installation::table.select(installation::set_up_at).first(connection).optional()?;
    Ok(at.flatten())
}

/// Claims the right to name the first admin. Exactly one caller, ever, gets `true`.
pub fn claim(connection: &mut DbConnection, now: Timestamp) -> Result<bool, Error> {
    let claimed = diesel::update(installation::table.filter(installation::set_up_at.is_null()))
        .set(installation::set_up_at.eq(now))
        .execute(connection)?;
    Ok(claimed == 1)
}
