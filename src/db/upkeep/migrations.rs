//! The schema: two embedded trees of migrations with the same names, and the runner.

use super::{before_upgrade, serving_lock};
use crate::{
    config::DatabaseUrl,
    db::{
        DbConnection, Error,
        engine::{dialect, role::Role},
    },
};
use diesel::{
    migration::{self, Migration, MigrationSource, MigrationVersion},
    pg::Pg,
    sqlite::Sqlite,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::path::PathBuf;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Result of a run of the migrations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    pub applied: Vec<String>,
    /// The database was empty before.
    pub is_new: bool,
    /// Applied by a newer Gatepost, unknown to this one. This one still runs: migrations only add,
    /// so that nodes of two versions can share a database during an upgrade.
    pub unknown: Vec<String>,
    /// The copy of an SQLite database from before.
    pub copy: Option<PathBuf>,
}

/// Tells whether to copy an SQLite database before its schema changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    Make,
    Skip,
}

/// Brings the schema up to date, and makes a missing SQLite file. Copies an SQLite database that
/// changes. Without pending migrations it needs only the right to read. Blocks.
pub fn run(url: &DatabaseUrl) -> Result<Migrated, Error> {
    run_with(url, Copy::Make)
}

/// Does the same as [`run`], also without a copy. Blocks.
pub fn run_with(url: &DatabaseUrl, copy: Copy) -> Result<Migrated, Error> {
    serving_lock::refuse_anothers_log(url)?;
    let mut connection = DbConnection::open(url, Role::Writer, true)?;
    refuse_other_encodings(&mut connection)?;
    dialect::lift_time_limits(&mut connection)?;
    if !dialect::try_to_lock_migrations(&mut connection)? {
        tracing::warn!("another node is migrating the database; waiting for it");
        dialect::lock_migrations(&mut connection)?;
    }
    let migrated = copy_and_apply(&mut connection, url, copy);
    let unlocked = dialect::unlock_migrations(&mut connection);
    let migrated = migrated?;
    unlocked?;
    Ok(migrated)
}

fn copy_and_apply(connection: &mut DbConnection, url: &DatabaseUrl, copy: Copy) -> Result<Migrated, Error> {
    let before = applied(connection)?;
    let is_pending = known()?.iter().any(|known| !before.contains(&known.version));
    let copy = match (url, before.iter().max()) {
        (DatabaseUrl::Sqlite(path), Some(newest)) if is_pending && copy == Copy::Make => {
            Some(before_upgrade::copy(path, newest)?)
        }
        _ => None,
    };
    Ok(Migrated { copy, is_new: before.is_empty(), ..apply(connection)? })
}

/// Returns what a run would do, without any change: it does not even make the table of migrations.
/// Blocks.
pub fn pending(url: &DatabaseUrl) -> Result<Vec<String>, Error> {
    serving_lock::refuse_anothers_log(url)?;
    let mut connection = DbConnection::open(url, Role::Reader, false)?;
    refuse_other_encodings(&mut connection)?;
    let applied = applied(&mut connection)?;
    Ok(known()?.into_iter().filter(|known| !applied.contains(&known.version)).map(|known| known.name).collect())
}

/// Returns all migrations. The two trees have the same names.
pub fn all() -> Result<Vec<String>, Error> {
    Ok(known()?.into_iter().map(|known| known.name).collect())
}

/// Returns the names of the applied migrations, and the versions of those that are unknown here.
pub(in crate::db) fn applied_names(connection: &mut DbConnection) -> Result<Vec<String>, Error> {
    let (known, mut versions) = (known()?, applied(connection)?);
    versions.sort();
    let name = |version: String| known.iter().find(|known| known.version == version).map(|known| known.name.clone());
    Ok(versions.into_iter().map(|version| name(version.clone()).unwrap_or(version)).collect())
}

struct MigrationName {
    version: String,
    name: String,
}

fn known() -> Result<Vec<MigrationName>, Error> {
    let migrations = MigrationSource::<Sqlite>::migrations(&SQLITE).map_err(Error::fault)?;
    Ok(migrations
        .iter()
        .map(|migration| MigrationName {
            version: migration.name().version().to_string(),
            name: migration.name().to_string(),
        })
        .collect())
}

/// Returns the applied versions. Diesel would first make the table of migrations. It would need the
/// right to make tables even if nothing is pending.
fn applied(connection: &mut DbConnection) -> Result<Vec<String>, Error> {
    if dialect::has_migrations(connection)? { Ok(dialect::migrations_applied(connection)?) } else { Ok(Vec::new()) }
}

pub(in crate::db) fn apply(connection: &mut DbConnection) -> Result<Migrated, Error> {
    let known: Vec<String> = known()?.into_iter().map(|known| known.version).collect();
    let before = applied(connection)?;
    let unknown = before.iter().filter(|version| !known.contains(version)).cloned().collect();
    if known.iter().all(|version| before.contains(version)) {
        return Ok(Migrated { unknown, ..Migrated::default() });
    }
    let run = match connection {
        DbConnection::Sqlite(sqlite) => names_of(MigrationHarness::<Sqlite>::run_pending_migrations(sqlite, SQLITE)),
        DbConnection::Postgres(postgres) => {
            names_of(MigrationHarness::<Pg>::run_pending_migrations(postgres, POSTGRES))
        }
    };
    let applied = run.map_err(|error| {
        Error::fault(format!(
            "its schema cannot be brought up to date: {error}. Run `gatepost migrate` as a role that may make tables there"
        ))
    })?;
    Ok(Migrated { applied, unknown, ..Migrated::default() })
}

fn names_of(versions: migration::Result<Vec<MigrationVersion<'_>>>) -> migration::Result<Vec<String>> {
    Ok(versions?.iter().map(ToString::to_string).collect())
}

/// Refuses any encoding except UTF-8. Another one would store most names and addresses, and fail at
/// the first letter that it lacks.
fn refuse_other_encodings(connection: &mut DbConnection) -> Result<(), Error> {
    let encoding = dialect::encoding(connection)?;
    if encoding == "UTF8" {
        return Ok(());
    }
    Err(Error::fault(format!(
        "its encoding is {encoding} and has to be UTF8. Make another one: CREATE DATABASE gatepost OWNER gatepost ENCODING 'UTF8' TEMPLATE template0"
    )))
}
