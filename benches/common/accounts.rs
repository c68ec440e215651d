//! Accounts for a benchmark.

use gatepost::{
    db::{self, Db, Tx, TxContext},
    domain::{
        Account, EmailAddress, HashMemory, Limit, Password, PasswordHash, Settings, Timestamp, account::AccountOrigin,
        audit::Actor, settings::StartLimits,
    },
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
        let add = move |tx: &mut Tx<'_>| {
            emails.iter().map(|email| add_one(tx, email, hash.as_ref())).collect::<Result<Vec<_>, _>>()
        };
        added.extend(db.transact_at_leisure(context(), add).await.expect("accounts"));
    }
    added
}

fn context() -> TxContext {
    let limit = Limit::in_minutes::<1, 1>();
    TxContext {
        now: Timestamp::from_millis(0),
        entropy: Arc::new(SystemEntropy),
        start: Arc::new(Settings::starting_with(StartLimits {
            per_mailbox: limit,
            per_client: limit,
            per_domain: limit,
            global: limit,
        })),
        actor: Actor::Gatepost,
        client: None,
        request_id: None,
        from: None,
    }
}

fn add_one(tx: &mut Tx<'_>, email: &str, hash: Option<&PasswordHash>) -> Result<Account, db::Error> {
    let email = EmailAddress::parse(email).map_err(|_| db::Error::fault("address"))?;
    let account = people::add(tx, &email, None, AccountOrigin::Invited)?.account();
    db::accounts::mark_proven(tx.connection, account.id, tx.now)?;
    if let Some(hash) = hash {
        db::passwords::set(tx.connection, account.id, hash, tx.now)?;
    }
    Ok(account)
}

/// Returns the hash of a password.
pub fn hash_of(password: &str) -> PasswordHash {
    let password = Password::present(password).expect("a password");
    password.hash(&SystemEntropy, &HashMemory::default()).expect("a hash")
}
