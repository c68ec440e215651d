//! Parts of a kind of email.

use super::{case::Case, due::Verdict, typed::Addressed};
use crate::{
    db::Error,
    domain::Attempt,
    mail::{MailFacts, Samples},
};

/// A kind of email. Its file has the rest: the facts for its templates, what it is about
/// ([`Matter`](super::matter::Matter)), and what its link does.
pub(super) struct Kind {
    /// Returns made-up emails, with every event that it can tell.
    pub samples: fn(Samples<'_>) -> Vec<MailFacts>,
    pub decide: Decide,
}

/// Function by which a kind decides whether its email is sent, and finds its matter.
pub(super) enum Decide {
    /// Someone typed the address. The function finds who reads the email. It has no way to drop it.
    Typed(fn(&mut Case<'_>, Attempt) -> Result<Addressed, Error>),
    /// Only an account's own owner, or an admin, can cause it.
    Own(fn(&mut Case<'_>) -> Result<Verdict, Error>),
}
