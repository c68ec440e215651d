//! Puts the audit log and the settings into words of the reader's language. Pages of admins and of
//! owners tell the same events.

mod apps;
pub mod audit;
mod audit_keys;
pub mod settings;
