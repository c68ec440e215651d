//! Cookies that a browser gets when its session begins.

use super::complete::{SignedIn, Waiting};
use crate::{
    metrics::kind,
    web::{Reply, Visit, cookies::Name},
};

/// Gives this browser its session, and the secret that identifies it next time.
pub(super) fn set_session_cookies(visit: &Visit<'_>, signed_in: &SignedIn) {
    // Signing in may have ended or freshened other sessions of the account.
    visit.services.sessions.note_change(signed_in.account.id);
    visit.forget_session();
    visit.cookies.set_session(&signed_in.secret, signed_in.keep_for);
    visit.cookies.set_device(&signed_in.device);
    visit.cookies.set_address(signed_in.keep_for.map(|_| &signed_in.account.email));
    if let Some(secret) = &signed_in.known {
        visit.cookies.set_known(secret);
    }
    visit.cookies.remove(Name::Pending);
    visit.cookies.forget_lost();
    let method = signed_in.session.proofs.first().map_or("", |proof| proof.method.into_str());
    visit.services.metrics.sign_ins.get_or_create(&kind(method)).inc();
    tracing::info!(request = %visit.request_id, account = %signed_in.account.id, method, "signed in");
}

/// Gives this browser the secret of a waiting sign-in. Leads to the page for the second factor, or
/// back to the page about a lost one.
pub(super) fn ask_second_factor(visit: &Visit<'_>, waiting: &Waiting) -> Reply {
    visit.cookies.set_pending(&waiting.secret);
    tracing::info!(request = %visit.request_id, "a sign-in waits for a second factor");
    if visit.cookies.has_lost(waiting.account) {
        visit.cookies.forget_lost();
        return Reply::see_other("/login/second-factor/lost");
    }
    Reply::see_other("/login/second-factor")
}
