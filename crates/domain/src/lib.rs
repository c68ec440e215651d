//! The rules, and nothing else: no HTTP, no storage, no mail, no clock, no randomness.
//!
//! Every rule takes what it needs as an argument, also the time. A test can therefore try any case,
//! and a reader needs to know nothing of requests and rows. The rules are a separate crate. Cargo
//! then keeps them apart from the rest, and `cargo test -p gatepost-domain` tries them alone.

#![forbid(unsafe_code)]
#![warn(clippy::wildcard_enum_match_arm)]

pub mod aaguid;
pub mod account;
pub mod admin_act;
pub mod apps;
pub mod assurance;
pub mod attempt;
pub mod audit;
pub mod audit_filter;
pub mod audit_seal;
pub mod carried_lists;
pub mod client;
pub mod clock_jump;
pub mod code;
pub mod colour;
mod crockford;
pub mod destination;
pub mod disk;
pub mod dns;
pub mod email_address;
pub mod entropy;
pub mod factor;
pub mod factor_name;
pub mod form;
pub mod gain;
pub mod group;
pub mod handle;
pub mod hash_memory;
pub mod id;
pub mod invitation;
pub mod key_id;
pub mod known_browser;
pub mod language;
pub mod limit;
pub mod logo;
mod logo_file;
pub mod mail;
pub mod mail_kind;
pub mod news;
pub mod oidc;
pub mod opened_link;
pub mod outbound;
pub mod page_link;
pub mod passkey;
pub mod passkey_offer;
pub mod password;
pub mod pending;
pub mod recovery;
pub mod recovery_code;
pub mod return_to;
pub mod script;
mod sealed_place;
pub mod session;
pub mod session_lifetime;
pub mod settings;
mod shown_address;
pub mod sign_ins;
pub mod time;
pub mod time_zone;
pub mod token;
pub mod totp;
pub mod trusted_device;
pub mod turns;
pub mod typed;
pub mod upgrade;
pub mod ways_in;

pub use account::{Account, AccountId, AddressChangeId};
pub use assurance::{Enrolled, Method, Proof, Shown};
pub use attempt::{Attempt, AttemptId, Outcome, Purpose};
pub use audit::{AuditEntry, AuditId};
pub use audit_filter::{AuditFilter, AuditKind};
pub use client::{AskedFrom, BrowserLabel, BrowserParts, ClientAddress};
pub use code::Code;
pub use destination::{AppUrl, Destination};
pub use email_address::EmailAddress;
pub use entropy::Entropy;
pub use factor::Factor;
pub use gain::{Gain, GainId, Gained};
pub use hash_memory::HashMemory;
pub use id::Id;
pub use key_id::{KeyId, still_used};
pub use known_browser::KnownBrowserId;
pub use language::LanguageTag;
pub use limit::Limit;
pub use mail::MailId;
pub use news::SecurityEvent;
pub use passkey::PasskeyId;
pub use password::{Password, PasswordHash};
pub use pending::{Pending, PendingId};
pub use recovery::RecoveryId;
pub use return_to::ReturnTo;
pub use script::Script;
pub use sealed_place::SealedPlace;
pub use session::{HeldFormId, Session, SessionId};
pub use settings::Settings;
pub use time::{Clock, Lifetime, Timestamp};
pub use time_zone::TimeZone;
pub use token::{Token, TokenHash};
pub use totp::AuthenticatorId;
pub use trusted_device::TrustedDeviceId;
