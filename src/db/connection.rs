//! One connection to either database, and how it is opened.

use super::Error;
use crate::config::{DatabaseUrl, without_passwords};
use diesel::{Connection as _, connection::SimpleConnection, pg::PgConnection, sqlite::SqliteConnection};
use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
};

/// A connection to whichever database the URL named.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// What a connection is for. A reader cannot write, by the database's own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Reader,
    Writer,
}

/// How long a statement may wait for somebody else's lock. Below the second within which a visitor gets an answer.
const LOCK_PATIENCE_MS: u32 = 500;

impl DbConnection {
    /// Opens a connection, making the SQLite file if `create`. Going by the scheme, and not by trying each, keeps the
    /// cause in the error.
    pub(super) fn open(url: &DatabaseUrl, role: Role, create: bool) -> Result<Self, Error> {
        match url {
            DatabaseUrl::Sqlite(path) => open_sqlite(path, role, create).map(Self::Sqlite),
            DatabaseUrl::Postgres(url) => open_postgres(url, role).map(Self::Postgres),
        }
    }
}

fn open_sqlite(path: &Path, role: Role, create: bool) -> Result<SqliteConnection, Error> {
    if create {
        create_private(path)?;
    }
    let mut connection =
        SqliteConnection::establish(&format!("sqlite://{}?mode=rw", escape_path(path)?)).map_err(Error::unavailable)?;
    // FULL, not NORMAL: with NORMAL a power cut can take commits that were answered. secure_delete: what was purged is
    // overwritten and not merely unlinked.
    connection.batch_execute(&format!(
        "PRAGMA busy_timeout = {LOCK_PATIENCE_MS};
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA trusted_schema = OFF;"
    ))?;
    if role == Role::Reader {
        connection.batch_execute("PRAGMA query_only = ON")?;
    }
    Ok(connection)
}

/// Makes the file if there is none, for its owner's eyes only; the files that SQLite puts beside it follow its example.
fn create_private(path: &Path) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Error::unavailable(error)),
    }
}

/// Whether the database is an SQLite file that is not there yet and can be made; makes nothing that stays. Blocks.
pub fn is_yet_to_be_made(url: &DatabaseUrl) -> Result<bool, Error> {
    let DatabaseUrl::Sqlite(path) = url else { return Ok(false) };
    if path.try_exists().map_err(Error::unavailable)? {
        return Ok(false);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A file without a name: permissions, read-only disks and full ones are best asked about by trying.
    tempfile::tempfile_in(folder)
        .map_err(|error| Error::unavailable(format!("the folder {} cannot be written: {error}", folder.display())))?;
    Ok(true)
}

/// Copies an SQLite database, as of one moment and while others write, to a file that must not exist yet; its size in bytes. Blocks.
pub fn backup(source: &DatabaseUrl, target: &Path) -> Result<u64, Error> {
    let DatabaseUrl::Sqlite(source) = source else {
        return Err(Error::unavailable("this copies SQLite files; PostgreSQL has pg_dump"));
    };
    if target.exists() {
        return Err(Error::unavailable("the file exists already"));
    }
    let mut connection = open_sqlite(source, Role::Writer, false)?;
    create_private(target)?;
    let name = target.to_str().ok_or_else(|| Error::unavailable("the file's name is not UTF-8"))?;
    let copied = connection.batch_execute(&format!("VACUUM INTO '{}'", name.replace('\'', "''")));
    if let Err(error) = copied {
        // What is there is not a copy.
        let _ = std::fs::remove_file(target);
        return Err(error.into());
    }
    let file = File::open(target).and_then(|file| file.sync_all().map(|()| file)).map_err(Error::unavailable)?;
    Ok(file.metadata().map_err(Error::unavailable)?.len())
}

/// A path as the part of a `file:` URI that it is put into.
fn escape_path(path: &Path) -> Result<String, Error> {
    let path = path.to_str().ok_or_else(|| Error::fault("the database's path is not UTF-8"))?;
    Ok(path.replace('%', "%25").replace('?', "%3f").replace('#', "%23"))
}

fn open_postgres(url: &str, role: Role) -> Result<PgConnection, Error> {
    // libpq quotes what it cannot read of a URL.
    let mut connection = PgConnection::establish(&with_timeouts(url))
        .map_err(|error| Error::unavailable(without_passwords(url, &error.to_string())))?;
    let read_only = if role == Role::Reader { "on" } else { "off" };
    connection.batch_execute(&format!(
        "SET lock_timeout = {LOCK_PATIENCE_MS};
         SET statement_timeout = 10000;
         SET idle_in_transaction_session_timeout = 15000;
         SET client_min_messages = warning;
         SET default_transaction_read_only = {read_only};"
    ))?;
    Ok(connection)
}

/// The URL with what the operator did not say: how soon to give up on a server that does not answer.
fn with_timeouts(url: &str) -> String {
    let mut url = url.to_owned();
    for (key, value) in [
        ("connect_timeout", "3"),
        ("tcp_user_timeout", "5000"),
        ("keepalives_idle", "10"),
        ("keepalives_interval", "3"),
        ("keepalives_count", "3"),
        ("application_name", "gatepost"),
    ] {
        if !url.contains(&format!("{key}=")) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&format!("{key}={value}"));
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_operator_said_about_timeouts_stands() {
        let url = with_timeouts("postgres://db/gatepost?connect_timeout=30");
        assert!(url.starts_with("postgres://db/gatepost?connect_timeout=30&tcp_user_timeout="));
        assert!(with_timeouts("postgres://db/gatepost").contains("?connect_timeout=3&"));
    }
}
