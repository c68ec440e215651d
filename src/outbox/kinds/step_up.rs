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
        case::Case,
        draft::Draft,
        due::Verdict,
        kind::{Decide, Kind},
        matter::Matter,
    },
};

pub(super) const KIND: Kind =
    Kind { samples: |of| challenge::samples(of, MailKind::StepUp), decide: Decide::Own(decide) };

fn decide(case: &mut Case<'_>) -> Result<Verdict, Error> {
    let attempt = match case.attempt()? {
        Ok(attempt) if attempt.ended.is_some() => return Ok(Verdict::Drop(MailReason::AttemptEnded)),
        Ok(attempt) => attempt,
        Err(verdict) => return Ok(verdict),
    };
    Ok(match case.active_account(attempt.account_id)? {
        // The account may have moved since. The email would then go to a mailbox that is no longer
        // its own.
        Some(account) if account.email == attempt.email => case.send(account.email, StepUp(attempt)),
        _ => Verdict::Drop(MailReason::AccountMoved),
    })
}

struct StepUp(Attempt);

impl Matter for StepUp {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        draft.mail_facts(Challenge::of(&self.0, draft))
    }

    fn attempt(&self) -> Option<&Attempt> {
        Some(&self.0)
    }
}
