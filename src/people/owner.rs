//! Owner who changes the proofs of an account, and the session of the change.

use crate::{
    db::{self, Error, Tx},
    domain::{Account, Enrolled, SessionId},
    people::ending::end_attempts,
};

/// The signed-in owner of an account.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    pub account: &'a Account,
    /// The session in which the owner acts. It stays when the others end.
    pub session: SessionId,
    /// The second factors of the account that count.
    pub enrolled: Enrolled,
}

impl Owner<'_> {
    /// Does what must follow when a factor or a password is added or removed. Other sessions began
    /// under other rules. Remembered browsers may rely on what is gone. Waiting sign-ins would end
    /// under old rules.
    pub(super) fn end_the_rest(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        db::sessions::delete_others(tx.connection, self.account.id, self.session)?;
        let browser = db::sessions::browser_of(tx.connection, self.account.id, self.session)?;
        db::own_tries::take_all(tx.connection, self.account.id, browser, tx.now)?;
        end_attempts(tx, self.account)
    }
}
