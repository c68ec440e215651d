//! The answer: pages, files, redirects, and what the next page says.

pub mod catchers;
pub mod csv;
pub mod flash;
pub mod layout;
pub mod preview;
pub mod qr;
pub mod question;
pub mod reply;
mod say;
