//! Lanes: a few threads, each with a connection, that take jobs from one bounded queue. Each party
//! has a queue there, and the threads serve the parties in turn. One account or client therefore
//! cannot fill the queue for the others.
//!
//! This keeps blocking database calls off the threads that serve requests, and it commits writes
//! together. A writing thread takes everything that waits and runs it in one transaction. It
//! commits once, and only then answers each. On SQLite, where a commit is an fsync, all that wait
//! share one. A failed job fails alone.
//!
//! A lane heals by itself. A thread ("connection worker") takes a job only while it is connected. A
//! worker without a connection therefore fails no job. A worker that hangs in the database is given
//! up, and another one replaces it.

use super::{
    DbConnection, Error,
    connection_worker::{ConnectionWorker, Place, Post},
    job::{Done, Waiting, Work},
    queue::Queue,
    role::Role,
};
use crate::domain::turns::Party;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::Duration,
};
use tokio::{sync::oneshot, time::timeout};

/// Most jobs that wait. Beyond this, the newest job of the longest queue is answered "unavailable",
/// because the patience would not suffice for more.
const QUEUE: usize = 4096;
/// Longest wait for the threads to end. No job in the queue is older than the patience. A job that
/// takes longer hangs, perhaps forever.
const FAREWELL: Duration = Duration::from_secs(3);
/// For each worker of a lane, this many stuck ones may be given up at once. Each may still hold a
/// connection.
const GIVEN_UP_PER_WORKER: usize = 2;

/// A queue and the threads that serve it. Dropping it ends the threads once the queue is empty, and
/// waits for that, unless the database hangs.
pub(in crate::db) struct Lane {
    post: Arc<Post>,
    threads: usize,
    /// Jobs that were asked for.
    jobs: AtomicU64,
    at_work: Option<Mutex<Sender<()>>>,
    /// Closed once the last thread has ended.
    ended: Mutex<Receiver<()>>,
}

impl Lane {
    pub(in crate::db) fn start(place: Place, threads: usize) -> Result<Self, Error> {
        let post = Post { place, queue: Queue::new(QUEUE) };
        let (at_work, ended) = mpsc::channel();
        let (at_work, ended) = (Some(Mutex::new(at_work)), Mutex::new(ended));
        let lane = Self { post: Arc::new(post), threads, jobs: AtomicU64::new(0), at_work, ended };
        for _ in 0..threads {
            lane.start_worker()?;
        }
        Ok(lane)
    }

    /// Runs `work` on a connection of the lane, in its party's turn. Waits for at most
    /// `patience`.
    ///
    /// `work` may run more than once, but takes effect at most once. If the caller is told
    /// "unavailable", or stops waiting, before the commit has begun, then nothing happened.
    pub(in crate::db) async fn run<T, F>(&self, party: Party, patience: Duration, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut DbConnection) -> Result<Done<T>, Error> + Send + 'static,
    {
        self.jobs.fetch_add(1, Ordering::Relaxed);
        let (caller, mut answer) = oneshot::channel();
        let waiting = Waiting::default();
        let job = Box::new(Work::new(work, waiting.bond(), caller));
        if let Some(displaced) = self.post.queue.push(party, job) {
            displaced.answer(Err(Error::busy("too many are waiting, or it is shutting down")));
        }
        let mut answered = timeout(patience, &mut answer).await;
        if answered.is_err() {
            self.replace_stuck();
            if !waiting.leave() {
                // The commit has begun: "no" may soon be untrue.
                answered = timeout(self.post.place.patience.of_visitors(), &mut answer).await;
            }
        }
        answered.map_err(|_| Error::busy("no answer in time"))?.map_err(|_| shutting_down())?
    }

    /// Returns how many jobs were asked for so far.
    pub(in crate::db) fn jobs(&self) -> u64 {
        self.jobs.load(Ordering::Relaxed)
    }

    fn replace_stuck(&self) {
        let stuck =
            self.post.queue.give_up_stuck(self.post.place.patience.with_workers(), self.threads * GIVEN_UP_PER_WORKER);
        for _ in 0..stuck {
            tracing::warn!(role = ?self.post.place.role, "a connection to the database hangs; another one takes its place");
            if let Err(error) = self.start_worker() {
                tracing::error!(%error, "cannot start a thread for the database");
            }
        }
    }

    fn start_worker(&self) -> Result<(), Error> {
        let at_work = self.at_work.as_ref().ok_or_else(shutting_down)?;
        let at_work = at_work.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let post = Arc::clone(&self.post);
        let id = post.queue.enter();
        let name = match self.post.place.role {
            Role::Reader => format!("db-read-{id}"),
            Role::Writer => format!("db-write-{id}"),
        };
        let work = move || {
            // Declared in this order, so that the connection is closed before the thread reports
            // its end.
            let _at_work = at_work;
            ConnectionWorker::new(&post, id).serve();
            post.queue.leave(id);
        };
        thread::Builder::new().name(name).spawn(work).map_err(|error| {
            self.post.queue.leave(id);
            Error::fault(error)
        })?;
        Ok(())
    }
}

fn shutting_down() -> Error {
    Error::unavailable("shutting down")
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.post.queue.close();
        self.at_work = None;
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Nothing is ever sent: either all threads end, or it takes too long.
        let _ = ended.recv_timeout(FAREWELL);
    }
}
