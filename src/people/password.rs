//! Setting, resetting and removing a password. The owner gets an email in each case. All other
//! sessions and waiting sign-ins end, because users change a password when an attacker may know the
//! old one.

use crate::{
    db::{self, Error, Tx},
    domain::{Account, Gain, KnownBrowserId, PasswordHash, SecurityEvent, ways_in::Loss},
    people::{
        Owner,
        ending::end_attempts,
        factors::remove_factors,
        gains::{Grant, record},
        status::Change,
        tell::tell,
        ways_in::locked_by,
    },
};

/// Sets the password that the account's owner has chosen.
pub fn set_password(tx: &mut Tx<'_>, owner: Owner<'_>, hash: &PasswordHash) -> Result<(), Error> {
    let account = owner.account;
    record(tx, account, &Grant::PasswordSet)?;
    db::passwords::set(tx.connection, account.id, hash, tx.now)?;
    // Without a second factor, an email link was enough to get here. For a recovery such a
    // password proves only mailbox access, until it has been used beside a second factor. An
    // attacker who once read the mailbox could otherwise have set it in advance. A factor that is
    // turned off does not count, because no sign-in asked for it.
    db::passwords::note_from_mail(tx.connection, account.id, !owner.enrolled.has_second_factor())?;
    owner.end_the_rest(tx)
}

/// Sets the account's password after its owner verified the address. All sessions end. The browser
/// in which it was chosen keeps its own tries. The owner is about to use the password there.
pub fn reset_password(
    tx: &mut Tx<'_>,
    account: &Account,
    hash: &PasswordHash,
    browser: Option<KnownBrowserId>,
) -> Result<(), Error> {
    if db::accounts::mark_proven(tx.connection, account.id, tx.now)? {
        // Browsers that were known before belong to users who had not verified the address.
        db::devices::forget_all(tx.connection, account.id)?;
        db::known_browsers::sign_out_others(tx.connection, account.id, None, tx.now)?;
        remove_factors(tx.connection, account.id, None)?;
    }
    record(tx, account, &Grant::PasswordReset)?;
    db::passwords::set(tx.connection, account.id, hash, tx.now)?;
    // For a recovery it proves only mailbox access, from which it comes.
    db::passwords::note_from_mail(tx.connection, account.id, true)?;
    db::sessions::delete_all(tx.connection, account.id)?;
    db::own_tries::take_all(tx.connection, account.id, browser, tx.now)?;
    end_attempts(tx, account)
}

/// Removes the password, unless it is the last way in. Undoing the next one puts it back.
pub fn remove_password(tx: &mut Tx<'_>, owner: Owner<'_>) -> Result<Change, Error> {
    let account = owner.account;
    if let Some(lock_out) = locked_by(tx, Loss::Password(account.id))? {
        return Ok(lock_out.into());
    }
    db::former::set_aside(tx.connection, account.id, Gain::Password, tx.now)?;
    if !db::passwords::remove(tx.connection, account.id)? {
        return Ok(Change::Unchanged);
    }
    owner.end_the_rest(tx)?;
    tell(tx, account, SecurityEvent::PasswordRemoved)?;
    Ok(Change::Done)
}
