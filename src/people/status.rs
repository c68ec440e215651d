//! Disabling, enabling, closing accounts, making and unmaking admins, ending sessions. The last admin stays one, and so does the last who can
//! sign in.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, Entropy, SecurityEvent, Settings, Timestamp,
        mail::{MailKind, QueuedMail},
        ways_in::Loss,
    },
    people::{
        address::serialise_both,
        factors::{News, tell},
        gains::{Grant, record},
        recovery::restart_recovery,
        ways_in::locked_by,
    },
};

/// Whether something was done, or kept from being done to the last admin or the last way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Done,
    /// It was so already.
    Unchanged,
    /// It would have left no admin.
    LastAdmin,
    /// It would have left admins of whom none could sign in but by console links.
    LastWayIn,
}

/// Ends every way of being this account and closes the door.
pub fn disable(
    connection: &mut DbConnection,
    start: &Settings,
    account: &Account,
    now: Timestamp,
) -> Result<Change, Error> {
    let Some(account) = lock(connection, account)? else { return Ok(Change::Unchanged) };
    if !account.is_active() {
        return Ok(Change::Unchanged);
    }
    if let Some(lock_out) = locked_by(connection, start, Loss::Admin(account.id))? {
        return Ok(lock_out.into());
    }
    db::accounts::set_disabled(connection, account.id, Some(now))?;
    // A recovery goes on waiting: an attacker with an admin's session could otherwise end it by this.
    end_everything(connection, &account, now)?;
    Ok(Change::Done)
}

/// Opens the door again. What was gained before stays as it was: the links that undo it went on working, and a recovery starts its waiting
/// period anew.
pub fn enable(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    now: Timestamp,
) -> Result<Change, Error> {
    let Some(account) = lock(connection, account)? else { return Ok(Change::Unchanged) };
    if account.is_active() {
        return Ok(Change::Unchanged);
    }
    db::accounts::set_disabled(connection, account.id, None)?;
    restart_recovery(connection, entropy, &account, now)?;
    Ok(Change::Done)
}

/// Who gives admin rights.
#[derive(Clone, Copy, Debug)]
pub enum Giver<'a> {
    /// Whose mailbox can undo it.
    Admin(&'a Account),
    /// The command line. The operator controls the machine, so nothing of theirs is undone by an email.
    Operator,
}

/// Gives admin rights, and tells both.
pub fn make_admin(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    (giver, now): (Giver<'_>, Timestamp),
) -> Result<Change, Error> {
    if let Giver::Admin(admin) = giver {
        serialise_both(connection, &admin.email, &account.email)?;
    }
    let Some(account) = lock(connection, account)? else { return Ok(Change::Unchanged) };
    if account.is_admin {
        return Ok(Change::Unchanged);
    }
    if let Giver::Admin(admin) = giver {
        record(connection, entropy, admin, (&Grant::AdminRights(&account), now))?;
    }
    db::accounts::set_admin(connection, account.id, true)?;
    tell(connection, entropy, &News { account: &account, event: SecurityEvent::BecameAdmin, from: None }, now)?;
    Ok(Change::Done)
}

/// `admin` has invited a user as another admin: the inviting admin is told, and can undo it.
pub fn tell_of_admin(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    (admin, invited): (&Account, &Account),
    now: Timestamp,
) -> Result<(), Error> {
    db::serialise(connection, &admin.email.mailbox())?;
    record(connection, entropy, admin, (&Grant::AdminRights(invited), now))
}

pub fn remove_admin(connection: &mut DbConnection, start: &Settings, account: &Account) -> Result<Change, Error> {
    let Some(account) = lock(connection, account)? else { return Ok(Change::Unchanged) };
    if !account.is_admin {
        return Ok(Change::Unchanged);
    }
    if let Some(lock_out) = locked_by(connection, start, Loss::Admin(account.id))? {
        return Ok(lock_out.into());
    }
    db::accounts::set_admin(connection, account.id, false)?;
    Ok(Change::Done)
}

/// Ends all sessions and open attempts of an account; how many sessions there were.
pub fn sign_out_everywhere(connection: &mut DbConnection, account: &Account, now: Timestamp) -> Result<usize, Error> {
    // Or a sign-in that waits, and whose second factor is being shown at this moment, would make a session that is not there yet.
    db::serialise(connection, &account.email.mailbox())?;
    let sessions = db::sessions::delete_all(connection, account.id)?;
    end_attempts(connection, account, now)?;
    Ok(sessions)
}

/// Ends all that is under way for the account, and all that would make the next sign-in shorter.
pub(super) fn end_attempts(connection: &mut DbConnection, account: &Account, now: Timestamp) -> Result<(), Error> {
    db::trusted_devices::delete_all(connection, account.id)?;
    db::attempts::end_all_of_address(connection, &account.email, now)?;
    db::attempts::end_all_of_account(connection, account.id, now)
}

/// Removes the account and everything that was its own, and says so to its mailbox.
pub fn close(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    start: &Settings,
    account: &Account,
    now: Timestamp,
) -> Result<Change, Error> {
    let Some(account) = lock(connection, account)? else { return Ok(Change::Unchanged) };
    if let Some(lock_out) = locked_by(connection, start, Loss::Admin(account.id))? {
        return Ok(lock_out.into());
    }
    end_everything(connection, &account, now)?;
    db::accounts::delete(connection, account.id)?;
    // The account is gone when the email leaves, so the email itself keeps the language.
    let news = QueuedMail {
        language: account.language,
        ..QueuedMail::new(entropy, MailKind::AccountClosed, account.email, now)
    };
    db::outbox::enqueue(connection, &news)?;
    Ok(Change::Done)
}

fn end_everything(connection: &mut DbConnection, account: &Account, now: Timestamp) -> Result<(), Error> {
    sign_out_everywhere(connection, account, now)?;
    db::devices::forget_all(connection, account.id)
}

/// The account as it is now. Until the end of the transaction no one signs in to it, and no other job changes who is an admin.
fn lock(connection: &mut DbConnection, account: &Account) -> Result<Option<Account>, Error> {
    db::serialise(connection, &account.email.mailbox())?;
    db::serialise(connection, "admins")?;
    db::accounts::find(connection, account.id)
}
