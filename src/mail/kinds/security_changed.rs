//! What signs in to the account has changed.

use super::Facts;
use crate::{
    domain::{SecurityEvent, gain::UNDO_LIFETIME, mail::MailKind, password},
    locale::Locale,
    mail::{
        Letter, Samples,
        words::{self, News, Place},
    },
};
use serde::Serialize;

#[derive(Clone, Serialize)]
pub struct SecurityChanged {
    #[serde(flatten)]
    pub news: News,
    /// How many recovery codes are left after one was used.
    pub left: Option<u32>,
    /// The new admin, or what was removed, in a sentence.
    pub about: Option<String>,
    /// Characters that the password needs from now on, if it is the only proof left.
    pub least_password: Option<usize>,
    pub changed_at: String,
    #[serde(flatten)]
    pub place: Place,
    pub security_link: String,
    /// Undoes it. `None` without a gain.
    pub undo_link: Option<String>,
    pub undo_lifetime: String,
}

impl Facts for SecurityChanged {
    fn essentials(&self) -> Vec<&str> {
        [Some(&self.security_link), self.undo_link.as_ref()].into_iter().flatten().map(String::as_str).collect()
    }

    fn without_place(self) -> Self {
        Self { place: Place::default(), undo_link: None, ..self }
    }

    fn in_a_line(&self, locale: &Locale) -> Option<String> {
        Some(self.news.in_a_line(&self.changed_at, &self.place, locale))
    }

    fn telling(self, others: &[String], locale: &Locale) -> Self {
        Self { news: self.news.telling(others, locale), ..self }
    }
}

/// Returns what an event is about, as its email stores it.
fn what(event: SecurityEvent) -> &'static str {
    match event {
        SecurityEvent::AdminMade => "ben@example.com",
        SecurityEvent::AccountEnds => "2027-03-06T00:00:00Z",
        _ => "1 passkey, 7 recovery codes, the new password",
    }
}

pub fn samples(of: Samples<'_>) -> Vec<Letter> {
    let changed = |event: Option<SecurityEvent>| SecurityChanged {
        news: News::of(event, of.locale),
        left: event.and_then(SecurityEvent::left),
        about: event
            .and_then(|event| event.about(&event.note_about(what(event))))
            .map(|about| words::about(&about, of.locale)),
        least_password: event.filter(|event| event.removes_factor()).map(|_| password::MIN_LENGTH),
        changed_at: of.now(),
        place: of.place(),
        security_link: of.page("/account/security"),
        undo_link: of.undo_link(event),
        undo_lifetime: of.locale.span(UNDO_LIFETIME),
    };
    let kind = MailKind::SecurityChanged;
    of.events(kind).map(|event| Letter::new(kind, changed(event))).collect()
}
