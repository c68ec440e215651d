//! Setting, resetting and removing a password. Whoever does it, the owner is told by mail, and whatever else was signed in or under way ends:
//! a password is changed because somebody else may have known the old one.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, Entropy, PasswordHash, SessionId, Timestamp,
        mail::{MailKind, QueuedMail},
    },
    people::Change,
};

/// Gives the account this password; `keep` is the session in which it was set.
pub fn set_password(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    hash: &PasswordHash,
    keep: SessionId,
    now: Timestamp,
) -> Result<(), Error> {
    db::passwords::set(connection, account.id, hash, now)?;
    db::sessions::delete_others(connection, account.id, keep)?;
    end_attempts(connection, account, now)?;
    tell(connection, entropy, account, "set", now)
}

/// Gives the account this password after its mailbox was proven: everybody is signed out.
pub fn reset_password(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    hash: &PasswordHash,
    now: Timestamp,
) -> Result<(), Error> {
    if db::accounts::mark_proven(connection, account.id, now)? {
        // Known browsers were made known by somebody who had not shown that the mailbox is theirs.
        db::devices::forget_all(connection, account.id)?;
    }
    db::passwords::set(connection, account.id, hash, now)?;
    db::sessions::delete_all(connection, account.id)?;
    end_attempts(connection, account, now)?;
    tell(connection, entropy, account, "reset", now)
}

/// Takes the password away, unless that would leave the last admin nothing to sign in by.
pub fn remove_password(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    keep: SessionId,
    email_links_are_on: bool,
    now: Timestamp,
) -> Result<Change, Error> {
    db::serialise(connection, "admins")?;
    if account.is_admin && !email_links_are_on && !db::passwords::has_any_admin(connection, Some(account.id))? {
        return Ok(Change::LastAdmin);
    }
    if !db::passwords::remove(connection, account.id)? {
        return Ok(Change::Unchanged);
    }
    db::sessions::delete_others(connection, account.id, keep)?;
    end_attempts(connection, account, now)?;
    tell(connection, entropy, account, "removed", now)?;
    Ok(Change::Done)
}

fn end_attempts(connection: &mut DbConnection, account: &Account, now: Timestamp) -> Result<(), Error> {
    db::attempts::end_all_of_address(connection, &account.email, now)?;
    db::attempts::end_all_of_account(connection, account.id, now)
}

fn tell(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    what: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let news = QueuedMail {
        account_id: Some(account.id),
        note: what.to_owned(),
        ..QueuedMail::new(entropy, MailKind::PasswordChanged, account.email.clone(), now)
    };
    db::outbox::enqueue(connection, &news)
}
