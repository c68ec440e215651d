//! One piece of work for a connection, and its caller.

use super::{DbConnection, Error, process_log};
use crate::domain::AuditEntry;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};
use tokio::sync::oneshot;

/// Tells whether the caller of a job still waits. Either the caller leaves or the job is kept, so
/// that "unavailable" means that nothing was kept.
#[derive(Clone, Default)]
pub(in crate::db) struct Bond(Arc<AtomicU8>);

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
pub(in crate::db) struct Waiting(Bond);

impl Waiting {
    pub(in crate::db) fn bond(&self) -> Bond {
        self.0.clone()
    }

    /// Stops waiting. Returns `false` if the job is about to commit.
    pub(in crate::db) fn leave(&self) -> bool {
        self.0.leave()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// Work for a connection. It runs again if the connection is lost before the commit.
pub(in crate::db) trait Job: Send {
    /// Returns whether the caller has left.
    fn is_abandoned(&self) -> bool;
    fn run(&mut self, connection: &mut DbConnection) -> Result<(), Error>;
    /// Counts one more connection that was lost at its first use. Returns how many there were.
    fn count_loss(&mut self) -> u32;
    /// Tells the caller: the work's own result if `end` is fine, else the error.
    fn answer(self: Box<Self>, end: Result<(), Error>);
}

pub(in crate::db) type BoxedJob = Box<dyn Job>;

/// Result of a job, not yet committed.
pub(in crate::db) struct Done<T> {
    pub answer: T,
    /// Its lines of the audit log. The process's log repeats them after the commit.
    pub lines: Vec<AuditEntry>,
}

impl<T> Done<T> {
    pub(in crate::db) const fn without_lines(answer: T) -> Self {
        Self { answer, lines: Vec::new() }
    }

    pub(in crate::db) fn map<U>(self, change: impl FnOnce(T) -> U) -> Done<U> {
        Done { answer: change(self.answer), lines: self.lines }
    }
}

pub(in crate::db) struct Work<T, F> {
    work: F,
    done: Option<Done<T>>,
    bond: Bond,
    caller: oneshot::Sender<Result<T, Error>>,
    losses: u32,
}

impl<T, F> Work<T, F> {
    pub(in crate::db) const fn new(work: F, bond: Bond, caller: oneshot::Sender<Result<T, Error>>) -> Self {
        Self { work, done: None, bond, caller, losses: 0 }
    }
}

impl<T, F> Job for Work<T, F>
where
    T: Send,
    F: Fn(&mut DbConnection) -> Result<Done<T>, Error> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.bond.has_left()
    }

    fn run(&mut self, connection: &mut DbConnection) -> Result<(), Error> {
        // It may have waited behind others of its batch.
        if self.is_abandoned() {
            return Err(abandoned());
        }
        let done = catch_unwind(AssertUnwindSafe(|| (self.work)(connection)))
            .unwrap_or_else(|_| Err(Error::fault("a database job panicked")));
        self.done = Some(done?);
        // The patience may have ended while it worked.
        if self.bond.keep() { Ok(()) } else { Err(abandoned()) }
    }

    fn count_loss(&mut self) -> u32 {
        self.losses += 1;
        self.losses
    }

    fn answer(self: Box<Self>, end: Result<(), Error>) {
        let Self { done, caller, .. } = *self;
        let end = end.and_then(|()| done.ok_or_else(|| Error::fault("a database job did not run")));
        if let Ok(done) = &end {
            done.lines.iter().for_each(process_log::write);
        }
        // A caller that left does not matter to the next one.
        let _ = caller.send(end.map(|done| done.answer));
    }
}

fn abandoned() -> Error {
    Error::unavailable("its caller has left")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        AuditId, Timestamp,
        audit::{Action, Actor},
    };
    use diesel::{Connection, SqliteConnection};
    use std::{io, sync::Mutex};

    /// Log of one thread.
    #[derive(Clone, Default)]
    struct Logged(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Logged {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn line() -> AuditEntry {
        AuditEntry {
            id: AuditId::from_i64(1),
            at: Timestamp::from_millis(0),
            actor: Actor::Visitor,
            action: Action::SetUp,
            newer: None,
            subject: String::new(),
            before: None,
            after: None,
            client: None,
            browser: None,
            request_id: None,
        }
    }

    #[test]
    fn the_process_log_repeats_a_line_of_the_audit_log_once_it_is_committed() {
        let lines_after = |end: fn(Result<(), Error>) -> Result<(), Error>| {
            let logged = Logged::default();
            let writer = logged.clone();
            let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
            tracing::subscriber::with_default(subscriber, || {
                let waiting = Waiting::default();
                let work = |_: &mut DbConnection| Ok(Done { answer: (), lines: vec![line()] });
                let mut job = Box::new(Work::new(work, waiting.bond(), oneshot::channel().0));
                let mut connection = DbConnection::Sqlite(SqliteConnection::establish(":memory:").unwrap());
                // Twice, as after a lost connection.
                job.run(&mut connection).unwrap();
                let ran = job.run(&mut connection);
                assert!(logged.0.lock().unwrap().is_empty(), "not before the commit");
                job.answer(end(ran));
            });
            let text = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
            text.matches("set_up").count()
        };
        assert_eq!(lines_after(|ran| ran), 1);
        assert_eq!(lines_after(|_| Err(Error::unavailable("the commit failed"))), 0);
    }

    #[test]
    fn the_first_of_caller_and_worker_decides() {
        let caller = Waiting::default();
        let bond = caller.bond();
        assert!(caller.leave() && caller.leave() && !bond.keep() && bond.has_left());
        let caller = Waiting::default();
        let bond = caller.bond();
        assert!(bond.keep() && bond.keep() && !caller.leave() && !bond.has_left());
    }
}
