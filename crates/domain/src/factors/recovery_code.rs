//! Recovery codes: ten to keep in a safe place. Each works once, instead of a second factor.
//!
//! Eighty bits each are too many to guess over the network, or to search in a stolen database. NIST
//! SP 800-63B-4 (section 3.1.2.2) still asks for a salted, slow hash below 112 bits. One salt for
//! the ten lets one hash be compared with them all.

pub use crate::hash_memory::HashFault;

use crate::{
    HashMemory, crockford,
    entropy::{self, Entropy},
    hash_memory::Cost,
};
use std::fmt;

/// Number of codes in a set.
pub const COUNT: usize = 10;
/// Number of codes at which the owner is told to make new ones.
pub const FEW: u32 = 3;

const LENGTH: usize = 16;

/// Four times the memory of an emailed code, because this salt is in the database.
const COST: Cost = Cost { memory_kib: 4096, passes: 1, lanes: 1 };

/// A code in plain form. It exists on the page that shows it once, and where it is typed.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode([u8; LENGTH]);

/// Salt of the ten codes of an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt([u8; 16]);

/// New codes of one account, as the database stores them.
#[derive(Clone)]
pub struct HashedCodes {
    pub salt: Salt,
    pub hashes: Vec<RecoveryCodeHash>,
}

/// Stored form. It can only be compared with another one.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCodeHash([u8; 32]);

impl RecoveryCode {
    pub fn issue(entropy: &dyn Entropy) -> Self {
        Self(crockford::issue(entropy))
    }

    /// Reads a typed recovery code leniently.
    pub fn read(typed: &str) -> Option<Self> {
        crockford::read(typed).map(Self)
    }

    /// Returns the code as a page shows it: `K7M2-QX4T-9ABC-DEFG`.
    pub fn reveal(&self) -> String {
        let groups: Vec<String> =
            self.0.chunks(4).map(|group| group.iter().map(|&b| char::from(b)).collect()).collect();
        groups.join("-")
    }

    /// Returns the stored form. It takes some milliseconds of one core: call it on a thread that
    /// serves no requests.
    pub fn hash(&self, salt: &Salt, memory: &HashMemory) -> Result<RecoveryCodeHash, HashFault> {
        memory.argon2id(COST, &self.0, &salt.0).map(RecoveryCodeHash)
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

impl Salt {
    pub fn issue(entropy: &dyn Entropy) -> Self {
        Self(entropy::bytes(entropy))
    }

    /// Reads the stored form. `None` if it has the wrong length.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

impl RecoveryCodeHash {
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for RecoveryCodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCodeHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Fixed([u8; 16]);
    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = self.0[at % 16];
            }
        }
    }

    proptest! {
        #[test]
        fn a_code_reads_back_however_it_is_typed(seed: [u8; 16], lower: bool, dash in "[-– .]{0,2}") {
            let code = RecoveryCode::issue(&Fixed(seed));
            let mut typed = code.reveal().replace('-', &dash).replace('0', "o").replace('1', "l");
            if lower { typed = typed.to_lowercase(); }
            prop_assert_eq!(RecoveryCode::read(&typed), Some(code));
        }

        #[test]
        fn reading_anything_at_all_never_panics(typed in "\\PC{0,40}") {
            let _ = RecoveryCode::read(&typed);
        }

        #[test]
        fn nothing_is_both_a_recovery_code_and_the_code_of_an_app(typed in "[0-9 -]{0,30}") {
            prop_assert!(RecoveryCode::read(&typed).is_none() || crate::totp::TotpCode::read(&typed).is_none());
        }
    }

    #[test]
    fn the_stored_form_depends_on_the_code_and_on_the_set() {
        let salt = |n| Salt::issue(&Fixed([n; 16]));
        let code = |n| RecoveryCode::issue(&Fixed([n; 16]));
        let memory = HashMemory::default();
        let hash = |n, with| code(n).hash(&salt(with), &memory).unwrap();
        assert_eq!(hash(1, 1), hash(1, 1));
        assert_ne!(hash(1, 1), hash(2, 1));
        assert_ne!(hash(1, 1), hash(1, 2));
        assert_eq!(
            format!("{:?} {:?} {:?}", code(1), salt(1), hash(1, 1)),
            "RecoveryCode(…) Salt(…) RecoveryCodeHash(…)"
        );
    }

    /// The row of a code has no parameters. By the reference implementation of Argon2.
    #[test]
    fn a_code_that_was_printed_years_ago_still_has_its_hash() {
        assert_eq!((COST.memory_kib, COST.passes, COST.lanes), (4096, 1, 1));
        let code = RecoveryCode::read("K7M2-QX4T-9ABC-DEFG").unwrap();
        let hash = code.hash(&Salt::from_slice(&[7; 16]).unwrap(), &HashMemory::default()).unwrap();
        let hex: String = hash.as_bytes().iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(hex, "ab94f46f3e077746c52445737c2d43273bb2c438663b49e403e4323cddeddc49");
    }

    #[test]
    fn a_letter_that_looks_like_a_digit_is_read_as_the_digit() {
        let code = RecoveryCode::read("1111-0000-2222-3333");
        assert!(code.is_some() && RecoveryCode::read("IiLl-OooO-2222-3333") == code);
    }
}
