//! A link and a code that sign in, or that verify it is the user. Two kinds of email have them.

use crate::{
    domain::{Attempt, mail::MailKind},
    mail::{
        Facts, MailFacts, Samples,
        words::{Asked, SAMPLE_CODE},
    },
    outbox::draft::Draft,
};
use serde::Serialize;

/// A link and a code that prove something.
#[derive(Clone, Serialize)]
pub struct Challenge {
    pub link: String,
    pub code: String,
    pub cancel_link: String,
    /// True if the code comes first, and the link is no button.
    pub code_first: bool,
    #[serde(flatten)]
    pub asked: Asked,
}

impl Challenge {
    pub(super) fn of(attempt: &Attempt, draft: &Draft<'_>) -> Self {
        Self {
            link: draft.open_link("/auth/verify"),
            code: draft.secrets.code(),
            cancel_link: draft.cancel_link(),
            code_first: draft.context.settings.has_code_first(draft.recipient.domain()),
            asked: draft.asked(attempt),
        }
    }
}

impl Facts for Challenge {
    fn essentials(&self) -> Vec<&str> {
        vec![&self.link, &self.code, &self.cancel_link]
    }

    fn without_place(self) -> Self {
        Self { asked: self.asked.without_place(), ..self }
    }
}

pub(super) fn samples(of: Samples<'_>, kind: MailKind) -> Vec<MailFacts> {
    let challenge = Challenge {
        link: of.link("/auth/verify"),
        code: SAMPLE_CODE.into(),
        cancel_link: of.link("/auth/cancel"),
        code_first: false,
        asked: of.asked(),
    };
    let code_first = Challenge { code_first: true, asked: of.asked_from_known_place(), ..challenge.clone() };
    vec![MailFacts::new(kind, challenge), MailFacts::new(kind, code_first)]
}
