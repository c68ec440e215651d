//! The rules, and nothing else: no HTTP, no storage, no mail, no clock, no randomness.
//!
//! Every rule takes what it needs as an argument, also the time. A test can therefore try any case,
//! and a reader needs to know nothing of requests and rows. The rules are a separate crate. Cargo
//! then keeps them apart from the rest, and `cargo test -p gatepost-domain` tries them alone. Only
//! the feature `columns` names a library of storage.

#![forbid(unsafe_code)]
#![warn(clippy::wildcard_enum_match_arm)]

mod accounts;
pub mod apps;
pub mod assurance;
mod auditing;
#[cfg(feature = "columns")]
pub mod columns;
mod emails;
mod factors;
mod limits;
mod looks;
pub mod oidc;
pub mod password;
mod secrets;
mod server;
mod sessions;
pub mod settings;
mod signing_in;
mod texts;
pub mod time;
pub mod time_zone;

pub use accounts::account::{Account, AccountId, AddressChangeId};
pub use accounts::gain::{Gain, GainId, Gained};
pub use accounts::recovery::RecoveryId;
pub use accounts::{account, admin_act, gain, group, handle, invitation, recovery};
pub use assurance::{Enrolled, Method, Proof, Shown};
pub use auditing::audit::{AuditEntry, AuditId};
pub use auditing::audit_filter::{AuditFilter, AuditKind};
pub use auditing::{audit, audit_filter, audit_seal};
pub use emails::email_address::EmailAddress;
pub use emails::mail::MailId;
pub(crate) use emails::mail_reason;
pub use emails::news::SecurityEvent;
pub use emails::{email_address, mail, mail_kind, news};
pub use factors::factor::Factor;
pub use factors::passkey::PasskeyId;
pub use factors::totp::AuthenticatorId;
pub use factors::trusted_device::TrustedDeviceId;
pub use factors::{aaguid, factor, factor_name, passkey, passkey_offer, recovery_code, totp, trusted_device};
pub use limits::limit::Limit;
pub use limits::{limit, turns};
pub use looks::{colour, logo};
pub use password::{Password, PasswordHash};
pub use secrets::code::Code;
pub(crate) use secrets::crockford;
pub use secrets::entropy::Entropy;
pub use secrets::hash_memory::HashMemory;
pub use secrets::id::Id;
pub use secrets::key_id::{KeyId, still_used};
pub use secrets::sealed_place::SealedPlace;
pub use secrets::token::{Token, TokenHash};
pub use secrets::{code, entropy, hash_memory, id, key_id, token};
pub use server::{clock_jump, disk, dns, outbound, upgrade};
pub use sessions::client::{AskedFrom, BrowserLabel, BrowserParts, ClientAddress};
pub use sessions::known_browser::KnownBrowserId;
pub use sessions::session::{HeldFormId, Session, SessionId};
pub use sessions::{client, known_browser, session, session_lifetime};
pub use settings::Settings;
pub use signing_in::attempt::{Attempt, AttemptId, Outcome, Purpose};
pub use signing_in::destination::{AppUrl, Destination};
pub use signing_in::pending::{Pending, PendingId};
pub use signing_in::return_to::ReturnTo;
pub use signing_in::{attempt, carried_lists, destination, opened_link, pending, return_to, sign_ins, ways_in};
pub use texts::language::LanguageTag;
pub use texts::request_name::RequestNames;
pub use texts::script::Script;
pub use texts::{form, language, page_link, request_name, script, typed};
pub use time::{Clock, Lifetime, Timestamp};
pub use time_zone::TimeZone;
