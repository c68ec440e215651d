//! What redeeming does, once a link or a code has been accepted: for each purpose its own end.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, Attempt, AuditEntry, EmailAddress, Entropy, Method, Purpose, ReturnTo, Settings, Timestamp, Token,
        audit::Action,
    },
    live::Known,
    people::{self, Moved},
    signin::{
        complete::{self, Completion, Here, Proven, Refusal, SignedIn, Waiting},
        welcome::{let_wait, welcome},
    },
    web::{Reply, Visit},
};

/// The browser in which something is redeemed, for use inside a transaction.
#[derive(Clone)]
pub struct Redeemer {
    proven: Proven,
    known: Option<Known>,
    audit: AuditEntry,
}

/// What came of it.
pub enum Redeemed {
    SignedIn(Box<SignedIn>),
    /// A second factor has to be shown first.
    Waits(Waiting),
    /// The session at hand goes on under this secret.
    Freshened(Token),
    Moved,
    Refused(Refusal),
    /// Somebody else was quicker, or what it was for is gone.
    Over,
}

impl Redeemer {
    pub fn new(visit: &Visit<'_>, attempt: &Attempt, method: Method) -> Self {
        let known = visit.signed_in().cloned();
        Self {
            proven: Proven {
                method: if attempt.purpose == Purpose::ConsoleLink { Method::ConsoleLink } else { method },
                email: attempt.email.clone(),
                attempt: Some(attempt.id),
                remember: attempt.remember,
                return_to: attempt.return_to.clone(),
                here: Here::of(visit),
            },
            known,
            audit: visit.audit(Action::SteppedUp, attempt.email.as_str()),
        }
    }

    /// Ends what the accepted attempt was for. Runs in the transaction that redeemed it.
    pub fn redeem(
        &self,
        connection: &mut DbConnection,
        attempt: &Attempt,
        settings: &Settings,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Result<Redeemed, Error> {
        match attempt.purpose {
            // Opened by whoever is signed in as the same account: another proof for that session, which keeps what it was about to do.
            Purpose::ConsoleLink if self.is_known_as(&attempt.email) => {
                match self.freshen(connection, &attempt.email, entropy, now)? {
                    Redeemed::Over => self.sign_in(connection, settings, entropy, now),
                    freshened => Ok(freshened),
                }
            }
            Purpose::SignIn | Purpose::ConsoleLink => self.sign_in(connection, settings, entropy, now),
            Purpose::StepUp => {
                let is_the_session_that_asked =
                    self.known.as_ref().is_some_and(|known| Some(known.session.id) == attempt.session_id);
                if !is_the_session_that_asked {
                    return Ok(Redeemed::Over);
                }
                self.freshen(connection, &attempt.email, entropy, now)
            }
            Purpose::ConfirmAddress => self.move_address(connection, attempt, entropy, now),
            Purpose::ResetPassword | Purpose::SetUp => Ok(Redeemed::Over),
        }
    }

    fn is_known_as(&self, email: &EmailAddress) -> bool {
        self.known.as_ref().is_some_and(|known| known.account.email == *email)
    }

    fn sign_in(
        &self,
        connection: &mut DbConnection,
        settings: &Settings,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Result<Redeemed, Error> {
        Ok(match complete::complete(connection, settings, entropy, &self.proven, now)? {
            Completion::SignedIn(signed_in) => Redeemed::SignedIn(signed_in),
            Completion::Waits(waiting) => Redeemed::Waits(waiting),
            Completion::Refused(refusal) => Redeemed::Refused(refusal),
        })
    }

    /// Freshens the session at hand, if it and its account are still what they were.
    fn freshen(
        &self,
        connection: &mut DbConnection,
        email: &EmailAddress,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Result<Redeemed, Error> {
        let Some(known) = &self.known else { return Ok(Redeemed::Over) };
        // As it is now: an account disabled or moved a moment ago gets nothing fresh.
        let account = db::accounts::find(connection, known.account.id)?.filter(Account::is_active);
        if account.is_none_or(|account| account.email != *email) {
            return Ok(Redeemed::Over);
        }
        let Some(secret) = complete::freshen(connection, entropy, &known.session, self.proven.method, now)? else {
            return Ok(Redeemed::Over);
        };
        db::audit::insert(connection, &self.audit.clone().to(self.proven.method.as_str()))?;
        Ok(Redeemed::Freshened(secret))
    }

    fn move_address(
        &self,
        connection: &mut DbConnection,
        attempt: &Attempt,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Result<Redeemed, Error> {
        let Some(known) = self.known.as_ref().filter(|known| Some(known.account.id) == attempt.account_id) else {
            return Ok(Redeemed::Over);
        };
        Ok(match people::move_address(connection, entropy, attempt, known.session.id, now)? {
            Moved::Done(change) => {
                let (old, new) = (change.old_email.as_str(), change.new_email.as_str());
                let entry = self.audit.about(entropy, new).from_to(old, new);
                db::audit::insert(connection, &AuditEntry { action: Action::AddressChanged, ..entry })?;
                Redeemed::Moved
            }
            Moved::TooLate => Redeemed::Over,
        })
    }
}

/// Gives the browser what it has earned, and says where it goes from here; nowhere if it has earned nothing.
pub fn reward(visit: &Visit<'_>, redeemed: &Redeemed, return_to: &ReturnTo) -> Option<Reply> {
    match redeemed {
        Redeemed::SignedIn(signed_in) => welcome(visit, signed_in),
        Redeemed::Waits(waiting) => return Some(let_wait(visit, waiting)),
        Redeemed::Freshened(secret) => {
            visit.go_on_with(secret);
            tracing::info!(request = %visit.request_id, "stepped up");
        }
        Redeemed::Moved => visit.forget_session(),
        Redeemed::Refused(refusal) => {
            tracing::info!(request = %visit.request_id, ?refusal, "sign-in refused");
            return None;
        }
        Redeemed::Over => return None,
    }
    Some(Reply::see_other(return_to.as_str()))
}
