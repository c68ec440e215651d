//! Copies of an SQLite database, made before its schema changes. With one, the operator can go back
//! to the previous version.

use super::copies::{copy_beside, sync_folder_of};
use crate::db::{Error, engine::sqlite_file::beside};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Copies that are kept.
const KEPT: usize = 3;
const MARK: &str = ".before-upgrade-";

/// Copies a database beside itself and deletes older such copies. `newest` is the version of the
/// newest migration that is in it. Blocks.
pub(in crate::db) fn copy(database: &Path, newest: &str) -> Result<PathBuf, Error> {
    let database = database.canonicalize().map_err(Error::unavailable)?;
    let name = beside(&database, &format!("{MARK}{newest}"));
    let refused = |error: &dyn std::fmt::Display| {
        Error::unavailable(format!(
            "its schema has to change, and no copy of it could be made before at {}: {error}. Make room there. Or make a copy elsewhere by \
             `gatepost backup`, and then run `gatepost migrate --no-copy`",
            name.display()
        ))
    };
    let (copy, _) = copy_beside(&database, &name).map_err(|error| refused(&error))?;
    // An upgrade that was cut short left an older copy.
    copy.persist(&name).map_err(|error| refused(&error.error))?;
    sync_folder_of(&name)?;
    // The copy is there. What cannot be deleted only takes room.
    if let Err(error) = delete_older(&database, &name) {
        tracing::warn!(%error, "cannot delete older copies of the database from before upgrades");
    }
    Ok(name)
}

fn delete_older(database: &Path, newest: &Path) -> io::Result<()> {
    let folder = database.parent().unwrap_or(Path::new("."));
    let start = beside(database, MARK);
    let start = start.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut copies: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&start) && entry.path() != newest {
            copies.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    copies.sort();
    let extra = copies.len().saturating_sub(KEPT - 1);
    copies.into_iter().take(extra).try_for_each(|(_, copy)| fs::remove_file(copy))
}
