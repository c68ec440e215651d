//! Modules that turn words into the bytes of an email.

#[path = "../../src/mail/message.rs"]
mod message;
#[path = "../../src/mail/signing.rs"]
mod signing;
#[path = "../../src/mail/unbuildable.rs"]
mod unbuildable;
#[path = "../../src/mail/wording.rs"]
mod wording;

pub use message::{Draft, MessageBuilder};
pub use wording::Wording;
