//! "Download my data": everything that is kept about an account, as JSON, for its owner after a step-up.

use crate::{
    db,
    domain::{AccountId, Attempt, AuditEntry, EmailAddress, Session, Timestamp, account::AddressChange, audit::Actor},
    web::{Answer, Reply, Visit, step_up},
};
use rocket::{Route, get, routes};
use serde_json::{Value, json};

/// Rows of one table that go along, the newest.
const MOST: i64 = 10_000;

#[get("/account/data")]
async fn data(visit: Visit<'_>) -> Answer {
    let known = visit.require()?;
    if !visit.is_fresh() {
        return Ok(step_up::hold_button("/account"));
    }
    let (id, email) = (known.account.id, known.account.email.clone());
    let kept = visit.read(move |connection| Kept::read(connection, id, &email)).await?;
    let account = &known.account;
    let data = json!({
        "account": {
            "id": account.id.to_string(),
            "email": account.email.as_str(),
            "name": account.name.as_str(),
            "admin": account.is_admin,
            "created_at": account.created_at.rfc3339(),
            "proven_at": account.proven_at.map(Timestamp::rfc3339),
            "last_signed_in_at": account.last_signed_in_at.map(Timestamp::rfc3339),
        },
        "sessions": kept.sessions.iter().map(session).collect::<Vec<_>>(),
        "known_browsers": kept.browsers.iter().map(|at| json!({ "last_used_at": at.rfc3339() })).collect::<Vec<_>>(),
        "address_changes": kept.address_changes.iter().map(address_change).collect::<Vec<_>>(),
        "attempts": kept.attempts.iter().map(attempt).collect::<Vec<_>>(),
        "mails": kept.mails.iter().map(mail).collect::<Vec<_>>(),
        "audit": kept.audit.iter().map(|line| entry(line, account.id)).collect::<Vec<_>>(),
    });
    Ok(Reply::json(&data).with_header("Content-Disposition", "attachment; filename=\"gatepost-account.json\""))
}

/// Whatever the tables have of one person.
struct Kept {
    sessions: Vec<Session>,
    /// When each of the browsers known from before was used last.
    browsers: Vec<Timestamp>,
    address_changes: Vec<AddressChange>,
    attempts: Vec<Attempt>,
    mails: Vec<db::outbox::Glimpse>,
    audit: Vec<AuditEntry>,
}

impl Kept {
    fn read(connection: &mut db::DbConnection, id: AccountId, email: &EmailAddress) -> Result<Self, db::Error> {
        Ok(Self {
            sessions: db::sessions::of_account(connection, id)?,
            browsers: db::devices::of_account(connection, id)?,
            address_changes: db::address_changes::of_account(connection, id)?,
            attempts: db::attempts::of_person(connection, id, email, MOST)?,
            mails: db::outbox::to_person(connection, id, email, MOST)?,
            audit: db::audit::of_person(connection, id, email, MOST)?,
        })
    }
}

fn address_change(change: &AddressChange) -> Value {
    json!({
        "from": change.old_email.as_str(),
        "to": change.new_email.as_str(),
        "at": change.changed_at.rfc3339(),
    })
}

fn attempt(attempt: &Attempt) -> Value {
    json!({
        "purpose": attempt.purpose.as_str(),
        "email": attempt.email.as_str(),
        "asked_at": attempt.requested_at.rfc3339(),
        "browser": attempt.browser.as_str(),
        "client_address": attempt.client.map(|client| client.to_string()),
        "ended_at": attempt.ended.map(|(at, _)| at.rfc3339()),
        "outcome": attempt.ended.map(|(_, outcome)| outcome.as_str()),
    })
}

fn mail(mail: &db::outbox::Glimpse) -> Value {
    json!({
        "kind": mail.kind.as_str(),
        "to": mail.recipient.as_str(),
        "state": mail.state.as_str(),
        "asked_at": mail.created_at.rfc3339(),
        "settled_at": mail.settled_at.map(Timestamp::rfc3339),
    })
}

fn session(session: &Session) -> Value {
    json!({
        "browser": session.browser.as_str(),
        "client_address": session.client.map(|client| client.to_string()),
        "created_at": session.created_at.rfc3339(),
        "last_seen_at": session.last_seen_at.rfc3339(),
        "ends_at": session.ends_at.rfc3339(),
        "methods": session.proofs.iter().map(|proof| json!({
            "method": proof.method.as_str(),
            "at": proof.at.rfc3339(),
        })).collect::<Vec<_>>(),
    })
}

fn entry(entry: &AuditEntry, owner: AccountId) -> Value {
    // What somebody else did is told, and no more: their address, and what they had before, is theirs.
    let is_own = matches!(&entry.actor, Actor::Account { id, .. } if *id == owner);
    json!({
        "at": entry.at.rfc3339(),
        "actor": match &entry.actor {
            Actor::Account { id, email } if *id == owner => email.as_str(),
            // Whose address is not the owner's to take along.
            Actor::Account { .. } => "somebody else",
            Actor::CommandLine => "command line",
            Actor::Visitor => "not signed in",
        },
        "action": entry.action.as_str(),
        "subject": entry.subject,
        "before": entry.before.as_ref().filter(|_| is_own),
        "after": entry.after.as_ref().filter(|_| is_own),
        "client_address": entry.client.filter(|_| is_own).map(|client| client.to_string()),
    })
}

pub fn routes() -> Vec<Route> {
    routes![data]
}
