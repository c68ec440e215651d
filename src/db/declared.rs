//! Settings, groups, apps and secrets that a file of the operator owns: see `gatepost apply`.

pub use super::kinds::Declared as Kind;
use super::{DbConnection, Error, columns::Named, schema::declared};
use diesel::prelude::*;

/// Returns the names of all of a kind.
pub fn names(connection: &mut DbConnection, kind: Kind) -> Result<Vec<String>, Error> {
    let rows = declared::table.filter(declared::kind.eq(Named(kind))).order(declared::name);
    Ok(rows.select(declared::name).load(connection)?)
}

pub fn has(connection: &mut DbConnection, kind: Kind, name: &str) -> Result<bool, Error> {
    let count: i64 = declared::table.find((Named(kind), name)).count().get_result(connection)?;
    Ok(count > 0)
}

/// Notes one that was not noted before.
pub fn insert(connection: &mut DbConnection, kind: Kind, name: &str) -> Result<(), Error> {
    diesel::insert_into(declared::table)
        .values((declared::kind.eq(Named(kind)), declared::name.eq(name)))
        .execute(connection)?;
    Ok(())
}

pub fn delete(connection: &mut DbConnection, kind: Kind, name: &str) -> Result<(), Error> {
    diesel::delete(declared::table.find((Named(kind), name))).execute(connection)?;
    Ok(())
}
