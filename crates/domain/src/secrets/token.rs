//! Secrets that identify something: link tokens, verifiers, session ids.
//!
//! A [`Token`] exists in plain form only where it is made and where a browser presents it. Gatepost
//! stores its [`TokenHash`]. They are two types: the plain one cannot be printed by accident, and
//! the database knows only the hash.

use crate::entropy::{self, Entropy};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::fmt;

/// 256 random bits in plain form. Links and cookies have them as 43 characters of base64url.
#[derive(Clone)]
pub struct Token([u8; 32]);

/// SHA-256 of a [`Token`]'s bytes, for the database. No salt is needed, because 256 bits cannot be
/// searched.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl Token {
    pub fn issue(entropy: &dyn Entropy) -> Self {
        Self(entropy::bytes(entropy))
    }

    /// Reads a token from a request.
    ///
    /// Email programs and users add punctuation to the end of links (`.`, `)`, `>`). So characters
    /// at the end that no token has are dropped. Only the spelling that [`Token::reveal`] gives is
    /// accepted.
    pub fn present(text: &str) -> Option<Self> {
        let token = text.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        bytes.try_into().ok().map(Self)
    }

    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0).into())
    }

    /// Returns the plain form, for the one cookie or email that carries it.
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl TokenHash {
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Takes a SHA-256 that was made elsewhere, of something that cannot be searched either.
    pub(crate) const fn from_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// Reads the stored form. `None` if it has the wrong length.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_token_reads_back_as_it_was_revealed(bytes: [u8; 32]) {
            let token = Token(bytes);
            let text = token.reveal();
            prop_assert_eq!(text.len(), 43);
            prop_assert!(text.ends_with(|c: char| c.is_ascii_alphanumeric()), "a mail program may cut off a last dash");
            prop_assert_eq!(Token::present(&text).map(|t| t.hash()), Some(token.hash()));
        }

        #[test]
        fn punctuation_glued_to_a_link_does_no_harm(bytes: [u8; 32], glue in "[.,;:!?)>\\]}'\"”»=*\r\n ]{0,4}") {
            let token = Token(bytes);
            let text = format!("{}{glue}", token.reveal());
            prop_assert_eq!(Token::present(&text).map(|t| t.hash()), Some(token.hash()));
        }

        #[test]
        fn a_changed_token_is_another_token(bytes: [u8; 32], bit in 0usize..256) {
            let mut other = bytes;
            other[bit / 8] ^= 1 << (bit % 8);
            prop_assert_ne!(Token(bytes).hash(), Token(other).hash());
        }

        #[test]
        fn presenting_anything_at_all_never_panics(text in "\\PC{0,60}") {
            let _ = Token::present(&text);
        }
    }

    #[test]
    fn a_second_spelling_of_the_same_bits_is_refused() {
        let text = Token([0; 32]).reveal();
        assert!(Token::present(&text).is_some());
        // The last character has two bits that must be zero.
        let other = format!("{}B", &text[..42]);
        assert!(Token::present(&other).is_none());
        assert!(Token::present("").is_none());
        assert!(Token::present(&text[..40]).is_none());
    }

    #[test]
    fn neither_form_can_be_printed() {
        let token = Token([7; 32]);
        assert_eq!(format!("{token:?} {:?}", token.hash()), "Token(…) TokenHash(…)");
    }
}
