//! Jobs on a connection: each reading one in a separate view, all writing ones in one transaction.
//!
//! A savepoint for each job would let it fail alone. But SQLite copies every page that a job
//! changes after one, and jobs hardly ever fail. So they run without, and after a failure all run
//! again, with savepoints.

use super::{
    DbConnection, Error,
    dialect::{self, Savepoint},
    job::BoxedJob,
};
use std::time::Duration;

/// Time that a full batch takes. A party waits that long for the jobs of a flood.
const LONGEST: Duration = Duration::from_millis(20);
/// Jobs that a batch may always have. Fewer would waste the commit.
const LEAST: usize = 16;

/// Number of jobs that the next batch takes. Quick jobs make large batches and slow ones small
/// batches.
pub(in crate::db) struct BatchSize {
    next: usize,
    most: usize,
}

impl BatchSize {
    pub(in crate::db) const fn new(most: usize) -> Self {
        Self { next: most, most }
    }

    pub(in crate::db) const fn next(&self) -> usize {
        self.next
    }

    /// Learns from a batch. A small one teaches nothing, because most of its time is the commit.
    pub(in crate::db) fn note(&mut self, jobs: usize, took: Duration) {
        if jobs < LEAST {
            return;
        }
        let fitting = LONGEST.as_micros().saturating_mul(jobs as u128) / took.as_micros().max(1);
        self.next = usize::try_from(fitting).unwrap_or(self.most).max(LEAST).min(self.most);
    }
}

/// Number of batches that have savepoints after a batch needed them. A client that causes a failure
/// then lets few jobs run twice.
const CAREFUL: u32 = 64;

/// Number of batches that still run with savepoints.
#[derive(Default)]
pub(in crate::db) struct Care {
    batches_left: u32,
}

impl Care {
    /// Returns whether the next batch needs savepoints.
    const fn take(&mut self) -> bool {
        let is_needed = self.batches_left > 0;
        self.batches_left = self.batches_left.saturating_sub(1);
        is_needed
    }

    const fn begin(&mut self) {
        self.batches_left = CAREFUL;
    }
}

/// Outcome of each job, in order. Successful ones are committed.
pub(in crate::db) type Ends = Vec<Result<(), Error>>;

/// A transaction that failed as a whole.
pub(in crate::db) struct Broken {
    pub error: Error,
    /// True if it failed during the commit, so that its effect may be unknown.
    pub committing: bool,
}

fn broken(error: diesel::result::Error) -> Broken {
    Broken { error: error.into(), committing: false }
}

pub(in crate::db) fn read(connection: &mut DbConnection, batch: &mut [BoxedJob]) -> Result<Ends, Broken> {
    let mut ends = Vec::with_capacity(batch.len());
    for job in batch {
        dialect::begin_read(connection).map_err(broken)?;
        ends.push(job.run(connection));
        dialect::end_read(connection).map_err(broken)?;
    }
    Ok(ends)
}

pub(in crate::db) fn write(
    connection: &mut DbConnection,
    batch: &mut [BoxedJob],
    care: &mut Care,
) -> Result<Ends, Broken> {
    dialect::begin_write(connection).map_err(broken)?;
    let ends = match batch {
        [alone] => run_alone(connection, alone).map(|end| vec![end]),
        many => run_many(connection, many, care),
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

fn run_many(connection: &mut DbConnection, jobs: &mut [BoxedJob], care: &mut Care) -> diesel::QueryResult<Ends> {
    if !care.take() {
        if let Some(ends) = try_together(connection, jobs) {
            return Ok(ends);
        }
        care.begin();
        dialect::roll_back(connection);
        dialect::begin_write(connection)?;
    }
    jobs.iter_mut().map(|job| in_savepoint(connection, job)).collect()
}

/// Runs jobs without savepoints. Returns `None` if one failed and may have changed something.
fn try_together(connection: &mut DbConnection, jobs: &mut [BoxedJob]) -> Option<Ends> {
    let run = |job: &mut BoxedJob| {
        // It then does nothing, and its error undoes nothing.
        let has_no_caller = job.is_abandoned();
        let end = job.run(connection);
        (end.is_ok() || has_no_caller).then_some(end)
    };
    jobs.iter_mut().map(run).collect()
}

/// Runs one of several jobs so that its failure undoes only its own work. An error of the savepoint
/// itself means that the transaction is gone, with the work of all. A full disk, for example, makes
/// SQLite roll back.
fn in_savepoint(connection: &mut DbConnection, job: &mut BoxedJob) -> diesel::QueryResult<Result<(), Error>> {
    let end = try_in_savepoint(connection, job)?;
    if is_duplicate(&end) { try_in_savepoint(connection, job) } else { Ok(end) }
}

fn try_in_savepoint(connection: &mut DbConnection, job: &mut BoxedJob) -> diesel::QueryResult<Result<(), Error>> {
    dialect::savepoint(connection, Savepoint::Set)?;
    let end = job.run(connection);
    dialect::savepoint(connection, if end.is_ok() { Savepoint::Release } else { Savepoint::Return })?;
    Ok(end)
}

/// Runs a job that has the transaction for itself.
fn run_alone(connection: &mut DbConnection, job: &mut BoxedJob) -> diesel::QueryResult<Result<(), Error>> {
    let end = job.run(connection);
    if !is_duplicate(&end) {
        return Ok(end);
    }
    dialect::roll_back(connection);
    dialect::begin_write(connection)?;
    Ok(job.run(connection))
}

/// Returns whether a job added something that exists. If that was an id, another run makes another
/// one.
fn is_duplicate(end: &Result<(), Error>) -> bool {
    matches!(end, Err(Error::Conflict(_)))
}

#[cfg(test)]
mod tests {
    use super::{
        super::job::{Done, Waiting, Work},
        *,
    };
    use diesel::{Connection as _, RunQueryDsl as _, SqliteConnection, connection::SimpleConnection as _};
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };
    use tokio::sync::oneshot;

    #[derive(diesel::QueryableByName)]
    struct Number {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        number: i64,
    }

    /// A job that stores a number, or fails after that.
    fn job(waiting: &Waiting, number: i64, end: Result<(), Error>, runs: &Arc<AtomicU32>) -> BoxedJob {
        let runs = Arc::clone(runs);
        let work = move |connection: &mut DbConnection| {
            runs.fetch_add(1, Ordering::SeqCst);
            connection.batch_execute(&format!("INSERT INTO numbers VALUES ({number})"))?;
            end.clone().map(Done::without_lines)
        };
        Box::new(Work::new(work, waiting.bond(), oneshot::channel().0))
    }

    fn stored(connection: &mut DbConnection) -> Vec<i64> {
        let DbConnection::Sqlite(sqlite) = connection else { return Vec::new() };
        let rows = diesel::sql_query("SELECT number FROM numbers ORDER BY number").load::<Number>(sqlite).unwrap();
        rows.into_iter().map(|row| row.number).collect()
    }

    #[test]
    fn a_job_that_fails_among_others_fails_alone() {
        let mut connection = DbConnection::Sqlite(SqliteConnection::establish(":memory:").unwrap());
        connection.batch_execute("CREATE TABLE numbers (number BIGINT PRIMARY KEY)").unwrap();
        let (mut care, waiting, gone) = (Care::default(), Waiting::default(), Waiting::default());
        gone.leave();
        let runs = Arc::new(AtomicU32::new(0));
        let mut try_three = |numbers: [i64; 3], second: Result<(), Error>, of_third: &Waiting| {
            let [first, fails, third] = numbers;
            let mut jobs = [
                job(&waiting, first, Ok(()), &runs),
                job(&waiting, fails, second, &runs),
                job(of_third, third, Ok(()), &runs),
            ];
            let ends = write(&mut connection, &mut jobs, &mut care).unwrap_or_else(|broken| panic!("{}", broken.error));
            let fine: Vec<_> = ends.iter().map(Result::is_ok).collect();
            (fine, stored(&mut connection), runs.swap(0, Ordering::SeqCst))
        };
        // One without a caller does nothing, and is no reason to begin anew.
        assert_eq!(try_three([1, 2, 3], Ok(()), &gone), (vec![true, true, false], vec![1, 2], 2));
        let broken = || Err(Error::fault("on purpose"));
        assert_eq!(try_three([4, 5, 6], broken(), &waiting), (vec![true, false, true], vec![1, 2, 4, 6], 2 + 3));
        // For a while, each is ready to fail.
        assert_eq!(try_three([7, 8, 9], broken(), &waiting), (vec![true, false, true], vec![1, 2, 4, 6, 7, 9], 3));
    }

    #[test]
    fn a_batch_is_as_large_as_its_time_allows() {
        let after = |most: usize, jobs: usize, millis: u64| {
            let mut size = BatchSize::new(most);
            size.note(jobs, Duration::from_millis(millis));
            size.next()
        };
        assert_eq!(after(256, 256, 80), 64, "a quarter of the jobs in a quarter of the time");
        assert_eq!(after(256, 100, 10), 200);
        assert_eq!(after(256, 256, 5), 256, "never more than the most");
        assert_eq!(after(256, 256, 100_000), LEAST);
        assert_eq!(after(256, 3, 100), 256, "a small batch teaches nothing");
        assert_eq!(after(1, 1, 100), 1, "where each job has a transaction, it stays so");
        let mut size = BatchSize::new(256);
        size.note(256, Duration::from_millis(80));
        size.note(64, Duration::from_millis(5));
        assert_eq!(size.next(), 256, "quick jobs make it large again");
        size.note(256, Duration::ZERO);
        assert_eq!(size.next(), 256);
    }
}
