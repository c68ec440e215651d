//! Measures password sign-ins: how many run in a second, whether Argon2 alone limits them, and
//! whether other users notice.
//!
//! `cargo bench --bench passwords`; with `TEST_POSTGRES_URL` (see scripts/postgres-for-tests) also
//! on PostgreSQL. It measures one comparison, on one core and on all at once, without a server:
//! that is the bound. Then it measures sign-ins beside their share of the bound. Then other pages,
//! alone and while every core compares passwords. Last the memory, at its peak and a minute later.
//! Client and server share the machine: look at the ratios.

#![allow(unreachable_pub, reason = "nothing calls it from outside")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark"
)]

#[path = "common/accounts.rs"]
mod accounts;
#[path = "common/client.rs"]
mod client;
#[path = "common/databases.rs"]
mod databases;
#[path = "common/prepare.rs"]
mod prepare;
#[path = "common/server.rs"]
mod server;
#[path = "common/timed.rs"]
mod timed;

use client::Client;
use gatepost::domain::{HashMemory, Password, PasswordHash};
use server::Gatepost;
use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZero,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread::{self, available_parallelism},
    time::Duration,
};

const SPAN: Duration = Duration::from_secs(5);
const PASSWORD: &str = "correct horse battery";
/// Accounts for each core. Each account allows ten tries in a quarter of an hour. A core compares
/// about a hundred a second, and all runs together take half a minute.
const ACCOUNTS_EACH_CORE: u32 = 600;
/// Tries of each client. Its limit is thirty.
const TRIES_EACH_CLIENT: u32 = 20;
/// Beyond this many, the server answers that it is busy.
const MAX_AT_ONCE: usize = 48;

fn main() {
    let password = Password::present(PASSWORD).expect("a password");
    let memory = HashMemory::default();
    let hash = accounts::hash_of(PASSWORD);
    let cores = available_parallelism().map_or(2, NonZero::get);
    println!("== Argon2 alone");
    let alone = |threads| bound(threads, &password, &hash, &memory);
    let one = alone(1);
    println!("{:<46} {:>8.0}/s", format!("… times {cores} cores"), one * cores as f64);
    let bound = alone(cores);
    databases::on_each_database(|env| run(env, cores, bound, &hash));
}

/// Returns comparisons a second with a password, on this many threads at once and nothing else.
fn bound(threads: usize, password: &Password, hash: &PasswordHash, memory: &HashMemory) -> f64 {
    let name = format!("comparing with a password, {threads} at once");
    timed::load(&name, (threads, SPAN), |_| (), |(), _| assert!(password.is_of(hash, memory).expect("a comparison")))
}

fn run(env: &[(&str, &str)], cores: usize, bound: f64, hash: &PasswordHash) {
    // Each client has a separate address, as behind a proxy.
    let env: Vec<(&str, &str)> = env.iter().copied().chain([("GATEPOST_TRUSTED_PROXIES", "127.0.0.1")]).collect();
    let gatepost = Gatepost::start(&env);
    let accounts = ACCOUNTS_EACH_CORE * u32::try_from(cores).expect("a number of cores");
    fill(&gatepost.database_url(&env), accounts, hash);
    // Settings are read again after a second.
    thread::sleep(Duration::from_millis(1100));
    let visitors = Visitors { address: gatepost.address, accounts, tries: AtomicU32::new(0) };
    println!("{:<46} {:>5.0} MiB", "memory (RSS) before any sign-in", memory_of(&gatepost, "VmRSS"));

    for clients in [1, 8, 32] {
        let name = format!("POST /login/password (signed in), {clients} clients");
        let connect = |_| Client::new(gatepost.address);
        let each_second = timed::load(&name, (clients, SPAN), connect, |client, _| visitors.sign_in(client));
        println!("{:<46} {:>7.0} %", "  of what Argon2 alone does on all cores", each_second / bound * 100.0);
    }
    others("", &visitors);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let _end = EndOf(&is_over);
        for _ in 0..(4 * cores).min(MAX_AT_ONCE) {
            let (visitors, is_over) = (&visitors, &is_over);
            scope.spawn(move || {
                let mut client = Client::new(visitors.address);
                while !is_over.load(Ordering::Relaxed) {
                    visitors.sign_in(&mut client);
                }
            });
        }
        others(" beside sign-ins", &visitors);
    });
    println!("{:<46} {:>5.0} MiB", "memory at its peak", memory_of(&gatepost, "VmHWM"));
    println!("{:<46} {:>5.0} MiB", "memory right after", memory_of(&gatepost, "VmRSS"));
    // Housekeeping returns what two of its rounds, 30 seconds each, found unused.
    thread::sleep(Duration::from_secs(65));
    println!("{:<46} {:>5.0} MiB", "memory a minute later", memory_of(&gatepost, "VmRSS"));
}

/// Measures pages that have nothing to do with passwords.
fn others(when: &str, visitors: &Visitors) {
    let connect = |_| Client::new(visitors.address);
    timed::load(&format!("GET /login{when}, 1 client"), (1, SPAN), connect, |client, _| {
        let page = client.get("/login");
        assert!(page.status == 200 && !page.body.is_empty());
    });
    let signed_in = |_| {
        let mut client = Client::new(visitors.address);
        visitors.sign_in(&mut client);
        client
    };
    timed::load(&format!("GET / (who is this?){when}, 1 client"), (1, SPAN), signed_in, |client, _| {
        assert_eq!(client.get("/").status, 303);
    });
}

/// Ends the background load of a measurement, even if that panics.
struct EndOf<'a>(&'a AtomicBool);

impl Drop for EndOf<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Users who sign in, each account and each client address in turn.
struct Visitors {
    address: SocketAddr,
    accounts: u32,
    tries: AtomicU32,
}

impl Visitors {
    /// Signs in with a new browser.
    fn sign_in(&self, client: &mut Client) {
        let n = self.tries.fetch_add(1, Ordering::Relaxed);
        client.cookies.clear();
        client.forwarded_for = Some(Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 0).to_bits() + n / TRIES_EACH_CLIENT));
        let body = format!("email=p{}%40example.com&password={}", n % self.accounts, PASSWORD.replace(' ', "+"));
        let answer = client.post("/login/password", &body);
        assert!(answer.status == 303 && client.cookies.contains_key("gatepost_session"), "{}", answer.head);
    }
}

/// Adds accounts that share one password.
fn fill(url: &str, accounts: u32, hash: &PasswordHash) {
    prepare::on_database(url, async |db| {
        prepare::settings(db, &[("password_enabled", "on")]).await;
        accounts::add(db, (0..accounts).map(|n| format!("p{n}@example.com")), Some(hash)).await;
    });
}

/// Returns memory of the server in MiB: `VmRSS` for now, `VmHWM` for the peak.
fn memory_of(gatepost: &Gatepost, which: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", gatepost.child.id())).expect("the process");
    let line = status.lines().find(|line| line.starts_with(which)).expect("a line");
    let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).expect("a number");
    kib / 1024.0
}
