//! Statements that a connection parses once and keeps.
//!
//! Diesel keeps no UPDATE, no upsert and no list of values, because their text could differ each
//! time. Parsing each anew took the writer of SQLite half of its time, and PostgreSQL a round trip.
//! Use this where the text is always the same, or one of a few.
//!
//! Diesel asks the statement itself only if it is loaded. What is executed passes as a reference,
//! and a reference asks the statement within (Diesel 2.3, `impl QueryFragment for &T`). So
//! [`Quiet`] loads what returns no rows.

use super::DbConnection;
use diesel::{
    backend::Backend,
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    query_dsl::methods::LoadQuery,
    sql_types::{BigInt, Integer},
    sqlite::Sqlite,
};

/// A statement that the connection keeps, by its text.
pub(in crate::db) struct Kept<S>(pub S);

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

/// Finds a statement by its type if the type determines its text, as for most INSERTs. Then Diesel
/// builds no text. An optional column would break that: give it a value or `None`.
impl<S: QueryId> QueryId for Kept<S> {
    type QueryId = Kept<S::QueryId>;
    const HAS_STATIC_QUERY_ID: bool = S::HAS_STATIC_QUERY_ID;
}

impl<S: Query> Query for Kept<S> {
    type SqlType = S::SqlType;
}

/// A statement that returns no rows, as one that could.
pub(in crate::db) struct Quiet<S>(S);

impl<S, DB> QueryFragment<DB> for Quiet<S>
where
    DB: Backend,
    S: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }
}

impl<S: QueryId> QueryId for Quiet<S> {
    type QueryId = Quiet<S::QueryId>;
    const HAS_STATIC_QUERY_ID: bool = S::HAS_STATIC_QUERY_ID;
}

impl<S> Query for Quiet<S> {
    type SqlType = Integer;
}

/// The number of rows that the last statement of this connection changed.
#[derive(QueryId)]
struct Changes;

impl QueryFragment<Sqlite> for Changes {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        pass.push_sql("SELECT changes()");
        Ok(())
    }
}

impl Query for Changes {
    type SqlType = BigInt;
}

impl diesel::RunQueryDsl<SqliteConnection> for Changes {}

impl<S, C> diesel::RunQueryDsl<C> for Kept<S> {}

/// Statements as both databases take them.
pub(in crate::db) trait KeptDsl: Sized {
    /// Does the same as `execute`. It also takes statements that Diesel offers for each database,
    /// but not for the enum of both. Returns how many rows it changed; without need of that, use
    /// [`Self::run_kept`], which costs less.
    fn execute_either(self, connection: &mut DbConnection) -> QueryResult<usize>
    where
        Self: QueryFragment<Sqlite> + QueryFragment<Pg> + QueryId,
    {
        match connection {
            DbConnection::Sqlite(sqlite) => {
                run_on(sqlite, self)?;
                let changes: i64 = Changes.get_result(sqlite)?;
                Ok(usize::try_from(changes).unwrap_or(0))
            }
            DbConnection::Postgres(postgres) => Kept(self).execute(postgres),
        }
    }

    /// Runs a statement that returns no rows, on either database.
    fn run_kept(self, connection: &mut DbConnection) -> QueryResult<()>
    where
        Self: QueryFragment<Sqlite> + QueryFragment<Pg> + QueryId,
    {
        match connection {
            DbConnection::Sqlite(sqlite) => run_on(sqlite, self),
            DbConnection::Postgres(postgres) => run_on(postgres, self),
        }
    }

    /// Does the same as `load`, and the connection keeps the statement. For lists of values, of
    /// which each length is another text on SQLite: use it where they are short.
    fn load_kept<'q, U>(self, connection: &mut DbConnection) -> QueryResult<Vec<U>>
    where
        Kept<Self>: LoadQuery<'q, SqliteConnection, U> + LoadQuery<'q, PgConnection, U>,
    {
        match connection {
            DbConnection::Sqlite(sqlite) => Kept(self).load(sqlite),
            DbConnection::Postgres(postgres) => Kept(self).load(postgres),
        }
    }

    /// Does the same as `get_result`, and the connection keeps the statement. It reads all rows, so
    /// use it where a key or a count allows one.
    ///
    /// Diesel's connection to either database builds the text of a SELECT each time. For a redeemed
    /// link, that took an eighth of the writer's time.
    fn one_kept<'q, U>(self, connection: &mut DbConnection) -> QueryResult<U>
    where
        Kept<Self>: LoadQuery<'q, SqliteConnection, U> + LoadQuery<'q, PgConnection, U>,
    {
        self.load_kept(connection)?.into_iter().next().ok_or(diesel::result::Error::NotFound)
    }
}

impl<S> KeptDsl for S {}

/// Runs a statement that returns no rows on a connection that keeps it.
pub(in crate::db) fn run_on<'q, C, S>(connection: &mut C, statement: S) -> QueryResult<()>
where
    Kept<Quiet<S>>: LoadQuery<'q, C, i32>,
{
    Kept(Quiet(statement)).load(connection).map(drop)
}

/// Runs a statement without values on SQLite.
pub(in crate::db) fn run(sqlite: &mut SqliteConnection, statement: &'static str) -> QueryResult<()> {
    run_on(sqlite, Plain(statement))
}

struct Plain(&'static str);

impl QueryId for Plain {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

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
            insert.run_kept(&mut connection).unwrap();
        }
        for count in 3..6_i64 {
            let later = things::table.filter(things::id.ge(1));
            assert_eq!(diesel::update(later).set(things::count.eq(count)).execute_either(&mut connection).unwrap(), 2);
        }
        for count in 0..3_i64 {
            let insert = diesel::insert_into(things::table).values((things::id.eq(1), things::count.eq(count)));
            let upsert = insert.on_conflict(things::id).do_update().set(things::count.eq(count));
            assert_eq!(upsert.execute_either(&mut connection).unwrap(), 1);
        }
        for _ in 0..3 {
            let chosen = things::table.filter(things::id.eq_any([1, 2])).select(things::count);
            let mut counts: Vec<i64> = chosen.load_kept(&mut connection).unwrap();
            counts.sort_unstable();
            assert_eq!(counts, [2, 5]);
            let one = |id: i64| things::table.find(id).select(things::count);
            assert_eq!(one(2).one_kept(&mut connection), Ok(5_i64));
            assert_eq!(one(9).one_kept::<i64>(&mut connection), Err(diesel::result::Error::NotFound));
            let again = diesel::insert_into(things::table).values((things::id.eq(1), things::count.eq(9)));
            let added: Vec<i64> =
                again.on_conflict_do_nothing().returning(things::id).load_kept(&mut connection).unwrap();
            assert_eq!(added, [0_i64; 0]);
        }
        let kept = kept.lock().unwrap().clone();
        for (begin, texts) in [("SELECT `things`", 2), ("UPDATE", 1), ("INSERT", 3), ("SELECT changes", 1)] {
            assert_eq!(kept.iter().filter(|sql| sql.starts_with(begin)).count(), texts, "{begin}: {kept:?}");
        }
    }
}
