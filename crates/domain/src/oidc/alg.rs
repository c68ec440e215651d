//! The algorithms that sign tokens.

use strum::{EnumString, IntoStaticStr, VariantArray};

/// Algorithm that signs a token. RS256 is the default: an app that registered nothing expects it
/// (OpenID Connect Core, section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "UPPERCASE", const_into_str)]
pub enum SigningAlg {
    #[default]
    Rs256,
    Es256,
}
