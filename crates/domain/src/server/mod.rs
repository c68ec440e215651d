//! The server's surroundings: its clock, disk, names, version and calls to others.

pub mod clock_jump;
pub mod disk;
pub mod dns;
pub mod outbound;
pub mod upgrade;
