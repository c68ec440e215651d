//! Gains of accounts in the last days, and the links that undo them.

use crate::{
    db::{
        DbConnection, Error, address_changes,
        columns::Named,
        former,
        schema::{address_changes as changes, gain_links, gains},
    },
    domain::{
        AccountId, AddressChangeId, EmailAddress, Gain, GainId, Gained, Lifetime, MailId, Timestamp, TokenHash,
        account::AddressChange, gain::UNDO_LIFETIME,
    },
};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = gains)]
struct Row {
    id: GainId,
    account_id: AccountId,
    kind: Named<Gain>,
    thing_id: Option<i64>,
    told: EmailAddress,
    gained_at: Timestamp,
    undone_at: Option<Timestamp>,
}

impl Row {
    fn read(self) -> Gained {
        Gained {
            id: self.id,
            account_id: self.account_id,
            kind: self.kind.0,
            thing: self.thing_id,
            told: self.told,
            gained_at: self.gained_at,
            undone_at: self.undone_at,
        }
    }
}

/// Notes a gain that is about to be made, with what it replaces. The email `mail` is about it. Hold
/// the mailbox's lock.
pub fn insert(connection: &mut DbConnection, gained: &Gained, mail: Option<MailId>) -> Result<(), Error> {
    let former = former::of(connection, gained)?;
    diesel::insert_into(gains::table)
        .values((
            gains::id.eq(gained.id),
            gains::account_id.eq(gained.account_id),
            gains::kind.eq(Named(gained.kind)),
            gains::thing_id.eq(gained.thing),
            gains::mail_id.eq(mail),
            gains::told.eq(gained.told.as_str()),
            gains::former.eq(former),
            gains::gained_at.eq(gained.gained_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Returns when an account's next gain is made: now. It is after every earlier one, even if a
/// node's clock is behind.
pub fn next_moment(connection: &mut DbConnection, account: AccountId, now: Timestamp) -> Result<Timestamp, Error> {
    let last: Option<Timestamp> = gains::table
        .filter(gains::account_id.eq(account))
        .select(diesel::dsl::max(gains::gained_at))
        .first(connection)?;
    Ok(last.map_or(now, |last| now.max(last.plus(Lifetime::millis(1)))))
}

pub fn find(connection: &mut DbConnection, id: GainId) -> Result<Option<Gained>, Error> {
    let row: Option<Row> = gains::table.find(id).select(Row::as_select()).first(connection).optional()?;
    Ok(row.map(Row::read))
}

/// Returns the account's gains that have not been undone, oldest first.
pub fn open_of(connection: &mut DbConnection, account: AccountId) -> Result<Vec<Gained>, Error> {
    let rows: Vec<Row> = gains::table
        .filter(gains::account_id.eq(account))
        .filter(gains::undone_at.is_null())
        .order(gains::gained_at)
        .select(Row::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Row::read).collect())
}

/// Returns the newest gains of an account in the last days, for the owner's download.
pub fn of_account(connection: &mut DbConnection, account: AccountId, most: i64) -> Result<Vec<Gained>, Error> {
    let rows: Vec<Row> = gains::table
        .filter(gains::account_id.eq(account))
        .order(gains::gained_at.desc())
        .limit(most)
        .select(Row::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Row::read).collect())
}

/// Returns changes of address that have not been undone and that this mailbox was told of. The
/// accounts had it before.
pub fn open_moves_from(connection: &mut DbConnection, told: &EmailAddress) -> Result<Vec<Gained>, Error> {
    let rows: Vec<Row> = gains::table
        .filter(gains::told.eq(told.as_str()))
        .filter(gains::kind.eq(Named(Gain::Address)))
        .filter(gains::undone_at.is_null())
        .select(Row::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Row::read).collect())
}

/// Returns the account's gains of one kind after a moment that have not been undone, oldest first.
pub fn open_since(
    connection: &mut DbConnection,
    account: AccountId,
    kind: Gain,
    since: Timestamp,
) -> Result<Vec<Gained>, Error> {
    let all = open_of(connection, account)?;
    Ok(all.into_iter().filter(|gained| gained.kind == kind && gained.gained_at > since).collect())
}

/// Returns whether an admin who still has an account gave this one admin rights after a moment.
/// [`crate::db::admin_acts`] knows of the others, too.
pub(in crate::db) fn became_admin_since(
    connection: &mut DbConnection,
    account: AccountId,
    since: Timestamp,
) -> Result<bool, Error> {
    let given: i64 = gains::table
        .filter(gains::thing_id.eq(account.as_i64()))
        .filter(gains::kind.eq(Named(Gain::AdminRights)))
        .filter(gains::undone_at.is_null())
        .filter(gains::gained_at.gt(since))
        .count()
        .get_result(connection)?;
    Ok(given > 0)
}

/// Returns the gains that an email is about.
pub fn of_mail(connection: &mut DbConnection, mail: MailId) -> Result<Option<Gained>, Error> {
    let row: Option<Row> =
        gains::table.filter(gains::mail_id.eq(mail)).select(Row::as_select()).first(connection).optional()?;
    Ok(row.map(Row::read))
}

/// Adds a link that undoes a gain, for the email about to leave. Returns `false` if the gain is
/// undone or gone. The links of earlier tries stay valid, because one of them may have arrived.
pub fn mint(connection: &mut DbConnection, id: GainId, link: &TokenHash) -> Result<bool, Error> {
    if find(connection, id)?.is_none_or(|gained| gained.undone_at.is_some()) {
        return Ok(false);
    }
    diesel::insert_into(gain_links::table)
        .values((gain_links::token_hash.eq(link), gain_links::gain_id.eq(id)))
        .execute(connection)?;
    Ok(true)
}

/// Returns what a link undoes, undone or not.
pub fn find_by_link(connection: &mut DbConnection, link: &TokenHash) -> Result<Option<Gained>, Error> {
    let row: Option<Row> = gain_links::table
        .inner_join(gains::table)
        .filter(gain_links::token_hash.eq(link))
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    if let Some(row) = row {
        return Ok(Some(row.read()));
    }
    let Some((change, undone_at)) = address_changes::find_by_undo(connection, link)? else { return Ok(None) };
    // A node of the previous version moves an account without noting a gain.
    let noted = find(connection, GainId::from_i64(change.id.as_i64()))?;
    Ok(Some(noted.unwrap_or_else(|| of_change(&change, undone_at))))
}

/// Returns a change of address as a gain. They share their id.
pub fn of_change(change: &AddressChange, undone_at: Option<Timestamp>) -> Gained {
    Gained {
        id: GainId::from_i64(change.id.as_i64()),
        account_id: change.account_id,
        kind: Gain::Address,
        thing: None,
        told: change.old_email.clone(),
        gained_at: change.changed_at,
        undone_at,
    }
}

/// Marks a gain undone. Of any number of callers, one gets `true`.
pub fn undo(connection: &mut DbConnection, gained: &Gained, now: Timestamp) -> Result<bool, Error> {
    if gained.kind == Gain::Address && find(connection, gained.id)?.is_none() {
        insert(connection, gained, None)?;
    }
    let undone = diesel::update(gains::table.find(gained.id).filter(gains::undone_at.is_null()))
        .set(gains::undone_at.eq(now))
        .execute(connection)?;
    mark_undone(connection, std::slice::from_ref(gained), now)?;
    Ok(undone == 1)
}

/// Marks gains undone that go with another one.
pub fn mark_undone(connection: &mut DbConnection, all: &[Gained], now: Timestamp) -> Result<(), Error> {
    let ids: Vec<GainId> = all.iter().map(|gained| gained.id).collect();
    diesel::update(gains::table.filter(gains::id.eq_any(&ids)).filter(gains::undone_at.is_null()))
        .set(gains::undone_at.eq(now))
        .execute(connection)?;
    // Nodes of the previous version read it there.
    let ids = ids.into_iter().map(|id| AddressChangeId::from_i64(id.as_i64()));
    diesel::update(changes::table.filter(changes::id.eq_any(ids)).filter(changes::undone_at.is_null()))
        .set(changes::undone_at.eq(now))
        .execute(connection)?;
    Ok(())
}

/// Deletes gains made before a moment, and former values that can no longer be put back.
pub fn purge(connection: &mut DbConnection, before: Timestamp, now: Timestamp) -> Result<(), Error> {
    diesel::delete(gains::table.filter(gains::gained_at.lt(before))).execute(connection)?;
    let settled = now.minus(UNDO_LIFETIME);
    former::purge(connection, settled)?;
    diesel::update(gains::table.filter(gains::gained_at.le(settled)).filter(gains::former.is_not_null()))
        .set(gains::former.eq(None::<String>))
        .execute(connection)?;
    Ok(())
}
