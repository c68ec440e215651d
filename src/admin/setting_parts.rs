//! Values that the settings page shows as a number and a unit, or as a count, a number and a unit.
//! Storage and the name of the field stay: a form may also send the whole value under that name.

use crate::{
    domain::settings::{Kind, Setting},
    web::Fields,
};

/// Ends of the names of the further fields.
const UNIT: &str = "_unit";
const SPAN: &str = "_span";
/// The unit of a number that has none.
const USUAL: &str = "m";

/// Each unit as it is stored, and the key of its name.
pub const UNITS: [(&str, &str); 4] =
    [("s", "unit-seconds"), ("m", "unit-minutes"), ("h", "unit-hours"), ("d", "unit-days")];

/// Returns the names of a setting's further fields.
pub fn further_names(setting: &Setting) -> Vec<String> {
    let name = |end: &str| format!("{}{end}", setting.name);
    match setting.kind {
        Kind::Lifetime { .. } => vec![name(UNIT)],
        Kind::Limit(_) => vec![name(SPAN), name(UNIT)],
        _ => Vec::new(),
    }
}

/// Returns the value of a setting as a form sends it.
pub fn sent(form: &Fields, setting: &Setting) -> Option<String> {
    let typed = form.get(setting.name)?;
    let part = |end: &str| form.get(&format!("{}{end}", setting.name));
    let unit = part(UNIT).unwrap_or_default();
    Some(match (&setting.kind, part(SPAN)) {
        (Kind::Lifetime { .. }, _) => with_unit(typed, unit),
        (Kind::Limit(_), Some(span)) if is_number(typed) => format!("{}/{}", typed.trim(), with_unit(span, unit)),
        _ => typed.to_owned(),
    })
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Adds the unit to a number. A text that names a unit keeps that.
fn with_unit(typed: &str, unit: &str) -> String {
    if is_number(typed) { format!("{}{unit}", typed.trim()) } else { typed.to_owned() }
}

/// Returns the number and the unit of a span. What is neither stays whole, so that it can be corrected.
pub fn span(value: &str) -> (&str, &str) {
    let parts = value.char_indices().next_back().map(|(at, _)| value.split_at(at));
    match parts {
        Some((number, unit)) if is_number(number) && UNITS.iter().any(|(known, _)| *known == unit) => (number, unit),
        _ => (value, USUAL),
    }
}

/// Returns the count of a limit, and the number and the unit of its span.
pub fn limit(value: &str) -> (&str, &str, &str) {
    match value.split_once('/') {
        Some((count, rest)) => {
            let (number, unit) = span(rest);
            (count, number, unit)
        }
        None => (value, "", USUAL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_taken_apart_and_put_together_again() {
        for (value, parts) in [("10m", ("10", "m")), ("30d", ("30", "d")), ("soon", ("soon", "m")), ("", ("", "m"))] {
            assert_eq!(span(value), parts);
        }
        assert_eq!(limit("3/15m"), ("3", "15", "m"));
        assert_eq!(limit("three"), ("three", "", "m"));
        assert_eq!(with_unit(" 10 ", "h"), "10h");
        assert_eq!(with_unit("10m", "h"), "10m");
        assert_eq!(with_unit("soon", "h"), "soon");
        assert_eq!(with_unit("10", ""), "10", "a form without the further fields");
    }
}
