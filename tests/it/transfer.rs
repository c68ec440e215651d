//! Copies from SQLite to PostgreSQL and back, of every table that there is.

use crate::{
    database::{dump, tables},
    harness::TestDatabase,
    upgrade::{connect, lines, migrate},
};
use diesel::connection::SimpleConnection;
use gatepost::{
    config::DatabaseUrl,
    db::{self, DbConnection, NotCopied},
};
use rocket::tokio;

/// Each database counts its own changes.
const OWN: &str = "change_log";

/// Puts a row into every empty table. Its cells are as odd as their types allow.
pub fn fill(connection: &mut DbConnection) {
    let mut waiting: Vec<String> = tables(connection).unwrap().into_iter().filter(|table| table != OWN).collect();
    for _ in 0..waiting.len() {
        waiting.retain(|table| {
            let count = lines(connection, &format!("SELECT CAST(count(*) AS TEXT) AS line FROM \"{table}\""));
            if count != ["0"] {
                return false;
            }
            let cells = "SELECT coalesce((SELECT '(SELECT \"' || coalesce(f.\"to\", 'id') || '\" FROM ' || f.\"table\" || ' LIMIT 1)' \
                         FROM pragma_foreign_key_list('TABLE') AS f WHERE f.\"from\" = c.name), \
                         CASE c.type WHEN 'TEXT' THEN '''Ä \"quoted\" \\ '' || char(10) || ''🔑''' WHEN 'BLOB' THEN 'X''00ff7f''' \
                         WHEN 'BOOLEAN' THEN 'TRUE' WHEN 'INTEGER' THEN '7' ELSE '9007199254740993' END) AS line FROM pragma_table_info('TABLE') AS c";
            let cells = lines(connection, &cells.replace("TABLE", table)).join(", ");
            connection.batch_execute(&format!("INSERT INTO \"{table}\" VALUES ({cells})")).is_err()
        });
    }
    assert!(waiting.is_empty(), "these tables have no row: {waiting:?}");
}

pub async fn copy(from: &TestDatabase, to: &TestDatabase) -> Result<Vec<(String, i64)>, NotCopied> {
    let (from, to) = (DatabaseUrl::parse(&from.url).unwrap(), DatabaseUrl::parse(&to.url).unwrap());
    tokio::task::spawn_blocking(move || db::copy(&from, &to)).await.unwrap()
}

/// Returns every row but those that each database has for itself.
fn all(database: &TestDatabase) -> Vec<String> {
    let text = dump(&mut connect(database)).unwrap();
    text.lines().filter(|line| !line.starts_with(&format!("{OWN}: "))).map(str::to_owned).collect()
}

#[rocket::async_test]
async fn every_table_is_copied_to_the_other_database_and_back() {
    let (first, postgres, second) = (TestDatabase::sqlite(), TestDatabase::new(), TestDatabase::sqlite());
    if postgres.is_sqlite() {
        assert!(matches!(copy(&first, &postgres).await, Err(NotCopied::SameKind)));
        return;
    }
    migrate(&first).await.unwrap();
    let mut connection = connect(&first);
    fill(&mut connection);
    // More than crosses at once.
    connection
        .batch_execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450) \
             INSERT INTO settings (name, value, changed_at) SELECT 'a setting ' || i, 'on', i FROM n",
        )
        .unwrap();
    let count = tables(&mut connection).unwrap().len();
    drop(connection);
    let copied = copy(&first, &postgres).await.unwrap();
    assert_eq!(copied.len(), count - 1, "{copied:?}");
    assert!(copied.iter().all(|(_, rows)| *rows > 0), "{copied:?}");
    let back = copy(&postgres, &second).await.unwrap();
    assert_eq!(back, copied);
    let (before, after) = (all(&first), all(&second));
    assert!(before.len() > 450 + count);
    assert_eq!(before, after);
    // Nothing that a server remembers is noted as changed.
    for database in [&postgres, &second] {
        let changes = lines(&mut connect(database), "SELECT CAST(place AS TEXT) AS line FROM change_log");
        assert_eq!(changes, ["0"]);
    }
    for (from, to) in [(&first, &postgres), (&postgres, &first)] {
        assert!(matches!(copy(from, to).await, Err(NotCopied::NotEmpty(_))), "over rows of users");
    }
    assert_eq!(all(&second), before, "a refusal changes nothing");
}
