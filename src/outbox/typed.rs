//! Decides about emails to an address that someone typed.
//!
//! The sender of the form may be a stranger who times their own email behind this one. So the
//! worker opens a conversation with the email server for every address, with or without an account.
//! The types see to it: once the account is looked up, there is no way to drop the email.

use super::{
    decision_context::DecisionContext,
    due::{Due, Pretence, Verdict},
    loaded_mail::LoadedMail,
};
use crate::{
    db::{self, Error, limits::Counted},
    domain::{Attempt, EmailAddress, limit::Decision, mail::MailReason},
};
use std::sync::Arc;

/// An email, and who reads it.
pub(super) struct Addressed {
    recipient: EmailAddress,
    loaded: Arc<dyn LoadedMail>,
    reader: Reader,
}

impl Addressed {
    pub(super) fn new(recipient: EmailAddress, reader: Reader, loaded: impl LoadedMail) -> Self {
        Self { recipient, loaded: Arc::new(loaded), reader }
    }
}

/// Reader of an email to a typed address.
pub(super) enum Reader {
    /// The owner of an account.
    Owner,
    /// The owner of a mailbox without an account.
    Newcomer,
    /// No one gets it, for this reason. It is pretended.
    None(MailReason),
}

/// Decides by what a kind finds about the address.
pub(super) fn decide(
    context: &mut DecisionContext<'_>,
    address: fn(&mut DecisionContext<'_>, Attempt) -> Result<Addressed, Error>,
) -> Result<Verdict, Error> {
    let attempt = match context.attempt()? {
        Ok(attempt) => attempt,
        Err(verdict) => return Ok(verdict),
    };
    if attempt.purpose.mail_kind() != Some(context.mail.kind) {
        return Err(Error::fault("the attempt is for another kind of email"));
    }
    let has_ended = attempt.ended.is_some();
    let Addressed { recipient, loaded, reader } = address(context, attempt)?;
    // Only the owner of an account may have ended it, so that this must look like any other.
    let reader = if has_ended { Reader::None(MailReason::AttemptEnded) } else { reader };
    let pretended = match reader {
        Reader::Owner => None,
        Reader::None(reason) => Some(Pretence::Ends(reason)),
        Reader::Newcomer => match share_of_domain(context, &recipient)? {
            Decision::Allowed => None,
            // One pretence for each email, so that a flood of them cannot keep workers busy.
            Decision::Limited { until } if context.mail.was_put_off => return Ok(Verdict::Later(until)),
            Decision::Limited { until } => Some(Pretence::PutsOff(until)),
        },
    };
    Ok(Verdict::Send(Box::new(Due { pretended, ..Due::new(context.mail, recipient, loaded) })))
}

/// Counts an email to an address without an account against its domain, once. Otherwise a few of
/// them that a server refuses for now would use up the share of all.
///
/// Only here is it known which addresses have accounts. Requests that cause no email take nothing
/// from a domain, so that no number of them locks its users out.
fn share_of_domain(context: &mut DecisionContext<'_>, recipient: &EmailAddress) -> Result<Decision, Error> {
    let DecisionContext { connection, mail, settings, now } = context;
    if mail.is_counted {
        return Ok(Decision::Allowed);
    }
    let name = format!("mail at {}", recipient.domain());
    let decision = db::limits::take(connection, &[Counted { name, limit: settings.limits_per_domain }], *now)?;
    if decision == Decision::Allowed {
        db::outbox::note_counted(connection, mail.id, *now)?;
    }
    Ok(decision)
}
