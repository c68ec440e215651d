//! Whether a form that was begun a moment ago may still do what it asks for.

use crate::{
    db::{self, DbConnection, Error},
    domain::{Account, SessionId},
};

/// The account as it is now, if it and the session are still what they were when the form came: a reset or an undone change of address may have
/// come in between, and must not be overtaken by whoever they were against. Takes the mailbox's lock.
pub fn still(connection: &mut DbConnection, account: &Account, session: SessionId) -> Result<Option<Account>, Error> {
    db::serialise(connection, &account.email.mailbox())?;
    let now = db::accounts::find(connection, account.id)?
        .filter(|now| now.is_active() && now.proven_at.is_some() && now.email == account.email);
    let lives = db::sessions::exists(connection, session)?;
    Ok(now.filter(|_| lives))
}
