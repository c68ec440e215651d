//! The server itself: its installation, settings and logo, its runs, and what it seals.

pub mod disk;
pub mod heartbeat;
pub mod housekeeping_runs;
pub mod installation;
pub mod last_times;
pub mod logo;
pub mod sealed;
pub mod sealed_kinds;
pub mod settings;
pub mod starts;
