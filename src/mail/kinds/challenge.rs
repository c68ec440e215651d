//! A link and a code that sign in, or that verify it is the user.

use super::Facts;
use crate::{
    domain::mail::MailKind,
    mail::{
        Letter, Samples,
        words::{Asked, SAMPLE_CODE},
    },
};
use serde::Serialize;

/// A link and a code that prove something.
#[derive(Clone, Serialize)]
pub struct Challenge {
    pub link: String,
    pub code: String,
    pub cancel_link: String,
    #[serde(flatten)]
    pub asked: Asked,
}

impl Facts for Challenge {
    fn essentials(&self) -> Vec<&str> {
        vec![&self.link, &self.code, &self.cancel_link]
    }

    fn without_place(self) -> Self {
        Self { asked: self.asked.without_place(), ..self }
    }
}

pub fn samples(of: Samples<'_>, kind: MailKind) -> Vec<Letter> {
    let challenge = Challenge {
        link: of.link("/auth/verify"),
        code: SAMPLE_CODE.into(),
        cancel_link: of.link("/auth/cancel"),
        asked: of.asked(),
    };
    vec![Letter::new(kind, challenge)]
}
