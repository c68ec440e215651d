//! Scripts of languages, so that a page shows a domain in the reader's own letters and no
//! look-alike.
//!
//! A domain such as `xn--exmple-4nf.com` imitates `example.com` by one Cyrillic letter. Its A-label
//! stays. A domain is decoded only if every letter of it, the top level included, is of the
//! reader's script. Then no letter imitates one of another script.

/// The letters of one script, as ranges. No letter in them looks like another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Script(&'static [(char, char)]);

/// Latin without letters that imitate plain ones. Those are the dotless i, the kra, and letters
/// with a dot or an apostrophe beside them.
const LATIN: Script = Script(&[
    ('a', 'z'),
    ('\u{df}', '\u{f6}'),
    ('\u{f8}', '\u{130}'),
    ('\u{132}', '\u{137}'),
    ('\u{139}', '\u{13e}'),
    ('\u{141}', '\u{148}'),
    ('\u{14a}', '\u{17e}'),
]);

const OTHERS: &[Script] = &[
    Script(&[('\u{370}', '\u{3ff}')]),                             // Greek
    Script(&[('\u{400}', '\u{52f}')]),                             // Cyrillic
    Script(&[('\u{531}', '\u{587}')]),                             // Armenian
    Script(&[('\u{5d0}', '\u{5ea}')]),                             // Hebrew
    Script(&[('\u{620}', '\u{6d3}')]),                             // Arabic
    Script(&[('\u{900}', '\u{97f}')]),                             // Devanagari
    Script(&[('\u{980}', '\u{9ff}')]),                             // Bengali
    Script(&[('\u{b80}', '\u{bff}')]),                             // Tamil
    Script(&[('\u{e01}', '\u{e4e}')]),                             // Thai
    Script(&[('\u{10d0}', '\u{10fa}')]),                           // Georgian
    Script(&[('\u{3041}', '\u{30fc}'), ('\u{4e00}', '\u{9fff}')]), // Japanese and Chinese
    Script(&[('\u{ac00}', '\u{d7a3}')]),                           // Korean
];

impl Script {
    /// Returns the script of a language, by the language's name in itself. Latin if no script here
    /// has the name.
    pub fn of_name(name: &str) -> Self {
        let first = name.chars().find(|c| c.is_alphabetic());
        first.and_then(|first| OTHERS.iter().find(|script| script.has(first))).copied().unwrap_or(LATIN)
    }

    fn has(self, letter: char) -> bool {
        self.0.iter().any(|(first, last)| (*first..=*last).contains(&letter))
    }

    /// Returns the domain in this script. `None` if it is ASCII, invalid, or has a letter of
    /// another script.
    pub fn domain(self, ascii: &str) -> Option<String> {
        let (domain, valid) = idna::domain_to_unicode(ascii);
        let is_own = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-') || self.has(c);
        (valid.is_ok() && domain != ascii && domain.chars().all(is_own)).then_some(domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(language: &str, domain: &str) -> Option<String> {
        Script::of_name(language).domain(&idna::domain_to_ascii(domain).unwrap())
    }

    #[test]
    fn a_domain_in_the_reader_s_script_is_decoded() {
        for (language, domain) in [
            ("English", "münchen.de"),
            ("Deutsch", "bücher.straße-9.example"),
            ("Deutsch", "łódź.pl"),
            ("Русский", "пример.рф"),
            ("العربية", "مثال.السعودية"),
            ("עברית", "דוגמה.ישראל"),
            ("日本語", "お名前.日本"),
        ] {
            assert_eq!(shown(language, domain).as_deref(), Some(domain), "{language}");
        }
    }

    #[test]
    fn a_domain_that_could_imitate_another_keeps_its_a_labels() {
        for (language, domain) in [
            ("English", "example.com"),
            ("English", "ex\u{430}mple.com"), // a Cyrillic a among Latin letters
            ("English", "аррӏе.com"),         // Cyrillic letters only
            ("English", "пример.рф"),         // honest, but the reader cannot tell
            ("Русский", "аррӏе.com"),         // a Latin top level beside Cyrillic letters
            ("Русский", "münchen.de"),
            ("Deutsch", "p\u{131}zza.example"), // a dotless i
            ("Deutsch", "ta\u{138}e.example"),  // the kra
            ("Deutsch", "ex\u{251}mple.com"),   // the Latin alpha
            ("Deutsch", "exa\u{323}mple.com"),  // a dot below
            ("Ελληνικά", "ex\u{3b1}mple.com"),
        ] {
            assert_eq!(shown(language, domain), None, "{language}: {domain}");
        }
        assert_eq!(Script::of_name("Deutsch").domain("xn--zzzzzzzzzzzz-9.example"), None);
    }

    #[test]
    fn no_letter_that_imitates_another_one_is_latin_for_a_domain() {
        for odd in ['\u{f7}', '\u{131}', '\u{138}', '\u{13f}', '\u{140}', '\u{149}', '\u{17f}', '\u{180}', '\u{251}'] {
            assert!(!LATIN.has(odd), "{odd}");
        }
        for letter in "azßöøİĲķĹľŁňŊž".chars() {
            assert!(LATIN.has(letter), "{letter}");
        }
    }
}
