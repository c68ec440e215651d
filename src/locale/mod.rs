//! Texts for users, in each language: the Fluent files below `locales`, and the choice among them.
//!
//! Pages, emails and scripts take every sentence from here by its key. The command line and the log
//! use English.

mod choice;
mod facts;
mod numbers;
mod sentence;
mod whole_words;

pub use facts::{Ago, Fact, Value, overfills_a_button};
pub use sentence::Sentence;
pub use whole_words::{keep_whole, keep_whole_in_email, with_firm_hyphens};

use crate::domain::{BrowserLabel, LanguageTag, Lifetime, Script, TimeZone, Timestamp};
use askama::filters::Safe;
use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use std::{fmt, sync::Arc};
use unic_langid::{CharacterDirection, LanguageIdentifier};

/// Language, file and text of each file below `locales`.
const FILES: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// The language that has every sentence.
const ENGLISH: &str = "en";

/// Every language.
#[derive(Clone)]
pub struct Catalogue(Vec<Arc<Locale>>);

/// One language. A sentence that it lacks comes in English.
pub struct Locale {
    tag: LanguageTag,
    is_rtl: bool,
    script: Script,
    text: Arc<FluentBundle<FluentResource>>,
    english: Option<Arc<Locale>>,
    /// The zone of its moments.
    zone: TimeZone,
}

/// A file that is no catalogue, so that the binary is built wrong.
#[derive(Debug)]
pub struct BadCatalogue(String);

impl Catalogue {
    /// Reads the files in the binary.
    pub fn embedded() -> Result<Self, BadCatalogue> {
        Self::of(FILES)
    }

    /// Reads language, file and text of each file. English has to be among them.
    pub fn of(files: &[(&str, &str, &str)]) -> Result<Self, BadCatalogue> {
        let english = Arc::new(Locale::read(ENGLISH, files, None)?);
        let mut tags: Vec<&str> = files.iter().map(|(tag, ..)| *tag).filter(|tag| *tag != ENGLISH).collect();
        tags.dedup();
        let mut locales = vec![Arc::clone(&english)];
        for tag in tags {
            locales.push(Arc::new(Locale::read(tag, files, Some(Arc::clone(&english)))?));
        }
        Ok(Self(locales))
    }

    pub fn locales(&self) -> &[Arc<Locale>] {
        &self.0
    }

    pub fn find(&self, tag: &LanguageTag) -> Option<&Arc<Locale>> {
        self.0.iter().find(|locale| locale.tag == *tag)
    }

    /// Returns the first of these languages that the catalogue has, or English.
    pub fn first_of<'a>(&self, tags: impl IntoIterator<Item = &'a LanguageTag>) -> Arc<Locale> {
        let found = tags.into_iter().find_map(|tag| self.find(tag)).or_else(|| self.0.first());
        found.map_or_else(|| Arc::new(Locale::empty()), Arc::clone)
    }
}

impl Locale {
    fn read(tag: &str, files: &[(&str, &str, &str)], english: Option<Arc<Self>>) -> Result<Self, BadCatalogue> {
        let bad = |what: String| BadCatalogue(format!("locales/{tag}: {what}"));
        let name = LanguageTag::parse(tag).ok_or_else(|| bad("not a language".to_owned()))?;
        let language: LanguageIdentifier = tag.parse().map_err(|error| bad(format!("{error:?}")))?;
        let is_rtl = language.character_direction() == CharacterDirection::RTL;
        let mut text = FluentBundle::new_concurrent(vec![language]);
        // Fluent would isolate every value. `facts` isolates those that need it, so that links and
        // codes stay as they are.
        text.set_use_isolating(false);
        text.set_formatter(Some(numbers::grouped));
        for (_, file, source) in files.iter().filter(|(of, ..)| *of == tag) {
            let resource = FluentResource::try_new((*source).to_owned())
                .map_err(|(_, errors)| bad(format!("{file}: {errors:?}")))?;
            text.add_resource(resource).map_err(|errors| bad(format!("{file}: {errors:?}")))?;
        }
        let (script, text, zone) = (Script::of_name(""), Arc::new(text), TimeZone::utc());
        let mut locale = Self { tag: name, is_rtl, script, text, english, zone };
        locale.script = Script::of_name(&locale.own_name());
        Ok(locale)
    }

    fn empty() -> Self {
        Self {
            tag: LanguageTag::english(),
            is_rtl: false,
            script: Script::of_name(""),
            text: Arc::new(FluentBundle::new_concurrent(vec![LanguageIdentifier::default()])),
            english: None,
            zone: TimeZone::utc(),
        }
    }

    /// Returns the same language with its moments in another time zone.
    pub fn in_zone(of: &Arc<Self>, zone: &TimeZone) -> Arc<Self> {
        if of.zone == *zone {
            return Arc::clone(of);
        }
        Arc::new(Self {
            tag: of.tag.clone(),
            is_rtl: of.is_rtl,
            script: of.script,
            text: Arc::clone(&of.text),
            english: of.english.clone(),
            zone: zone.clone(),
        })
    }

    /// Returns the tag for `lang` attributes and rows.
    pub const fn tag(&self) -> &LanguageTag {
        &self.tag
    }

    /// Returns the value of a `dir` attribute.
    pub const fn direction(&self) -> &'static str {
        if self.is_rtl { "rtl" } else { "ltr" }
    }

    /// Returns whether words of the language have accented letters. English has hardly any.
    pub fn has_accents(&self) -> bool {
        self.tag.as_str().split('-').next() != Some(ENGLISH)
    }

    /// Returns the language's name in itself, for a list to choose from.
    pub fn own_name(&self) -> String {
        self.say("language-name").to_string()
    }

    /// Returns the sentence with this key, or with `key.attribute`.
    pub fn say<'a>(&'a self, key: &'a str) -> Sentence<'a> {
        Sentence::new(self, key)
    }

    /// Returns a moment in words, with its zone: "22 November 2026, 14:03 UTC".
    pub fn moment(&self, at: Timestamp) -> String {
        facts::moment(self, at)
    }

    /// Returns a moment in the words of pages: "22 Nov 2026, 14:03 UTC".
    pub fn short_moment(&self, at: Timestamp) -> String {
        facts::short_moment(self, at)
    }

    /// Returns how long ago a moment was, as HTML of a page.
    pub fn ago(&self, ago: &Ago) -> Safe<String> {
        Safe(facts::ago_element(self, ago))
    }

    /// Returns a day of a chart, in UTC: "22 Nov".
    pub fn day(&self, at: Timestamp) -> String {
        facts::day(self, at)
    }

    /// Returns a span of time in words: "10 minutes", in the largest unit that divides it.
    pub fn span(&self, lifetime: Lifetime) -> String {
        facts::span(self, lifetime)
    }

    /// Returns an email address with its domain in the reader's script. A domain that could imitate
    /// another keeps its A-labels.
    pub fn address(&self, address: &str) -> String {
        let shown = address
            .rsplit_once('@')
            .and_then(|(local, domain)| self.script.domain(domain).map(|domain| format!("{local}@{domain}")));
        shown.unwrap_or_else(|| address.to_owned())
    }

    /// Returns a domain in the reader's script. A domain that could imitate another keeps its
    /// A-labels.
    pub fn domain(&self, domain: &str) -> String {
        self.script.domain(domain).unwrap_or_else(|| domain.to_owned())
    }

    /// Returns a browser in words: "Firefox on Windows".
    pub fn browser(&self, label: &BrowserLabel) -> String {
        facts::browser(self, label)
    }

    /// Returns where a user did something, within a sentence: "from Firefox on Windows".
    pub fn from_browser(&self, label: &BrowserLabel) -> String {
        facts::from_browser(self, label)
    }

    /// Returns several things in one sentence: "a, b and c".
    pub fn list(&self, items: &[String]) -> String {
        let Some((last, first)) = items.split_last() else { return String::new() };
        if first.is_empty() {
            return last.clone();
        }
        self.say("list-last").with("first", self.values(first)).with("last", last).to_string()
    }

    /// Returns several values without a word between them: "a, b, c".
    pub fn values(&self, items: &[String]) -> String {
        self.joined("list-more", items)
    }

    /// Returns several statements, which may have commas themselves: "a; b, c; d".
    pub fn statements(&self, items: &[String]) -> String {
        self.joined("list-statements", items)
    }

    fn joined(&self, key: &str, items: &[String]) -> String {
        let Some((last, first)) = items.split_last() else { return String::new() };
        first
            .iter()
            .rev()
            .fold(last.clone(), |rest, item| self.say(key).with("first", item).with("rest", &rest).to_string())
    }

    /// Returns the sentence with this key and these values, or the key if no language has it.
    fn format(&self, key: &str, values: &FluentArgs<'_>) -> String {
        // The catalogue's own test finds faults of a text.
        self.format_noting(key, values, &mut Vec::new())
    }

    /// Does the same, and notes what is wrong: no language has the key, or a value is missing.
    fn format_noting(&self, key: &str, values: &FluentArgs<'_>, problems: &mut Vec<String>) -> String {
        let (id, attribute) = key.split_once('.').map_or((key, None), |(id, attribute)| (id, Some(attribute)));
        let message = self.text.get_message(id);
        let pattern = message.and_then(|message| match attribute {
            Some(name) => message.get_attribute(name).map(|attribute| attribute.value()),
            None => message.value(),
        });
        match (pattern, &self.english) {
            (Some(pattern), _) => {
                let mut errors = Vec::new();
                let text = self.text.format_pattern(pattern, Some(values), &mut errors).into_owned();
                problems.extend(errors.iter().map(|error| format!("the text {key:?}: {error}")));
                text
            }
            (None, Some(english)) => english.format_noting(key, values, problems),
            (None, None) => {
                problems.push(format!("there is no text {key:?}"));
                key.to_owned()
            }
        }
    }
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Locale({})", self.tag)
    }
}

impl fmt::Display for BadCatalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadCatalogue {}
