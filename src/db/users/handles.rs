//! Handles: the names by which apps know accounts, and those that were ever given.

use crate::{
    db::{
        DbConnection, Error,
        engine::kept::KeptDsl,
        schema::{accounts, used_handles},
    },
    domain::{AccountId, EmailAddress, Timestamp, handle::Handle},
};
use diesel::prelude::*;

/// Proposals that are tried before an account gets a handle made of its id.
const MAX_PROPOSALS: u32 = 200;

/// The handle of an account, and when its owner chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub handle: Handle,
    /// `None` if the owner can still change it, once.
    pub chosen_at: Option<Timestamp>,
}

/// Returns the handle of an account. `None` until it has one.
pub fn of_account(connection: &mut DbConnection, account: AccountId) -> Result<Option<Given>, Error> {
    let row: Option<(Option<String>, Option<Timestamp>)> = accounts::table
        .find(account)
        .select((accounts::handle, accounts::handle_chosen_at))
        .one_kept(connection)
        .optional()?;
    let Some((Some(handle), chosen_at)) = row else { return Ok(None) };
    let handle = Handle::parse(&handle).map_err(|_| Error::unreadable("handle"))?;
    Ok(Some(Given { handle, chosen_at }))
}

/// Returns the account that a handle was ever given to, also one that is closed.
pub fn account_of(connection: &mut DbConnection, handle: &Handle) -> Result<Option<AccountId>, Error> {
    let id: Option<AccountId> =
        used_handles::table.find(handle.as_str()).select(used_handles::account_id).get_result(connection).optional()?;
    Ok(id)
}

/// Keeps a handle for an account. Returns `false` if another account has or had it.
fn claim(connection: &mut DbConnection, account: AccountId, handle: &Handle) -> Result<bool, Error> {
    let added: Vec<String> = diesel::insert_into(used_handles::table)
        .values((used_handles::handle.eq(handle.as_str()), used_handles::account_id.eq(account)))
        .on_conflict_do_nothing()
        .returning(used_handles::handle)
        .load_kept(connection)?;
    Ok(!added.is_empty() || account_of(connection, handle)? == Some(account))
}

/// Gives an account a handle. Returns `false` if another account has or had it.
pub fn give(connection: &mut DbConnection, account: AccountId, handle: &Handle) -> Result<bool, Error> {
    if !claim(connection, account, handle)? {
        return Ok(false);
    }
    store(connection, account, handle)?;
    Ok(true)
}

fn store(connection: &mut DbConnection, account: AccountId, handle: &Handle) -> Result<(), Error> {
    diesel::update(accounts::table.find(account)).set(accounts::handle.eq(handle.as_str())).run_kept(connection)?;
    Ok(())
}

/// Notes that the owner chose the handle, which is possible once.
pub fn note_choice(connection: &mut DbConnection, account: AccountId, now: Timestamp) -> Result<(), Error> {
    diesel::update(accounts::table.find(account)).set(accounts::handle_chosen_at.eq(now)).run_kept(connection)?;
    Ok(())
}

/// Returns the handle of an account, after giving it one if it has none.
pub fn ensure(connection: &mut DbConnection, account: AccountId, email: &EmailAddress) -> Result<Handle, Error> {
    if let Some(given) = of_account(connection, account)? {
        return Ok(given.handle);
    }
    let handle = propose(connection, account, email)?;
    store(connection, account, &handle)?;
    Ok(handle)
}

/// Keeps a handle for an account that is about to be stored with it.
pub fn propose(connection: &mut DbConnection, account: AccountId, email: &EmailAddress) -> Result<Handle, Error> {
    for n in 0..MAX_PROPOSALS {
        let proposal = Handle::propose(email, n);
        if claim(connection, account, &proposal)? {
            return Ok(proposal);
        }
    }
    let last = Handle::parse(&format!("user-{account}")).map_err(|_| Error::unreadable("handle"))?;
    if claim(connection, account, &last)? { Ok(last) } else { Err(Error::fault("no handle is left")) }
}

/// Returns accounts that have signed in and have no handle: those of older versions.
pub fn missing(connection: &mut DbConnection, most: i64) -> Result<Vec<(AccountId, EmailAddress)>, Error> {
    Ok(accounts::table
        .filter(accounts::handle.is_null())
        .filter(accounts::last_signed_in_at.is_not_null())
        .limit(most)
        .select((accounts::id, accounts::email))
        .load(connection)?)
}
