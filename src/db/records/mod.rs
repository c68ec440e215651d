//! Records of what happened: the audit log with its seals, the change log, daily sign-ins.

pub mod audit;
pub mod audit_pages;
pub mod audit_seals;
pub mod change_log;
pub mod sign_in_hours;
