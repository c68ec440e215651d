//! Effect of redeeming an accepted link or code, for each purpose.

use crate::{
    db::{self, Error, Stop, Tx},
    domain::{Attempt, Destination, EmailAddress, Method, Purpose, Shown, Token, audit::Action},
    people::{self, Moved},
    signin::{
        complete::{self, Completion, Proven, SignInRefusal, SignedIn, ThisBrowser, Waiting},
        session_cookies::{ask_second_factor, set_session_cookies},
        step_up,
    },
    web::{
        Failure, Me, Need, Note, Reply, Visit,
        acting::{Bearer, Looked},
        held_form::{is_held_at, pressed_at},
    },
};

/// The browser that redeems, for use inside a transaction.
#[derive(Clone)]
pub(super) struct Redeemer {
    proven: Proven,
    /// Its signed-in user, if the purpose depends on one.
    bearer: Option<Bearer>,
}

/// Outcome of redeeming.
pub(super) enum Redeemed {
    SignedIn(Box<SignedIn>),
    /// A second factor comes first.
    Waits(Waiting),
    /// The current session continues under this secret.
    Freshened {
        secret: Token,
        by: Method,
    },
    Moved,
    Refused(SignInRefusal),
    /// Nothing changed: the user who has to redeem it is no longer signed in here.
    SignedOut,
    /// Another request was quicker, or the object of the attempt is gone.
    Over,
}

/// Permission of the browser to redeem, as the redeeming transaction reads it.
pub(super) enum Permit {
    /// The link or the code is enough by itself.
    Anyone,
    User(Box<Me>),
    /// It acts for a user who is no longer signed in here.
    SignedOut,
    /// It acts for another session or account than the current one.
    Other,
}

impl Permit {
    /// Returns the outcome if this browser may not redeem.
    pub(super) const fn refusal(&self) -> Option<Redeemed> {
        match self {
            Self::Anyone | Self::User(_) => None,
            Self::SignedOut => Some(Redeemed::SignedOut),
            Self::Other => Some(Redeemed::Over),
        }
    }
}

impl Redeemer {
    pub(super) fn new(visit: &Visit<'_>, attempt: &Attempt, method: Method) -> Self {
        Self {
            proven: Proven {
                method: if attempt.purpose.proves_mailbox() { method } else { Method::ConsoleLink },
                email: attempt.email.clone(),
                factor_since: None,
                attempt: Some(attempt.id),
                remember: attempt.remember,
                destination: attempt.destination.clone(),
                this_browser: ThisBrowser::of(visit),
            },
            bearer: visit.bearer(),
        }
    }

    /// Takes every lock that redeeming needs, before it reads anything.
    pub(super) fn lock(&self, tx: &mut Tx<'_>, attempt: &Attempt) -> Result<(), Error> {
        match &self.bearer {
            // In one order with everything else that the account does.
            Some(bearer) if attempt.purpose.depends_on_the_user() => {
                bearer.lock(tx, &Need::enrolling().locking(&attempt.email))
            }
            _ => tx.lock(&attempt.email),
        }
    }

    /// Decides whether this browser may redeem the attempt. Call it after [`Redeemer::lock`],
    /// before the link or the code is used up. A refusal then uses nothing up: a user who signs in
    /// again can still confirm a new address.
    pub(super) fn permit(&self, tx: &mut Tx<'_>, attempt: &Attempt) -> Result<Permit, Error> {
        let is_theirs: fn(&Me, &Attempt) -> bool = match attempt.purpose {
            Purpose::SignIn | Purpose::ResetPassword | Purpose::SetUp => return Ok(Permit::Anyone),
            // Signs in by itself. A signed-in user only makes a difference.
            Purpose::ConsoleLink => return Ok(self.me(tx)?.map_or(Permit::Anyone, Permit::User)),
            Purpose::StepUp => |me, attempt| Some(me.session.id) == attempt.session_id,
            Purpose::ConfirmAddress => |me, attempt| Some(me.account.id) == attempt.account_id,
        };
        Ok(match self.me(tx)? {
            Some(me) if is_theirs(&me, attempt) => Permit::User(me),
            Some(_) => Permit::Other,
            None => Permit::SignedOut,
        })
    }

    /// Does what the accepted attempt was for, in the transaction that redeemed it.
    pub(super) fn redeem(&self, tx: &mut Tx<'_>, attempt: &Attempt, permit: &Permit) -> Result<Redeemed, Error> {
        match (attempt.purpose, permit) {
            // The same account is signed in here: add a proof to that session, which keeps the held
            // form.
            (Purpose::ConsoleLink, Permit::User(me)) if me.account.email == attempt.email => {
                let freshened = self.freshen(tx, me, &attempt.email)?;
                if matches!(freshened, Redeemed::Over) { self.sign_in(tx) } else { Ok(freshened) }
            }
            (Purpose::SignIn | Purpose::ConsoleLink, _) => self.sign_in(tx),
            (Purpose::StepUp, Permit::User(me)) => self.freshen(tx, me, &attempt.email),
            (Purpose::ConfirmAddress, Permit::User(me)) => move_address(tx, me, attempt),
            (Purpose::StepUp | Purpose::ConfirmAddress | Purpose::ResetPassword | Purpose::SetUp, _) => {
                Ok(Redeemed::Over)
            }
        }
    }

    /// Re-reads the signed-in user. If the account was just disabled or moved, or the session
    /// ended, there is no user.
    fn me(&self, tx: &mut Tx<'_>) -> Result<Option<Box<Me>>, Error> {
        let Some(bearer) = &self.bearer else { return Ok(None) };
        Ok(match bearer.look(tx, &Need::enrolling())? {
            Looked::Fine(me) => Some(me),
            Looked::SignedOut | Looked::MustEnrol | Looked::NotAdmin | Looked::OtherGone | Looked::Stale(_) => None,
        })
    }

    fn sign_in(&self, tx: &mut Tx<'_>) -> Result<Redeemed, Error> {
        Ok(match Stop::commit(complete::complete(tx, &self.proven))? {
            Ok(Completion::SignedIn(signed_in)) => Redeemed::SignedIn(signed_in),
            Ok(Completion::Waits(waiting)) => Redeemed::Waits(waiting),
            Err(refusal) => Redeemed::Refused(refusal),
        })
    }

    /// Freshens this browser's session if the account still has the verified address.
    fn freshen(&self, tx: &mut Tx<'_>, me: &Me, email: &EmailAddress) -> Result<Redeemed, Error> {
        if me.account.email != *email {
            return Ok(Redeemed::Over);
        }
        let method = self.proven.method;
        let shown = Shown::first(method);
        let Some(secret) = complete::freshen(tx, &me.session, shown)? else { return Ok(Redeemed::Over) };
        if let (Some(attempt), Some(browser)) =
            (self.proven.attempt, db::sessions::browser_of(tx.connection, me.account.id, me.session.id)?)
        {
            db::attempts::note_browser(tx.connection, attempt, browser)?;
        }
        let line = tx.line(Action::SteppedUp, email.as_str());
        tx.log(&line.to(method.into_str()))?;
        Ok(Redeemed::Freshened { secret, by: method })
    }
}

fn move_address(tx: &mut Tx<'_>, me: &Me, attempt: &Attempt) -> Result<Redeemed, Error> {
    Ok(match people::move_address(tx, attempt, me.session.id)? {
        Moved::Done(change) => {
            let (old, new) = (change.old_email.as_str(), change.new_email.as_str());
            let line = tx.line(Action::AddressChanged, new);
            tx.log(&line.from_to(old, new))?;
            tx.note_from(&change.old_email)?;
            Redeemed::Moved
        }
        Moved::TooLate => Redeemed::Over,
    })
}

/// Gives the browser what it has earned, and returns where it goes from here, or `None`.
pub(super) fn reward(visit: &Visit<'_>, redeemed: &Redeemed, to: &Destination) -> Result<Option<Reply>, Failure> {
    match redeemed {
        Redeemed::SignedIn(signed_in) => set_session_cookies(visit, signed_in),
        Redeemed::Waits(waiting) => return Ok(Some(ask_second_factor(visit, waiting))),
        Redeemed::Freshened { secret, by } => {
            visit.go_on_with(secret);
            tracing::info!(request = %visit.request_id, "verified before a change");
            let done = if by.opens_a_link() { step_up::done } else { step_up::done_here };
            let verifies = by.proves_mailbox() && visit.require_enrolling()?.account.proven_at.is_none();
            let reply = match to {
                // What the email did, unless the page says what is left to do.
                Destination::Local(then) if verifies && !is_held_at(then) && pressed_at(then).is_none() => {
                    visit.say(then.as_str(), Note::AddressVerified)
                }
                Destination::Local(then) => done(visit, then),
                Destination::App { .. } => visit.lead_to(to),
            };
            return reply.map(Some);
        }
        Redeemed::Moved => {
            visit.forget_session();
            // It may be the old one.
            visit.cookies.set_address(None);
            return visit.say(to.page().as_str(), Note::AddressChanged).map(Some);
        }
        Redeemed::Refused(refusal) => {
            tracing::info!(request = %visit.request_id, ?refusal, "sign-in refused");
            return Ok(None);
        }
        Redeemed::SignedOut => return Err(visit.sign_in_first()),
        Redeemed::Over => return Ok(None),
    }
    visit.lead_to(to).map(Some)
}
