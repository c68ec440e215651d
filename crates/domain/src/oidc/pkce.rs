//! Proof Key for Code Exchange (RFC 7636): only the program that asked for a code can redeem it.
//!
//! `S256` alone. With `plain`, an attacker who reads the request has the verifier.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// The hash of a verifier, as the request for a code names it: 43 characters of base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge(String);

/// Why a request names no challenge although it tries to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAChallenge;

impl Challenge {
    /// Reads `code_challenge` and `code_challenge_method`. A missing method means `plain` (section
    /// 4.3), which is refused.
    pub fn read(challenge: Option<&str>, method: Option<&str>) -> Result<Option<Self>, NotAChallenge> {
        match (challenge, method) {
            (None, None) => Ok(None),
            (Some(challenge), Some("S256")) => Self::parse(challenge).map(Some).ok_or(NotAChallenge),
            _ => Err(NotAChallenge),
        }
    }

    /// Reads the stored form.
    pub fn parse(text: &str) -> Option<Self> {
        let hash = URL_SAFE_NO_PAD.decode(text).ok()?;
        (text.len() == 43 && hash.len() == 32).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether this is the verifier that was hashed.
    pub fn admits(&self, verifier: &str) -> bool {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        (43..=128).contains(&verifier.len())
            && verifier.bytes().all(is_plain)
            && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == self.0
    }
}

/// Judges a verifier. One without a challenge is refused, too. An attacker may have taken the
/// challenge out of the request (RFC 9700, section 2.1.1).
pub fn fits(challenge: Option<&Challenge>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => challenge.admits(verifier),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_standard_s_example_fits() {
        let challenge = Challenge::read(Some(CHALLENGE), Some("S256")).unwrap();
        assert!(fits(challenge.as_ref(), Some(VERIFIER)));
        assert!(!fits(challenge.as_ref(), Some(CHALLENGE)));
        assert!(!fits(challenge.as_ref(), None) && !fits(None, Some(VERIFIER)) && fits(None, None));
    }

    #[test]
    fn a_method_or_a_challenge_that_is_odd_is_refused() {
        for (challenge, method) in [
            (Some(CHALLENGE), None),
            (Some(CHALLENGE), Some("plain")),
            (Some(CHALLENGE), Some("s256")),
            (Some(CHALLENGE), Some("S512")),
            (None, Some("S256")),
            (Some(&CHALLENGE[1..]), Some("S256")),
            (Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"), Some("S256")),
            (Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM="), Some("S256")),
            // Not the one spelling of its bytes.
            (Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN"), Some("S256")),
        ] {
            assert_eq!(Challenge::read(challenge, method), Err(NotAChallenge), "{challenge:?} {method:?}");
        }
        assert_eq!(Challenge::read(None, None), Ok(None));
    }

    /// An attacker who saw the challenge of a short verifier would find the verifier.
    #[test]
    fn a_verifier_that_the_standard_does_not_allow_never_fits_not_even_its_own_hash() {
        let fits_its_hash =
            |verifier: &str| Challenge(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))).admits(verifier);
        for odd in ["", "x", &"a".repeat(42), &"a".repeat(129), &format!("{} b", "a".repeat(45)), &"ä".repeat(30)] {
            assert!(!fits_its_hash(odd), "{odd}");
        }
        assert!(fits_its_hash(&"a".repeat(43)) && fits_its_hash(&"a".repeat(128)));
    }

    proptest! {
        #[test]
        fn only_the_verifier_fits(verifier in "[A-Za-z0-9._~-]{43,128}", other in "[A-Za-z0-9._~-]{0,140}") {
            let challenge = Challenge(URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier)));
            prop_assert!(challenge.admits(&verifier));
            prop_assert_eq!(challenge.admits(&other), other == verifier);
        }
    }
}
