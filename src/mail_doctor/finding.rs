//! Finding about one thing.

use crate::{domain::Timestamp, locale::Locale};

/// Part that was examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Server,
    Certificate,
    Spf,
    Dkim,
    Dmarc,
    Helo,
    Clock,
}

impl Part {
    /// The key of its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Server => "mail-check-server",
            Self::Certificate => "mail-check-certificate",
            Self::Spf => "mail-check-spf",
            Self::Dkim => "mail-check-dkim",
            Self::Dmarc => "mail-check-dmarc",
            Self::Helo => "mail-check-helo",
            Self::Clock => "mail-check-clock",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Good,
    Bad,
    /// A resolver that does not answer says nothing about the records.
    CannotTell,
    /// Emails are kept here, so no server takes part.
    NotChecked,
}

impl Outcome {
    /// The key of its words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Good => "mail-check-good",
            Self::Bad => "mail-check-bad",
            Self::CannotTell => "mail-check-cannot-tell",
            Self::NotChecked => "mail-check-not-checked",
        }
    }
}

/// A sentence of the catalogue, with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub part: Part,
    pub outcome: Outcome,
    key: &'static str,
    values: Vec<(&'static str, String)>,
    /// The moment in the sentence, `$at`.
    at: Option<Timestamp>,
    /// The record to publish, to copy.
    pub publish: Option<String>,
}

impl Finding {
    pub const fn new(part: Part, outcome: Outcome, key: &'static str) -> Self {
        Self { part, outcome, key, values: Vec::new(), at: None, publish: None }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    #[must_use]
    pub const fn at(mut self, at: Timestamp) -> Self {
        self.at = Some(at);
        self
    }

    /// Judges it anew, by another sentence with the same values.
    #[must_use]
    pub fn turned(self, outcome: Outcome, key: &'static str) -> Self {
        Self { outcome, key, ..self }
    }

    /// Adds the record that mends it.
    #[must_use]
    pub fn publish(mut self, record: Option<String>) -> Self {
        self.publish = record;
        self
    }

    /// Returns it in words.
    pub fn words(&self, locale: &Locale) -> String {
        let said = self.values.iter().fold(locale.say(self.key), |said, (name, value)| said.with(name, value));
        self.at.into_iter().fold(said, |said, at| said.with("at", at)).to_string()
    }
}
