//! An admin tests whether emails arrive.

use crate::{
    db::Error,
    domain::mail::MailKind,
    mail::{Facts, MailFacts, Samples, words::SAMPLE_CODE},
    outbox::{
        decision_context::DecisionContext,
        draft::{Draft, unlinked},
        due::Verdict,
        kind::{Decide, Kind},
        loaded_mail::LoadedMail,
    },
};
use serde::Serialize;

pub(super) const KIND: Kind = Kind { samples, decide: Decide::Own(decide) };

#[derive(Clone, Serialize)]
pub struct Test {
    pub asked_by: String,
    pub asked_at: String,
    /// A page where the admin says that the email arrived. Its name is that of older templates.
    pub login_link: String,
    /// A code that opens nothing, so that the email looks like others.
    pub code: &'static str,
}

impl Facts for Test {
    fn essentials(&self) -> Vec<&str> {
        Vec::new()
    }
}

fn samples(of: Samples<'_>) -> Vec<MailFacts> {
    let test = Test {
        asked_by: of.address.to_owned(),
        asked_at: of.now(),
        login_link: of.page("/admin/mail/arrived"),
        code: SAMPLE_CODE,
    };
    vec![MailFacts::new(MailKind::Test, test)]
}

fn decide(context: &mut DecisionContext<'_>) -> Result<Verdict, Error> {
    Ok(context.send_as_queued(Tried { asked_by: context.mail.note.clone() }))
}

struct Tried {
    asked_by: String,
}

impl LoadedMail for Tried {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        draft.mail_facts(Test {
            asked_by: unlinked(&self.asked_by),
            asked_at: draft.moment(draft.context.now),
            login_link: draft.page("/admin/mail/arrived"),
            code: SAMPLE_CODE,
        })
    }
}
