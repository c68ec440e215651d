//! Reasons for which proxies were last refused.

use super::{AppId, DbConnection, Error};
use crate::{
    db::{
        engine::kept::KeptDsl,
        schema::{app_troubles, apps},
    },
    domain::{Timestamp, apps::trouble::Trouble},
};
use diesel::prelude::*;

/// In the column of apps: no app is concerned. No id is 0.
const NONE: AppId = AppId::from_i64(0);

/// Notes when a trouble last occurred.
pub fn note_trouble(
    connection: &mut DbConnection,
    (app, trouble): (Option<AppId>, Trouble),
    at: Timestamp,
) -> Result<(), Error> {
    let upsert = diesel::insert_into(app_troubles::table)
        .values((
            app_troubles::app_id.eq(app.unwrap_or(NONE)),
            app_troubles::trouble.eq(trouble.into_str()),
            app_troubles::last_at.eq(at),
        ))
        .on_conflict((app_troubles::app_id, app_troubles::trouble))
        .do_update()
        .set(app_troubles::last_at.eq(at));
    upsert.run_kept(connection)?;
    Ok(())
}

/// Returns troubles, newest first, without those that only a newer version knows.
pub fn troubles(connection: &mut DbConnection) -> Result<Vec<(Option<AppId>, Trouble, Timestamp)>, Error> {
    let rows: Vec<(AppId, String, Timestamp)> =
        app_troubles::table.order(app_troubles::last_at.desc()).select(app_troubles::all_columns).load(connection)?;
    let read = |(app, trouble, at): (AppId, String, Timestamp)| {
        let app = (app != NONE).then_some(app);
        Some((app, trouble.parse().ok()?, at))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Deletes troubles from before a moment, and those of apps that are gone.
pub fn purge_troubles(connection: &mut DbConnection, before: Timestamp) -> Result<usize, Error> {
    let is_gone = app_troubles::app_id.ne(NONE).and(app_troubles::app_id.ne_all(apps::table.select(apps::id)));
    let old = app_troubles::table.filter(app_troubles::last_at.lt(before).or(is_gone));
    Ok(diesel::delete(old).execute(connection)?)
}
