//! The account's password was set, reset or removed.

use crate::{
    db::Error,
    domain::{GainId, SecurityEvent, gain::UNDO_LIFETIME, mail::MailKind},
    locale::Locale,
    mail::{
        Facts, MailFacts, Samples,
        words::{News, Place},
    },
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
pub struct PasswordChanged {
    #[serde(flatten)]
    pub news: News,
    pub changed_at: String,
    #[serde(flatten)]
    pub place: Place,
    pub reset_link: String,
    /// Undoes it. `None` without a gain.
    pub undo_link: Option<String>,
    pub undo_lifetime: String,
}

impl Facts for PasswordChanged {
    fn essentials(&self) -> Vec<&str> {
        [Some(&self.reset_link), self.undo_link.as_ref()].into_iter().flatten().map(String::as_str).collect()
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

fn samples(of: Samples<'_>) -> Vec<MailFacts> {
    let changed = |event: Option<SecurityEvent>| PasswordChanged {
        news: News::of(event, of.locale),
        changed_at: of.now(),
        place: of.place(),
        reset_link: of.page("/password/forgot"),
        undo_link: of.undo_link(event),
        undo_lifetime: of.locale.span(UNDO_LIFETIME),
    };
    let kind = MailKind::PasswordChanged;
    of.events(kind).map(|event| MailFacts::new(kind, changed(event))).collect()
}

fn decide(context: &mut DecisionContext<'_>) -> Result<Verdict, Error> {
    let event = SecurityEvent::parse(context.mail.kind, &context.mail.note);
    let undoes = context.gain()?;
    Ok(context.send_as_queued(Change { event, undoes }))
}

struct Change {
    /// `None` for an event that only a newer node knows.
    event: Option<SecurityEvent>,
    undoes: Option<GainId>,
}

impl LoadedMail for Change {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        draft.mail_facts(PasswordChanged {
            news: News::of(self.event, draft.context.locale),
            changed_at: draft.happened_at(),
            place: draft.place(),
            reset_link: draft.page("/password/forgot"),
            undo_link: draft.undo_link(self.undoes),
            undo_lifetime: draft.undo_lifetime(),
        })
    }

    fn undoes(&self) -> Option<GainId> {
        self.undoes
    }
}
