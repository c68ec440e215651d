//! Facts about an account's passkeys for the browser of a signed-in user. See WebAuthn L3, §5.1.10,
//! "Signal Credential Changes to the Authenticator". The browser then stops offering passkeys that
//! were removed here, and shows the account's new address.
//!
//! The page never uses `signalUnknownCredential`. That would tell an attacker which of the ids for
//! a typed address are decoys.

use super::{Passkeys, answer::base64url};
use crate::{
    db::{self, DbConnection, Error},
    domain::{Account, passkey::UserHandle},
};

/// Arguments of the signals.
#[derive(Clone, Debug)]
pub struct Signals {
    pub rp_id: String,
    pub user_id: String,
    /// The credential ids of the account, with spaces between them.
    pub credential_ids: String,
    /// Names of the account that authenticators show.
    pub name: String,
    pub display_name: String,
}

/// Returns the names that authenticators show: the account's address, and its owner's name.
pub(super) fn names(account: &Account) -> (&str, &str) {
    let address = account.email.as_str();
    (address, if account.name.as_str().is_empty() { address } else { account.name.as_str() })
}

impl Passkeys {
    pub fn signals(&self, connection: &mut DbConnection, account: &Account) -> Result<Signals, Error> {
        let ids = db::passkeys::credential_ids(connection, account.id)?;
        let ids: Vec<_> = ids.iter().map(|id| base64url(id)).collect();
        let (name, display_name) = names(account);
        Ok(Signals {
            rp_id: self.rp_id.clone(),
            user_id: base64url(UserHandle::of(account.id).as_bytes()),
            credential_ids: ids.join(" "),
            name: name.to_owned(),
            display_name: display_name.to_owned(),
        })
    }
}
