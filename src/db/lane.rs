//! Lanes: a few threads, each with a connection of its own, taking jobs from one bounded queue. Each party waits in a line of its own and
//! the threads serve the parties in turn, so that one account or client cannot fill the queue for the others.
//!
//! This keeps blocking database calls off the threads that serve requests, and it is where writes are committed together:
//! a writing thread takes everything that waits, runs each job in a savepoint of its own inside one transaction,
//! commits once, and only then answers each. On SQLite, where a commit is an fsync, that shares one fsync among everyone who
//! waits; a job that fails fails alone.
//!
//! A lane heals by itself. A connection that is lost, or an SQLite file that is no longer the one that was opened, is opened
//! anew for the next job; whoever is asking meanwhile gets [`Error::Unavailable`] within [`PATIENCE`].

use super::{DbConnection, Error, connection::Role, dialect, noted};
use crate::{
    config::DatabaseUrl,
    domain::{
        AuditEntry,
        turns::{Party, Turns},
    },
};
use diesel::connection::SimpleConnection;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, Ordering},
        mpsc::{self, Receiver},
    },
    thread,
    time::Duration,
};
use tokio::sync::oneshot;

/// How long a caller waits for its job, queue included, before it is told that the database is unavailable.
pub const PATIENCE: Duration = Duration::from_millis(900);
/// Jobs that may wait. Beyond this the newest of the longest line is answered "unavailable": a longer queue could not be served within the
/// patience.
const QUEUE: usize = 4096;
/// How long the end of the threads is waited for. What waits in the queue is no older than the patience; what takes longer than this
/// hangs, and may hang for ever.
const FAREWELL: Duration = Duration::from_secs(3);
/// How often a job is run again whose connection was lost, or that crossed another one on PostgreSQL.
const RERUNS: u32 = 5;

/// Work for a connection, and whom to tell. Run again if the connection was lost before the commit.
trait Job: Send {
    /// Nobody waits for it any more.
    fn is_abandoned(&self) -> bool;
    fn run(&mut self, connection: &mut DbConnection) -> Result<(), Error>;
    /// Tells the caller: the work's own result if `end` is fine, else why there is none.
    fn answer(self: Box<Self>, end: Result<(), Error>);
}

/// Whether the caller of a job still waits. The caller leaves or the job is kept; never both, so that "unavailable" means that nothing was
/// kept.
#[derive(Clone, Default)]
struct Bond(Arc<AtomicU8>);

impl Bond {
    const WAITS: u8 = 0;
    const KEPT: u8 = 1;
    const LEFT: u8 = 2;

    /// The job is done and about to be committed. `false` if its caller has left.
    fn keep(&self) -> bool {
        self.turn_to(Self::KEPT)
    }

    /// The caller stops waiting. `false` if its job is about to be committed.
    fn leave(&self) -> bool {
        self.turn_to(Self::LEFT)
    }

    fn has_left(&self) -> bool {
        self.0.load(Ordering::Acquire) == Self::LEFT
    }

    fn turn_to(&self, state: u8) -> bool {
        match self.0.compare_exchange(Self::WAITS, state, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => true,
            // A job that is run again was kept before.
            Err(now) => now == state,
        }
    }
}

/// A caller that waits, until this is dropped.
struct Waiting(Bond);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.leave();
    }
}

struct Work<T, F> {
    work: F,
    result: Option<T>,
    bond: Bond,
    /// Lines for the log, once it is committed.
    noted: Vec<AuditEntry>,
    caller: oneshot::Sender<Result<T, Error>>,
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
            return Err(Error::unavailable("nobody waits for it any more"));
        }
        // What a job left that failed before is no part of this one.
        noted::take();
        let result = catch_unwind(AssertUnwindSafe(|| (self.work)(connection)))
            .unwrap_or_else(|_| Err(Error::fault("a database job panicked")));
        self.result = Some(result?);
        self.noted = noted::take();
        // The patience may have ended while it worked.
        if self.bond.keep() { Ok(()) } else { Err(Error::unavailable("its caller has left")) }
    }

    fn answer(self: Box<Self>, end: Result<(), Error>) {
        let Self { result, noted, caller, .. } = *self;
        if end.is_ok() {
            noted.iter().for_each(noted::log);
        }
        // A caller who left is no concern of the next one's.
        let _ = caller.send(end.and_then(|()| result.ok_or_else(|| Error::fault("a database job did not run"))));
    }
}

/// The jobs that wait, in the order of their turns.
struct Queue {
    state: Mutex<Waiters>,
    rung: Condvar,
}

struct Waiters {
    jobs: Turns<Box<dyn Job>>,
    is_closed: bool,
}

impl Queue {
    fn new() -> Self {
        Self { state: Mutex::new(Waiters { jobs: Turns::new(QUEUE), is_closed: false }), rung: Condvar::new() }
    }

    fn push(&self, party: Party, job: Box<dyn Job>) {
        let displaced = {
            let mut waiters = self.lock();
            if waiters.is_closed { Some(job) } else { waiters.jobs.push(party, job) }
        };
        self.rung.notify_one();
        if let Some(job) = displaced {
            job.answer(Err(Error::unavailable("too many are waiting, or it is shutting down")));
        }
    }

    /// Waits for a job and takes with it up to `most` that may share its transaction; `None` when there will be no more.
    fn take(&self, most: usize) -> Option<Vec<Box<dyn Job>>> {
        let mut waiters = self.lock();
        loop {
            let batch: Vec<_> = std::iter::from_fn(|| waiters.jobs.pop()).take(most).collect();
            if !batch.is_empty() {
                return Some(batch);
            }
            if waiters.is_closed {
                return None;
            }
            waiters = self.rung.wait(waiters).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn close(&self) {
        self.lock().is_closed = true;
        self.rung.notify_all();
    }

    /// Nothing that holds this lock can panic half-way through a change.
    fn lock(&self) -> MutexGuard<'_, Waiters> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A queue and the threads that serve it. Dropping it ends the threads once the queue is empty, and waits for that, but not for a database
/// that does not answer.
pub(super) struct Lane {
    queue: Arc<Queue>,
    /// Hangs up once the last thread has ended.
    ended: Mutex<Receiver<()>>,
}

impl Lane {
    pub fn start(url: &DatabaseUrl, role: Role, threads: usize) -> Result<Self, Error> {
        let queue = Arc::new(Queue::new());
        let (at_work, ended) = mpsc::channel();
        // Made first, so that threads that were started end if another one cannot be.
        let lane = Self { queue: Arc::clone(&queue), ended: Mutex::new(ended) };
        for n in 0..threads {
            let clerk = Clerk { url: url.clone(), role, open: None };
            let (queue, at_work) = (Arc::clone(&queue), at_work.clone());
            let name = match role {
                Role::Reader => format!("db-read-{n}"),
                Role::Writer => format!("db-write-{n}"),
            };
            let work = move || {
                // Declared in this order, so that the connection is closed before the word is given that this thread has ended.
                let _at_work = at_work;
                let mut clerk = clerk;
                clerk.serve(&queue);
            };
            thread::Builder::new().name(name).spawn(work).map_err(Error::fault)?;
        }
        Ok(lane)
    }

    /// Runs `work` on one of the lane's connections when it is its party's turn, and waits for its end, no longer than [`PATIENCE`].
    ///
    /// `work` may run more than once, but takes effect at most once. A caller that is told "unavailable", or stops waiting, before the commit
    /// has begun can be sure that nothing happened.
    pub async fn run<T, F>(&self, party: Party, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
    {
        let (caller, mut answer) = oneshot::channel();
        let bond = Bond::default();
        let waiting = Waiting(bond.clone());
        self.queue.push(party, Box::new(Work { work, result: None, bond, noted: Vec::new(), caller }));
        let mut answered = tokio::time::timeout(PATIENCE, &mut answer).await;
        if answered.is_err() && !waiting.0.leave() {
            // It is being committed: "no" may soon be untrue.
            answered = tokio::time::timeout(PATIENCE, &mut answer).await;
        }
        answered
            .map_err(|_| Error::unavailable("no answer in time"))?
            .map_err(|_| Error::unavailable("shutting down"))?
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.queue.close();
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Nothing is ever sent: either all threads end, or it takes too long.
        let _ = ended.recv_timeout(FAREWELL);
    }
}

/// One thread's connection, and how to get another.
struct Clerk {
    url: DatabaseUrl,
    role: Role,
    open: Option<OpenConnection>,
}

struct OpenConnection {
    connection: DbConnection,
    file: FileIdentity,
}

impl Clerk {
    fn serve(&mut self, queue: &Queue) {
        let most = match self.role {
            Role::Reader => 1,
            Role::Writer => dialect::writes_per_commit(matches!(self.url, DatabaseUrl::Sqlite(_))),
        };
        while let Some(batch) = queue.take(most) {
            let batch: Vec<_> = batch.into_iter().filter(|job| !job.is_abandoned()).collect();
            if !batch.is_empty() {
                self.work_off(batch);
            }
        }
    }

    fn work_off(&mut self, mut batch: Vec<Box<dyn Job>>) {
        let mut run = self.run(&mut batch);
        for _ in 0..RERUNS {
            if !matches!(run, Run::Again(_)) {
                break;
            }
            run = self.run(&mut batch);
        }
        match run {
            Run::Ended(ends) => batch.into_iter().zip(ends).for_each(|(job, end)| job.answer(end)),
            Run::Again(error) | Run::Failed(error) => batch.into_iter().for_each(|job| job.answer(Err(error.clone()))),
        }
    }

    fn run(&mut self, batch: &mut [Box<dyn Job>]) -> Run {
        let (role, opened_before) = (self.role, self.open.is_some());
        let connection = match self.connection() {
            Ok(connection) => connection,
            Err(error) => return Run::Failed(error),
        };
        let ended = match role {
            Role::Reader => read(connection, batch),
            Role::Writer => write(connection, batch),
        };
        let trouble = match &ended {
            Ok(ends) => ends.iter().filter_map(|end| end.as_ref().err()).find(|error| error.is_unavailable()).cloned(),
            Err(broken) => Some(broken.error.clone()),
        };
        let Some(error) = trouble.filter(|error| !dialect::is_lock(error)) else { return Run::from(ended) };
        let lost = !dialect::is_clean(connection, role);
        if lost {
            self.open = None;
        }
        let may_have_taken_effect = match &ended {
            Ok(ends) => role == Role::Writer && ends.iter().any(Result::is_ok),
            Err(broken) => broken.committing,
        };
        // A connection that went stale since its last use is nobody's fault; one that is lost at once will be lost again.
        if !may_have_taken_effect && (lost && opened_before || dialect::is_crossing(&error)) {
            return Run::Again(error);
        }
        Run::from(ended)
    }

    /// The open connection, or a new one if there is none or its file has been replaced.
    fn connection(&mut self) -> Result<&mut DbConnection, Error> {
        if let Some(open) = &self.open
            && open.file != FileIdentity::of(&self.url)
        {
            self.open = None;
        }
        if self.open.is_none() {
            // Never made anew here: an empty database in the place of a vanished one would answer "no such account".
            let connection = DbConnection::open(&self.url, self.role, false)?;
            self.open = Some(OpenConnection { connection, file: FileIdentity::of(&self.url) });
        }
        self.open.as_mut().map(|open| &mut open.connection).ok_or_else(|| Error::unavailable("not connected"))
    }
}

/// What became of a run.
enum Run {
    /// Each job's end, in order; those that are fine are committed.
    Ended(Vec<Result<(), Error>>),
    /// Nothing took effect, and the next run may fare better.
    Again(Error),
    /// Nothing is known to have taken effect.
    Failed(Error),
}

impl From<Result<Vec<Result<(), Error>>, Broken>> for Run {
    fn from(ended: Result<Vec<Result<(), Error>>, Broken>) -> Self {
        ended.map_or_else(|broken| Self::Failed(broken.error), Self::Ended)
    }
}

/// A transaction that failed as a whole.
struct Broken {
    error: Error,
    /// It failed in the commit: whether that took effect may be unknown.
    committing: bool,
}

fn read(connection: &mut DbConnection, batch: &mut [Box<dyn Job>]) -> Result<Vec<Result<(), Error>>, Broken> {
    let broken = |error: diesel::result::Error| Broken { error: error.into(), committing: false };
    let mut ends = Vec::with_capacity(batch.len());
    for job in batch {
        dialect::begin_read(connection).map_err(broken)?;
        ends.push(job.run(connection));
        dialect::end_read(connection).map_err(broken)?;
    }
    Ok(ends)
}

fn write(connection: &mut DbConnection, batch: &mut [Box<dyn Job>]) -> Result<Vec<Result<(), Error>>, Broken> {
    let broken = |error: diesel::result::Error| Broken { error: error.into(), committing: false };
    dialect::begin_write(connection).map_err(broken)?;
    let ends = match batch {
        [alone] => Ok(vec![alone.run(connection)]),
        many => many.iter_mut().map(|job| in_savepoint(connection, job.as_mut())).collect(),
    };
    let nothing_to_keep = ends.as_ref().is_ok_and(|ends| ends.iter().all(Result::is_err));
    match ends {
        Ok(ends) if !nothing_to_keep => dialect::commit(connection).map(|()| ends).map_err(|error| {
            dialect::roll_back(connection);
            Broken { error: error.into(), committing: true }
        }),
        Ok(ends) => {
            dialect::roll_back(connection);
            Ok(ends)
        }
        Err(error) => {
            dialect::roll_back(connection);
            Err(broken(error))
        }
    }
}

/// Runs one of several jobs so that its failure undoes its own work only. An error of the savepoint itself means that
/// the transaction is gone (a full disk makes SQLite roll back by itself), and with it everybody's work.
fn in_savepoint(connection: &mut DbConnection, job: &mut dyn Job) -> diesel::QueryResult<Result<(), Error>> {
    connection.batch_execute("SAVEPOINT job")?;
    let end = job.run(connection);
    connection.batch_execute(match end {
        Ok(()) => "RELEASE job",
        Err(_) => "ROLLBACK TO job; RELEASE job",
    })?;
    Ok(end)
}

/// Which file a path leads to. An SQLite connection keeps writing happily into a file that was deleted or replaced under
/// it, and everything it accepts is lost; comparing this before each use notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileIdentity {
    NotAFile,
    Missing,
    File { device: u64, inode: u64 },
}

impl FileIdentity {
    #[cfg(unix)]
    fn of(url: &DatabaseUrl) -> Self {
        use std::os::unix::fs::MetadataExt;
        match url {
            DatabaseUrl::Postgres(_) => Self::NotAFile,
            DatabaseUrl::Sqlite(path) => std::fs::metadata(path)
                .map_or(Self::Missing, |meta| Self::File { device: meta.dev(), inode: meta.ino() }),
        }
    }

    #[cfg(not(unix))]
    fn of(_: &DatabaseUrl) -> Self {
        Self::NotAFile
    }
}
