//! Starting an attempt for the browser at hand: to sign in, to step up, to prove a new address.

use super::{
    Failure, Visit,
    cookies::{Name, OwnAttempt},
};
use crate::{
    attempts::{self, Asking, Origin},
    domain::{EmailAddress, Purpose, ReturnTo, Token},
    metrics::kind,
};
use std::sync::Arc;

/// Starts an attempt for this browser and gives it the verifier. The same statements run for every address. Whether its mail will be sent, as
/// far as limits go: for the eyes of somebody signed in only.
pub async fn ask(
    visit: &Visit<'_>,
    purpose: Purpose,
    email: EmailAddress,
    remember: bool,
    return_to: ReturnTo,
) -> Result<bool, Failure> {
    ask_in_place(visit, purpose, email, remember, return_to, 1).await
}

/// The same, in the place of an attempt that has ended after `mails - 1` mails.
pub async fn ask_in_place(
    visit: &Visit<'_>,
    purpose: Purpose,
    email: EmailAddress,
    remember: bool,
    return_to: ReturnTo,
    mails: i32,
) -> Result<bool, Failure> {
    let verifier = Token::issue(&*visit.services.entropy);
    let account = match purpose {
        // Of a typed address nobody knows here whose it is.
        Purpose::SignIn | Purpose::ResetPassword => None,
        _ => visit.signed_in().map(|known| (known.account.id, known.session.id)),
    };
    let asking = Asking {
        purpose,
        email,
        account,
        origin: Origin {
            verifier: verifier.hash(),
            browser: visit.browser.clone(),
            client: visit.client,
            device: visit.cookies.token(Name::Device).map(|device| device.hash()),
        },
        remember,
        return_to,
        mails,
    };
    let (settings, entropy, now) = (Arc::clone(&visit.settings), Arc::clone(&visit.services.entropy), visit.now);
    let attempt =
        visit.write_and_ring(move |connection| attempts::ask(connection, &settings, &*entropy, &asking, now)).await?;
    let outcome = if attempt.muted { "limited" } else { "asked" };
    visit.services.metrics.attempts.get_or_create(&kind(outcome)).inc();
    tracing::info!(request = %visit.request_id, attempt = %attempt.id, to = %attempt.email, outcome, "attempt started");
    if matches!(purpose, Purpose::SignIn | Purpose::ResetPassword) || !attempt.muted {
        visit.cookies.add_attempt(OwnAttempt { id: attempt.id, verifier });
    }
    Ok(!attempt.muted)
}
