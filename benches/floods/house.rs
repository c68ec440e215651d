//! The server, its users, and rows that strangers made before.

use crate::{accounts, inbox::Inbox, mail_server, prepare, server::Gatepost, users};
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection, connection::SimpleConnection};
use gatepost::{clock::SystemClock, domain::Clock};
use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

pub const PASSWORD: &str = "correct horse battery staple";
/// The address that strangers have asked for, and keep asking for.
const OWNER: &str = "owner@example.com";
/// Number of users. Each signs in once.
const USERS: usize = 6000;
const ATTEMPTS: usize = 900_000;
const AUDIT_LINES: usize = 20_000;

pub struct House {
    _gatepost: Gatepost,
    pub database: &'static str,
    pub address: SocketAddr,
    pub inbox: Inbox,
    pub owner: &'static str,
    pub owners_device: Mutex<String>,
    users: AtomicUsize,
}

impl House {
    pub fn open(env: &[(&str, &str)]) -> Self {
        let inbox = Inbox::default();
        let taken = inbox.clone();
        let port = mail_server::start(Duration::ZERO, move |to, text| taken.take(to, text));
        let mail_url = format!("smtp://127.0.0.1:{port}?tls=none");
        let more = [("GATEPOST_TRUSTED_PROXIES", "127.0.0.1"), ("GATEPOST_MAIL_URL", &*mail_url)];
        let env: Vec<_> = env.iter().copied().chain(more).collect();
        let gatepost = Gatepost::start(&env);
        let url = gatepost.database_url(&env);
        fill(&url);
        // The settings are read again after a second.
        std::thread::sleep(Duration::from_millis(1100));
        let mut house = Self {
            address: gatepost.address,
            _gatepost: gatepost,
            database: if url.starts_with("sqlite") { "SQLite" } else { "PostgreSQL" },
            inbox,
            owner: OWNER,
            owners_device: Mutex::default(),
            users: AtomicUsize::new(0),
        };
        house.owners_device = Mutex::new(users::device_of(&house, OWNER));
        house
    }

    /// Returns a user who has not signed in yet.
    pub fn next_user(&self) -> String {
        let n = self.users.fetch_add(1, Ordering::Relaxed);
        assert!(n < USERS, "every user has signed in");
        format!("p{n:04}@example.com")
    }
}

fn fill(url: &str) {
    let hash = accounts::hash_of(PASSWORD);
    let mut flooder = 0;
    prepare::on_database(url, async |db| {
        prepare::settings(
            db,
            &[
                ("password_enabled", "on"),
                ("limits_global", "1000/1s"),
                ("limits_per_client", "1000/1s"),
                ("limits_per_mailbox", "100/15m"),
            ],
        )
        .await;
        let special = [OWNER, "flooder@example.com"].map(str::to_owned);
        let added = accounts::add(db, special, Some(&hash)).await;
        flooder = added[1].id.as_i64();
        accounts::add(db, (0..USERS).map(|n| format!("p{n:04}@example.com")), Some(&hash)).await;
    });
    let begun = Instant::now();
    let attempts = std::env::var("FLOODS_ATTEMPTS").map_or(ATTEMPTS, |count| count.parse().expect("a number"));
    insert(url, attempts, &strangers_attempts());
    insert(url, AUDIT_LINES, &[audit_lines(flooder)]);
    println!("{attempts} attempts by strangers added in {:.1} s", begun.elapsed().as_secs_f64());
}

/// Returns the statements that add two rows for each number `i`. They are an attempt over a limit,
/// and its email that is never sent. A client has a hundred of them.
fn strangers_attempts() -> [String; 2] {
    let now = SystemClock.now().as_millis();
    // In time order, as Gatepost issues them.
    let id = format!("(({now} - i) << 21) + i % 2097152");
    [
        format!(
            "INSERT INTO attempts (id, purpose, email, browser, client_address, requested_at, muted, remember, return_to, wrong_codes, mails,
                mail_asked_at, muted_by)
             SELECT {id}, 'sign_in', '{OWNER}', 'Firefox on Linux', '203.0.113.9', {now} - i, TRUE, FALSE, '/', 0, 1, {now} - i, 'client ' || (i / 100)
             FROM "
        ),
        format!(
            "INSERT INTO outbox (id, kind, attempt_id, recipient, domain, note, state, created_at, due_at, give_up_at, tries, reply, settled_at,
                unanswered, urgency, asker, turn)
             SELECT {id}, 'sign_in', {id}, '{OWNER}', 'example.com', '', 'dropped', {now} - i, {now} - i, {now}, 0, 'over_limit', {now} - i,
                0, 0, i / 100, {now} - i
             FROM "
        ),
    ]
}

fn audit_lines(flooder: i64) -> String {
    let now = SystemClock.now().as_millis();
    format!(
        "INSERT INTO audit (id, at, actor_id, actor, action, subject, value_after, subject_id)
         SELECT i, {now} - i, {flooder}, 'flooder@example.com', 'stepped_up', 'flooder@example.com', '{}', {flooder} FROM ",
        "x".repeat(300)
    )
}

/// Runs each statement for the numbers from 1 to `count`.
fn insert(url: &str, count: usize, statements: &[String]) {
    for statement in statements {
        if let Some(path) = url.strip_prefix("sqlite://") {
            let mut connection = SqliteConnection::establish(path).expect("SQLite");
            connection.batch_execute("PRAGMA busy_timeout = 60000").expect("a pragma");
            let numbers = format!(
                "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT i FROM n)"
            );
            diesel::sql_query(format!("{statement}{numbers}")).execute(&mut connection).expect("rows");
        } else {
            let mut connection = PgConnection::establish(url).expect("PostgreSQL");
            let numbers = format!("generate_series(1::bigint, {count}) AS n(i)");
            diesel::sql_query(format!("{statement}{numbers}")).execute(&mut connection).expect("rows");
            // As PostgreSQL does by itself after a minute.
            connection.batch_execute("ANALYZE").expect("statistics");
        }
    }
}
