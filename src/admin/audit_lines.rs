//! Lines of the audit log for a page or a file, as they are read.

use crate::{
    db::{
        self, Tx,
        audit_pages::{Found, Start},
    },
    domain::{AccountId, AuditFilter, EmailAddress},
    web::{Failure, Need, Visit},
};
use std::collections::HashSet;

/// Lines that the page shows, as they were read.
pub(super) struct Shown {
    pub found: Found,
    /// Accounts in these lines that still exist.
    pub accounts: HashSet<AccountId>,
}

impl Shown {
    pub(super) fn read(tx: &mut Tx<'_>, filter: &AuditFilter, start: Start, most: usize) -> Result<Self, db::Error> {
        let found = db::audit_pages::find(tx.connection, filter, start, most)?;
        let named = found.lines.iter().flat_map(|line| [line.entry.actor.account(), line.about]);
        let accounts = db::accounts::existing(tx.connection, named.flatten())?;
        Ok(Self { found, accounts })
    }
}

/// Returns the account that has this address now.
pub(super) async fn named(visit: &Visit<'_>, address: Option<EmailAddress>) -> Result<Option<AccountId>, Failure> {
    let find = visit.read_as_admin(Need::signed_in(), move |tx, _| match &address {
        Some(address) => db::accounts::find_by_email(tx.connection, address),
        None => Ok(None),
    });
    Ok(find.await?.map(|account| account.id))
}
