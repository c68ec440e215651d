//! What every request reads and memory therefore keeps: the settings, and the session of each
//! cookie.
//!
//! Each value is read again at most once a second. A change by another request, another node or the
//! command line therefore shows everywhere within a second. While the database is unavailable,
//! known values keep counting for [`GRACE`]. Unknown values stay unknown.

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
