//! Signing out of one app.

use crate::{
    db::{self, Error, Tx},
    domain::{SessionId, apps::Registered, audit::Action},
};

/// Ends what a session has at an app: its cookie, the ways in that are under way, its tokens.
pub fn sign_out(tx: &mut Tx<'_>, app: &Registered, session: SessionId) -> Result<(), Error> {
    db::apps::leave(tx.connection, session, app.app.id, tx.now)?;
    db::oidc_grants::end_of_session_at_app(tx.connection, (session, app.app.id), tx.now)?;
    tx.log(&tx.line(Action::SignedOutOfApp, app.app.slug.as_str()))
}
