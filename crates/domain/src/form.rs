//! Forms, read strictly: each field once, UTF-8 without NUL.

/// Most fields of a form: somewhat more than the settings page has. Each is compared with all before
/// it.
const MOST_FIELDS: usize = 60;

/// Returns the fields of a body. `None` if it is no form of ours.
pub fn fields(body: &[u8]) -> Option<Vec<(String, String)>> {
    let fields = repeated(body)?;
    let is_double = |n: usize, name: &String| fields.iter().take(n).any(|(field, _)| field == name);
    if fields.iter().enumerate().any(|(n, (name, _))| is_double(n, name)) { None } else { Some(fields) }
}

/// The same for a form of another program, which is passed on: a field may be there twice.
pub fn repeated(body: &[u8]) -> Option<Vec<(String, String)>> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        // The parser replaces bytes that are not UTF-8 by U+FFFD. PostgreSQL cannot store NUL.
        let broken = |text: &str| text.contains(['\0', '\u{fffd}']);
        if fields.len() == MOST_FIELDS || broken(&name) || broken(&value) {
            return None;
        }
        fields.push((name.into_owned(), value.into_owned()));
    }
    Some(fields)
}
