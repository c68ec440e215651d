//! What the audit log and the settings say, in words of a reader's language. Pages of admins and of
//! owners tell the same events.

mod apps;
pub mod audit;
mod audit_keys;
pub mod settings;
