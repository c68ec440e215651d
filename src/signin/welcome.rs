//! What a browser gets whose session has begun.

use super::complete::SignedIn;
use crate::{metrics::kind, web::Visit};

/// Gives this browser its session, and the secret by which it is known next time.
pub fn welcome(visit: &Visit<'_>, signed_in: &SignedIn) {
    visit.forget_session();
    visit.cookies.set_session(&signed_in.secret, signed_in.keep_for);
    visit.cookies.set_device(&signed_in.device);
    let method = signed_in.session.proofs.first().map_or("", |proof| proof.method.as_str());
    visit.services.metrics.sign_ins.get_or_create(&kind(method)).inc();
    tracing::info!(request = %visit.request_id, account = %signed_in.account.id, method, "signed in");
}
