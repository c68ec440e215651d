//! The audit log as files: CSV for spreadsheets, JSON for programs.

use super::{
    audit_asked::Asked,
    audit_lines::{Shown, named},
};
use crate::{
    db::audit_pages::{Line, Place, Start},
    domain::{AccountId, AuditEntry, BrowserLabel, audit::Actor},
    locale::Locale,
    telling::audit::Words,
    web::{Failure, Need, Visit, csv::Csv},
};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Most lines of one file. The page says it, too.
pub(super) const MAX: usize = 20_000;
/// Lines of one reading job, so that no reader is busy for long.
const BATCH: usize = 1_000;
/// Most reading jobs for one file, for a search that finds little.
const MAX_JOBS: usize = 100;

/// Lines for a file, newest first.
pub(super) struct Export {
    lines: Vec<Line>,
    /// Start of the next file, if this one does not hold all.
    pub rest: Option<Place>,
}

/// Reads the lines that fit, up to the most that a file holds.
pub(super) async fn read(visit: &Visit<'_>, asked: &Asked<'_>) -> Result<Export, Failure> {
    let admin = visit.require_admin()?.account.id;
    let _one_at_a_time = visit.services.exports.begin(admin, visit.now).map_err(Failure::TooMany)?;
    let filter = asked.filter(named(visit, asked.address()).await?);
    let mut export = Export { lines: Vec::new(), rest: None };
    let mut start = asked.start();
    for _ in 0..MAX_JOBS {
        let (filter, most) = (filter.clone(), BATCH.min(MAX.saturating_sub(export.lines.len())));
        let read =
            visit.read_as_admin(Need::signed_in(), move |tx, _| Ok(Shown::read(tx, &filter, start, most)?.found));
        let found = read.await?;
        export.lines.extend(found.lines);
        export.rest = found.rest;
        let Some(rest) = found.rest.filter(|_| export.lines.len() < MAX) else { break };
        start = Start::OlderThan(rest);
    }
    Ok(export)
}

fn words<'a>(locale: &'a Locale, no_links: &'a HashSet<AccountId>) -> Words<'a> {
    Words { locale, accounts: no_links, owner: None }
}

pub(super) fn csv(locale: &Locale, export: &Export) -> String {
    let heads = [
        "audit-fact.time",
        "audit-fact.event",
        "audit-fact.actor",
        "audit-fact.action",
        "audit-fact.subject",
        "audit-fact.before",
        "audit-fact.after",
        "audit-fact.browser",
        "audit-fact.client",
        "audit-fact.request",
    ];
    let heads = heads.map(|key| locale.say(key).to_string());
    let none = HashSet::new();
    let words = words(locale, &none);
    let mut csv = Csv::new(&heads.each_ref().map(String::as_str));
    for line in &export.lines {
        let entry = &line.entry;
        let client = entry.client.map(|client| client.to_string());
        csv.row(&[
            &entry.at.rfc3339(),
            &words.plain(line),
            actor(entry),
            entry.action_name(),
            &entry.subject,
            entry.before.as_deref().unwrap_or_default(),
            entry.after.as_deref().unwrap_or_default(),
            entry.browser.as_ref().map_or("", BrowserLabel::as_str),
            client.as_deref().unwrap_or_default(),
            entry.request_id.as_deref().unwrap_or_default(),
        ]);
    }
    csv.finish()
}

pub(super) fn json(locale: &Locale, export: &Export, next: Option<String>) -> Value {
    let none = HashSet::new();
    let words = words(locale, &none);
    let line = |line: &Line| {
        let entry = &line.entry;
        let actor_id = entry.actor.account().map(|id| id.to_string());
        json!({
            "id": entry.id.to_string(),
            "at": entry.at.rfc3339(),
            "event": words.plain(line),
            "actor": actor(entry),
            "actor_id": actor_id,
            "action": entry.action_name(),
            "subject": entry.subject,
            "subject_id": line.about.map(|id| id.to_string()),
            "before": entry.before,
            "after": entry.after,
            "browser": entry.browser.as_ref().map(BrowserLabel::as_str),
            "client": entry.client.map(|client| client.to_string()),
            "request": entry.request_id,
        })
    };
    json!({ "entries": export.lines.iter().map(line).collect::<Vec<_>>(), "next": next })
}

fn actor(entry: &AuditEntry) -> &str {
    match &entry.actor {
        Actor::Account { email, .. } => email.as_str(),
        Actor::CommandLine => "command line",
        Actor::Gatepost => "gatepost",
        Actor::Visitor => "visitor",
    }
}
