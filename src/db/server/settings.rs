//! Settings. Only what an admin changed is stored. The program and its configuration supply the
//! rest.

use crate::{
    db::{DbConnection, Error, engine::kept::KeptDsl, schema::settings},
    domain::{Settings, Timestamp},
};
use diesel::prelude::*;

/// Returns the settings in force. An unreadable stored value is a fault, not a default: a setting
/// that is off must not turn itself on.
pub fn load(connection: &mut DbConnection, start: &Settings) -> Result<Settings, Error> {
    let mut loaded = start.clone();
    let rows: Vec<(String, String)> =
        settings::table.select((settings::name, settings::value)).load_kept(connection)?;
    for (name, value) in rows {
        match loaded.set(&name, &value) {
            Ok(()) => {}
            // A newer version wrote a setting that this one does not have.
            Err(crate::domain::settings::SettingProblem::Unknown) => {}
            Err(_) => return Err(Error::fault(format!("the stored setting {name} cannot be read"))),
        }
    }
    Ok(loaded)
}

pub fn store(connection: &mut DbConnection, name: &str, value: &str, now: Timestamp) -> Result<(), Error> {
    let upsert = diesel::insert_into(settings::table)
        .values((settings::name.eq(name), settings::value.eq(value), settings::changed_at.eq(now)))
        .on_conflict(settings::name)
        .do_update()
        .set((settings::value.eq(value), settings::changed_at.eq(now)));
    upsert.run_kept(connection)?;
    Ok(())
}
