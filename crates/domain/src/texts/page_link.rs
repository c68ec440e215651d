//! Links to pages that an admin names, such as the terms of use. Every page and every email shows
//! them.

use crate::typed;
use url::Url;

/// The longest address, in bytes.
pub const MAX_LENGTH: usize = 300;

/// An address of a page on the web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageLink(String);

impl PageLink {
    /// Parses an address of a page. Only the web, because any other scheme may do something in a
    /// browser. No user or password, because these make one host look like another.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(typed::trimmed(text)).ok()?;
        let is_web = matches!(url.scheme(), "https" | "http") && url.has_host();
        let is_plain = url.username().is_empty() && url.password().is_none();
        (is_web && is_plain && url.as_str().len() <= MAX_LENGTH).then(|| Self(url.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_the_web_is_taken_and_nothing_else() {
        for (text, kept) in [
            ("https://example.com/terms", "https://example.com/terms"),
            (" http://intranet ", "http://intranet/"),
            ("HTTPS://Example.com/a b?c#d", "https://example.com/a%20b?c#d"),
        ] {
            let link = PageLink::parse(text);
            assert_eq!(link.as_ref().map(PageLink::as_str), Some(kept), "{text}");
            assert_eq!(PageLink::parse(kept), link, "its stored form reads the same");
        }
        let of = |length: usize| format!("https://example.com/{}", "a".repeat(length - 20));
        assert!(PageLink::parse(&of(300)).is_some() && PageLink::parse(&of(301)).is_none());
        for text in [
            "",
            "example.com/terms",
            "/terms",
            "javascript:alert(1)",
            "mailto:help@example.com",
            "data:text/html,x",
            "https://bank.example@evil.example/",
            "https://user:secret@example.com/",
            "https://",
            &format!("https://example.com/{}", "a".repeat(MAX_LENGTH)),
        ] {
            assert_eq!(PageLink::parse(text), None, "{text}");
        }
    }
}
