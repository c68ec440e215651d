//! Disabling, enabling, closing accounts, giving and taking admin rights. The last
//! admin stays one, and so does the last who can sign in.

use crate::{
    db::{self, Error, Tx},
    domain::{
        Account, SecurityEvent,
        admin_act::AdminActKind,
        mail::{MailKind, QueuedMail},
        ways_in::{LockOut, Loss},
    },
    people::{
        address::lock_both,
        ending::sign_out_everywhere,
        recovery::{restart_recovery, restart_recovery_if_back},
        rights::{Giver, grant, must_stay, note_dismissal},
        tell::tell,
        ways_in::locked_by,
    },
};

/// Outcome of a change: made, or refused to protect the last admin or the last way in.
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

impl From<LockOut> for Change {
    fn from(lock_out: LockOut) -> Self {
        match lock_out {
            LockOut::NoAdmin => Self::LastAdmin,
            LockOut::NoWayIn => Self::LastWayIn,
        }
    }
}

/// Outcome of closing an account: closed, or the reason why it stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    Closed,
    /// It would have left no admin.
    LastAdmin,
    /// Only admins would be left who cannot sign in except by console links.
    LastWayIn,
    /// Its mailbox can still take back admin rights that it gave.
    GaveRights,
}

/// Disables the account and ends everything that acts for it.
pub fn disable(tx: &mut Tx<'_>, account: &Account, by: Giver<'_>) -> Result<Change, Error> {
    let Some(account) = lock(tx, account)? else { return Ok(Change::Unchanged) };
    if !account.is_active() {
        return Ok(Change::Unchanged);
    }
    if let Some(lock_out) = locked_by(tx, Loss::Admin(account.id))? {
        return Ok(lock_out.into());
    }
    db::accounts::set_disabled(tx.connection, account.id, Some(tx.now))?;
    note_dismissal(tx, account.id, AdminActKind::Disabled, by)?;
    // A recovery continues, because an attacker with an admin's session could otherwise end it this
    // way.
    end_everything(tx, &account)?;
    Ok(Change::Done)
}

/// Enables the account again. Earlier gains stay: the links that undo them kept working, and a
/// recovery restarts its waiting period.
pub fn enable(tx: &mut Tx<'_>, account: &Account) -> Result<Change, Error> {
    let Some(account) = lock(tx, account)? else { return Ok(Change::Unchanged) };
    if account.is_active() {
        return Ok(Change::Unchanged);
    }
    db::accounts::set_disabled(tx.connection, account.id, None)?;
    restart_recovery(tx, &account)?;
    Ok(Change::Done)
}

/// Gives admin rights, and tells both.
pub fn make_admin(tx: &mut Tx<'_>, account: &Account, giver: Giver<'_>) -> Result<Change, Error> {
    if let Giver::Admin(admin) = giver {
        lock_both(tx, &admin.email, &account.email)?;
    }
    let Some(account) = lock(tx, account)? else { return Ok(Change::Unchanged) };
    if account.is_admin {
        return Ok(Change::Unchanged);
    }
    // An admin's account has no end, and it must not end at once when the rights are taken again.
    if account.ends_at.is_some() {
        db::account_ends::set(tx.connection, account.id, None)?;
    }
    grant(tx, &account, giver)?;
    restart_recovery_if_back(tx, &account)?;
    tell(tx, &account, SecurityEvent::BecameAdmin)?;
    Ok(Change::Done)
}

pub fn remove_admin(tx: &mut Tx<'_>, account: &Account, by: Giver<'_>) -> Result<Change, Error> {
    let Some(account) = lock(tx, account)? else { return Ok(Change::Unchanged) };
    if !account.is_admin {
        return Ok(Change::Unchanged);
    }
    if let Some(lock_out) = locked_by(tx, Loss::Admin(account.id))? {
        return Ok(lock_out.into());
    }
    db::accounts::set_admin(tx.connection, account.id, false)?;
    note_dismissal(tx, account.id, AdminActKind::Revoked, by)?;
    Ok(Change::Done)
}

/// Removes the account and all its data, and emails its mailbox.
pub fn close(tx: &mut Tx<'_>, account: &Account) -> Result<Closing, Error> {
    let Some(account) = lock(tx, account)? else { return Err(Error::unavailable("the account was being closed")) };
    match locked_by(tx, Loss::Admin(account.id))? {
        Some(LockOut::NoAdmin) => return Ok(Closing::LastAdmin),
        Some(LockOut::NoWayIn) => return Ok(Closing::LastWayIn),
        None if must_stay(tx, &account)? => return Ok(Closing::GaveRights),
        None => {}
    }
    end_everything(tx, &account)?;
    db::accounts::delete(tx.connection, account.id)?;
    // The account is gone when the email leaves, so that the email itself keeps the language.
    let news = QueuedMail {
        language: account.language,
        ..QueuedMail::new(tx.entropy, MailKind::AccountClosed, account.email, tx.now)
    };
    tx.mail(&news)?;
    Ok(Closing::Closed)
}

/// Removes an account and all its data if it still is what the caller takes it for. Sends no email.
pub(super) fn remove(tx: &mut Tx<'_>, account: &Account, is_so: impl Fn(&Account) -> bool) -> Result<bool, Error> {
    let Some(account) = lock(tx, account)?.filter(is_so) else { return Ok(false) };
    if must_stay(tx, &account)? {
        return Ok(false);
    }
    tx.changes(account.id);
    end_everything(tx, &account)?;
    db::accounts::delete(tx.connection, account.id)?;
    Ok(true)
}

pub(super) fn end_everything(tx: &mut Tx<'_>, account: &Account) -> Result<(), Error> {
    sign_out_everywhere(tx, account)?;
    db::devices::forget_all(tx.connection, account.id)
}

/// Returns the account as it is now. Until the end of the transaction, no user signs in to it. No
/// other job changes who is an admin. Fails if the account has just moved, because the lock is that
/// of its former address.
fn lock(tx: &mut Tx<'_>, account: &Account) -> Result<Option<Account>, Error> {
    tx.lock(&account.email)?;
    tx.lock_admins()?;
    db::accounts::find_unmoved(tx.connection, account.id, &account.email)
}
