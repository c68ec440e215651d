//! The lock of the process that serves an SQLite file. Two servers on one file would send each
//! email twice. A restore beside a server would destroy what it restores.
//!
//! It is a separate file. SQLite loses its locks on a database when its process closes any other
//! handle of that file. The operating system frees the lock when the process ends in any way. The
//! file stays and means nothing by itself.

use crate::{
    config::DatabaseUrl,
    db::{
        Db, DbConnection, Error,
        engine::{dialect, role::Role, sqlite_file},
    },
};
use diesel::connection::SimpleConnection;
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Seek, Write},
    path::{Path, PathBuf},
};

/// The lock, until this is dropped.
#[derive(Debug)]
pub struct ServingLock {
    /// `None` for PostgreSQL, which many nodes may serve.
    file: Option<File>,
}

impl ServingLock {
    /// Takes the lock. Returns `None` if another process holds it. Blocks, though never for the
    /// lock.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the lock file cannot be made.
    pub fn take(url: &DatabaseUrl) -> Result<Option<Self>, Error> {
        let DatabaseUrl::Sqlite(database) = url else { return Ok(Some(Self { file: None })) };
        let path = path_of(database);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let cannot = |error| Error::unavailable(format!("{} cannot be used: {error}", path.display()));
        let file = options.open(&path).map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file: Some(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(cannot(error)),
        }
    }

    /// Marks the file with the number of this run, so that a replaced file is noticed; see
    /// [`sqlite_file`]. Blocks.
    pub fn mark_run(&self, db: &Db, run: u32) -> Result<(), Error> {
        let (Some(file), Some(path)) = (&self.file, db.sqlite_path()) else { return Ok(()) };
        let before = db.run_of_file()?;
        // Both numbers until the mark is made: a crash in between must not make the log look like
        // another file's.
        note(file, &format!("{} {run}", before.unwrap_or_default()))?;
        let mut connection = DbConnection::open(&DatabaseUrl::Sqlite(path.to_owned()), Role::Writer, false)?;
        connection.batch_execute(&format!("PRAGMA user_version = {}", run.cast_signed()))?;
        dialect::save_log(&mut connection)?;
        db.expect_run(run)?;
        note(file, &run.to_string())
    }

    /// Forgets which run last served the file, because another file is about to replace it.
    pub fn forget_run(&self) -> Result<(), Error> {
        self.file.as_ref().map_or(Ok(()), |file| note(file, ""))
    }
}

fn note(mut file: &File, text: &str) -> Result<(), Error> {
    let noted = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(text.as_bytes()))
        .and_then(|()| file.sync_all());
    noted.map_err(Error::unavailable)
}

/// Refuses a file with the log of another one beside it; see [`sqlite_file`]. Call it before the
/// file is opened.
pub(in crate::db) fn refuse_anothers_log(url: &DatabaseUrl) -> Result<(), Error> {
    let DatabaseUrl::Sqlite(path) = url else { return Ok(()) };
    let path = path.canonicalize().unwrap_or_else(|_| path.clone());
    if !sqlite_file::has_anothers_log(&path, &path_of(&path)) {
        return Ok(());
    }
    Err(Error::unavailable(format!(
        "{0} was put in place of another file, whose log {0}-wal is still there and would destroy it. If the file is a backup, move {0}-wal \
         away, or use `gatepost restore`. If both belong together, remove {0}-lock",
        path.display()
    )))
}

/// Returns the path beside the file that the path leads to. Two names of one database then have one
/// lock.
fn path_of(database: &Path) -> PathBuf {
    let mut name = database.canonicalize().unwrap_or_else(|_| database.to_owned()).into_os_string();
    name.push("-lock");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Patience, accounts, migrations};
    use std::fs;

    /// As `cp` does it, while it is still at work or with the file of an earlier version.
    #[rocket::async_test]
    async fn a_file_that_was_copied_over_is_unavailable_and_no_fault_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gatepost.db");
        let url = DatabaseUrl::Sqlite(file.clone());
        migrations::run(&url).unwrap();
        let lock = ServingLock::take(&url).unwrap().unwrap();
        let db = Db::open_with(&url, 2, Patience::OF_OPERATORS).unwrap();
        lock.mark_run(&db, 7).unwrap();
        db.read(|_| Ok(())).await.unwrap();
        let bytes = fs::read(&file).unwrap();
        let mut copy = OpenOptions::new().write(true).open(&file).unwrap();
        copy.write_all(&[&bytes[..60], &vec![0; bytes.len() - 60]].concat()).unwrap();
        let found = db.read(accounts::count).await;
        assert!(matches!(found, Err(Error::Unavailable(_))), "{found:?}");
    }

    #[test]
    fn of_two_on_one_file_the_second_gets_no_lock_until_the_first_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let (file, other_name) = (folder.path().join("gatepost.db"), folder.path().join("link.db"));
        File::create(&file).unwrap();
        let first = ServingLock::take(&DatabaseUrl::Sqlite(file.clone())).unwrap().unwrap();
        assert!(ServingLock::take(&DatabaseUrl::Sqlite(file.clone())).unwrap().is_none());
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&file, &other_name).unwrap();
            assert!(ServingLock::take(&DatabaseUrl::Sqlite(other_name)).unwrap().is_none());
        }
        drop(first);
        assert!(ServingLock::take(&DatabaseUrl::Sqlite(file)).unwrap().is_some());
    }

    #[test]
    fn many_nodes_may_serve_one_postgresql() {
        let url = DatabaseUrl::Postgres("postgres://db/gatepost".into());
        let held: Vec<_> = (0..3).map(|_| ServingLock::take(&url).unwrap().unwrap()).collect();
        assert_eq!(held.len(), 3);
    }
}
