//! Everything in which statements on SQLite and PostgreSQL differ. Only this file and
//! `limit_rows` ask to which of the two a connection leads.

use super::{DbConnection, Error, connection, kept, role::Role};
use diesel::{connection::SimpleConnection, prelude::*};

/// Returns how many writes may share one transaction. On SQLite a commit is an fsync of the one
/// log, so that all waiting writes share it. PostgreSQL shares fsyncs between connections by
/// itself.
pub(in crate::db) const fn writes_per_commit(sqlite: bool) -> usize {
    if sqlite { 256 } else { 1 }
}

/// Takes the write lock at once on SQLite. A transaction that reads first and writes later fails
/// there if another wrote in between, with any busy timeout.
pub(in crate::db) fn begin_write(connection: &mut DbConnection) -> QueryResult<()> {
    match connection {
        DbConnection::Sqlite(sqlite) => kept::run(sqlite, "BEGIN IMMEDIATE"),
        DbConnection::Postgres(postgres) => postgres.batch_execute("BEGIN"),
    }
}

/// Commits, or says why not.
///
/// PostgreSQL answers COMMIT of a transaction that had an error with a silent ROLLBACK. The SELECT
/// before it, in the same round trip, turns that into an error. Only durable work therefore counts
/// as done.
pub(in crate::db) fn commit(connection: &mut DbConnection) -> QueryResult<()> {
    match connection {
        DbConnection::Sqlite(sqlite) => kept::run(sqlite, "COMMIT"),
        DbConnection::Postgres(postgres) => postgres.batch_execute("SELECT 1; COMMIT"),
    }
}

/// Step with a savepoint, a moment of a transaction to which it can return.
#[derive(Clone, Copy)]
pub(in crate::db) enum Savepoint {
    Set,
    Release,
    Return,
    /// Sets the savepoint of a part of a job, which can then be undone alone.
    SetPart,
    ReleasePart,
    ReturnPart,
    /// Sets the savepoint before a row that a limit locks. It has another name, so that its job can
    /// still return to its own.
    SetBeforeRow,
    ReturnBeforeRow,
}

/// Sets a savepoint, or ends it.
pub(in crate::db) fn savepoint(connection: &mut DbConnection, step: Savepoint) -> QueryResult<()> {
    let statements: &[&'static str] = match step {
        Savepoint::Set => &["SAVEPOINT job"],
        Savepoint::Release => &["RELEASE job"],
        Savepoint::Return => &["ROLLBACK TO job", "RELEASE job"],
        Savepoint::SetPart => &["SAVEPOINT part"],
        Savepoint::ReleasePart => &["RELEASE part"],
        Savepoint::ReturnPart => &["ROLLBACK TO part", "RELEASE part"],
        Savepoint::SetBeforeRow => &["SAVEPOINT before_row"],
        Savepoint::ReturnBeforeRow => &["ROLLBACK TO before_row", "RELEASE before_row"],
    };
    match connection {
        DbConnection::Sqlite(sqlite) => statements.iter().try_for_each(|statement| kept::run(sqlite, statement)),
        DbConnection::Postgres(postgres) => postgres.batch_execute(&statements.join("; ")),
    }
}

/// Undoes what was not committed. SQLite has often done so by itself, for example on a full disk.
/// This then fails, and nothing remains to do. [`is_clean`] finds out whether the connection is
/// still usable.
pub(in crate::db) fn roll_back(connection: &mut DbConnection) {
    let _ = connection.batch_execute("ROLLBACK");
}

/// Returns whether a connection works: it answers, outside any transaction, and can write if it has
/// to.
///
/// An SQLite file that was opened on a read-only disk stays read-only for that connection. The same
/// is true of a PostgreSQL server that became a standby.
pub(in crate::db) fn is_clean(connection: &mut DbConnection, role: Role) -> bool {
    let probe = match (&connection, role) {
        (DbConnection::Sqlite(_), Role::Writer) => "BEGIN IMMEDIATE; ROLLBACK",
        (DbConnection::Sqlite(_), Role::Reader) => "BEGIN; SELECT 1; ROLLBACK",
        // An error if it cannot be written.
        (DbConnection::Postgres(_), Role::Writer) => {
            "SELECT 1 / CASE current_setting('transaction_read_only') WHEN 'off' THEN 1 ELSE 0 END"
        }
        (DbConnection::Postgres(_), Role::Reader) => "SELECT 1",
    };
    connection.batch_execute(probe).map_err(Error::from).map_or_else(|error| error.is_lock(), |()| true)
}

/// Writes the log of an SQLite database into its file, all of it.
pub(in crate::db) fn save_log(connection: &mut DbConnection) -> Result<(), Error> {
    #[derive(diesel::QueryableByName)]
    struct Busy {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        busy: i32,
    }
    let DbConnection::Sqlite(sqlite) = connection else { return Ok(()) };
    let saved: Busy = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(sqlite)?;
    if saved.busy == 0 { Ok(()) } else { Err(Error::unavailable("the log is still being read")) }
}

/// Begins a consistent view for one reading job. PostgreSQL's readers run each statement by itself,
/// which is enough for all of them and saves two round trips.
pub(in crate::db) fn begin_read(connection: &mut DbConnection) -> QueryResult<()> {
    match connection {
        DbConnection::Sqlite(sqlite) => kept::run(sqlite, "BEGIN"),
        DbConnection::Postgres(_) => Ok(()),
    }
}

pub(in crate::db) fn end_read(connection: &mut DbConnection) -> QueryResult<()> {
    match connection {
        DbConnection::Sqlite(sqlite) => kept::run(sqlite, "COMMIT"),
        DbConnection::Postgres(_) => Ok(()),
    }
}

/// Reads every row of every table of PostgreSQL, down to its last byte.
pub(in crate::db) fn read_everything(connection: &mut DbConnection) -> QueryResult<()> {
    let DbConnection::Postgres(postgres) = connection else { return Ok(()) };
    postgres.batch_execute(
        "DO $$ DECLARE name regclass; BEGIN
             FOR name IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
             LOOP EXECUTE format('SELECT count(row::text) FROM %s AS row', name); END LOOP;
         END $$",
    )
}

/// Returns the name of the encoding in which a database stores texts.
pub(in crate::db) fn encoding(connection: &mut DbConnection) -> QueryResult<String> {
    match connection {
        DbConnection::Sqlite(_) => Ok("UTF8".to_owned()),
        DbConnection::Postgres(postgres) => connection::setting(postgres, "server_encoding"),
    }
}

/// Returns whether several servers may work on one database.
pub(in crate::db) const fn is_shared(connection: &DbConnection) -> bool {
    matches!(connection, DbConnection::Postgres(_))
}

/// Serialises, until the end of the transaction, all that name the same thing. For a mailbox, two
/// sign-ins of one account then cannot lock each other's rows crosswise. For the admins, the last
/// two cannot remove each other. SQLite has one writer and needs nothing.
pub(in crate::db) fn serialise(connection: &mut DbConnection, about: &str) -> Result<(), Error> {
    let DbConnection::Postgres(postgres) = connection else { return Ok(()) };
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind::<diesel::sql_types::Text, _>(about)
        .execute(postgres)?;
    Ok(())
}

/// Does the same without waiting. Returns `false` if another transaction names the same thing. For
/// locks that come out of order, which could otherwise deadlock.
pub(in crate::db) fn try_serialise(connection: &mut DbConnection, about: &str) -> Result<bool, Error> {
    #[derive(diesel::QueryableByName)]
    struct Lock {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        is_taken: bool,
    }
    let DbConnection::Postgres(postgres) = connection else { return Ok(true) };
    let lock: Lock = diesel::sql_query("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS is_taken")
        .bind::<diesel::sql_types::Text, _>(about)
        .get_result(postgres)?;
    Ok(lock.is_taken)
}

/// Lifts the time limits before migrating, because a node waits for another node's migrations for
/// as long as they take. What sorts a large index goes to a file again.
pub(in crate::db) fn lift_time_limits(connection: &mut DbConnection) -> QueryResult<()> {
    match connection {
        DbConnection::Sqlite(sqlite) => {
            sqlite.batch_execute("PRAGMA busy_timeout = 60000; PRAGMA temp_store = DEFAULT")
        }
        DbConnection::Postgres(postgres) => postgres.batch_execute("SET lock_timeout = 0; SET statement_timeout = 0"),
    }
}

/// Returns whether any migration was ever applied, without making anything.
pub(in crate::db) fn has_migrations(connection: &mut DbConnection) -> QueryResult<bool> {
    use diesel::sql_types::BigInt;
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let count: Count = match connection {
        DbConnection::Sqlite(sqlite) => {
            diesel::sql_query("SELECT count(*) AS count FROM sqlite_master WHERE name = '__diesel_schema_migrations'")
                .get_result(sqlite)
        }
        DbConnection::Postgres(postgres) => {
            diesel::sql_query("SELECT count(to_regclass('__diesel_schema_migrations')) AS count").get_result(postgres)
        }
    }?;
    Ok(count.count > 0)
}

/// Returns the versions of the applied migrations.
pub(in crate::db) fn migrations_applied(connection: &mut DbConnection) -> QueryResult<Vec<String>> {
    diesel::table! {
        __diesel_schema_migrations (version) {
            version -> Text,
        }
    }
    __diesel_schema_migrations::table.select(__diesel_schema_migrations::version).load(connection)
}

/// Does the same as [`lock_migrations`] without waiting. Returns `false` if another node has the
/// lock.
pub(in crate::db) fn try_to_lock_migrations(connection: &mut DbConnection) -> QueryResult<bool> {
    #[derive(diesel::QueryableByName)]
    struct Locked {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        locked: bool,
    }
    let DbConnection::Postgres(postgres) = connection else { return Ok(true) };
    let locked: Locked = diesel::sql_query("SELECT pg_try_advisory_lock(7103457251) AS locked").get_result(postgres)?;
    Ok(locked.locked)
}

/// Takes the lock from before the first look at the schema until after the last migration. Of
/// several nodes that start together, one migrates and the others wait.
pub(in crate::db) fn lock_migrations(connection: &mut DbConnection) -> QueryResult<()> {
    match connection {
        DbConnection::Sqlite(_) => Ok(()),
        DbConnection::Postgres(postgres) => postgres.batch_execute("SELECT pg_advisory_lock(7103457251)"),
    }
}

pub(in crate::db) fn unlock_migrations(connection: &mut DbConnection) -> QueryResult<()> {
    match connection {
        DbConnection::Sqlite(_) => Ok(()),
        DbConnection::Postgres(postgres) => postgres.batch_execute("SELECT pg_advisory_unlock(7103457251)"),
    }
}

/// A row of the change log. Each row repeats where the log ends, and in which run of the server.
/// Also whether nothing that was asked for has been trimmed.
#[derive(diesel::QueryableByName)]
pub(in crate::db) struct LogRow {
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub seen: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub run: String,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    pub is_whole: bool,
    /// True if there is a change. Without any, one row tells the rest.
    #[diesel(sql_type = diesel::sql_types::Bool)]
    pub is_change: bool,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::BigInt>)]
    pub account_id: Option<i64>,
}

/// Reads the change log after what an earlier call had `seen`. That is the number of a row on
/// SQLite, and a snapshot on PostgreSQL. One statement, so that it is one view on both.
pub(in crate::db) fn read_change_log(connection: &mut DbConnection, seen: Option<&str>) -> QueryResult<Vec<LogRow>> {
    const SQLITE: &str = "SELECT CAST(coalesce((SELECT max(place) FROM change_log), 0) AS TEXT) AS seen, '' AS run, \
         coalesce((SELECT min(place) FROM change_log) <= CAST(?1 AS INTEGER) + 1, TRUE) AS is_whole, \
         log.place IS NOT NULL AS is_change, log.account_id \
         FROM (SELECT 1) AS one LEFT JOIN change_log AS log ON log.place > CAST(?1 AS INTEGER)";
    const POSTGRES: &str = "SELECT txid_current_snapshot()::text AS seen, extract(epoch FROM pg_postmaster_start_time())::text AS run, \
         coalesce((SELECT min(place) FROM change_log) <= txid_snapshot_xmin($1::txid_snapshot), TRUE) AS is_whole, \
         log.place IS NOT NULL AS is_change, log.account_id \
         FROM (SELECT 1) AS one LEFT JOIN change_log AS log ON log.place >= txid_snapshot_xmin($1::txid_snapshot) \
         AND NOT txid_visible_in_snapshot(log.place, $1::txid_snapshot)";
    use diesel::sql_types::Text;
    match connection {
        DbConnection::Sqlite(sqlite) => diesel::sql_query(SQLITE).bind::<Text, _>(seen.unwrap_or("0")).load(sqlite),
        // A snapshot that saw nothing.
        DbConnection::Postgres(postgres) => {
            diesel::sql_query(POSTGRES).bind::<Text, _>(seen.unwrap_or("1:1:")).load(postgres)
        }
    }
}

/// Returns a place in the change log before which every transaction has ended.
pub(in crate::db) fn settled_before(connection: &mut DbConnection) -> QueryResult<i64> {
    #[derive(diesel::QueryableByName)]
    struct Place {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        place: i64,
    }
    let DbConnection::Postgres(postgres) = connection else { return Ok(i64::MAX) };
    let query = "SELECT txid_snapshot_xmin(txid_current_snapshot()) AS place";
    diesel::sql_query(query).get_result::<Place>(postgres).map(|row| row.place)
}

/// Deletes changes that came with a copy from another server, whose transactions had higher
/// numbers. They would count as new for ever.
pub(in crate::db) fn delete_strange_changes(connection: &mut DbConnection) -> QueryResult<usize> {
    let DbConnection::Postgres(postgres) = connection else { return Ok(0) };
    diesel::sql_query("DELETE FROM change_log WHERE place >= txid_snapshot_xmax(txid_current_snapshot())")
        .execute(postgres)
}
