//! Letters with made-up facts, for testing templates and for previews.

use super::{
    letter::Letter,
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
pub type MadeUp = fn(Samples<'_>) -> Vec<Letter>;

impl Samples<'_> {
    pub fn asked(self) -> Asked {
        let Place { browser, client, .. } = self.place();
        let lifetime = self.locale.span(Lifetime::minutes(10));
        Asked { browser: browser.unwrap_or_default(), client, asked_at: self.now(), lifetime }
    }

    pub fn place(self) -> Place {
        let browser = BrowserLabel::from_user_agent(USER_AGENT);
        Place::of(Some(&AskedFrom { browser, client: Some(ClientAddress::new(CLIENT)), language: None }), self.locale)
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

    /// Returns the address in Unicode only if it differs, as in a real letter.
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
