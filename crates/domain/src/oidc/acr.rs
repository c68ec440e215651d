//! Claims of an ID token that tell an app how a user proved who they are: `acr`, `amr` and
//! `auth_time`.
//!
//! A remembered browser is a convenience of this server. Apps are never told of it as a proof.

use crate::{Enrolled, Method, Proof, Timestamp, assurance::Part};
use strum::VariantArray;

/// Authentication context class: what the proofs add up to, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, VariantArray)]
pub enum Acr {
    One,
    Two,
    /// A passkey: a fake page cannot pass its proof on.
    PhishingResistant,
}

impl Acr {
    /// The name in tokens; never changes once released. `phr` is the name of OpenID's Extended
    /// Authentication Profile.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::One => "urn:gatepost:one",
            Self::Two => "urn:gatepost:two",
            Self::PhishingResistant => "phr",
        }
    }

    /// Reads what an app asks for, also by the names of REFEDS.
    pub fn parse(text: &str) -> Option<Self> {
        AskedAcr::parse(text).map(|asked| asked.acr)
    }

    /// Returns whether an account has enrolled what this takes.
    pub fn is_within_reach(self, enrolled: Enrolled) -> bool {
        match self {
            Self::One => true,
            Self::Two => enrolled.has_second_factor(),
            Self::PhishingResistant => enrolled.passkey,
        }
    }
}

/// Class that an app asks for, by the name that the app knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedAcr {
    pub acr: Acr,
    pub name: &'static str,
}

impl AskedAcr {
    pub fn parse(text: &str) -> Option<Self> {
        let own = Acr::VARIANTS.iter().map(|acr| Self { acr: *acr, name: acr.as_str() });
        let of_refeds = [
            Self { acr: Acr::One, name: "https://refeds.org/profile/sfa" },
            Self { acr: Acr::Two, name: "https://refeds.org/profile/mfa" },
        ];
        own.chain(of_refeds).find(|asked| asked.name == text)
    }
}

/// Claims about a session's proofs, as an app gets them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub acr: Acr,
    pub amr: Vec<&'static str>,
    /// The newest proof.
    pub auth_time: Timestamp,
}

/// Place that holds the private key of a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// It may be copied to other devices.
    Software,
    /// It stays in one device.
    Hardware,
}

impl Shown {
    /// Adds where the key is (RFC 8176: `swk`, `hwk`), if a passkey is among the proofs.
    #[must_use]
    pub fn by_key(mut self, kind: Option<KeyKind>) -> Self {
        let word = match kind {
            Some(KeyKind::Software) => "swk",
            Some(KeyKind::Hardware) => "hwk",
            None => return self,
        };
        if let Some(place) = self.amr.iter().position(|known| *known == "pop") {
            self.amr.insert(place + 1, word);
        }
        self
    }
}

/// Returns what the proofs of a session show. `None` if none of them counts. A proof from the
/// future does not: the clock was set back.
pub fn shown(proofs: &[Proof], now: Timestamp) -> Option<Shown> {
    let counts = |proof: &&Proof| !proof.at.is_ahead_of(now) && proof.method.proves_presence();
    let past: Vec<&Proof> = proofs.iter().filter(counts).collect();
    let has = |part| past.iter().any(|proof| proof.method.part() == part);
    let is_two = has(Part::Both) || has(Part::First) && has(Part::Second);
    let acr = if has(Part::Both) {
        Acr::PhishingResistant
    } else if is_two {
        Acr::Two
    } else {
        Acr::One
    };
    // Another node may be a little ahead. A token tells no time from the future.
    let auth_time = past.iter().map(|proof| proof.at).max()?.min(now);
    let mut amr: Vec<&'static str> = Vec::new();
    // In the order of the methods, so that tokens compare.
    for method in Method::VARIANTS.iter().filter(|method| past.iter().any(|proof| proof.method == **method)) {
        for word in method.amr() {
            if !amr.contains(word) {
                amr.push(word);
            }
        }
    }
    if is_two {
        amr.push("mfa");
    }
    Some(Shown { acr, amr, auth_time })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tells(methods: &[Method]) -> (&'static str, String) {
        let proofs: Vec<Proof> =
            methods.iter().map(|method| Proof { method: *method, at: Timestamp::from_millis(5) }).collect();
        shown(&proofs, Timestamp::from_millis(9))
            .map_or(("", String::new()), |shown| (shown.acr.as_str(), shown.amr.join(" ")))
    }

    #[test]
    fn a_token_tells_what_was_shown_and_never_of_a_remembered_browser() {
        use Method::{ConsoleLink, EmailCode, EmailLink, Passkey, Password, RecoveryCode, Totp, TrustedDevice};
        for (methods, acr, amr) in [
            (&[EmailLink][..], "urn:gatepost:one", "email"),
            (&[EmailCode, EmailLink], "urn:gatepost:one", "email"),
            (&[Password], "urn:gatepost:one", "pwd"),
            (&[ConsoleLink], "urn:gatepost:one", "console"),
            (&[EmailLink, Password], "urn:gatepost:one", "email pwd"),
            (&[EmailLink, TrustedDevice], "urn:gatepost:one", "email"),
            (&[Totp, Password], "urn:gatepost:two", "pwd otp mfa"),
            (&[RecoveryCode, EmailCode, Totp], "urn:gatepost:two", "email otp mfa"),
            (&[Passkey], "phr", "pop user mfa"),
            (&[Passkey, EmailLink], "phr", "email pop user mfa"),
            (&[TrustedDevice], "", ""),
            (&[], "", ""),
        ] {
            assert_eq!(tells(methods), (acr, amr.to_owned()), "{methods:?}");
        }
    }

    #[test]
    fn the_newest_proof_of_the_past_is_the_time_of_authentication() {
        let proof = |method, at| Proof { method, at: Timestamp::from_millis(at) };
        let proofs =
            [proof(Method::EmailLink, 10_000), proof(Method::Totp, 20_000), proof(Method::TrustedDevice, 30_000)];
        assert_eq!(shown(&proofs, Timestamp::from_millis(90_000)).unwrap().auth_time, Timestamp::from_millis(20_000));
        let early = shown(&proofs, Timestamp::from_millis(12_000)).unwrap();
        assert_eq!((early.acr, early.auth_time), (Acr::One, Timestamp::from_millis(10_000)));
    }

    #[test]
    fn a_token_tells_where_the_key_of_a_passkey_is() {
        let shown = |methods: &[Method]| {
            let proofs: Vec<Proof> =
                methods.iter().map(|method| Proof { method: *method, at: Timestamp::from_millis(5) }).collect();
            super::shown(&proofs, Timestamp::from_millis(9)).unwrap()
        };
        let told = |methods: &[Method], kind| shown(methods).by_key(kind).amr.join(" ");
        assert_eq!(told(&[Method::Passkey], Some(KeyKind::Software)), "pop swk user mfa");
        assert_eq!(told(&[Method::Passkey, Method::EmailLink], Some(KeyKind::Hardware)), "email pop hwk user mfa");
        assert_eq!(told(&[Method::Passkey], None), "pop user mfa");
        assert_eq!(told(&[Method::Password], Some(KeyKind::Hardware)), "pwd");
    }

    #[test]
    fn classes_have_one_name_and_known_synonyms() {
        for acr in Acr::VARIANTS {
            assert_eq!(Acr::parse(acr.as_str()), Some(*acr));
        }
        assert_eq!(Acr::parse("https://refeds.org/profile/mfa"), Some(Acr::Two));
        assert_eq!(Acr::parse("https://refeds.org/profile/sfa"), Some(Acr::One));
        for other in ["0", "1", "phrh", "", "PHR", "urn:mace:incommon:iap:silver"] {
            assert_eq!(Acr::parse(other), None);
        }
        assert!(Acr::One < Acr::Two && Acr::Two < Acr::PhishingResistant);
    }

    #[test]
    fn a_token_tells_no_time_from_the_future() {
        let now = Timestamp::from_millis(10_000);
        let ahead = Proof { method: Method::EmailLink, at: Timestamp::from_millis(13_000) };
        assert_eq!(shown(&[ahead], now).unwrap().auth_time, now, "another node is a little ahead");
    }
}
