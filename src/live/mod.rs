//! Values that every request reads and memory therefore keeps: the settings, the apps, and the
//! session of each cookie.
//!
//! A node follows the log of changes ([`Changes`]) and reads again what the log names. So a change
//! by another request, another node or the command line shows everywhere within a second. A known
//! session needs no look at the database. While the database is unavailable, known values keep
//! counting for [`GRACE`]. Unknown values stay unknown.

mod apps;
mod cached_value;
mod changes;
mod client_keys;
mod client_uses;
mod current_user;
mod exports;
mod followed;
mod logo;
mod octets;
mod openings;
mod packed;
mod refused;
mod sessions;
mod settings;
mod signers;
mod troubles;
mod uses;

pub use apps::LiveApps;
pub use cached_value::{CircuitBreaker, GRACE};
pub use changes::Changes;
pub use client_keys::{KeptKeys, LiveClientKeys};
pub use client_uses::LiveClientUses;
pub use current_user::{CachedSession, CurrentUser, StoredUser};
pub use exports::Exports;
pub use logo::{ICON_PIXELS, LiveLogo, address_holding};
pub use openings::LiveOpenings;
pub use refused::LiveRefused;
pub use sessions::{Found, LiveSessions, Source};
pub use settings::LiveSettings;
pub use signers::{LiveSigners, Signers};
pub use troubles::LiveTroubles;
pub use uses::LiveUses;
