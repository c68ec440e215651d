//! View of the outbox for admins and users.

use crate::{
    db::{DbConnection, Error, columns::Named, schema::outbox},
    domain::{
        AccountId, EmailAddress, MailId, Timestamp,
        mail::{MailKind, MailState},
    },
};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct OutboxEntryRow {
    id: MailId,
    kind: String,
    recipient: String,
    note: String,
    state: Named<MailState>,
    created_at: Timestamp,
    due_at: Timestamp,
    tries: i32,
    reply: String,
    settled_at: Option<Timestamp>,
}

impl OutboxEntryRow {
    fn read(self) -> OutboxEntry {
        OutboxEntry {
            id: self.id,
            kind: MailKind::of_stored(&self.kind, &self.note),
            recipient: self.recipient,
            state: self.state.0,
            created_at: self.created_at,
            due_at: self.due_at,
            tries: self.tries,
            reply: self.reply,
            settled_at: self.settled_at,
        }
    }
}

/// One email of the outbox, as admins see it.
#[derive(Clone, Debug)]
pub struct OutboxEntry {
    pub id: MailId,
    /// `None` for a kind that only a newer version knows.
    pub kind: Option<MailKind>,
    /// As stored.
    pub recipient: String,
    pub state: MailState,
    pub created_at: Timestamp,
    pub due_at: Timestamp,
    pub tries: i32,
    pub reply: String,
    pub settled_at: Option<Timestamp>,
}

/// Returns how many emails are in each state.
pub fn count(connection: &mut DbConnection, state: MailState) -> Result<i64, Error> {
    if state == MailState::Waiting {
        return Ok(outbox::table.filter(waits()).count().get_result(connection)?);
    }
    let ended = outbox::table.filter(outbox::settled_at.is_not_null());
    Ok(ended.filter(outbox::state.eq(Named(state))).count().get_result(connection)?)
}

/// Returns the newest `most` emails in one of `states`, newest first.
pub fn newest(connection: &mut DbConnection, states: &[MailState], most: i64) -> Result<Vec<OutboxEntry>, Error> {
    let mut rows: Vec<OutboxEntryRow> = Vec::new();
    for state in states {
        let newest = outbox::table.order(outbox::created_at.desc()).limit(most).select(OutboxEntryRow::as_select());
        let found: Vec<OutboxEntryRow> = if *state == MailState::Waiting {
            newest.filter(waits()).load(connection)?
        } else {
            let ended = newest.filter(outbox::settled_at.is_not_null());
            ended.filter(outbox::state.eq(Named(*state))).load(connection)?
        };
        rows.extend(found);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.created_at));
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(rows.into_iter().map(OutboxEntryRow::read).collect())
}

/// Returns the newest emails to `email` that an account caused, newest first.
pub fn of_account(
    connection: &mut DbConnection,
    account: AccountId,
    email: &EmailAddress,
    most: i64,
) -> Result<Vec<OutboxEntry>, Error> {
    let rows: Vec<OutboxEntryRow> = outbox::table
        .filter(outbox::account_id.eq(account))
        .filter(outbox::recipient.eq(email.as_str()))
        .order(outbox::created_at.desc())
        .limit(most)
        .select(OutboxEntryRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(OutboxEntryRow::read).collect())
}

/// Emails that wait, by the words of the indexes that hold only those.
pub(in crate::db) fn waits() -> diesel::dsl::IsNull<outbox::settled_at> {
    outbox::settled_at.is_null()
}
