//! Forms that wait for a step-up.

use crate::{
    db::{DbConnection, Error, engine::kept::KeptDsl, schema::held_forms},
    domain::{Destination, HeldFormId, SessionId, Timestamp, session::HeldForm},
};
use diesel::prelude::*;

/// Most of one session, about one for each browser tab.
const MAX: i64 = 8;

pub fn insert(connection: &mut DbConnection, form: &HeldForm, now: Timestamp) -> Result<(), Error> {
    let surplus: Vec<HeldFormId> = held_forms::table
        .filter(held_forms::session_id.eq(form.session_id))
        .order(held_forms::held_at.desc())
        .offset(MAX - 1)
        .limit(MAX)
        .select(held_forms::id)
        .load(connection)?;
    diesel::delete(held_forms::table.filter(held_forms::id.eq_any(surplus))).execute(connection)?;
    let fields = serde_json::to_string(&form.fields).map_err(Error::fault)?;
    diesel::insert_into(held_forms::table)
        .values((
            held_forms::id.eq(form.id),
            held_forms::session_id.eq(form.session_id),
            held_forms::path.eq(form.destination.stored()),
            held_forms::fields.eq(fields),
            held_forms::held_at.eq(now),
        ))
        .run_kept(connection)?;
    Ok(())
}

/// Returns the form if it belongs to this session and is not too old.
pub fn find(
    connection: &mut DbConnection,
    id: HeldFormId,
    session: SessionId,
    now: Timestamp,
) -> Result<Option<HeldForm>, Error> {
    let form: Option<(String, String)> = held_forms::table
        .find(id)
        .filter(held_forms::session_id.eq(session))
        .filter(held_forms::held_at.gt(now.minus(HeldForm::LIFETIME)))
        .select((held_forms::path, held_forms::fields))
        .first(connection)
        .optional()?;
    form.map(|(path, fields)| {
        let fields = serde_json::from_str(&fields).map_err(Error::fault)?;
        let destination = Destination::from_stored(&path);
        Ok(HeldForm { id, session_id: session, destination, fields })
    })
    .transpose()
}

pub fn purge(connection: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    let end = now.minus(HeldForm::LIFETIME);
    Ok(diesel::delete(held_forms::table.filter(held_forms::held_at.lt(end))).execute_either(connection)?)
}
