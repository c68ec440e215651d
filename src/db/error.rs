//! What can go wrong with a database, as far as the rest of the program needs to tell apart.

use crate::domain::Lifetime;
use std::{error::Error as StdError, fmt, sync::Arc};

/// A fault of the database. Never "not found" (that is `Ok(None)`), and never "allowed".
///
/// Cheap to clone, because one failed commit is the answer to everyone who shared it.
#[derive(Clone, Debug)]
pub enum Error {
    /// It cannot be used at the moment: locked, full, read-only, gone, or too busy. Worth trying again; a visitor gets 503.
    Unavailable(Arc<dyn StdError + Send + Sync>),
    /// A uniqueness rule refused the row.
    Conflict(Arc<dyn StdError + Send + Sync>),
    /// The work would go over a limit; how long to wait. Nothing of it is kept.
    TooOften(Lifetime),
    /// Anything else: a defect of ours, or a row that cannot be read. A visitor gets 500.
    Fault(Arc<dyn StdError + Send + Sync>),
}

impl Error {
    pub fn unavailable(why: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(why.into()))
    }

    pub fn fault(why: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Fault(Arc::from(why.into()))
    }

    /// A stored value that this version cannot read.
    pub fn unreadable(what: &'static str) -> Self {
        Self::fault(format!("the stored {what} cannot be read"))
    }

    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(source) => write!(f, "the database is unavailable: {source}"),
            Self::Conflict(source) => write!(f, "the database refused a duplicate: {source}"),
            Self::TooOften(wait) => write!(f, "over a limit for another {}", wait.for_people()),
            Self::Fault(source) => write!(f, "database fault: {source}"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Unavailable(source) | Self::Conflict(source) | Self::Fault(source) => Some(&**source),
            Self::TooOften(_) => None,
        }
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error as Diesel};
        match &error {
            Diesel::DatabaseError(Kind::UniqueViolation, _) => Self::Conflict(Arc::new(error)),
            Diesel::DatabaseError(
                Kind::ClosedConnection | Kind::UnableToSendCommand | Kind::ReadOnlyTransaction,
                _,
            ) => Self::Unavailable(Arc::new(error)),
            Diesel::DatabaseError(Kind::SerializationFailure, _) => Self::Unavailable(Arc::new(error)),
            Diesel::DatabaseError(_, about) if super::dialect::is_passing(about.message()) => {
                Self::Unavailable(Arc::new(error))
            }
            Diesel::BrokenTransactionManager => Self::Unavailable(Arc::new(error)),
            _ => Self::Fault(Arc::new(error)),
        }
    }
}
