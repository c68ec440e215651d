//! One piece of work for a connection, and its caller.

use super::{DbConnection, Error, noted};
use crate::domain::AuditEntry;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};
use tokio::sync::oneshot;

/// Whether the caller of a job still waits. Either the caller leaves or the job is kept, so that
/// "unavailable" means that nothing was kept.
#[derive(Clone, Default)]
pub struct Bond(Arc<AtomicU8>);

impl Bond {
    const WAITS: u8 = 0;
    const KEPT: u8 = 1;
    const LEFT: u8 = 2;

    /// Marks the job as done and about to commit. Returns `false` if its caller has left.
    fn keep(&self) -> bool {
        self.turn_to(Self::KEPT)
    }

    /// Stops the caller from waiting. Returns `false` if its job is about to commit.
    fn leave(&self) -> bool {
        self.turn_to(Self::LEFT)
    }

    fn has_left(&self) -> bool {
        self.0.load(Ordering::Acquire) == Self::LEFT
    }

    fn turn_to(&self, state: u8) -> bool {
        match self.0.compare_exchange(Self::WAITS, state, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => true,
            // A job that runs again was kept before.
            Err(now) => now == state,
        }
    }
}

/// A caller that waits, until this is dropped.
#[derive(Default)]
pub struct Waiting(Bond);

impl Waiting {
    pub fn bond(&self) -> Bond {
        self.0.clone()
    }

    /// Stops waiting. Returns `false` if the job is about to commit.
    pub fn leave(&self) -> bool {
        self.0.leave()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// Work for a connection. It runs again if the connection is lost before the commit.
pub trait Job: Send {
    /// Returns whether the caller has left.
    fn is_abandoned(&self) -> bool;
    fn run(&mut self, connection: &mut DbConnection) -> Result<(), Error>;
    /// Counts one more connection that was lost at its first use. Returns how many there were.
    fn count_loss(&mut self) -> u32;
    /// Tells the caller: the work's own result if `end` is fine, else the error.
    fn answer(self: Box<Self>, end: Result<(), Error>);
}

pub type BoxedJob = Box<dyn Job>;

pub struct Work<T, F> {
    work: F,
    result: Option<T>,
    bond: Bond,
    /// Lines for the log, once it is committed.
    noted: Vec<AuditEntry>,
    caller: oneshot::Sender<Result<T, Error>>,
    losses: u32,
}

impl<T, F> Work<T, F> {
    pub const fn new(work: F, bond: Bond, caller: oneshot::Sender<Result<T, Error>>) -> Self {
        Self { work, result: None, bond, noted: Vec::new(), caller, losses: 0 }
    }
}

impl<T, F> Job for Work<T, F>
where
    T: Send,
    F: Fn(&mut DbConnection) -> Result<T, Error> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.bond.has_left()
    }

    fn run(&mut self, connection: &mut DbConnection) -> Result<(), Error> {
        // It may have waited behind others of its batch.
        if self.is_abandoned() {
            return Err(abandoned());
        }
        // Notes of an earlier, failed job are not part of this one.
        noted::take();
        let result = catch_unwind(AssertUnwindSafe(|| (self.work)(connection)))
            .unwrap_or_else(|_| Err(Error::fault("a database job panicked")));
        self.result = Some(result?);
        self.noted = noted::take();
        // The patience may have ended while it worked.
        if self.bond.keep() { Ok(()) } else { Err(abandoned()) }
    }

    fn count_loss(&mut self) -> u32 {
        self.losses += 1;
        self.losses
    }

    fn answer(self: Box<Self>, end: Result<(), Error>) {
        let Self { result, noted, caller, .. } = *self;
        if end.is_ok() {
            noted.iter().for_each(noted::log);
        }
        // A caller that left does not matter to the next one.
        let _ = caller.send(end.and_then(|()| result.ok_or_else(|| Error::fault("a database job did not run"))));
    }
}

fn abandoned() -> Error {
    Error::unavailable("its caller has left")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_caller_and_clerk_decides() {
        let caller = Waiting::default();
        let bond = caller.bond();
        assert!(caller.leave() && caller.leave() && !bond.keep() && bond.has_left());
        let caller = Waiting::default();
        let bond = caller.bond();
        assert!(bond.keep() && bond.keep() && !caller.leave() && !bond.has_left());
    }
}
