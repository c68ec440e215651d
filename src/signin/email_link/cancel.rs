//! "This wasn't me", from the mail's second link, by way of a page with a button.
//!
//! Ends the attempt; and if somebody has already signed in by it, ends that session too.

use crate::{
    db::{self, attempts::LinkKind},
    domain::{Outcome, audit::Action},
    web::{
        Answer, Layout, Reply, Visit,
        cookies::Name,
        link::{LinkToken, move_token},
    },
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};

#[derive(Template)]
#[template(path = "signin/cancel.html")]
struct CancelPage {
    layout: Layout,
    browser: String,
    client: Option<String>,
    asked_at: String,
    asked_at_machine: String,
}

#[derive(Template)]
#[template(path = "signin/cancelled.html")]
struct CancelledPage {
    layout: Layout,
    /// Sessions that ended with it.
    sessions: usize,
}

#[derive(Template)]
#[template(path = "signin/cancel_unknown.html")]
struct UnknownPage {
    layout: Layout,
}

#[get("/auth/cancel")]
async fn cancel(visit: Visit<'_>, link: LinkToken<'_>) -> Answer {
    if let Some(token) = link.0 {
        return Ok(move_token(&visit, token, Name::Cancel, "/auth/cancel"));
    }
    let Some(token) = visit.cookies.token(Name::Cancel) else { return unknown(&visit) };
    let hash = token.hash();
    let found = visit.read(move |connection| db::attempts::find_by_link(connection, &hash, LinkKind::Cancel)).await?;
    let Some(attempt) = found else { return unknown(&visit) };
    Reply::page(&CancelPage {
        layout: visit.layout(),
        browser: attempt.browser.to_string(),
        client: attempt.client.map(|client| client.to_string()),
        asked_at: attempt.mail_asked_at.for_people(),
        asked_at_machine: attempt.mail_asked_at.rfc3339(),
    })
}

#[post("/auth/cancel")]
async fn confirm(visit: Visit<'_>) -> Answer {
    let Some(token) = visit.cookies.token(Name::Cancel) else { return unknown(&visit) };
    let (hash, now) = (token.hash(), visit.now);
    let entry = visit.audit(Action::AttemptCancelled, "");
    let cancelled = visit
        .write(move |connection| {
            let Some(attempt) = db::attempts::find_by_link(connection, &hash, LinkKind::Cancel)? else {
                return Ok(None);
            };
            let open = db::attempts::end(connection, attempt.id, Outcome::Cancelled, now)?;
            let sessions = db::sessions::delete_made_by(connection, attempt.id)?;
            if open || sessions > 0 {
                let mut entry = entry.clone();
                entry.subject = attempt.email.as_str().to_owned();
                db::audit::insert(connection, &entry)?;
            }
            Ok(Some(sessions))
        })
        .await?;
    let Some(sessions) = cancelled else { return unknown(&visit) };
    visit.cookies.remove(Name::Cancel);
    tracing::warn!(request = %visit.request_id, sessions, "an attempt was cancelled by whoever reads the mailbox");
    Reply::page(&CancelledPage { layout: visit.layout(), sessions })
}

fn unknown(visit: &Visit<'_>) -> Answer {
    Reply::page_with(Status::NotFound, &UnknownPage { layout: visit.layout() })
}

pub fn routes() -> Vec<Route> {
    routes![cancel, confirm]
}
