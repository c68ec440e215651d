//! Ending what an account has in progress: its sessions, its attempts, its remembered browsers.

use crate::{
    db::{self, DbConnection, Error, Tx},
    domain::{Account, AccountId, Attempt, KnownBrowserId, SessionId},
};

/// Ends all sessions and open attempts of an account. Returns how many sessions there were.
pub fn sign_out_everywhere(tx: &mut Tx<'_>, account: &Account) -> Result<usize, Error> {
    // Otherwise a second factor shown at this moment could make a session after these have ended.
    tx.lock(&account.email)?;
    let sessions = db::sessions::delete_all(tx.connection, account.id)?;
    db::own_tries::take_all(tx.connection, account.id, None, tx.now)?;
    end_attempts(tx, account)?;
    Ok(sessions)
}

/// Ends everything that the account has in progress, and everything that would shorten the next
/// sign-in.
pub(super) fn end_attempts(tx: &mut Tx<'_>, account: &Account) -> Result<(), Error> {
    db::trusted_devices::delete_all(tx.connection, account.id)?;
    db::attempts::end_all_of_address(tx.connection, &account.email, tx.now)?;
    db::attempts::end_all_of_account(tx.connection, account.id, tx.now)
}

/// Sessions that ended because the owner of a mailbox says that an email wasn't theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedOut {
    pub sessions: usize,
    /// Gatepost knows which browser used the email, so that it has no session left.
    pub is_sure: bool,
}

/// Ends every session of the browser that asked for this email or used it. Includes the session
/// that it freshened, and later ones. An attacker may have chosen a password and
/// signed in by that.
pub fn sign_out_user_of(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<SignedOut, Error> {
    let browser = browser_behind(tx.connection, attempt)?;
    let mut sessions = db::sessions::delete_made_by(tx.connection, attempt.id)?;
    db::pending_sign_ins::delete_made_by(tx.connection, attempt.id)?;
    // The email about a new address may have gone to someone else's mailbox, whose owner ends
    // nothing.
    if let Some((account, session)) = stepped_up(attempt) {
        sessions += usize::from(db::sessions::revoke(tx.connection, account, session)?);
        tx.changes(account);
    }
    if let Some(id) = browser
        && let Some(known) = db::known_browsers::get(tx.connection, id)?
    {
        sessions += db::sessions::delete_in_browser(tx.connection, known.account_id, id)?.len();
        db::known_browsers::sign_out(tx.connection, id, tx.now)?;
        tx.changes(known.account_id);
    }
    Ok(SignedOut { sessions, is_sure: browser.is_some() })
}

/// Returns whether [`sign_out_user_of`] ends this session.
pub fn would_sign_out(connection: &mut DbConnection, attempt: &Attempt, session: SessionId) -> Result<bool, Error> {
    if stepped_up(attempt).is_some_and(|(_, asker)| asker == session)
        || db::sessions::attempt_of(connection, session)? == Some(attempt.id)
    {
        return Ok(true);
    }
    let Some(browser) = browser_behind(connection, attempt)? else { return Ok(false) };
    let Some(known) = db::known_browsers::get(connection, browser)? else { return Ok(false) };
    Ok(db::sessions::browser_of(connection, known.account_id, session)? == Some(browser))
}

/// Returns the browser that used this email or, for a step-up, asked for it, if it is known.
fn browser_behind(connection: &mut DbConnection, attempt: &Attempt) -> Result<Option<KnownBrowserId>, Error> {
    match (db::attempts::browser_of(connection, attempt.id)?, stepped_up(attempt)) {
        (None, Some((account, session))) => db::sessions::browser_of(connection, account, session),
        (used, _) => Ok(used),
    }
}

/// Returns the session that asked for this email to step up.
fn stepped_up(attempt: &Attempt) -> Option<(AccountId, SessionId)> {
    attempt.account_id.zip(attempt.session_id.filter(|_| attempt.purpose.freshens_a_session()))
}
