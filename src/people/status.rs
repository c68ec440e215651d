//! Disabling, enabling, closing accounts, making and unmaking admins, ending sessions. The last admin stays one.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, AccountId, Entropy, MailId, Timestamp,
        mail::{MailKind, QueuedMail},
    },
};

/// Whether something was done, or kept from being done to the last admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    Done,
    /// It was so already.
    Unchanged,
    /// It would have left nobody to look after this installation.
    LastAdmin,
}

/// Ends every way of being this account and closes the door.
pub fn disable(connection: &mut DbConnection, account: &Account, now: Timestamp) -> Result<Kept, Error> {
    let Some(account) = lock(connection, account.id)? else { return Ok(Kept::Unchanged) };
    if !account.is_active() {
        return Ok(Kept::Unchanged);
    }
    if is_last_admin(connection, &account)? {
        return Ok(Kept::LastAdmin);
    }
    db::accounts::set_disabled(connection, account.id, Some(now))?;
    end_everything(connection, &account, now)?;
    Ok(Kept::Done)
}

pub fn enable(connection: &mut DbConnection, account: &Account) -> Result<Kept, Error> {
    let Some(account) = lock(connection, account.id)? else { return Ok(Kept::Unchanged) };
    if account.is_active() {
        return Ok(Kept::Unchanged);
    }
    db::accounts::set_disabled(connection, account.id, None)?;
    Ok(Kept::Done)
}

pub fn set_admin(connection: &mut DbConnection, account: &Account, is_admin: bool) -> Result<Kept, Error> {
    let Some(account) = lock(connection, account.id)? else { return Ok(Kept::Unchanged) };
    if account.is_admin == is_admin {
        return Ok(Kept::Unchanged);
    }
    if !is_admin && is_last_admin(connection, &account)? {
        return Ok(Kept::LastAdmin);
    }
    db::accounts::set_admin(connection, account.id, is_admin)?;
    Ok(Kept::Done)
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
) -> Result<Kept, Error> {
    let Some(account) = lock(connection, account.id)? else { return Ok(Kept::Unchanged) };
    if is_last_admin(connection, &account)? {
        return Ok(Kept::LastAdmin);
    }
    end_everything(connection, &account, now)?;
    db::accounts::delete(connection, account.id)?;
    let news = QueuedMail {
        id: MailId::issue(entropy),
        kind: MailKind::AccountClosed,
        attempt_id: None,
        account_id: None,
        recipient: account.email,
        note: String::new(),
        created_at: now,
        tries: 0,
    };
    db::outbox::enqueue(connection, &news)?;
    Ok(Kept::Done)
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
