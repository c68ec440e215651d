//! The six characters that can be typed where the link cannot be opened.
//!
//! Thirty bits are few. Against guessing over the network the attempt counts wrong codes and dies at the fifth; against
//! somebody who can read the database a bare hash would be no defence at all (2³⁰ SHA-256 take a second), so the
//! stored form is made slow: Argon2id, see [`Code::hash`].

use super::{crockford, entropy::Entropy};
use argon2::{Algorithm, Argon2, Params, Version};
use std::fmt;

const LENGTH: usize = 6;

/// Memory in KiB, passes, lanes: 3.1 ms on one core, measured. A search of all 2³⁰ codes of one attempt costs some 38
/// core-days and 4 MiB for each guess under way, and the code lives ten minutes.
const MEMORY_KIB: u32 = 4096;
const PASSES: u32 = 1;
const LANES: u32 = 1;

/// A code in plain form: exists where it is mailed and where it is typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Code([u8; LENGTH]);

/// The stored form of a [`Code`]; only equality with another one means anything.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeHash([u8; 32]);

/// A code could not be hashed: the machine is out of memory.
#[derive(Clone, Copy, Debug)]
pub struct HashFault;

impl Code {
    pub fn issue(entropy: &dyn Entropy) -> Self {
        Self(crockford::issue(entropy))
    }

    /// Reads what somebody typed, leniently.
    pub fn read(typed: &str) -> Option<Self> {
        crockford::read(typed).map(Self)
    }

    /// As it stands in the mail: `K7M-2QX`.
    pub fn reveal(&self) -> String {
        let text: String = self.0.iter().map(|&b| char::from(b)).collect();
        format!("{}-{}", &text[..3], &text[3..])
    }

    /// The stored form. `salt` is the verifier's hash: unique to the attempt and already on its row, so that a guess
    /// for one attempt is worth nothing for another. Takes some milliseconds of one core: not for a thread that serves requests.
    pub fn hash(&self, salt: &super::TokenHash) -> Result<CodeHash, HashFault> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).map_err(|_| HashFault)?;
        let mut hash = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(&self.0, salt.as_bytes(), &mut hash)
            .map_err(|_| HashFault)?;
        Ok(CodeHash(hash))
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl CodeHash {
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Token, token::TokenHash};
    use proptest::prelude::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    proptest! {
        #[test]
        fn a_code_reads_back_however_it_is_typed(seed: u8, lower: bool, dash in "[-– .]{0,2}") {
            let code = Code::issue(&Fixed(seed));
            let mut typed = code.reveal().replace('-', &dash).replace('0', "o").replace('1', "l");
            if lower { typed = typed.to_lowercase(); }
            prop_assert_eq!(Code::read(&typed), Some(code));
        }

        #[test]
        fn reading_anything_at_all_never_panics(typed in "\\PC{0,20}") {
            let _ = Code::read(&typed);
        }
    }

    #[test]
    fn a_code_from_any_keyboard_reads_back() {
        for typed in ["Ｋ７Ｍ－２ＱＸ", "k7m–2qx", "K7M\u{2011}2QX", "\u{200e}K7M 2QX\u{200f}", "K٧M-٢QX"] {
            assert_eq!(Code::read(typed), Code::read("K7M2QX"), "{typed}");
        }
    }

    #[test]
    fn what_is_not_a_code_is_refused() {
        for typed in ["", "K7M2Q", "K7M2QXX", "K7M-2QU", "K7M2Q!", "🙂7M2QX"] {
            assert_eq!(Code::read(typed), None, "{typed}");
        }
    }

    #[test]
    fn the_stored_form_depends_on_the_code_and_on_the_attempt() {
        let salt = |n| Token::issue(&Fixed(n)).hash();
        let hash = |code: &str, salt: TokenHash| Code::read(code).and_then(|c| c.hash(&salt).ok());
        assert!(hash("K7M-2QX", salt(1)).is_some());
        assert_eq!(hash("K7M-2QX", salt(1)), hash("k7m2qx", salt(1)));
        assert_ne!(hash("K7M-2QX", salt(1)), hash("K7M-2QY", salt(1)));
        assert_ne!(hash("K7M-2QX", salt(1)), hash("K7M-2QX", salt(2)));
    }

    #[test]
    fn neither_form_can_be_printed() {
        let code = Code::issue(&Fixed(3));
        let hash = code.hash(&Token::issue(&Fixed(4)).hash());
        assert_eq!(format!("{code:?} {:?}", hash.ok()), "Code(…) Some(CodeHash(…))");
    }
}
