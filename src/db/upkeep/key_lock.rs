//! The lock of the key file beside an SQLite file.
//!
//! A start or a rotation reads the database and the key file, and changes both. Another one in
//! between could lose a key. A transaction could keep them apart, but would hold the one writer
//! while it waits for the disk. Every user would wait with it. PostgreSQL has other writers, so
//! that [`sealed::serialise`](crate::db::sealed::serialise) is enough there.

use crate::db::{Db, Error, Patience};
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
    /// The database's folder. A lock file could belong to a user that keeps the server out. But
    /// who can read the folder can hold the lock, too, and so delay a start.
    _folder: File,
}

impl KeyLock {
    /// Waits for the lock of this SQLite file. Blocks.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if another process keeps it for too long, or if the folder cannot be
    /// locked.
    pub fn wait(database: &Path) -> Result<Self, Error> {
        Ok(Self { _folder: lock_folder(database, Patience::OF_OPERATORS.for_locks())? })
    }
}

impl Db {
    /// Returns the file of a database with one writer: while one transaction waits, so do all.
    /// `None` on PostgreSQL.
    pub fn file_of_one_writer(&self) -> Option<&Path> {
        self.sqlite_path()
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
        let second = thread::spawn(move || KeyLock::wait(&file));
        drop(first);
        assert!(second.join().unwrap().is_ok());
    }
}
