//! Guests: an admin invites an address to one app until a moment. The account is deleted then.

use super::{
    invitation::{send, waiting},
    join::{Added, add},
    recovery::restart_recovery_if_back,
    status::remove,
};
use crate::{
    db::{self, Error, Tx},
    domain::{Account, Destination, EmailAddress, Timestamp, account::AccountOrigin},
};

/// Outcome of inviting a guest.
#[derive(Clone, Debug)]
pub enum Guest {
    /// The address gets an invitation.
    Invited(Account),
    /// The user can sign in already.
    Known(Account),
}

/// Adds a guest's account, or lets a guest stay until a later moment. An account that is no guest's
/// stays as it is. Hold the lock of the inviting admin's mailbox.
pub fn invite_guest(tx: &mut Tx<'_>, email: &EmailAddress, by: &Account, until: Timestamp) -> Result<Guest, Error> {
    match add(tx, email, None, AccountOrigin::Invited)? {
        Added::New(account) => {
            db::accounts::set_guest(tx.connection, account.id, Some(until))?;
            send(tx, &account, by)?;
            Ok(Guest::Invited(Account { guest_until: Some(until), ..account }))
        }
        Added::Known(account) => {
            if account.guest_until.is_some_and(|end| end < until) {
                db::accounts::set_guest(tx.connection, account.id, Some(until))?;
                restart_recovery_if_back(tx, &account)?;
                tx.changes(account.id);
            }
            let Some(waiting) = waiting(tx, &account)?.filter(Account::is_guest) else {
                return Ok(Guest::Known(account));
            };
            send(tx, &waiting, by)?;
            Ok(Guest::Invited(waiting))
        }
    }
}

/// Returns the front page of the one app that a guest can open. `None` for users, and for guests of
/// several.
pub fn app_of_guest(tx: &mut Tx<'_>, account: &Account) -> Result<Option<Destination>, Error> {
    if !account.is_guest() {
        return Ok(None);
    }
    let groups = db::groups::ids_of_account(tx.connection, account.id)?;
    let mut all = db::apps::all(tx.connection)?;
    all.retain(|app| app.app.may_be_opened_by(account, &groups, tx.now));
    if let [app] = all.as_slice() { db::oidc_clients::front(tx.connection, app) } else { Ok(None) }
}

/// Deletes a guest's account whose end has come. Returns whether it did.
pub fn forget_guest(tx: &mut Tx<'_>, account: &Account) -> Result<bool, Error> {
    let now = tx.now;
    let is_over = |still: &Account| still.guest_until.is_some_and(|end| end <= now) && !still.is_admin;
    remove(tx, account, is_over)
}
