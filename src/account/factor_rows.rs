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
    /// Number of them, in words.
    pub tag: String,
    pub hint: String,
    /// True if there are enough.
    pub is_good: bool,
    /// True if the user should do something about it.
    pub is_warning: bool,
    pub way: Way,
}

/// A way from this page to a factor.
pub(super) struct Way {
    pub href: &'static str,
    pub words: String,
    /// True if it is a button that begins to set up the factor: its page has nothing to choose.
    pub begins: bool,
}

impl Way {
    /// An unverified account begins nothing, and the factor's page says why.
    fn to(factor: Factor, words: String, (is_first, is_proven): (bool, bool)) -> Self {
        Self { href: factor.page(), words, begins: factor == Factor::App && is_first && is_proven }
    }
}

/// Returns a row for each factor that can be added. Recovery codes need another one, which they
/// replace.
pub(super) fn rows(
    locale: &Locale,
    (settings, enrolled): (&Settings, Enrolled),
    numbers: &Numbers,
    is_proven: bool,
) -> Vec<FactorRow> {
    let is_shown = |factor: Factor| factor.is_second_factor() || enrolled.has_second_factor();
    let shown = Factor::VARIANTS.iter().copied().filter(|factor| settings.allows(*factor) && is_shown(*factor));
    shown.map(|factor| row(locale, factor, numbers, is_proven)).collect()
}

/// Returns the ways to a first second factor.
pub(super) fn to_enrol(locale: &Locale, settings: &Settings, is_proven: bool) -> Vec<Way> {
    let possible = Factor::second_factors().filter(|factor| settings.allows(*factor));
    let key = |factor| match factor {
        Factor::Passkey => "set-up-passkey",
        Factor::App => "set-up-app",
        Factor::RecoveryCodes => "create-codes",
    };
    possible.map(|factor| Way::to(factor, locale.say(key(factor)).to_string(), (true, is_proven))).collect()
}

fn row(locale: &Locale, factor: Factor, numbers: &Numbers, is_proven: bool) -> FactorRow {
    let count = numbers.of(factor);
    let some = |key, none| if count > 0 { key } else { none };
    let (name, tag, hint, link) = match factor {
        Factor::Passkey => {
            let hint = match count {
                0 => "passkeys-none-yet",
                1 => "passkeys-only-one",
                _ => "passkeys-several",
            };
            ("passkeys", None, hint, some("manage-passkeys", "set-up-passkey"))
        }
        Factor::App => {
            ("authenticator-apps", None, some("apps-some", "apps-none-yet"), some("manage-apps", "app-set-up"))
        }
        Factor::RecoveryCodes => {
            let hint = match count {
                0 => "recovery-codes-create-some",
                few if few <= i64::from(FEW) => "recovery-codes-few",
                _ => "recovery-codes-each-once",
            };
            let link = some("manage-codes", "create-codes");
            ("recovery-codes", Some("recovery-codes-count"), hint, link)
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
    let way = Way::to(factor, say(link), (count == 0, is_proven));
    FactorRow { name: say(name), tag, hint: say(hint), is_good, is_warning, way }
}
