//! Database errors, as far as the rest of the program needs to tell them apart.

use crate::domain::Lifetime;
use diesel::result::{DatabaseErrorKind as Kind, Error as Diesel};
use std::{error::Error as StdError, fmt, sync::Arc};

/// A fault of the database. Never "not found" (that is `Ok(None)`), and never "allowed".
///
/// Cheap to clone, because one failed commit is the answer to all that shared it.
#[derive(Clone, Debug)]
pub enum Error {
    /// The database cannot be used at the moment: locked, full, read-only, gone, or too busy. Worth
    /// trying again. A visitor gets 503.
    Unavailable(Arc<dyn StdError + Send + Sync>),
    /// A uniqueness rule refused the row.
    Conflict(Arc<dyn StdError + Send + Sync>),
    /// The work would exceed a limit. How long to wait. The transaction is undone.
    TooOften(Lifetime),
    /// Anything else: a defect of ours, or an unreadable row. A visitor gets 500.
    Fault(Arc<dyn StdError + Send + Sync>),
}

impl Error {
    pub fn unavailable(why: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(why.into()))
    }

    pub fn fault(why: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Fault(Arc::from(why.into()))
    }

    /// One party's jobs wait for too long. That says nothing about the database.
    pub(in crate::db) fn busy(why: &'static str) -> Self {
        Self::Unavailable(Arc::new(Busy(why)))
    }

    /// Returns whether the database may well answer others: the party that asked has many jobs.
    pub fn is_busy(&self) -> bool {
        self.cause().is_some_and(|source| source.is::<Busy>())
    }

    /// Returns the error for a stored value that this version cannot read.
    pub fn unreadable(what: &'static str) -> Self {
        Self::fault(Unreadable(what))
    }

    /// Returns whether a stored value cannot be read. Another try finds it as it is.
    pub fn is_unreadable(&self) -> bool {
        self.cause().is_some_and(|source| source.is::<Unreadable>())
            || matches!(self.diesel(), Some(Diesel::DeserializationError(_)))
    }

    /// Returns what the database itself said, if it was the database.
    pub(in crate::db) fn message_of_database(&self) -> Option<&str> {
        match self.diesel()? {
            Diesel::DatabaseError(_, about) => Some(about.message()),
            _ => None,
        }
    }

    /// Two transactions crossed, as this one found by itself: the whole write runs again at once.
    pub(in crate::db) fn crossing() -> Self {
        Self::Unavailable(Arc::new(Crossing))
    }

    /// Returns whether two transactions crossed, as far as the kind of error tells.
    pub(in crate::db) fn is_crossing_by_kind(&self) -> bool {
        self.cause().is_some_and(|source| source.is::<Unnamed>() || source.is::<Crossing>())
            || matches!(self.diesel(), Some(Diesel::DatabaseError(Kind::SerializationFailure, _)))
    }

    /// Judges the same error of a PostgreSQL server in an unknown language.
    ///
    /// Our own defects have a place in the statement, or name a table, a column or a rule. Passing
    /// trouble (locks, deadlocks, time limits, space) has none of these. Only a lock on a whole
    /// table may have a place; the time spent waiting reveals it.
    pub(in crate::db) fn judged_by_shape(self, has_waited: bool) -> Self {
        match &self {
            Self::Fault(source)
                if let Some(Diesel::DatabaseError(Kind::Unknown, about)) = source.downcast_ref::<Diesel>()
                    && (has_waited || about.statement_position().is_none())
                    && about.table_name().or(about.column_name()).or(about.constraint_name()).is_none() =>
            {
                Self::Unavailable(Arc::new(Unnamed(Arc::clone(source))))
            }
            _ => self,
        }
    }

    fn diesel(&self) -> Option<&Diesel> {
        self.cause()?.downcast_ref::<Diesel>()
    }

    fn cause(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        match self {
            Self::Unavailable(source) | Self::Conflict(source) | Self::Fault(source) => Some(&**source),
            Self::TooOften(_) => None,
        }
    }

    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, source) = match self {
            Self::Unavailable(source) => ("the database is unavailable", source),
            Self::Conflict(source) => ("the database refused a duplicate", source),
            Self::Fault(source) => ("database fault", source),
            Self::TooOften(wait) => return write!(f, "over a limit for another {}", wait.for_people()),
        };
        // libpq explains itself in several lines. A log line is one.
        write!(f, "{what}: {}", source.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
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

impl Error {
    /// Returns whether another connection holds the lock. That is not this connection's fault, so
    /// that it needs no closer check.
    pub(in crate::db) fn is_lock(&self) -> bool {
        self.message_of_database()
            .is_some_and(|text| text.contains("database is locked") || text.contains("due to lock timeout"))
    }

    /// Returns whether to run the whole write again at once, on PostgreSQL: two transactions
    /// crossed, and this one lost. In an unknown language, every error that may pass could be one.
    pub(in crate::db) fn is_crossing(&self) -> bool {
        self.is_crossing_by_kind() || self.message_of_database().is_some_and(|text| text.contains("deadlock detected"))
    }
}

/// Returns whether a message is about trouble that passes, alone or by the operator's hand: locks,
/// space, a stopped server.
///
/// SQLite's texts are constants of its C code; PostgreSQL's are those of an untranslated server.
/// Diesel knows some of PostgreSQL's error codes by kind and passes on no others.
fn is_passing(message: &str) -> bool {
    const PASSING: [&str; 21] = [
        // SQLite
        "database is locked",
        "database table is locked",
        "database or disk is full",
        "disk I/O error",
        "attempt to write a readonly database",
        "unable to open database file",
        "locking protocol",
        "file is not a database",
        "no such savepoint",
        // PostgreSQL
        "deadlock detected",
        "canceling statement due to",
        "could not extend file",
        "No space left on device",
        "could not write to file",
        "terminating connection",
        "server closed the connection",
        "the database system is",
        "too many clients",
        "remaining connection slots",
        "could not receive data",
        "no connection to the server",
    ];
    PASSING.iter().any(|text| message.contains(text))
}

/// A stored value that this version cannot read.
#[derive(Debug)]
struct Unreadable(&'static str);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the stored {} cannot be read", self.0)
    }
}

impl StdError for Unreadable {}

/// Crossing of two transactions: one needs what the other holds, and holds something itself.
#[derive(Debug)]
struct Crossing;

impl fmt::Display for Crossing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("two transactions crossed")
    }
}

impl StdError for Crossing {}

/// One party's jobs had to wait for too long.
#[derive(Debug)]
struct Busy(&'static str);

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl StdError for Busy {}

/// An error of PostgreSQL that was recognised by its shape alone.
#[derive(Debug)]
struct Unnamed(Arc<dyn StdError + Send + Sync>);

impl fmt::Display for Unnamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Unnamed {}

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        match &error {
            Diesel::DatabaseError(Kind::UniqueViolation, _) => Self::Conflict(Arc::new(error)),
            Diesel::DatabaseError(
                Kind::ClosedConnection | Kind::UnableToSendCommand | Kind::ReadOnlyTransaction,
                _,
            ) => Self::Unavailable(Arc::new(error)),
            Diesel::DatabaseError(Kind::SerializationFailure, _) => Self::Unavailable(Arc::new(error)),
            Diesel::DatabaseError(_, about) if is_passing(about.message()) => Self::Unavailable(Arc::new(error)),
            Diesel::BrokenTransactionManager => Self::Unavailable(Arc::new(error)),
            _ => Self::Fault(Arc::new(error)),
        }
    }
}
