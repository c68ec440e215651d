//! Requests of apps that were refused, as nodes have noted them.

use super::{AppId, DbConnection, Error};
use crate::{
    db::{
        engine::kept::KeptDsl,
        schema::{app_refusals, apps},
    },
    domain::{
        Timestamp,
        oidc::refusal::{RefusedRequest, Why},
    },
};
use diesel::prelude::*;
use sha2::{Digest, Sha256};

fn hash(why: &Why) -> Vec<u8> {
    let (cause, detail) = why.stored();
    Sha256::new().chain_update(cause).chain_update([0]).chain_update(detail).finalize().to_vec()
}

/// Notes how often a request was refused, beside what is stored. The app keeps the newest `most`.
pub fn note_refusals(
    connection: &mut DbConnection,
    app: AppId,
    (noted, most): (&[RefusedRequest], usize),
) -> Result<(), Error> {
    for refusal in noted {
        let (cause, detail) = refusal.why.stored();
        let upsert = diesel::insert_into(app_refusals::table)
            .values((
                app_refusals::app_id.eq(app),
                app_refusals::cause_hash.eq(hash(&refusal.why)),
                app_refusals::cause.eq(cause),
                app_refusals::detail.eq(detail),
                app_refusals::times.eq(refusal.count),
                app_refusals::last_at.eq(refusal.last),
            ))
            .on_conflict((app_refusals::app_id, app_refusals::cause_hash))
            .do_update()
            .set((app_refusals::times.eq(app_refusals::times + refusal.count), app_refusals::last_at.eq(refusal.last)));
        upsert.execute_either(connection)?;
    }
    let stored: Vec<Vec<u8>> = app_refusals::table
        .filter(app_refusals::app_id.eq(app))
        .order((app_refusals::last_at.desc(), app_refusals::cause_hash))
        .select(app_refusals::cause_hash)
        .load(connection)?;
    for older in stored.into_iter().skip(most) {
        diesel::delete(app_refusals::table.find((app, older))).execute(connection)?;
    }
    Ok(())
}

/// Returns those of an app, newest first, without those that only a newer version knows.
pub fn refusals(connection: &mut DbConnection, app: AppId) -> Result<Vec<RefusedRequest>, Error> {
    let rows: Vec<(String, String, i64, Timestamp)> = app_refusals::table
        .filter(app_refusals::app_id.eq(app))
        .order((app_refusals::last_at.desc(), app_refusals::cause_hash))
        .select((app_refusals::cause, app_refusals::detail, app_refusals::times, app_refusals::last_at))
        .load(connection)?;
    let read = |(cause, detail, count, last): (String, String, i64, Timestamp)| {
        Some(RefusedRequest { why: Why::read(&cause, &detail)?, last, count })
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Deletes those of an app, because it has been changed.
pub fn forget_refusals(connection: &mut DbConnection, app: AppId) -> Result<(), Error> {
    diesel::delete(app_refusals::table.filter(app_refusals::app_id.eq(app))).execute(connection)?;
    Ok(())
}

/// Deletes those from before a moment, and those of apps that are gone.
pub fn purge_refusals(connection: &mut DbConnection, before: Timestamp) -> Result<usize, Error> {
    let is_gone = app_refusals::app_id.ne_all(apps::table.select(apps::id));
    let old = app_refusals::table.filter(app_refusals::last_at.lt(before).or(is_gone));
    Ok(diesel::delete(old).execute(connection)?)
}
