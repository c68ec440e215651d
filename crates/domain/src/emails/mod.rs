//! Emails: their addresses, kinds and reasons, and the news that they tell.

pub mod email_address;
pub mod mail;
pub mod mail_kind;
pub(crate) mod mail_reason;
pub mod news;
mod shown_address;
