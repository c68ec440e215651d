//! The total of emails when it is nearly full, on PostgreSQL: other transactions hold the rows that
//! had room.

use crate::harness::TestApp;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::BigInt};
use gatepost::{
    db::{self, DbConnection, Error, limits::Counted, total::TOTAL_OF_MAILS},
    domain::{Clock as _, Limit, limit::Decision},
};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinHandle;

const ROWS: usize = 16;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Fills row `n` of the total, and holds it until it commits or rolls back.
fn holder_of_row(url: &str, n: usize, now: i64) -> PgConnection {
    let name = if n == 0 { TOTAL_OF_MAILS.to_owned() } else { format!("{TOTAL_OF_MAILS} {n:02}") };
    let mut connection = PgConnection::establish(url).unwrap();
    let row = format!("INSERT INTO limits (name, allowed, forget_at) VALUES ('{name}', '', 0)");
    connection.batch_execute(&row).unwrap();
    let fill = format!("UPDATE limits SET allowed = int8send({now}), forget_at = {now} + 900000 WHERE name = '{name}'");
    connection.batch_execute(&format!("BEGIN; {fill}")).unwrap();
    connection
}

/// An ask that waits, and the rows of the total, each held full by a transaction. Each has room for
/// one.
struct Full {
    rows: Vec<PgConnection>,
    ask: JoinHandle<Result<Decision, Error>>,
    _app: TestApp,
}

impl Full {
    /// Returns `None` on SQLite. It has one writer, so that no other transaction holds a row.
    async fn new() -> Option<Self> {
        let app = TestApp::new().await;
        if app.database.is_sqlite() {
            return None;
        }
        let now = app.clock.now();
        let rows = (0..ROWS).map(|n| holder_of_row(&app.database.url, n, now.as_millis())).collect();
        let limit: Limit = "16/15m".parse().unwrap();
        let services = Arc::clone(&app.services);
        let ask = tokio::spawn(async move {
            let total = Counted { name: TOTAL_OF_MAILS.to_owned(), limit };
            let take =
                move |connection: &mut DbConnection| db::limits::take(connection, std::slice::from_ref(&total), now);
            services.db.write_at_leisure(take).await
        });
        Some(Self { rows, ask, _app: app })
    }

    /// Waits until the ask waits for a row.
    async fn waits_for(&mut self, n: usize) {
        let waiting = "SELECT count(*) AS count FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))";
        let mut ticks = tokio::time::interval(Duration::from_millis(1));
        while diesel::sql_query(waiting).get_result::<Count>(&mut self.rows[n]).unwrap().count == 0 {
            assert!(!self.ask.is_finished());
            ticks.tick().await;
        }
    }
}

#[rocket::async_test]
async fn an_ask_waits_for_one_row_after_another_that_fills_meanwhile() {
    let Some(mut full) = Full::new().await else { return };
    for n in 0..ROWS {
        full.waits_for(n).await;
        // The last one gives its room back.
        full.rows[n].batch_execute(if n + 1 < ROWS { "COMMIT" } else { "ROLLBACK" }).unwrap();
    }
    assert_eq!(full.ask.await.unwrap().unwrap(), Decision::Allowed);
}

#[rocket::async_test]
async fn an_ask_takes_the_row_that_is_given_back_while_others_hold_the_rest() {
    let Some(mut full) = Full::new().await else { return };
    full.waits_for(0).await;
    full.rows[0].batch_execute("ROLLBACK").unwrap();
    assert_eq!(full.ask.await.unwrap().unwrap(), Decision::Allowed);
}
