//! A link and a code by which a signed-in user verifies it is them.

use super::challenge::{self, Challenge};
use crate::{
    db::Error,
    domain::{
        Attempt,
        mail::{MailKind, MailReason},
    },
    mail::MailFacts,
    outbox::{
        decision_context::DecisionContext,
        draft::Draft,
        due::Verdict,
        kind::{Decide, Kind},
        loaded_mail::LoadedMail,
    },
};

pub(super) const KIND: Kind =
    Kind { samples: |of| challenge::samples(of, MailKind::StepUp), decide: Decide::Own(decide) };

fn decide(context: &mut DecisionContext<'_>) -> Result<Verdict, Error> {
    let attempt = match context.attempt()? {
        Ok(attempt) if attempt.ended.is_some() => return Ok(Verdict::Drop(MailReason::AttemptEnded)),
        Ok(attempt) => attempt,
        Err(verdict) => return Ok(verdict),
    };
    Ok(match context.active_account(attempt.account_id)? {
        // The account may have moved since. The email would then go to a mailbox that is no longer
        // its own.
        Some(account) if account.email == attempt.email => context.send(account.email, StepUp(attempt)),
        _ => Verdict::Drop(MailReason::AccountMoved),
    })
}

struct StepUp(Attempt);

impl LoadedMail for StepUp {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        draft.mail_facts(Challenge::of(&self.0, draft))
    }

    fn attempt(&self) -> Option<&Attempt> {
        Some(&self.0)
    }
}
