//! PostgreSQL as operators have it: roles with few rights, other languages, failovers, too few
//! connections.

use crate::{
    harness::{Setup, TestApp, TestDatabase, address},
    outage::{end_connections_of, heals},
};
use diesel::{Connection, PgConnection, RunQueryDsl, connection::SimpleConnection};
use gatepost::{
    config::DatabaseUrl,
    db::{
        self, DbConnection, Error,
        limits::{self, Counted},
        migrations,
        news::Stream,
        outbox::Lease,
    },
    domain::{
        Lifetime, Limit,
        audit::Actor,
        mail::{Line, MailKind, QueuedMail},
    },
    entropy::SystemEntropy,
};
use rocket::futures::future::join_all;
use std::sync::{
    Arc, Barrier,
    atomic::{AtomicBool, Ordering},
};

const ANA: &str = "ana@example.com";

/// A new database with an up-to-date schema, and a role that owns nothing. `None` on SQLite.
struct Server {
    database: TestDatabase,
    admin: PgConnection,
    name: String,
}

impl Server {
    async fn new() -> Option<Self> {
        let database = TestDatabase::new();
        if database.is_sqlite() {
            return None;
        }
        let url = DatabaseUrl::parse(&database.url).unwrap();
        tokio::task::spawn_blocking(move || migrations::run(&url)).await.unwrap().unwrap();
        let admin = PgConnection::establish(&database.url).unwrap();
        let name = database.name();
        Some(Self { database, admin, name })
    }

    fn run(&mut self, sql: &str) {
        self.admin.batch_execute(&sql.replace("{name}", &self.name)).unwrap();
    }

    /// Returns the URL of a plain role, which may only use the tables.
    fn plain_role(&mut self, options: &str) -> TestDatabase {
        self.run(&format!(
            "CREATE ROLE {{name}} LOGIN NOSUPERUSER {options};
             REVOKE CREATE ON SCHEMA public FROM PUBLIC;
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {{name}};"
        ));
        let (_, rest) = self.database.url.split_once('@').unwrap();
        self.database.with_url(&format!("postgres://{}@{rest}", self.name))
    }
}

#[derive(diesel::QueryableByName)]
struct Value {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

fn setting(connection: &mut DbConnection, name: &str) -> Result<String, Error> {
    let DbConnection::Postgres(postgres) = connection else { return Ok(String::new()) };
    let query = format!("SELECT current_setting('{name}') AS value");
    Ok(diesel::sql_query(query).get_result::<Value>(postgres)?.value)
}

/// The server itself ends a statement that hangs, so that its connection can be used again.
#[rocket::async_test]
async fn no_connection_waits_without_end_for_a_statement_or_a_lock() {
    if Server::new().await.is_none() {
        return;
    }
    let app = TestApp::new().await;
    for name in ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"] {
        // The server's word for "no limit".
        assert_ne!(app.read(move |connection| setting(connection, name)).await, "0", "{name}");
        assert_ne!(app.write(move |connection| setting(connection, name)).await, "0", "{name}");
    }
}

#[rocket::async_test]
async fn a_role_that_may_not_make_tables_serves_a_schema_that_is_up_to_date() {
    let Some(mut server) = Server::new().await else { return };
    let role = server.plain_role("");
    let url = DatabaseUrl::parse(&role.url).unwrap();
    let pending = tokio::task::spawn_blocking(move || migrations::pending(&url)).await.unwrap();
    assert_eq!(pending.unwrap(), Vec::<String>::new());
    let app = Setup::new().on(Arc::new(role)).start().await;
    app.add_account(ANA).await;
    assert!(app.signed_in(ANA).await.is_signed_in_as(ANA).await);
    app.browser().get("/health/ready").await.assert_status(200);
}

#[rocket::async_test]
async fn a_role_that_may_not_make_tables_and_would_have_to_is_told_so() {
    let Some(mut server) = Server::new().await else { return };
    server.run("DELETE FROM __diesel_schema_migrations WHERE version LIKE '20261122%'");
    let role = server.plain_role("");
    let refused = Setup::new().on(Arc::new(role)).try_start().await.err().expect("a refusal");
    assert!(refused.contains("gatepost migrate"), "{refused}");
}

#[rocket::async_test]
async fn a_server_that_cannot_be_written_to_is_left_and_taken_up_again_without_a_restart() {
    // By libpq's own choice of servers, and without it: the refused write then shows the problem.
    for options in ["", "&target_session_attrs=any"] {
        let Some(mut server) = Server::new().await else { return };
        let url = format!("{}{options}", server.database.url);
        let app = Setup::new().on(Arc::new(server.database.with_url(&url))).start().await;
        app.browser().get("/health/ready").await.assert_status(200);
        // As a standby is, and what clouds do to a server whose disk is full.
        server.run("ALTER DATABASE {name} SET default_transaction_read_only = on");
        end_connections_of(&server.database.url).await;
        app.a_second_later();
        app.browser().post("/login", &[("email", ANA)]).await.assert_status(503);
        app.a_second_later();
        app.browser().get("/health/ready").await.assert_status(503);
        server
            .run("SET default_transaction_read_only = off; ALTER DATABASE {name} RESET default_transaction_read_only");
        heals(&app).await;
        app.browser().post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    }
}

#[rocket::async_test]
async fn a_server_that_speaks_another_language_is_understood() {
    let Some(mut server) = Server::new().await else { return };
    // scripts/postgres-for-tests makes this locale.
    server.run("ALTER DATABASE {name} SET lc_messages = 'de_DE.UTF-8'");
    let role = server.plain_role("");
    let mut german = PgConnection::establish(&role.url).unwrap();
    let error = german.batch_execute("SET lc_messages = 'C'").unwrap_err().to_string();
    assert!(error.contains("keine Berechtigung"), "a plain role cannot choose the language: {error}");
    // A superuser's connections choose it. Errors of a plain role are understood without words.
    for database in [server.database.with_url(&server.database.url), role] {
        let database = Arc::new(database);
        Setup::new().on(Arc::clone(&database)).start().await.add_account(ANA).await;
        let app = Setup::new().on(database).impatient().start().await;
        server.run("BEGIN; LOCK TABLE settings IN ACCESS EXCLUSIVE MODE");
        let waited = app.services.db.write(|connection| {
            db::settings::store(connection, "logo", "kept", gatepost::domain::Timestamp::from_millis(0))
        });
        let waited = waited.await;
        assert!(matches!(waited, Err(Error::Unavailable(_))), "{waited:?}");
        app.browser().post("/login", &[("email", ANA)]).await.assert_status(503);
        server.run("ROLLBACK");
        heals(&app).await;
        let ended = app
            .services
            .db
            .write(|connection| Ok(connection.batch_execute("SET LOCAL statement_timeout = 20; SELECT pg_sleep(10)")?));
        assert!(matches!(ended.await, Err(Error::Unavailable(_))));
        // A defect of ours stays a fault.
        let defect =
            app.services.db.write(|connection| Ok(connection.batch_execute("SELECT no_such_column FROM settings")?));
        assert!(matches!(defect.await, Err(Error::Fault(_))));
    }
}

#[rocket::async_test]
async fn of_two_writes_that_cross_both_end_well_in_any_language() {
    let Some(mut server) = Server::new().await else { return };
    server.run(
        "ALTER DATABASE {name} SET lc_messages = 'de_DE.UTF-8'; ALTER DATABASE {name} SET deadlock_timeout = '50ms'",
    );
    let role = server.plain_role("");
    // One party keeps all writing connections busy but one, so that two writes at once need three.
    let app = Setup::new().on(Arc::new(role)).with("GATEPOST_DATABASE_CONNECTIONS", "12").start().await;
    cross(&app).await;
}

/// The server's own default is longer than the wait for a lock. Then both would be refused.
#[rocket::async_test]
async fn a_superuser_s_connections_find_two_writes_that_cross_in_time() {
    let Some(server) = Server::new().await else { return };
    let setup = Setup::new().on(Arc::new(server.database.with_url(&server.database.url))).impatient();
    cross(&setup.with("GATEPOST_DATABASE_CONNECTIONS", "12").start().await).await;
}

/// Has two writes cross, and expects that both end well.
async fn cross(app: &TestApp) {
    // Each waits until both have their first lock. The one that loses and runs again finds the
    // other past it.
    let both = Arc::new(Barrier::new(2));
    let write = |first: &'static str, second: &'static str| {
        let (both, is_first_run) = (Arc::clone(&both), AtomicBool::new(true));
        app.services.transact(Actor::Gatepost, move |tx| {
            tx.lock_name(first)?;
            if is_first_run.swap(false, Ordering::SeqCst) {
                both.wait();
            }
            tx.lock_name(second)
        })
    };
    let ends = join_all([write("one", "two"), write("two", "one")]).await;
    assert!(ends.iter().all(Result::is_ok), "{ends:?}");
}

/// Another worker leases them in a transaction that goes on. It may want what this one has.
#[rocket::async_test]
async fn news_that_another_worker_is_taking_are_put_off_by_that_one() {
    let Some(mut server) = Server::new().await else { return };
    let role = server.plain_role("");
    let app = Setup::new().on(Arc::new(role)).impatient().start().await;
    let (now, until) = (app.services.now(), app.services.now().plus(Lifetime::minutes(10)));
    app.write(move |connection| {
        (0..3).try_for_each(|_| {
            let note = "passkey_removed".to_owned();
            let news = QueuedMail::new(&SystemEntropy, MailKind::SecurityChanged, address(ANA), now);
            db::outbox::enqueue(connection, &QueuedMail { note, ..news })
        })
    })
    .await;
    server.run("BEGIN; SELECT FROM outbox WHERE id = (SELECT MIN(id) FROM outbox) FOR UPDATE");
    let postpone = move |connection: &mut DbConnection| {
        let ana = address(ANA);
        let stream = Stream { recipient: &ana, line: Line::Changes };
        db::news::postpone(connection, stream, (Lease(7), now), until)
    };
    app.write(postpone).await;
    let put_off = format!(" due_at={} ", until.as_millis());
    assert_eq!(app.dump().await.matches(&put_off).count(), 2, "none is waited for");
    server.run("COMMIT");
    app.write(postpone).await;
    assert_eq!(app.dump().await.matches(&put_off).count(), 3);
}

/// Both take rows of limits, in an order of their own. PostgreSQL would find out only after the
/// time that a statement waits for a lock.
#[rocket::async_test]
async fn deleting_old_counts_waits_for_no_request() {
    let Some(mut server) = Server::new().await else { return };
    let role = server.plain_role("");
    let app = Setup::new().on(Arc::new(role)).start().await;
    let limit: Limit = "3/1s".parse().unwrap();
    let counted = ["held", "free"].map(|name| Counted { name: name.to_owned(), limit });
    let (now, later) = (app.services.now(), app.services.now().plus(Lifetime::seconds(2)));
    app.write(move |connection| limits::take(connection, &counted, now)).await;
    server.run("BEGIN; SELECT FROM limits WHERE name = 'held' FOR UPDATE");
    let names = ["held", "free"].map(str::to_owned);
    let purge = move |connection: &mut DbConnection| limits::purge(connection, &names, later);
    assert_eq!(app.write(purge.clone()).await, 1);
    server.run("COMMIT");
    assert_eq!(app.write(purge).await, 1, "the next time deletes it");
}

#[rocket::async_test]
async fn with_half_of_the_connections_refused_the_others_serve() {
    let Some(mut server) = Server::new().await else { return };
    let role = server.plain_role("CONNECTION LIMIT 6");
    let app = Setup::new().on(Arc::new(role)).with("GATEPOST_DATABASE_CONNECTIONS", "12").start().await;
    heals(&app).await;
    let asking = (0..60).map(|n| {
        let mut browser = app.browser().at(&format!("198.51.100.{n}"));
        async move {
            let asked = browser.post("/login", &[("email", &format!("p{n}@example.com"))]).await.status.code;
            (asked, browser.get("/login/state").await.status.code)
        }
    });
    let statuses = join_all(asking).await;
    assert!(statuses.iter().all(|statuses| *statuses == (303, 200)), "{statuses:?}");
}

#[rocket::async_test]
async fn a_database_in_another_encoding_is_refused_with_the_remedy() {
    let Some(mut server) = Server::new().await else { return };
    server.run("CREATE DATABASE {name}_latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
    let latin = server.database.with_url(&server.database.url.replace(&server.name, &format!("{}_latin", server.name)));
    let refused = Setup::new().on(Arc::new(latin)).try_start().await.err().expect("a refusal");
    assert!(refused.contains("LATIN1") && refused.contains("ENCODING 'UTF8'"), "{refused}");
}

#[rocket::async_test]
async fn a_password_in_the_url_is_in_no_error() {
    let Some(server) = Server::new().await else { return };
    let (_, rest) = server.database.url.split_once('@').unwrap();
    for (password, fine) in [("S3cr%25t", true), ("S3cr%t", false), ("S3cr@t", false), ("S3cr/t", false)] {
        let url = format!("postgres://gatepost:{password}@{}", rest.replace('/', "/no_such_"));
        let refused =
            Setup::new().on(Arc::new(server.database.with_url(&url))).try_start().await.err().expect("a refusal");
        assert!(!refused.contains("S3cr"), "{refused}");
        assert_eq!(refused.contains("no_such_"), fine, "what helps is said: {refused}");
    }
}
