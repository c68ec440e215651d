//! The thorough check of a database, for `gatepost check --deep`.

use super::backup;
use crate::{
    config::DatabaseUrl,
    db::{
        DbConnection, Error,
        engine::{dialect, role::Role},
    },
};

/// Reads everything and returns what is wrong. On SQLite it uses the database's own integrity
/// check; on PostgreSQL it reads every row of every table. Blocks, for minutes if the database is
/// large.
pub fn problems(url: &DatabaseUrl) -> Result<Vec<String>, Error> {
    let mut connection = DbConnection::open(url, Role::Reader, false)?;
    dialect::lift_time_limits(&mut connection)?;
    match &mut connection {
        DbConnection::Sqlite(sqlite) => backup::problems_of(sqlite),
        DbConnection::Postgres(_) => {
            Ok(dialect::read_everything(&mut connection).err().map(|error| error.to_string()).into_iter().collect())
        }
    }
}
