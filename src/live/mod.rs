//! What is read on every request and so is kept in memory: the settings, and whose session each cookie opens.
//!
//! Each value is read from the database again at most once a second, so that a change made by another request, another node
//! or the command line is seen everywhere within a second. While the database is away, what was known a moment ago goes on counting,
//! for [`GRACE`]; what was not known stays unknown.

mod exports;
mod logo;
mod reread;
mod sessions;
mod settings;

pub use exports::Exports;
pub use logo::LiveLogo;
pub use reread::{GRACE, Pulse};
pub use sessions::{Found, Known, LiveSessions};
pub use settings::LiveSettings;
