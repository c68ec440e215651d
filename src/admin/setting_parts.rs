//! Values that the settings page shows in parts. They are a number and a unit, a count with both, a
//! colour and a picker. Storage and the name of the field stay: a form may also send the whole
//! value under that name.

use crate::{
    domain::{
        colour::Colour,
        settings::{Kind, Setting},
    },
    web::Fields,
};

/// Ends of the names of the further fields.
const UNIT: &str = "_unit";
const SPAN: &str = "_span";
/// The picker of a colour, and what it showed when the page was made.
const PICKED: &str = "_pick";
const WAS: &str = "_was";
/// The unit of a number that has none.
const USUAL: &str = "m";

/// Each unit as it is stored, and the key of its name.
const UNITS: [(&str, &str); 4] =
    [("s", "unit-seconds"), ("m", "unit-minutes"), ("h", "unit-hours"), ("d", "unit-days")];

/// Returns the units to choose from: the stored form and the key of the name.
pub(super) const fn units() -> [(&'static str, &'static str); 4] {
    UNITS
}

/// Returns a span as a form sends it: a number, and its unit in a field beside it. A form may also
/// send both in one.
pub(super) fn sent_span<'a>(typed: &str, name: &str, get: impl Fn(&str) -> Option<&'a str>) -> String {
    with_unit(typed, get(&format!("{name}{UNIT}")).unwrap_or_default())
}

/// Returns the names of a setting's further fields.
pub(super) fn further_names(setting: &Setting) -> Vec<String> {
    let name = |end: &str| format!("{}{end}", setting.name);
    match setting.kind {
        Kind::Lifetime { .. } => vec![name(UNIT)],
        Kind::Limit(_) => vec![name(SPAN), name(UNIT)],
        Kind::Colour(_) => vec![name(PICKED), name(WAS)],
        _ => Vec::new(),
    }
}

/// Returns the value of a setting as a form sends it.
pub(super) fn sent(form: &Fields, setting: &Setting) -> Option<String> {
    let typed = form.get(setting.name)?;
    let part = |end: &str| form.get(&format!("{}{end}", setting.name));
    let unit = part(UNIT).unwrap_or_default();
    Some(match (&setting.kind, part(SPAN)) {
        (Kind::Lifetime { .. }, _) => with_unit(typed, unit),
        (Kind::Colour(_), _) => picked(typed, part(PICKED), part(WAS)).to_owned(),
        (Kind::Limit(_), Some(span)) if is_number(typed) => format!("{}/{}", typed.trim(), with_unit(span, unit)),
        _ => typed.to_owned(),
    })
}

/// Returns the colour that the user changed. A code that was typed counts before the picker.
fn picked<'a>(typed: &'a str, picked: Option<&'a str>, was: Option<&str>) -> &'a str {
    match (picked, was) {
        (Some(picked), Some(was)) if picked != was && colour(typed) == was => picked,
        _ => typed,
    }
}

/// Returns a colour as a picker takes it. Anything else becomes black.
pub(super) fn colour(value: &str) -> String {
    Colour::parse(value).map_or_else(|| "#000000".to_owned(), |colour| colour.to_string())
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Adds the unit to a number. A text that names a unit keeps that.
fn with_unit(typed: &str, unit: &str) -> String {
    if is_number(typed) { format!("{}{unit}", typed.trim()) } else { typed.to_owned() }
}

/// Returns the number and the unit of a span. What is neither stays whole, so that it can be
/// corrected.
pub(super) fn span(value: &str) -> (&str, &str) {
    let parts = value.char_indices().next_back().map(|(at, _)| value.split_at(at));
    match parts {
        Some((number, unit)) if is_number(number) && UNITS.iter().any(|(known, _)| *known == unit) => (number, unit),
        _ => (value, USUAL),
    }
}

/// Returns the count of a limit, and the number and the unit of its span.
pub(super) fn limit(value: &str) -> (&str, &str, &str) {
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

    #[test]
    fn of_a_colour_and_its_picker_the_one_that_was_changed_counts() {
        let (green, red, blue) = ("#1f5f4f", "#aa0000", "#0000aa");
        for (typed, pick, was, taken) in [
            (green, Some(green), Some(green), green),
            (red, Some(green), Some(green), red),
            (green, Some(blue), Some(green), blue),
            (red, Some(blue), Some(green), red),
            ("red", Some("#000000"), Some("#000000"), "red"),
            (red, None, None, red),
        ] {
            assert_eq!(picked(typed, pick, was), taken, "{typed} {pick:?} {was:?}");
        }
    }
}
