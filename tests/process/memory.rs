//! Measures how much memory the server takes.

use crate::server::{Home, Server};
use gatepost::{db, domain::Timestamp};
use std::{fs, thread};

/// Returns the peak memory of the process in MiB.
fn peak(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// A piece of 19 MiB for each core that hashes at the same time, and not one for each try.
#[test]
fn passwords_take_the_memory_of_as_many_hashes_as_there_are_cores() {
    let home = Home::new();
    home.with_database(|connection| {
        db::settings::store(connection, "password_enabled", "on", Timestamp::from_millis(0))
    });
    let server = home.start();
    home.visitor().get("/login").unwrap();
    let before = peak(&server);
    thread::scope(|scope| {
        for n in 0..6 {
            let mut visitor = home.visitor();
            scope.spawn(move || {
                for m in 0..5 {
                    let email = format!("p{n}{m}@example.com");
                    let answer =
                        visitor.post("/login/password", &[("email", &email), ("password", "not the right one")]);
                    assert_eq!(answer.unwrap().status, 303);
                }
            });
        }
    });
    let cores = thread::available_parallelism().map_or(2, |cores| cores.get() as u64);
    let most = 19 * cores.min(6) + 20;
    assert!(peak(&server) - before < most, "{before} MiB before, {} MiB at the peak", peak(&server));
}
