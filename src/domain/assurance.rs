//! How sure we are who somebody is: the methods, what each proves, and when a proof is fresh enough.

use super::{Lifetime, Timestamp};
use strum::VariantArray;

/// How somebody proved who they are. Closed on purpose: a new method makes the compiler list every place to extend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Method {
    /// Opened the mailed link and pressed the button.
    EmailLink,
    /// Typed the mailed code into the browser that had asked for it.
    EmailCode,
    /// Typed the account's password.
    Password,
    /// Opened a link that the command line or the first start printed.
    ConsoleLink,
}

impl Method {
    /// The stored form; never changes once released.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EmailLink => "email_link",
            Self::EmailCode => "email_code",
            Self::Password => "password",
            Self::ConsoleLink => "console_link",
        }
    }

    pub fn parse(stored: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|method| method.as_str() == stored)
    }

    /// Whether it shows that somebody reads the account's mailbox.
    pub const fn proves_mailbox(self) -> bool {
        match self {
            Self::EmailLink | Self::EmailCode => true,
            Self::Password | Self::ConsoleLink => false,
        }
    }

    /// As pages name it: "signed in by …".
    pub const fn for_people(self) -> &'static str {
        match self {
            Self::EmailLink => "email link",
            Self::EmailCode => "code from an email",
            Self::Password => "password",
            Self::ConsoleLink => "console link",
        }
    }
}

/// A method was used, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    pub method: Method,
    pub at: Timestamp,
}

/// Whether a session may make a sensitive change now, or has to step up first.
///
/// A proof from the future is no proof: after the clock was set back it would otherwise stay fresh until the clock catches up.
pub fn is_fresh(proofs: &[Proof], lifetime: Lifetime, now: Timestamp) -> bool {
    proofs.iter().any(|proof| proof.at <= now && now.since(proof.at) <= lifetime)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn only_a_proof_from_the_last_minutes_is_fresh(age in -3_600_000i64..3_600_000) {
            let now = Timestamp::from_millis(10_000_000);
            let proof = Proof { method: Method::EmailLink, at: Timestamp::from_millis(10_000_000 - age) };
            prop_assert_eq!(is_fresh(&[proof], Lifetime::minutes(10), now), (0..=600_000).contains(&age));
        }
    }

    #[test]
    fn no_proof_is_never_fresh() {
        assert!(!is_fresh(&[], Lifetime::days(1), Timestamp::from_millis(0)));
    }

    #[test]
    fn every_method_reads_back_as_it_was_stored() {
        for &method in Method::VARIANTS {
            assert_eq!(Method::parse(method.as_str()), Some(method));
        }
        assert_eq!(Method::parse("carrier_pigeon"), None);
    }
}
