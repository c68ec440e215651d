//! Settings, groups, apps and secrets that a file of the operator owns: see `gatepost apply`.

use super::{DbConnection, Error, schema::declared};
use diesel::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Setting,
    Group,
    App,
    /// The secret of an app, by the app's short name.
    Secret,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Setting => "setting",
            Self::Group => "group",
            Self::App => "app",
            Self::Secret => "secret",
        }
    }
}

/// Returns the names of all of a kind.
pub fn names(connection: &mut DbConnection, kind: Kind) -> Result<Vec<String>, Error> {
    let rows = declared::table.filter(declared::kind.eq(kind.as_str())).order(declared::name);
    Ok(rows.select(declared::name).load(connection)?)
}

pub fn has(connection: &mut DbConnection, kind: Kind, name: &str) -> Result<bool, Error> {
    let count: i64 = declared::table.find((kind.as_str(), name)).count().get_result(connection)?;
    Ok(count > 0)
}

/// Notes one that was not noted before.
pub fn insert(connection: &mut DbConnection, kind: Kind, name: &str) -> Result<(), Error> {
    diesel::insert_into(declared::table)
        .values((declared::kind.eq(kind.as_str()), declared::name.eq(name)))
        .execute(connection)?;
    Ok(())
}

pub fn delete(connection: &mut DbConnection, kind: Kind, name: &str) -> Result<(), Error> {
    diesel::delete(declared::table.find((kind.as_str(), name))).execute(connection)?;
    Ok(())
}
