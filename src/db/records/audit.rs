//! The audit log. Rows are added, never changed, and deleted after a long time.

use crate::{
    db::{
        DbConnection, Error,
        engine::kept::KeptDsl,
        limits::{self, Counted},
        row,
        schema::{accounts, audit},
    },
    domain::{
        AccountId, AuditEntry, AuditId, BrowserLabel, Timestamp,
        audit::{Action, Actor},
        audit_seal::Sealer,
        limit::Decision,
    },
};
use diesel::prelude::*;

const COMMAND_LINE: &str = "command line";
const GATEPOST: &str = "gatepost";
const VISITOR: &str = "visitor";

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit)]
pub(in crate::db) struct Row {
    pub(in crate::db) id: AuditId,
    pub(in crate::db) at: Timestamp,
    actor_id: Option<AccountId>,
    actor: String,
    action: String,
    subject: String,
    value_before: Option<String>,
    value_after: Option<String>,
    client_address: Option<String>,
    request_id: Option<String>,
    pub(in crate::db) subject_id: Option<AccountId>,
    browser: Option<String>,
}

impl Row {
    /// Returns its place in the order of lines.
    pub(in crate::db) const fn place(&self) -> (Timestamp, i64) {
        (self.at, self.id.as_i64())
    }

    /// Adds everything that the line says to a seal.
    pub(in crate::db) fn seal(&self, sealer: &mut Sealer) {
        let accounts = [self.actor_id, self.subject_id].map(|id| id.map(AccountId::as_i64));
        let ids = [Some(self.id.as_i64()), Some(self.at.as_millis())].into_iter().chain(accounts);
        for id in ids {
            match id {
                Some(id) => sealer.number(id),
                None => sealer.text(None),
            }
        }
        let texts = [Some(&self.actor), Some(&self.action), Some(&self.subject), self.value_before.as_ref()];
        let more =
            [self.value_after.as_ref(), self.client_address.as_ref(), self.request_id.as_ref(), self.browser.as_ref()];
        texts.into_iter().chain(more).for_each(|text| sealer.text(text.map(String::as_str)));
    }

    pub(in crate::db) fn read(self) -> Result<AuditEntry, Error> {
        let action = self.action.parse::<Action>().ok();
        Ok(AuditEntry {
            id: self.id,
            at: self.at,
            actor: match (self.actor_id, self.actor.as_str()) {
                (Some(id), email) => Actor::Account { id, email: row::email(email)? },
                (None, COMMAND_LINE) => Actor::CommandLine,
                (None, GATEPOST) => Actor::Gatepost,
                (None, _) => Actor::Visitor,
            },
            newer: action.is_none().then_some(self.action),
            action: action.unwrap_or(Action::Newer),
            subject: self.subject,
            before: self.value_before,
            after: self.value_after,
            client: row::client(self.client_address)?,
            browser: self.browser.map(BrowserLabel::from_stored),
            request_id: self.request_id,
        })
    }
}

/// Adds a line, and counts it if the account has a limit for it. [`crate::db::Tx::log`] calls it.
///
/// # Errors
///
/// [`Error::TooOften`] over that limit. The whole transaction is then undone.
pub(in crate::db) fn insert(connection: &mut DbConnection, entry: &AuditEntry) -> Result<(), Error> {
    count(connection, entry)?;
    let subject_id = account_at(connection, &entry.subject)?;
    let (actor_id, actor) = match &entry.actor {
        Actor::Account { id, email } => (Some(*id), email.as_str()),
        Actor::CommandLine => (None, COMMAND_LINE),
        Actor::Gatepost => (None, GATEPOST),
        Actor::Visitor => (None, VISITOR),
    };
    diesel::insert_into(audit::table)
        .values((
            audit::id.eq(entry.id),
            audit::at.eq(entry.at),
            audit::actor_id.eq(actor_id),
            audit::actor.eq(actor),
            audit::action.eq(entry.action.into_str()),
            audit::subject.eq(&entry.subject),
            audit::value_before.eq(entry.before.as_deref()),
            audit::value_after.eq(entry.after.as_deref()),
            audit::client_address.eq(entry.client.map(|client| client.to_string())),
            audit::request_id.eq(entry.request_id.as_deref()),
            audit::subject_id.eq(subject_id),
            audit::browser.eq(entry.browser.as_ref().map(BrowserLabel::as_str)),
        ))
        .run_kept(connection)?;
    Ok(())
}

/// Returns the newest `most` entries, newest first.
pub fn newest(connection: &mut DbConnection, most: i64) -> Result<Vec<AuditEntry>, Error> {
    let rows: Vec<Row> = audit::table
        .order((audit::at.desc(), audit::id.desc()))
        .limit(most)
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(Row::read).collect()
}

fn count(connection: &mut DbConnection, entry: &AuditEntry) -> Result<(), Error> {
    let (Actor::Account { id, .. }, Some((name, limit))) = (&entry.actor, entry.action.budget().limit()) else {
        return Ok(());
    };
    match limits::take(connection, &[Counted { name: format!("{name} of {id}"), limit }], entry.at)? {
        Decision::Allowed => Ok(()),
        Decision::Limited { until } => Err(Error::TooOften(until.since(entry.at))),
    }
}

/// Returns the account that has this address now, if it is an address.
fn account_at(connection: &mut DbConnection, subject: &str) -> Result<Option<AccountId>, Error> {
    if !subject.contains('@') {
        return Ok(None);
    }
    Ok(accounts::table.filter(accounts::email.eq(subject)).select(accounts::id).one_kept(connection).optional()?)
}

/// Returns the newest `most` lines by an account or about it, newest first. Chosen by its id,
/// because its address may have been another account's.
pub fn of_account(connection: &mut DbConnection, account: AccountId, most: i64) -> Result<Vec<AuditEntry>, Error> {
    let by: Vec<Row> = audit::table
        .filter(audit::actor_id.eq(account))
        .order(audit::at.desc())
        .limit(most)
        .select(Row::as_select())
        .load(connection)?;
    let about: Vec<Row> = audit::table
        .filter(audit::subject_id.eq(account))
        .order(audit::at.desc())
        .limit(most)
        .select(Row::as_select())
        .load(connection)?;
    let mut rows: Vec<Row> = by.into_iter().chain(about).collect();
    rows.sort_unstable_by_key(|row| (std::cmp::Reverse(row.at), row.id.as_i64()));
    rows.dedup_by_key(|row| row.id);
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    rows.into_iter().map(Row::read).collect()
}
