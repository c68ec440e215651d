//! Secrets of clients: those that Gatepost makes, and those that apps bring along.
//!
//! Both are stored as a fast hash, so that a request for tokens costs little. A fast hash hides
//! only what cannot be guessed. So a secret from elsewhere has to look random.

use crate::{Token, TokenHash};
use sha2::{Digest, Sha256};
use std::{
    collections::{HashMap, HashSet},
    ops::RangeInclusive,
};

/// Lengths that a secret from elsewhere may have. Random hexadecimal digits of the least length
/// have 128 bits.
pub const LENGTHS: RangeInclusive<usize> = 32..=256;
/// The fewest bits that its characters would have if each were drawn by itself.
const LEAST_BITS: f64 = 80.0;
/// The fewest different steps from one character to the next. `abcdef…` has one.
const LEAST_STEPS: usize = 8;

/// Why a secret from elsewhere is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotASecret {
    Length,
    /// A space, a control character, or one outside of ASCII. Clients would encode it in several
    /// ways.
    Character,
    /// It repeats itself, or follows a row.
    Guessable,
}

/// Returns what is stored of a secret that an app brings along.
///
/// # Errors
///
/// Why it cannot be a secret.
pub fn judge(text: &str) -> Result<TokenHash, NotASecret> {
    if !LENGTHS.contains(&text.len()) {
        return Err(NotASecret::Length);
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(NotASecret::Character);
    }
    if is_guessable(text.as_bytes()) {
        return Err(NotASecret::Guessable);
    }
    Ok(hash_of(text))
}

/// Returns the stored form of a secret that a client shows. `None` for what can be no secret.
pub fn hash(shown: &str) -> Option<TokenHash> {
    own(shown).or_else(|| LENGTHS.contains(&shown.len()).then(|| foreign(shown)))
}

/// A secret of Gatepost's form has one hash, also where an admin types it.
fn hash_of(text: &str) -> TokenHash {
    own(text).unwrap_or_else(|| foreign(text))
}

/// Reads a secret that Gatepost may have made, in its one spelling.
fn own(text: &str) -> Option<TokenHash> {
    Token::present(text).filter(|token| token.reveal() == text).map(|token| token.hash())
}

fn foreign(text: &str) -> TokenHash {
    // The name in front keeps these hashes apart from those of tokens.
    TokenHash::from_digest(Sha256::new().chain_update("built-in client secret\0").chain_update(text).finalize().into())
}

fn is_guessable(text: &[u8]) -> bool {
    let repeats = (1..=text.len() / 2).any(|step| text.iter().zip(text.iter().skip(step)).all(|(a, b)| a == b));
    let steps: HashSet<u8> = text.iter().zip(text.iter().skip(1)).map(|(a, b)| b.wrapping_sub(*a)).collect();
    repeats || steps.len() < LEAST_STEPS || bits(text) < LEAST_BITS
}

/// Returns how many bits the characters have, by how often each is there.
fn bits(text: &[u8]) -> f64 {
    let mut counts: HashMap<u8, f64> = HashMap::new();
    for byte in text {
        *counts.entry(*byte).or_default() += 1.0;
    }
    let all: f64 = counts.values().sum();
    counts.values().map(|count| count * (all / count).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_short_repeats_itself_or_follows_a_row_is_no_secret() {
        let rows = [
            ("", NotASecret::Length),
            ("UBntmLjC2yYCeHwsyj73Uwo9TAaecAe", NotASecret::Length),
            (&*"x1".repeat(129), NotASecret::Length),
            ("UBntmLjC2yYCeHwsyj73Uwo9TAae cAetRwMw0xYcvNL9", NotASecret::Character),
            ("UBntmLjC2yYCeHwsyj73Uwo9TAaeäcAetRwMw0xYcvNL9", NotASecret::Character),
            ("UBntmLjC2yYCeHwsyj73Uwo9TAae\ncAetRwMw0xYcvNL9", NotASecret::Character),
            (&*"a".repeat(64), NotASecret::Guessable),
            (&*"UBntmLjC2yYCeHws".repeat(2), NotASecret::Guessable),
            (&*format!("{}UB", "UBntmLjC2yYCeHws".repeat(2)), NotASecret::Guessable),
            ("abcdefghijklmnopqrstuvwxyz0123456789", NotASecret::Guessable),
            ("00000000000000000000000000000000000000000000000000001", NotASecret::Guessable),
            ("passssssssssssssssssssssssssssword", NotASecret::Guessable),
        ];
        for (text, why) in rows {
            assert_eq!(judge(text).err(), Some(why), "{text}");
        }
    }

    #[test]
    fn random_text_of_each_usual_alphabet_is_a_secret() {
        for text in [
            "UBntmLjC2yYCeHwsyj73Uwo9TAaecAetRwMw0xYcvNL9yRdLSUi0hUAHfvCHFeFh",
            "9f86d081884c7d659a2feaa0c55ad015",
            "0b8e5f8c-6f0a-4b1e-9f53-2d7c61a9e1d4",
            "insecure_secret~but!long&odd%41+/=",
        ] {
            assert_eq!(judge(text).ok(), hash(text), "{text}");
            assert!(judge(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_secret_of_gateposts_form_has_the_hash_of_its_token() {
        let token = Token::present("UBntmLjC2yYCeHwsyj73Uwo9TAaecAetRwMw0xYcvNI").unwrap();
        assert_eq!(judge(&token.reveal()), Ok(token.hash()));
        assert_eq!(hash(&token.reveal()), Some(token.hash()));
        // No second spelling of the same bits counts.
        assert_ne!(hash("UBntmLjC2yYCeHwsyj73Uwo9TAaecAetRwMw0xYcvNJ"), Some(token.hash()));
        assert_ne!(hash(&format!("{}.", token.reveal())), Some(token.hash()));
    }

    #[test]
    fn a_long_run_and_a_row_of_pairs_are_no_secret() {
        for (text, why) in [
            (&*format!("{}bdgkpv}}", "a".repeat(25)), "8 steps, 44 bits"),
            (&*format!("{}bdgkpvzsmhyqr", "a".repeat(19)), "12 steps, 79 bits"),
            ("a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6", "4 steps, 148 bits"),
            ("afoxvrkgjstmnqmrkigjforkgcafigpl", "7 steps, 128 bits"),
        ] {
            assert_eq!(judge(text).err(), Some(NotASecret::Guessable), "{why}");
        }
        for (text, why) in [
            (&*format!("{}bdgkpvzsmhyqrc", "a".repeat(18)), "13 steps, 85 bits"),
            ("abcabkluqtwpsvyrpijkpgejmvorkdgp", "8 steps, 135 bits"),
        ] {
            assert!(judge(text).is_ok(), "{why}");
        }
    }

    #[test]
    fn a_secret_has_32_to_256_characters() {
        let digits: String = (0..5u8).flat_map(|n| Sha256::digest([n])).map(|octet| format!("{octet:02x}")).collect();
        for (length, is_secret) in [(31, false), (32, true), (256, true), (257, false)] {
            let expected = if is_secret { None } else { Some(NotASecret::Length) };
            assert_eq!(judge(&digits[..length]).err(), expected, "{length}");
            assert_eq!(hash(&digits[..length]).is_some(), is_secret, "{length}");
        }
    }

    #[test]
    fn the_stored_form_of_a_secret_from_elsewhere_stays() {
        let text = "9f86d081884c7d659a2feaa0c55ad015";
        let digest = Sha256::digest(format!("built-in client secret\0{text}")).into();
        assert_eq!(hash(text), Some(TokenHash::from_digest(digest)));
    }

    proptest! {
        #[test]
        fn random_secrets_are_taken(hex in "[0-9a-f]{32}", more in "[!-~]{32,256}") {
            prop_assert!(judge(&hex).is_ok(), "{hex}");
            prop_assert!(judge(&more).is_ok(), "{more}");
        }

        #[test]
        fn no_other_text_has_the_hash_of_a_secret(one in "[!-~]{32,64}", other in "[!-~]{0,70}") {
            prop_assert!(one == other || hash(&other) != judge(&one).ok());
        }
    }
}
