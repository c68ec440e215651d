//! An email as it is written: what its facts are made of.

use super::secrets::Secrets;
use crate::{
    config::BaseUrl,
    domain::{
        Attempt, ClientAddress, EmailAddress, Settings, Timestamp, Token,
        gain::{GainId, UNDO_LIFETIME},
        mail::QueuedMail,
    },
    locale::Locale,
    mail::{
        Facts, MailFacts,
        words::{self, Asked, Place},
    },
    places::Places,
};

/// Settings, language and time for writing emails.
#[derive(Clone, Copy)]
pub(super) struct WritingContext<'a> {
    pub settings: &'a Settings,
    pub base_url: &'a BaseUrl,
    /// The language of the email.
    pub locale: &'a Locale,
    pub now: Timestamp,
    /// The operator's file of places. It is in memory.
    pub places: Option<&'a Places>,
}

/// An email with its secrets.
pub(super) struct Draft<'a> {
    pub mail: &'a QueuedMail,
    pub recipient: &'a EmailAddress,
    pub secrets: &'a Secrets,
    pub context: &'a WritingContext<'a>,
}

impl Draft<'_> {
    /// Returns the facts under the kind of this email.
    pub(super) fn mail_facts(&self, facts: impl Facts) -> MailFacts {
        MailFacts::new(self.mail.kind, facts)
    }

    /// Returns the address of a page.
    pub(super) fn page(&self, path: &str) -> String {
        self.context.base_url.join(path)
    }

    fn link(&self, path: &str, token: &Token) -> String {
        self.page(&format!("{path}?token={}", token.reveal()))
    }

    /// Returns the link of the email's first token.
    pub(super) fn open_link(&self, path: &str) -> String {
        self.link(path, self.secrets.open())
    }

    /// Returns the link that ends the attempt.
    pub(super) fn cancel_link(&self) -> String {
        self.link("/auth/cancel", self.secrets.cancel())
    }

    /// Returns the link that undoes a gain, if there is one.
    pub(super) fn undo_link(&self, gain: Option<GainId>) -> Option<String> {
        gain.map(|_| self.open_link("/auth/undo"))
    }

    pub(super) fn undo_lifetime(&self) -> String {
        self.context.locale.span(UNDO_LIFETIME)
    }

    pub(super) fn moment(&self, at: Timestamp) -> String {
        self.context.locale.moment(at)
    }

    pub(super) fn place(&self) -> Place {
        let from = self.mail.from.as_ref();
        Place::of(from, &self.near(from.and_then(|from| from.client)), self.context.locale)
    }

    /// Returns city and country of an address in the language of the email, as far as they are
    /// known.
    fn near(&self, client: Option<ClientAddress>) -> Vec<String> {
        let WritingContext { places, locale, .. } = self.context;
        let found = places.zip(client).map(|(places, client)| places.of(client, locale.tag()));
        found.unwrap_or_default()
    }

    /// Returns when the event happened that the email tells.
    pub(super) fn happened_at(&self) -> String {
        self.moment(self.mail.created_at)
    }

    /// Returns who asked for the email, and how long its link works.
    pub(super) fn asked(&self, attempt: &Attempt) -> Asked {
        Asked {
            browser: self.context.locale.browser(&attempt.browser),
            client: attempt.client.map(|client| client.to_string()),
            client_place: words::client_place(attempt.client, &self.near(attempt.client), self.context.locale),
            asked_at: self.moment(attempt.mail_asked_at),
            lifetime: self.context.locale.span(self.context.settings.link_lifetime),
        }
    }
}

/// Returns a stored address as an email to another user may show it.
pub(super) fn unlinked(address: &str) -> String {
    EmailAddress::parse(address).map_or_else(|_| address.to_owned(), |address| address.unlinked())
}
