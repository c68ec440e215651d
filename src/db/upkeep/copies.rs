//! Files with a copy of an SQLite database, before they get their name.

use crate::db::{
    Error, Patience,
    engine::{
        connection::{escape_path, open_sqlite},
        role::Role,
        sqlite_file::beside,
    },
};
use diesel::{Connection as _, connection::SimpleConnection, sqlite::SqliteConnection};
use std::{
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::Path,
};
use tempfile::NamedTempFile;

/// Beginning and end of the name of a copy that is not whole.
const PREFIX: &str = ".gatepost-";
const SUFFIX: &str = ".partial";

/// Copies a database to a file that has no name yet, in the folder of `target`. Returns its size,
/// too. The file goes if it is not given a name.
pub(in crate::db) fn copy_beside(source: &Path, target: &Path) -> Result<(NamedTempFile, u64), Error> {
    let mut connection = open_sqlite(source, Role::Writer, Patience::OF_OPERATORS)?;
    let copy = private_file_beside(target)?;
    let name = copy.path().to_str().ok_or_else(|| Error::unavailable("the file's name is not UTF-8"))?;
    connection.batch_execute(&format!("VACUUM INTO '{}'", name.replace('\'', "''")))?;
    forget_run(copy.path())?;
    let file = File::open(copy.path()).and_then(|file| file.sync_all().map(|()| file)).map_err(Error::unavailable)?;
    let size = file.metadata().map_err(Error::unavailable)?.len();
    Ok((copy, size))
}

/// Opens a copy that only this process uses, without a log, so that it stays one file.
pub(in crate::db) fn open_alone(path: &Path) -> Result<SqliteConnection, Error> {
    let mut sqlite =
        SqliteConnection::establish(&format!("sqlite://{}?mode=rw", escape_path(path)?)).map_err(Error::unavailable)?;
    match sqlite.batch_execute("PRAGMA journal_mode = DELETE; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF") {
        // A file that is not a database; the checks of its content say so.
        Ok(()) | Err(diesel::result::Error::DatabaseError(..)) => Ok(sqlite),
        Err(error) => Err(error.into()),
    }
}

/// Removes the number of the run from a copy, so that a server notices when the copy replaces its
/// file.
fn forget_run(copy: &Path) -> Result<(), Error> {
    Ok(open_alone(copy)?.batch_execute("PRAGMA user_version = 0")?)
}

/// Makes a file without its final name, for its owner only. Deletes those that killed processes
/// have left, because each may be as large as the database.
pub(in crate::db) fn private_file_beside(path: &Path) -> Result<NamedTempFile, Error> {
    let folder = folder_of(path);
    loop {
        delete_leftovers(folder);
        let file = tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(folder);
        let file = file.map_err(|error| {
            Error::unavailable(format!("the folder {} cannot be written: {error}", folder.display()))
        })?;
        // It ends with this process. Without locks in the file system, no process takes a file for
        // a leftover.
        file.as_file().lock().ok();
        // Another process that looks for leftovers may have been quicker. It deletes what it has
        // locked.
        if file.as_file().metadata().map_err(Error::unavailable)?.nlink() > 0 {
            return Ok(file);
        }
    }
}

fn delete_leftovers(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_copy = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        let path = entry.path();
        // To open a pipe that someone gave such a name would wait without an end.
        if !is_copy || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let Ok(file) = File::open(&path) else { continue };
        // The lock is kept until the file has gone, so that no process begins to use it.
        if file.try_lock().is_ok() {
            // What cannot be deleted only takes room.
            fs::remove_file(&path).ok();
            fs::remove_file(beside(&path, "-journal")).ok();
        }
    }
}

pub(in crate::db) fn sync_folder_of(path: &Path) -> Result<(), Error> {
    File::open(folder_of(path)).and_then(|folder| folder.sync_all()).map_err(Error::unavailable)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::{RunQueryDsl, dsl::sql, sql_types::Integer};
    use std::thread;

    #[test]
    fn copies_that_begin_at_once_delete_none_of_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("copy.db");
        let is_lost = |_: &i32| !private_file_beside(&target).unwrap().path().exists();
        let lost: usize = thread::scope(|scope| {
            let all: Vec<_> = (0..4).map(|_| scope.spawn(|| (0..250).filter(is_lost).count())).collect();
            all.into_iter().map(|one| one.join().unwrap()).sum()
        });
        assert_eq!(lost, 0);
    }

    #[test]
    fn what_is_deleted_from_a_copy_is_overwritten_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy.db");
        fs::write(&path, "").unwrap();
        let mut copy = open_alone(&path).unwrap();
        for (name, expected) in [("secure_delete", 1), ("trusted_schema", 0), ("foreign_keys", 1)] {
            let value: i32 = sql::<Integer>(&format!("PRAGMA {name}")).get_result(&mut copy).unwrap();
            assert_eq!(value, expected, "{name}");
        }
    }
}
