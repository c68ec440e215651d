//! The audit log. Rows are added and, after a long time, forgotten; never changed.

use super::{DbConnection, Error, noted, row, schema::audit};
use crate::domain::{
    AccountId, AuditEntry, AuditId, EmailAddress, Timestamp,
    audit::{Action, Actor},
};
use diesel::prelude::*;

const COMMAND_LINE: &str = "command line";
const GATEPOST: &str = "gatepost";
const VISITOR: &str = "visitor";

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit)]
struct Row {
    id: i64,
    at: i64,
    actor_id: Option<i64>,
    actor: String,
    action: String,
    subject: String,
    value_before: Option<String>,
    value_after: Option<String>,
    client_address: Option<String>,
    request_id: Option<String>,
}

impl Row {
    fn read(self) -> Result<AuditEntry, Error> {
        Ok(AuditEntry {
            id: AuditId::from_i64(self.id),
            at: Timestamp::from_millis(self.at),
            actor: match (self.actor_id, self.actor.as_str()) {
                (Some(id), email) => Actor::Account { id: AccountId::from_i64(id), email: row::email(email)? },
                (None, COMMAND_LINE) => Actor::CommandLine,
                (None, GATEPOST) => Actor::Gatepost,
                (None, _) => Actor::Visitor,
            },
            action: Action::parse(&self.action).ok_or_else(|| Error::unreadable("action"))?,
            subject: self.subject,
            before: self.value_before,
            after: self.value_after,
            client: row::client(self.client_address)?,
            request_id: self.request_id,
        })
    }
}

pub fn insert(connection: &mut DbConnection, entry: &AuditEntry) -> Result<(), Error> {
    let (actor_id, actor) = match &entry.actor {
        Actor::Account { id, email } => (Some(id.as_i64()), email.as_str()),
        Actor::CommandLine => (None, COMMAND_LINE),
        Actor::Gatepost => (None, GATEPOST),
        Actor::Visitor => (None, VISITOR),
    };
    diesel::insert_into(audit::table)
        .values((
            audit::id.eq(entry.id.as_i64()),
            audit::at.eq(entry.at.as_millis()),
            audit::actor_id.eq(actor_id),
            audit::actor.eq(actor),
            audit::action.eq(entry.action.as_str()),
            audit::subject.eq(&entry.subject),
            audit::value_before.eq(entry.before.as_deref()),
            audit::value_after.eq(entry.after.as_deref()),
            audit::client_address.eq(entry.client.map(|client| client.to_string())),
            audit::request_id.eq(entry.request_id.as_deref()),
        ))
        .execute(connection)?;
    noted::note(entry);
    Ok(())
}

/// `most` entries after the newest `skip`, newest first.
pub fn page(connection: &mut DbConnection, skip: i64, most: i64) -> Result<Vec<AuditEntry>, Error> {
    let rows: Vec<Row> = audit::table
        .order((audit::at.desc(), audit::id))
        .offset(skip)
        .limit(most)
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(Row::read).collect()
}

/// What a person did, and what was done to that person, newest first, for that person to take along.
pub fn of_person(
    connection: &mut DbConnection,
    account: AccountId,
    email: &EmailAddress,
    most: i64,
) -> Result<Vec<AuditEntry>, Error> {
    let rows: Vec<Row> = audit::table
        .filter(audit::actor_id.eq(account.as_i64()).or(audit::subject.eq(email.as_str())))
        .order((audit::at.desc(), audit::id))
        .limit(most)
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(Row::read).collect()
}

/// Forgets up to `most` entries older than `before`; how many there were.
pub fn purge(connection: &mut DbConnection, before: Timestamp, most: i64) -> Result<usize, Error> {
    let old: Vec<i64> =
        audit::table.filter(audit::at.lt(before.as_millis())).limit(most).select(audit::id).load(connection)?;
    Ok(diesel::delete(audit::table.filter(audit::id.eq_any(old))).execute(connection)?)
}
