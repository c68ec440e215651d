//! Email: what it says, how it looks, and how it leaves. The outbox decides which email leaves
//! when.

mod embedded;
mod facts;
pub mod mail_facts;
pub mod message;
pub mod samples;
pub mod signing;
mod speech;
mod subject;
pub mod templates;
pub mod transport;
mod unbuildable;
mod wording;
pub mod words;
mod wrap;

pub use facts::Facts;
pub use mail_facts::{CommonFacts, MailFacts, MailLink};
pub use message::{Draft, MessageBuilder, Outgoing, with_pictures};
pub use samples::{MadeUp, Samples};
pub use templates::{MailTemplates, Wording};
pub use transport::{
    Certificate, DevMailbox, Greeting, MailRefusal, Outcome, Ready, Talk, Timeouts, Transport, Validity, Verb,
};
