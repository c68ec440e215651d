//! Gatepost: a self-hosted sign-in server. Sign-in by email link, and one door behind it.
//!
//! The parts:
//!
//! - [`domain`], a separate crate: the rules, pure. Addresses, tokens, attempts, sessions, limits,
//!   settings.
//! - [`db`]: everything that is stored, on SQLite or PostgreSQL. [`live`]: the part of it that
//!   memory keeps until the change log names it.
//! - [`sealing`]: secrets that even a reader of the database must not read, under the operator's
//!   key. [`signing`]: the keys that sign tokens for apps.
//! - `outbound`: the only HTTP client. `tls`: encrypted connections that this server opens.
//! - `breach_list`: the operator's file of leaked passwords. `places`: the operator's file of
//!   places.
//! - [`locale`]: what users read, in each language.
//! - [`mail`]: how emails look and leave. [`outbox`]: which email leaves when.
//! - [`mail_doctor`]: what receivers find in the DNS about our emails.
//! - [`telling`]: the audit log and the settings in words.
//! - [`passkeys`]: WebAuthn's ceremonies.
//! - [`limits`]: how often each kind of request may come. [`people`]: what can be done to accounts.
//!   [`apps`]: what can be done to apps and groups.
//! - [`declared`]: settings, groups and apps as a file of the operator declares them.
//! - [`notices`]: tells apps that a user has signed out. [`rotation`]: makes and retires signing
//!   keys. [`housekeeping`]: deletes what has expired.
//! - [`web`]: what all pages share. [`signin`], [`account`], [`admin`]: the pages, feature by
//!   feature. [`oidc`]: OpenID Connect. `forward_auth`: what a proxy asks about each request.
//! - `dev_mailbox`, `health`, `metrics_server`: emails for developers, liveness, `/metrics`.
//! - [`version`]: which Gatepost this is. [`clock`], [`entropy`]: the only readers of time and
//!   randomness.
//! - [`services`]: everything that a running Gatepost consists of. [`metrics`]: counters.
//!   `slow_work`: slow hashes, each party in its turn. `logging`: how logs are written.
//! - [`app`]: puts it all together. [`cli`]: the command line. [`config`]: what the operator sets.
//!
//! ARCHITECTURE.md says which part may import which, and what always holds. A test keeps both true.

#![forbid(unsafe_code)]

pub use gatepost_domain as domain;

pub mod account;
pub mod admin;
pub mod app;
pub mod apps;
mod breach_list;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod declared;
mod dev_mailbox;
pub mod entropy;
mod forward_auth;
mod happy_eyeballs;
mod health;
pub mod housekeeping;
pub mod limits;
pub mod live;
pub mod locale;
mod logging;
pub mod mail;
pub mod mail_doctor;
pub mod metrics;
mod metrics_server;
pub mod notices;
pub mod oidc;
mod outbound;
pub mod outbox;
pub mod passkeys;
pub mod people;
mod places;
pub mod rotation;
pub mod sealing;
pub mod services;
pub mod signin;
pub mod signing;
mod slow_work;
pub mod telling;
mod tls;
pub mod version;
pub mod web;
