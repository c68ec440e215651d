//! Factors: passkeys, authenticator apps, recovery codes, remembered browsers.

pub mod aaguid;
pub mod factor;
pub mod factor_name;
pub mod passkey;
pub mod passkey_offer;
pub mod recovery_code;
pub mod totp;
pub mod trusted_device;
