//! The factors that an account can have beside its first method: one table, which pages iterate.

use strum::VariantArray;

/// A factor beside the first method, in the order in which pages offer them. Closed on purpose: a
/// new one makes the compiler list every place to extend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Factor {
    Passkey,
    /// An authenticator app.
    App,
    RecoveryCodes,
}

impl Factor {
    /// Returns whether an account that has it is asked for a second factor. Recovery codes are
    /// none, because they replace one.
    pub const fn is_second_factor(self) -> bool {
        match self {
            Self::Passkey | Self::App => true,
            Self::RecoveryCodes => false,
        }
    }

    /// The page on which its owner adds and removes it.
    pub const fn page(self) -> &'static str {
        match self {
            Self::Passkey => "/account/passkeys",
            Self::App => "/account/totp",
            Self::RecoveryCodes => "/account/recovery-codes",
        }
    }

    /// Returns the factors that an account can be asked for.
    pub fn second_factors() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied().filter(|factor| factor.is_second_factor())
    }
}
