//! Names of methods: their keys in the catalogue, and the words for apps.

use super::Method;

impl Method {
    /// The key of its name in the catalogue.
    pub const fn key(self) -> &'static str {
        match self {
            Self::EmailLink => "method-email-link",
            Self::EmailCode => "method-email-code",
            Self::Password => "method-password",
            Self::ConsoleLink => "method-console-link",
            Self::Passkey => "method-passkey",
            Self::Totp => "method-app",
            Self::RecoveryCode => "method-recovery-code",
            Self::TrustedDevice => "method-remembered-browser",
        }
    }

    /// The key of its name after "signed in with".
    pub const fn key_after_with(self) -> &'static str {
        match self {
            Self::EmailLink => "with-email-link",
            Self::EmailCode => "with-email-code",
            Self::Password => "with-password",
            Self::ConsoleLink => "with-console-link",
            Self::Passkey => "with-passkey",
            Self::Totp => "with-app",
            Self::RecoveryCode => "with-recovery-code",
            Self::TrustedDevice => "with-remembered-browser",
        }
    }

    /// The values of `amr` (RFC 8176). `email` and `console` are ours: `otp` would tell readers of
    /// a second factor. A remembered browser is never told to others.
    pub const fn amr(self) -> &'static [&'static str] {
        match self {
            Self::EmailLink | Self::EmailCode => &["email"],
            Self::Password => &["pwd"],
            Self::ConsoleLink => &["console"],
            Self::Totp | Self::RecoveryCode => &["otp"],
            Self::Passkey => &["pop", "user"],
            Self::TrustedDevice => &[],
        }
    }
}
