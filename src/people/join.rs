//! Makes accounts.

use crate::{
    db::{self, Error, Tx},
    domain::{
        Account, AccountId, EmailAddress,
        account::{AccountName, AccountOrigin},
    },
    people::rights::{Giver, grant},
};

/// Outcome of adding an account.
#[derive(Clone, Debug)]
pub enum Added {
    New(Account),
    /// The address already has one, which stays unchanged.
    Known(Account),
}

impl Added {
    pub fn account(self) -> Account {
        match self {
            Self::New(account) | Self::Known(account) => account,
        }
    }
}

/// Adds an account for an address, if it has none, perhaps with admin rights from `rights`. If an
/// admin gives the rights, hold the lock of that admin's mailbox.
///
/// The user of an account that joined has just verified the address, and is about to sign in. One
/// row says all of it, because two changes of it would each go to the change log. Any other origin
/// verifies nothing.
pub fn add(
    tx: &mut Tx<'_>,
    email: &EmailAddress,
    rights: Option<Giver<'_>>,
    origin: AccountOrigin,
) -> Result<Added, Error> {
    tx.lock(email)?;
    if let Some(account) = db::accounts::find_by_email(tx.connection, email)? {
        return Ok(Added::Known(account));
    }
    let has_joined = origin == AccountOrigin::Joined;
    let account = Account {
        id: AccountId::issue(tx.entropy),
        email: email.clone(),
        name: AccountName::default(),
        is_admin: false,
        disabled_at: None,
        proven_at: has_joined.then_some(tx.now),
        created_at: tx.now,
        last_signed_in_at: None,
        language: None,
        time_zone: None,
        guest_until: None,
        ends_at: None,
    };
    let handle = has_joined.then(|| db::handles::propose(tx.connection, account.id, email)).transpose()?;
    db::accounts::insert(tx.connection, &account, origin, handle.as_ref())?;
    let Some(giver) = rights else { return Ok(Added::New(account)) };
    grant(tx, &account, giver)?;
    Ok(Added::New(Account { is_admin: true, ..account }))
}
