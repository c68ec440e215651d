//! The number of rows of a statement that has a limit. Diesel's own `count` would count first and
//! limit the one row of the answer.

use super::connection::{DbConnection, MultiBackend};
use diesel::{
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::BigInt,
};

/// Counts the rows of a statement.
#[derive(QueryId)]
pub(in crate::db) struct NumberOf<S>(pub S);

impl<S: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for NumberOf<S> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        pass.push_sql("SELECT COUNT(*) FROM (");
        self.0.walk_ast(pass.reborrow())?;
        pass.push_sql(") AS counted");
        Ok(())
    }
}

impl<S> Query for NumberOf<S> {
    type SqlType = BigInt;
}

impl<S> RunQueryDsl<DbConnection> for NumberOf<S> {}
