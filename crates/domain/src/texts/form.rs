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
