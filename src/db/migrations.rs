//! The schema: two embedded trees of migrations with the same names, and the runner.

use super::{DbConnection, Error, connection::Role, dialect};
use crate::config::DatabaseUrl;
use diesel::{
    backend::Backend,
    migration::{self, Migration, MigrationSource, MigrationVersion},
    pg::Pg,
    sqlite::Sqlite,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// What a run of the migrations found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    pub applied: Vec<String>,
    /// Applied by a newer Gatepost, unknown to this one. It runs on: migrations only add, so that nodes of
    /// two versions can share a database during an upgrade.
    pub unknown: Vec<String>,
}

/// Brings the schema up to date, making the SQLite file if there is none. Blocks.
pub fn run(url: &DatabaseUrl) -> Result<Migrated, Error> {
    let mut connection = DbConnection::open(url, Role::Writer, true)?;
    dialect::lift_time_limits(&mut connection)?;
    dialect::lock_migrations(&mut connection)?;
    let migrated = match &mut connection {
        DbConnection::Sqlite(sqlite) => run_with(sqlite, SQLITE),
        DbConnection::Postgres(postgres) => run_with(postgres, POSTGRES),
    };
    let unlocked = dialect::unlock_migrations(&mut connection);
    let migrated = migrated?;
    unlocked?;
    Ok(migrated)
}

/// What a run would do, changing nothing: not even the table that migrations are noted in is made. Blocks.
pub fn pending(url: &DatabaseUrl) -> Result<Vec<String>, Error> {
    let mut connection = DbConnection::open(url, Role::Reader, false)?;
    if !dialect::has_migrations(&mut connection)? {
        return all();
    }
    // Asking makes sure of the table first, which a reader of PostgreSQL may not, though it is there.
    if matches!(connection, DbConnection::Postgres(_)) {
        connection = DbConnection::open(url, Role::Writer, false)?;
    }
    let names = match &mut connection {
        DbConnection::Sqlite(sqlite) => names_of(MigrationHarness::<Sqlite>::pending_migrations(sqlite, SQLITE)),
        DbConnection::Postgres(postgres) => names_of(MigrationHarness::<Pg>::pending_migrations(postgres, POSTGRES)),
    };
    names.map_err(Error::fault)
}

/// Every migration there is: the two trees have the same names.
pub fn all() -> Result<Vec<String>, Error> {
    names_of(MigrationSource::<Sqlite>::migrations(&SQLITE)).map_err(Error::fault)
}

fn names_of<DB: Backend>(migrations: migration::Result<Vec<Box<dyn Migration<DB>>>>) -> migration::Result<Vec<String>> {
    Ok(migrations?.iter().map(|migration| migration.name().to_string()).collect())
}

fn run_with<C, DB>(connection: &mut C, source: EmbeddedMigrations) -> Result<Migrated, Error>
where
    C: MigrationHarness<DB>,
    DB: Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let names = |versions: Vec<MigrationVersion<'_>>| versions.iter().map(ToString::to_string).collect::<Vec<_>>();
    let known: Vec<String> = MigrationSource::<DB>::migrations(&source)
        .map_err(Error::fault)?
        .iter()
        .map(|m| m.name().version().to_string())
        .collect();
    let applied = connection.run_pending_migrations(source).map(names).map_err(Error::fault)?;
    let unknown = names(connection.applied_migrations().map_err(Error::fault)?)
        .into_iter()
        .filter(|version| !known.contains(version))
        .collect();
    Ok(Migrated { applied, unknown })
}
