//! Moving an account to another address. The old address stays until the user verifies the new one.
//! Then the old mailbox gets an email, and can undo the move like any other gain.

use crate::{
    db::{self, DbConnection, Error, limits::Counted},
    domain::{
        Account, Attempt, EmailAddress, Entropy, Lifetime, Limit, SessionId, Settings, Timestamp,
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
    /// Another account has the new address, it may no longer be used here, or the account has moved
    /// elsewhere or gone.
    TooLate,
}

/// Moves the account that asked to the address that was just verified. Ends all its sessions except
/// `keep`, and everything in progress.
pub fn move_address(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    settings: &Settings,
    attempt: &Attempt,
    keep: SessionId,
    now: Timestamp,
) -> Result<Moved, Error> {
    let Some(id) = attempt.account_id else { return Ok(Moved::TooLate) };
    let Some(before) = db::accounts::find(connection, id)? else { return Ok(Moved::TooLate) };
    // Until the commit, no other account gets that address and no user signs in at the old one.
    serialise_both(connection, &before.email, &attempt.email)?;
    let account = db::accounts::find(connection, id)?.filter(Account::is_active);
    let Some(account) = account.filter(|account| account.email == before.email) else {
        return Ok(Moved::TooLate);
    };
    if db::accounts::find_by_email(connection, &attempt.email)?.is_some() {
        return Ok(Moved::TooLate);
    }
    if !settings.may_move_to(&attempt.email)
        || !db::accounts::move_address(connection, id, (&account.email, &attempt.email), now)?
    {
        return Ok(Moved::TooLate);
    }
    db::accounts::mark_proven(connection, id, now)?;
    // Links emailed to the old address become invalid, and so do those that the account asked for
    // itself.
    db::attempts::end_all_of_address(connection, &account.email, now)?;
    db::attempts::end_all_of_account(connection, id, now)?;
    db::sessions::delete_others(connection, id, keep)?;
    // A recovery continues: the move may be an attacker's, and a gain ends no recovery. Its link is
    // in the old mailbox and still cancels it.
    let change = AddressChange {
        id: AddressChangeId::issue(entropy),
        account_id: id,
        old_email: account.email.clone(),
        new_email: attempt.email.clone(),
        changed_at: now,
    };
    db::address_changes::insert(connection, &change)?;
    record(connection, entropy, &account, (&Grant::Address(&change), now))?;
    Ok(Moved::Done(change))
}

/// Sends the email about a move once more, after an admin, `by`, disabled the account at its new
/// address. The newcomer may be an attacker who defends the move. The new link shows who reads the
/// mailbox now, and takes the account back without a sign-in.
pub fn tell_again(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    (by, disabled): (&Account, &Account),
    now: Timestamp,
) -> Result<(), Error> {
    for moved in db::gains::open_moves_from(connection, &disabled.email)? {
        let has_young_rights = db::admin_acts::became_admin_since(connection, by.id, now.minus(UNDO_LIFETIME))?;
        if moved.account_id == disabled.id || !is_told_again(&moved, by.id, has_young_rights, now) {
            continue;
        }
        let limit =
            Limit::new(1, Lifetime::hours(1)).ok_or_else(|| Error::fault("there is no limit for such emails"))?;
        // Otherwise an attacker could fill the mailbox by disabling and enabling.
        let counted = Counted { name: format!("telling again of {}", moved.id), limit };
        if db::limits::take(connection, &[counted], now)? == Decision::Allowed {
            let mail = QueuedMail::new(entropy, MailKind::AddressChanged, disabled.email.clone(), now);
            let (account_id, note) = (Some(moved.account_id), moved.id.to_string());
            db::outbox::enqueue(connection, &QueuedMail { account_id, note, ..mail })?;
        }
    }
    Ok(())
}

/// Locks both mailboxes in one order, for a move in either direction.
pub(super) fn serialise_both(
    connection: &mut DbConnection,
    one: &EmailAddress,
    other: &EmailAddress,
) -> Result<(), Error> {
    let mut mailboxes = [one.mailbox(), other.mailbox()];
    mailboxes.sort();
    mailboxes.iter().try_for_each(|mailbox| db::serialise(connection, mailbox))
}
