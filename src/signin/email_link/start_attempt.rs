//! Starting an attempt for this browser: to sign in, to step up or to verify a new address.

use super::ask::{self, NewAttempt, Origin};
use crate::{
    db::{Error, Tx},
    domain::{AccountId, Attempt, AttemptId, Destination, EmailAddress, Purpose, SessionId, Token},
    metrics::kind,
    web::{
        Failure, Me, Visit,
        acting::Stranger,
        cookies::{Name, OwnAttempt},
    },
};
use std::sync::Arc;

/// Request that a user makes by a form.
pub struct EmailRequest {
    pub purpose: Purpose,
    pub email: EmailAddress,
    pub remember: bool,
    pub destination: Destination,
}

/// Starts an attempt for this browser and gives it the verifier. Every address causes the same
/// statements.
///
/// Returns whether the limits allow the email. Show this only to signed-in users.
pub async fn ask(visit: &Visit<'_>, request: EmailRequest) -> Result<bool, Failure> {
    let EmailRequest { purpose, email, remember, destination } = request;
    let verifier = Token::issue(&*visit.services.entropy);
    let (account, origin) = (account(visit, purpose), origin(visit, &verifier));
    let new_attempt = NewAttempt { purpose, email, account, origin, remember, destination };
    start(visit, new_attempt, |id| OwnAttempt { id, verifier }).await
}

/// For a typed address, the account stays unknown here.
fn account(visit: &Visit<'_>, purpose: Purpose) -> Option<(AccountId, SessionId)> {
    visit.signed_in().filter(|_| !purpose.is_typed()).map(|known| (known.account.id, known.session.id))
}

/// An attempt by a signed-in user, prepared before its transaction.
#[derive(Clone)]
pub struct Prepared {
    new_attempt: NewAttempt,
    /// The secret by which the server recognises the browser that asked.
    verifier: Token,
}

/// Prepares an attempt by a signed-in user. The transaction that re-reads the user then asks for
/// it.
pub fn prepare(visit: &Visit<'_>, purpose: Purpose, email: EmailAddress, destination: Destination) -> Prepared {
    let verifier = Token::issue(&*visit.services.entropy);
    let origin = origin(visit, &verifier);
    let new_attempt = NewAttempt { purpose, email, account: None, origin, remember: false, destination };
    Prepared { new_attempt, verifier }
}

impl Prepared {
    /// Stores the attempt and asks for its email.
    pub fn ask(&self, tx: &mut Tx<'_>, me: &Me) -> Result<Attempt, Error> {
        let new_attempt = NewAttempt { account: Some((me.account.id, me.session.id)), ..self.new_attempt.clone() };
        let settings = tx.settings()?;
        ask::write(tx, &settings, &new_attempt)
    }

    /// Gives this browser the verifier after the commit, if an email comes. Returns whether one
    /// comes. Show this only to signed-in users.
    pub fn finish(self, visit: &Visit<'_>, attempt: &Attempt) -> bool {
        note(visit, attempt);
        if !attempt.muted {
            visit.cookies.add_attempt(OwnAttempt { id: attempt.id, verifier: self.verifier });
        }
        !attempt.muted
    }
}

/// Logs the attempt for the operator.
fn note(visit: &Visit<'_>, attempt: &Attempt) {
    let outcome = if attempt.muted { "limited" } else { "asked" };
    visit.services.metrics.attempts.get_or_create(&kind(outcome)).inc();
    tracing::info!(request = %visit.request_id, attempt = %attempt.id, to = %attempt.email, outcome, "attempt started");
}

fn origin(visit: &Visit<'_>, verifier: &Token) -> Origin {
    Origin {
        verifier: verifier.hash(),
        browser: visit.browser(),
        client: visit.client,
        device: visit.cookies.token(Name::Device).map(|device| device.hash()),
        language: Some(visit.locale.tag().clone()),
    }
}

async fn start(
    visit: &Visit<'_>,
    new_attempt: NewAttempt,
    own: impl FnOnce(AttemptId) -> OwnAttempt,
) -> Result<bool, Failure> {
    let purpose = new_attempt.purpose;
    // From memory, at most a second old, because this is the busiest write. Only the numbers of
    // three limits are read from it. What is turned off is judged again later: by the worker, and
    // when a link or code is redeemed.
    let settings = Arc::clone(&visit.settings);
    let ask = visit.as_stranger(Stranger::AsksForEmail, move |tx| ask::write(tx, &settings, &new_attempt));
    let attempt = ask.await?;
    note(visit, &attempt);
    if purpose.is_typed() || !attempt.muted {
        visit.cookies.add_attempt(own(attempt.id));
    }
    Ok(!attempt.muted)
}
