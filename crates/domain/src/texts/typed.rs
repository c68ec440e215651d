//! Text that users type, paste and carry over, cleaned before it is judged. A user cannot see an
//! invisible character, and so cannot correct it.

use icu_normalizer::ComposingNormalizerBorrowed;
use std::borrow::Cow;

/// The zero of each script's decimal digits. Nine more follow each (Unicode 14, general category
/// Nd, without those that NFKC folds).
const ZEROS: [char; 58] = [
    '\u{660}',
    '\u{6f0}',
    '\u{7c0}',
    '\u{966}',
    '\u{9e6}',
    '\u{a66}',
    '\u{ae6}',
    '\u{b66}',
    '\u{be6}',
    '\u{c66}',
    '\u{ce6}',
    '\u{d66}',
    '\u{de6}',
    '\u{e50}',
    '\u{ed0}',
    '\u{f20}',
    '\u{1040}',
    '\u{1090}',
    '\u{17e0}',
    '\u{1810}',
    '\u{1946}',
    '\u{19d0}',
    '\u{1a80}',
    '\u{1a90}',
    '\u{1b50}',
    '\u{1bb0}',
    '\u{1c40}',
    '\u{1c50}',
    '\u{a620}',
    '\u{a8d0}',
    '\u{a900}',
    '\u{a9d0}',
    '\u{a9f0}',
    '\u{aa50}',
    '\u{abf0}',
    '\u{104a0}',
    '\u{10d30}',
    '\u{11066}',
    '\u{110f0}',
    '\u{11136}',
    '\u{111d0}',
    '\u{112f0}',
    '\u{11450}',
    '\u{114d0}',
    '\u{11650}',
    '\u{116c0}',
    '\u{11730}',
    '\u{118e0}',
    '\u{11950}',
    '\u{11c50}',
    '\u{11d50}',
    '\u{11da0}',
    '\u{16a60}',
    '\u{16ac0}',
    '\u{16b50}',
    '\u{1e140}',
    '\u{1e2f0}',
    '\u{1e950}',
];

/// Returns `text` without white space and invisible characters around it. Chat programs,
/// spreadsheets and right-to-left pages add them to a copied address. Inside the text they stay,
/// and are refused.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

/// Returns a code as an ASCII keyboard types it. Full-width forms are folded (NFKC), and digits of
/// any script become 0 to 9. Dashes, dots, white space and invisible characters are left out.
pub fn plain_code(text: &str) -> String {
    let folded: Cow<'_, str> = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
    folded.chars().filter(|c| !is_separator(*c)).map(ascii_digit).collect()
}

/// Returns whether a character shows nothing and changes at most the direction of its neighbours.
/// These are of the general category Cf, as found around pasted text.
pub const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Returns whether a character separates the groups of a code. Phones turn a hyphen into a dash.
/// Japanese keyboards type U+30FC.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || is_invisible(c)
        || matches!(c, '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{30fb}' | '\u{30fc}')
}

fn ascii_digit(c: char) -> char {
    let code = u32::from(c);
    let value = ZEROS.iter().map(|zero| code.wrapping_sub(u32::from(*zero))).find(|value| *value < 10);
    value.and_then(|value| char::from_digit(value, 10)).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_pasting_brings_along_is_taken_off_at_the_edges_only() {
        for around in [
            " ", "\t\r\n", "\u{a0}", "\u{200b}", "\u{200e}", "\u{feff}", "\u{202a}", "\u{202c}", "\u{2066}",
            "\u{2069}", "\u{202f}", "\u{3000}",
        ] {
            assert_eq!(trimmed(&format!("{around}ana@example.com{around}{around}")), "ana@example.com", "{around:?}");
        }
        assert_eq!(trimmed("a\u{200b}b"), "a\u{200b}b");
        assert_eq!(trimmed("\0ana"), "\0ana", "a control character is no accident of pasting");
    }

    #[test]
    fn a_code_reads_the_same_in_every_script_and_with_every_dash() {
        for typed in [
            "158898",
            "158-898",
            "158\u{2013}898",
            "158\u{2011}898",
            "\u{200e}158 898\u{200f}",
            "１５８８９８",
            "１５８－８９８",
            "١٥٨٨٩٨",
            "۱۵۸ ۸۹۸",
            "१५८८९८",
            "๑๕๘๘๙๘",
        ] {
            assert_eq!(plain_code(typed), "158898", "{typed:?}");
        }
        assert_eq!(plain_code("Ｋ７Ｍ－２ＱＸ"), "K7M2QX");
    }

    #[test]
    fn the_zeros_are_in_order_and_ten_apart_at_least() {
        assert!(ZEROS.windows(2).all(|pair| u32::from(pair[0]) + 10 <= u32::from(pair[1])));
    }

    proptest! {
        #[test]
        fn plain_text_stays_as_it_is(typed in "[A-Za-z0-9]{0,30}") {
            prop_assert_eq!(plain_code(&typed), typed.clone());
            prop_assert_eq!(trimmed(&typed), typed.as_str());
        }

        #[test]
        fn reading_anything_at_all_never_panics(typed in "\\PC{0,60}") {
            let _ = plain_code(&typed);
            prop_assert_eq!(trimmed(trimmed(&typed)), trimmed(&typed));
        }
    }
}
