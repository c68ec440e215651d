//! A port for a server that must know it before it listens.

use std::{
    net::TcpListener,
    process,
    sync::atomic::{AtomicU16, Ordering},
};

/// Below the ports that systems assign, so that no connection takes it before the server starts.
const FIRST: u16 = 20_000;
const PORTS: u16 = 10_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// Returns a free port that no other test of this process gets.
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
