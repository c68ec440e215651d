//! OpenID Connect: the rules by which apps learn who a user is.
//!
//! Standards:
//!
//! - OpenID Connect Core 1.0;
//! - RFC 6749 (OAuth 2.0);
//! - RFC 7636 (PKCE);
//! - RFC 9207 (issuer in answers);
//! - RFC 9700 (what attackers do, and what stops them).

pub mod acr;
pub mod alg;
pub mod assertion;
pub mod authorize;
pub mod claims;
pub mod client;
pub mod client_secret;
pub mod device;
pub mod error;
pub mod grant;
pub mod key_schedule;
pub mod notice;
pub mod params;
pub mod pkce;
pub mod prompt;
pub mod redirect_uri;
pub mod refresh;
pub mod refusal;
pub mod scope;
pub mod token_lifetimes;
pub mod webfinger;

pub use alg::SigningAlg;
pub use client::ClientId;
pub use error::ErrorCode;
pub use grant::{Grant, GrantId};
pub use params::Params;
pub use redirect_uri::{AppAnswer, RedirectUri};
pub use scope::{ClaimScopes, Scope, Scopes};
pub use token_lifetimes::StatedLifetimes;
