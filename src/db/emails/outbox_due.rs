//! Chooses the emails that a worker takes next.

use crate::{
    db::{DbConnection, Error, columns::Named, schema::outbox},
    domain::{
        EmailAddress, MailId, Timestamp,
        known_browser::FirstSignIn,
        mail::{Line, MailKind, MailState, Urgency},
        mail_kind,
    },
};
use diesel::prelude::*;

/// Kinds of which some can leave together, as they are stored.
pub(super) const NEWS: [&str; 2] = [MailKind::PasswordChanged.stored(), MailKind::SecurityChanged.stored()];

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

/// The emails of one line to one mailbox.
#[derive(Clone, Copy, Debug)]
pub struct Stream<'a> {
    pub recipient: &'a EmailAddress,
    pub line: Line,
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

/// Returns the ids of waiting news that no other worker holds, oldest first. On PostgreSQL it locks
/// them, and skips those that another worker is taking. Two that wait for each other's would cross.
pub(super) fn ids_of_news(
    connection: &mut DbConnection,
    Stream { recipient, line }: Stream<'_>,
    (lease, now): (i64, Timestamp),
    (due_before, most): (Timestamp, i64),
) -> Result<Vec<MailId>, Error> {
    let is_free = outbox::leased_until.is_null().or(outbox::leased_until.le(now));
    let is_mine = outbox::lease.is_not_null().and(outbox::lease.assume_not_null().eq(lease));
    let is_sign_in = outbox::note.like(format!("{}%", FirstSignIn::PREFIX));
    let query = outbox::table
        .filter(outbox::recipient.eq(recipient.as_str()))
        .filter(outbox::attempt_id.is_null())
        .filter(outbox::state.eq(Named(MailState::Waiting)))
        .filter(outbox::kind.eq_any(NEWS))
        .filter(is_sign_in.eq(line == Line::SignIns))
        .filter(outbox::note.not_like(format!("{}%", mail_kind::APART)))
        .filter(is_free.or(is_mine))
        .filter(outbox::due_at.lt(due_before))
        .order(outbox::created_at)
        .limit(most)
        .select(outbox::id);
    Ok(match connection {
        DbConnection::Sqlite(sqlite) => query.load(sqlite),
        DbConnection::Postgres(postgres) => query.for_update().skip_locked().load(postgres),
    }?)
}
