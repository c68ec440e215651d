//! Sessions, and the browsers and clients that have them.

pub mod client;
pub mod known_browser;
pub mod session;
pub mod session_lifetime;
