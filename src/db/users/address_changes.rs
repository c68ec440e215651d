//! Changes of an account's address, and their undoing.

use crate::{
    db::{
        DbConnection, Error,
        schema::{address_change_links, address_changes},
    },
    domain::{
        AccountId, EmailAddress, Timestamp, TokenHash,
        account::{AddressChange, AddressChangeId},
    },
};
use diesel::prelude::*;

pub fn insert(connection: &mut DbConnection, change: &AddressChange) -> Result<(), Error> {
    diesel::insert_into(address_changes::table)
        .values((
            address_changes::id.eq(change.id),
            address_changes::account_id.eq(change.account_id),
            address_changes::old_email.eq(change.old_email.as_str()),
            address_changes::new_email.eq(change.new_email.as_str()),
            address_changes::changed_at.eq(change.changed_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Adds a link that undoes a change, for the email about to leave for the old mailbox. The links of
/// earlier tries stay valid, because one of them may have arrived. Returns `false` if the change is
/// undone or gone.
pub fn mint_undo(
    connection: &mut DbConnection,
    id: AddressChangeId,
    undo: &TokenHash,
    now: Timestamp,
) -> Result<bool, Error> {
    let open: i64 =
        address_changes::table.find(id).filter(address_changes::undone_at.is_null()).count().get_result(connection)?;
    if open == 0 {
        return Ok(false);
    }
    diesel::insert_into(address_change_links::table)
        .values((
            address_change_links::token_hash.eq(undo),
            address_change_links::change_id.eq(id),
            address_change_links::made_at.eq(now),
        ))
        .execute(connection)?;
    Ok(true)
}

type Columns = (AddressChangeId, AccountId, EmailAddress, EmailAddress, Timestamp);

fn read((id, account_id, old_email, new_email, changed_at): Columns) -> AddressChange {
    AddressChange { id, account_id, old_email, new_email, changed_at }
}

const COLUMNS: (
    address_changes::id,
    address_changes::account_id,
    address_changes::old_email,
    address_changes::new_email,
    address_changes::changed_at,
) = (
    address_changes::id,
    address_changes::account_id,
    address_changes::old_email,
    address_changes::new_email,
    address_changes::changed_at,
);

pub fn find(connection: &mut DbConnection, id: AddressChangeId) -> Result<Option<AddressChange>, Error> {
    let found: Option<Columns> = address_changes::table.find(id).select(COLUMNS).first(connection).optional()?;
    Ok(found.map(read))
}

/// Returns the change that an undo link is about, and when it was undone.
pub fn find_by_undo(
    connection: &mut DbConnection,
    undo: &TokenHash,
) -> Result<Option<(AddressChange, Option<Timestamp>)>, Error> {
    let found: Option<(Columns, Option<Timestamp>)> = address_change_links::table
        .inner_join(address_changes::table)
        .filter(address_change_links::token_hash.eq(undo))
        .select((COLUMNS, address_changes::undone_at))
        .first(connection)
        .optional()?;
    Ok(found.map(|(columns, undone_at)| (read(columns), undone_at)))
}

/// Returns when an undo link was made. `None` for any other link, and for one that a node of a
/// previous version made.
pub fn made_at(connection: &mut DbConnection, undo: &TokenHash) -> Result<Option<Timestamp>, Error> {
    let found: Option<Option<Timestamp>> =
        address_change_links::table.find(undo).select(address_change_links::made_at).first(connection).optional()?;
    Ok(found.flatten())
}

/// Returns an account's changes, newest first, for the owner's download.
pub fn of_account(connection: &mut DbConnection, account: AccountId) -> Result<Vec<AddressChange>, Error> {
    let found: Vec<Columns> = address_changes::table
        .filter(address_changes::account_id.eq(account))
        .order(address_changes::changed_at.desc())
        .select(COLUMNS)
        .load(connection)?;
    Ok(found.into_iter().map(read).collect())
}

pub fn purge(connection: &mut DbConnection, before: Timestamp) -> Result<usize, Error> {
    Ok(diesel::delete(address_changes::table.filter(address_changes::changed_at.lt(before))).execute(connection)?)
}
