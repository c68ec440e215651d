//! Setting, resetting and removing a password. The owner is told by email in each case, and all other sessions and sign-ins under way end:
//! a user changes a password because an attacker may know the old one.

use crate::{
    db::{self, DbConnection, Error},
    domain::{Account, Enrolled, Entropy, PasswordHash, SecurityEvent, SessionId, Settings, Timestamp, ways_in::Loss},
    people::{
        factors::{News, end_the_rest, tell},
        gains::{Grant, record},
        remove_factors,
        status::{Change, end_attempts},
        ways_in::locked_by,
    },
};

/// Gives the account this password; `enrolled` is what counts of what it has, `keep` the session in which it was set.
pub fn set_password(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    enrolled: Enrolled,
    hash: &PasswordHash,
    keep: SessionId,
    now: Timestamp,
) -> Result<(), Error> {
    record(connection, entropy, account, (&Grant::PasswordSet, now))?;
    db::passwords::set(connection, account.id, hash, now)?;
    // Without a second factor, a mailed link was enough to get here: for a recovery such a password shows no more than the mailbox, until it has
    // been used beside a second factor. An attacker who once read the mailbox could otherwise have set it for the day when there is one.
    // A factor that is turned off does not count, because no sign-in asked for it.
    db::passwords::note_from_mail(connection, account.id, !enrolled.has_second_factor())?;
    end_the_rest(connection, account, keep, now)
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
        // Known browsers became known to a user who had not proven the mailbox.
        db::devices::forget_all(connection, account.id)?;
        remove_factors(connection, account.id, None)?;
    }
    record(connection, entropy, account, (&Grant::PasswordReset, now))?;
    db::passwords::set(connection, account.id, hash, now)?;
    // For a recovery it shows no more than the mailbox, from which it comes.
    db::passwords::note_from_mail(connection, account.id, true)?;
    db::sessions::delete_all(connection, account.id)?;
    end_attempts(connection, account, now)
}

/// Takes the password away, unless it is the last way in.
pub fn remove_password(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    start: &Settings,
    account: &Account,
    keep: SessionId,
    now: Timestamp,
) -> Result<Change, Error> {
    if let Some(lock_out) = locked_by(connection, start, Loss::Password(account.id))? {
        return Ok(lock_out.into());
    }
    if !db::passwords::remove(connection, account.id)? {
        return Ok(Change::Unchanged);
    }
    end_the_rest(connection, account, keep, now)?;
    tell(connection, entropy, &News { account, event: SecurityEvent::PasswordRemoved, from: None }, now)?;
    Ok(Change::Done)
}
