//! The outbox at work: from a row that names message and recipient to the mail server's acceptance.
//!
//! A worker leases rows ([`worker`]). Only then it looks up the recipient ([`decide`], [`typed`]).
//! It makes token and code and stores their hashes ([`mint`]), writes the email ([`mod@write`]) and
//! sends it. No plain token is ever stored. What differs between kinds of emails is in [`kinds`].
//!
//! A refusal takes the secrets back; an unknown outcome ([`note`]) does not. A crash between the
//! server's acceptance and our note costs one duplicate, and both links stay valid.

#![warn(clippy::wildcard_enum_match_arm)]

mod decide;
mod decision_context;
mod draft;
mod due;
mod kind;
pub mod kinds;
mod loaded_mail;
mod log_throttle;
mod mint;
mod note;
mod round;
mod secrets;
mod send;
mod stop;
mod take;
mod typed;
mod worker;
mod worker_pool;
mod write;

pub use stop::{Running, StopSignal};
pub use worker::Worker;
pub use worker_pool::WorkerPool;
pub use write::common_facts;
