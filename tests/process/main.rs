//! The real binary as a process: the command line, starting and stopping, logs, and what survives a
//! kill. Runs on SQLite, and on PostgreSQL too if `TEST_POSTGRES_URL` names a server.

#![allow(unreachable_pub, reason = "nothing calls it from outside")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop loudly"
)]

mod app_nodes;
mod apps;
mod command_line;
mod copying;
mod crash;
mod database_file;
mod declaring;
#[path = "../shared/dns.rs"]
mod dns;
mod documents;
#[path = "../shared/first_version.rs"]
mod first_version;
mod full_disk;
mod http;
mod keys;
#[path = "../shared/letters.rs"]
mod letters;
mod limits;
mod logs;
mod mail_doctor;
mod mail_server;
mod memory;
#[path = "../shared/port.rs"]
mod port;
#[cfg(feature = "pg-tls")]
mod postgres_tls;
mod proxy;
mod rspamd;
mod secrets;
mod server;
mod serving;
#[path = "../shared/source.rs"]
mod source;
mod stopping;
mod tools;
mod upgrading;
mod wire;
