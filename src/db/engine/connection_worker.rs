//! A connection worker: one thread of a lane with its connection. It connects, takes and works off
//! jobs, and watches the SQLite file.

use super::{
    DbConnection, Error,
    batch::{self, BatchSize, Broken, Care, Ends},
    connection::Opened,
    dialect,
    job::BoxedJob,
    patience::Patience,
    queue::{Queue, Taken, WorkerId, moment},
    role::Role,
    sqlite_file::{FileWatch, Sight, Ticket},
};
use crate::config::DatabaseUrl;
use std::{mem, sync::Arc, time::Duration};

/// Number of times that a job runs again after it crossed another one on PostgreSQL.
const RERUNS: u32 = 5;
/// Number of connections that a job may lose at their first use. One that went stale since its last
/// use does not count.
const LOSSES: u32 = 3;
/// Pauses between two tries to connect: the shortest, and the longest while no job waits.
const LEAST_PAUSE: Duration = Duration::from_millis(20);
const PAUSE: Duration = Duration::from_secs(1);
/// Time between two checks of its file by an idle worker.
const IDLE: Duration = Duration::from_secs(1);
const IDLE_WITHOUT_FILE: Duration = Duration::from_secs(3600);

/// Database that the workers of a lane use, with their role and their patience.
pub(in crate::db) struct Place {
    pub url: DatabaseUrl,
    pub role: Role,
    pub patience: Patience,
    pub watch: Arc<FileWatch>,
}

/// Parts that the workers of a lane share.
pub(in crate::db) struct Post {
    pub place: Place,
    pub queue: Queue<BoxedJob>,
}

pub(in crate::db) struct ConnectionWorker<'a> {
    post: &'a Post,
    id: WorkerId,
    open: Option<OpenConnection>,
    care: Care,
}

struct OpenConnection {
    /// Always there until it is dropped.
    connection: Option<DbConnection>,
    /// True if the server's errors are in the known language.
    is_untranslated: bool,
    has_served: bool,
    ticket: Ticket,
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        // SQLite writes its log into the file when the last connection is closed. It must not do so
        // into a replaced file.
        if self.ticket.is_of_another_file()
            && let Some(connection) = self.connection.take()
        {
            mem::forget(connection);
        }
    }
}

/// Outcome of a run.
enum Run {
    Ended(Ends),
    /// Nothing took effect, and the next run on the same connection may succeed.
    Again(Error),
    /// Nothing took effect, and the connection is gone.
    Lost(Error),
    /// Nothing is known to have taken effect.
    Failed(Error),
}

impl<'a> ConnectionWorker<'a> {
    pub(in crate::db) fn new(post: &'a Post, id: WorkerId) -> Self {
        Self { post, id, open: None, care: Care::default() }
    }

    pub(in crate::db) fn serve(&mut self) {
        let (most, idle) = match (&self.post.place.url, self.post.place.role) {
            (DatabaseUrl::Sqlite(_), Role::Writer) => (dialect::writes_per_commit(true), IDLE),
            (DatabaseUrl::Sqlite(_), Role::Reader) => (1, IDLE),
            (DatabaseUrl::Postgres(_), _) => (1, IDLE_WITHOUT_FILE),
        };
        let mut size = BatchSize::new(most);
        while self.open.is_some() || self.connect() {
            match self.post.queue.take(self.id, size.next(), idle) {
                Taken::Jobs(jobs) => {
                    let jobs: Vec<_> = jobs.into_iter().filter(|job| !job.is_abandoned()).collect();
                    if !jobs.is_empty() {
                        let (count, begun) = (jobs.len(), moment());
                        self.work_off(jobs);
                        size.note(count, begun.elapsed());
                    }
                }
                Taken::Nothing => {
                    let _ = self.look_at_file();
                }
                Taken::Ended => return,
            }
        }
    }

    /// Connects, however long it takes. Returns `false` if the worker has to end.
    fn connect(&mut self) -> bool {
        let queue = &self.post.queue;
        if !queue.begin_connecting(self.id) {
            return false;
        }
        let mut is_away = false;
        loop {
            match self.open() {
                Ok(open) => {
                    if is_away {
                        tracing::info!(role = ?self.post.place.role, "the database is available again");
                    }
                    self.open = Some(open);
                    return queue.connected(self.id);
                }
                Err(error) => {
                    if !is_away && !queue.is_served() {
                        // Once for each outage, because it is tried every second.
                        tracing::warn!(role = ?self.post.place.role, %error, "cannot reach the database; trying again until it answers");
                        is_away = true;
                    }
                    queue.failed(self.id).into_iter().for_each(|job| job.answer(Err(error.clone())));
                }
            }
            if !queue.wait_to_try_again(self.id, LEAST_PAUSE, PAUSE) {
                return false;
            }
        }
    }

    fn open(&self) -> Result<OpenConnection, Error> {
        let ticket = self.post.place.watch.may_open()?;
        // Never made anew here: an empty database in place of a vanished one would answer "no such
        // account".
        let Opened { connection, is_untranslated } =
            Opened::open(&self.post.place.url, self.post.place.role, self.post.place.patience)?;
        ticket.note_opened();
        Ok(OpenConnection { connection: Some(connection), is_untranslated, has_served: false, ticket })
    }

    fn close(&mut self) {
        self.open = None;
        self.post.queue.disconnected(self.id);
    }

    fn work_off(&mut self, mut jobs: Vec<BoxedJob>) {
        match self.look_at_file() {
            Ok(true) => {}
            Ok(false) => return self.post.queue.put_back(jobs),
            Err(error) => return jobs.into_iter().for_each(|job| job.answer(Err(error.clone()))),
        }
        let mut run = self.run(&mut jobs);
        for _ in 0..RERUNS {
            if !matches!(run, Run::Again(_)) || jobs.iter().all(|job| job.is_abandoned()) {
                break;
            }
            run = self.run(&mut jobs);
        }
        match run {
            Run::Ended(ends) => jobs.into_iter().zip(ends).for_each(|(job, end)| job.answer(end)),
            Run::Again(error) | Run::Failed(error) => jobs.into_iter().for_each(|job| job.answer(Err(error.clone()))),
            Run::Lost(error) => self.replace_connection(jobs, &error),
        }
    }

    /// Drops a lost connection, and gives its jobs to the next one.
    fn replace_connection(&mut self, jobs: Vec<BoxedJob>, error: &Error) {
        let had_served = self.open.as_ref().is_some_and(|open| open.has_served);
        self.close();
        let mut kept = Vec::with_capacity(jobs.len());
        for mut job in jobs {
            // A connection that went stale since its last use is no reason to give up. One that is
            // lost at once may be lost again.
            if had_served || job.count_loss() < LOSSES {
                kept.push(job);
            } else {
                job.answer(Err(error.clone()));
            }
        }
        self.post.queue.put_back(kept);
    }

    fn run(&mut self, jobs: &mut [BoxedJob]) -> Run {
        let (role, patience) = (self.post.place.role, self.post.place.patience);
        let Some(open) = &mut self.open else { return Run::Failed(Error::unavailable("not connected")) };
        let Some(connection) = &mut open.connection else { return Run::Failed(Error::unavailable("not connected")) };
        let begun = moment();
        let mut ended = match role {
            Role::Reader => batch::read(connection, jobs),
            Role::Writer => batch::write(connection, jobs, &mut self.care),
        };
        if !open.is_untranslated {
            let has_waited = begun.elapsed() >= patience.for_locks();
            ended = map_errors(ended, |error| error.judged_by_shape(has_waited));
        }
        let ticket = &open.ticket;
        ended = map_errors(ended, |error| ticket.judge(error));
        let trouble = match &ended {
            Ok(ends) => ends.iter().filter_map(|end| end.as_ref().err()).find(|error| error.is_unavailable()).cloned(),
            Err(broken) => Some(broken.error.clone()),
        };
        let Some(error) = trouble.filter(|error| !error.is_lock()) else {
            open.has_served = true;
            return end_of(ended);
        };
        let is_lost = !dialect::is_clean(connection, role);
        open.has_served |= !is_lost;
        let may_have_taken_effect = match &ended {
            Ok(ends) => role == Role::Writer && ends.iter().any(Result::is_ok),
            Err(broken) => broken.committing,
        };
        match (is_lost, may_have_taken_effect) {
            (true, false) => Run::Lost(error),
            (true, true) => {
                self.close();
                end_of(ended)
            }
            (false, false) if error.is_crossing() => Run::Again(error),
            (false, _) => end_of(ended),
        }
    }

    /// Checks whether the SQLite file is still the one that was opened. `Ok(false)`: the connection
    /// is closed, and a new one will do.
    fn look_at_file(&mut self) -> Result<bool, Error> {
        let Some(open) = &mut self.open else { return Ok(false) };
        let is_writer = self.post.place.role == Role::Writer;
        match open.ticket.look(is_writer) {
            Sight::Fine => Ok(true),
            Sight::Away(error) => Err(error),
            Sight::LogLost => {
                if let Some(connection) = &mut open.connection {
                    dialect::save_log(connection)?;
                }
                open.ticket.end_generation();
                self.close();
                Ok(false)
            }
            Sight::Stale => {
                self.close();
                Ok(false)
            }
        }
    }
}

fn end_of(ended: Result<Ends, Broken>) -> Run {
    ended.map_or_else(|broken| Run::Failed(broken.error), Run::Ended)
}

/// Returns the same ends with every error as `judge` sees it.
fn map_errors(ended: Result<Ends, Broken>, judge: impl Fn(Error) -> Error) -> Result<Ends, Broken> {
    match ended {
        Ok(ends) => Ok(ends.into_iter().map(|end| end.map_err(&judge)).collect()),
        Err(broken) => Err(Broken { error: judge(broken.error), ..broken }),
    }
}
