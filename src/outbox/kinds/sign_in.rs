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
        case::Case,
        draft::Draft,
        kind::{Decide, Kind},
        matter::Matter,
        typed::{Addressed, Reader},
    },
};

pub(super) const KIND: Kind =
    Kind { samples: |of| challenge::samples(of, MailKind::SignIn), decide: Decide::Typed(address) };

fn address(case: &mut Case<'_>, attempt: Attempt) -> Result<Addressed, Error> {
    let (recipient, reader) = match db::accounts::find_by_email(case.connection, &attempt.email)? {
        Some(account) if account.is_usable(case.now) => (account.email, Reader::Owner),
        Some(account) => (account.email, Reader::None(MailReason::AccountDisabled)),
        None if case.settings.may_join(&attempt.email) => (attempt.email.clone(), Reader::Newcomer),
        None => (attempt.email.clone(), Reader::None(MailReason::MayNotJoin)),
    };
    Ok(Addressed::new(recipient, reader, SignIn(attempt)))
}

struct SignIn(Attempt);

impl Matter for SignIn {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        draft.mail_facts(Challenge::of(&self.0, draft))
    }

    fn attempt(&self) -> Option<&Attempt> {
        Some(&self.0)
    }
}
