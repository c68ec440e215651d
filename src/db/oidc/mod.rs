//! OpenID Connect: clients, what they hold, and the notices that they get.

pub mod logout_notices;
pub mod oidc_clients;
pub mod oidc_devices;
pub mod oidc_grants;
pub mod oidc_held;
pub mod oidc_keys;
pub mod oidc_reach;
pub mod oidc_uses;
pub(in crate::db) mod stored;
