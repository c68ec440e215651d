//! The databases themselves: twin migrations, and a look at every row.

use crate::harness::{TestApp, TestDatabase};
use diesel::{
    Connection, PgConnection, QueryResult, QueryableByName, RunQueryDsl,
    backend::Backend,
    connection::SimpleConnection,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Text},
};
use gatepost::{
    config::DatabaseUrl,
    db::{DbConnection, Error, migrations},
    domain::AccountId,
};
use std::{collections::BTreeMap, fs, time::Duration};

/// A query for lines. Unlike one of `sql_query`, its statement is kept: preparing that of `dump`
/// takes longer than running it.
struct Lines(String);

impl QueryId for Lines {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Lines {
    type SqlType = Text;
}

impl<DB: Backend> QueryFragment<DB> for Lines {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(&self.0);
        Ok(())
    }
}

impl<C> RunQueryDsl<C> for Lines {}

/// Every table with its columns, both sorted.
pub type Shape = Vec<(String, Vec<String>)>;

pub fn shape(connection: &mut DbConnection) -> Result<Shape, Error> {
    // One query for all: the tests ask this thousands of times.
    let query = match connection {
        DbConnection::Sqlite(_) => {
            "SELECT t.name || ' ' || c.name AS line FROM sqlite_master t JOIN pragma_table_info(t.name) c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
        }
        DbConnection::Postgres(_) => {
            // Not `information_schema`, whose views take a hundred times as long.
            "SELECT relname || ' ' || attname AS line FROM pg_attribute JOIN pg_class t ON t.oid = attrelid
             WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped"
        }
    };
    let mut shape: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines(connection, query)? {
        let (table, column) = line.split_once(' ').unwrap();
        if !table.starts_with("__diesel") {
            shape.entry(table.to_owned()).or_default().push(column.to_owned());
        }
    }
    shape.values_mut().for_each(|columns| columns.sort());
    Ok(shape.into_iter().collect())
}

pub fn tables(connection: &mut DbConnection) -> Result<Vec<String>, Error> {
    Ok(shape(connection)?.into_iter().map(|(table, _)| table).collect())
}

/// Returns every row of every table, sorted, as text. Leaves out the row that the readiness check
/// writes, which means nothing.
pub fn dump(connection: &mut DbConnection) -> Result<String, Error> {
    let mut shape = shape(connection)?;
    shape.retain(|(table, _)| table != "heartbeats");
    let cell = |column: &String| match connection {
        DbConnection::Sqlite(_) => format!("'{column}=' || coalesce(quote({column}), '')"),
        DbConnection::Postgres(_) => format!("'{column}=' || coalesce({column}::text, 'NULL')"),
    };
    let rows = |(table, columns): &(String, Vec<String>)| {
        let cells: Vec<_> = columns.iter().map(cell).collect();
        format!("SELECT '{table}: ' || {} AS line FROM {table}", cells.join(" || ' ' || "))
    };
    let all: Vec<_> = shape.iter().map(rows).collect();
    let lines = lines(connection, &format!("{} ORDER BY 1", all.join(" UNION ALL ")))?;
    Ok(lines.into_iter().map(|line| line + "\n").collect())
}

/// Adds a passkey as far as the database goes. No user can sign in with it.
pub fn add_passkey(connection: &mut DbConnection, id: i64, owner: AccountId) -> Result<(), Error> {
    let owner = owner.as_i64();
    connection
        .batch_execute(&format!(
            "INSERT INTO passkeys VALUES ({id}, {owner}, 'credential {id}', 'Key', '00000000-0000-0000-0000-000000000000', '', 0, NULL)"
        ))
        .map_err(Error::from)
}

/// Returns the lines that a query gives in its only column.
pub fn lines(connection: &mut DbConnection, query: &str) -> Result<Vec<String>, Error> {
    let query = Lines(query.to_owned());
    let lines = match connection {
        DbConnection::Sqlite(sqlite) => query.load(sqlite),
        DbConnection::Postgres(postgres) => query.load(postgres),
    };
    lines.map_err(Error::from)
}

#[test]
fn the_two_migration_trees_have_the_same_names() {
    let names = |tree: &str| {
        let mut names: Vec<_> = fs::read_dir(format!("migrations/{tree}"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}

/// Returns the versions that more than one of these migrations has. Diesel would run only one of
/// them, without an error.
fn versions_twice(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let version = |name: String| name.split('_').next().unwrap().replace('-', "");
    names.into_iter().map(version).filter(|version| !seen.insert(version.clone())).collect()
}

#[test]
fn no_two_migrations_have_the_same_number() {
    for tree in ["sqlite", "postgres"] {
        let names = fs::read_dir(format!("migrations/{tree}")).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(versions_twice(names), Vec::<String>::new(), "{tree}");
    }
    let twice = ["2026-11-27-000070_one", "2026-11-27-000071_two", "20261127-000070_three"].map(str::to_owned);
    assert_eq!(versions_twice(twice), ["20261127000070"]);
}

/// Migrations that build tables anew on SQLite, with the same columns.
pub const BUILT_ANEW: [&str; 1] = ["2026-11-28-000082_rowids"];

#[test]
fn the_two_migration_trees_make_the_same_columns() {
    // Word for word, except for the one type that has two names and how SQLite keeps rows. Triggers
    // have no common form: `every_change_of_what_memory_keeps_is_in_the_log` compares what they do.
    for name in fs::read_dir("migrations/sqlite").unwrap() {
        let name = name.unwrap().file_name().into_string().unwrap();
        if name.ends_with("_triggers") || BUILT_ANEW.contains(&name.as_str()) {
            continue;
        }
        for file in ["up.sql", "down.sql"] {
            let text = |tree: &str| {
                // Most need no down.sql: tests/faults takes back what they add.
                let path = format!("migrations/{tree}/{name}/{file}");
                let is_there = file == "up.sql" || fs::exists(&path).unwrap();
                let text = if is_there { fs::read_to_string(path).unwrap() } else { String::new() };
                let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("--")).map(str::to_owned).collect();
                let text = lines.join("\n").replace("BYTEA", "BLOB");
                text.replace("INTEGER PRIMARY KEY", "BIGINT PRIMARY KEY").replace(" WITHOUT ROWID", "")
            };
            assert_eq!(text("sqlite"), text("postgres"), "{name}/{file}");
        }
    }
}

/// Returns the tables as the code knows them. They are read from its own file, because only the
/// macro's text names them all.
fn tables_in_code() -> Vec<(String, Vec<String>)> {
    let text = fs::read_to_string("src/db/schema.rs").unwrap();
    let mut tables = Vec::new();
    let mut current: Option<(String, Vec<String>)> = None;
    for line in text.lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {") && !line.starts_with("diesel"))
        {
            current = Some((name.to_owned(), Vec::new()));
        } else if let Some((column, _)) = line.split_once(" -> ").filter(|_| line.ends_with(',')) {
            current.as_mut().unwrap().1.push(column.to_owned());
        } else if line == "}"
            && let Some(mut table) = current.take()
        {
            table.1.sort();
            tables.push(table);
        }
    }
    tables.sort();
    tables
}

#[rocket::async_test]
async fn the_code_knows_every_column_of_every_table_and_no_others() {
    let app = TestApp::new().await;
    assert_eq!(app.read(shape).await, tables_in_code());
}

#[rocket::async_test]
async fn migrating_twice_changes_nothing() {
    let app = TestApp::new().await;
    let url = match gatepost::config::Config::read(None, &[("GATEPOST_DATABASE_URL".into(), app.database.url.clone())])
    {
        Ok(config) => config.database_url,
        Err(problems) => panic!("{problems}"),
    };
    let before = app.dump().await;
    let migrated =
        rocket::tokio::task::spawn_blocking(move || gatepost::db::migrations::run(&url)).await.unwrap().unwrap();
    assert!(migrated.applied.is_empty() && migrated.unknown.is_empty());
    assert_eq!(app.dump().await, before);
}

/// A node of the previous version still reads and writes what a migration would take away.
#[test]
fn no_migration_takes_a_column_or_a_table_away() {
    let mut read = 0;
    for database in ["migrations/sqlite", "migrations/postgres"] {
        for folder in std::fs::read_dir(database).unwrap() {
            let file = folder.unwrap().path().join("up.sql");
            let sql = std::fs::read_to_string(&file).unwrap().to_uppercase();
            // Where SQLite builds a table anew, it drops the one from before.
            let dropped = sql.split("DROP TABLE ").skip(1).map(|rest| rest.split([';', ' ']).next().unwrap());
            assert!(dropped.into_iter().all(|table| table.ends_with("_BEFORE")), "{}", file.display());
            assert!(!sql.contains("DROP COLUMN") && !sql.contains("RENAME COLUMN"), "{}", file.display());
            read += 1;
        }
    }
    assert!(read > 80, "{read}");
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[rocket::async_test]
async fn nodes_that_start_together_migrate_one_after_the_other_however_long_the_first_takes() {
    let database = TestDatabase::new();
    if database.is_sqlite() {
        // It has one node.
        return;
    }
    // A first node that migrates: it holds the lock for longer than any statement may take
    // elsewhere.
    let mut first = PgConnection::establish(&database.url).unwrap();
    first.batch_execute("SELECT pg_advisory_lock(7103457251)").unwrap();
    let nodes: Vec<_> = (0..2)
        .map(|_| {
            let url = DatabaseUrl::parse(&database.url).unwrap();
            tokio::task::spawn_blocking(move || migrations::run(&url))
        })
        .collect();
    // The limits of other statements, in src/db/connection.rs: half a second for a lock, ten
    // seconds in all.
    let waiting = "SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() \
        AND wait_event = 'advisory' AND clock_timestamp() - query_start > interval '10.5 seconds'";
    let mut ticks = tokio::time::interval(Duration::from_millis(100));
    while diesel::sql_query(waiting).get_result::<Count>(&mut first).unwrap().count < 2 {
        assert!(nodes.iter().all(|node| !node.is_finished()), "none of them gives up");
        ticks.tick().await;
    }
    first.batch_execute("SELECT pg_advisory_unlock(7103457251)").unwrap();
    let mut applied = Vec::new();
    for node in nodes {
        applied.push(node.await.unwrap().unwrap().applied.len());
    }
    applied.sort_unstable();
    assert_eq!(applied[0], 0, "one found everything done");
    assert!(applied[1] > 0, "by the other");
}
