//! Disabling, enabling, closing accounts, giving and taking admin rights, ending sessions. The last
//! admin stays one, and so does the last who can sign in.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, Entropy, SecurityEvent, Settings, Timestamp,
        admin_act::AdminDeed,
        mail::{MailKind, QueuedMail},
        ways_in::Loss,
    },
    people::{
        address::serialise_both,
        factors::{News, tell},
        recovery::restart_recovery,
        rights::{Giver, grant, note_dismissal},
        ways_in::locked_by,
    },
};

/// Whether a change was made, or refused to protect the last admin or the last way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Done,
    /// It was already so.
    Unchanged,
    /// It would have left no admin.
    LastAdmin,
    /// Only admins would be left who cannot sign in except by console links.
    LastWayIn,
}

/// Disables the account and ends everything that acts for it.
pub fn disable(
    connection: &mut DbConnection,
    start: &Settings,
    account: &Account,
    (by, now): (Giver<'_>, Timestamp),
) -> Result<Change, Error> {
    let Some(account) = lock(connection, account)? else { return Ok(Change::Unchanged) };
    if !account.is_active() {
        return Ok(Change::Unchanged);
    }
    if let Some(lock_out) = locked_by(connection, start, Loss::Admin(account.id))? {
        return Ok(lock_out.into());
    }
    db::accounts::set_disabled(connection, account.id, Some(now))?;
    note_dismissal(connection, account.id, AdminDeed::Disabled, (by, now))?;
    // A recovery continues, because an attacker with an admin's session could otherwise end it this
    // way.
    end_everything(connection, &account, now)?;
    Ok(Change::Done)
}

/// Enables the account again. Earlier gains stay: the links that undo them kept working, and a
/// recovery restarts its waiting period.
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
    grant(connection, entropy, &account, (giver, now))?;
    tell(connection, entropy, &News { account: &account, event: SecurityEvent::BecameAdmin, from: None }, now)?;
    Ok(Change::Done)
}

pub fn remove_admin(
    connection: &mut DbConnection,
    start: &Settings,
    account: &Account,
    (by, now): (Giver<'_>, Timestamp),
) -> Result<Change, Error> {
    let Some(account) = lock(connection, account)? else { return Ok(Change::Unchanged) };
    if !account.is_admin {
        return Ok(Change::Unchanged);
    }
    if let Some(lock_out) = locked_by(connection, start, Loss::Admin(account.id))? {
        return Ok(lock_out.into());
    }
    db::accounts::set_admin(connection, account.id, false)?;
    note_dismissal(connection, account.id, AdminDeed::Revoked, (by, now))?;
    Ok(Change::Done)
}

/// Ends all sessions and open attempts of an account. Returns how many sessions there were.
pub fn sign_out_everywhere(connection: &mut DbConnection, account: &Account, now: Timestamp) -> Result<usize, Error> {
    // Otherwise a second factor shown at this moment could make a session after these have ended.
    db::serialise(connection, &account.email.mailbox())?;
    let sessions = db::sessions::delete_all(connection, account.id)?;
    end_attempts(connection, account, now)?;
    Ok(sessions)
}

/// Ends everything that the account has in progress, and everything that would shorten the next
/// sign-in.
pub(super) fn end_attempts(connection: &mut DbConnection, account: &Account, now: Timestamp) -> Result<(), Error> {
    db::trusted_devices::delete_all(connection, account.id)?;
    db::attempts::end_all_of_address(connection, &account.email, now)?;
    db::attempts::end_all_of_account(connection, account.id, now)
}

/// Removes the account and all its data, and emails its mailbox.
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
    // The account is gone when the email leaves, so that the email itself keeps the language.
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

/// Returns the account as it is now. Until the end of the transaction no user signs in to it, and
/// no other job changes who is an admin.
fn lock(connection: &mut DbConnection, account: &Account) -> Result<Option<Account>, Error> {
    db::serialise(connection, &account.email.mailbox())?;
    db::serialise(connection, "admins")?;
    db::accounts::find(connection, account.id)
}
