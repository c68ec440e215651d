//! The logo's bytes. A setting says whether there is one, and which.

use super::{DbConnection, Error, kept::ExecuteKept, schema::logo};
use crate::domain::{Timestamp, logo::Logo};
use diesel::prelude::*;

const ONLY: i64 = 1;

pub fn find(connection: &mut DbConnection) -> Result<Option<Logo>, Error> {
    let bytes: Option<Vec<u8>> = logo::table.find(ONLY).select(logo::png).first(connection).optional()?;
    bytes.map(|bytes| Logo::parse(bytes).map_err(|_| Error::unreadable("logo"))).transpose()
}

pub fn store(connection: &mut DbConnection, image: &Logo, now: Timestamp) -> Result<(), Error> {
    let upsert = diesel::insert_into(logo::table)
        .values((logo::id.eq(ONLY), logo::png.eq(image.bytes().to_vec()), logo::changed_at.eq(now.as_millis())))
        .on_conflict(logo::id)
        .do_update()
        .set((logo::png.eq(image.bytes().to_vec()), logo::changed_at.eq(now.as_millis())));
    upsert.execute_kept(connection)?;
    Ok(())
}

pub fn remove(connection: &mut DbConnection) -> Result<(), Error> {
    diesel::delete(logo::table.find(ONLY)).execute(connection)?;
    Ok(())
}
