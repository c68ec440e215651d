//! Disabling, enabling, closing accounts, making and unmaking admins, ending sessions. The last admin stays one.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, AccountId, Entropy, Timestamp,
        mail::{MailKind, QueuedMail},
    },
};

/// Whether something was done, or kept from being done to the last admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Done,
    /// It was so already.
    Unchanged,
    /// It would have left nobody to look after this installation.
    LastAdmin,
}

/// Ends every way of being this account and closes the door.
pub fn disable(connection: &mut DbConnection, account: &Account, now: Timestamp) -> Result<Change, Error> {
    let Some(account) = lock(connection, account.id)? else { return Ok(Change::Unchanged) };
    if !account.is_active() {
        return Ok(Change::Unchanged);
    }
    if is_last_admin(connection, &account)? {
        return Ok(Change::LastAdmin);
    }
    db::accounts::set_disabled(connection, account.id, Some(now))?;
    end_everything(connection, &account, now)?;
    Ok(Change::Done)
}

pub fn enable(connection: &mut DbConnection, account: &Account) -> Result<Change, Error> {
    let Some(account) = lock(connection, account.id)? else { return Ok(Change::Unchanged) };
    if account.is_active() {
        return Ok(Change::Unchanged);
    }
    db::accounts::set_disabled(connection, account.id, None)?;
    Ok(Change::Done)
}

pub fn set_admin(connection: &mut DbConnection, account: &Account, is_admin: bool) -> Result<Change, Error> {
    let Some(account) = lock(connection, account.id)? else { return Ok(Change::Unchanged) };
    if account.is_admin == is_admin {
        return Ok(Change::Unchanged);
    }
    if !is_admin && is_last_admin(connection, &account)? {
        return Ok(Change::LastAdmin);
    }
    db::accounts::set_admin(connection, account.id, is_admin)?;
    Ok(Change::Done)
}

/// Ends all sessions and open attempts of an account; how many sessions there were.
pub fn sign_out_everywhere(connection: &mut DbConnection, account: &Account, now: Timestamp) -> Result<usize, Error> {
    let sessions = db::sessions::delete_all(connection, account.id)?;
    db::attempts::end_all_of_address(connection, &account.email, now)?;
    db::attempts::end_all_of_account(connection, account.id, now)?;
    Ok(sessions)
}

/// Removes the account and everything that was its own, and says so to its mailbox.
pub fn close(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    now: Timestamp,
) -> Result<Change, Error> {
    let Some(account) = lock(connection, account.id)? else { return Ok(Change::Unchanged) };
    if is_last_admin(connection, &account)? {
        return Ok(Change::LastAdmin);
    }
    end_everything(connection, &account, now)?;
    db::accounts::delete(connection, account.id)?;
    let news = QueuedMail::new(entropy, MailKind::AccountClosed, account.email, now);
    db::outbox::enqueue(connection, &news)?;
    Ok(Change::Done)
}

fn end_everything(connection: &mut DbConnection, account: &Account, now: Timestamp) -> Result<(), Error> {
    sign_out_everywhere(connection, account, now)?;
    db::devices::forget_all(connection, account.id)
}

/// The account as it is now, with nobody else changing who is an admin until the end of the transaction.
fn lock(connection: &mut DbConnection, id: AccountId) -> Result<Option<Account>, Error> {
    db::serialise(connection, "admins")?;
    db::accounts::find(connection, id)
}

fn is_last_admin(connection: &mut DbConnection, account: &Account) -> Result<bool, Error> {
    Ok(account.is_admin && account.is_active() && db::accounts::count_other_admins(connection, account.id)? == 0)
}
