//! Copies of an SQLite database, and restoring them.

use super::{
    ServingLock,
    copies::{copy_beside, open_alone, private_file_beside, sync_folder_of},
    migrations, restored,
};
use crate::{
    config::DatabaseUrl,
    db::{
        DbConnection, Error,
        engine::{
            dialect,
            role::Role,
            sqlite_file::{beside, free_name},
        },
        last_times::{self, Noted},
    },
    domain::{AuditEntry, Timestamp},
};
use diesel::{RunQueryDsl as _, connection::SimpleConnection, sql_types::Text, sqlite::SqliteConnection};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// Copies an SQLite database as of one moment, while others write, to a new file. Returns its size
/// in bytes. The file gets its name once it is complete. Blocks.
pub fn backup(source: &DatabaseUrl, target: &Path) -> Result<u64, Error> {
    let DatabaseUrl::Sqlite(source) = source else {
        return Err(Error::unavailable("this copies SQLite files; PostgreSQL has pg_dump"));
    };
    // Also refuses a dangling symbolic link, because its target was not asked for.
    if fs::symlink_metadata(target).is_ok() {
        return Err(Error::unavailable("the file exists already"));
    }
    let (copy, size) = copy_beside(source, target)?;
    copy.persist_noclobber(target).map_err(|error| Error::unavailable(error.error))?;
    sync_folder_of(target)?;
    Ok(size)
}

/// Notes, for the admins' overview, that a copy was just made. Blocks.
pub fn note_backup(url: &DatabaseUrl, at: Timestamp) -> Result<(), Error> {
    last_times::note(&mut DbConnection::open(url, Role::Writer, false)?, Noted::Backup, at)
}

/// Result of a restore.
#[derive(Debug)]
pub struct Restored {
    pub accounts: i64,
    /// Path of the former database, if there was one.
    pub before: Option<PathBuf>,
}

/// Why a restore does nothing.
#[derive(Debug)]
pub enum NotRestored {
    /// A server serves the database.
    Served,
    /// The file cannot be read.
    Unreadable(io::Error),
    /// The file is the database itself.
    Itself,
    /// There is a log beside the file, so that it is not a complete copy.
    HasLog,
    /// The file is not a Gatepost database.
    NotOurs,
    /// The file is damaged. The first finding of the check.
    Damaged(String),
    Fault(Error),
}

impl<E: Into<Error>> From<E> for NotRestored {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// Replaces an SQLite database that no server uses by a copy.
///
/// Sessions, open links and codes, and remembered browsers of the copy end. What ended since the
/// copy was made would be valid again. The audit log of the copy gets a line. Blocks.
pub fn restore(source: &Path, database: &Path, line: &AuditEntry) -> Result<Restored, NotRestored> {
    let url = DatabaseUrl::Sqlite(database.to_owned());
    let lock = ServingLock::take(&url)?.ok_or(NotRestored::Served)?;
    let database = database.canonicalize().unwrap_or_else(|_| database.to_owned());
    if source.canonicalize().map_err(NotRestored::Unreadable)? == database {
        return Err(NotRestored::Itself);
    }
    if fs::metadata(beside(source, "-wal")).is_ok_and(|log| log.len() > 0) {
        return Err(NotRestored::HasLog);
    }
    let mut copy = private_file_beside(&database)?;
    let copied = File::open(source).and_then(|mut file| io::copy(&mut file, copy.as_file_mut()));
    copied.map_err(NotRestored::Unreadable)?;
    let accounts = make_ready(copy.path(), line)?;
    copy.as_file().sync_all().map_err(Error::unavailable)?;
    lock.forget_run()?;
    let before = set_aside(&database)?;
    copy.persist_noclobber(&database).map_err(|error| Error::unavailable(error.error))?;
    sync_folder_of(&database)?;
    Ok(Restored { accounts, before })
}

/// Brings up to date a database that another tool has restored, such as `pg_restore`. Ends what
/// must not come back. Returns how many accounts it has. Blocks.
pub fn finish_restore(url: &DatabaseUrl, line: &AuditEntry) -> Result<i64, NotRestored> {
    let _lock = ServingLock::take(url)?.ok_or(NotRestored::Served)?;
    if !is_ours(url)? {
        return Err(NotRestored::NotOurs);
    }
    migrations::run(url)?;
    let mut connection = DbConnection::open(url, Role::Writer, false)?;
    dialect::lift_time_limits(&mut connection)?;
    Ok(restored::end_all(&mut connection, line)?)
}

fn is_ours(url: &DatabaseUrl) -> Result<bool, Error> {
    dialect::has_migrations(&mut DbConnection::open(url, Role::Reader, false)?).map_err(Error::from)
}

/// Checks a copy, brings its schema up to date, and ends what must not come back. Returns how many
/// accounts it has.
fn make_ready(copy: &Path, line: &AuditEntry) -> Result<i64, NotRestored> {
    let mut sqlite = open_alone(copy)?;
    let tables = "SELECT name AS line FROM sqlite_schema WHERE name IN ('__diesel_schema_migrations', 'installation', 'accounts')";
    match diesel::sql_query(tables).load::<Line>(&mut sqlite) {
        Ok(found) if found.len() == 3 => {}
        Ok(_) | Err(diesel::result::Error::DatabaseError(..)) => return Err(NotRestored::NotOurs),
        Err(error) => return Err(error.into()),
    }
    if let Some(problem) = problems_of(&mut sqlite)?.into_iter().next() {
        return Err(NotRestored::Damaged(problem));
    }
    let mut connection = DbConnection::Sqlite(sqlite);
    migrations::apply(&mut connection)?;
    let accounts = restored::end_all(&mut connection, line)?;
    connection.batch_execute("PRAGMA user_version = 0")?;
    Ok(accounts)
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Returns what SQLite's own checks find wrong with a file, at most ten of each.
pub(in crate::db) fn problems_of(sqlite: &mut SqliteConnection) -> Result<Vec<String>, Error> {
    #[derive(diesel::QueryableByName)]
    struct Check {
        #[diesel(sql_type = Text)]
        integrity_check: String,
    }
    let damage = diesel::sql_query("PRAGMA integrity_check(10)").load::<Check>(sqlite).map(|found| {
        found.into_iter().map(|check| check.integrity_check).filter(|text| text != "ok").collect::<Vec<_>>()
    });
    let strays = diesel::sql_query(
        "SELECT 'a row of ' || \"table\" || ' belongs to no row of ' || parent AS line FROM pragma_foreign_key_check LIMIT 10",
    )
    .load::<Line>(sqlite)
    .map(|found| found.into_iter().map(|line| line.line).collect());
    let mut problems = Vec::new();
    for found in [damage, strays] {
        match found {
            Ok(found) => problems.extend(found.into_iter().map(|text| text.replace('\n', " "))),
            // Some damage keeps even the check from running.
            Err(error @ diesel::result::Error::DatabaseError(..)) => problems.push(error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(problems)
}

/// Moves a database and its log out of the way, together. Returns where it is now.
fn set_aside(database: &Path) -> Result<Option<PathBuf>, Error> {
    let aside = free_name(&beside(database, ".before-restore"));
    let is_there = fs::symlink_metadata(database).is_ok();
    if is_there {
        fs::rename(database, &aside).map_err(Error::unavailable)?;
    }
    for (end, keep) in [("-wal", true), ("-shm", false)] {
        let file = beside(database, end);
        let moved = if keep { fs::rename(&file, beside(&aside, end)) } else { fs::remove_file(&file) };
        match moved {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::unavailable(error)),
            _ => {}
        }
    }
    Ok(is_there.then_some(aside))
}
