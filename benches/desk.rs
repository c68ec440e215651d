//! Do the pages of admins stay quick in a large installation?
//!
//! `cargo bench --bench desk`; with `TEST_POSTGRES_URL` (see scripts/postgres-for-tests) also on
//! PostgreSQL. One run on one server fetches each page in three states. There is first one user and
//! an empty log, then lists that fill one page. Last come 10,000 users and 1,000,000 lines of the
//! audit log. One client, one page after the other. The goal compares the large installation with
//! the empty one. The ratio to full lists tells what the size of the database adds.
//!
//! Ends with 1 if the median time of a page more than doubles.

#![allow(unreachable_pub, reason = "nothing calls it from outside")]
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
#[path = "common/statistics.rs"]
mod statistics;

use client::Client;
use diesel::connection::SimpleConnection;
use gatepost::{
    db::sign_in_hours,
    domain::{Lifetime, Timestamp, Token},
};
use server::Gatepost;
use std::{
    ops::Range,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

const USERS: i64 = 10_000;
const LINES: i64 = 1_000_000;
/// So many fill one page.
const FEW: i64 = 100;
const ROWS: i64 = 500;
const ROUNDS: usize = 101;
const ADMIN: i64 = 42;
/// Factor by which a page may take longer.
const MAX: f64 = 2.0;
const PAGES: [&str; 10] = [
    "/admin",
    "/admin/settings",
    "/admin/people",
    "/admin/people?sort=signed-in",
    "/admin/people?sort=created",
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
    fill(&url, 0..FEW, 0..FEW);
    let few = PAGES.map(|page| median(&mut client, page));
    fill(&url, FEW..USERS, FEW..LINES);
    let many = PAGES.map(|page| median(&mut client, page));
    let mut is_fine = true;
    let heads = ["to empty", "to full"];
    println!("{:<46} {:>11} {:>11} {:>11} {:>8} {:>8}", "median", "empty", "full lists", "large", heads[0], heads[1]);
    for (((page, empty), few), many) in PAGES.iter().zip(empty).zip(few).zip(many) {
        let [ratio, to_full] = [empty, few].map(|span| many.as_secs_f64() / span.as_secs_f64());
        is_fine &= ratio <= MAX;
        let millis = [empty, few, many].map(|span| format!("{:>8.2} ms", span.as_secs_f64() * 1000.0)).join(" ");
        println!("{page:<46} {millis} {ratio:>8.2} {to_full:>8.2}   (goal {MAX})");
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

/// Adds users, a passkey of every other one, and a year's lines of the audit log, most of them
/// sign-ins. Then counts the sign-ins of each hour, as housekeeping does soon after the hour.
fn fill(url: &str, users: Range<i64>, lines: Range<i64>) {
    let now = now();
    let user = |n: i64| {
        let (id, at) = (1_000 + n, now - n * 1_000_000);
        format!(
            "({id}, 'anna.lindner{n}@example.com', 'anna.lindner{n}', 'Anna Lindner', FALSE, {at}, {at}, {at}, 'joined')"
        )
    };
    let line = |n: i64| {
        let (user, at) = (n % USERS, now - 3_600_000 - n * 30_000);
        let action = if n % 50 == 0 { "account_disabled" } else { "signed_in" };
        format!(
            "({}, {at}, {}, 'anna.lindner{user}@example.com', '{action}', 'anna.lindner{user}@example.com', 'email_link', '192.0.2.1', {})",
            10_000_000 + n,
            1_000 + user,
            1_000 + user
        )
    };
    // Without usernames, housekeeping would give them during the measurement.
    let into_users = "accounts (id, email, handle, name, is_admin, proven_at, created_at, last_signed_in_at, origin)";
    let passkey = |n: i64| {
        let key = if url.starts_with("sqlite:") { format!("X'{n:016x}'") } else { format!("'\\x{n:016x}'") };
        format!("({n}, {}, {key}, 'Passkey', '', '', {now})", 1_000 + n * 2)
    };
    let into_passkeys = "passkeys (id, account_id, credential_id, name, aaguid, credential, added_at)";
    let owned = (users.start + 1) / 2..(users.end + 1) / 2;
    let into_lines = "audit (id, at, actor_id, actor, action, subject, value_after, client_address, subject_id)";
    prepare::on_database(url, async |db| {
        let people = inserts(into_users, users, user).chain(inserts(into_passkeys, owned, passkey));
        for sql in people.chain(inserts(into_lines, lines, line)) {
            db.write_at_leisure(move |connection| Ok(connection.batch_execute(&sql)?)).await.expect("rows");
        }
        let (now, month) = (Timestamp::from_millis(now), Lifetime::days(31));
        let again = "DELETE FROM last_times WHERE name = 'sign_ins_counted'; DELETE FROM sign_in_hours";
        db.write_at_leisure(move |connection| Ok(connection.batch_execute(again)?)).await.expect("nothing counted");
        // A round counts two days.
        for _ in 0..=16 {
            let count = move |connection: &mut _| sign_in_hours::count_hours(connection, now, now.minus(month));
            db.write_at_leisure(count).await.expect("hours");
        }
    });
    statistics::renew(url);
}

/// Returns statements that insert these rows, 500 by each.
fn inserts<'a>(into: &'a str, rows: Range<i64>, row: impl Fn(i64) -> String + 'a) -> impl Iterator<Item = String> + 'a {
    let end = rows.end;
    rows.step_by(usize::try_from(ROWS).expect("a number")).map(move |from| {
        let values: Vec<_> = (from..end.min(from + ROWS)).map(&row).collect();
        format!("INSERT INTO {into} VALUES {}", values.join(", "))
    })
}
