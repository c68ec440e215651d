//! A recovery has begun. The link stops it.

use super::Facts;
use crate::{
    domain::{
        mail::MailKind,
        recovery::{AskedBy, WAITING_PERIOD},
    },
    mail::{Letter, Samples, words::Place},
};
use serde::Serialize;
use strum::VariantArray;

#[derive(Clone, Serialize)]
pub struct RecoveryBegun {
    /// "owner", "admin" or "command line".
    pub asked_by: &'static str,
    pub asked_at: String,
    #[serde(flatten)]
    pub place: Place,
    pub due_at: String,
    pub cancel_link: String,
}

impl Facts for RecoveryBegun {
    fn essentials(&self) -> Vec<&str> {
        vec![&self.cancel_link]
    }

    fn without_place(self) -> Self {
        Self { place: Place::default(), ..self }
    }
}

pub fn samples(of: Samples<'_>) -> Vec<Letter> {
    let begun = |asked_by: AskedBy| RecoveryBegun {
        asked_by: asked_by.as_str(),
        asked_at: of.now(),
        // An admin's browser is not the reader's business.
        place: if asked_by == AskedBy::Owner { of.place() } else { Place::default() },
        due_at: of.after(WAITING_PERIOD),
        cancel_link: of.link("/auth/recovery"),
    };
    AskedBy::VARIANTS.iter().map(|&by| Letter::new(MailKind::RecoveryBegun, begun(by))).collect()
}
