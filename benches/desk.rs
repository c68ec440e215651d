//! Do the pages of admins stay quick in a large installation?
//!
//! `cargo bench --bench desk`; with `TEST_POSTGRES_URL` (see scripts/postgres-for-tests) also on
//! PostgreSQL. In one run and on one server: each page with one user and few lines of the audit
//! log, then with 10,000 users and 1,000,000 lines. One client, one page after the other.
//!
//! Ends with 1 if the median time of a page more than doubles.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark"
)]

#[expect(dead_code, reason = "other benchmarks send forms")]
#[path = "common/client.rs"]
mod client;
#[path = "common/databases.rs"]
mod databases;
#[expect(dead_code, reason = "other benchmarks change settings")]
#[path = "common/prepare.rs"]
mod prepare;
#[path = "common/server.rs"]
mod server;

use client::Client;
use diesel::connection::SimpleConnection;
use gatepost::domain::Token;
use server::Gatepost;
use std::{
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

const USERS: i64 = 10_000;
const LINES: i64 = 1_000_000;
const ROWS: i64 = 500;
const ROUNDS: usize = 101;
const ADMIN: i64 = 42;
/// How much longer a page may take.
const MOST: f64 = 2.0;
const PAGES: [&str; 9] = [
    "/admin",
    "/admin/settings",
    "/admin/people",
    "/admin/people?sort=signed-in",
    "/admin/people?show=no-second-factor",
    "/admin/people/000000000000002a",
    "/admin/people/invitations",
    "/admin/audit",
    "/admin/audit?kind=accounts",
];

fn main() -> ExitCode {
    let is_fine = AtomicBool::new(true);
    databases::on_each_database(|env| {
        if !run(env) {
            is_fine.store(false, Ordering::SeqCst);
        }
    });
    if is_fine.into_inner() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(env: &[(&str, &str)]) -> bool {
    let gatepost = Gatepost::start(env);
    let url = gatepost.database_url(env);
    let mut client = Client::new(gatepost.address);
    client.cookies.insert("gatepost_session".to_owned(), add_admin(&url));
    let empty = PAGES.map(|page| median(&mut client, page));
    fill(&url);
    let full = PAGES.map(|page| median(&mut client, page));
    let mut is_fine = true;
    for ((page, before), after) in PAGES.iter().zip(empty).zip(full) {
        let ratio = after.as_secs_f64() / before.as_secs_f64();
        is_fine &= ratio <= MOST;
        let millis = |span: Duration| span.as_secs_f64() * 1000.0;
        println!("{page:<46} {:>8.2} ms {:>8.2} ms {ratio:>6.2}   (goal {MOST})", millis(before), millis(after));
    }
    is_fine
}

/// Returns the median time of a page.
fn median(client: &mut Client, page: &str) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            let answer = client.get(page);
            assert_eq!(answer.status, 200, "{page}: {}", answer.head);
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time");
    i64::try_from(since.as_millis()).expect("a time")
}

/// Stores an admin with a session, and returns the session's secret.
fn add_admin(url: &str) -> String {
    let token = Token::issue(&gatepost::entropy::SystemEntropy);
    let hash: String = token.hash().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let hash = if url.starts_with("sqlite:") { format!("X'{hash}'") } else { format!("'\\x{hash}'") };
    let (now, end) = (now(), now() + 80_000_000);
    let sql = format!(
        "INSERT INTO accounts (id, email, name, is_admin, proven_at, created_at, origin)
             VALUES ({ADMIN}, 'ana@example.com', 'Ana', TRUE, {now}, {now}, 'joined');
         INSERT INTO sessions (id, secret_hash, account_id, remember, created_at, last_seen_at, ends_at, browser)
             VALUES ({ADMIN}, {hash}, {ADMIN}, TRUE, {now}, {now}, {end}, 'Firefox on Linux');
         INSERT INTO session_proofs (session_id, method, proven_at) VALUES ({ADMIN}, 'email_link', {now});"
    );
    prepare::on_database(url, async |db| {
        db.write_at_leisure(move |connection| Ok(connection.batch_execute(&sql)?)).await.expect("an admin");
    });
    token.reveal().to_owned()
}

/// Adds users and lines of the audit log: sign-ins for the most part, over a year.
fn fill(url: &str) {
    let now = now();
    prepare::on_database(url, async |db| {
        for piece in 0..USERS / ROWS {
            let users = (piece * ROWS..(piece + 1) * ROWS).map(|n| {
                let (id, at) = (1_000 + n, now - n * 1_000_000);
                format!("({id}, 'anna.lindner{n}@example.com', 'Anna Lindner', FALSE, {at}, {at}, {at}, 'joined')")
            });
            let sql = format!(
                "INSERT INTO accounts (id, email, name, is_admin, proven_at, created_at, last_signed_in_at, origin) VALUES {}",
                users.collect::<Vec<_>>().join(", ")
            );
            db.write_at_leisure(move |connection| Ok(connection.batch_execute(&sql)?)).await.expect("users");
        }
        for piece in 0..LINES / ROWS {
            let lines = (piece * ROWS..(piece + 1) * ROWS).map(|n| {
                let (user, at) = (n % USERS, now - 3_600_000 - n * 30_000);
                let action = if n % 50 == 0 { "account_disabled" } else { "signed_in" };
                format!(
                    "({}, {at}, {}, 'anna.lindner{user}@example.com', '{action}', 'anna.lindner{user}@example.com', 'email_link', '192.0.2.1', {})",
                    10_000_000 + n,
                    1_000 + user,
                    1_000 + user
                )
            });
            let sql = format!(
                "INSERT INTO audit (id, at, actor_id, actor, action, subject, value_after, client_address, subject_id) VALUES {}",
                lines.collect::<Vec<_>>().join(", ")
            );
            db.write_at_leisure(move |connection| Ok(connection.batch_execute(&sql)?)).await.expect("lines");
        }
    });
}
