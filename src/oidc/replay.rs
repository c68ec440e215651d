//! Consequences of a code or a token that comes a second time.

use super::client_auth::EnabledClient;
use crate::{
    db::{self, Error, Stop, Tx},
    domain::{
        audit::{Action, Actor},
        oidc::{Grant, error::ErrorResponse},
    },
};

/// Ends what a code gave, because it came a second time. One of the two senders stole it (RFC 6749,
/// section 4.1.2). Returns `false` if it has given nothing yet.
pub(super) fn end_replayed(tx: &mut Tx<'_>, known: &EnabledClient, code: &[u8]) -> Result<bool, Stop<ErrorResponse>> {
    let Some(grant) = db::oidc_grants::of_code(tx.connection, code)? else { return Ok(false) };
    if db::oidc_grants::end(tx.connection, grant.id, tx.now)? {
        log_replay(tx, &grant, known)?;
    }
    Ok(true)
}

/// Logs that a token came a second time, and tells the app that its session is over.
pub(super) fn log_replay(tx: &mut Tx<'_>, grant: &Grant, known: &EnabledClient) -> Result<(), Error> {
    db::logout_notices::queue(tx.connection, &[grant.id], (grant.app, grant.account))?;
    let account = db::accounts::find(tx.connection, grant.account)?;
    let subject = account.map(|account| account.email.as_str().to_owned()).unwrap_or_default();
    let line = tx.line_by(Actor::Gatepost, Action::AppTokenReplayed, subject).to(known.app.app.slug.as_str());
    tx.log(&line)
}
