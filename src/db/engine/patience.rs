//! Times for which Gatepost waits for its database. The operator sets the time within which a
//! visitor gets an answer. Every other limit follows from it, so that a slow disk needs one change
//! and not six.

use crate::domain::Lifetime;
use std::time::Duration;

/// The time within which a visitor gets an answer, even if the database hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience(Duration);

impl Default for Patience {
    fn default() -> Self {
        Self(Duration::from_secs(1))
    }
}

impl Patience {
    /// For commands that an operator waits for, beside a server that may be busy.
    pub const OF_OPERATORS: Self = Self(Duration::from_secs(60));

    pub fn of(answer_within: Lifetime) -> Self {
        Self(answer_within.to_std())
    }

    /// Returns how long a caller waits for its job, with the queue. The rest of the visitor's time
    /// is for the answer.
    pub fn of_visitors(self) -> Duration {
        self.0 * 9 / 10
    }

    /// Returns how long background work waits, because no visitor waits for it.
    pub fn at_leisure(self) -> Duration {
        self.0 * 5
    }

    /// Returns how long a statement may wait for another's lock. It is less than the visitor's
    /// time, so that the answer can say so.
    pub fn for_locks(self) -> Duration {
        self.0 / 2
    }

    /// Returns how long a statement may take on PostgreSQL. Its caller has left long before; this
    /// frees the connection.
    pub fn for_statements(self) -> Duration {
        self.0 * 5
    }

    /// Returns how long a transaction may rest on PostgreSQL between two statements.
    pub fn between_statements(self) -> Duration {
        self.0 * 10
    }

    /// Returns how long a worker may be busy before it counts as stuck. If the server is well, its
    /// own limit ends the statement before that.
    pub fn with_workers(self) -> Duration {
        self.0 * 6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_leaves_time_for_the_next_one() {
        for patience in [Patience::default(), Patience::of(Lifetime::seconds(7)), Patience::OF_OPERATORS] {
            assert!(patience.for_locks() < patience.of_visitors());
            assert!(patience.of_visitors() < patience.for_statements());
            assert!(patience.for_statements() < patience.with_workers());
        }
        assert_eq!(Patience::default().of_visitors(), Duration::from_millis(900));
    }
}
