//! Copies everything from SQLite to PostgreSQL, or from PostgreSQL to SQLite.
//!
//! The tables, their columns and their order come from the schema itself. A new table is therefore
//! copied from its first day. A row crosses as a JSON array, with octets in hexadecimal and truths
//! as 0 and 1. It looks the same from both sides, so that the copy can be compared.

use super::{ServingLock, migrations};
use crate::{
    config::DatabaseUrl,
    db::{
        DbConnection, Error,
        engine::{dialect, role::Role},
    },
};
use diesel::{
    RunQueryDsl as _,
    connection::{DefaultLoadingMode, SimpleConnection},
    sql_types::{BigInt, Text},
    sqlite::SqliteConnection,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Rows that cross at once.
const BATCH: usize = 200;
/// Each database counts its own changes.
const CHANGES: &str = "change_log";
/// Migrations put a row into each of these.
const SEEDED: [&str; 2] = ["installation", "heartbeats"];

/// Why nothing was copied.
#[derive(Debug)]
pub enum NotCopied {
    /// Both are SQLite, or both are PostgreSQL.
    SameKind,
    /// A server serves one of them.
    Served,
    /// The target has rows in this table.
    NotEmpty(String),
    /// The rows that arrived in this table differ from those that were sent.
    Differs(String),
    Fault(Error),
}

impl<E: Into<Error>> From<E> for NotCopied {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Number,
    Text,
    Octets,
    Truth,
}

struct Table {
    name: String,
    columns: Vec<(String, Kind)>,
    /// Tables that its rows refer to.
    parents: Vec<String>,
}

/// Number of rows, and a sum over all of them in any order.
#[derive(Default, PartialEq, Eq)]
struct Sum {
    rows: i64,
    digest: u128,
}

impl Sum {
    fn add(&mut self, rows: &[Value]) {
        for row in rows {
            let hash = Sha256::digest(row.to_string());
            let half = hash.iter().take(16).fold(0, |sum: u128, octet| sum << 8 | u128::from(*octet));
            self.digest = self.digest.wrapping_add(half);
            self.rows += 1;
        }
    }
}

/// Copies every table, compares it, and commits only if all is alike. Returns how many rows each
/// table has. Blocks.
pub fn copy(source: &DatabaseUrl, target: &DatabaseUrl) -> Result<Vec<(String, i64)>, NotCopied> {
    if matches!(source, DatabaseUrl::Sqlite(_)) == matches!(target, DatabaseUrl::Sqlite(_)) {
        return Err(NotCopied::SameKind);
    }
    let _source_lock = ServingLock::take(source)?.ok_or(NotCopied::Served)?;
    let target_lock = ServingLock::take(target)?.ok_or(NotCopied::Served)?;
    target_lock.forget_run()?;
    migrations::run(source)?;
    migrations::run(target)?;
    let (mut from, mut to) = (open(source)?, open(target)?);
    begin(&mut from, Role::Reader)?;
    begin(&mut to, Role::Writer)?;
    let tables = match (&mut from, &mut to) {
        (DbConnection::Sqlite(sqlite), _) | (_, DbConnection::Sqlite(sqlite)) => tables(sqlite)?,
        _ => return Err(NotCopied::SameKind),
    };
    make_room(&mut to, &tables)?;
    let mut copied = Vec::new();
    for table in tables.iter().filter(|table| table.name != CHANGES) {
        copied.push((table.name.clone(), copy_table(&mut from, &mut to, table)?));
    }
    // Triggers have noted every row that arrived.
    to.batch_execute("DELETE FROM change_log; INSERT INTO change_log VALUES (0, NULL)")?;
    dialect::commit(&mut to)?;
    dialect::roll_back(&mut from);
    Ok(copied)
}

fn open(url: &DatabaseUrl) -> Result<DbConnection, Error> {
    let mut connection = DbConnection::open(url, Role::Writer, false)?;
    dialect::lift_time_limits(&mut connection)?;
    if let DbConnection::Postgres(postgres) = &mut connection {
        // Each side waits for the other.
        postgres.batch_execute("SET idle_in_transaction_session_timeout = 0")?;
    }
    Ok(connection)
}

/// Begins to write, or a view of one moment.
fn begin(connection: &mut DbConnection, role: Role) -> Result<(), Error> {
    match (connection, role) {
        (connection, Role::Writer) => dialect::begin_write(connection)?,
        (DbConnection::Sqlite(sqlite), Role::Reader) => sqlite.batch_execute("BEGIN")?,
        (DbConnection::Postgres(postgres), Role::Reader) => {
            postgres.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        }
    }
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(diesel::QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Reads the schema. A table comes after those that its rows refer to.
fn tables(sqlite: &mut SqliteConnection) -> Result<Vec<Table>, Error> {
    const NAMES: &str = "SELECT name AS line FROM sqlite_schema WHERE type = 'table' \
                         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' ORDER BY name";
    let names: Vec<Line> = diesel::sql_query(NAMES).load(sqlite)?;
    let mut waiting = names.into_iter().map(|name| table(sqlite, name.line)).collect::<Result<Vec<_>, _>>()?;
    let mut ordered: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let is_there = |name: &String| ordered.iter().any(|table| table.name == *name);
        let (ready, later): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|table| table.parents.iter().all(is_there));
        if ready.is_empty() {
            return Err(Error::fault("some tables refer to each other in a circle"));
        }
        ordered.extend(ready);
        waiting = later;
    }
    Ok(ordered)
}

fn table(sqlite: &mut SqliteConnection, name: String) -> Result<Table, Error> {
    let columns: Vec<Column> =
        diesel::sql_query("SELECT name, type AS kind FROM pragma_table_info(?)").bind::<Text, _>(&name).load(sqlite)?;
    let kind = |column: Column| match column.kind.as_str() {
        "BIGINT" | "INTEGER" => Ok((column.name, Kind::Number)),
        "TEXT" => Ok((column.name, Kind::Text)),
        "BLOB" => Ok((column.name, Kind::Octets)),
        "BOOLEAN" => Ok((column.name, Kind::Truth)),
        other => Err(Error::fault(format!("{name}.{} is {other}, which cannot be copied", column.name))),
    };
    let columns = columns.into_iter().map(kind).collect::<Result<_, _>>()?;
    let parents: Vec<Line> = diesel::sql_query("SELECT DISTINCT \"table\" AS line FROM pragma_foreign_key_list(?)")
        .bind::<Text, _>(&name)
        .load(sqlite)?;
    let parents = parents.into_iter().map(|parent| parent.line).filter(|parent| *parent != name).collect();
    Ok(Table { name, columns, parents })
}

/// Refuses a database with rows of users, and deletes the rows that migrations made.
fn make_room(target: &mut DbConnection, tables: &[Table]) -> Result<(), NotCopied> {
    for Table { name, .. } in tables {
        if name == CHANGES || SEEDED.contains(&name.as_str()) {
            target.batch_execute(&format!("DELETE FROM \"{name}\""))?;
            continue;
        }
        let query = format!("SELECT count(*) AS count FROM \"{name}\"");
        let rows: Count = match target {
            DbConnection::Sqlite(sqlite) => diesel::sql_query(query).get_result(sqlite)?,
            DbConnection::Postgres(postgres) => diesel::sql_query(query).get_result(postgres)?,
        };
        if rows.count > 0 {
            return Err(NotCopied::NotEmpty(name.clone()));
        }
    }
    Ok(())
}

fn copy_table(from: &mut DbConnection, to: &mut DbConnection, table: &Table) -> Result<i64, NotCopied> {
    let (mut sent, mut arrived) = (Sum::default(), Sum::default());
    each_batch(from, table, |rows| {
        sent.add(&rows);
        insert(to, table, rows)
    })?;
    each_batch(to, table, |rows| {
        arrived.add(&rows);
        Ok(())
    })?;
    if sent == arrived { Ok(sent.rows) } else { Err(NotCopied::Differs(table.name.clone())) }
}

/// Hands over all rows of a table, a few at a time.
fn each_batch(
    connection: &mut DbConnection,
    table: &Table,
    mut take: impl FnMut(Vec<Value>) -> Result<(), Error>,
) -> Result<(), Error> {
    let query = select(table, matches!(connection, DbConnection::Sqlite(_)));
    match connection {
        DbConnection::Sqlite(sqlite) => {
            let mut batch = Vec::new();
            for line in diesel::sql_query(query).load_iter::<Line, DefaultLoadingMode>(sqlite)? {
                batch.push(row(&line?)?);
                if batch.len() == BATCH {
                    take(std::mem::take(&mut batch))?;
                }
            }
            take(batch)
        }
        DbConnection::Postgres(postgres) => {
            postgres.batch_execute(&format!("DECLARE all_rows NO SCROLL CURSOR FOR {query}"))?;
            loop {
                let lines: Vec<Line> = diesel::sql_query(format!("FETCH {BATCH} FROM all_rows")).load(postgres)?;
                if lines.is_empty() {
                    return Ok(postgres.batch_execute("CLOSE all_rows")?);
                }
                take(lines.iter().map(row).collect::<Result<_, _>>()?)?;
            }
        }
    }
}

fn row(line: &Line) -> Result<Value, Error> {
    serde_json::from_str(&line.line).map_err(Error::fault)
}

/// Returns the query for a table's rows, each as a JSON array.
fn select(table: &Table, is_sqlite: bool) -> String {
    let cell = |(name, kind): &(String, Kind)| match (kind, is_sqlite) {
        (Kind::Number | Kind::Text, _) | (Kind::Truth, true) => format!("\"{name}\""),
        (Kind::Truth, false) => format!("\"{name}\"::integer"),
        (Kind::Octets, true) => format!("iif(\"{name}\" IS NULL, NULL, lower(hex(\"{name}\")))"),
        (Kind::Octets, false) => format!("encode(\"{name}\", 'hex')"),
    };
    let cells: Vec<String> = table.columns.iter().map(cell).collect();
    let array = if is_sqlite { "json_array" } else { "json_build_array" };
    let text = if is_sqlite { "" } else { "::text" };
    format!("SELECT {array}({}){text} AS line FROM \"{}\"", cells.join(", "), table.name)
}

fn insert(connection: &mut DbConnection, table: &Table, rows: Vec<Value>) -> Result<(), Error> {
    let is_sqlite = matches!(connection, DbConnection::Sqlite(_));
    let names: Vec<String> = table.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let cell = |(at, (_, kind)): (usize, &(String, Kind))| match (kind, is_sqlite) {
        (Kind::Octets, true) => format!("unhex(value ->> {at})"),
        (_, true) => format!("value ->> {at}"),
        (Kind::Number, false) => format!("(value ->> {at})::bigint"),
        (Kind::Text, false) => format!("value ->> {at}"),
        (Kind::Octets, false) => format!("decode(value ->> {at}, 'hex')"),
        (Kind::Truth, false) => format!("(value ->> {at})::boolean"),
    };
    let cells: Vec<String> = table.columns.iter().enumerate().map(cell).collect();
    let each = if is_sqlite { "json_each(?)" } else { "json_array_elements($1::json)" };
    let query =
        format!("INSERT INTO \"{}\" ({}) SELECT {} FROM {each}", table.name, names.join(", "), cells.join(", "));
    let query = diesel::sql_query(query).bind::<Text, _>(Value::Array(rows).to_string());
    match connection {
        DbConnection::Sqlite(sqlite) => query.execute(sqlite)?,
        DbConnection::Postgres(postgres) => query.execute(postgres)?,
    };
    Ok(())
}
