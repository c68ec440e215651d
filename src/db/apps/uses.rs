//! Times at which apps were last used.

use super::{AppId, DbConnection, Error};
use crate::{
    db::{
        engine::kept::KeptDsl,
        schema::{accounts, app_uses, apps},
    },
    domain::{AccountId, Timestamp},
};
use diesel::{dsl::max, prelude::*};
use std::collections::HashMap;

/// Notes that an account used an app, unless one of the two has been deleted since. Call it once a
/// minute at most, because each call writes. Returns whether it was the first time.
pub fn note_use(connection: &mut DbConnection, account: AccountId, app: AppId, now: Timestamp) -> Result<bool, Error> {
    let has_account = accounts::table.find(account).count().get_result::<i64>(connection)? == 1;
    if !has_account || apps::table.find(app).count().get_result::<i64>(connection)? == 0 {
        return Ok(false);
    }
    let before: i64 = app_uses::table.find((account, app)).count().get_result(connection)?;
    let upsert = diesel::insert_into(app_uses::table)
        .values((app_uses::account_id.eq(account), app_uses::app_id.eq(app), app_uses::last_at.eq(now)))
        .on_conflict((app_uses::account_id, app_uses::app_id))
        .do_update()
        .set(app_uses::last_at.eq(now));
    upsert.run_kept(connection)?;
    Ok(before == 0)
}

/// Returns when an account last used each app.
pub fn uses_of(connection: &mut DbConnection, account: AccountId) -> Result<HashMap<AppId, Timestamp>, Error> {
    let rows: Vec<(AppId, Timestamp)> = app_uses::table
        .filter(app_uses::account_id.eq(account))
        .select((app_uses::app_id, app_uses::last_at))
        .load(connection)?;
    Ok(rows.into_iter().collect())
}

/// Returns when each app was last used by any account.
pub fn last_uses(connection: &mut DbConnection) -> Result<HashMap<AppId, Timestamp>, Error> {
    let rows: Vec<(AppId, Option<Timestamp>)> = app_uses::table
        .group_by(app_uses::app_id)
        .select((app_uses::app_id, max(app_uses::last_at)))
        .load(connection)?;
    let used = |(app, at): (AppId, Option<Timestamp>)| Some((app, at?));
    Ok(rows.into_iter().filter_map(used).collect())
}
