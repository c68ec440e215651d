//! Accounts.

use crate::{
    db::{DbConnection, Error, columns::Named, engine::kept::KeptDsl, row, schema::accounts},
    domain::{
        Account, AccountId, EmailAddress, LanguageTag, TimeZone, Timestamp,
        account::{AccountName, AccountOrigin},
        handle::Handle,
    },
};
use diesel::prelude::*;
use std::collections::HashSet;

#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub(in crate::db) struct Row {
    id: AccountId,
    email: EmailAddress,
    name: String,
    is_admin: bool,
    disabled_at: Option<Timestamp>,
    proven_at: Option<Timestamp>,
    created_at: Timestamp,
    last_signed_in_at: Option<Timestamp>,
    language: Option<String>,
    time_zone: Option<String>,
    guest_until: Option<Timestamp>,
    ends_at: Option<Timestamp>,
}

impl Row {
    pub(in crate::db) fn read(self) -> Result<Account, Error> {
        Ok(Account {
            id: self.id,
            email: self.email,
            name: AccountName::parse(&self.name).map_err(|_| Error::unreadable("name"))?,
            is_admin: self.is_admin,
            disabled_at: self.disabled_at,
            proven_at: self.proven_at,
            created_at: self.created_at,
            last_signed_in_at: self.last_signed_in_at,
            language: self.language.as_deref().and_then(LanguageTag::parse),
            time_zone: self.time_zone.as_deref().and_then(TimeZone::parse),
            guest_until: self.guest_until,
            ends_at: self.ends_at,
        })
    }
}

pub fn find(connection: &mut DbConnection, id: AccountId) -> Result<Option<Account>, Error> {
    let row: Option<Row> = accounts::table.find(id).select(row::columns::<Row>()).one_kept(connection).optional()?;
    row.map(Row::read).transpose()
}

/// Returns an account as it is now, if it exists. Fails if it no longer has this address, because
/// emails and the audit log would name the former one. Lock the mailbox first.
pub fn find_unmoved(
    connection: &mut DbConnection,
    id: AccountId,
    email: &EmailAddress,
) -> Result<Option<Account>, Error> {
    match find(connection, id)? {
        Some(moved) if moved.email != *email => Err(Error::unavailable("the account was moving")),
        found => Ok(found),
    }
}

pub fn find_by_email(connection: &mut DbConnection, email: &EmailAddress) -> Result<Option<Account>, Error> {
    let row: Option<Row> = accounts::table
        .filter(accounts::email.eq(email.as_str()))
        .select(row::columns::<Row>())
        .one_kept(connection)
        .optional()?;
    row.map(Row::read).transpose()
}

/// Returns which of these accounts exist.
pub fn existing(
    connection: &mut DbConnection,
    ids: impl Iterator<Item = AccountId>,
) -> Result<HashSet<AccountId>, Error> {
    let ids: HashSet<AccountId> = ids.collect();
    let found: Vec<AccountId> =
        accounts::table.filter(accounts::id.eq_any(ids)).select(accounts::id).load(connection)?;
    Ok(found.into_iter().collect())
}

/// Stores an account.
///
/// # Errors
///
/// [`Error::Conflict`] if the address has an account.
pub fn insert(
    connection: &mut DbConnection,
    account: &Account,
    origin: AccountOrigin,
    handle: Option<&Handle>,
) -> Result<(), Error> {
    diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(account.id),
            accounts::email.eq(account.email.as_str()),
            accounts::name.eq(account.name.as_str()),
            accounts::is_admin.eq(account.is_admin),
            accounts::disabled_at.eq(account.disabled_at),
            accounts::proven_at.eq(account.proven_at),
            accounts::created_at.eq(account.created_at),
            accounts::origin.eq(Named(origin)),
            accounts::last_signed_in_at.eq(account.last_signed_in_at),
            accounts::language.eq(account.language.as_ref().map(LanguageTag::as_str)),
            accounts::time_zone.eq(account.time_zone.as_ref().map(TimeZone::name)),
            accounts::guest_until.eq(account.guest_until),
            accounts::ends_at.eq(account.ends_at),
            accounts::handle.eq(handle.map(Handle::as_str)),
        ))
        .run_kept(connection)?;
    Ok(())
}

pub fn set_name(connection: &mut DbConnection, id: AccountId, name: &AccountName) -> Result<(), Error> {
    diesel::update(accounts::table.find(id)).set(accounts::name.eq(name.as_str())).run_kept(connection)?;
    Ok(())
}

/// Sets the language of pages and emails; `None` leaves it to the browser.
pub fn set_language(connection: &mut DbConnection, id: AccountId, language: Option<&LanguageTag>) -> Result<(), Error> {
    diesel::update(accounts::table.find(id))
        .set(accounts::language.eq(language.map(LanguageTag::as_str)))
        .run_kept(connection)?;
    Ok(())
}

/// Sets the time zone of pages and emails; `None` leaves it to the browser and the settings.
pub fn set_time_zone(connection: &mut DbConnection, id: AccountId, zone: Option<&TimeZone>) -> Result<(), Error> {
    diesel::update(accounts::table.find(id))
        .set(accounts::time_zone.eq(zone.map(TimeZone::name)))
        .execute_either(connection)?;
    Ok(())
}

/// Returns when a user may be offered a passkey again. `None`: at any time.
pub fn passkey_offer_at(connection: &mut DbConnection, id: AccountId) -> Result<Option<Timestamp>, Error> {
    let at: Option<Option<Timestamp>> =
        accounts::table.find(id).select(accounts::passkey_offer_at).get_result(connection).optional()?;
    Ok(at.flatten())
}

/// Offers the user no passkey before a moment.
pub fn put_off_passkey_offer(connection: &mut DbConnection, id: AccountId, at: Timestamp) -> Result<(), Error> {
    diesel::update(accounts::table.find(id)).set(accounts::passkey_offer_at.eq(at)).run_kept(connection)?;
    Ok(())
}

/// Returns the language and the time zone that the owner of an account chose. An email without an
/// account goes by its address.
pub fn language_and_time_zone_of(
    connection: &mut DbConnection,
    account: Option<AccountId>,
    email: &EmailAddress,
) -> Result<(Option<LanguageTag>, Option<TimeZone>), Error> {
    let choices = accounts::table.select((accounts::language, accounts::time_zone)).into_boxed();
    let of_account = match account {
        Some(id) => choices.filter(accounts::id.eq(id)),
        None => choices.filter(accounts::email.eq(email.as_str())),
    };
    let chosen: Option<(Option<String>, Option<String>)> = of_account.first(connection).optional()?;
    let (language, zone) = chosen.unwrap_or_default();
    Ok((language.as_deref().and_then(LanguageTag::parse), zone.as_deref().and_then(TimeZone::parse)))
}

/// Moves the account from one address to another, and notes when it came there. Returns `false` if
/// it no longer has the old one.
///
/// # Errors
///
/// [`Error::Conflict`] if the new address has an account.
pub fn move_address(
    connection: &mut DbConnection,
    id: AccountId,
    (from, to): (&EmailAddress, &EmailAddress),
    now: Timestamp,
) -> Result<bool, Error> {
    let moved = diesel::update(accounts::table.find(id).filter(accounts::email.eq(from.as_str())))
        .set((accounts::email.eq(to.as_str()), accounts::mailbox_since.eq(now)))
        .execute_either(connection)?;
    Ok(moved == 1)
}

/// Returns when the account last came to its address. `None` if it has always had this one.
pub fn mailbox_since(connection: &mut DbConnection, id: AccountId) -> Result<Option<Timestamp>, Error> {
    let at: Option<Option<Timestamp>> =
        accounts::table.find(id).select(accounts::mailbox_since).get_result(connection).optional()?;
    Ok(at.flatten())
}

pub fn set_admin(connection: &mut DbConnection, id: AccountId, is_admin: bool) -> Result<(), Error> {
    diesel::update(accounts::table.find(id)).set(accounts::is_admin.eq(is_admin)).run_kept(connection)?;
    Ok(())
}

/// Makes an account a guest's until a moment, or no guest's any more. The guest will be told again.
pub fn set_guest(connection: &mut DbConnection, id: AccountId, until: Option<Timestamp>) -> Result<(), Error> {
    diesel::update(accounts::table.find(id))
        .set((accounts::guest_until.eq(until), accounts::guest_told_at.eq(None::<Timestamp>)))
        .execute(connection)?;
    Ok(())
}

/// Notes that a guest was told of an end that comes before a moment. Of several nodes, exactly one
/// gets `true`. Returns `false` for a guest whose end has moved.
pub fn note_guest_told(
    connection: &mut DbConnection,
    id: AccountId,
    (now, before): (Timestamp, Timestamp),
) -> Result<bool, Error> {
    let untold = accounts::table.find(id).filter(accounts::guest_told_at.is_null());
    let noted = diesel::update(untold.filter(accounts::guest_until.le(before)))
        .set(accounts::guest_told_at.eq(now))
        .execute_either(connection)?;
    Ok(noted == 1)
}

/// Returns guests whose accounts end before a moment, and whether each was told.
pub fn ending_guests(
    connection: &mut DbConnection,
    before: Timestamp,
    most: i64,
) -> Result<Vec<(Account, bool)>, Error> {
    let rows: Vec<(Row, Option<Timestamp>)> = accounts::table
        .filter(accounts::guest_until.is_not_null())
        .filter(accounts::guest_until.le(before))
        .order(accounts::guest_until)
        .limit(most)
        .select((Row::as_select(), accounts::guest_told_at))
        .load(connection)?;
    rows.into_iter().map(|(row, told)| Ok((row.read()?, told.is_some()))).collect()
}

pub fn set_disabled(connection: &mut DbConnection, id: AccountId, at: Option<Timestamp>) -> Result<(), Error> {
    diesel::update(accounts::table.find(id)).set(accounts::disabled_at.eq(at)).run_kept(connection)?;
    Ok(())
}

/// Notes that the owner verified the address. Returns `true` the first time, at any address.
pub fn mark_proven(connection: &mut DbConnection, id: AccountId, at: Timestamp) -> Result<bool, Error> {
    let first = diesel::update(accounts::table.find(id).filter(accounts::proven_at.is_null()))
        .set(accounts::proven_at.eq(at))
        .execute_either(connection)?;
    Ok(first == 1)
}

/// Notes a sign-in. Returns whether the account has a handle.
pub fn mark_signed_in(connection: &mut DbConnection, id: AccountId, at: Timestamp) -> Result<bool, Error> {
    let handles: Vec<Option<String>> = diesel::update(accounts::table.find(id))
        .set(accounts::last_signed_in_at.eq(at))
        .returning(accounts::handle)
        .load_kept(connection)?;
    Ok(handles.iter().any(Option::is_some))
}

/// Removes the account and, by the foreign keys, its sessions, attempts and held forms.
pub fn delete(connection: &mut DbConnection, id: AccountId) -> Result<(), Error> {
    diesel::delete(accounts::table.find(id)).run_kept(connection)?;
    Ok(())
}

pub fn has_any_admin(connection: &mut DbConnection) -> Result<bool, Error> {
    let admins: i64 = accounts::table.filter(accounts::is_admin).count().get_result(connection)?;
    Ok(admins > 0)
}

/// Returns all active admins.
pub fn active_admins(connection: &mut DbConnection) -> Result<Vec<Account>, Error> {
    let rows: Vec<Row> = accounts::table
        .filter(accounts::is_admin)
        .filter(accounts::disabled_at.is_null())
        .order(accounts::email)
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(Row::read).collect()
}

pub fn count(connection: &mut DbConnection) -> Result<i64, Error> {
    Ok(accounts::table.count().get_result(connection)?)
}

diesel::define_sql_function! {
    /// Folds ASCII on both databases; PostgreSQL folds more, by its locale.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// Returns accounts whose address or name contains `text`, in any case, by address: `most` of them
/// after the first `skip`. Also returns how many there are.
pub fn search(connection: &mut DbConnection, text: &str, skip: i64, most: i64) -> Result<(Vec<Account>, i64), Error> {
    let text = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    // The database folds both sides, so that letters that it cannot fold are still found as
    // written.
    let pattern = lower(format!("%{text}%"));
    let matching =
        accounts::email.like(pattern.clone()).escape('\\').or(lower(accounts::name).like(pattern).escape('\\'));
    let found = accounts::table.filter(matching.clone()).count().get_result(connection)?;
    let page = accounts::table
        .filter(matching)
        .order(accounts::email)
        .offset(skip)
        .limit(most)
        .select(Row::as_select())
        .load(connection)?;
    Ok((page.into_iter().map(Row::read).collect::<Result<_, _>>()?, found))
}
