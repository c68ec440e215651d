//! Decides whether an email is sent, and what it is about.
//!
//! The worker decides at the last moment, so that a setting turned off a moment ago counts. It
//! decides away from any request, so that an attacker cannot time it.

use super::{decision_context::DecisionContext, due::Verdict, kind::Decide, kinds, typed};
use crate::{db::Error, domain::mail::Recipient};

pub(super) fn decide(context: &mut DecisionContext<'_>) -> Result<Verdict, Error> {
    match (context.mail.kind.recipient(), kinds::of(context.mail.kind).decide) {
        (Recipient::Typed, Decide::Typed(address)) => typed::decide(context, address),
        (Recipient::Own, Decide::Own(own)) => own(context),
        (Recipient::Typed, Decide::Own(_)) | (Recipient::Own, Decide::Typed(_)) => {
            Err(Error::fault("a typed address is decided about elsewhere"))
        }
    }
}
