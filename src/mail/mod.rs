//! Email: what it says, how it looks, and how it leaves. The outbox decides which email leaves
//! when.

mod embedded;
mod facts;
pub mod kinds;
pub mod letter;
pub mod message;
pub mod samples;
pub mod signing;
mod speech;
pub mod templates;
pub mod transport;
mod unbuildable;
pub mod words;
mod wrap;

pub use letter::{Letter, Letterhead};
pub use message::{Draft, Outgoing, Stationery, with_picture};
pub use samples::Samples;
pub use templates::MailTemplates;
pub use transport::{DevMailbox, Outcome, Patience, Refused, Transport, Verb};
