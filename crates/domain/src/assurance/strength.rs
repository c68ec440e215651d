//! Strength of the proof that an app requires of its users.
//!
//! [`meets`] is the whole policy of apps, for a proxy's check and for OpenID Connect alike.

use super::{Enrolled, Method, Part, Proof};
use crate::{Lifetime, Settings, Timestamp, factor::Factor};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Strength that an app requires, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Strength {
    /// One factor: an email, a password.
    One,
    /// Two factors. A remembered browser counts as the second one, as it does at the sign-in.
    Two,
    /// A passkey: a fake page cannot pass its proof on.
    Passkey,
}

impl Strength {
    /// Returns whether a user can set up what this takes. Recovery codes come with another factor.
    pub const fn is_offered(self, settings: &Settings) -> bool {
        match self {
            Self::One => true,
            Self::Two => settings.allows(Factor::App) || settings.allows(Factor::Passkey),
            Self::Passkey => settings.allows(Factor::Passkey),
        }
    }

    /// Returns what methods add up to. `None` if they are not even one factor.
    pub fn of(used: &[Method]) -> Option<Self> {
        let shown = |part| used.iter().any(|method| method.part() == part);
        if shown(Part::Both) {
            Some(Self::Passkey)
        } else if shown(Part::First) && shown(Part::Second) {
            Some(Self::Two)
        } else if shown(Part::First) {
            Some(Self::One)
        } else {
            None
        }
    }
}

/// Requirements of an app for the users who open it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Required {
    pub strength: Strength,
    /// The longest age of the newest proof. `None` if age does not matter.
    pub fresh_within: Option<Lifetime>,
}

impl Required {
    /// The shortest age that an app may require. Below, a proof would be too old before the user
    /// comes back with it.
    pub const LEAST_FRESH: Lifetime = Lifetime::minutes(1);
}

/// Step that is missing before a user may open an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A proof again, of any kind that is strong enough.
    Proof,
    SecondFactor,
    Passkey,
    /// The account has no second factor yet.
    EnrolSecondFactor,
    /// The account has no passkey yet.
    EnrolPasskey,
}

/// Judges a session against what an app requires. `enrolled` is what counts of the account (see
/// [`Enrolled::under`]).
///
/// # Errors
///
/// Returns what is missing, the first thing first.
pub fn meets(enrolled: Enrolled, proofs: &[Proof], required: Required, now: Timestamp) -> Result<(), Missing> {
    // A proof from the future counts for nothing: the clock was set back.
    let past: Vec<Proof> = proofs.iter().copied().filter(|proof| !proof.at.is_ahead_of(now)).collect();
    let used: Vec<Method> = past.iter().map(|proof| proof.method).collect();
    let is_strong = Strength::of(&used).is_some_and(|shown| shown >= required.strength);
    let is_young = |span| is_young(&past, required.strength, span, now);
    if is_strong && required.fresh_within.is_none_or(is_young) {
        return Ok(());
    }
    // A factor that was removed since can be shown no more, also where only its age is wrong.
    Err(match required.strength {
        Strength::One => Missing::Proof,
        Strength::Two if enrolled.has_second_factor() => Missing::SecondFactor,
        Strength::Two => Missing::EnrolSecondFactor,
        Strength::Passkey if enrolled.passkey => Missing::Passkey,
        Strength::Passkey => Missing::EnrolPasskey,
    })
}

/// Returns whether a proof that the app's rule is about is young enough. A remembered browser is
/// never a proof of now.
fn is_young(proofs: &[Proof], strength: Strength, span: Lifetime, now: Timestamp) -> bool {
    let counts = |method: Method| match (strength, method.part()) {
        (Strength::Passkey, part) => part == Part::Both,
        (Strength::Two, Part::First) => false,
        (Strength::One, _) | (Strength::Two, Part::Second | Part::Both) => method.proves_presence(),
    };
    proofs.iter().any(|proof| counts(proof.method) && now.since(proof.at) <= span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SKEW;
    use Method::{EmailLink, Passkey, Password, RecoveryCode, Totp, TrustedDevice};

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);
    const NOTHING: Enrolled = Enrolled { password: false, totp: false, passkey: false, recovery_codes: false };
    const APP: Enrolled = Enrolled { totp: true, ..NOTHING };
    const KEY: Enrolled = Enrolled { passkey: true, ..NOTHING };

    fn judge(enrolled: Enrolled, methods: &[Method], strength: Strength) -> Result<(), Missing> {
        let proofs: Vec<Proof> = methods.iter().map(|method| Proof { method: *method, at: NOW }).collect();
        meets(enrolled, &proofs, Required { strength, fresh_within: None }, NOW)
    }

    /// Account, methods, and the answer for each strength.
    type Cell = (Enrolled, &'static [Method], [Result<(), Missing>; 3]);

    #[test]
    fn every_cell_of_what_an_app_requires() {
        use Missing::{EnrolPasskey, EnrolSecondFactor, Proof, SecondFactor};
        let cells: [Cell; 9] = [
            (NOTHING, &[], [Err(Proof), Err(EnrolSecondFactor), Err(EnrolPasskey)]),
            (NOTHING, &[EmailLink], [Ok(()), Err(EnrolSecondFactor), Err(EnrolPasskey)]),
            (NOTHING, &[Password], [Ok(()), Err(EnrolSecondFactor), Err(EnrolPasskey)]),
            (APP, &[EmailLink], [Ok(()), Err(SecondFactor), Err(EnrolPasskey)]),
            (APP, &[EmailLink, Totp], [Ok(()), Ok(()), Err(EnrolPasskey)]),
            (APP, &[EmailLink, RecoveryCode], [Ok(()), Ok(()), Err(EnrolPasskey)]),
            (APP, &[EmailLink, TrustedDevice], [Ok(()), Ok(()), Err(EnrolPasskey)]),
            (KEY, &[EmailLink], [Ok(()), Err(SecondFactor), Err(Missing::Passkey)]),
            (KEY, &[Passkey], [Ok(()), Ok(()), Ok(())]),
        ];
        for (enrolled, methods, expected) in cells {
            for (strength, expected) in Strength::VARIANTS.iter().zip(expected) {
                assert_eq!(judge(enrolled, methods, *strength), expected, "{methods:?} for {strength:?}");
            }
        }
    }

    #[test]
    fn a_second_factor_alone_is_nothing() {
        assert_eq!(judge(APP, &[Totp], Strength::One), Err(Missing::Proof));
        assert_eq!(judge(APP, &[TrustedDevice], Strength::Two), Err(Missing::SecondFactor));
    }

    fn aged(proofs: &[(Method, i64)], strength: Strength) -> Result<(), Missing> {
        aged_of(Enrolled { passkey: true, ..APP }, proofs, strength)
    }

    fn aged_of(enrolled: Enrolled, proofs: &[(Method, i64)], strength: Strength) -> Result<(), Missing> {
        let proofs: Vec<Proof> = proofs
            .iter()
            .map(|(method, age)| Proof { method: *method, at: NOW.minus(Lifetime::seconds(*age)) })
            .collect();
        meets(enrolled, &proofs, Required { strength, fresh_within: Some(Lifetime::seconds(60)) }, NOW)
    }

    #[test]
    fn a_factor_that_was_removed_since_is_asked_for_by_enrolling_and_not_by_showing_it() {
        assert_eq!(aged_of(NOTHING, &[(EmailLink, 61), (Totp, 61)], Strength::Two), Err(Missing::EnrolSecondFactor));
        assert_eq!(aged_of(NOTHING, &[(EmailLink, 61), (Totp, 5)], Strength::Two), Ok(()));
        assert_eq!(aged_of(APP, &[(Passkey, 61)], Strength::Passkey), Err(Missing::EnrolPasskey));
    }

    #[test]
    fn only_a_young_proof_of_the_right_kind_is_fresh() {
        assert_eq!(aged(&[(EmailLink, 60)], Strength::One), Ok(()));
        assert_eq!(aged(&[(EmailLink, 61)], Strength::One), Err(Missing::Proof));
        assert_eq!(aged(&[(EmailLink, 5), (Totp, 61)], Strength::Two), Err(Missing::SecondFactor));
        assert_eq!(aged(&[(EmailLink, 61), (Totp, 5)], Strength::Two), Ok(()));
        assert_eq!(aged(&[(EmailLink, 5), (TrustedDevice, 5)], Strength::Two), Err(Missing::SecondFactor));
        assert_eq!(aged(&[(Passkey, 61)], Strength::Passkey), Err(Missing::Passkey));
        assert_eq!(aged(&[(Passkey, 61), (EmailLink, 1), (Totp, 1)], Strength::Passkey), Err(Missing::Passkey));
    }

    #[test]
    fn a_proof_from_the_future_counts_for_nothing() {
        let at = |at| [Proof { method: EmailLink, at }];
        let required = Required { strength: Strength::One, fresh_within: None };
        assert_eq!(meets(NOTHING, &at(NOW.plus(SKEW)), required, NOW), Ok(()), "another node is a little ahead");
        let later = at(NOW.plus(SKEW).plus(Lifetime::millis(1)));
        assert_eq!(meets(NOTHING, &later, required, NOW), Err(Missing::Proof));
    }

    #[test]
    fn a_remembered_browser_makes_no_old_proof_fresh() {
        assert_eq!(aged(&[(EmailLink, 61), (TrustedDevice, 5)], Strength::One), Err(Missing::Proof));
        assert_eq!(aged(&[(EmailLink, 61), (TrustedDevice, 5)], Strength::Two), Err(Missing::SecondFactor));
        assert_eq!(aged(&[(Passkey, 5)], Strength::Two), Ok(()));
        assert_eq!(aged(&[(Passkey, 61)], Strength::Two), Err(Missing::SecondFactor));
    }
}
