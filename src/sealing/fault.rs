//! Faults of the key file, and of sealed secrets.

use crate::domain::KeyId;
use std::{error::Error, fmt, io, path::PathBuf};

/// Reason why the key file cannot be used. Its sentence names the file and the remedy.
#[derive(Debug)]
pub enum FileFault {
    Missing(PathBuf),
    Unusable {
        file: PathBuf,
        /// "read" or "written".
        how: &'static str,
        source: io::Error,
    },
    Damaged {
        file: PathBuf,
        line: usize,
        what: &'static str,
    },
    /// The operator replaced it by the file of another installation while this one ran.
    Strange(PathBuf),
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(file) => write!(
                f,
                "The key file {} is not there. Put it back, from your backup or from another node.",
                file.display()
            ),
            Self::Unusable { file, how, source } => write!(
                f,
                "The key file {} cannot be {how} ({source}). Gatepost's user needs to own the file and its folder.",
                file.display()
            ),
            Self::Damaged { file, line, what } => write!(
                f,
                "The key file {} is damaged in line {line}: {what}. Put back the copy from your backup.",
                file.display()
            ),
            Self::Strange(file) => write!(
                f,
                "The key file {} was replaced by that of another installation. Put back the one that was there.",
                file.display()
            ),
        }
    }
}

impl Error for FileFault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unusable { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Reason why a secret was not sealed or not opened. It reveals nothing of the secret.
#[derive(Debug)]
pub enum SealFault {
    File(FileFault),
    /// The key file does not hold the key that sealed it.
    UnknownKey(KeyId),
    /// It was changed since, was sealed for another place, or was never sealed.
    NotGenuine,
    /// It is longer than the cipher takes.
    TooLong,
}

impl fmt::Display for SealFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(fault) => fault.fmt(f),
            Self::UnknownKey(id) => write!(f, "the key file does not hold the key {id}, by which this was sealed"),
            Self::NotGenuine => f.write_str("this is not as it was sealed, or was sealed for something else"),
            Self::TooLong => f.write_str("this is too long to be sealed"),
        }
    }
}

impl Error for SealFault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::File(fault) => fault.source(),
            _ => None,
        }
    }
}

impl From<FileFault> for SealFault {
    fn from(fault: FileFault) -> Self {
        Self::File(fault)
    }
}
