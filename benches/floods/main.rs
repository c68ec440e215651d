//! Measures how long another user waits while one account, or a stranger, floods the server.
//!
//! `cargo bench --bench floods`; with `TEST_POSTGRES_URL` (see scripts/postgres-for-tests) also on
//! PostgreSQL. The attempts table already holds 900,000 rows that strangers made for one address
//! (`FLOODS_ATTEMPTS` sets how many). Each flood takes some seconds; words after `--` choose floods
//! by a part of their names. During a flood, users sign in by an email link and by a password. So
//! does the owner of the flooded address.
//!
//! A sign-in counts only if its session opens `/account`. Ends with 1 if one of a hundred requests
//! takes 300 ms or longer, or if one fails.

#![allow(unreachable_pub, reason = "nothing calls it from outside")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark"
)]

#[path = "../common/accounts.rs"]
mod accounts;
#[path = "../common/client.rs"]
mod client;
#[path = "../common/databases.rs"]
mod databases;
mod flood;
mod house;
#[path = "../common/inbox.rs"]
mod inbox;
#[path = "../common/mail_server.rs"]
mod mail_server;
#[path = "../common/prepare.rs"]
mod prepare;
mod report;
#[path = "../common/server.rs"]
mod server;
mod users;

use flood::Flood;
use house::House;
use report::{Cell, Step};
use std::{
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Time that each flood takes.
const SPAN: Duration = Duration::from_secs(8);

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let cells = Mutex::new(Vec::new());
    databases::on_each_database(|env| {
        let house = House::open(env);
        let floods = flood::all(&house);
        let chosen = floods
            .iter()
            .enumerate()
            .filter(|(_, flood)| wanted.is_empty() || wanted.iter().any(|word| flood.name.contains(word.as_str())));
        for (nth, flood) in chosen {
            let seen = under(flood, &house, nth);
            cells.lock().expect("cells").extend(seen.into_iter().map(|cell| (house.database, cell)));
        }
    });
    let cells = cells.into_inner().expect("cells");
    if report::print(&cells) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Signs in two users and the owner of the flooded address during a flood.
fn under(flood: &Flood, house: &House, nth: usize) -> Vec<Cell> {
    let is_over = AtomicBool::new(false);
    let (steps, answers) = std::thread::scope(|scope| {
        let floods: Vec<_> = (0..flood.connections)
            .map(|n| {
                let is_over = &is_over;
                scope.spawn(move || flood.pour(house.address, n, is_over))
            })
            .collect();
        let owner = scope.spawn(move || users::owner_signs_in(house, SPAN));
        let users: Vec<_> = (0..2).map(|n| scope.spawn(move || users::sign_in(house, SPAN, nth * 2 + n))).collect();
        let users = users.into_iter().chain([owner]);
        let steps: Vec<Step> = users.flat_map(|user| user.join().expect("a user")).collect();
        is_over.store(true, Ordering::Relaxed);
        let answers = floods.into_iter().map(|flood| flood.join().expect("a flood")).collect::<Vec<_>>();
        (steps, answers)
    });
    report::flood(flood.name, &answers, SPAN);
    report::cells(flood.name, &steps)
}
