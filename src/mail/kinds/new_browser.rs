//! A sign-in in a browser not seen before.

use super::Facts;
use crate::{
    domain::{Method, gain::UNDO_LIFETIME, mail::MailKind},
    locale::Locale,
    mail::{
        Letter, Samples,
        words::{self, Place},
    },
};
use serde::Serialize;

#[derive(Clone, Serialize)]
pub struct NewBrowser {
    pub signed_in_at: String,
    #[serde(flatten)]
    pub place: Place,
    /// By what the user signed in, in words.
    pub methods: String,
    /// Signs that browser out.
    pub end_link: String,
    pub end_lifetime: String,
    /// Other sign-ins in new browsers that the same email tells, each in words.
    pub others: Vec<String>,
}

impl Facts for NewBrowser {
    fn essentials(&self) -> Vec<&str> {
        vec![&self.end_link]
    }

    fn without_place(self) -> Self {
        Self { place: Place::default(), others: Vec::new(), ..self }
    }

    fn in_a_line(&self, locale: &Locale) -> Option<String> {
        let line = locale.say("mail-signed-in-at").with("place", self.place.place.as_deref().unwrap_or_default());
        Some(line.with("at", &self.signed_in_at).with("methods", &self.methods).to_string())
    }

    fn telling(self, others: &[String], _locale: &Locale) -> Self {
        Self { others: others.to_vec(), ..self }
    }
}

pub fn samples(of: Samples<'_>) -> Vec<Letter> {
    let one = || {
        let new = NewBrowser {
            signed_in_at: of.now(),
            place: of.place(),
            methods: words::methods(&[Method::Password, Method::Totp], of.locale),
            end_link: of.link("/auth/new-browser"),
            end_lifetime: of.locale.span(UNDO_LIFETIME),
            others: Vec::new(),
        };
        Letter::new(MailKind::NewBrowser, new)
    };
    let mut several = one();
    several.tell_also(&[one()], of.locale);
    vec![one(), several]
}
