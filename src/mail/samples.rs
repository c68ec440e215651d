//! Letters with made-up facts, for testing templates and for previews.

use super::{
    mail_facts::MailFacts,
    words::{Asked, Place},
};
use crate::{
    domain::{
        AskedFrom, BrowserLabel, ClientAddress, EmailAddress, Lifetime, SecurityEvent, Timestamp, mail::MailKind,
    },
    locale::Locale,
};
use std::net::{IpAddr, Ipv4Addr};

/// 22 November 2026, 14:03 UTC.
const ASKED_AT: Timestamp = Timestamp::from_millis(1_795_356_180_000);
const USER_AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";
/// A city and a country with the same name in many languages.
const NEAR: [&str; 2] = ["Porto", "Portugal"];
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

/// Source of the made-up facts.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    pub base_url: &'a str,
    /// Everyone's address in them.
    pub address: &'a str,
    pub locale: &'a Locale,
}

/// Makes an email of every kind up.
pub type MadeUp = fn(Samples<'_>) -> Vec<MailFacts>;

impl Samples<'_> {
    pub fn asked(self) -> Asked {
        self.asked_in(self.place())
    }

    /// Returns the facts of a request from an address whose city and country are known.
    pub fn asked_from_known_place(self) -> Asked {
        self.asked_in(self.known_place())
    }

    fn asked_in(self, place: Place) -> Asked {
        let Place { browser, client, client_place, .. } = place;
        let lifetime = self.locale.span(Lifetime::minutes(10));
        Asked { browser: browser.unwrap_or_default(), client, client_place, asked_at: self.now(), lifetime }
    }

    pub fn place(self) -> Place {
        self.place_near(&[])
    }

    /// Returns a place whose city and country are known.
    pub fn known_place(self) -> Place {
        self.place_near(&NEAR.map(str::to_owned))
    }

    fn place_near(self, near: &[String]) -> Place {
        let browser = BrowserLabel::from_user_agent(USER_AGENT);
        let from = AskedFrom { browser, client: Some(ClientAddress::new(CLIENT)), language: None };
        Place::of(Some(&from), near, self.locale)
    }

    pub fn now(self) -> String {
        self.locale.moment(ASKED_AT)
    }

    pub fn after(self, span: Lifetime) -> String {
        self.locale.moment(ASKED_AT.plus(span))
    }

    pub fn page(self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    pub fn link(self, path: &str) -> String {
        self.page(&format!("{path}?token=0000000000000000000000000000000000000000000"))
    }

    /// Returns the address in Unicode only if it differs, as in a real email.
    pub fn in_unicode(self) -> Option<String> {
        EmailAddress::parse(self.address).ok()?.in_unicode()
    }

    /// Returns the link that undoes the event, if it is a gain.
    pub fn undo_link(self, event: Option<SecurityEvent>) -> Option<String> {
        event.filter(|event| event.is_gain()).map(|_| self.link("/auth/undo"))
    }

    /// Returns the events of a kind, and one that only a newer node knows.
    pub fn events(self, kind: MailKind) -> impl Iterator<Item = Option<SecurityEvent>> {
        SecurityEvent::samples().filter(move |event| event.mail_kind() == kind).map(Some).chain([None])
    }
}
