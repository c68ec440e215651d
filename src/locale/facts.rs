//! Values in sentences: text, numbers, moments, spans of time and browsers, in words of the
//! language, plain or as HTML.

use super::{Locale, numbers};
use crate::domain::{BrowserLabel, BrowserParts, EmailAddress, Lifetime, TimeZone, Timestamp};
use fluent_bundle::{FluentArgs, FluentValue};

/// First-strong isolate and its end. Text between them does not reorder the sentence around it (UAX
/// 9).
const ISOLATE: (char, char) = ('\u{2068}', '\u{2069}');

/// A value in a sentence.
#[derive(Clone, Debug)]
pub enum Value {
    Text(String),
    /// An email address of the reader, or of the server. Its domain is shown in the reader's own
    /// script.
    Address(String),
    Number(i64),
    Moment(Timestamp),
    Span(Lifetime),
    /// The same span in a grammatical case.
    SpanIn(Lifetime, &'static str),
    Browser(BrowserLabel),
    Ago(Ago),
    /// HTML that is kept as it is: a piece of a template, which has escaped its values.
    Markup(String),
}

/// Time since a moment, in words of the language.
#[derive(Clone, Debug)]
pub struct Ago {
    pub words: String,
    pub at: Timestamp,
}

/// A type that can be a value.
pub trait Fact {
    fn value(&self) -> Value;
}

impl Value {
    /// Returns plain text.
    pub(super) fn plain(&self, locale: &Locale) -> FluentValue<'static> {
        match self {
            Self::Number(number) => numbers::number(locale, *number),
            Self::Text(text) if needs_isolation(text, locale) => {
                FluentValue::from(format!("{}{text}{}", ISOLATE.0, ISOLATE.1))
            }
            Self::Text(text) | Self::Markup(text) => FluentValue::from(text.clone()),
            Self::Address(address) => Self::Text(locale.address(address)).plain(locale),
            Self::Moment(at) => Self::Text(moment(locale, *at)).plain(locale),
            Self::Span(span) => Self::Text(self::span(locale, *span)).plain(locale),
            Self::SpanIn(span, case) => Self::Text(span_in(locale, *span, case)).plain(locale),
            Self::Browser(label) => Self::Text(browser(locale, label)).plain(locale),
            Self::Ago(ago) => Self::Text(ago.words.clone()).plain(locale),
        }
    }

    /// Returns escaped HTML. A moment is an element that the page's script turns into the reader's
    /// own time.
    pub(super) fn html(&self, locale: &Locale) -> FluentValue<'static> {
        match self {
            Self::Number(number) => numbers::number(locale, *number),
            Self::Text(text) if needs_isolation(text, locale) => {
                FluentValue::from(format!("<bdi>{}</bdi>", escaped(text)))
            }
            Self::Text(text) => FluentValue::from(escaped(text)),
            Self::Address(address) => Self::Text(locale.address(address)).html(locale),
            Self::Markup(html) => FluentValue::from(html.clone()),
            Self::Moment(at) => FluentValue::from(time_element(locale, *at)),
            Self::Span(span) => Self::Text(self::span(locale, *span)).html(locale),
            Self::SpanIn(span, case) => Self::Text(span_in(locale, *span, case)).html(locale),
            Self::Browser(label) => Self::Text(browser(locale, label)).html(locale),
            Self::Ago(ago) => FluentValue::from(ago_element(locale, ago)),
        }
    }
}

/// Grammatical cases of a span. The dative of `{ $wait }` is `{ $wait-dative }`.
const CASES: [&str; 1] = ["dative"];

/// Returns the further variables that come with a value: a span in each case.
pub(super) fn cases(name: &str, value: &Value) -> Vec<(String, Value)> {
    let Value::Span(span) = value else { return Vec::new() };
    CASES.iter().map(|case| (format!("{name}-{case}"), Value::SpanIn(*span, case))).collect()
}

/// Characters of an address that fits every line of a phone.
const FITS: usize = 24;
/// Beginning of the element of a longer one.
const LONG_ADDRESS: &str = "<span class=\"address\">";
/// Characters of an address that fits a button on a phone.
const FITS_A_BUTTON: usize = 32;

/// Returns whether an address would fill several lines of a button.
pub fn overfills_a_button(address: &str) -> bool {
    address.chars().count() > FITS_A_BUTTON
}

/// Lets a long email address on a page begin a new line, and break before its domain. Without
/// that, a phone breaks it in the middle of a word.
pub(super) fn breakable(value: &Value, html: FluentValue<'static>) -> FluentValue<'static> {
    let is_long_address = |text: &str| {
        text.chars().count() > FITS && text.matches('@').count() == 1 && !text.contains(char::is_whitespace)
    };
    match (value, html) {
        (Value::Text(text) | Value::Address(text), FluentValue::String(html)) if is_long_address(text) => {
            let parts = html.replacen('@', "<wbr>@", 1).replace('.', ".<wbr>").replace('-', "-<wbr>");
            FluentValue::from(format!("{LONG_ADDRESS}{parts}</span>"))
        }
        (_, html) => html,
    }
}

/// Moves the full stop or comma behind a long address into its element. A stop behind such a block
/// would begin the next line.
pub(super) fn with_its_stop(html: String) -> String {
    if !html.contains(LONG_ADDRESS) {
        return html;
    }
    let bold = format!("<b>{LONG_ADDRESS}");
    ['.', ',', ':'].into_iter().fold(html, |mut html, stop| {
        let bold_end = format!("</span></b>{stop}");
        // Only the address is bold: a bold stop would look like part of it. Where other words are
        // bold, too, the nearest address that begins a bold part belongs to another sentence.
        while let Some((before, after)) = html.split_once(&bold_end)
            && let Some((head, address)) = before.rsplit_once(&bold)
            && !address.contains("</span>")
        {
            html = format!("{head}{LONG_ADDRESS}<b>{address}</b>{stop}</span>{after}");
        }
        html.replace(&format!("</span>{stop}"), &format!("{stop}</span>"))
    })
}

/// Returns whether a text may turn the order of the sentence around it.
fn needs_isolation(text: &str, locale: &Locale) -> bool {
    locale.is_rtl || text.chars().any(is_rtl)
}

/// Returns whether a character is of a script written from right to left, or a mark that says so.
const fn is_rtl(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

/// Returns a moment as an element of a page.
pub(super) fn time_element(locale: &Locale, at: Timestamp) -> String {
    let words = escaped(&short_moment(locale, at));
    format!("<time dir=\"{}\" datetime=\"{}\">{words}</time>", locale.direction(), at.rfc3339())
}

/// Returns how long ago a moment was, with the exact one on hover and for screen readers.
pub(super) fn ago_element(locale: &Locale, Ago { words, at }: &Ago) -> String {
    format!(
        "<span data-at=\"{}\" title=\"{}\">{}</span><span class=\"unseen\"> ({})</span>",
        at.rfc3339(),
        escaped(&short_moment(locale, *at)),
        escaped(words),
        time_element(locale, *at)
    )
}

/// Writes a moment for an email or a file: "22 November 2026, 14:03 UTC".
pub(super) fn moment(locale: &Locale, at: Timestamp) -> String {
    moment_as(locale, "moment", at)
}

/// Writes a moment for a page, where it is one fact among others: "22 Nov 2026, 14:03 UTC".
pub(super) fn short_moment(locale: &Locale, at: Timestamp) -> String {
    moment_as(locale, "moment-short", at)
}

fn moment_as(locale: &Locale, key: &str, at: Timestamp) -> String {
    let Some(time) = locale.zone.clock_at(at) else { return at.rfc3339() };
    let mut values = FluentArgs::new();
    values.set("day", i64::from(time.day));
    values.set("month", i64::from(time.month));
    values.set("year", time.year.to_string());
    values.set("hour", format!("{:02}", time.hour));
    values.set("minute", format!("{:02}", time.minute));
    values.set("zone", time.zone);
    locale.format(key, &values)
}

/// A day without its year and time, in UTC: "22 Nov".
pub(super) fn day(locale: &Locale, at: Timestamp) -> String {
    let Some(time) = TimeZone::utc().clock_at(at) else { return at.rfc3339() };
    let mut values = FluentArgs::new();
    values.set("day", i64::from(time.day));
    values.set("month", i64::from(time.month));
    locale.format("day", &values)
}

pub(super) fn span(locale: &Locale, span: Lifetime) -> String {
    span_in(locale, span, "")
}

/// Writes a span in a grammatical case: German says "3 Tage", but "in 3 Tagen".
fn span_in(locale: &Locale, span: Lifetime, case: &str) -> String {
    let seconds = span.as_seconds_up();
    let (key, count) = match seconds {
        s if s > 0 && s % 86_400 == 0 => ("span-days", s / 86_400),
        s if s > 0 && s % 3600 == 0 => ("span-hours", s / 3600),
        s if s > 0 && s % 60 == 0 => ("span-minutes", s / 60),
        s => ("span-seconds", s),
    };
    locale.say(key).with("count", count).with("case", case).to_string()
}

pub(super) fn browser(locale: &Locale, label: &BrowserLabel) -> String {
    let said = match label.parts() {
        BrowserParts::Both { browser, system } => {
            locale.say("browser-on-system").with("browser", browser).with("system", system)
        }
        // A name is the same in every language.
        BrowserParts::Browser(name) => return name.to_owned(),
        BrowserParts::System(system) => locale.say("browser-unknown-on").with("system", system),
        BrowserParts::Unknown => locale.say("browser-unknown"),
        BrowserParts::CommandLine => locale.say("command-line"),
    };
    said.to_string()
}

/// Returns where a user did something: "from Firefox on Windows".
pub(super) fn from_browser(locale: &Locale, label: &BrowserLabel) -> String {
    let said = match label.parts() {
        BrowserParts::Both { browser, system } => {
            locale.say("from-browser").with("browser", browser).with("system", system)
        }
        BrowserParts::Browser(name) => locale.say("from-browser.alone").with("browser", name),
        BrowserParts::System(system) => locale.say("from-browser.unknown-on").with("system", system),
        BrowserParts::Unknown => locale.say("from-browser.unknown"),
        BrowserParts::CommandLine => locale.say("from-browser.command-line"),
    };
    said.to_string()
}

impl Fact for Value {
    fn value(&self) -> Value {
        self.clone()
    }
}

impl Fact for str {
    fn value(&self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl Fact for String {
    fn value(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl Fact for EmailAddress {
    fn value(&self) -> Value {
        Value::Address(self.as_str().to_owned())
    }
}

impl Fact for i64 {
    fn value(&self) -> Value {
        Value::Number(*self)
    }
}

impl Fact for u16 {
    fn value(&self) -> Value {
        Value::Number(i64::from(*self))
    }
}

impl Fact for u64 {
    fn value(&self) -> Value {
        Value::Number(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl Fact for u32 {
    fn value(&self) -> Value {
        Value::Number(i64::from(*self))
    }
}

impl Fact for usize {
    fn value(&self) -> Value {
        Value::Number(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl Fact for Timestamp {
    fn value(&self) -> Value {
        Value::Moment(*self)
    }
}

impl Fact for Lifetime {
    fn value(&self) -> Value {
        Value::Span(*self)
    }
}

impl Fact for Ago {
    fn value(&self) -> Value {
        Value::Ago(self.clone())
    }
}

impl Fact for BrowserLabel {
    fn value(&self) -> Value {
        Value::Browser(self.clone())
    }
}

impl<T: Fact + ?Sized> Fact for &T {
    fn value(&self) -> Value {
        (**self).value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_and_script_that_turns_a_sentence_is_isolated() {
        let turning = "\u{590}\u{5d0}\u{627}\u{8ff}\u{200f}\u{202a}\u{202d}\u{202e}\u{2066}\u{2067}\u{2069}\
                       \u{fb1d}\u{fdff}\u{fe70}\u{fefc}\u{10800}\u{10fff}\u{1e800}\u{1efff}";
        for c in turning.chars() {
            assert!(is_rtl(c), "{c:?}");
        }
        for c in "aé\u{58f}\u{900}\u{200e}\u{2029}\u{202f}\u{2065}\u{206a}\u{fefd}中".chars() {
            assert!(!is_rtl(c), "{c:?}");
        }
    }
}
