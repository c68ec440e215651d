//! Chooses the emails that a worker takes next.

use crate::{
    db::{DbConnection, schema::outbox},
    domain::{MailId, Timestamp, mail::Urgency},
};
use diesel::prelude::*;

/// Emails that a worker asks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub most: i64,
    /// Emails of at least this urgency go first.
    pub first: Urgency,
    /// Askers and domains to skip, because their emails already hold up enough workers.
    pub pass_over: Stuck,
}

/// Askers and domains of emails that take long, one entry for each email.
#[derive(Clone, Debug, Default)]
pub struct Stuck {
    pub askers: Vec<i32>,
    pub domains: Vec<String>,
}

/// Returns the ids of emails that are due, in turn. On PostgreSQL it skips rows that another node
/// is taking.
pub(in crate::db) fn ids(
    connection: &mut DbConnection,
    now: Timestamp,
    wanted: &Wanted,
    least: Urgency,
) -> QueryResult<Vec<MailId>> {
    // Literally, as the partial index has it. Neither database uses the index for a bound value.
    let waiting = diesel::dsl::sql::<diesel::sql_types::Bool>("outbox.state = 'waiting'");
    let query = outbox::table
        .filter(waiting)
        .filter(outbox::urgency.ge(least.as_i32()))
        .filter(outbox::due_at.le(now))
        .filter(outbox::leased_until.is_null().or(outbox::leased_until.le(now)))
        .filter(outbox::asker.ne_all(wanted.pass_over.askers.clone()))
        .filter(outbox::domain.ne_all(wanted.pass_over.domains.clone()))
        .order((outbox::urgency, outbox::turn))
        .limit(wanted.most)
        .select(outbox::id);
    match connection {
        DbConnection::Sqlite(sqlite) => query.load(sqlite),
        DbConnection::Postgres(postgres) => query.for_update().skip_locked().load(postgres),
    }
}
