//! Recoveries: second factors that are removed when the waiting period ends.

use crate::{
    db::{
        DbConnection, Error,
        columns::Named,
        engine::kept::KeptDsl,
        row,
        schema::{accounts, recoveries, recovery_links},
    },
    domain::{
        AccountId, BrowserLabel, ClientAddress, RecoveryId, Timestamp, TokenHash,
        recovery::{AskedBy, Outcome, Recovery},
    },
};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = recoveries)]
struct Row {
    id: RecoveryId,
    account_id: AccountId,
    asked_by: Named<AskedBy>,
    asked_at: Timestamp,
    due_at: Timestamp,
    ended_at: Option<Timestamp>,
    outcome: Option<Named<Outcome>>,
    browser: Option<String>,
    client_address: Option<String>,
}

impl Row {
    fn read(self) -> Result<Recovery, Error> {
        let ended = match (self.ended_at, self.outcome) {
            (Some(at), Some(Named(outcome))) => Some((at, outcome)),
            (None, None) => None,
            _ => return Err(Error::unreadable("end of a recovery")),
        };
        Ok(Recovery {
            id: self.id,
            account_id: self.account_id,
            asked_by: self.asked_by.0,
            asked_at: self.asked_at,
            due_at: self.due_at,
            ended,
            browser: self.browser.map(BrowserLabel::from_stored),
            client: row::client(self.client_address)?,
        })
    }
}

/// Stores a recovery. Fails if the account already has one in progress.
pub fn insert(connection: &mut DbConnection, recovery: &Recovery) -> Result<(), Error> {
    diesel::insert_into(recoveries::table)
        .values((
            recoveries::id.eq(recovery.id),
            recoveries::account_id.eq(recovery.account_id),
            recoveries::asked_by.eq(Named(recovery.asked_by)),
            recoveries::asked_at.eq(recovery.asked_at),
            recoveries::due_at.eq(recovery.due_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Notes the browser that asked for a recovery, for its owner to see.
pub fn note_from(
    connection: &mut DbConnection,
    id: RecoveryId,
    browser: &BrowserLabel,
    client: ClientAddress,
) -> Result<(), Error> {
    diesel::update(recoveries::table.find(id))
        .set((recoveries::browser.eq(browser.as_str()), recoveries::client_address.eq(client.to_string())))
        .execute(connection)?;
    Ok(())
}

pub fn find(connection: &mut DbConnection, id: RecoveryId) -> Result<Option<Recovery>, Error> {
    let row: Option<Row> = recoveries::table.find(id).select(Row::as_select()).first(connection).optional()?;
    row.map(Row::read).transpose()
}

/// Returns the recovery that has not ended, if there is one. It may be due.
pub fn under_way(connection: &mut DbConnection, account: AccountId) -> Result<Option<Recovery>, Error> {
    let row: Option<Row> = recoveries::table
        .filter(recoveries::account_id.eq(account))
        .filter(recoveries::ended_at.is_null())
        .select(row::columns::<Row>())
        .one_kept(connection)
        .optional()?;
    row.map(Row::read).transpose()
}

/// Returns an account's recoveries, newest first, for the owner's download.
pub fn of_account(connection: &mut DbConnection, account: AccountId) -> Result<Vec<Recovery>, Error> {
    let rows: Vec<Row> = recoveries::table
        .filter(recoveries::account_id.eq(account))
        .order(recoveries::asked_at.desc())
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(Row::read).collect()
}

/// Adds a link that cancels a recovery, for the email about to leave. Returns `false` if the
/// recovery has ended.
///
/// The links of earlier emails stay valid. A worker may die after the mail server accepted its
/// email and before it noted that. The email is then sent again. If that copy never arrives, only
/// the first email has the link.
pub fn mint_cancel(connection: &mut DbConnection, id: RecoveryId, link: &TokenHash) -> Result<bool, Error> {
    if find(connection, id)?.is_none_or(|recovery| recovery.ended.is_some()) {
        return Ok(false);
    }
    diesel::insert_into(recovery_links::table)
        .values((recovery_links::token_hash.eq(link), recovery_links::recovery_id.eq(id)))
        .execute(connection)?;
    Ok(true)
}

/// Returns the recovery of an email's link, ended or not.
pub fn find_by_link(connection: &mut DbConnection, link: &TokenHash) -> Result<Option<Recovery>, Error> {
    let row: Option<Row> = recovery_links::table
        .inner_join(recoveries::table)
        .filter(recovery_links::token_hash.eq(link))
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    row.map(Row::read).transpose()
}

/// Ends the account's recovery without removing anything. Returns `false` without one. Of any
/// number of callers that end a recovery, with [`finish`], one gets `true`.
pub fn cancel(connection: &mut DbConnection, account: AccountId, now: Timestamp) -> Result<bool, Error> {
    let cancelled = diesel::update(
        recoveries::table.filter(recoveries::account_id.eq(account)).filter(recoveries::ended_at.is_null()),
    )
    .set((recoveries::ended_at.eq(now), recoveries::outcome.eq(Named(Outcome::Cancelled))))
    .execute(connection)?;
    Ok(cancelled > 0)
}

/// Ends the recovery that the owner asked for since a moment. An attacker who took the account over
/// may have asked.
pub fn cancel_of_owner(
    connection: &mut DbConnection,
    account: AccountId,
    since: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    diesel::update(
        recoveries::table
            .filter(recoveries::account_id.eq(account))
            .filter(recoveries::ended_at.is_null())
            .filter(recoveries::asked_by.eq(Named(AskedBy::Owner)))
            .filter(recoveries::asked_at.ge(since)),
    )
    .set((recoveries::ended_at.eq(now), recoveries::outcome.eq(Named(Outcome::Cancelled))))
    .execute(connection)?;
    Ok(())
}

/// Moves the end of the account's recovery. Returns `false` without one.
pub fn set_due(connection: &mut DbConnection, account: AccountId, due_at: Timestamp) -> Result<bool, Error> {
    let moved = diesel::update(
        recoveries::table.filter(recoveries::account_id.eq(account)).filter(recoveries::ended_at.is_null()),
    )
    .set(recoveries::due_at.eq(due_at))
    .execute(connection)?;
    Ok(moved > 0)
}

/// Ends the account's recovery if it is due. Returns `false` without one, or if another node was
/// quicker.
pub fn finish(connection: &mut DbConnection, account: AccountId, now: Timestamp) -> Result<bool, Error> {
    let finished = diesel::update(
        recoveries::table
            .filter(recoveries::account_id.eq(account))
            .filter(recoveries::ended_at.is_null())
            .filter(recoveries::due_at.le(now)),
    )
    .set((recoveries::ended_at.eq(now), recoveries::outcome.eq(Named(Outcome::Done))))
    .execute(connection)?;
    Ok(finished > 0)
}

/// Returns up to `most` accounts whose recovery is due.
pub fn due(connection: &mut DbConnection, now: Timestamp, most: i64) -> Result<Vec<AccountId>, Error> {
    let accounts: Vec<AccountId> = recoveries::table
        .inner_join(accounts::table)
        .filter(recoveries::ended_at.is_null())
        .filter(recoveries::due_at.le(now))
        .filter(accounts::disabled_at.is_null())
        .order(recoveries::due_at)
        .limit(most)
        .select(recoveries::account_id)
        .load(connection)?;
    Ok(accounts)
}

/// Deletes those that ended before `before`, and their links.
pub fn purge(connection: &mut DbConnection, before: Timestamp) -> Result<usize, Error> {
    Ok(diesel::delete(recoveries::table.filter(recoveries::ended_at.lt(before))).execute(connection)?)
}
