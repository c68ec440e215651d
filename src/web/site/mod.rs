//! Files and addresses that browsers and programs look for: assets, icons, `/.well-known`.

pub mod assets;
pub mod install;
pub mod pages;
pub mod passkey_endpoints;
pub mod security_txt;
