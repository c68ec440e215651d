//! Jobs on a connection: each reading one in a separate view, all writing ones in one transaction with a savepoint each.

use super::{DbConnection, Error, dialect, job::BoxedJob};
use diesel::connection::SimpleConnection;

/// Each job's end, in order; those that are fine are committed.
pub type Ends = Vec<Result<(), Error>>;

/// A transaction that failed as a whole.
pub struct Broken {
    pub error: Error,
    /// It failed in the commit: whether that took effect may be unknown.
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
        [alone] => Ok(vec![alone.run(connection)]),
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

/// Runs one of several jobs so that its failure undoes its own work only. An error of the savepoint itself means that
/// the transaction is gone (a full disk makes SQLite roll back by itself), and with it the work of all.
fn in_savepoint(connection: &mut DbConnection, job: &mut BoxedJob) -> diesel::QueryResult<Result<(), Error>> {
    connection.batch_execute("SAVEPOINT job")?;
    let end = job.run(connection);
    connection.batch_execute(match end {
        Ok(()) => "RELEASE job",
        Err(_) => "ROLLBACK TO job; RELEASE job",
    })?;
    Ok(end)
}
