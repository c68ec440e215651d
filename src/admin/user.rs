//! One user as the pages of admins show it, found by the id in the path.

use crate::{
    db,
    domain::{Account, AccountId, Timestamp},
    web::{Failure, Need, Visit},
};

pub(super) const PATH: &str = "/admin/people";

pub(super) struct Person {
    pub id: String,
    pub email: String,
    pub name: String,
    pub is_admin: bool,
    pub is_active: bool,
    pub is_proven: bool,
    pub created_at: Timestamp,
    pub signed_in_at: Option<Timestamp>,
    /// Time at which the account ends, or is deleted as a guest's.
    pub over_at: Option<Timestamp>,
    pub is_over: bool,
}

impl Person {
    pub(super) fn new(account: &Account, now: Timestamp) -> Self {
        let over_at = account.over_at();
        Self {
            over_at,
            is_over: over_at.is_some_and(|at| at <= now),
            id: account.id.to_string(),
            email: account.email.as_str().to_owned(),
            name: account.name.as_str().to_owned(),
            is_admin: account.is_admin,
            is_active: account.is_active(),
            is_proven: account.proven_at.is_some(),
            created_at: account.created_at,
            signed_in_at: account.last_signed_in_at,
        }
    }
}

pub(super) async fn find(visit: &Visit<'_>, id: &str) -> Result<Account, Failure> {
    let id: AccountId = id.parse().map_err(|_| Failure::NotFound)?;
    let find = visit.read_as_admin(Need::signed_in(), move |tx, _| db::accounts::find(tx.connection, id));
    find.await?.ok_or(Failure::NotFound)
}
