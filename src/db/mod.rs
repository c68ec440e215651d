//! Storage: everything that is kept, on SQLite or PostgreSQL.
//!
//! The rest of the program knows [`Db::read`], [`Db::write`] and the modules in the folders below,
//! one for each noun. Their functions take the connection that the two pass. Only this folder names
//! Diesel, and only [`engine::dialect`] writes other statements for each database.

pub mod app_asks;
pub mod apps;
mod browsers;
pub mod columns;
mod counters;
pub mod declared;
mod emails;
mod engine;
mod factors;
mod kinds;
mod oidc;
#[cfg(test)]
mod plans;
mod records;
mod row;
mod schema;
mod server;
mod signing_in;
mod tx;
mod upkeep;
mod users;

pub use browsers::*;
use counters::limit_rows;
pub use counters::*;
pub use emails::*;
use emails::{outbox_due, outbox_view};
pub use engine::{
    connection::{DbConnection, is_yet_to_be_made},
    error::Error,
    patience::Patience,
    stop::Stop,
};
pub use factors::*;
pub use oidc::*;
pub use records::*;
pub use server::*;
use signing_in::attempt_links;
pub use signing_in::*;
pub use tx::{Committed, Tx, TxContext};
pub use upkeep::{
    KeyLock, NotCopied, NotRestored, Restored, ServingLock, backup, copy, finish_restore, integrity, migrations,
    note_backup, restore,
};
pub use users::*;

use crate::{config::DatabaseUrl, domain::turns::Party};
use engine::{connection_worker::Place, job::Done, lane::Lane, role::Role, sqlite_file::FileWatch};
use std::{path::Path, sync::Arc};

/// A database, open until this is dropped. Dropping it finishes accepted work, unless the database
/// hangs.
pub struct Db {
    readers: Lane,
    writers: Lane,
    watch: Arc<FileWatch>,
    patience: Patience,
}

impl Db {
    /// Opens a database as [`Self::open_with`] does, with the usual patience.
    pub fn open(url: &DatabaseUrl, connections: usize) -> Result<Self, Error> {
        Self::open_with(url, connections, Patience::default())
    }

    /// Opens a database whose schema is up to date; see [`migrations::run`]. `connections` is the
    /// number of PostgreSQL connections. SQLite always has one writer.
    pub fn open_with(url: &DatabaseUrl, connections: usize, patience: Patience) -> Result<Self, Error> {
        let readers = (connections / 2).max(1);
        let writers = match url {
            DatabaseUrl::Sqlite(_) => 1,
            DatabaseUrl::Postgres(_) => connections.saturating_sub(readers).max(1),
        };
        let watch = FileWatch::new(url);
        let place = |role| Place { url: url.clone(), role, patience, watch: Arc::clone(&watch) };
        Ok(Self {
            readers: Lane::start(place(Role::Reader), readers)?,
            writers: Lane::start(place(Role::Writer), writers)?,
            watch,
            patience,
        })
    }

    /// Returns the database for work of `party`, which waits in that party's queue.
    pub const fn of(&self, party: Party) -> DbOf<'_> {
        DbOf { db: self, party }
    }

    /// Runs `work` on a connection that cannot write, for Gatepost itself.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] within [`Patience::of_visitors`] if the database is; errors of
    /// `work`.
    pub async fn read<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
    {
        self.of(Party::Gatepost).read(work).await
    }

    /// Runs `work` in a separate transaction, for Gatepost itself. `Ok` means committed and
    /// durable. An error means that nothing was kept. A refusal that must leave a trace, such as a
    /// wrong code, is therefore part of `T`, not an error.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the database is, within [`Patience::of_visitors`], or twice that
    /// once the commit has begun. Nothing was kept then, except perhaps if the connection broke or
    /// the database hung during the commit. Also errors of `work`.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
    {
        self.of(Party::Gatepost).write(work).await
    }

    /// [`Self::write`] for work in the background, which may take a few seconds.
    ///
    /// # Errors
    /// As [`Self::write`], within [`Patience::at_leisure`].
    pub async fn write_at_leisure<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
    {
        let work = move |connection: &mut DbConnection| work(connection).map(Done::without_lines);
        self.writers.run(Party::Gatepost, self.patience.at_leisure(), work).await
    }

    /// [`Self::read`] for work in the background that reads whole tables.
    ///
    /// # Errors
    /// As [`Self::read`], within [`Patience::at_leisure`].
    pub async fn read_at_leisure<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
    {
        let work = move |connection: &mut DbConnection| work(connection).map(Done::without_lines);
        self.readers.run(Party::Gatepost, self.patience.at_leisure(), work).await
    }

    /// Returns how many jobs were asked to read so far.
    pub fn reads(&self) -> u64 {
        self.readers.jobs()
    }

    /// Returns how many jobs were asked to write so far.
    pub fn writes(&self) -> u64 {
        self.writers.jobs()
    }

    fn sqlite_path(&self) -> Option<&Path> {
        self.watch.path()
    }

    fn run_of_file(&self) -> Result<Option<u32>, Error> {
        self.watch.run_of_file()
    }

    fn expect_run(&self, run: u32) -> Result<(), Error> {
        self.watch.expect_run(run)
    }
}

/// A database as one party uses it: its jobs wait in that party's queue.
#[derive(Clone, Copy)]
pub struct DbOf<'a> {
    db: &'a Db,
    party: Party,
}

impl DbOf<'_> {
    /// Does the same as [`Db::read`].
    ///
    /// # Errors
    ///
    /// As [`Db::read`].
    pub async fn read<T, F>(self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
    {
        let work = move |connection: &mut DbConnection| work(connection).map(Done::without_lines);
        self.db.readers.run(self.party, self.db.patience.of_visitors(), work).await
    }

    /// Does the same as [`Db::write`].
    ///
    /// # Errors
    ///
    /// As [`Db::write`].
    pub async fn write<T, F>(self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
    {
        let work = move |connection: &mut DbConnection| work(connection).map(Done::without_lines);
        self.db.writers.run(self.party, self.db.patience.of_visitors(), work).await
    }
}
