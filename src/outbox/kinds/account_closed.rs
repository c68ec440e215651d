//! The account is closed.

use crate::{
    db::Error,
    domain::mail::MailKind,
    mail::{Facts, MailFacts, Samples, words::Place},
    outbox::{
        decision_context::DecisionContext,
        draft::Draft,
        due::Verdict,
        kind::{Decide, Kind},
        loaded_mail::LoadedMail,
    },
};
use serde::Serialize;

pub(super) const KIND: Kind = Kind { samples, decide: Decide::Own(decide) };

#[derive(Clone, Serialize)]
pub struct AccountClosed {
    pub closed_at: String,
    #[serde(flatten)]
    pub place: Place,
}

impl Facts for AccountClosed {
    fn essentials(&self) -> Vec<&str> {
        Vec::new()
    }

    fn without_place(self) -> Self {
        Self { place: Place::default(), ..self }
    }
}

fn samples(of: Samples<'_>) -> Vec<MailFacts> {
    vec![MailFacts::new(MailKind::AccountClosed, AccountClosed { closed_at: of.now(), place: of.place() })]
}

fn decide(context: &mut DecisionContext<'_>) -> Result<Verdict, Error> {
    Ok(context.send_as_queued(Closed))
}

struct Closed;

impl LoadedMail for Closed {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        draft.mail_facts(AccountClosed { closed_at: draft.happened_at(), place: draft.place() })
    }
}
