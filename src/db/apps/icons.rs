//! Icons of apps.

use super::{AppId, DbConnection, Error, apps};
use crate::domain::logo::Logo;
use diesel::prelude::*;

pub fn icon(connection: &mut DbConnection, id: AppId) -> Result<Option<Logo>, Error> {
    let bytes: Option<Option<Vec<u8>>> = apps::table.find(id).select(apps::icon).first(connection).optional()?;
    bytes.flatten().map(|bytes| Logo::parse(bytes).map_err(|_| Error::unreadable("icon"))).transpose()
}

/// Stores an icon, or removes it.
pub fn set_icon(connection: &mut DbConnection, id: AppId, icon: Option<&Logo>) -> Result<(), Error> {
    let version = icon.map(|icon| icon.version().as_str().to_owned());
    diesel::update(apps::table.find(id))
        .set((apps::icon.eq(icon.map(|icon| icon.bytes().to_vec())), apps::icon_version.eq(version)))
        .execute(connection)?;
    Ok(())
}
