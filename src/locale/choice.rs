//! The choice of a language by what the browser asks for.

use super::{Catalogue, Locale};
use crate::domain::LanguageTag;
use fluent_langneg::{NegotiationStrategy, negotiate_languages};
use std::sync::Arc;
use unic_langid::LanguageIdentifier;

/// Languages of a header that are read. A browser names three, an attacker thousands.
const MAX: usize = 20;

impl Catalogue {
    /// Returns the language that suits an `Accept-Language` header best (RFC 9110, section 12.5.4),
    /// if any.
    pub fn accepted(&self, header: &str) -> Option<Arc<Locale>> {
        let wanted = by_weight(header);
        let here: Vec<LanguageIdentifier> =
            self.locales().iter().filter_map(|locale| locale.tag().as_str().parse().ok()).collect();
        let found = *negotiate_languages(&wanted, &here, None, NegotiationStrategy::Lookup).first()?;
        self.find(&LanguageTag::parse(&found.to_string())?).map(Arc::clone)
    }
}

/// Returns the languages of the header, the most wanted first, without those that are refused.
fn by_weight(header: &str) -> Vec<LanguageIdentifier> {
    let mut wanted: Vec<(f32, LanguageIdentifier)> = header
        .split(',')
        .take(MAX)
        .filter_map(|part| {
            let (tag, parameters) = part.split_once(';').unwrap_or((part, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.trim().parse().ok())?;
            let weight = Some(weight).filter(|weight| *weight > 0.0 && *weight <= 1.0)?;
            Some((weight, tag.trim().parse().ok()?))
        })
        .collect();
    // A stable sort, so that the first of equals stays first.
    wanted.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    wanted.into_iter().map(|(_, tag)| tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(header: &str) -> Option<String> {
        let files = [("en", "a.ftl", "a = a"), ("de", "a.ftl", "a = a"), ("pt-BR", "a.ftl", "a = a")];
        let catalogue = Catalogue::of(&files).unwrap();
        catalogue.accepted(header).map(|locale| locale.tag().to_string())
    }

    #[test]
    fn the_most_wanted_language_that_there_is_is_chosen() {
        for (header, expected) in [
            ("de", "de"),
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "en"),
            ("en;q=0.5, de;q=0.9", "de"),
            ("de;q=0, en", "en"),
            ("pt-BR", "pt-BR"),
        ] {
            assert_eq!(chosen(header).as_deref(), Some(expected), "{header}");
        }
    }

    #[test]
    fn a_header_that_names_nothing_we_have_chooses_nothing() {
        for header in ["", "*", "fr", "de;q=0", "de;q=2", "de;q=NaN", ";;;,,,", "\u{fffd}", &"x,".repeat(10_000)] {
            assert_eq!(chosen(header), None, "{header}");
        }
    }

    #[test]
    fn only_the_first_twenty_languages_are_read() {
        let after = |others: usize| chosen(&format!("{}de", "x,".repeat(others)));
        assert_eq!((after(19).as_deref(), after(20)), (Some("de"), None));
    }
}
