//! Tables that a restored copy keeps, and those that it empties.

use crate::{
    database::tables,
    harness::TestDatabase,
    tables::{Restored, TABLES},
    transfer::{copy, fill},
    upgrade::{connect, lines, migrate},
};
use diesel::connection::SimpleConnection;
use gatepost::{
    config::DatabaseUrl,
    db,
    domain::{
        AuditEntry, Timestamp,
        audit::{Action, Actor},
    },
    entropy::SystemEntropy,
};
use rocket::tokio;

#[rocket::async_test]
async fn of_each_table_it_is_said_whether_a_restored_copy_keeps_it() {
    let (sqlite, other) = (TestDatabase::sqlite(), TestDatabase::new());
    migrate(&sqlite).await.unwrap();
    let mut connection = connect(&sqlite);
    fill(&mut connection);
    connection.batch_execute("UPDATE recoveries SET ended_at = NULL, outcome = NULL").unwrap();
    drop(connection);
    let restored = if other.is_sqlite() {
        sqlite
    } else {
        copy(&sqlite, &other).await.unwrap();
        other
    };
    let url = DatabaseUrl::parse(&restored.url).unwrap();
    let line = AuditEntry::new(&SystemEntropy, Timestamp::from_millis(1), Actor::CommandLine, Action::DatabaseRestored);
    tokio::task::spawn_blocking(move || db::finish_restore(&url, &line)).await.unwrap().unwrap();

    let mut connection = connect(&restored);
    let (mut ended, mut stayed) = (Vec::new(), Vec::new());
    for table in tables(&mut connection).unwrap() {
        let rows = lines(&mut connection, &format!("SELECT CAST(count(*) AS TEXT) AS line FROM \"{table}\""));
        if rows == ["0"] { ended.push(table) } else { stayed.push(table) }
    }
    let said = |ends: bool| -> Vec<String> {
        let these = TABLES.iter().filter(|(_, restored, _)| (*restored == Restored::Ends) == ends);
        these.map(|(table, ..)| (*table).to_owned()).collect()
    };
    assert_eq!((ended, stayed), (said(true), said(false)));
    let live = "SELECT 'an invitation' AS line FROM invitations \
                WHERE token_hash IS NOT NULL OR earlier_token_hash IS NOT NULL OR expires_at > 0 \
                UNION ALL SELECT 'a recovery' FROM recoveries WHERE ended_at IS NULL";
    assert_eq!(lines(&mut connection, live), Vec::<String>::new());
}
