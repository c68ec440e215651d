//! The six characters that a user can type where the link cannot be opened.
//!
//! Thirty bits are few. Against guesses over the network, the attempt counts wrong codes and ends
//! at the fifth. Against a reader of the database, a bare hash would not help, because 2³⁰ SHA-256
//! take a second. So the salt of a stored code is a keyed hash, which the database does not hold:
//! see [`CodeSalt`]. Against an attacker who has the key file, too, the stored form is slow:
//! Argon2id, see [`Code::hash`].

pub use crate::hash_memory::HashFault;

use crate::{HashMemory, crockford, entropy::Entropy, hash_memory::Cost};
use std::fmt;

const LENGTH: usize = 6;

/// 0.5 ms on one core, measured. Each email with a code waits for it. A search of all 2³⁰ codes of
/// one attempt costs some six core-days. A code expires after ten minutes.
const COST: Cost = Cost { memory_kib: 1024, passes: 1, lanes: 1 };

/// A code in plain form. It exists where it is emailed and where it is typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Code([u8; LENGTH]);

/// Stored form of a [`Code`]. It can only be compared with another one.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeHash([u8; 32]);

/// Salt of a stored code. It differs for each attempt, and only a holder of the key file can make
/// it. So a reader of the database cannot try a single code. NIST SP 800-63B-4, 3.1.1.2 recommends
/// a keyed hash for passwords.
#[derive(Clone, Copy)]
pub struct CodeSalt([u8; 32]);

impl CodeSalt {
    /// Takes the keyed hash of something that is unique to the attempt.
    pub const fn from_keyed_hash(hash: [u8; 32]) -> Self {
        Self(hash)
    }
}

impl Code {
    pub fn issue(entropy: &dyn Entropy) -> Self {
        Self(crockford::issue(entropy))
    }

    /// Reads a typed code leniently.
    pub fn read(typed: &str) -> Option<Self> {
        crockford::read(typed).map(Self)
    }

    /// Returns the code as the email shows it: `K7M-2QX`.
    pub fn reveal(&self) -> String {
        let text: String = self.0.iter().map(|&b| char::from(b)).collect();
        format!("{}-{}", &text[..3], &text[3..])
    }

    /// Returns the stored form. A guess for one attempt is useless for another, because their salts
    /// differ. It takes about a millisecond of one core. Call it on a thread that serves no
    /// requests.
    pub fn hash(&self, salt: &CodeSalt, memory: &HashMemory) -> Result<CodeHash, HashFault> {
        memory.argon2id(COST, &self.0, &salt.0).map(CodeHash)
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
        let salt = |n| CodeSalt::from_keyed_hash([n; 32]);
        let memory = HashMemory::default();
        let hash = |code: &str, salt: CodeSalt| Code::read(code).and_then(|c| c.hash(&salt, &memory).ok());
        assert!(hash("K7M-2QX", salt(1)).is_some());
        assert_eq!(hash("K7M-2QX", salt(1)), hash("k7m2qx", salt(1)));
        assert_ne!(hash("K7M-2QX", salt(1)), hash("K7M-2QY", salt(1)));
        assert_ne!(hash("K7M-2QX", salt(1)), hash("K7M-2QX", salt(2)));
    }

    #[test]
    fn neither_form_can_be_printed() {
        let code = Code::issue(&Fixed(3));
        let hash = code.hash(&CodeSalt::from_keyed_hash([4; 32]), &HashMemory::default());
        assert_eq!(format!("{code:?} {:?}", hash.ok()), "Code(…) Some(CodeHash(…))");
    }

    #[test]
    fn a_letter_that_looks_like_a_digit_is_read_as_the_digit() {
        for typed in ["K7I-2QX", "k7i-2qx", "K7L-2QX", "k7l-2qx"] {
            assert_eq!(Code::read(typed), Code::read("K71-2QX"), "{typed}");
        }
        assert_eq!(Code::read("K7O-2QX"), Code::read("K70-2QX"));
    }

    /// By the reference implementation of Argon2.
    #[test]
    fn a_guess_costs_a_mebibyte() {
        assert_eq!((COST.memory_kib, COST.passes, COST.lanes), (1024, 1, 1));
        let code = Code::read("K7M-2QX").unwrap();
        let hash = code.hash(&CodeSalt::from_keyed_hash([4; 32]), &HashMemory::default()).unwrap();
        let hex: String = hash.as_bytes().iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(hex, "ea2ee3feb0b141be3bbd9fbd6bb7b40c0375dbec7092cb33a7022500e59fdec9");
    }
}
