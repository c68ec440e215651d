//! Mail: what it says, how it looks, and how it leaves. Which mail leaves when is the outbox's business.

pub mod letter;
pub mod message;
pub mod samples;
pub mod templates;
pub mod transport;

pub use letter::{Letter, Letterhead};
pub use message::{Outgoing, Stationery};
pub use templates::MailTemplates;
pub use transport::{DevMailbox, Outcome, Patience, Refused, Transport, Verb};
