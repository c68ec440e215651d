//! The algorithms that sign tokens.

use strum::VariantArray;

/// Algorithm that signs a token. RS256 is the default: an app that registered nothing expects it
/// (OpenID Connect Core, section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, VariantArray)]
pub enum SigningAlg {
    #[default]
    Rs256,
    Es256,
}

impl SigningAlg {
    /// The name in tokens, and the stored form; never changes once released.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|alg| alg.as_str() == text)
    }
}
