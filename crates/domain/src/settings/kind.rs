//! Kinds of settings: how each is written as text and read back, and what can be wrong with a text.

use super::{JoinPolicy, RequiredOf, Settings};
use crate::{
    EmailAddress, LanguageTag, Lifetime, Limit, TimeZone, account::deceives, colour::Colour, email_address,
    logo::LogoVersion, page_link::PageLink, typed,
};

const MAX_DOMAINS: usize = 200;

/// Access to a value in [`Settings`]: to look at it, and to change it.
pub struct Field<T: 'static>(pub fn(&Settings) -> &T, pub fn(&mut Settings) -> &mut T);

/// Type of a setting's value, with its bounds.
pub enum Kind {
    /// A box to tick. A browser does not send one that is not ticked.
    Switch(Field<bool>),
    RequiredOf(Field<RequiredOf>),
    JoinPolicy(Field<JoinPolicy>),
    Domains(Field<Vec<String>>),
    Lifetime {
        field: Field<Lifetime>,
        least: Lifetime,
        most: Lifetime,
    },
    Limit(Field<Limit>),
    ProductName(Field<String>),
    Colour(Field<Colour>),
    /// An address, or empty.
    Address(Field<Option<EmailAddress>>),
    Language(Field<LanguageTag>),
    TimeZone(Field<TimeZone>),
    /// A page of the web, or empty.
    Link(Field<Option<PageLink>>),
    Logo(Field<Option<LogoVersion>>),
}

/// Problem with a value, for the sentence beside its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingProblem {
    NotOnOff,
    NotAPolicy,
    NotAnAudience,
    /// A second factor is required, but none is turned on.
    NoFactors,
    /// The admin who requires a second factor has none that counts.
    NoneOfYourOwn,
    /// Passkeys need a host name.
    NoHostName,
    NotADomain,
    TooManyDomains,
    NoDomains,
    NotALifetime {
        least: Lifetime,
        most: Lifetime,
    },
    NotALimit,
    NotAName,
    NotAColour,
    NotAnAddress,
    NotALogo,
    NotALanguage,
    NotATimeZone,
    NotALink,
    Unknown,
}

impl<T> Field<T> {
    fn get<'a>(&self, settings: &'a Settings) -> &'a T {
        (self.0)(settings)
    }

    fn put(&self, settings: &mut Settings, value: T) {
        *(self.1)(settings) = value;
    }
}

impl Kind {
    pub const fn is_switch(&self) -> bool {
        matches!(self, Self::Switch(_))
    }

    /// Returns the value as text.
    pub(super) fn write(&self, settings: &Settings) -> String {
        match self {
            Self::Switch(field) => on_off(*field.get(settings)).to_owned(),
            Self::RequiredOf(field) => field.get(settings).into_str().to_owned(),
            Self::JoinPolicy(field) => field.get(settings).into_str().to_owned(),
            Self::Domains(field) => field.get(settings).join("\n"),
            Self::Lifetime { field, .. } => field.get(settings).to_string(),
            Self::Limit(field) => field.get(settings).to_string(),
            Self::ProductName(field) => field.get(settings).clone(),
            Self::Colour(field) => field.get(settings).to_string(),
            Self::Address(field) => field.get(settings).as_ref().map_or("", EmailAddress::as_str).to_owned(),
            Self::Language(field) => field.get(settings).as_str().to_owned(),
            Self::TimeZone(field) => field.get(settings).name().to_owned(),
            Self::Link(field) => field.get(settings).as_ref().map_or("", PageLink::as_str).to_owned(),
            Self::Logo(field) => field.get(settings).as_ref().map_or("", LogoVersion::as_str).to_owned(),
        }
    }

    /// Reads a text into the settings; on a problem nothing changes.
    pub(super) fn read(&self, settings: &mut Settings, text: &str) -> Result<(), SettingProblem> {
        use SettingProblem as Problem;
        match self {
            Self::Switch(field) => field.put(settings, parse_on_off(text).ok_or(Problem::NotOnOff)?),
            Self::RequiredOf(field) => field.put(settings, text.parse().map_err(|_| Problem::NotAnAudience)?),
            Self::JoinPolicy(field) => field.put(settings, text.parse().map_err(|_| Problem::NotAPolicy)?),
            Self::Domains(field) => field.put(settings, parse_domains(text)?),
            Self::Lifetime { field, least, most } => field.put(settings, parse_lifetime(text, *least, *most)?),
            Self::Limit(field) => field.put(settings, text.parse().map_err(|_| Problem::NotALimit)?),
            Self::ProductName(field) => field.put(settings, parse_product_name(text).ok_or(Problem::NotAName)?),
            Self::Colour(field) => field.put(settings, Colour::parse(text).ok_or(Problem::NotAColour)?),
            Self::Address(field) => field.put(settings, parse_support_address(text)?),
            Self::Language(field) => field.put(settings, LanguageTag::parse(text).ok_or(Problem::NotALanguage)?),
            Self::TimeZone(field) => field.put(settings, TimeZone::parse(text).ok_or(Problem::NotATimeZone)?),
            Self::Link(field) => field.put(settings, parse_link(text)?),
            Self::Logo(field) => field.put(settings, parse_logo(text)?),
        }
        Ok(())
    }
}

pub(super) const fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn parse_on_off(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

fn parse_lifetime(text: &str, least: Lifetime, most: Lifetime) -> Result<Lifetime, SettingProblem> {
    text.parse().ok().filter(|span| (least..=most).contains(span)).ok_or(SettingProblem::NotALifetime { least, most })
}

/// Parses domains separated by white space or commas, a leading `@` allowed. Returns them in
/// canonical form, sorted, each once.
fn parse_domains(text: &str) -> Result<Vec<String>, SettingProblem> {
    let mut domains = text
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
        .map(|word| email_address::parse_domain(typed::trimmed(word).trim_start_matches('@')))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| SettingProblem::NotADomain)?;
    domains.sort_unstable();
    domains.dedup();
    if domains.len() > MAX_DOMAINS { Err(SettingProblem::TooManyDomains) } else { Ok(domains) }
}

/// Parses one to forty characters on one line. Subjects and sender names use it, so that nothing
/// may break a header.
fn parse_product_name(text: &str) -> Option<String> {
    let name = typed::trimmed(text);
    let fine = (1..=40).contains(&name.chars().count())
        && !deceives(name)
        && !name.chars().any(|c| matches!(c, '<' | '>' | '"' | '@'));
    fine.then(|| name.to_owned())
}

fn parse_support_address(text: &str) -> Result<Option<EmailAddress>, SettingProblem> {
    if typed::trimmed(text).is_empty() {
        return Ok(None);
    }
    EmailAddress::parse(text).map(Some).map_err(|_| SettingProblem::NotAnAddress)
}

fn parse_link(text: &str) -> Result<Option<PageLink>, SettingProblem> {
    if typed::trimmed(text).is_empty() {
        return Ok(None);
    }
    PageLink::parse(text).map(Some).ok_or(SettingProblem::NotALink)
}

fn parse_logo(text: &str) -> Result<Option<LogoVersion>, SettingProblem> {
    match text {
        "" => Ok(None),
        text => LogoVersion::parse(text).map(Some).ok_or(SettingProblem::NotALogo),
    }
}
