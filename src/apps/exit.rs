//! Signing out of one app, and taking back what it may know.

use crate::{
    db::{self, Error, Tx},
    domain::{AccountId, SessionId, apps::Registered, audit::Action},
};

/// Ends what a session has at an app: its cookie, the ways in that are under way, its tokens. The
/// app is told.
pub fn sign_out(tx: &mut Tx<'_>, app: &Registered, session: SessionId) -> Result<(), Error> {
    db::apps::leave(tx.connection, session, app.app.id, tx.now)?;
    db::oidc_grants::end_of_session_at_app(tx.connection, (session, app.app.id), tx.now)?;
    tx.log(&tx.line(Action::SignedOutOfApp, app.app.slug.as_str()))
}

/// Ends all that an account has at an app, and what it agreed to. Each of its sessions is asked at
/// the next way in. So no code and no device that waits brings anything back. Returns whether there
/// was anything.
pub fn end_access(tx: &mut Tx<'_>, app: &Registered, account: AccountId) -> Result<bool, Error> {
    let id = app.app.id;
    let had_consent = db::oidc_held::withdraw_consent(tx.connection, account, id)?;
    let grants = db::oidc_grants::end_at_app(tx.connection, (account, id), tx.now)?;
    if !had_consent && grants == 0 {
        return Ok(false);
    }
    for session in db::sessions::of_account(tx.connection, account)? {
        db::apps::leave(tx.connection, session.id, id, tx.now)?;
    }
    Ok(true)
}
