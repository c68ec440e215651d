//! Starting an attempt for the browser at hand: to sign in, to step up, to prove a new address.

use super::{
    Failure, Visit,
    cookies::{Name, OwnAttempt},
};
use crate::{
    attempts::{self, Asking, Origin},
    domain::{AccountId, Attempt, AttemptId, EmailAddress, Purpose, ReturnTo, SessionId, Token},
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
    let verifier = Token::issue(&*visit.services.entropy);
    let asking = Asking {
        purpose,
        email,
        account: account(visit, purpose),
        origin: origin(visit, &verifier),
        remember,
        return_to,
        mails: 1,
    };
    start(visit, asking, |id| OwnAttempt { id, verifier }).await
}

/// The same, in the place of an attempt that has ended. This browser knows the new one by the old one's name and verifier: that it has ended,
/// which its owner may have done elsewhere, is not to be read from a cookie or a page.
pub async fn ask_in_place(visit: &Visit<'_>, own: OwnAttempt, ended: Attempt) -> Result<bool, Failure> {
    let Attempt { purpose, email, remember, return_to, mails, .. } = ended;
    let asking = Asking {
        purpose,
        email,
        account: account(visit, purpose),
        origin: origin(visit, &own.verifier),
        remember,
        return_to,
        mails: mails.saturating_add(1),
    };
    start(visit, asking, |_| own).await
}

/// Of a typed address nobody knows here whose it is.
fn account(visit: &Visit<'_>, purpose: Purpose) -> Option<(AccountId, SessionId)> {
    let is_typed = matches!(purpose, Purpose::SignIn | Purpose::ResetPassword);
    visit.signed_in().filter(|_| !is_typed).map(|known| (known.account.id, known.session.id))
}

fn origin(visit: &Visit<'_>, verifier: &Token) -> Origin {
    Origin {
        verifier: verifier.hash(),
        browser: visit.browser.clone(),
        client: visit.client,
        device: visit.cookies.token(Name::Device).map(|device| device.hash()),
    }
}

async fn start(visit: &Visit<'_>, asking: Asking, own: impl FnOnce(AttemptId) -> OwnAttempt) -> Result<bool, Failure> {
    let purpose = asking.purpose;
    let (settings, entropy, now) = (Arc::clone(&visit.settings), Arc::clone(&visit.services.entropy), visit.now);
    let attempt =
        visit.write_and_ring(move |connection| attempts::ask(connection, &settings, &*entropy, &asking, now)).await?;
    let outcome = if attempt.muted { "limited" } else { "asked" };
    visit.services.metrics.attempts.get_or_create(&kind(outcome)).inc();
    tracing::info!(request = %visit.request_id, attempt = %attempt.id, to = %attempt.email, outcome, "attempt started");
    if matches!(purpose, Purpose::SignIn | Purpose::ResetPassword) || !attempt.muted {
        visit.cookies.add_attempt(own(attempt.id));
    }
    Ok(!attempt.muted)
}
