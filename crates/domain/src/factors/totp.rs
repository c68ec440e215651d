//! Authenticator apps: time-based one-time passwords (RFC 6238). Every app understands six digits,
//! 30 seconds and SHA-1.

use crate::{AccountId, EmailAddress, Entropy, Id, Lifetime, Timestamp, entropy, factor_name::FactorName, typed};
use std::fmt;
use totp_rs::Builder;

/// Most apps that an account may have. Each makes a guess a little likelier to succeed.
pub const MAX: usize = 5;
/// Time that a user has to show the first code.
pub const ENROLMENT: Lifetime = Lifetime::minutes(30);

const DIGITS: usize = 6;
const STEP_SECONDS: i64 = 30;
/// 160 bits, as RFC 4226 (section 4) recommends.
const SECRET_BYTES: usize = 20;

/// Number of wrong codes in a row at which the pauses begin.
const FREE: i32 = 5;
/// Number of wrong codes in a row that ends all codes until the user shows something else. See NIST
/// SP 800-63B-4, section 3.2.2.
const MAX_WRONG: i32 = 100;

pub type AuthenticatorId = Id<Authenticator>;

/// An authenticator app of an account, without its secret.
#[derive(Clone, Debug)]
pub struct Authenticator {
    pub id: AuthenticatorId,
    pub account_id: AccountId,
    pub name: FactorName,
    pub added_at: Timestamp,
    /// Time of its first correct code, if any.
    pub confirmed_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

impl Authenticator {
    /// Returns whether the user may still show its first code.
    pub fn is_being_enrolled(&self, now: Timestamp) -> bool {
        self.confirmed_at.is_none() && !self.added_at.is_ahead_of(now) && now.since(self.added_at) < ENROLMENT
    }
}

/// The secret that an app and the server share. It is sealed before it is stored.
#[derive(Clone)]
pub struct Secret([u8; SECRET_BYTES]);

/// Half a minute, counted from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(i64);

/// Six typed digits.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpCode(String);

/// An account's wrong codes since its last right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    pub wrong: i32,
    pub paused_until: Timestamp,
}

/// Says whether Gatepost checks a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttle {
    Check,
    Wait {
        until: Timestamp,
    },
    /// Too many were wrong. The user has to show something else.
    UsedUp,
}

impl Secret {
    pub fn issue(entropy: &dyn Entropy) -> Self {
        Self(entropy::bytes(entropy))
    }

    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Returns the bytes for sealing.
    pub const fn reveal(&self) -> &[u8] {
        &self.0
    }

    /// Returns the step of a code: now, the one before or the one after, because clocks differ a
    /// little.
    pub fn step_of(&self, code: &TotpCode, now: Timestamp) -> Option<Step> {
        let totp = Builder::new().with_secret(self.0).build().ok()?;
        let seconds = u64::try_from(now.as_millis().div_euclid(1000)).ok()?;
        totp.check(&code.0, seconds).and_then(|step| i64::try_from(step).ok()).map(Step)
    }

    /// Returns the text of the QR code: `otpauth://totp/…`, with the names that the app shows.
    pub fn url(&self, product: &str, email: &EmailAddress) -> Option<String> {
        // The colon separates the two names in the label.
        let issuer = product.replace(':', " ");
        let totp = Builder::new().with_secret(self.0).with_issuer(Some(issuer)).with_account_name(email.as_str());
        totp.build().ok()?.to_url().ok()
    }

    /// Returns the secret for typing: base32 in groups of four.
    pub fn for_people(&self) -> String {
        let text = totp_rs::Secret::from(self.0).to_base32();
        let mut grouped = String::with_capacity(text.len() * 5 / 4);
        for (at, c) in text.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                grouped.push(' ');
            }
            grouped.push(c);
        }
        grouped
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Step {
    pub const fn at(now: Timestamp) -> Self {
        Self(now.as_millis().div_euclid(1000 * STEP_SECONDS))
    }

    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

impl TotpCode {
    /// Reads six typed digits of any script, with the spaces or dashes that apps show.
    pub fn read(text: &str) -> Option<Self> {
        let digits = typed::plain_code(text);
        (digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(Self(digits))
    }
}

impl fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpCode(…)")
    }
}

impl Default for Failures {
    fn default() -> Self {
        Self { wrong: 0, paused_until: Timestamp::from_millis(0) }
    }
}

impl Failures {
    /// Returns whether a code is checked now. Wrong codes count for the account and not for a
    /// sign-in. An attacker with the password can begin any number of sign-ins.
    pub fn throttle(&self, now: Timestamp) -> Throttle {
        if self.wrong >= MAX_WRONG {
            return Throttle::UsedUp;
        }
        // After a clock was set back, the wait is at most the pause.
        let until = self.paused_until.min(now.plus(Self::pause(self.wrong)));
        if now < until { Throttle::Wait { until } } else { Throttle::Check }
    }

    /// Counts one more wrong code.
    #[must_use]
    pub fn and_one_more(&self, now: Timestamp) -> Self {
        let wrong = self.wrong.saturating_add(1);
        Self { wrong, paused_until: now.plus(Self::pause(wrong)) }
    }

    /// Returns whether Gatepost tells the owner: at the first pause, and when no code counts any
    /// more. That is at most twice until the owner's next proof.
    pub const fn is_news(&self) -> bool {
        matches!(self.wrong, FREE | MAX_WRONG)
    }

    /// Returns the pause: none for the first five, then 30 seconds, doubled each time, at most an
    /// hour.
    fn pause(wrong: i32) -> Lifetime {
        match wrong - FREE {
            ..0 => Lifetime::ZERO,
            doublings => Lifetime::seconds(30i64 << doublings.min(7)).min(Lifetime::hours(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SKEW;
    use proptest::prelude::*;

    /// RFC 6238, appendix B: the ASCII secret "12345678901234567890", SHA-1. The RFC shows eight
    /// digits. Apps show the last six.
    #[test]
    fn the_vectors_of_the_rfc() {
        let secret = Secret::from_slice(b"12345678901234567890").unwrap();
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let now = Timestamp::from_millis(seconds * 1000);
            let code = TotpCode::read(&code[2..]).unwrap();
            assert_eq!(secret.step_of(&code, now), Some(Step::at(now)), "{seconds}");
        }
    }

    proptest! {
        #[test]
        fn a_code_counts_for_its_own_step_and_for_one_on_either_side(bytes: [u8; 20], step in 10i64..1_000_000_000, off in -5i64..=5) {
            let secret = Secret(bytes);
            let totp = Builder::new().with_secret(bytes).build().unwrap();
            let code = TotpCode::read(&totp.generate(u64::try_from(step * 30).unwrap()).to_string()).unwrap();
            let found = secret.step_of(&code, Timestamp::from_millis((step + off) * 30_000 + 12_345));
            if off.abs() <= 1 {
                prop_assert!(found.is_some());
            } else if let Some(found) = found {
                // One in a million codes is also that of another step.
                prop_assert_ne!(found, Step(step));
            }
        }

        #[test]
        fn reading_anything_at_all_never_panics(typed in "\\PC{0,20}") {
            let _ = TotpCode::read(&typed);
        }

        #[test]
        fn a_hundred_wrong_codes_take_days_and_then_none_is_looked_at(gap in 0i64..100_000) {
            let (mut failures, mut now, mut looked_at) = (Failures::default(), Timestamp::from_millis(0), 0);
            for _ in 0..100_000 {
                match failures.throttle(now) {
                    Throttle::Check => {
                        looked_at += 1;
                        failures = failures.and_one_more(now);
                    }
                    Throttle::Wait { until } => {
                        prop_assert!(until > now && until <= now.plus(Lifetime::hours(1)));
                        now = until;
                    }
                    Throttle::UsedUp => break,
                }
                now = now.plus(Lifetime::millis(gap));
            }
            prop_assert_eq!((looked_at, failures.throttle(now.plus(Lifetime::days(365)))), (100, Throttle::UsedUp));
            prop_assert!(now >= Timestamp::from_millis(0).plus(Lifetime::days(3)));
        }
    }

    #[test]
    fn five_wrong_codes_are_free_and_the_sixth_waits() {
        let now = Timestamp::from_millis(0);
        let mut failures = Failures::default();
        for _ in 0..5 {
            assert_eq!(failures.throttle(now), Throttle::Check);
            failures = failures.and_one_more(now);
        }
        assert_eq!(failures.throttle(now), Throttle::Wait { until: now.plus(Lifetime::seconds(30)) });
    }

    #[test]
    fn what_an_app_needs_to_know_stands_in_the_url() {
        let secret = Secret::from_slice(b"12345678901234567890").unwrap();
        let url = secret.url("Acme: one & two", &EmailAddress::parse("ana@example.com").unwrap()).unwrap();
        assert!(url.starts_with("otpauth://totp/"), "{url}");
        assert!(url.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") && url.contains("issuer=Acme"), "{url}");
        assert_eq!(secret.for_people(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert_eq!(format!("{secret:?} {:?}", TotpCode::read("123 456")), "Secret(…) Some(TotpCode(…))");
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for typed in ["", "12345", "1234567", "12345a", "１２３４５", "12.456"] {
            assert_eq!(TotpCode::read(typed), None, "{typed}");
        }
        for typed in [" 123-456 ", "123–456", "１２３４５６", "١٢٣٤٥٦"] {
            assert_eq!(TotpCode::read(typed), TotpCode::read("123456"), "{typed}");
        }
    }

    #[test]
    fn an_enrolment_lasts_half_an_hour_and_none_from_the_future_does() {
        let now = Timestamp::from_millis(10_000_000_000);
        let it = Authenticator {
            id: AuthenticatorId::from_i64(1),
            account_id: AccountId::from_i64(2),
            name: FactorName::of("phone", &[]),
            added_at: now,
            confirmed_at: None,
            last_used_at: None,
        };
        let end = now.plus(Lifetime::minutes(30));
        assert!(it.is_being_enrolled(now) && it.is_being_enrolled(end.minus(Lifetime::millis(1))));
        assert!(!it.is_being_enrolled(end));
        assert!(it.is_being_enrolled(now.minus(SKEW)), "another node is a little ahead");
        assert!(!it.is_being_enrolled(now.minus(SKEW).minus(Lifetime::millis(1))), "the clock was set back");
        assert!(!Authenticator { confirmed_at: Some(now), ..it }.is_being_enrolled(now));
    }

    #[test]
    fn after_a_clock_was_set_back_the_wait_is_at_most_the_pause() {
        let at = Timestamp::from_millis;
        let failures = Failures { wrong: 5, paused_until: at(1_000_000_000) };
        assert_eq!(failures.throttle(at(0)), Throttle::Wait { until: at(30_000) });
    }
}
