//! The parts of a round of housekeeping, of which each may fail by itself.

use crate::db::Error;
use std::fmt;

/// Failures of the parts of a round.
#[derive(Default)]
pub(super) struct Steps(Vec<(&'static str, Error)>);

impl Steps {
    /// Returns what a part made, and keeps its failure.
    pub(super) fn note<T>(&mut self, name: &'static str, done: Result<T, Error>) -> Option<T> {
        done.map_err(|error| self.0.push((name, error))).ok()
    }

    pub(super) fn add(&mut self, done: Result<(), Unfinished>) {
        self.0.extend(done.err().into_iter().flat_map(|unfinished| unfinished.0));
    }

    pub(super) fn end(self) -> Result<(), Unfinished> {
        if self.0.is_empty() { Ok(()) } else { Err(Unfinished(self.0)) }
    }
}

/// The parts of a round that failed, and why.
#[derive(Debug)]
pub struct Unfinished(Vec<(&'static str, Error)>);

impl Unfinished {
    /// Returns the names of the parts, for a line in the log.
    pub fn names(&self) -> String {
        self.0.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Unfinished {
    /// Writes the first cause: an outage has the same one everywhere.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.first().map_or(Ok(()), |(_, error)| error.fmt(f))
    }
}
