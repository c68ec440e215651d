//! Numbers as a language writes them: 12,500 in English, 12.500 in German.

use super::Locale;
use fluent_bundle::{FluentValue, types::FluentNumber};

/// The smallest number whose digits are grouped. Shorter ones are ports and years, too.
const GROUPED: u64 = 10_000;

/// Returns a number that knows how its language groups digits. It stays a number, so that a
/// sentence can choose its plural.
pub(super) fn number(locale: &Locale, number: i64) -> FluentValue<'static> {
    let mut value = FluentNumber::from(number);
    if number.unsigned_abs() >= GROUPED {
        // Fluent's formatter knows no language, so the number brings its mark along.
        value.options.currency = Some(locale.say("number-group").to_string());
    }
    FluentValue::Number(value)
}

/// Writes a number with its groups. Fluent itself writes bare digits.
pub(super) fn grouped<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let mark = number.options.currency.as_deref()?;
    let digits = number.as_string();
    let (sign, digits) = digits.strip_prefix('-').map_or(("", &*digits), |digits| ("-", digits));
    let mut text = sign.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push_str(mark);
        }
        text.push(digit);
    }
    Some(text)
}
