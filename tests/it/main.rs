//! One integration binary. It runs on SQLite, and again on PostgreSQL when `GATEPOST_TEST_POSTGRES` names a server; see the README's
//! test command, which does both.

mod account;
mod admin;
mod architecture;
mod browser;
mod codes;
mod database;
mod email_link;
mod gate;
mod harness;
mod limits;
mod outbox;
mod pages;
mod sessions;
mod set_up;
mod storage;
