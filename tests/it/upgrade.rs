//! A database of an earlier version, with rows in every table, becomes one of this version.
//!
//! `upgrade/` holds its tables, on each database, and its rows.

use crate::{
    database::{self, Shape},
    harness::{Setup, TestDatabase},
};
use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
use gatepost::{
    config::DatabaseUrl,
    db::{self, DbConnection, Error, migrations},
    domain::EmailAddress,
};
use rocket::tokio;
use std::sync::Arc;

const ANA: &str = "ana@example.com";
const ROWS: &str = include_str!("upgrade/rows.sql");

pub fn connect(database: &TestDatabase) -> DbConnection {
    match database.url.strip_prefix("sqlite://") {
        Some(path) => DbConnection::Sqlite(SqliteConnection::establish(path).unwrap()),
        None => DbConnection::Postgres(PgConnection::establish(&database.url).unwrap()),
    }
}

/// Makes the database of the earlier version.
fn older() -> (TestDatabase, DbConnection) {
    let database = TestDatabase::new();
    let mut connection = connect(&database);
    let (schema, rows) = match connection {
        DbConnection::Sqlite(_) => (include_str!("upgrade/sqlite.sql"), ROWS.to_owned()),
        DbConnection::Postgres(_) => (include_str!("upgrade/postgres.sql"), ROWS.replace("X'", r"'\x")),
    };
    connection.batch_execute(&format!("BEGIN; {schema} {rows} COMMIT;")).unwrap();
    (database, connection)
}

pub async fn migrate(database: &TestDatabase) -> Result<migrations::Migrated, Error> {
    let url = DatabaseUrl::parse(&database.url).unwrap();
    tokio::task::spawn_blocking(move || migrations::run(&url)).await.unwrap()
}

pub fn lines(connection: &mut DbConnection, query: &str) -> Vec<String> {
    database::lines(connection, query).unwrap()
}

/// Every row of these tables, in these columns only.
pub fn rows(connection: &mut DbConnection, shape: &Shape) -> Vec<(String, Vec<String>)> {
    let cell = |column: &String| match connection {
        DbConnection::Sqlite(_) => format!("'{column}=' || quote({column})"),
        DbConnection::Postgres(_) => format!("'{column}=' || coalesce({column}::text, 'NULL')"),
    };
    let queries: Vec<_> = shape
        .iter()
        .map(|(table, columns)| {
            let cells: Vec<_> = columns.iter().map(cell).collect();
            (table.clone(), format!("SELECT {} AS line FROM {table} ORDER BY 1", cells.join(" || ' ' || ")))
        })
        .collect();
    queries.into_iter().map(|(table, query)| (table, lines(connection, &query))).collect()
}

/// Holds that SQLite finds no fault in its file, and that every foreign key has its row.
pub fn assert_sound(connection: &mut DbConnection) {
    if matches!(connection, DbConnection::Sqlite(_)) {
        let checked = lines(connection, "SELECT integrity_check AS line FROM pragma_integrity_check");
        assert_eq!(checked, ["ok"]);
        let broken = lines(connection, "SELECT \"table\" AS line FROM pragma_foreign_key_check");
        assert_eq!(broken, Vec::<String>::new());
    }
}

#[rocket::async_test]
async fn a_database_of_an_earlier_version_keeps_every_row() {
    let (database, mut connection) = older();
    let shape = database::shape(&mut connection).unwrap();
    let before = rows(&mut connection, &shape);
    assert!(before.len() >= 36, "{}", before.len());
    for (table, rows) in &before {
        assert!(!rows.is_empty(), "{table} has no row to lose");
    }
    let migrated = migrate(&database).await.unwrap();
    assert!(migrated.applied.iter().any(|version| version.starts_with("20261128")), "{migrated:?}");
    drop(connection);
    let mut connection = connect(&database);
    for ((table, before), (_, after)) in before.iter().zip(rows(&mut connection, &shape)) {
        assert_eq!(*before, after, "{table}");
    }
    assert_sound(&mut connection);
    // The key file of that time is gone.
    connection.batch_execute("DELETE FROM sealing_keys; DELETE FROM totp_authenticators").unwrap();
    drop(connection);

    // It serves, and what was there still means the same.
    let app = Setup::new().on(Arc::new(database)).start().await;
    app.add_account("eve@example.com").await;
    assert!(app.signed_in("eve@example.com").await.is_signed_in_as("eve@example.com").await);
    let before = app.dump().await;
    for table in ["attempts", "attempt_links", "sessions", "session_proofs", "held_forms", "devices", "known_browsers"]
    {
        assert!(before.contains(&format!("\n{table}: ")), "{table}");
    }
    app.write(|connection| {
        for email in [ANA, "ben@example.org"] {
            let account = db::accounts::find_by_email(connection, &EmailAddress::parse(email).unwrap())?.unwrap();
            db::accounts::delete(connection, account.id)?;
        }
        Ok(())
    })
    .await;
    // Foreign keys still remove what belongs to an account.
    let after = app.dump().await;
    for table in ["held_forms", "known_browser_links", "passkeys", "gains"] {
        assert!(!after.contains(&format!("\n{table}: ")), "{table}: {after}");
    }
}

#[rocket::async_test]
async fn an_upgrade_that_is_cut_short_leaves_the_database_as_it_was() {
    let (database, mut connection) = older();
    // The name of an index that the upgrade makes last, so that it fails there.
    connection.batch_execute("CREATE INDEX sessions_of_attempt ON accounts (name)").unwrap();
    let shape = database::shape(&mut connection).unwrap();
    let before = rows(&mut connection, &shape);
    migrate(&database).await.unwrap_err();
    assert_eq!(rows(&mut connection, &shape), before);
    connection.batch_execute("DROP INDEX sessions_of_attempt").unwrap();
    drop(connection);
    migrate(&database).await.unwrap();
    let mut connection = connect(&database);
    assert_eq!(rows(&mut connection, &shape), before);
}
