//! One connection to either database, and how it is opened.

use super::{Error, patience::Patience, postgres_url, role::Role};
use crate::config::{DatabaseUrl, without_passwords};
use diesel::{Connection as _, connection::SimpleConnection, pg::PgConnection, sqlite::SqliteConnection};
use std::{fs::OpenOptions, io, path::Path};

/// A connection to the database that the URL names.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// A connection, and what is known of it.
pub(in crate::db) struct Opened {
    pub connection: DbConnection,
    /// True if its errors have the words that [`Error`] knows. SQLite has no others.
    pub is_untranslated: bool,
}

impl Opened {
    /// Opens a connection to an existing database. The scheme decides which, so that the error
    /// keeps its cause.
    pub(in crate::db) fn open(url: &DatabaseUrl, role: Role, patience: Patience) -> Result<Self, Error> {
        match url {
            DatabaseUrl::Sqlite(path) => open_sqlite(path, role, patience)
                .map(|sqlite| Self { connection: DbConnection::Sqlite(sqlite), is_untranslated: true }),
            DatabaseUrl::Postgres(url) => open_postgres(url, role, patience).map(|(postgres, is_untranslated)| Self {
                connection: DbConnection::Postgres(postgres),
                is_untranslated,
            }),
        }
    }
}

impl DbConnection {
    /// Opens a connection for a command, making the SQLite file if `create`.
    pub(in crate::db) fn open(url: &DatabaseUrl, role: Role, create: bool) -> Result<Self, Error> {
        if let (DatabaseUrl::Sqlite(path), true) = (url, create) {
            create_private(path)?;
        }
        Opened::open(url, role, Patience::OF_OPERATORS).map(|opened| opened.connection)
    }
}

/// `temp_store`: a savepoint keeps the pages that its job changes. Otherwise they go to a file in
/// another folder. That took the writer more time than its own log, and addresses would be readable
/// there.
///
/// `cache_size`: 600 pages hold what most batches change, so that none is written twice. More would
/// cost time: where a commit has split pages, SQLite looks at each page in the cache. With 4,000
/// pages, that took a ninth of the writer's time (`balance_nonroot` and `pcache1Truncate` of 3.53).
const FOR_THE_WRITER: &str = "PRAGMA temp_store = MEMORY; PRAGMA cache_size = 600";

/// Bytes of the log after which the writer copies it into the file: SQLite's own 1,000 pages are
/// few. Most pages are in the log many times and are copied once.
const LOG: i32 = 16_000_000;

pub(in crate::db) fn open_sqlite(path: &Path, role: Role, patience: Patience) -> Result<SqliteConnection, Error> {
    let mut connection =
        SqliteConnection::establish(&format!("sqlite://{}?mode=rw", escape_path(path)?)).map_err(Error::unavailable)?;
    // `synchronous`: with NORMAL instead of FULL, a power cut can lose answered commits.
    // `secure_delete`: deleted data is overwritten and not merely unlinked.
    // `page_size`: a commit writes whole pages, and our rows are small. An existing file keeps its
    // own size. A backup of it has small pages, and so has what is restored from that.
    let lock_patience = patience.for_locks().as_millis();
    connection.batch_execute(&format!(
        "PRAGMA busy_timeout = {lock_patience};
         PRAGMA page_size = 2048;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA trusted_schema = OFF;
         SELECT 1 FROM sqlite_schema;"
    ))?;
    match role {
        Role::Reader => connection.batch_execute("PRAGMA query_only = ON")?,
        Role::Writer => {
            connection.batch_execute(FOR_THE_WRITER)?;
            let pages = LOG / page_size(&mut connection)?.max(1);
            connection.batch_execute(&format!("PRAGMA wal_autocheckpoint = {pages}"))?;
        }
    }
    Ok(connection)
}

fn page_size(connection: &mut SqliteConnection) -> Result<i32, Error> {
    use diesel::RunQueryDsl as _;
    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        page_size: i32,
    }
    let found: Found = diesel::sql_query("PRAGMA page_size").get_result(connection)?;
    Ok(found.page_size)
}

/// Makes the file if it is missing, readable only by its owner. SQLite gives the files beside it
/// the same permissions.
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

/// Returns whether the database is an SQLite file that does not exist yet and can be made. Makes
/// nothing that stays. Blocks.
pub fn is_yet_to_be_made(url: &DatabaseUrl) -> Result<bool, Error> {
    let DatabaseUrl::Sqlite(path) = url else { return Ok(false) };
    if path.try_exists().map_err(Error::unavailable)? {
        return Ok(false);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A file without a name: trying is the best test for permissions, read-only disks and full
    // ones.
    tempfile::tempfile_in(folder)
        .map_err(|error| Error::unavailable(format!("the folder {} cannot be written: {error}", folder.display())))?;
    Ok(true)
}

/// Escapes a path for use in a `file:` URI.
pub(in crate::db) fn escape_path(path: &Path) -> Result<String, Error> {
    let path = path.to_str().ok_or_else(|| Error::fault("the database's path is not UTF-8"))?;
    Ok(path.replace('%', "%25").replace('?', "%3f").replace('#', "%23"))
}

/// Opens a connection to PostgreSQL. Returns whether the server's errors are untranslated there.
fn open_postgres(url: &str, role: Role, patience: Patience) -> Result<(PgConnection, bool), Error> {
    let mut connection = PgConnection::establish(&postgres_url::with_defaults(url, role))
        .map_err(|error| Error::unavailable(postgres_url::explain(url, &without_passwords(url, &error.to_string()))))?;
    let lock_patience = patience.for_locks().as_millis();
    let (statement_patience, rest) = (patience.for_statements().as_millis(), patience.between_statements().as_millis());
    connection.batch_execute(&format!(
        "SET lock_timeout = {lock_patience};
         SET statement_timeout = {statement_patience};
         SET idle_in_transaction_session_timeout = {rest};
         SET client_min_messages = warning;"
    ))?;
    if role == Role::Reader {
        // A writer keeps the server's own default: an operator or a cloud may have made it
        // read-only.
        connection.batch_execute("SET default_transaction_read_only = on")?;
    }
    if role == Role::Writer {
        find_crossings_soon(&mut connection, patience)?;
    }
    let is_untranslated = speaks_untranslated(&mut connection)? || ask_for_untranslated(&mut connection);
    Ok((connection, is_untranslated))
}

/// Has the server find two transactions that crossed before their wait for locks is over. Its own
/// default is a second, so that both would be refused instead of one run again. Only a superuser
/// may set it.
fn find_crossings_soon(connection: &mut PgConnection, patience: Patience) -> diesel::QueryResult<()> {
    let soon = patience.for_locks().as_millis() / 5;
    connection.batch_execute(&format!(
        "SELECT set_config('deadlock_timeout', '{soon}ms', false) WHERE current_setting('is_superuser') = 'on'"
    ))
}

/// Asks for untranslated errors. Only a superuser, or a role with that right, may choose the
/// language.
fn ask_for_untranslated(connection: &mut PgConnection) -> bool {
    connection.batch_execute("SET lc_messages = 'C'").is_ok()
}

/// Returns whether PostgreSQL's errors have the words of its source. Every other language than C
/// may be translated, even English.
fn speaks_untranslated(connection: &mut PgConnection) -> diesel::QueryResult<bool> {
    setting(connection, "lc_messages").map(|language| language == "C" || language == "POSIX")
}

/// Returns the value of a setting of PostgreSQL.
pub(in crate::db) fn setting(connection: &mut PgConnection, name: &str) -> diesel::QueryResult<String> {
    use diesel::{RunQueryDsl as _, sql_types::Text};
    #[derive(diesel::QueryableByName)]
    struct Setting {
        #[diesel(sql_type = Text)]
        setting: String,
    }
    let found: Setting =
        diesel::sql_query("SELECT current_setting($1) AS setting").bind::<Text, _>(name).get_result(connection)?;
    Ok(found.setting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::RunQueryDsl as _;

    #[derive(diesel::QueryableByName)]
    struct Store {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        temp_store: i32,
    }

    #[test]
    fn what_the_writer_sets_aside_is_in_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gatepost.db");
        create_private(&path).unwrap();
        let mut connection = open_sqlite(&path, Role::Writer, Patience::default()).unwrap();
        let store: Store = diesel::sql_query("PRAGMA temp_store").get_result(&mut connection).unwrap();
        assert_eq!(store.temp_store, 2, "2 is memory");
    }

    #[derive(diesel::QueryableByName)]
    struct Checkpoint {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        wal_autocheckpoint: i32,
    }

    /// Returns the size of a page by a file's header.
    fn size_in(path: &Path) -> u16 {
        let header = std::fs::read(path).unwrap();
        u16::from_be_bytes([header[16], header[17]])
    }

    #[test]
    fn a_new_file_has_small_pages_and_an_old_one_keeps_its_own_until_it_is_restored() {
        let old = "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; CREATE TABLE one (id INTEGER)";
        for (made_by, size, pages) in [("", 2048, 7812), (old, 4096, 3906)] {
            let folder = tempfile::tempdir().unwrap();
            let (path, backup) = (folder.path().join("gatepost.db"), folder.path().join("backup.db"));
            create_private(&path).unwrap();
            SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(made_by).unwrap();
            let mut connection = open_sqlite(&path, Role::Writer, Patience::default()).unwrap();
            let log: Checkpoint = diesel::sql_query("PRAGMA wal_autocheckpoint").get_result(&mut connection).unwrap();
            assert_eq!(log.wal_autocheckpoint, pages);
            connection.batch_execute("CREATE TABLE more (id INTEGER)").unwrap();
            connection.batch_execute(&format!("VACUUM INTO '{}'", backup.display())).unwrap();
            drop(connection);
            assert_eq!((size_in(&path), size_in(&backup)), (size, 2048));
        }
    }
}
