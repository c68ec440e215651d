//! Passkeys. The stored data opens nothing: public keys, counters, names.

use crate::{
    db::{
        DbConnection, Error,
        schema::{accounts, passkeys},
    },
    domain::{
        AccountId, EmailAddress, PasskeyId, Timestamp, aaguid::Aaguid, factor_name::FactorName, passkey::Passkey,
    },
};
use diesel::prelude::*;

/// A passkey with its credential, in the format of the library that checks answers.
#[derive(Clone, Debug)]
pub struct Kept {
    pub passkey: Passkey,
    pub credential: String,
}

/// Name of a credential, everywhere but in our lists.
pub type CredentialId = Vec<u8>;

type Columns = (PasskeyId, AccountId, String, String, Timestamp, Option<Timestamp>);

const COLUMNS: (
    passkeys::id,
    passkeys::account_id,
    passkeys::name,
    passkeys::aaguid,
    passkeys::added_at,
    passkeys::last_used_at,
) = (passkeys::id, passkeys::account_id, passkeys::name, passkeys::aaguid, passkeys::added_at, passkeys::last_used_at);

fn read((id, account_id, name, aaguid, added_at, last_used_at): Columns) -> Result<Passkey, Error> {
    let unreadable = || Error::unreadable("passkey");
    Ok(Passkey {
        id,
        account_id,
        name: FactorName::parse(&name).ok().flatten().ok_or_else(unreadable)?,
        aaguid: Aaguid::parse(&aaguid).ok_or_else(unreadable)?,
        added_at,
        last_used_at,
    })
}

/// Stores a passkey.
///
/// # Errors
///
/// [`Error::Conflict`] if an account already has a passkey with this credential id.
pub fn insert(
    connection: &mut DbConnection,
    passkey: &Passkey,
    credential_id: &[u8],
    credential: &str,
) -> Result<(), Error> {
    diesel::insert_into(passkeys::table)
        .values((
            passkeys::id.eq(passkey.id),
            passkeys::account_id.eq(passkey.account_id),
            passkeys::credential_id.eq(credential_id),
            passkeys::name.eq(passkey.name.as_str()),
            passkeys::aaguid.eq(passkey.aaguid.to_string()),
            passkeys::credential.eq(credential),
            passkeys::added_at.eq(passkey.added_at),
            passkeys::last_used_at.eq(passkey.last_used_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Returns an account's passkeys, oldest first.
pub fn of_account(connection: &mut DbConnection, account: AccountId) -> Result<Vec<Passkey>, Error> {
    let rows: Vec<Columns> = passkeys::table
        .filter(passkeys::account_id.eq(account))
        .order((passkeys::added_at, passkeys::id))
        .select(COLUMNS)
        .load(connection)?;
    rows.into_iter().map(read).collect()
}

/// Returns the same, each with its credential.
pub fn kept_of_account(connection: &mut DbConnection, account: AccountId) -> Result<Vec<Kept>, Error> {
    let rows: Vec<(Columns, String)> = passkeys::table
        .filter(passkeys::account_id.eq(account))
        .order((passkeys::added_at, passkeys::id))
        .select((COLUMNS, passkeys::credential))
        .load(connection)?;
    rows.into_iter().map(|(columns, credential)| Ok(Kept { passkey: read(columns)?, credential })).collect()
}

/// Returns the credential ids of an account, oldest first.
pub fn credential_ids(connection: &mut DbConnection, account: AccountId) -> Result<Vec<CredentialId>, Error> {
    Ok(passkeys::table
        .filter(passkeys::account_id.eq(account))
        .order((passkeys::added_at, passkeys::id))
        .select(passkeys::credential_id)
        .load(connection)?)
}

/// Returns the credential ids at an address, oldest first, and their account. Without such an
/// account it reads another one's ids and discards them. The same statements then do the same work
/// in both cases.
pub fn at_address(
    connection: &mut DbConnection,
    email: &EmailAddress,
) -> Result<Option<(AccountId, Vec<CredentialId>)>, Error> {
    let owner: Option<AccountId> = passkeys::table
        .inner_join(accounts::table)
        .filter(accounts::email.eq(email.as_str()))
        .select(passkeys::account_id)
        .first(connection)
        .optional()?;
    let another: Option<AccountId> = passkeys::table.select(passkeys::account_id).first(connection).optional()?;
    let read = owner.or(another).unwrap_or(AccountId::from_i64(0));
    let ids = credential_ids(connection, read)?;
    Ok(owner.map(|_| (read, ids)))
}

/// Returns the address of the account that has the passkey with this credential id.
pub fn owner(connection: &mut DbConnection, credential_id: &[u8]) -> Result<Option<EmailAddress>, Error> {
    Ok(passkeys::table
        .inner_join(accounts::table)
        .filter(passkeys::credential_id.eq(credential_id))
        .select(accounts::email)
        .first(connection)
        .optional()?)
}

pub fn find_by_credential_id(connection: &mut DbConnection, credential_id: &[u8]) -> Result<Option<Kept>, Error> {
    let found: Option<(Columns, String)> = passkeys::table
        .filter(passkeys::credential_id.eq(credential_id))
        .select((COLUMNS, passkeys::credential))
        .first(connection)
        .optional()?;
    found.map(|(columns, credential)| Ok(Kept { passkey: read(columns)?, credential })).transpose()
}

/// Notes a use, and the counter that came with it. Returns `false` if the passkey is gone, or if
/// another request has used it since. `before` is what the answer was checked against.
pub fn note_use(connection: &mut DbConnection, before: &Kept, credential: &str, now: Timestamp) -> Result<bool, Error> {
    let row = passkeys::table.find(before.passkey.id);
    let noted = diesel::update(row.filter(passkeys::credential.eq(&before.credential)))
        .set((passkeys::credential.eq(credential), passkeys::last_used_at.eq(now)))
        .execute(connection)?;
    Ok(noted == 1)
}

/// Returns `false` if the account has no such passkey.
pub fn rename(
    connection: &mut DbConnection,
    account: AccountId,
    id: PasskeyId,
    name: &FactorName,
) -> Result<bool, Error> {
    let row = passkeys::table.find(id).filter(passkeys::account_id.eq(account));
    Ok(diesel::update(row).set(passkeys::name.eq(name.as_str())).execute(connection)? == 1)
}

/// Returns `false` if the account has no such passkey.
pub fn remove(connection: &mut DbConnection, account: AccountId, id: PasskeyId) -> Result<bool, Error> {
    let row = passkeys::table.find(id).filter(passkeys::account_id.eq(account));
    Ok(diesel::delete(row).execute(connection)? == 1)
}

/// Removes those of an account that were added since a moment, or all. Returns how many there were.
pub fn remove_all(connection: &mut DbConnection, account: AccountId, since: Option<Timestamp>) -> Result<usize, Error> {
    let since = since.unwrap_or(Timestamp::EARLIEST);
    Ok(diesel::delete(passkeys::table.filter(passkeys::account_id.eq(account)).filter(passkeys::added_at.ge(since)))
        .execute(connection)?)
}
