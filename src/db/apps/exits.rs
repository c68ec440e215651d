//! Apps that users signed out of.

use super::{AppId, DbConnection, Error};
use crate::{
    db::{engine::kept::KeptDsl, schema::app_exits},
    domain::{Lifetime, SessionId, Timestamp, apps::exit::Exit},
};
use diesel::prelude::*;

/// Notes that the user of a session signed out of an app.
pub fn leave(connection: &mut DbConnection, session: SessionId, app: AppId, now: Timestamp) -> Result<(), Error> {
    let upsert = diesel::insert_into(app_exits::table)
        .values((
            app_exits::session_id.eq(session),
            app_exits::app_id.eq(app),
            app_exits::left_at.eq(now),
            app_exits::is_out.eq(true),
        ))
        .on_conflict((app_exits::session_id, app_exits::app_id))
        .do_update()
        .set((app_exits::left_at.eq(now), app_exits::is_out.eq(true)));
    upsert.run_kept(connection)?;
    Ok(())
}

/// Lets the user in again. What led in before stays ended.
///
/// The node of the sign-out may be ahead of this one. The user comes back after it all the same, so
/// that what leads in from now on counts.
pub fn come_back(connection: &mut DbConnection, session: SessionId, app: AppId, now: Timestamp) -> Result<(), Error> {
    let exit = app_exits::table.find((session, app));
    diesel::update(exit).set(app_exits::is_out.eq(false)).execute(connection)?;
    let before = now.minus(Lifetime::millis(1));
    diesel::update(exit.filter(app_exits::left_at.gt(before)))
        .set(app_exits::left_at.eq(before))
        .execute(connection)?;
    Ok(())
}

/// Returns the apps that the user of a session signed out of.
pub fn exits_of(connection: &mut DbConnection, session: SessionId) -> Result<Vec<Exit>, Error> {
    let rows: Vec<(AppId, Timestamp, bool)> = app_exits::table
        .filter(app_exits::session_id.eq(session))
        .select((app_exits::app_id, app_exits::left_at, app_exits::is_out))
        .load(connection)?;
    let read = |(app, left_at, is_out)| Exit { app, left_at, is_out };
    Ok(rows.into_iter().map(read).collect())
}
