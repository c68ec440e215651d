//! A port for a server that has to be told one before it listens.

use std::{
    net::TcpListener,
    process,
    sync::atomic::{AtomicU16, Ordering},
};

/// Below what systems give out by themselves, so that no connection of a test's neighbour takes it between here and the server's start.
const FIRST: u16 = 20_000;
const PORTS: u16 = 10_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port that nobody listens on and that no other test of this process is given.
pub fn free() -> u16 {
    // Two runs at once begin at different places.
    let start = u16::try_from(process::id() % u32::from(PORTS)).unwrap();
    loop {
        let port = FIRST + start.wrapping_add(NEXT.fetch_add(1, Ordering::SeqCst)) % PORTS;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
