//! Tag of a language, such as `de`, as settings and rows store it (RFC 5646).

use std::fmt;

/// Characters of the longest stored tag.
const LONGEST: usize = 35;

/// A well-formed tag. The catalogue may lack the language.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LanguageTag(String);

impl LanguageTag {
    /// Reads a tag. `None` for a text that cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let subtags = || text.split('-');
        let is_whole = subtags()
            .all(|subtag| (1..=8).contains(&subtag.len()) && subtag.chars().all(|c| c.is_ascii_alphanumeric()));
        let language = subtags().next().unwrap_or_default();
        let is_language = (2..=3).contains(&language.len()) && language.chars().all(|c| c.is_ascii_alphabetic());
        (text.len() <= LONGEST && is_whole && is_language).then(|| Self(text.to_owned()))
    }

    /// Returns English, which every catalogue has.
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_language_and_what_narrows_it() {
        for tag in ["en", "de", "pt-BR", "zh-Hant-TW", "ast", "sl-rozaj-biske"] {
            assert_eq!(LanguageTag::parse(tag).map(|tag| tag.to_string()).as_deref(), Some(tag));
        }
        for text in ["", "d", "*", "1e", "de_DE", "de--DE", "-de", "abcd", "en-abcdefghi", "de\n-x", "<b>"] {
            assert_eq!(LanguageTag::parse(text), None, "{text}");
        }
        assert_eq!(LanguageTag::parse(&"en-aaaaaaaa".repeat(9)), None);
    }
}
