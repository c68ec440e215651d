//! The audit log: its lines, what is searched there, and its seals.

pub mod audit;
pub mod audit_filter;
pub mod audit_seal;
