//! A line in the process's log for each line of the audit log, once that is committed.
//!
//! A job may run twice and take effect once, so that its lines wait with it until the commit. One
//! thread runs one job at a time. The lines that [`note`] leaves in this thread therefore belong to
//! the running job.

use crate::domain::{
    AuditEntry, EmailAddress,
    audit::{Action, Actor},
};
use std::cell::RefCell;

thread_local! {
    static NOTED: RefCell<Vec<AuditEntry>> = const { RefCell::new(Vec::new()) };
}

pub(super) fn note(entry: &AuditEntry) {
    NOTED.with_borrow_mut(|noted| noted.push(entry.clone()));
}

/// Takes what the job that ran has noted.
pub(super) fn take() -> Vec<AuditEntry> {
    NOTED.take()
}

/// Writes the line. Values before and after stay in the audit log, because names, addresses and
/// texts do not belong here.
pub(super) fn log(entry: &AuditEntry) {
    let actor = match &entry.actor {
        Actor::Account { email, .. } => email.masked(),
        Actor::CommandLine => "command line".to_owned(),
        Actor::Gatepost => "gatepost".to_owned(),
        Actor::Visitor => "visitor".to_owned(),
    };
    let subject = match EmailAddress::parse_own(&entry.subject) {
        Ok(email) => email.masked(),
        Err(_) if entry.action == Action::SettingChanged => entry.subject.clone(),
        Err(_) => String::new(),
    };
    // For these it says how the user proved who they are.
    let how = match entry.action {
        Action::SignedIn | Action::SteppedUp => entry.after.as_deref().unwrap_or_default(),
        _ => "",
    };
    let client = entry.client.map(|client| client.to_string()).unwrap_or_default();
    let request = entry.request_id.as_deref().unwrap_or_default();
    tracing::info!(action = entry.action.as_str(), actor, subject, how, client, request, "audit");
}
