//! The key file on the disk. Only its owner can read it, and it is whole at every moment, even in a
//! crash.

use super::{FileFault, key::Keys, text};
use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// Larger than any key file. A path that names a disk or a log by mistake must not fill the memory.
const MAX: u64 = 64 * 1024;

#[derive(Debug)]
pub(super) struct KeyFile {
    /// Absolute, because operators in another folder read it.
    path: PathBuf,
}

impl KeyFile {
    pub(super) fn at(path: &Path) -> Self {
        Self { path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn read(&self) -> Result<Keys, FileFault> {
        let mut text = String::new();
        let file = File::open(&self.path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => FileFault::Missing(self.path.clone()),
            _ => self.unusable("read", error),
        })?;
        match file.take(MAX).read_to_string(&mut text) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                return Err(self.damaged((1, "it is not text")));
            }
            Err(error) => return Err(self.unusable("read", error)),
        }
        text::read(&text).map_err(|fault| self.damaged(fault))
    }

    /// Makes the file unless it exists.
    pub(super) fn make(&self, keys: &Keys) -> Result<(), FileFault> {
        let made = || {
            let folder = folder_of(&self.path);
            let file = written(&self.path, keys)?;
            match file.persist_noclobber(&self.path) {
                Ok(_) => sync_folder(folder),
                Err(refused) if refused.error.kind() == ErrorKind::AlreadyExists => Ok(()),
                Err(refused) => Err(refused.error),
            }
        };
        made().map_err(|error| self.unusable("written", error))
    }

    /// Replaces the file. Owner and mode stay the same. A command run by root therefore does not
    /// take the file away from the service. The caller prevents a second change at the same time.
    pub(super) fn replace(&self, keys: &Keys) -> Result<(), FileFault> {
        let replaced = || {
            // Follows a link, so that the file itself is replaced.
            let path = fs::canonicalize(&self.path)?;
            let folder = folder_of(&path);
            remove_leftovers(folder, &beginning(&path))?;
            let file = written(&path, keys)?;
            take_after(&path, file.as_file())?;
            file.persist(&path).map_err(|refused| refused.error)?;
            sync_folder(folder)
        };
        replaced().map_err(|error| self.unusable("written", error))
    }

    /// Returns whether other users of the machine may read or write it.
    pub(super) fn is_open_to_others(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            fs::metadata(&self.path).is_ok_and(|about| about.mode() & 0o077 != 0)
        }
        #[cfg(not(unix))]
        false
    }

    /// Checks that a file can be made in its folder. Leaves nothing there.
    pub(super) fn could_be_made(&self) -> Result<(), FileFault> {
        tempfile::tempfile_in(folder_of(&self.path)).map(drop).map_err(|error| self.unusable("written", error))
    }

    fn unusable(&self, how: &'static str, source: io::Error) -> FileFault {
        FileFault::Unusable { file: self.path.clone(), how, source }
    }

    fn damaged(&self, (line, what): text::LineFault) -> FileFault {
        FileFault::Damaged { file: self.path.clone(), line, what }
    }
}

/// A file under a temporary name, on the disk before it gets the right one. Its mode is 0600.
fn written(path: &Path, keys: &Keys) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(&beginning(path)).tempfile_in(folder_of(path))?;
    file.write_all(text::write(keys).as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Beginning of the temporary names.
fn beginning(path: &Path) -> OsString {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push("-");
    name
}

/// Deletes temporary files of killed runs. They may hold keys that the operator has replaced.
fn remove_leftovers(folder: &Path, beginning: &OsStr) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(beginning.as_encoded_bytes()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes the folder to the disk, because a new name in it is durable only then.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn take_after(old: &Path, new: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let (was, is) = (fs::metadata(old)?, new.metadata()?);
    if (was.uid(), was.gid()) != (is.uid(), is.gid()) {
        fchown(new, Some(was.uid()), Some(was.gid()))?;
    }
    new.set_permissions(fs::Permissions::from_mode(was.mode() & 0o777))
}

#[cfg(not(unix))]
fn take_after(_: &Path, _: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        entropy::SystemEntropy,
        sealing::key::{Role, Secret},
    };
    #[cfg(unix)]
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn fresh() -> (tempfile::TempDir, KeyFile, Keys) {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::at(&folder.path().join("gatepost.key"));
        (folder, file, Keys::make(&SystemEntropy))
    }

    fn rotated(keys: &Keys) -> Keys {
        keys.clone().with(Secret::make(&SystemEntropy, Role::Sealing))
    }

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn it_is_made_once_and_never_over_another() {
        let (folder, file, keys) = fresh();
        assert!(matches!(file.read(), Err(FileFault::Missing(_))));
        file.make(&keys).unwrap();
        file.make(&Keys::make(&SystemEntropy)).unwrap();
        assert_eq!(file.read().unwrap().ids(), keys.ids());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "and nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn it_is_for_its_owner_alone_and_stays_as_the_operator_made_it() {
        let (folder, file, keys) = fresh();
        file.make(&keys).unwrap();
        assert_eq!(mode(file.path()), 0o600);
        assert!(!file.is_open_to_others());
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o640)).unwrap();
        assert!(file.is_open_to_others());
        let keys = rotated(&keys);
        file.replace(&keys).unwrap();
        assert_eq!((mode(file.path()), file.read().unwrap().ids()), (0o640, keys.ids()));
        // Through a link, which stays one.
        let link = folder.path().join("link");
        symlink(file.path(), &link).unwrap();
        let keys = rotated(&keys);
        KeyFile::at(&link).replace(&keys).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(file.read().unwrap().ids(), keys.ids());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_any_other_user_can_read_or_write_is_open_to_others() {
        let (_folder, file, keys) = fresh();
        file.make(&keys).unwrap();
        for mode in [0o604, 0o602, 0o620, 0o640] {
            fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert!(file.is_open_to_others(), "{mode:o}");
        }
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(!file.is_open_to_others());
    }

    #[test]
    fn what_a_killed_run_left_is_gone_after_the_next() {
        let (folder, file, keys) = fresh();
        file.make(&keys).unwrap();
        let (left, stranger) = (folder.path().join(".gatepost.key-AbCdEf"), folder.path().join(".other.key-AbCdEf"));
        [&left, &stranger].into_iter().for_each(|path| fs::write(path, "x").unwrap());
        file.replace(&rotated(&keys)).unwrap();
        assert!(!left.exists() && stranger.exists());
    }

    #[test]
    fn a_file_that_is_no_key_file_is_named_with_what_is_wrong() {
        let (folder, file, _) = fresh();
        let path = file.path().display().to_string();
        for (contents, what) in [
            (&b"\xff\xfe"[..], "it is not text"),
            (b"SQLite format 3", "this is not a Gatepost key file"),
            (b"", "nothing is in it"),
        ] {
            fs::write(file.path(), contents).unwrap();
            let fault = file.read().unwrap_err().to_string();
            assert!(fault.contains(&path) && fault.contains("line 1") && fault.contains(what), "{fault}");
            assert!(fault.contains("from your backup"), "{fault}");
        }
        let fault = KeyFile::at(folder.path()).read().unwrap_err().to_string();
        assert!(fault.contains("cannot be read") && fault.contains("needs to own"), "{fault}");
        let nowhere = KeyFile::at(&folder.path().join("no/such/folder"));
        assert!(nowhere.make(&Keys::make(&SystemEntropy)).unwrap_err().to_string().contains("cannot be written"));
        assert!(nowhere.could_be_made().is_err() && file.could_be_made().is_ok());
    }
}
