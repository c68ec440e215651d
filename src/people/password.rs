//! Setting, resetting and removing a password. The owner gets an email in each case, and all other
//! sessions and waiting sign-ins end: a user changes a password because an attacker may know the
//! old one.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, Enrolled, Entropy, Gain, PasswordHash, SecurityEvent, SessionId, Settings, Timestamp, ways_in::Loss,
    },
    people::{
        factors::{News, end_the_rest, tell},
        gains::{Grant, record},
        remove_factors,
        status::{Change, end_attempts},
        ways_in::locked_by,
    },
};

/// Sets the account's password. `enrolled` are its factors that count, `keep` is the session in
/// which it was set.
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
    // Without a second factor, an emailed link was enough to get here. For a recovery such a
    // password proves only mailbox access, until it has been used beside a second factor. An
    // attacker who once read the mailbox could otherwise have set it in advance. A factor that is
    // turned off does not count, because no sign-in asked for it.
    db::passwords::note_from_mail(connection, account.id, !enrolled.has_second_factor())?;
    end_the_rest(connection, account, keep, now)
}

/// Sets the account's password after its owner verified the address. All sessions end.
pub fn reset_password(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    hash: &PasswordHash,
    now: Timestamp,
) -> Result<(), Error> {
    if db::accounts::mark_proven(connection, account.id, now)? {
        // Browsers that were known before belong to users who had not verified the address.
        db::devices::forget_all(connection, account.id)?;
        db::known_browsers::sign_out_others(connection, account.id, None, now)?;
        remove_factors(connection, account.id, None)?;
    }
    record(connection, entropy, account, (&Grant::PasswordReset, now))?;
    db::passwords::set(connection, account.id, hash, now)?;
    // For a recovery it proves only mailbox access, from which it comes.
    db::passwords::note_from_mail(connection, account.id, true)?;
    db::sessions::delete_all(connection, account.id)?;
    end_attempts(connection, account, now)
}

/// Removes the password, unless it is the last way in. Undoing the next one puts it back.
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
    db::former::set_aside(connection, account.id, Gain::Password, now)?;
    if !db::passwords::remove(connection, account.id)? {
        return Ok(Change::Unchanged);
    }
    end_the_rest(connection, account, keep, now)?;
    tell(connection, entropy, &News { account, event: SecurityEvent::PasswordRemoved, from: None }, now)?;
    Ok(Change::Done)
}
