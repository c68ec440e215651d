//! Forms, read strictly: each field once, UTF-8 without NUL.

/// Most fields of a form: somewhat more than the settings page has. Each is compared with all
/// before it.
const MAX_FIELDS: usize = 60;

/// Returns the fields of a body. `None` if it is no form of ours.
pub fn fields(body: &[u8]) -> Option<Vec<(String, String)>> {
    repeated(body).and_then(strict)
}

/// Returns these fields if a page of ours can have sent them: each once, and few enough.
pub fn strict(fields: Vec<(String, String)>) -> Option<Vec<(String, String)>> {
    let is_double = |n: usize, name: &String| fields.iter().take(n).any(|(field, _)| field == name);
    let is_broken = fields.iter().any(|(name, value)| breaks(name) || breaks(value));
    let is_double = || fields.iter().enumerate().any(|(n, (name, _))| is_double(n, name));
    if fields.len() > MAX_FIELDS || is_broken || is_double() { None } else { Some(fields) }
}

/// Returns whether a text is no text of ours. A parser replaces bytes that are not UTF-8 by U+FFFD.
/// PostgreSQL cannot store NUL.
fn breaks(text: &str) -> bool {
    text.contains(['\0', '\u{fffd}'])
}

/// The same for a form of another program, which is passed on: a field may be there twice.
pub fn repeated(body: &[u8]) -> Option<Vec<(String, String)>> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        if fields.len() == MAX_FIELDS || breaks(&name) || breaks(&value) {
            return None;
        }
        fields.push((name.into_owned(), value.into_owned()));
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_each_field_once_and_no_odd_octet() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(fields(b"a=1&b=%C3%A9+x"), Some(vec![pair("a", "1"), pair("b", "é x")]));
        for odd in ["a=1&a=2", "a=%00", "a=%ff", "%00=1", "%ff=1"] {
            assert_eq!(fields(odd.as_bytes()), None, "{odd}");
        }
        for odd in [pair("\0", "1"), pair("a", "\0"), pair("\u{fffd}", "1"), pair("a", "\u{fffd}")] {
            assert_eq!(strict(vec![odd.clone()]), None, "{odd:?}");
        }
        assert_eq!(repeated(b"a=1&a=2"), Some(vec![pair("a", "1"), pair("a", "2")]));
    }

    #[test]
    fn a_form_has_at_most_sixty_fields() {
        let body = |count: usize| (0..count).map(|n| format!("f{n}=1")).collect::<Vec<_>>().join("&").into_bytes();
        assert!(fields(&body(60)).is_some_and(|fields| fields.len() == 60));
        assert!(fields(&body(61)).is_none() && repeated(&body(61)).is_none());
        let pairs = |count: usize| (0..count).map(|n| (format!("f{n}"), String::new())).collect::<Vec<_>>();
        assert!(strict(pairs(60)).is_some() && strict(pairs(61)).is_none());
    }
}
