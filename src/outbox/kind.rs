//! Parts of a kind of email.

use super::{decision_context::DecisionContext, due::Verdict, typed::Addressed};
use crate::{
    db::Error,
    domain::Attempt,
    mail::{MailFacts, Samples},
};

/// A kind of email. Its file has the rest: the facts for its templates, what it is about
/// ([`LoadedMail`](super::loaded_mail::LoadedMail)), and what its link does.
pub(super) struct Kind {
    /// Returns made-up emails, with every event that it can tell.
    pub samples: fn(Samples<'_>) -> Vec<MailFacts>,
    pub decide: Decide,
}

/// Function by which a kind decides whether its email is sent, and loads it.
pub(super) enum Decide {
    /// Someone typed the address. The function finds who reads the email. It has no way to drop it.
    Typed(fn(&mut DecisionContext<'_>, Attempt) -> Result<Addressed, Error>),
    /// Only an account's own owner, or an admin, can cause it.
    Own(fn(&mut DecisionContext<'_>) -> Result<Verdict, Error>),
}
