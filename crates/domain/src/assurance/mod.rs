//! Assurance of who a user is: the methods, what each proves, and what is asked for beside it. It
//! also says when a proof is fresh enough.
//!
//! [`stage`] is the whole policy of a sign-in. Nothing else decides whether what was shown is
//! enough to be signed in. [`meets`] decides whether it is enough for one app.

mod method;
mod strength;
mod words;

pub use method::{Evidence, Method, Part};
pub use strength::{Missing, Required, Strength, meets};

use super::{Lifetime, Settings, Timestamp, factor::Factor};
use strum::VariantArray;

/// Method that a user showed just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub method: Method,
    /// Time at which the account enrolled the second factor that was shown. A young one ends no
    /// recovery.
    pub since: Option<Timestamp>,
}

impl Shown {
    /// Makes one for a first method, which is not a second factor.
    pub const fn first(method: Method) -> Self {
        Self { method, since: None }
    }

    pub const fn factor(method: Method, since: Timestamp) -> Self {
        Self { method, since: Some(since) }
    }
}

/// A method was used, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    pub method: Method,
    pub at: Timestamp,
}

/// Factors that an account has enrolled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Enrolled {
    pub password: bool,
    pub totp: bool,
    pub passkey: bool,
    /// True if some are left.
    pub recovery_codes: bool,
}

impl Enrolled {
    /// Returns what counts under the settings: a factor that is turned off is neither asked for nor
    /// accepted.
    #[must_use]
    pub fn under(self, settings: &Settings) -> Self {
        let under = Self { password: self.password && settings.password_enabled, ..self };
        under.only(|factor| settings.allows(factor))
    }

    /// Returns it without the factors that do not fit.
    #[must_use]
    pub fn only(mut self, fits: impl Fn(Factor) -> bool) -> Self {
        for factor in Factor::VARIANTS.iter().filter(|factor| !fits(**factor)) {
            match factor {
                Factor::Passkey => self.passkey = false,
                Factor::App => self.totp = false,
                Factor::RecoveryCodes => self.recovery_codes = false,
            }
        }
        self
    }

    pub const fn has(self, factor: Factor) -> bool {
        match factor {
            Factor::Passkey => self.passkey,
            Factor::App => self.totp,
            Factor::RecoveryCodes => self.recovery_codes,
        }
    }

    /// Returns whether there is a second factor.
    pub fn has_second_factor(self) -> bool {
        Factor::second_factors().any(|factor| self.has(factor))
    }
}

/// Says whether what was shown is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInStage {
    SignedIn,
    NeedsSecondFactor,
    /// Signed in only to enrol a required second factor.
    MustEnrol,
}

/// The policy. `enrolled` is what counts of the account (see [`Enrolled::under`]), `used` is what
/// was shown. `is_required` says whether every account like this one needs a second factor.
///
/// An enrolled second factor is asked for after every first method. An email link or a console
/// link skips it as little as a password does.
pub fn stage(enrolled: Enrolled, used: &[Method], is_required: bool) -> SignInStage {
    let shown = |part| used.iter().any(|method| method.part() == part);
    if shown(Part::Both) || (shown(Part::First) && shown(Part::Second)) {
        // A session whose factor was removed since has to enrol again.
        return if is_required && !enrolled.has_second_factor() {
            SignInStage::MustEnrol
        } else {
            SignInStage::SignedIn
        };
    }
    if !shown(Part::First) || enrolled.has_second_factor() {
        return SignInStage::NeedsSecondFactor;
    }
    if is_required { SignInStage::MustEnrol } else { SignInStage::SignedIn }
}

/// Returns whether a session may make a sensitive change now, without a step-up. If a second factor
/// is enrolled, only that counts. A remembered browser does not, because an attacker with the
/// mailbox and that browser could remove the factor.
///
/// A proof from the future does not count. After the clock was set back it would otherwise stay
/// fresh until the clock catches up.
pub fn is_fresh(enrolled: Enrolled, proofs: &[Proof], lifetime: Lifetime, now: Timestamp) -> bool {
    let counts = |method: Method| match method.part() {
        Part::Both => true,
        Part::Second => method.proves_presence(),
        Part::First => !enrolled.has_second_factor(),
    };
    proofs.iter().any(|proof| counts(proof.method) && !proof.at.is_ahead_of(now) && now.since(proof.at) <= lifetime)
}

/// Returns whether two different proofs were shown beside the lost second factors: enough to ask
/// for their removal.
pub fn may_recover(used: &[Method]) -> bool {
    let mut kinds = used.iter().filter_map(|method| method.evidence());
    kinds.next().is_some_and(|first| kinds.any(|other| other != first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Method::{ConsoleLink, EmailCode, EmailLink, Passkey, Password, RecoveryCode, Totp, TrustedDevice};
    use SignInStage::{MustEnrol, NeedsSecondFactor, SignedIn};
    use proptest::prelude::*;

    const NOTHING: Enrolled = Enrolled { password: false, totp: false, passkey: false, recovery_codes: false };
    const APP: Enrolled = Enrolled { totp: true, ..NOTHING };
    const KEY: Enrolled = Enrolled { passkey: true, ..NOTHING };
    const ALL: Enrolled = Enrolled { password: true, totp: true, passkey: true, recovery_codes: true };

    #[test]
    fn each_factor_counts_alone_and_only_where_it_is_turned_on() {
        for &factor in Factor::VARIANTS {
            let alone = ALL.only(|other| other == factor);
            assert!(Factor::VARIANTS.iter().all(|&other| alone.has(other) == (other == factor)), "{factor:?}");
            assert_eq!(alone.has_second_factor(), factor.is_second_factor(), "{factor:?}");
        }
        assert_eq!(ALL.only(|_| false), Enrolled { password: true, ..NOTHING });
    }

    /// Every cell: what was shown, and what follows. The account has nothing, an authenticator app,
    /// a passkey, or everything. The same again where a second factor is required.
    #[test]
    fn every_cell_of_the_policy() {
        let first = [SignedIn, NeedsSecondFactor, NeedsSecondFactor, NeedsSecondFactor];
        let first_required = [MustEnrol, NeedsSecondFactor, NeedsSecondFactor, NeedsSecondFactor];
        let enough = [SignedIn; 4];
        let enough_required = [MustEnrol, SignedIn, SignedIn, SignedIn];
        let nothing = [NeedsSecondFactor; 4];
        let table: [(&[Method], [SignInStage; 4], [SignInStage; 4]); 22] = [
            (&[], nothing, nothing),
            (&[EmailLink], first, first_required),
            (&[EmailCode], first, first_required),
            (&[Password], first, first_required),
            (&[ConsoleLink], first, first_required),
            // Any number of first ones.
            (&[EmailLink, Password], first, first_required),
            (&[EmailLink, EmailCode, Password, ConsoleLink], first, first_required),
            (&[EmailLink, Totp], enough, enough_required),
            (&[EmailCode, Totp], enough, enough_required),
            (&[Password, Totp], enough, enough_required),
            (&[ConsoleLink, Totp], enough, enough_required),
            (&[EmailLink, RecoveryCode], enough, enough_required),
            (&[Password, RecoveryCode], enough, enough_required),
            (&[ConsoleLink, RecoveryCode], enough, enough_required),
            (&[EmailLink, TrustedDevice], enough, enough_required),
            (&[Password, TrustedDevice], enough, enough_required),
            (&[Passkey], enough, enough_required),
            (&[EmailLink, Passkey], enough, enough_required),
            // Second ones without a first.
            (&[Totp], nothing, nothing),
            (&[RecoveryCode], nothing, nothing),
            (&[TrustedDevice], nothing, nothing),
            (&[Totp, RecoveryCode, TrustedDevice], nothing, nothing),
        ];
        for (used, free, required) in table {
            for (at, enrolled) in [NOTHING, APP, KEY, ALL].into_iter().enumerate() {
                assert_eq!(stage(enrolled, used, false), free[at], "{used:?} with {enrolled:?}");
                assert_eq!(stage(enrolled, used, true), required[at], "{used:?} with {enrolled:?}, required");
            }
        }
    }

    fn any_enrolled() -> impl Strategy<Value = Enrolled> {
        any::<(bool, bool, bool, bool)>().prop_map(|(password, totp, passkey, recovery_codes)| Enrolled {
            password,
            totp,
            passkey,
            recovery_codes,
        })
    }

    fn any_methods() -> impl Strategy<Value = Vec<Method>> {
        prop::collection::vec(prop::sample::select(Method::VARIANTS), 0..6)
    }

    proptest! {
        #[test]
        fn an_enrolled_factor_is_never_skipped(enrolled in any_enrolled(), used in any_methods(), required: bool) {
            let has_second = used.iter().any(|method| method.part() != Part::First);
            if enrolled.has_second_factor() && !has_second {
                prop_assert_eq!(stage(enrolled, &used, required), NeedsSecondFactor);
            }
        }

        #[test]
        fn showing_more_never_makes_it_worse(enrolled in any_enrolled(), used in any_methods(), more in any_methods(), required: bool) {
            let before = stage(enrolled, &used, required);
            let all: Vec<_> = used.into_iter().chain(more).collect();
            if before != NeedsSecondFactor {
                prop_assert_eq!(stage(enrolled, &all, required), before);
            }
        }

        #[test]
        fn a_password_and_codes_put_away_are_no_second_factor(password: bool, recovery_codes: bool, used in any_methods()) {
            let enrolled = Enrolled { password, recovery_codes, ..NOTHING };
            prop_assert_eq!(stage(enrolled, &used, false), stage(NOTHING, &used, false));
        }

        #[test]
        fn only_a_proof_from_the_last_minutes_is_fresh(age in prop_oneof![-3_600_000i64..3_600_000, -6_000i64..1]) {
            let now = Timestamp::from_millis(10_000_000);
            let proof = Proof { method: EmailLink, at: Timestamp::from_millis(10_000_000 - age) };
            // The node of the proof may be ahead of this one.
            let ahead = crate::time::SKEW.as_millis();
            prop_assert_eq!(is_fresh(NOTHING, &[proof], Lifetime::minutes(10), now), (-ahead..=600_000).contains(&age));
        }
    }

    #[test]
    fn no_proof_is_never_fresh() {
        assert!(!is_fresh(NOTHING, &[], Lifetime::days(1), Timestamp::from_millis(0)));
    }

    #[test]
    fn once_a_second_factor_is_enrolled_only_that_is_fresh_enough() {
        let now = Timestamp::from_millis(0);
        for &method in Method::VARIANTS {
            let fresh = |enrolled| is_fresh(enrolled, &[Proof { method, at: now }], Lifetime::minutes(10), now);
            let is_second = matches!(method, Passkey | Totp | RecoveryCode);
            assert_eq!(fresh(APP), is_second, "{method:?}");
            assert_eq!(fresh(KEY), is_second, "{method:?}");
            assert_eq!(fresh(NOTHING), method != TrustedDevice, "{method:?}");
        }
    }

    #[test]
    fn a_recovery_takes_two_different_things() {
        for used in
            [&[][..], &[EmailLink], &[EmailLink, EmailCode], &[Password], &[Password, Password], &[Password, Totp]]
        {
            assert!(!may_recover(used), "{used:?}");
        }
        for used in [&[EmailLink, Password][..], &[Password, EmailCode], &[ConsoleLink, EmailLink]] {
            assert!(may_recover(used), "{used:?}");
        }
    }
}
