//! The outbox at work: from a row that says what to send to whom, to the mail server's word that it has it.
//!
//! A worker leases rows ([`worker`]), looks up only now whether there is anybody to write to ([`decide`]), only now makes the
//! token and the code and stores their hashes ([`mint`]), puts the mail into words and sends it. No plain token ever rests anywhere.
//! A refusal takes the secrets back; an unknown outcome ([`note`]) does not. A crash between the server's acceptance and our note of it
//! costs one duplicate, and both links stay good.

mod crew;
mod decide;
mod mint;
mod note;
mod said;
mod send;
mod stop;
mod take;
mod worker;

pub use crew::Crew;
pub use mint::letterhead;
pub use stop::{Running, Stop};
pub use worker::Worker;
