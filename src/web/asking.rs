//! Starting an attempt for this browser: to sign in, to step up, to prove a new address.

use super::{
    Failure, Me, Visit,
    acting::Stranger,
    cookies::{Name, OwnAttempt},
};
use crate::{
    attempts::{self, Asking, Origin},
    db::{Error, Tx},
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
    };
    start(visit, asking, |id| OwnAttempt { id, verifier }).await
}

/// Of a typed address nobody knows here whose it is.
fn account(visit: &Visit<'_>, purpose: Purpose) -> Option<(AccountId, SessionId)> {
    let is_typed = matches!(purpose, Purpose::SignIn | Purpose::ResetPassword);
    visit.signed_in().filter(|_| !is_typed).map(|known| (known.account.id, known.session.id))
}

/// An attempt of a signed-in user that is not asked for yet.
#[derive(Clone)]
pub struct Prepared {
    asking: Asking,
    /// By which this browser is known as the one that asked.
    verifier: Token,
}

/// An attempt of a signed-in user, to be asked for in the transaction that looks whether they still are.
pub fn prepare(visit: &Visit<'_>, purpose: Purpose, email: EmailAddress, return_to: ReturnTo) -> Prepared {
    let verifier = Token::issue(&*visit.services.entropy);
    let origin = origin(visit, &verifier);
    let asking = Asking { purpose, email, account: None, origin, remember: false, return_to };
    Prepared { asking, verifier }
}

impl Prepared {
    /// The attempt, with its mail.
    pub fn ask(&self, tx: &mut Tx<'_>, me: &Me) -> Result<Attempt, Error> {
        let asking = Asking { account: Some((me.account.id, me.session.id)), ..self.asking.clone() };
        let settings = tx.settings()?;
        attempts::ask(tx.connection, &settings, tx.entropy, &asking, tx.now)
    }

    /// After the commit: gives this browser the verifier, unless no mail comes. Whether one does, for a signed-in user's eyes only.
    pub fn finish(self, visit: &Visit<'_>, attempt: &Attempt) -> bool {
        note(visit, attempt);
        if !attempt.muted {
            visit.cookies.add_attempt(OwnAttempt { id: attempt.id, verifier: self.verifier });
        }
        !attempt.muted
    }
}

/// For the operator.
fn note(visit: &Visit<'_>, attempt: &Attempt) {
    let outcome = if attempt.muted { "limited" } else { "asked" };
    visit.services.metrics.attempts.get_or_create(&kind(outcome)).inc();
    tracing::info!(request = %visit.request_id, attempt = %attempt.id, to = %attempt.email, outcome, "attempt started");
}

fn origin(visit: &Visit<'_>, verifier: &Token) -> Origin {
    Origin {
        verifier: verifier.hash(),
        browser: visit.browser.clone(),
        client: visit.client,
        device: visit.cookies.token(Name::Device).map(|device| device.hash()),
        language: Some(visit.locale.tag().clone()),
    }
}

async fn start(visit: &Visit<'_>, asking: Asking, own: impl FnOnce(AttemptId) -> OwnAttempt) -> Result<bool, Failure> {
    let purpose = asking.purpose;
    let settings = Arc::clone(&visit.settings);
    let ask = visit.as_stranger(Stranger::AsksForEmail, move |tx| {
        attempts::ask(tx.connection, &settings, tx.entropy, &asking, tx.now)
    });
    let attempt = ask.await?;
    note(visit, &attempt);
    if matches!(purpose, Purpose::SignIn | Purpose::ResetPassword) || !attempt.muted {
        visit.cookies.add_attempt(own(attempt.id));
    }
    Ok(!attempt.muted)
}
