//! The account is closed.

use super::Facts;
use crate::{
    domain::mail::MailKind,
    mail::{Letter, Samples, words::Place},
};
use serde::Serialize;

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

pub fn samples(of: Samples<'_>) -> Vec<Letter> {
    vec![Letter::new(MailKind::AccountClosed, AccountClosed { closed_at: of.now(), place: of.place() })]
}
