//! Moving an account to another address. The old address stays until the user verifies the new one.
//! Then the old mailbox gets an email, and can undo the move like any other gain.

use crate::{
    db::{self, Error, Tx, limits::Counted},
    domain::{
        Account, Attempt, EmailAddress, Limit, SessionId,
        account::AddressChange,
        account::AddressChangeId,
        gain::{UNDO_LIFETIME, is_told_again},
        limit::Decision,
        mail::{MailKind, QueuedMail},
    },
    people::gains::{Grant, record},
};

#[derive(Clone, Debug)]
pub enum Moved {
    Done(AddressChange),
    /// The new address belongs to another account or may no longer be used here. Or the account has
    /// moved elsewhere or gone.
    TooLate,
}

/// Moves the account that asked to the address that was just verified. Ends all its sessions except
/// `keep`, and everything in progress.
pub fn move_address(tx: &mut Tx<'_>, attempt: &Attempt, keep: SessionId) -> Result<Moved, Error> {
    let Some(id) = attempt.account_id else { return Ok(Moved::TooLate) };
    let Some(before) = db::accounts::find(tx.connection, id)? else { return Ok(Moved::TooLate) };
    // Until the commit, no other account gets that address and no user signs in at the old one.
    lock_both(tx, &before.email, &attempt.email)?;
    let account = db::accounts::find(tx.connection, id)?.filter(|account| account.is_usable(tx.now));
    let Some(account) = account.filter(|account| account.email == before.email) else {
        return Ok(Moved::TooLate);
    };
    if db::accounts::find_by_email(tx.connection, &attempt.email)?.is_some() {
        return Ok(Moved::TooLate);
    }
    if !tx.settings()?.may_move_to(&attempt.email)
        || !db::accounts::move_address(tx.connection, id, (&account.email, &attempt.email), tx.now)?
    {
        return Ok(Moved::TooLate);
    }
    db::accounts::mark_proven(tx.connection, id, tx.now)?;
    // Links emailed to the old address become invalid, and so do those that the account asked for
    // itself.
    db::attempts::end_all_of_address(tx.connection, &account.email, tx.now)?;
    db::attempts::end_all_of_account(tx.connection, id, tx.now)?;
    db::sessions::delete_others(tx.connection, id, keep)?;
    let browser = db::sessions::browser_of(tx.connection, id, keep)?;
    db::own_tries::take_all(tx.connection, id, browser, tx.now)?;
    // A recovery continues: the move may be an attacker's, and a gain ends no recovery. Its link is
    // in the old mailbox and still cancels it.
    let change = AddressChange {
        id: AddressChangeId::issue(tx.entropy),
        account_id: id,
        old_email: account.email.clone(),
        new_email: attempt.email.clone(),
        changed_at: tx.now,
    };
    db::address_changes::insert(tx.connection, &change)?;
    record(tx, &account, &Grant::Address(&change))?;
    Ok(Moved::Done(change))
}

/// Sends the email about a move once more, after an admin, `by`, disabled the account at its new
/// address. The newcomer may be an attacker who defends the move. The new link shows who reads the
/// mailbox now, and takes the account back without a sign-in.
pub fn tell_again(tx: &mut Tx<'_>, by: &Account, disabled: &Account) -> Result<(), Error> {
    for moved in db::gains::open_moves_from(tx.connection, &disabled.email)? {
        let has_young_rights = db::admin_acts::became_admin_since(tx.connection, by.id, tx.now.minus(UNDO_LIFETIME))?;
        if moved.account_id == disabled.id || !is_told_again(&moved, by.id, has_young_rights, tx.now) {
            continue;
        }
        // Otherwise an attacker could fill the mailbox by disabling and enabling.
        let counted = Counted { name: format!("telling again of {}", moved.id), limit: Limit::in_hours::<1, 1>() };
        if db::limits::take(tx.connection, &[counted], tx.now)? == Decision::Allowed {
            let mail = QueuedMail::new(tx.entropy, MailKind::AddressChanged, disabled.email.clone(), tx.now);
            let (account_id, note) = (Some(moved.account_id), moved.id.to_string());
            tx.mail(&QueuedMail { account_id, note, ..mail })?;
        }
    }
    Ok(())
}

/// Locks both mailboxes in one order, for a move in either direction.
pub(super) fn lock_both(tx: &mut Tx<'_>, one: &EmailAddress, other: &EmailAddress) -> Result<(), Error> {
    tx.lock_all(vec![one.mailbox(), other.mailbox()])
}
