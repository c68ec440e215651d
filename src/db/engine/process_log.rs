//! A line in the process's log for each line of the audit log, once that is committed.

use crate::domain::{
    AuditEntry, EmailAddress,
    audit::{Action, Actor},
};

/// Writes the line. Values before and after stay in the audit log, because names, addresses and
/// texts do not belong here.
pub(in crate::db) fn write(entry: &AuditEntry) {
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
    tracing::info!(action = entry.action.into_str(), actor, subject, how, client, request, "audit");
}
