//! Numbers of sign-ins, for a chart.

use crate::Method;
use strum::VariantArray;

/// Kind of sign-in in a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Kind {
    Email,
    Passkey,
    Password,
    /// Console links, and methods of newer versions.
    Other,
    Failed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Number(pub i64);

/// Number of sign-ins of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignIns([Number; Kind::VARIANTS.len()]);

impl Kind {
    /// The stored form; never changes once released.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Passkey => "passkey",
            Self::Password => "password",
            Self::Other => "other",
            Self::Failed => "failed",
        }
    }

    pub fn parse(stored: &str) -> Self {
        Self::VARIANTS.iter().copied().find(|kind| kind.as_str() == stored).unwrap_or(Self::Other)
    }

    /// Returns the kind of a sign-in by these methods, as the audit log has them: the first counts.
    pub fn of(methods: &str) -> Self {
        match methods.split(" + ").next().and_then(|name| name.parse::<Method>().ok()) {
            Some(Method::EmailLink | Method::EmailCode) => Self::Email,
            Some(Method::Passkey) => Self::Passkey,
            Some(Method::Password) => Self::Password,
            Some(Method::ConsoleLink | Method::Totp | Method::RecoveryCode | Method::TrustedDevice) | None => {
                Self::Other
            }
        }
    }
}

impl SignIns {
    pub fn add(&mut self, kind: Kind, number: i64) {
        for (at, sum) in Kind::VARIANTS.iter().zip(&mut self.0) {
            if *at == kind {
                sum.0 = sum.0.saturating_add(number);
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (Kind, Number)> {
        Kind::VARIANTS.iter().copied().zip(self.0.iter().copied())
    }

    /// Returns how many came in, by any method.
    pub fn all(&self) -> i64 {
        self.iter().filter(|(kind, _)| *kind != Kind::Failed).map(|(_, number)| number.0).sum()
    }

    pub fn failed(&self) -> i64 {
        self.iter().filter(|(kind, _)| *kind == Kind::Failed).map(|(_, number)| number.0).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_counts_by_its_first_method() {
        for (methods, kind) in [
            ("email_code + totp", Kind::Email),
            ("passkey", Kind::Passkey),
            ("password + recovery_code", Kind::Password),
            ("console_link", Kind::Other),
            ("of_a_newer_version", Kind::Other),
            ("", Kind::Other),
        ] {
            assert_eq!(Kind::of(methods), kind, "{methods}");
        }
    }

    #[test]
    fn every_kind_reads_back_and_failures_are_no_sign_ins() {
        let mut sums = SignIns::default();
        for &kind in Kind::VARIANTS {
            assert_eq!(Kind::parse(kind.as_str()), kind);
            sums.add(kind, 2);
        }
        assert_eq!((sums.all(), sums.failed()), (8, 2));
    }
}
