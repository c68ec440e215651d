//! Invitations: an account for an address, and an email whose link signs in once.

use crate::{
    db::{self, Error, Tx},
    domain::{
        Account, EmailAddress, Timestamp,
        account::AccountOrigin,
        invitation::Invitation,
        mail::{MailKind, QueuedMail},
        ways_in::Loss,
    },
    people::{
        end::put_end,
        ending::end_attempts,
        join::{Added, add},
        rights::{Giver, must_stay},
        ways_in::locked_by,
    },
};

/// Role that an invited user gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invitee {
    Admin,
    User { ends_at: Option<Timestamp> },
}

/// Adds an account for an address that has none, perhaps as an admin, and emails the invitation.
/// Hold the lock of the inviting admin's mailbox.
pub fn invite(tx: &mut Tx<'_>, email: &EmailAddress, by: &Account, as_what: Invitee) -> Result<Added, Error> {
    let rights = matches!(as_what, Invitee::Admin).then_some(Giver::Admin(by));
    let added = add(tx, email, rights, AccountOrigin::Invited)?;
    if let Added::New(account) = &added {
        if let Invitee::User { ends_at: Some(end) } = as_what {
            put_end(tx, account, Some(end))?;
        }
        send(tx, account, by)?;
    }
    Ok(added)
}

/// Emails an invitation to an account whose user has never signed in. The former link ends. Returns
/// whether it did.
pub fn invite_again(tx: &mut Tx<'_>, account: &Account, by: &Account) -> Result<bool, Error> {
    let Some(account) = waiting(tx, account)? else { return Ok(false) };
    send(tx, &account, by)?;
    Ok(true)
}

/// Removes an invited account whose user has never signed in. Returns whether it did.
pub fn withdraw_invitation(tx: &mut Tx<'_>, account: &Account) -> Result<bool, Error> {
    let Some(account) = waiting(tx, account)? else { return Ok(false) };
    tx.lock_admins()?;
    let is_invited = db::invitations::has_one(tx.connection, account.id)?;
    if !is_invited || locked_by(tx, Loss::Admin(account.id))?.is_some() || must_stay(tx, &account)? {
        return Ok(false);
    }
    end_attempts(tx, &account)?;
    db::accounts::delete(tx.connection, account.id)?;
    Ok(true)
}

/// Returns the account as it is now, if its user may still be invited.
pub(super) fn waiting(tx: &mut Tx<'_>, account: &Account) -> Result<Option<Account>, Error> {
    tx.lock(&account.email)?;
    let still = db::accounts::find(tx.connection, account.id)?.filter(|still| still.email == account.email);
    Ok(still.filter(|still| still.is_usable(tx.now) && still.last_signed_in_at.is_none() && still.proven_at.is_none()))
}

pub(super) fn send(tx: &mut Tx<'_>, account: &Account, by: &Account) -> Result<(), Error> {
    let mail = QueuedMail {
        account_id: Some(account.id),
        note: by.email.as_str().to_owned(),
        ..QueuedMail::new(tx.entropy, MailKind::Invitation, account.email.clone(), tx.now)
    };
    db::invitations::put(tx.connection, &Invitation::of_mail(account.id, &mail), mail.id)?;
    tx.mail(&mail)
}
