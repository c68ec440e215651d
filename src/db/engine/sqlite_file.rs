//! The SQLite file as the operating system sees it. Tells whether it and its log are still the ones
//! that were opened.
//!
//! SQLite keeps recent commits in a log beside the file (`-wal`) and finds both by their names. If
//! another file takes its place, SQLite writes the old log into it and destroys both. If the log is
//! deleted, answered writes are lost at the next crash. Therefore:
//!
//! - Each time a server begins to serve, it writes a new number. It is in the file's header
//!   (`PRAGMA user_version`) and in its lock file. The number tells a replaced file from the old
//!   one, even if it was copied over it.
//! - Before each write, and once a second, a writer compares file, number and log.
//! - A replaced file is never written and never opened. Its log is moved aside, and everything is
//!   "unavailable" until a restart.
//! - A deleted log is still open here. It is written into the file before the connections are
//!   opened again.

use super::Error;
use crate::config::DatabaseUrl;
use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// Place of `user_version` in the header of an SQLite file. The number is big-endian.
#[cfg(unix)]
const RUN_AT: u64 = 60;

/// Watches the file for all connections of a [`crate::db::Db`]. Watches nothing for PostgreSQL.
pub(in crate::db) struct FileWatch {
    path: Option<PathBuf>,
    main: OnceLock<Main>,
    is_replaced: AtomicBool,
    /// Counts the times that all connections had to be opened anew.
    generation: AtomicU64,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    open: usize,
    wal: Option<FileId>,
    shm: Option<FileId>,
    /// The number of the run that serves, once it does.
    run: Option<u32>,
}

/// The file that was opened first. Its handle stays open for as long as any connection, because
/// closing it frees SQLite's locks.
struct Main {
    id: FileId,
    handle: File,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

/// Result of a look at the file.
pub(in crate::db) enum Sight {
    Fine,
    /// The file is gone or replaced. The connection stays open, because the file may come back.
    Away(Error),
    /// The log is no longer where it was.
    LogLost,
    /// The connection is from before the log was lost.
    Stale,
}

/// One open connection's place in the watch.
pub(in crate::db) struct Ticket {
    watch: Arc<FileWatch>,
    generation: u64,
}

impl FileWatch {
    pub(in crate::db) fn new(url: &DatabaseUrl) -> Arc<Self> {
        let path = match url {
            DatabaseUrl::Sqlite(path) if cfg!(unix) => Some(path.canonicalize().unwrap_or_else(|_| path.clone())),
            _ => None,
        };
        Arc::new(Self {
            path,
            main: OnceLock::new(),
            is_replaced: AtomicBool::new(false),
            generation: AtomicU64::new(0),
            seen: Mutex::default(),
        })
    }

    /// Returns a ticket if a connection may be opened now, and counts it.
    pub(in crate::db) fn may_open(self: &Arc<Self>) -> Result<Ticket, Error> {
        let generation = self.generation.load(Ordering::SeqCst);
        let Some(path) = &self.path else { return Ok(Ticket { watch: Arc::clone(self), generation }) };
        if self.main.get().is_none() {
            let handle = File::open(path).map_err(|error| away(path, &error))?;
            let id = FileId::of_handle(&handle).map_err(|error| away(path, &error))?;
            let _ = self.main.set(Main { id, handle });
        }
        let mut seen = self.lock();
        if let Sight::Away(error) = self.look_at_main(path) {
            return Err(error);
        }
        if seen.open > 0 && seen.wal.is_none() && generation > 0 {
            return Err(Error::unavailable("the connections to a lost log are still being closed"));
        }
        seen.open += 1;
        Ok(Ticket { watch: Arc::clone(self), generation })
    }

    pub(in crate::db) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns the number in the header. It uses the handle that stays open, because closing
    /// another one would free SQLite's locks.
    pub(in crate::db) fn run_of_file(&self) -> Result<Option<u32>, Error> {
        self.main.get().map_or(Ok(None), |main| read_run(&main.handle)).map_err(Error::unavailable)
    }

    /// Expects this number in the header from now on.
    pub(in crate::db) fn expect_run(&self, run: u32) -> Result<(), Error> {
        if self.run_of_file()? != Some(run) {
            return Err(Error::unavailable("the file does not hold what was written to it"));
        }
        self.lock().run = Some(run);
        Ok(())
    }

    fn look_at_main(&self, path: &Path) -> Sight {
        if self.is_replaced.load(Ordering::SeqCst) {
            return Sight::Away(replaced(path));
        }
        match (FileId::of(path), self.main.get()) {
            (Err(error), _) => Sight::Away(away(path, &error)),
            (Ok(now), Some(main)) if now != main.id => Sight::Away(replaced(path)),
            _ => Sight::Fine,
        }
    }

    fn look(&self, generation: u64, closely: bool) -> Sight {
        let Some(path) = &self.path else { return Sight::Fine };
        let sight = self.look_at_main(path);
        if !matches!(sight, Sight::Fine) {
            if matches!(FileId::of(path), Ok(now) if self.main.get().is_some_and(|main| main.id != now)) {
                self.note_replaced(path);
            }
            return sight;
        }
        if self.generation.load(Ordering::SeqCst) != generation {
            return Sight::Stale;
        }
        if closely { self.look_closely(path) } else { Sight::Fine }
    }

    fn look_closely(&self, path: &Path) -> Sight {
        let seen = self.lock();
        let (run, wal, shm) = (seen.run, seen.wal, seen.shm);
        drop(seen);
        if let (Some(run), Some(main)) = (run, self.main.get()) {
            match read_run(&main.handle) {
                Ok(found) if found == Some(run) => {}
                Ok(_) => {
                    self.note_replaced(path);
                    return Sight::Away(replaced(path));
                }
                Err(error) => return Sight::Away(away(path, &error)),
            }
        }
        let is_there = |expected: Option<FileId>, end| {
            expected.is_none() || FileId::of(&beside(path, end)).is_ok_and(|now| Some(now) == expected)
        };
        if is_there(wal, "-wal") && is_there(shm, "-shm") { Sight::Fine } else { Sight::LogLost }
    }

    /// Logs it once, and keeps the old file's log from the new file.
    fn note_replaced(&self, path: &Path) {
        let seen = self.lock();
        if self.is_replaced.swap(true, Ordering::SeqCst) {
            return;
        }
        let aside = seen.wal.and_then(|wal| set_aside(path, "-wal", wal));
        let _ = seen.shm.and_then(|shm| set_aside(path, "-shm", shm));
        tracing::error!(
            file = %path.display(),
            log_set_aside = aside.map(|aside| aside.display().to_string()),
            "the database file was replaced under the running server, so nothing is read or written any more. To serve the file \
             that is there now, restart; to go back to a backup, stop the server and use `gatepost restore`"
        );
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Notes that the connection is open. From now on its log must stay where it is.
    pub(in crate::db) fn note_opened(&self) {
        let Some(path) = &self.watch.path else { return };
        let mut seen = self.watch.lock();
        if seen.wal.is_none() {
            seen.wal = FileId::of(&beside(path, "-wal")).ok();
            seen.shm = FileId::of(&beside(path, "-shm")).ok();
        }
    }

    /// Checks the file. With `closely`, it also checks its number and log.
    pub(in crate::db) fn look(&self, closely: bool) -> Sight {
        self.watch.look(self.generation, closely)
    }

    /// Returns why a fault came about, if the file was replaced. SQLite finds a replaced file
    /// damaged, or without its tables, up to a second before the watch notices it.
    pub(in crate::db) fn judge(&self, error: Error) -> Error {
        match (&error, self.watch.path()) {
            (Error::Fault(_), Some(path)) if self.is_of_another_file() => replaced(path),
            _ => error,
        }
    }

    pub(in crate::db) fn is_of_another_file(&self) -> bool {
        let _ = self.look(true);
        self.watch.is_replaced.load(Ordering::SeqCst)
    }

    /// Has all connections opened again, once the last one is closed.
    pub(in crate::db) fn end_generation(&self) {
        let mut seen = self.watch.lock();
        self.watch.generation.store(self.generation + 1, Ordering::SeqCst);
        (seen.wal, seen.shm) = (None, None);
        drop(seen);
        tracing::warn!(
            "the database's -wal or -shm file was deleted; its content is saved, and the database is opened again"
        );
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.watch.path.is_some() {
            let mut seen = self.watch.lock();
            seen.open = seen.open.saturating_sub(1);
        }
    }
}

/// Returns whether the log beside a file belongs to another file, the one that the last run served.
/// Call it before the file is opened for the first time. `lock_file` names the runs that the log
/// may be of.
pub(in crate::db) fn has_anothers_log(path: &Path, lock_file: &Path) -> bool {
    let has_log = fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0);
    if !has_log {
        return false;
    }
    let runs: Vec<u32> = fs::read_to_string(lock_file)
        .unwrap_or_default()
        .split_whitespace()
        .filter_map(|run| run.parse().ok())
        .collect();
    let found = File::open(path).and_then(|file| read_run(&file)).ok().flatten();
    !runs.is_empty() && !found.is_some_and(|run| runs.contains(&run))
}

/// Returns the number of the run that last served a file. `None` if the file is too short to hold
/// one.
#[cfg(unix)]
pub(in crate::db) fn read_run(file: &File) -> io::Result<Option<u32>> {
    let mut bytes = [0; 4];
    match std::os::unix::fs::FileExt::read_exact_at(file, &mut bytes, RUN_AT) {
        Ok(()) => Ok(Some(u32::from_be_bytes(bytes))),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
pub fn read_run(_: &File) -> io::Result<Option<u32>> {
    Ok(None)
}

/// Returns the path of a file that SQLite or we put beside a database.
pub(in crate::db) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    name.into()
}

/// Renames a file beside the database, if it is the expected one. Returns its new name.
fn set_aside(path: &Path, end: &str, meant: FileId) -> Option<PathBuf> {
    let from = beside(path, end);
    if FileId::of(&from).ok() != Some(meant) {
        return None;
    }
    let to = free_name(&beside(path, &format!("{end}.replaced")));
    fs::rename(&from, &to).ok().map(|()| to)
}

/// Returns an unused name: the wanted one, or the same with a number.
pub(in crate::db) fn free_name(wanted: &Path) -> PathBuf {
    let numbered = (2..1000).map(|n| beside(wanted, &format!(".{n}")));
    std::iter::once(wanted.to_owned())
        .chain(numbered)
        .find(|name| fs::symlink_metadata(name).is_err())
        .unwrap_or_else(|| wanted.to_owned())
}

fn away(path: &Path, error: &io::Error) -> Error {
    Error::unavailable(format!("the file {} cannot be used: {error}", path.display()))
}

fn replaced(path: &Path) -> Error {
    Error::unavailable(format!("the file {} was replaced; restart the server to use the new one", path.display()))
}

impl FileId {
    fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|meta| Self::from_metadata(&meta))
    }

    fn of_handle(file: &File) -> io::Result<Self> {
        file.metadata().map(|meta| Self::from_metadata(&meta))
    }

    #[cfg(unix)]
    fn from_metadata(meta: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self { device: meta.dev(), inode: meta.ino() }
    }

    #[cfg(not(unix))]
    fn from_metadata(_: &fs::Metadata) -> Self {
        Self { device: 0, inode: 0 }
    }
}
