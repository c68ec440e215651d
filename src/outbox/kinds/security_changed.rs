//! Email about a change of the ways to sign in to the account.

use crate::{
    db::{self, Error},
    domain::{GainId, SecurityEvent, gain::UNDO_LIFETIME, mail::MailKind, news::About, password},
    locale::Locale,
    mail::{
        Facts, MailFacts, Samples,
        words::{self, News, Place},
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
pub struct SecurityChanged {
    #[serde(flatten)]
    pub news: News,
    /// Number of recovery codes that are left after one was used.
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
    if event == SecurityEvent::AdminMade {
        "ben@example.com"
    } else if event == SecurityEvent::AccountEnds {
        "2027-03-06T00:00:00Z"
    } else {
        "1 passkey, 7 recovery codes, the new password"
    }
}

fn samples(of: Samples<'_>) -> Vec<MailFacts> {
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
    of.events(kind).map(|event| MailFacts::new(kind, changed(event))).collect()
}

fn decide(context: &mut DecisionContext<'_>) -> Result<Verdict, Error> {
    let event = SecurityEvent::parse(context.mail.kind, &context.mail.note);
    let least_password = match context.mail.account_id {
        Some(id) if event.is_some_and(SecurityEvent::removes_factor) => {
            let enrolled = db::enrolled::of(context.connection, id)?.under(context.settings);
            (enrolled.password && !enrolled.has_second_factor()).then_some(password::MIN_LENGTH)
        }
        _ => None,
    };
    let about = event.and_then(|event| event.about(&context.mail.note));
    let undoes = context.gain()?;
    Ok(context.send_as_queued(Change { event, about, least_password, undoes }))
}

struct Change {
    /// `None` for an event that only a newer node knows.
    event: Option<SecurityEvent>,
    about: Option<About>,
    /// Characters that the account's password needs from now on, if it has become the only proof.
    least_password: Option<usize>,
    undoes: Option<GainId>,
}

impl LoadedMail for Change {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        let locale = draft.context.locale;
        draft.mail_facts(SecurityChanged {
            news: News::of(self.event, locale),
            left: self.event.and_then(SecurityEvent::left),
            about: self.about.as_ref().map(|about| words::about(about, locale)),
            least_password: self.least_password,
            changed_at: draft.happened_at(),
            place: draft.place(),
            security_link: draft.page("/account/security"),
            undo_link: draft.undo_link(self.undoes),
            undo_lifetime: draft.undo_lifetime(),
        })
    }

    fn undoes(&self) -> Option<GainId> {
        self.undoes
    }
}
