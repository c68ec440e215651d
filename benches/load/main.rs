//! Measures pages, the session check, asking for an email, and sending it. Tells how many a second,
//! and how long each waits.
//!
//! `cargo bench --bench load`, or with `-- writes` or `-- emails` a part of it. `-- memory` lets
//! 100,000 users sign in. With `-- counted`, only counts the bytes written and the B-trees touched
//! by one request, which an unoptimised build shows, too. With `TEST_POSTGRES_URL` (see
//! scripts/postgres-for-tests) also on PostgreSQL. Client and server share the machine: look at the
//! ratios.

#![allow(unreachable_pub, reason = "nothing calls it from outside")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark"
)]

#[path = "../common/client.rs"]
mod client;
mod counted;
#[path = "../common/databases.rs"]
mod databases;
#[path = "../common/inbox.rs"]
mod inbox;
#[path = "../common/mail_server.rs"]
mod mail_server;
#[path = "../common/memory.rs"]
mod memory;
mod one_row;
#[path = "../common/prepare.rs"]
mod prepare;
mod redeems;
#[path = "../common/server.rs"]
mod server;
#[path = "../common/timed.rs"]
mod timed;
mod wal;

use client::Client;
use server::Gatepost;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use timed::load;

const SPAN: Duration = Duration::from_secs(5);

fn main() {
    let is_asked_for = |part: &str| std::env::args().any(|argument| argument == part);
    if is_asked_for("counted") {
        return counted::run();
    }
    if is_asked_for("writes") {
        return databases::on_each_database(|env| {
            let rows = writes(env);
            redeems::measure(env, rows);
        });
    }
    if is_asked_for("memory") {
        return databases::on_each_database(redeems::memory);
    }
    if is_asked_for("emails") {
        return databases::on_each_database(mails);
    }
    databases::on_each_database(run);
    counted::run();
}

fn run(env: &[(&str, &str)]) {
    let gatepost = Gatepost::start(env);
    let (address, url) = (gatepost.address, gatepost.database_url(env));
    open_house(&url);
    std::thread::sleep(Duration::from_millis(1100));
    let connect = |_| Client::new(address);

    load("GET /health/live, 8 clients", (8, SPAN), connect, |client, _| {
        assert_eq!(client.get("/health/live").status, 200)
    });
    load("GET /login (a page), 8 clients", (8, SPAN), connect, |client, _| {
        assert_eq!(client.get("/login").status, 200)
    });

    let cookies = sign_in(address);
    let signed_in = |_| {
        let mut client = Client::new(address);
        client.cookies.clone_from(&cookies);
        client
    };
    load("GET / signed in (who is this?), 8 clients", (8, SPAN), signed_in, |client, _| {
        assert_eq!(client.get("/").status, 303)
    });

    for clients in [1, 8, 32] {
        let name = format!("POST /login (accepted, durable), {clients} clients");
        load(&name, (clients, SPAN), connect, |client, n| {
            client.cookies.clear();
            let body = format!("email=p{n}%40example{clients}.com");
            let answer = client.post("/login", &body);
            assert!(answer.status == 303 && answer.head.contains("/login/sent"));
        });
    }
    drop(gatepost);
    let rows = writes(env);
    redeems::measure(env, rows);
    mails(env);
}

/// Measures `POST /login` beside the least that a durable write costs. Returns how many of those a
/// second brings.
fn writes(env: &[(&str, &str)]) -> f64 {
    const CLIENTS: usize = 32;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let gatepost = redeems::start(env, &format!("smtp://{}?tls=none", silent.local_addr().expect("an address")));
    let process = gatepost.child.id();
    let megabytes = || (memory::resident(process) / 1_000_000, memory::own(process) / 1_000_000);
    let (before, own_before) = megabytes();
    let connect = |_| Client::new(gatepost.address);
    let name = format!("POST /login, other clients, {CLIENTS} at once");
    let asks = load(&name, (CLIENTS, SPAN), connect, |client, n| {
        client.cookies.clear();
        redeems::ask(client, n);
    });
    let rows = one_row::measure(&gatepost.database_url(env), CLIENTS, SPAN);
    println!("{:<46} {:>8.2} of that   (goal 0.5)", "POST /login", asks / rows);
    let (after, own_after) = megabytes();
    println!(
        "{:<46} {before:>8} MB at start ({own_before} without the binary), {after} MB after ({own_after})",
        "memory"
    );
    rows
}

/// Lets every address join, without limits.
fn open_house(url: &str) {
    prepare::on_database(url, async |db| {
        prepare::settings(
            db,
            &[
                ("join_policy", "anyone"),
                ("limits_per_client", "1000/1s"),
                ("limits_per_domain", "1000/1s"),
                ("limits_global", "1000/1s"),
            ],
        )
        .await;
    });
}

/// Signs in through the mailbox for developers.
fn sign_in(address: std::net::SocketAddr) -> std::collections::BTreeMap<String, String> {
    let mut client = Client::new(address);
    client.post("/login", "email=ana%40example.com");
    for _ in 0..100 {
        let page = String::from_utf8(Client::new(address).get("/dev/mailbox?to=ana@example.com").body).expect("a page");
        if let Some(token) = page.split("/auth/verify?token=").nth(1) {
            client.get(&format!("/auth/verify?token={}", &token[..43]));
            assert_eq!(client.post("/auth/verify", "").status, 303);
            return client.cookies;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no mail");
}

/// Measures how fast requested emails reach a mail server on loopback that takes everything.
fn mails(env: &[(&str, &str)]) {
    const MAILS: usize = 2000;
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    let port = mail_server::start(Duration::ZERO, move |_, _| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let url = format!("smtp://127.0.0.1:{port}?tls=none");
    let with_mail: Vec<(&str, &str)> = env.iter().copied().chain([("GATEPOST_MAIL_URL", url.as_str())]).collect();
    let gatepost = Gatepost::start(&with_mail);
    open_house(&gatepost.database_url(&with_mail));
    std::thread::sleep(Duration::from_millis(1100));
    let begun = Instant::now();
    let address = gatepost.address;
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                let mut client = Client::new(address);
                for n in 0..MAILS / 8 {
                    client.cookies.clear();
                    assert_eq!(
                        client.post("/login", &format!("email=m{thread}x{n}%40mail{}.example", n % 50)).status,
                        303
                    );
                    // The largest possible limit lets a thousand through in a second.
                    std::thread::sleep(Duration::from_millis(10));
                }
            });
        }
    });
    let asked = begun.elapsed();
    let (mut sent, mut last) = (0, begun.elapsed());
    while sent < MAILS && begun.elapsed().saturating_sub(last) < Duration::from_secs(7) {
        std::thread::sleep(Duration::from_millis(20));
        let now = taken.load(Ordering::SeqCst);
        if now > sent {
            (sent, last) = (now, begun.elapsed());
        }
    }
    println!(
        "{:<46} {:>8.0}/s   {sent} of {MAILS} in {:.1} s, asked for in {:.1} s",
        "emails sent over 2 connections",
        sent as f64 / last.as_secs_f64(),
        last.as_secs_f64(),
        asked.as_secs_f64()
    );
}
