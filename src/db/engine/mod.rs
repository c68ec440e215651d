//! Brings work to a database, by connections, the threads that use them, and transactions. Knows no
//! table, except that audit lines of a commit go to the process's log.

pub(super) mod batch;
pub(super) mod connection;
pub(super) mod connection_worker;
pub(super) mod dialect;
pub(super) mod error;
pub(super) mod job;
pub(super) mod kept;
pub(super) mod lane;
pub(super) mod number_of;
pub(super) mod patience;
mod postgres_url;
mod process_log;
mod queue;
pub(super) mod role;
pub(super) mod sqlite_file;
pub(super) mod stop;
#[cfg(test)]
mod tests;

use connection::DbConnection;
use error::Error;
