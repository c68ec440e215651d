//! Factors and first methods of an account: passwords, passkeys, codes and remembered browsers.

pub mod enrolled;
pub mod passkeys;
pub mod passwords;
pub mod recovery_codes;
pub mod totp;
pub mod trusted_devices;
pub mod ways_in;
