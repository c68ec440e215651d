//! Statements that a connection parses once and keeps.
//!
//! Diesel keeps no UPDATE, no upsert and no INSERT of columns that may be left out, because their
//! text could differ each time. Parsing each anew took the writer of SQLite a third of its time, and
//! PostgreSQL a round trip. Use this where the text is always the same, or one of a few.

use super::DbConnection;
use diesel::{
    backend::Backend,
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    query_dsl::methods::LoadQuery,
    sqlite::Sqlite,
};

/// A statement that the connection keeps, by its text.
pub(super) struct Kept<S>(pub S);

impl<S, DB> QueryFragment<DB> for Kept<S>
where
    DB: Backend,
    S: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<S> QueryId for Kept<S> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S: Query> Query for Kept<S> {
    type SqlType = S::SqlType;
}

impl<S, C> diesel::RunQueryDsl<C> for Kept<S> {}

/// A statement with a fixed text.
pub(super) trait ExecuteKept: Sized {
    /// Does the same as `execute`, and the connection keeps the statement. Also takes statements
    /// that Diesel offers for each database, but not for the enum of both.
    fn execute_kept(self, connection: &mut DbConnection) -> QueryResult<usize>
    where
        Self: QueryFragment<Sqlite> + QueryFragment<Pg>,
    {
        match connection {
            DbConnection::Sqlite(sqlite) => Kept(self).execute(sqlite),
            DbConnection::Postgres(postgres) => Kept(self).execute(postgres),
        }
    }

    /// Does the same as `load`. For lists of values, of which each length is another text on SQLite:
    /// use it where they are short.
    fn load_kept<'q, U>(self, connection: &mut DbConnection) -> QueryResult<Vec<U>>
    where
        Kept<Self>: LoadQuery<'q, SqliteConnection, U> + LoadQuery<'q, PgConnection, U>,
    {
        match connection {
            DbConnection::Sqlite(sqlite) => Kept(self).load(sqlite),
            DbConnection::Postgres(postgres) => Kept(self).load(postgres),
        }
    }
}

impl<S> ExecuteKept for S {}

/// Runs a statement without values on SQLite.
pub(super) fn run(sqlite: &mut SqliteConnection, statement: &'static str) -> QueryResult<()> {
    Kept(Plain(statement)).execute(sqlite).map(drop)
}

struct Plain(&'static str);

impl QueryFragment<Sqlite> for Plain {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        pass.push_sql(self.0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::connection::{InstrumentationEvent, SimpleConnection};
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    diesel::table! {
        things (id) {
            id -> BigInt,
            count -> BigInt,
        }
    }

    #[test]
    fn a_kept_statement_is_parsed_once() {
        let mut sqlite = SqliteConnection::establish(":memory:").unwrap();
        sqlite.batch_execute("CREATE TABLE things (id INTEGER PRIMARY KEY NOT NULL, count BIGINT NOT NULL)").unwrap();
        let kept = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&kept);
        sqlite.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::CacheQuery { .. } = event {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        let mut connection = DbConnection::Sqlite(sqlite);
        for id in 0..3_i64 {
            let insert = diesel::insert_into(things::table).values((things::id.eq(id), things::count.eq(0)));
            assert_eq!(insert.execute_kept(&mut connection).unwrap(), 1);
            let add = diesel::update(things::table.find(id)).set(things::count.eq(things::count + id));
            assert_eq!(add.execute_kept(&mut connection).unwrap(), 1);
        }
        assert_eq!(kept.load(Ordering::SeqCst), 2, "one INSERT and one UPDATE");
        let chosen = things::table.filter(things::id.eq_any([1, 2])).select(things::count);
        let mut counts: Vec<i64> = chosen.load_kept(&mut connection).unwrap();
        counts.sort_unstable();
        assert_eq!(counts, [1, 2]);
    }
}
