//! The disk that holds an SQLite database.

use crate::config::DatabaseUrl;

/// Returns whether the database is a file on this machine, which `gatepost backup` copies.
pub const fn is_here(url: &DatabaseUrl) -> bool {
    matches!(url, DatabaseUrl::Sqlite(_))
}

/// Returns how many percent of the disk are free for Gatepost. `None` if that is not known, as for
/// the disk of a PostgreSQL server. Blocks.
pub fn free_percent(url: &DatabaseUrl) -> Option<u64> {
    let DatabaseUrl::Sqlite(file) = url else { return None };
    #[cfg(unix)]
    {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let disk = rustix::fs::statvfs(folder.unwrap_or_else(|| std::path::Path::new("."))).ok()?;
        disk.f_bavail.saturating_mul(100).checked_div(disk.f_blocks)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        None
    }
}
