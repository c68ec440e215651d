//! A link that sets a new password.

use super::Facts;
use crate::{
    domain::mail::MailKind,
    mail::{Letter, Samples, words::Asked},
};
use serde::Serialize;

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

pub fn samples(of: Samples<'_>) -> Vec<Letter> {
    let reset = ResetPassword { link: of.link("/auth/reset"), cancel_link: of.link("/auth/cancel"), asked: of.asked() };
    vec![Letter::new(MailKind::ResetPassword, reset)]
}
