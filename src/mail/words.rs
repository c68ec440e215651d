//! Facts that several kinds of email have, in words of the language of the email.

use crate::{
    domain::{
        AskedFrom, ClientAddress, Method, SecurityEvent,
        news::{About, Removed},
    },
    locale::Locale,
};
use serde::Serialize;

/// The code in emails that are only for looking at.
pub const SAMPLE_CODE: &str = "K7M-2QX";

/// Facts about a request: its browser, address and time, and how long the answer counts.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    pub browser: String,
    pub client: Option<String>,
    /// See [`client_place`].
    pub client_place: Option<String>,
    pub asked_at: String,
    pub lifetime: String,
}

impl Asked {
    /// Returns the same without a network address.
    #[must_use]
    pub fn without_place(self) -> Self {
        Self { client: None, client_place: None, ..self }
    }
}

/// Place of a change, if that is known and is the reader's business.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Place {
    pub browser: Option<String>,
    pub client: Option<String>,
    /// See [`client_place`].
    pub client_place: Option<String>,
    /// All in words.
    pub place: Option<String>,
}

/// Event: its name, for templates that choose by it, and its words.
#[derive(Clone, Debug, Serialize)]
pub struct News {
    pub what: &'static str,
    pub title: String,
    pub detail: String,
}

impl Place {
    /// Returns the place of a change. `near` has city and country of its address, as far as they
    /// are known.
    pub fn of(from: Option<&AskedFrom>, near: &[String], locale: &Locale) -> Self {
        let Some(from) = from else { return Self::default() };
        let browser = locale.browser(&from.browser);
        let client = from.client.map(|client| client.to_string());
        let key = if near.is_empty() { "mail-place" } else { "mail-place.near" };
        let in_words = |client: &String| {
            let place = locale.say(key).with("browser", &browser).with("address", client);
            place.with("place", locale.values(near)).to_string()
        };
        let place = client.as_ref().map_or_else(|| browser.clone(), in_words);
        let client_place = client_place(from.client, near, locale);
        Self { browser: Some(browser), client, client_place, place: Some(place) }
    }
}

impl News {
    /// Returns the words of an event. `None` is an event that only a newer node knows.
    pub fn of(event: Option<SecurityEvent>, locale: &Locale) -> Self {
        let Some(event) = event else {
            let title = locale.say("event-unknown").to_string();
            return Self { what: "changed", title, detail: locale.say("event-unknown.detail").to_string() };
        };
        let detail = locale.say(event.detail()).with("left", event.left().unwrap_or_default());
        Self { what: event.name(), title: locale.say(event.title()).to_string(), detail: detail.to_string() }
    }

    /// Adds events that get no email themselves.
    #[must_use]
    pub fn telling(self, changes: &[String], locale: &Locale) -> Self {
        let changes = locale.statements(changes);
        let all = locale.say("mail-other-changes").with("detail", &self.detail).with("changes", &changes);
        Self { detail: all.to_string(), ..self }
    }

    /// Returns the change as one of several, with its time and place.
    pub fn in_a_line(&self, changed_at: &str, place: &Place, locale: &Locale) -> String {
        let key = if place.place.is_some() { "mail-change-from" } else { "mail-change" };
        let change = locale.say(key).with("title", &self.title).with("at", changed_at);
        place.place.iter().fold(change, |change, place| change.with("place", place)).to_string()
    }
}

/// Returns a network address with its city and country, as far as they are known. They are only
/// probable: for phones and VPNs, files of places often name the provider's.
pub fn client_place(client: Option<ClientAddress>, near: &[String], locale: &Locale) -> Option<String> {
    let client = client?.to_string();
    if near.is_empty() {
        return Some(client);
    }
    Some(locale.say("mail-address-near").with("address", &client).with("place", locale.values(near)).to_string())
}

/// Methods in words, as a list.
pub fn methods(methods: &[Method], locale: &Locale) -> String {
    let methods: Vec<_> = methods.iter().map(|method| locale.say(method.key()).to_string()).collect();
    locale.list(&methods)
}

/// Returns what an event is about, in a sentence.
pub fn about(about: &About, locale: &Locale) -> String {
    match about {
        About::NewAdmin(admin) => locale.say("event-about-admin").with("admin", admin).to_string(),
        About::Ends(at) => locale.say("event-about-end").with("at", *at).to_string(),
        About::Removed(all) => locale.say("event-about-removed").with("what", removed(all, locale)).to_string(),
    }
}

/// Returns a list of everything that the end of a recovery removed.
pub fn removed(all: &[Removed], locale: &Locale) -> String {
    let words = |removed: &Removed| match removed {
        Removed::Counted(factor, count) => locale.say(factor.counted()).with("count", *count).to_string(),
        Removed::NewPassword => locale.say("event-removed-password").to_string(),
        Removed::Unknown(words) => words.clone(),
    };
    locale.list(&all.iter().map(words).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use crate::{locale::Catalogue, mail::Samples};

    #[test]
    fn a_change_is_told_with_its_probable_place_in_the_words_of_the_language() {
        let catalogue = Catalogue::embedded().unwrap();
        let said = |language: &str| {
            let locale = catalogue.accepted(language).unwrap();
            let made_up =
                Samples { base_url: "https://login.example.com", address: "ana@example.com", locale: &locale };
            let (known, unknown) = (made_up.known_place(), made_up.place());
            assert_eq!(unknown.client_place, unknown.client);
            assert_eq!(known.client, unknown.client);
            [known.client_place, known.place, unknown.place].map(Option::unwrap)
        };
        assert_eq!(
            said("en"),
            [
                "203.0.113.7 (probably Porto, Portugal)",
                "Firefox on Windows from 203.0.113.7, probably Porto, Portugal",
                "Firefox on Windows from 203.0.113.7",
            ]
        );
        assert_eq!(
            said("de"),
            [
                "203.0.113.7 (vermutlich Porto, Portugal)",
                "Firefox unter Windows, IP-Adresse 203.0.113.7, vermutlich Porto, Portugal",
                "Firefox unter Windows, IP-Adresse 203.0.113.7",
            ]
        );
    }
}
