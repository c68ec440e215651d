//! The disk that holds an SQLite database.

use crate::{config::DatabaseUrl, domain::disk};

/// Returns whether the database is a file on this machine, which `gatepost backup` copies.
pub const fn is_here(url: &DatabaseUrl) -> bool {
    matches!(url, DatabaseUrl::Sqlite(_))
}

/// Returns how many percent of the disk are free for Gatepost, if they are few. `None` also if that
/// is not known, as for the disk of a PostgreSQL server. Blocks.
pub fn little_room(url: &DatabaseUrl) -> Option<u64> {
    let DatabaseUrl::Sqlite(file) = url else { return None };
    #[cfg(unix)]
    {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let room = rustix::fs::statvfs(folder.unwrap_or_else(|| std::path::Path::new("."))).ok()?;
        disk::little_room(room.f_bavail, room.f_blocks)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        None
    }
}
