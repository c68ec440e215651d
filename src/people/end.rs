//! The end of an account: an admin sets it, and the user is told. From that moment nothing acts for
//! the account.

use super::{
    address::tell_again,
    recovery::restart_recovery_if_back,
    rights::{Giver, note_dismissal},
    status::end_everything,
    tell::mail_of,
};
use crate::{
    db::{self, Error, Tx},
    domain::{
        Account, SecurityEvent, Timestamp, account::END_NOTICE, admin_act::AdminActKind, audit::Action,
        mail::QueuedMail,
    },
};

/// Outcome of setting the end of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndSet {
    Done,
    Unchanged,
    /// Admins have none.
    IsAdmin,
    /// A guest's account is deleted before.
    AfterGuest,
    /// The account has just been closed.
    Gone,
}

/// Sets when an account ends, or that it does not. Tells its user, if the mailbox is verified.
///
/// Notes who set it, because it puts the account out of use in its time. An attacker must not keep
/// a stolen account by an end for the owner's new one. It is no disabling. An end that is ahead
/// must not count as one, nor hide who disabled the account before.
pub fn set_end(tx: &mut Tx<'_>, account: &Account, end: Option<Timestamp>, by: Giver<'_>) -> Result<EndSet, Error> {
    let set = put_end(tx, account, end)?;
    if set == EndSet::Done && end.is_some() {
        tx.lock_admins()?;
        note_dismissal(tx, account.id, AdminActKind::EndSet, by)?;
        if let Giver::Admin(admin) = by {
            tell_again(tx, admin, account)?;
        }
    }
    Ok(set)
}

/// Does the same for a new account, which has no history.
pub(super) fn put_end(tx: &mut Tx<'_>, account: &Account, end: Option<Timestamp>) -> Result<EndSet, Error> {
    // Giving admin rights takes the same lock.
    tx.lock(&account.email)?;
    let before = account;
    let Some(account) = db::accounts::find(tx.connection, before.id)? else { return Ok(EndSet::Gone) };
    if account.email != before.email {
        // The lock is that of its former address.
        return Err(Error::unavailable("the account was moving"));
    }
    if account.is_admin {
        return Ok(EndSet::IsAdmin);
    }
    if account.ends_at == end {
        return Ok(EndSet::Unchanged);
    }
    if end.is_some_and(|end| account.is_deleted_before(end)) {
        return Ok(EndSet::AfterGuest);
    }
    db::account_ends::set(tx.connection, account.id, end)?;
    restart_recovery_if_back(tx, &account)?;
    let stored = |end: Option<Timestamp>| end.map(Timestamp::rfc3339).unwrap_or_default();
    let line = tx.line(Action::AccountEndChanged, account.email.as_str());
    tx.log(&line.from_to(stored(account.ends_at), stored(end)))?;
    if account.proven_at.is_some() {
        tell_of_end(tx, &account, end)?;
    }
    // Near its end, this email is the notice.
    if end.is_some_and(|end| end <= tx.now.plus(END_NOTICE)) && account.proven_at.is_some() {
        db::account_ends::note_told(tx.connection, account.id, tx.now)?;
    }
    Ok(EndSet::Done)
}

fn tell_of_end(tx: &mut Tx<'_>, account: &Account, end: Option<Timestamp>) -> Result<(), Error> {
    let mail = match end {
        Some(end) => QueuedMail {
            note: SecurityEvent::AccountEnds.note_about(&end.rfc3339()),
            ..mail_of(tx, account, SecurityEvent::AccountEnds)
        },
        None => mail_of(tx, account, SecurityEvent::AccountStays),
    };
    tx.mail(&mail)
}

/// Tells a user that the account ends soon. Lock the account's mailbox first.
pub fn give_notice(tx: &mut Tx<'_>, account: &Account) -> Result<(), Error> {
    let end = account.end().filter(|end| *end <= tx.now.plus(END_NOTICE) && *end > tx.now);
    if end.is_some() && account.is_active() && db::account_ends::note_told(tx.connection, account.id, tx.now)? {
        tell_of_end(tx, account, end)?;
    }
    Ok(())
}

/// Ends all sessions of an account that has ended, and everything in progress. Every check has
/// refused them since that moment. Returns whether it did. Lock the account's mailbox first.
pub fn finish_end(tx: &mut Tx<'_>, account: &Account) -> Result<bool, Error> {
    if !account.has_ended(tx.now) || !db::account_ends::note_done(tx.connection, account.id, tx.now)? {
        return Ok(false);
    }
    end_everything(tx, account)?;
    tx.log(&tx.line(Action::AccountEnded, account.email.as_str()))?;
    Ok(true)
}
