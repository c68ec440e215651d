//! Passwords: which may be chosen, and how they are stored. The rules are those of NIST SP
//! 800-63B-4 (section 3.1.1). Length counts, composition does not. Users may type any character,
//! and common passwords are refused.

mod breach_hash;
mod common;
mod strength;

pub use super::hash_memory::HashFault;
pub use breach_hash::BreachHash;
pub use strength::Weakness;

use super::{
    EmailAddress, Enrolled, HashMemory,
    entropy::{self, Entropy},
};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::phc::{self, Output, ParamsString},
};
use icu_normalizer::ComposingNormalizerBorrowed;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Least number of characters (Unicode code points) of a password that suffices alone.
pub const MIN_LENGTH: usize = 15;
/// Least number of characters if a second factor follows.
pub const MIN_LENGTH_BESIDE: usize = 8;
/// Greatest number of characters: enough for any phrase, and little work for a server.
pub const MAX_LENGTH: usize = 256;

/// Memory in KiB, passes and lanes, as OWASP's Password Storage Cheat Sheet asks of Argon2id. If
/// they are raised, hashes are made anew as their owners sign in.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Bytes of a hash.
const LENGTH: usize = 32;

/// Hash to check if an account has no password, so that all answers take the same time. It is the
/// hash of a random password that no account has.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$fD9Tj92JhArt5HEGvoihRw$XotIjH3Ou0d5BR093fT/p6BblGbiQZDlw84k8KMS64g";

/// A password in plain form. It exists where it is typed. It is in NFC, because keyboards compose
/// characters differently.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Stored form: Argon2id with its parameters, as a PHC string.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// Reason to refuse a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unfit {
    TooShort,
    TooLong,
    /// Many people use it, or it is one repeated pattern.
    Common,
    /// An attacker who knows how people choose passwords finds it too soon.
    Guessable(Weakness),
    ContainsAddress,
    ContainsName,
    /// It is on the operator's list of breached passwords. The list's reader finds it, not
    /// [`Password::choose`].
    Breached,
}

/// Returns whether a password is so short that it counts only beside a second factor.
pub fn is_short(typed: &str) -> bool {
    typed.chars().count() < MIN_LENGTH
}

/// Returns the least number of characters for an account, by what counts of its factors (see
/// [`Enrolled::under`]).
pub fn min_length(enrolled: Enrolled) -> usize {
    if enrolled.has_second_factor() { MIN_LENGTH_BESIDE } else { MIN_LENGTH }
}

impl Password {
    /// Reads a password typed to sign in. `None` if no account can have it.
    pub fn present(typed: &str) -> Option<Self> {
        // Composing makes text at most three times as long (UAX #15), so that longer text cannot
        // fit.
        if typed.is_empty() || typed.len() > MAX_LENGTH * 12 {
            return None;
        }
        let composed = ComposingNormalizerBorrowed::new_nfc().normalize(typed).into_owned();
        (composed.chars().count() <= MAX_LENGTH).then_some(Self(composed))
    }

    /// Returns whether it suffices alone or has a second factor behind it. This is asked at each
    /// use, because the second factor may be gone since. No stored value tells which passwords are
    /// short.
    pub fn suffices(&self, enrolled: Enrolled) -> bool {
        self.0.chars().count() >= min_length(enrolled)
    }

    /// Checks a new password for an account with this address and these factors, at an installation
    /// of this name.
    pub fn choose(typed: &str, enrolled: Enrolled, email: &EmailAddress, product_name: &str) -> Result<Self, Unfit> {
        if typed.is_empty() {
            return Err(Unfit::TooShort);
        }
        let password = Self::present(typed).ok_or(Unfit::TooLong)?;
        if !password.suffices(enrolled) {
            return Err(Unfit::TooShort);
        }
        let folded = password.0.to_lowercase();
        if common::is_common(&folded) {
            return Err(Unfit::Common);
        }
        if is_in(email.local(), &folded) || is_in(email.domain(), &folded) {
            return Err(Unfit::ContainsAddress);
        }
        if is_in(product_name, &folded) {
            return Err(Unfit::ContainsName);
        }
        let own = [email.local(), email.domain(), product_name];
        if let Some(weakness) = strength::weakness(&password.0, enrolled, &own) {
            return Err(Unfit::Guessable(weakness));
        }
        Ok(password)
    }

    /// Returns the hash for a list of breached passwords. Use it for nothing else, because SHA-1
    /// keeps no secret.
    pub fn sha1_for_breach_lists(&self) -> BreachHash {
        BreachHash::of(&self.0)
    }

    /// Returns the stored form. It takes some ten milliseconds of one core and 19 MiB: call it on a
    /// thread that serves no requests.
    pub fn hash(&self, entropy: &dyn Entropy, memory: &HashMemory) -> Result<PasswordHash, HashFault> {
        let salt: [u8; 16] = entropy::bytes(entropy);
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(LENGTH)).map_err(|_| HashFault)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let output = memory.hash(&argon2, self.0.as_bytes(), &salt)?;
        let hash = phc::PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(argon2.params()).map_err(|_| HashFault)?,
            salt: Some(phc::Salt::new(&salt).map_err(|_| HashFault)?),
            hash: Some(Output::new(&output).map_err(|_| HashFault)?),
        };
        Ok(PasswordHash(hash.to_string()))
    }

    /// Returns whether a hash is of this password, in constant time. It is as slow as
    /// [`Self::hash`].
    pub fn is_of(&self, hash: &PasswordHash, memory: &HashMemory) -> Result<bool, HashFault> {
        let hash = phc::PasswordHash::new(&hash.0).map_err(|_| HashFault)?;
        let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else { return Err(HashFault) };
        // The hash's own parameters count, not today's.
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).map_err(|_| HashFault)?;
        let version = hash.version.map_or(Ok(Version::V0x13), Version::try_from).map_err(|_| HashFault)?;
        let params = Params::try_from(&hash).map_err(|_| HashFault)?;
        if params.output_len() != Some(expected.len()) {
            return Err(HashFault);
        }
        let output = memory.hash(&Argon2::new(algorithm, version, params), self.0.as_bytes(), salt)?;
        // `Output` compares in constant time.
        Ok(Output::new(&output).map_err(|_| HashFault)? == *expected)
    }
}

/// Returns whether a password has this part. Every password may have parts of up to three
/// characters.
fn is_in(part: &str, folded: &str) -> bool {
    part.chars().count() > 3 && folded.contains(&part.to_lowercase())
}

impl PasswordHash {
    pub const fn from_stored(stored: String) -> Self {
        Self(stored)
    }

    pub fn decoy() -> Self {
        Self(DECOY.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether it has other parameters than today's.
    pub fn is_outdated(&self) -> bool {
        !self.0.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::password_hash::PasswordHasher;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    /// Other bytes each time.
    #[derive(Default)]
    struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    const GOOD: &str = "correct horse battery";

    const ALONE: Enrolled = Enrolled { password: false, totp: false, passkey: false, recovery_codes: true };
    const BESIDE: Enrolled = Enrolled { totp: true, ..ALONE };

    fn choose(typed: &str) -> Result<Password, Unfit> {
        Password::choose(typed, ALONE, &EmailAddress::parse("anastasia@example.com").unwrap(), "Gatepost")
    }

    #[test]
    fn length_counts_in_characters_and_nothing_else_is_asked_for() {
        assert_eq!(choose(&GOOD[..14]), Err(Unfit::TooShort));
        assert!(choose(&GOOD[..15]).is_ok());
        assert!(choose("ünïcödé 🐎 żółty").is_ok(), "fifteen characters of any alphabet");
        assert_eq!(choose(""), Err(Unfit::TooShort));
        let long: String = (0..).flat_map(|n| format!("word {n} ").into_bytes()).map(char::from).take(256).collect();
        assert!(choose(&long).is_ok());
        assert_eq!(choose(&format!("{long}x")), Err(Unfit::TooLong));
        assert_eq!(choose(&"x".repeat(100_000)), Err(Unfit::TooLong));
    }

    #[test]
    fn beside_a_second_factor_eight_characters_are_enough_and_alone_they_no_longer_are() {
        let beside = |typed| {
            let email = EmailAddress::parse("anastasia@example.com").unwrap();
            Password::choose(typed, BESIDE, &email, "Gatepost")
        };
        let short = beside("żółw 🐢 7").unwrap();
        assert!(short.suffices(BESIDE) && !short.suffices(ALONE));
        assert_eq!(beside("żółw 🐢 "), Err(Unfit::TooShort));
        for common in ["password1", "qwertyui", "aaaaaaaa", "12345678"] {
            assert_eq!(beside(common), Err(Unfit::Common), "{common}");
        }
        assert!(Password::present(&GOOD[..15]).unwrap().suffices(ALONE));
    }

    #[test]
    fn what_many_people_use_and_what_anybody_would_try_is_refused() {
        for common in [
            "passwordpassword",
            "PasswordPassword",
            "1234567890qwerty",
            "aaaaaaaaaaaaaaaaaaaa",
            "abababababababab",
            "abcdefghijklmnopqrst",
            "98765432109876543210",
            "qwertyqwertyqwerty",
            "sunshine1sunshine1",
        ] {
            assert_eq!(choose(common), Err(Unfit::Common), "{common}");
        }
        assert_eq!(choose("anastasia was here"), Err(Unfit::ContainsAddress));
        assert_eq!(choose("I am at EXAMPLE.com today"), Err(Unfit::ContainsAddress));
        assert_eq!(choose("my very own gatepost"), Err(Unfit::ContainsName));
    }

    #[test]
    fn the_same_characters_composed_differently_are_the_same_password() {
        let composed = choose("caf\u{e9} au lait, deux").unwrap();
        let decomposed = Password::present("cafe\u{301} au lait, deux").unwrap();
        assert_eq!(composed, decomposed);
    }

    #[test]
    fn a_breach_list_is_asked_for_the_composed_form() {
        let hex = |typed: &str| -> String {
            let hash = Password::present(typed).unwrap().sha1_for_breach_lists();
            hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
        };
        // By sha1sum.
        assert_eq!(hex("password"), "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8");
        assert_eq!(hex("caf\u{e9}"), "f424452a9673918c6f09b0cdd35b20be8e6ae7d7");
        assert_eq!(hex("cafe\u{301}"), hex("caf\u{e9}"));
    }

    #[test]
    fn only_the_password_itself_is_of_its_hash() {
        let (entropy, memory) = (Counting::default(), HashMemory::default());
        let hash = choose(GOOD).unwrap().hash(&entropy, &memory).unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && !hash.is_outdated());
        assert!(Password::present(GOOD).unwrap().is_of(&hash, &memory).unwrap());
        for other in ["correct horse batterz", "Correct horse battery", "correct horse battery ", "x"] {
            assert!(!Password::present(other).unwrap().is_of(&hash, &memory).unwrap(), "{other}");
        }
        assert_ne!(choose(GOOD).unwrap().hash(&entropy, &memory).unwrap(), hash, "each has its own salt");
        assert!(!format!("{:?} {hash:?}", choose(GOOD)).contains("correct") && !format!("{hash:?}").contains("argon"));
    }

    #[test]
    fn a_hash_of_yesterdays_parameters_still_counts_and_is_due_for_a_new_one() {
        let weaker = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8192, 1, 1, Some(32)).unwrap());
        let hash = weaker.hash_password_with_salt(GOOD.as_bytes(), &[7; 16]).unwrap().to_string();
        let hash = PasswordHash::from_stored(hash);
        let memory = HashMemory::default();
        assert!(hash.is_outdated() && Password::present(GOOD).unwrap().is_of(&hash, &memory).unwrap());
    }

    #[test]
    fn the_decoy_costs_what_a_hash_costs_and_is_nobodys() {
        let (good, memory) = (Password::present(GOOD).unwrap(), HashMemory::default());
        assert!(!PasswordHash::decoy().is_outdated());
        assert!(!good.is_of(&PasswordHash::decoy(), &memory).unwrap());
        assert!(good.is_of(&PasswordHash::from_stored("nonsense".into()), &memory).is_err());
    }

    #[test]
    fn a_password_is_stored_with_128_bits_of_salt_and_256_of_hash() {
        let hash = choose(GOOD).unwrap().hash(&Counting::default(), &HashMemory::default()).unwrap();
        let lengths: Vec<usize> = hash.as_str().split('$').skip(4).map(str::len).collect();
        assert_eq!(lengths, [22, 43], "16 and 32 octets in base64");
    }

    #[test]
    fn a_part_of_four_characters_counts_and_one_of_three_does_not() {
        let of = |email: &str, name: &str| {
            Password::choose("xq7 banana wv9 june kzt", ALONE, &EmailAddress::parse(email).unwrap(), name)
        };
        assert!(of("ana@example.com", "Kzt").is_ok());
        assert_eq!(of("june@example.com", "Gatepost"), Err(Unfit::ContainsAddress));
        assert_eq!(of("ben@example.com", "June"), Err(Unfit::ContainsName));
    }

    #[test]
    fn an_address_that_is_spelt_backwards_is_soon_guessed() {
        let of =
            |email: &str| Password::choose("hrtmjpwkvzqx1999", ALONE, &EmailAddress::parse(email).unwrap(), "Gatepost");
        assert!(matches!(of("xqzvkwpjmtrh@example.com"), Err(Unfit::Guessable(_))));
        assert!(of("ben@example.com").is_ok());
    }

    proptest! {
        #[test]
        fn typing_anything_at_all_never_panics(typed in ".{0,300}") {
            let _ = (Password::present(&typed), choose(&typed));
        }
    }
}
