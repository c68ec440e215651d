//! Findings of servers when they started, so that admins see what an upgrade has changed.

use crate::{
    db::{DbConnection, Error, migrations, schema::starts},
    domain::{
        Timestamp,
        upgrade::{Start, Upgrade},
    },
};
use diesel::prelude::*;

/// Rows that are kept.
const KEPT: i64 = 20;

/// Notes a start, unless the one before found the same.
pub fn note(connection: &mut DbConnection, at: Timestamp, (version, built_from): (&str, &str)) -> Result<(), Error> {
    let (version, built_from) = (version.to_owned(), built_from.to_owned());
    let start = Start { at, version, built_from, migrations: migrations::applied_names(connection)? };
    if newest(connection, 1)?.first().is_some_and(|before| before.is_like(&start)) {
        return Ok(());
    }
    diesel::insert_into(starts::table)
        .values((
            starts::at.eq(at),
            starts::version.eq(&start.version),
            starts::built_from.eq(&start.built_from),
            starts::migrations.eq(start.migrations.join(" ")),
        ))
        .execute(connection)?;
    let oldest: Option<Timestamp> =
        starts::table.order(starts::at.desc()).offset(KEPT).select(starts::at).first(connection).optional()?;
    if let Some(oldest) = oldest {
        diesel::delete(starts::table.filter(starts::at.le(oldest))).execute(connection)?;
    }
    Ok(())
}

/// Returns the newest upgrade.
pub fn upgrade(connection: &mut DbConnection) -> Result<Option<Upgrade>, Error> {
    Ok(Upgrade::newest_of(&newest(connection, KEPT)?))
}

fn newest(connection: &mut DbConnection, most: i64) -> Result<Vec<Start>, Error> {
    let rows: Vec<(Timestamp, String, String, String)> =
        starts::table.order(starts::at.desc()).limit(most).load(connection)?;
    let start = |(at, version, built_from, migrations): (Timestamp, String, String, String)| Start {
        at,
        version,
        built_from,
        migrations: migrations.split_whitespace().map(str::to_owned).collect(),
    };
    Ok(rows.into_iter().map(start).collect())
}
