//! The logos' bytes, one row for each ground. A setting says whether there is one, and which.

use crate::{
    db::{DbConnection, Error, engine::kept::KeptDsl, schema::logo},
    domain::{
        Timestamp,
        logo::{Ground, Logo},
    },
};
use diesel::prelude::*;

const fn row(ground: Ground) -> i64 {
    match ground {
        Ground::Light => 1,
        Ground::Dark => 2,
    }
}

/// Returns the logo for this ground.
pub fn find(connection: &mut DbConnection, ground: Ground) -> Result<Option<Logo>, Error> {
    let bytes: Option<Vec<u8>> = logo::table.find(row(ground)).select(logo::png).first(connection).optional()?;
    bytes.map(|bytes| Logo::parse(bytes).map_err(|_| Error::unreadable("logo"))).transpose()
}

pub fn store(connection: &mut DbConnection, (ground, image): (Ground, &Logo), now: Timestamp) -> Result<(), Error> {
    let upsert = diesel::insert_into(logo::table)
        .values((logo::id.eq(row(ground)), logo::png.eq(image.bytes().to_vec()), logo::changed_at.eq(now)))
        .on_conflict(logo::id)
        .do_update()
        .set((logo::png.eq(image.bytes().to_vec()), logo::changed_at.eq(now)));
    upsert.run_kept(connection)?;
    Ok(())
}

pub fn remove(connection: &mut DbConnection, ground: Ground) -> Result<(), Error> {
    diesel::delete(logo::table.find(row(ground))).execute(connection)?;
    Ok(())
}
