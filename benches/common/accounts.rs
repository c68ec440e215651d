//! Accounts for a benchmark.

use gatepost::{
    db::{self, Db, DbConnection},
    domain::{Account, EmailAddress, HashMemory, Password, PasswordHash, Timestamp, account::AccountOrigin},
    entropy::SystemEntropy,
    people,
};
use std::sync::Arc;

/// Accounts made in one transaction. A thousand would take longer than one may.
const AT_ONCE: usize = 200;

/// Adds an account with a verified mailbox for each address, and with a password if there is one.
pub async fn add(db: &Db, emails: impl IntoIterator<Item = String>, hash: Option<&PasswordHash>) -> Vec<Account> {
    let emails: Vec<String> = emails.into_iter().collect();
    let mut added = Vec::with_capacity(emails.len());
    for emails in emails.chunks(AT_ONCE) {
        let (emails, hash): (Arc<[String]>, _) = (emails.into(), hash.cloned());
        let write = move |connection: &mut DbConnection| {
            emails.iter().map(|email| add_one(connection, email, hash.as_ref())).collect::<Result<Vec<_>, _>>()
        };
        added.extend(db.write_at_leisure(write).await.expect("accounts"));
    }
    added
}

fn add_one(connection: &mut DbConnection, email: &str, hash: Option<&PasswordHash>) -> Result<Account, db::Error> {
    let now = Timestamp::from_millis(0);
    let email = EmailAddress::parse(email).map_err(|_| db::Error::fault("address"))?;
    let account = people::add(connection, &SystemEntropy, &email, None, AccountOrigin::Invited, now)?.account();
    db::accounts::mark_proven(connection, account.id, now)?;
    if let Some(hash) = hash {
        db::passwords::set(connection, account.id, hash, now)?;
    }
    Ok(account)
}

/// Returns the hash of a password.
pub fn hash_of(password: &str) -> PasswordHash {
    let password = Password::present(password).expect("a password");
    password.hash(&SystemEntropy, &HashMemory::default()).expect("a hash")
}
