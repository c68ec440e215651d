//! A link and a code that sign in.

use super::challenge::{self, Challenge};
use crate::{
    db::{self, Error},
    domain::{
        Attempt,
        mail::{MailKind, MailReason},
    },
    mail::MailFacts,
    outbox::{
        decision_context::DecisionContext,
        draft::Draft,
        kind::{Decide, Kind},
        loaded_mail::LoadedMail,
        typed::{Addressed, Reader},
    },
};

pub(super) const KIND: Kind =
    Kind { samples: |of| challenge::samples(of, MailKind::SignIn), decide: Decide::Typed(address) };

fn address(context: &mut DecisionContext<'_>, attempt: Attempt) -> Result<Addressed, Error> {
    let (recipient, reader) = match db::accounts::find_by_email(context.connection, &attempt.email)? {
        Some(account) if account.is_usable(context.now) => (account.email, Reader::Owner),
        Some(account) => (account.email, Reader::None(MailReason::AccountDisabled)),
        None if context.settings.may_join(&attempt.email) => (attempt.email.clone(), Reader::Newcomer),
        None => (attempt.email.clone(), Reader::None(MailReason::MayNotJoin)),
    };
    Ok(Addressed::new(recipient, reader, SignIn(attempt)))
}

struct SignIn(Attempt);

impl LoadedMail for SignIn {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        draft.mail_facts(Challenge::of(&self.0, draft))
    }

    fn attempt(&self) -> Option<&Attempt> {
        Some(&self.0)
    }
}
