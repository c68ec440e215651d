//! Reads the parts of an entry. An error says what is wrong, as the end of a sentence.

use crate::domain::Lifetime;

/// Problem with an entry.
pub(super) type Problem = String;

/// Reads every text. The error says which is wrong and what it should be.
pub(super) fn each<T>(texts: &[String], what: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Problem> {
    texts.iter().map(|text| read(text).ok_or_else(|| format!("{text:?} is not {what}"))).collect()
}

/// Reads a span of time, of at least `least`.
pub(super) fn span(name: &str, text: &str, least: Lifetime) -> Result<Lifetime, Problem> {
    let span: Lifetime = text.parse().map_err(|_| format!("{name} takes a time such as 10m, not {text:?}"))?;
    if span < least { Err(format!("{name} takes at least {least}, not {text:?}")) } else { Ok(span) }
}
