//! Factors on the page about security: one row for each that the settings allow.

use crate::{
    db::enrolled::Numbers,
    domain::{Enrolled, Factor, Settings, recovery_code::FEW},
    locale::Locale,
};
use strum::VariantArray;

/// A factor, as its owner sees it.
pub(super) struct FactorRow {
    pub name: String,
    /// How many there are.
    pub tag: String,
    pub hint: String,
    /// Whether there are enough.
    pub is_good: bool,
    /// Whether the user should do something about it.
    pub is_warning: bool,
    pub href: &'static str,
    pub link: String,
}

/// Returns a row for each factor that can be added. Recovery codes need another one, which they replace.
pub(super) fn rows(locale: &Locale, (settings, enrolled): (&Settings, Enrolled), numbers: &Numbers) -> Vec<FactorRow> {
    let is_shown = |factor: Factor| factor.is_second_factor() || enrolled.has_second_factor();
    let shown = Factor::VARIANTS.iter().copied().filter(|factor| settings.allows(*factor) && is_shown(*factor));
    shown.map(|factor| row(locale, factor, numbers)).collect()
}

/// Returns the pages on which a user can enrol a second factor. Each has the words of the button that leads there.
pub(super) fn to_enrol(locale: &Locale, settings: &Settings) -> Vec<(&'static str, String)> {
    let possible = Factor::second_factors().filter(|factor| settings.allows(*factor));
    let key = |factor| match factor {
        Factor::Passkey => "set-up-passkey",
        Factor::App => "set-up-app",
        Factor::RecoveryCodes => "create-codes",
    };
    possible.map(|factor| (factor.page(), locale.say(key(factor)).to_string())).collect()
}

fn row(locale: &Locale, factor: Factor, numbers: &Numbers) -> FactorRow {
    let count = numbers.of(factor);
    let some = |key, none| if count > 0 { key } else { none };
    let (name, tag, hint, link) = match factor {
        Factor::Passkey => {
            let hint = match count {
                0 => "passkeys-none-yet",
                1 => "passkeys-only-one",
                _ => "passkeys-several",
            };
            ("passkeys-heading", None, hint, some("manage-passkeys", "set-up-passkey"))
        }
        Factor::App => ("apps-heading", None, some("apps-some", "apps-none-yet"), some("manage-apps", "app-set-up")),
        Factor::RecoveryCodes => {
            let hint = match count {
                0 => "recovery-codes-create-some",
                few if few <= i64::from(FEW) => "recovery-codes-few",
                _ => "recovery-codes-each-once",
            };
            let link = some("manage-codes", "create-codes");
            ("recovery-codes-heading", Some("recovery-codes-count"), hint, link)
        }
    };
    let say = |key| locale.say(key).with("count", count).to_string();
    let tag = match tag {
        _ if count == 0 => say("not-set-up"),
        Some(key) => say(key),
        None => count.to_string(),
    };
    let is_warning = factor == Factor::RecoveryCodes && count <= i64::from(FEW);
    let is_good = count > 0 && !is_warning;
    FactorRow { name: say(name), tag, hint: say(hint), is_good, is_warning, href: factor.page(), link: say(link) }
}
