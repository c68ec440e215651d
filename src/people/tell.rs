//! Emails to an account's owner about a change.

use crate::{
    db::{Error, Tx},
    domain::{Account, SecurityEvent, mail::QueuedMail},
};

/// Tells the account's owner by email.
pub fn tell(tx: &mut Tx<'_>, account: &Account, event: SecurityEvent) -> Result<(), Error> {
    let mail = mail_of(tx, account, event);
    tx.mail(&mail)
}

/// Returns the email to the owner.
pub(super) fn mail_of(tx: &Tx<'_>, account: &Account, event: SecurityEvent) -> QueuedMail {
    QueuedMail {
        account_id: Some(account.id),
        note: event.note(),
        ..QueuedMail::new(tx.entropy, event.mail_kind(), account.email.clone(), tx.now)
    }
}
