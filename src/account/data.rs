//! "Download my data": everything that is kept about an account, as JSON, for its owner after a step-up.

use crate::{
    db,
    domain::{AuditEntry, Session, Timestamp},
    web::{Answer, Reply, Visit, step_up},
};
use rocket::{Route, get, routes};
use serde_json::{Value, json};

/// Audit entries that go along, the newest.
const MOST_ENTRIES: i64 = 10_000;

#[get("/account/data")]
async fn data(visit: Visit<'_>) -> Answer {
    let known = visit.require()?;
    if !visit.is_fresh() {
        return Ok(step_up::go("/account/data"));
    }
    let id = known.account.id;
    let (sessions, entries) = visit
        .read(move |connection| {
            Ok((db::sessions::of_account(connection, id)?, db::audit::by_account(connection, id, MOST_ENTRIES)?))
        })
        .await?;
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
        "sessions": sessions.iter().map(session).collect::<Vec<_>>(),
        "audit": entries.iter().map(entry).collect::<Vec<_>>(),
    });
    Ok(Reply::json(&data).with_header("Content-Disposition", "attachment; filename=\"gatepost-account.json\""))
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

fn entry(entry: &AuditEntry) -> Value {
    json!({
        "at": entry.at.rfc3339(),
        "action": entry.action.as_str(),
        "subject": entry.subject,
        "before": entry.before,
        "after": entry.after,
        "client_address": entry.client.map(|client| client.to_string()),
    })
}

pub fn routes() -> Vec<Route> {
    routes![data]
}
