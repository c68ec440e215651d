//! Jobs on a connection: each reading one in a separate view, all writing ones in one transaction
//! with a savepoint each.

use super::{
    DbConnection, Error,
    dialect::{self, Savepoint},
    job::BoxedJob,
};
use std::time::Duration;

/// How long a full batch takes: the time for which a party waits for the jobs of a flood.
const LONGEST: Duration = Duration::from_millis(20);
/// Jobs that a batch may always have. Fewer would waste the commit.
const LEAST: usize = 16;

/// How many jobs the next batch takes. Quick jobs make large batches and slow ones small batches.
pub struct BatchSize {
    next: usize,
    most: usize,
}

impl BatchSize {
    pub const fn new(most: usize) -> Self {
        Self { next: most, most }
    }

    pub const fn next(&self) -> usize {
        self.next
    }

    /// Learns from a batch. A small one teaches nothing, because most of its time is the commit.
    pub fn note(&mut self, jobs: usize, took: Duration) {
        if jobs < LEAST {
            return;
        }
        let fitting = LONGEST.as_micros().saturating_mul(jobs as u128) / took.as_micros().max(1);
        self.next = usize::try_from(fitting).unwrap_or(self.most).max(LEAST).min(self.most);
    }
}

/// Outcome of each job, in order. Successful ones are committed.
pub type Ends = Vec<Result<(), Error>>;

/// A transaction that failed as a whole.
pub struct Broken {
    pub error: Error,
    /// Whether it failed during the commit, so that its effect may be unknown.
    pub committing: bool,
}

fn broken(error: diesel::result::Error) -> Broken {
    Broken { error: error.into(), committing: false }
}

pub fn read(connection: &mut DbConnection, batch: &mut [BoxedJob]) -> Result<Ends, Broken> {
    let mut ends = Vec::with_capacity(batch.len());
    for job in batch {
        dialect::begin_read(connection).map_err(broken)?;
        ends.push(job.run(connection));
        dialect::end_read(connection).map_err(broken)?;
    }
    Ok(ends)
}

pub fn write(connection: &mut DbConnection, batch: &mut [BoxedJob]) -> Result<Ends, Broken> {
    dialect::begin_write(connection).map_err(broken)?;
    let ends = match batch {
        [alone] => run_alone(connection, alone).map(|end| vec![end]),
        many => many.iter_mut().map(|job| in_savepoint(connection, job)).collect(),
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
    use super::*;

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
