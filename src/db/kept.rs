//! Statements that a connection parses once and keeps.
//!
//! Diesel keeps no upsert and no list of values, because their text could differ each time. Parsing
//! each anew took the writer of SQLite a third of its time, and PostgreSQL a round trip. Use this
//! where the text is always the same, or one of a few.
//!
//! It works for what is loaded. What is executed passes Diesel as a reference, and a reference asks
//! the statement within (Diesel 2.3, `impl QueryFragment for &T`). So Diesel parses an UPDATE that
//! returns nothing each time.

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

/// Statements as both databases take them.
pub(super) trait KeptDsl: Sized {
    /// Does the same as `execute`, also for statements that Diesel offers for each database, but not
    /// for the enum of both.
    fn execute_either(self, connection: &mut DbConnection) -> QueryResult<usize>
    where
        Self: QueryFragment<Sqlite> + QueryFragment<Pg>,
    {
        match connection {
            DbConnection::Sqlite(sqlite) => Kept(self).execute(sqlite),
            DbConnection::Postgres(postgres) => Kept(self).execute(postgres),
        }
    }

    /// Does the same as `load`, and the connection keeps the statement. For lists of values, of which each length is another text on SQLite:
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

impl<S> KeptDsl for S {}

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
    use std::sync::{Arc, Mutex};

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
        let kept = Arc::new(Mutex::new(Vec::new()));
        let texts = Arc::clone(&kept);
        sqlite.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::CacheQuery { sql, .. } = event {
                texts.lock().unwrap().push(sql.to_owned());
            }
        });
        let mut connection = DbConnection::Sqlite(sqlite);
        for id in 0..3_i64 {
            let insert = diesel::insert_into(things::table).values((things::id.eq(id), things::count.eq(id)));
            assert_eq!(insert.execute_either(&mut connection).unwrap(), 1);
        }
        for _ in 0..3 {
            let chosen = things::table.filter(things::id.eq_any([1, 2])).select(things::count);
            let mut counts: Vec<i64> = chosen.load_kept(&mut connection).unwrap();
            counts.sort_unstable();
            assert_eq!(counts, [1, 2]);
        }
        let kept = kept.lock().unwrap().clone();
        assert_eq!(kept.iter().filter(|sql| sql.starts_with("SELECT")).count(), 1, "{kept:?}");
    }
}
