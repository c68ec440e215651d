//! A link that sets a new password.

use crate::{
    db::{self, Error},
    domain::{
        Attempt,
        mail::{MailKind, MailReason},
    },
    mail::{Facts, MailFacts, Samples, words::Asked},
    outbox::{
        decision_context::DecisionContext,
        draft::Draft,
        kind::{Decide, Kind},
        loaded_mail::LoadedMail,
        typed::{Addressed, Reader},
    },
};
use serde::Serialize;

pub(super) const KIND: Kind = Kind { samples, decide: Decide::Typed(address) };

#[derive(Clone, Serialize)]
pub struct ResetPassword {
    pub link: String,
    pub cancel_link: String,
    #[serde(flatten)]
    pub asked: Asked,
}

impl Facts for ResetPassword {
    fn essentials(&self) -> Vec<&str> {
        vec![&self.link, &self.cancel_link]
    }

    fn without_place(self) -> Self {
        Self { asked: self.asked.without_place(), ..self }
    }
}

fn samples(of: Samples<'_>) -> Vec<MailFacts> {
    let reset = ResetPassword { link: of.link("/auth/reset"), cancel_link: of.link("/auth/cancel"), asked: of.asked() };
    vec![MailFacts::new(MailKind::ResetPassword, reset)]
}

fn address(context: &mut DecisionContext<'_>, attempt: Attempt) -> Result<Addressed, Error> {
    let (recipient, reader) = match db::accounts::find_by_email(context.connection, &attempt.email)? {
        Some(account) if account.is_usable(context.now) => (account.email, Reader::Owner),
        Some(_) => (attempt.email.clone(), Reader::None(MailReason::AccountDisabled)),
        None => (attempt.email.clone(), Reader::None(MailReason::NoAccount)),
    };
    Ok(Addressed::new(recipient, reader, Reset(attempt)))
}

struct Reset(Attempt);

impl LoadedMail for Reset {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        draft.mail_facts(ResetPassword {
            link: draft.open_link("/auth/reset"),
            cancel_link: draft.cancel_link(),
            asked: draft.asked(&self.0),
        })
    }

    fn attempt(&self) -> Option<&Attempt> {
        Some(&self.0)
    }
}
