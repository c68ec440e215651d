//! The configurations in docs/proxies, each run by its real proxy between a browser and a small
//! app.
//!
//! One table of cases for all of them. Each proxy runs from this process's own folder, on loopback.

#![allow(unreachable_pub, reason = "nothing calls it from outside")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on should stop loudly"
)]

mod apache;
mod app;
mod caddy;
mod cases;
mod haproxy;
#[expect(dead_code, reason = "other tests send forms by it")]
#[path = "../process/http.rs"]
mod http;
mod nginx;
#[path = "../shared/port.rs"]
mod port;
mod proxy;
mod rig;
#[expect(dead_code, reason = "other tests need more of a process")]
#[path = "../process/server.rs"]
mod server;
#[path = "../shared/source.rs"]
mod source;
