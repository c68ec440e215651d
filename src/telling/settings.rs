//! Settings in words of a language: their names, their values, and what is wrong with a value.

use crate::{
    domain::{
        LanguageTag, Lifetime,
        settings::{self, JoinPolicy, Kind, RequiredOf, SettingProblem},
    },
    locale::{Catalogue, Locale},
};

/// Returns the name of a setting. `None` if this version does not have it.
pub fn name(setting: &str) -> Option<&'static str> {
    settings::find(setting).map(|setting| setting.label)
}

/// Returns a stored value in words.
pub fn value(locale: &Locale, setting: &str, stored: &str) -> String {
    let key = match settings::find(setting).map(|setting| &setting.kind) {
        Some(Kind::JoinPolicy(_)) => stored.parse().ok().map(policy),
        Some(Kind::RequiredOf(_)) => stored.parse().ok().map(audience),
        Some(Kind::Lifetime { .. }) => {
            return stored.parse::<Lifetime>().map_or_else(|_| stored.to_owned(), |span| locale.span(span));
        }
        Some(Kind::Domains(_)) => {
            return locale.list(&stored.split('\n').map(str::to_owned).collect::<Vec<_>>());
        }
        // A setting that only a newer version has may be a switch.
        Some(Kind::Switch(_)) | None => match stored {
            "on" => Some("value-on"),
            "off" => Some("value-off"),
            _ => None,
        },
        Some(
            Kind::Limit(_)
            | Kind::ProductName(_)
            | Kind::Colour(_)
            | Kind::Address(_)
            | Kind::Language(_)
            | Kind::TimeZone(_)
            | Kind::Link(_)
            | Kind::Logo(_),
        ) => None,
    };
    key.map_or_else(|| stored.to_owned(), |key| locale.say(key).to_string())
}

/// Returns a stored value in words, where a page has room: a limit as a sentence.
pub fn in_words(locale: &Locale, setting: &str, stored: &str) -> String {
    let is_limit = matches!(settings::find(setting).map(|setting| &setting.kind), Some(Kind::Limit(_)));
    let is_language = matches!(settings::find(setting).map(|setting| &setting.kind), Some(Kind::Language(_)));
    let parts = stored.split_once('/').and_then(|(count, span)| Some((count, span.parse::<Lifetime>().ok()?)));
    match parts.filter(|_| is_limit) {
        Some((count, span)) => locale.say("limit-in-words").with("number", count).with("span", span).to_string(),
        None if stored.is_empty() || is_language => String::new(),
        None => value(locale, setting, stored),
    }
}

/// Returns the current value of a setting, beside the one in a form.
pub fn is_now(locale: &Locale, setting: &str, stored: &str) -> String {
    if stored.is_empty() {
        return locale.say("setting-is-now-empty").to_string();
    }
    locale.say("setting-is-now").with("value", value(locale, setting, stored)).to_string()
}

pub const fn policy(policy: JoinPolicy) -> &'static str {
    match policy {
        JoinPolicy::Invited => "join-invited",
        JoinPolicy::AllowedDomains => "join-domains",
        JoinPolicy::Anyone => "join-anyone",
    }
}

pub const fn audience(whom: RequiredOf) -> &'static str {
    match whom {
        RequiredOf::NoOne => "required-for-no-one",
        RequiredOf::Admins => "required-for-admins",
        RequiredOf::Everyone => "required-for-everyone",
    }
}

/// Returns what is wrong with a value.
pub fn problem(locale: &Locale, problem: SettingProblem) -> String {
    if let SettingProblem::NotALifetime { least, most } = problem {
        return locale.say("problem-lifetime").with("least", least).with("most", most).to_string();
    }
    locale.say(problem_key(problem)).to_string()
}

const fn problem_key(problem: SettingProblem) -> &'static str {
    match problem {
        SettingProblem::NotOnOff | SettingProblem::NotAPolicy | SettingProblem::NotAnAudience => "problem-choose",
        SettingProblem::NoneOfYourOwn => "problem-own-factor",
        SettingProblem::NoFactors => "problem-no-factors",
        SettingProblem::NoHostName => "problem-no-host-name",
        SettingProblem::NotADomain => "problem-domain",
        SettingProblem::TooManyDomains => "problem-too-many-domains",
        SettingProblem::NoDomains => "problem-no-domains",
        SettingProblem::NotALifetime { .. } => "problem-lifetime",
        SettingProblem::NotALimit => "problem-limit",
        SettingProblem::NotAName => "problem-name",
        SettingProblem::NotAColour => "problem-colour",
        SettingProblem::NotAnAddress => "problem-support",
        SettingProblem::NotALanguage => "problem-language",
        SettingProblem::NotATimeZone => "problem-time-zone",
        SettingProblem::NotALink => "problem-link",
        SettingProblem::NotALogo => "problem-logo",
        SettingProblem::Unknown => "problem-unknown",
    }
}

/// Returns tag and name of each language, in the catalogue's order.
pub fn languages(catalogue: &Catalogue) -> Vec<(String, String)> {
    catalogue.locales().iter().map(|locale| (locale.tag().to_string(), locale.own_name())).collect()
}

/// Returns whether a form's language may be saved. The one that is set may stay, even without a
/// catalogue.
pub fn is_a_language(catalogue: &Catalogue, wanted: &LanguageTag, current: &LanguageTag) -> bool {
    wanted == current || catalogue.find(wanted).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_name_in_words() {
        let catalogue = Catalogue::embedded().unwrap();
        let headings = settings::SECTIONS.iter().flat_map(|section| [section.title].into_iter().chain(section.hint));
        let rows = settings::all()
            .chain([&settings::LOGO, &settings::LOGO_DARK])
            .flat_map(|setting| [setting.label, setting.hint]);
        for key in headings.chain(rows) {
            for locale in catalogue.locales() {
                assert_ne!(locale.say(key).to_string(), key, "in {}", locale.tag());
            }
        }
        assert!(settings::all().all(|setting| name(setting.name) == Some(setting.label)));
        assert_eq!(name("is_admin"), None);
    }

    #[test]
    fn values_are_said_in_words_and_what_an_admin_typed_stays_as_it_is() {
        let catalogue = Catalogue::embedded().unwrap();
        let english = catalogue.first_of([]);
        for (setting, stored, said) in [
            ("totp_enabled", "on", "on"),
            ("join_policy", "allowed_domains", "Invited users, and anyone at the allowed domains"),
            ("second_factor_required", "nobody", "No one"),
            ("link_lifetime", "10m", "10\u{a0}minutes"),
            ("link_lifetime", "soon", "soon"),
            ("allowed_domains", "a.example\nb.example", "a.example and b.example"),
            ("limits_global", "20/1s", "20/1s"),
            ("product_name", "on", "on"),
        ] {
            assert_eq!(value(&english, setting, stored), said, "{setting}={stored}");
        }
        let german = catalogue.accepted("de").unwrap();
        assert_eq!(value(&german, "product_name", "on"), "on");
        assert_eq!(is_now(&german, "totp_enabled", "off"), "Gespeicherter Wert: aus");
        assert_eq!(is_now(&german, "allowed_domains", ""), "Gespeicherter Wert: leer");
    }
}
