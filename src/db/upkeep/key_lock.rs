//! The lock of the key file beside an SQLite file.
//!
//! A start or a rotation reads the database and the key file, and changes both. Another one in
//! between could lose a key. A transaction could keep them apart, but would hold the one writer
//! while it waits for the disk. Every user would wait with it. PostgreSQL has other writers, so
//! that [`sealed::serialise`](crate::db::sealed::serialise) is enough there.

use crate::{
    config::DatabaseUrl,
    db::{Db, Error, Patience},
};
use std::{
    fs::{File, TryLockError},
    path::Path,
    thread,
    time::Duration,
};

/// Pause between two tries to lock the folder.
const PAUSE: Duration = Duration::from_millis(10);

/// The lock, until this is dropped. It also ends with the process, in any way.
pub struct KeyLock {
    /// The database's folder. A lock file could belong to a user that keeps the server out.
    _folder: Option<File>,
}

impl KeyLock {
    /// Waits for the lock. Blocks.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if another process keeps it for too long, or if the folder cannot be
    /// locked.
    pub fn wait(url: &DatabaseUrl) -> Result<Self, Error> {
        let DatabaseUrl::Sqlite(database) = url else { return Ok(Self { _folder: None }) };
        let folder = lock_folder(database, Patience::OF_OPERATORS.for_locks())?;
        Ok(Self { _folder: Some(folder) })
    }
}

impl Db {
    /// Returns whether a transaction that waits makes every other writer wait with it.
    pub fn has_one_writer(&self) -> bool {
        self.sqlite_path().is_some()
    }
}

/// Locks the folder that the path leads to. Two names of one database then have one lock.
fn lock_folder(database: &Path, patience: Duration) -> Result<File, Error> {
    let database = database.canonicalize().map_err(Error::unavailable)?;
    let path = database.parent().unwrap_or(&database);
    let cannot = |error| Error::unavailable(format!("the folder {} cannot be locked: {error}", path.display()));
    let folder = File::open(path).map_err(cannot)?;
    let mut waited = Duration::ZERO;
    loop {
        match folder.try_lock() {
            Ok(()) => return Ok(folder),
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
            Err(TryLockError::WouldBlock) if waited >= patience => {
                return Err(Error::unavailable("another Gatepost is at work on the key file; try again"));
            }
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
        }
        waited += PAUSE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_waits_for_the_other_and_gives_up_in_time() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("gatepost.db");
        File::create(&file).unwrap();
        let first = lock_folder(&file, Duration::ZERO).unwrap();
        let refused = lock_folder(&file, Duration::ZERO).unwrap_err();
        assert!(refused.to_string().contains("at work on the key file"), "{refused}");
        let second = thread::spawn(move || KeyLock::wait(&DatabaseUrl::Sqlite(file)));
        drop(first);
        assert!(second.join().unwrap().is_ok());
    }
}
