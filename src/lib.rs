//! Gatepost: a self-hosted sign-in server. Sign-in by email link, and one door behind it.
//!
//! This is the map.
//!
//! - [`domain`]: the rules, pure. Addresses, tokens, attempts, sessions, limits, settings.
//! - [`db`]: everything that is kept, on SQLite or PostgreSQL. [`live`]: what of it is kept in memory for a second.
//! - [`sealing`]: what even a reader of the database may not read, under the operator's key.
//! - `breach_list`: the operator's file of passwords that leaked.
//! - [`locale`]: what users read, in each language.
//! - [`mail`]: how mails look and leave. [`outbox`]: which mail leaves when.
//! - [`passkeys`]: WebAuthn's ceremonies.
//! - [`attempts`]: asking for a mail and for another one. [`people`]: what can be done to accounts.
//! - [`web`]: what all pages share. [`signin`], [`account`], [`admin`]: the pages, feature by feature.
//! - [`app`]: puts it all together. [`cli`]: the command line. [`config`]: what the operator sets.
//!
//! ARCHITECTURE.md tells who may import whom, and what always holds; a test keeps both true.

#![forbid(unsafe_code)]

pub mod account;
pub mod admin;
pub mod app;
pub mod attempts;
mod breach_list;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
mod dev_mailbox;
pub mod domain;
pub mod entropy;
mod health;
pub mod housekeeping;
pub mod live;
pub mod locale;
mod logging;
pub mod mail;
pub mod metrics;
mod metrics_server;
pub mod outbox;
pub mod passkeys;
pub mod people;
pub mod sealing;
pub mod services;
pub mod signin;
mod slow_work;
pub mod web;
