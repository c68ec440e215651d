//! Moving an account to another address, and taking it back.
//!
//! The old address stays until the new one is proven; then the old mailbox is told, and can undo the move for a week. Undoing
//! ends every session: whoever moved the account away is out.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, Attempt, EmailAddress, Entropy, SessionId, Timestamp,
        account::AddressChange,
        id::AddressChangeId,
        mail::{MailKind, QueuedMail},
    },
    people::remove_factors,
};

#[derive(Clone, Debug)]
pub enum Moved {
    Done(AddressChange),
    /// Somebody else has the new address by now, or the account has moved elsewhere or gone.
    TooLate,
}

#[derive(Clone, Debug)]
pub enum Undone {
    /// Back at the old address; `displaced` if another account had it, which is gone.
    Done {
        change: AddressChange,
        displaced: bool,
    },
    TooLate,
    /// The old address has become another account's.
    Taken,
}

/// Moves the account that asked to the address that was just proven. All its sessions but `keep` end, and whatever was under way.
pub fn move_address(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    attempt: &Attempt,
    keep: SessionId,
    now: Timestamp,
) -> Result<Moved, Error> {
    let Some(id) = attempt.account_id else { return Ok(Moved::TooLate) };
    let Some(before) = db::accounts::find(connection, id)? else { return Ok(Moved::TooLate) };
    // Nobody else becomes the owner of that address meanwhile, and nobody signs in at the old one.
    serialise_both(connection, &before.email, &attempt.email)?;
    let account = db::accounts::find(connection, id)?.filter(Account::is_active);
    let Some(account) = account.filter(|account| account.email == before.email) else {
        return Ok(Moved::TooLate);
    };
    if db::accounts::find_by_email(connection, &attempt.email)?.is_some() {
        return Ok(Moved::TooLate);
    }
    if !db::accounts::move_address(connection, id, &account.email, &attempt.email)? {
        return Ok(Moved::TooLate);
    }
    db::accounts::mark_proven(connection, id, now)?;
    // Links mailed to the old address are worth nothing any more, nor are those asked for by the account itself.
    db::attempts::end_all_of_address(connection, &account.email, now)?;
    db::attempts::end_all_of_account(connection, id, now)?;
    db::sessions::delete_others(connection, id, keep)?;
    // Its mail, and the link in it, went to the old address; whoever moves the account has just shown what was said to be lost.
    db::recoveries::cancel(connection, id, now)?;
    let change = AddressChange {
        id: AddressChangeId::issue(entropy),
        account_id: id,
        old_email: account.email,
        new_email: attempt.email.clone(),
        changed_at: now,
    };
    db::address_changes::insert(connection, &change)?;
    db::outbox::enqueue(connection, &news(&change, entropy, now))?;
    Ok(Moved::Done(change))
}

/// Takes the account back to the old address and ends all its sessions.
pub fn undo_move(connection: &mut DbConnection, change: &AddressChange, now: Timestamp) -> Result<Undone, Error> {
    let Some(before) = db::accounts::find(connection, change.account_id)? else { return Ok(Undone::TooLate) };
    serialise_both(connection, &before.email, &change.old_email)?;
    let Some(account) = db::accounts::find(connection, change.account_id)? else { return Ok(Undone::TooLate) };
    let newcomer = newcomer(connection, change)?;
    if newcomer.as_ref().is_some_and(|newcomer| !gives_way(newcomer, change)) {
        return Ok(Undone::Taken);
    }
    if !db::address_changes::undo(connection, change, now)? {
        return Ok(Undone::TooLate);
    }
    if let Some(newcomer) = &newcomer {
        db::accounts::delete(connection, newcomer.id)?;
    }
    if account.email != change.old_email {
        if !db::accounts::move_address(connection, account.id, &account.email, &change.old_email)? {
            // Moved once more in this very moment: nothing of this may count, so that the link can be used again.
            return Err(Error::unavailable("the account was being moved"));
        }
        db::attempts::end_all_of_address(connection, &account.email, now)?;
    }
    db::attempts::end_all_of_account(connection, account.id, now)?;
    db::sessions::delete_all(connection, account.id)?;
    // Whoever moved the account away may have set it. Not kept for being the last admin's last way in either: a way in that a thief may have is
    // worse than none, and a console link remains.
    db::passwords::remove(connection, account.id)?;
    // And what they enrolled. What was there before stays: whoever reads an old mailbox must not strip an account of its second factor.
    remove_factors(connection, account.id, Some(change.changed_at))?;
    // Nor what they asked for.
    db::recoveries::cancel(connection, account.id, now)?;
    db::devices::forget_all(connection, account.id)?;
    Ok(Undone::Done { change: change.clone(), displaced: newcomer.is_some() })
}

/// In one order, whichever way an account goes.
fn serialise_both(connection: &mut DbConnection, one: &EmailAddress, other: &EmailAddress) -> Result<(), Error> {
    let mut mailboxes = [one.mailbox(), other.mailbox()];
    mailboxes.sort();
    mailboxes.iter().try_for_each(|mailbox| db::serialise(connection, mailbox))
}

/// Another account that has the old address by now.
pub fn newcomer(connection: &mut DbConnection, change: &AddressChange) -> Result<Option<Account>, Error> {
    Ok(db::accounts::find_by_email(connection, &change.old_email)?.filter(|other| other.id != change.account_id))
}

/// Whether such an account gives way to the one taken back. Somebody whose account was moved away signs in as ever, and where anybody may
/// join that makes a new one; whoever reads the mailbox now is its owner and holds the undo link.
pub fn gives_way(newcomer: &Account, change: &AddressChange) -> bool {
    newcomer.created_at >= change.changed_at && !newcomer.is_admin && newcomer.is_active()
}

fn news(change: &AddressChange, entropy: &dyn Entropy, now: Timestamp) -> QueuedMail {
    QueuedMail {
        account_id: Some(change.account_id),
        note: change.id.to_string(),
        ..QueuedMail::new(entropy, MailKind::AddressChanged, change.old_email.clone(), now)
    }
}
