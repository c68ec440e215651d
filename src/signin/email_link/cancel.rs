//! "This wasn't me": the email's second link, with a page and a button.
//!
//! Ends the attempt, and what the browser has that asked for the email or used it.

use crate::{
    db::{self, DbConnection, Error, attempts::LinkKind},
    domain::{Attempt, BrowserLabel, Outcome, Purpose, SessionId, Timestamp, TokenHash, audit::Action},
    people::{self, SignedOut},
    web::{
        Answer, Fields, Layout, Note, Reply, UsedEmail, Visit,
        acting::Stranger,
        cookies::Name,
        link_token::{self, LinkToken, is_about, move_token},
    },
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};

const PATH: &str = "/auth/cancel";

#[derive(Template)]
#[template(path = "signin/cancel.html")]
struct CancelPage {
    layout: Layout,
    attempt: String,
    browser: BrowserLabel,
    client: Option<String>,
    asked_at: Timestamp,
    /// The button signs this browser out, too.
    signs_out_here: bool,
}

#[derive(Template)]
#[template(path = "signin/cancelled.html")]
struct CancelledPage {
    layout: Layout,
}

#[derive(Template)]
#[template(path = "signin/cancel_unknown.html")]
struct UnknownPage {
    layout: Layout,
}

fn find(connection: &mut DbConnection, link: &TokenHash) -> Result<Option<Attempt>, Error> {
    db::attempts::find_by_link(connection, link, LinkKind::Cancel)
}

#[get("/auth/cancel")]
async fn cancel(visit: Visit<'_>, link: LinkToken<'_>) -> Answer {
    if let Some(token) = link.0 {
        return Ok(move_token(&visit, token, Name::Cancel, "/auth/cancel"));
    }
    let Some((_, attempt)) = link_token::opened(&visit, Name::Cancel, find).await? else { return unknown(&visit) };
    // An attempt that has signed in stays marked as used.
    let is_said = visit.said().is_some_and(|said| matches!(said.note, Note::Cancelled(_)));
    if is_said || attempt.ended.is_some_and(|(_, outcome)| outcome == Outcome::Cancelled) {
        // Read the database, so that a reload shows only what is true.
        return visit.page(&CancelledPage { layout: visit.layout() });
    }
    let (own, asked) = (own_session(&visit), attempt.clone());
    let signs_out_here = visit.read(move |connection| is_ended(connection, &asked, own)).await?;
    visit.page(&CancelPage {
        layout: visit.layout(),
        attempt: attempt.id.to_string(),
        browser: attempt.browser,
        client: attempt.client.map(|client| client.to_string()),
        asked_at: attempt.mail_asked_at,
        signs_out_here,
    })
}

#[post("/auth/cancel", data = "<form>")]
async fn confirm(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["attempt"])?;
    let Some((_, attempt)) = link_token::opened(&visit, Name::Cancel, find).await? else {
        return Ok(Reply::see_other(PATH));
    };
    if !is_about(&form, "attempt", attempt.id) {
        return Ok(Reply::see_other(PATH));
    }
    let was_used = attempt.ended.is_some_and(|(_, outcome)| outcome == Outcome::Used);
    let (purpose, own) = (attempt.purpose, own_session(&visit));
    let (ended, is_own) = visit
        .as_stranger(Stranger::HoldsALink, move |tx| {
            // Otherwise a second factor shown at this moment could make a session after the
            // attempt's sessions are gone.
            tx.lock(&attempt.email)?;
            let is_own = is_ended(tx.connection, &attempt, own)?;
            let open = db::attempts::end(tx.connection, attempt.id, Outcome::Cancelled, tx.now)?;
            let ended = people::sign_out_user_of(tx, &attempt)?;
            if open || ended.sessions > 0 || was_used {
                tx.log(&tx.line(Action::AttemptCancelled, attempt.email.as_str()))?;
            }
            if let Some(account) = db::accounts::find_by_email(tx.connection, &attempt.email)? {
                tx.changes(account.id);
            }
            Ok((ended, is_own))
        })
        .await?;
    tracing::warn!(request = %visit.request_id, sessions = ended.sessions, "the owner of the mailbox cancelled an attempt");
    // Its own session may be among them. What the page says is then for a browser without a
    // session.
    if is_own {
        visit.drop_session_cookie();
    } else {
        visit.forget_session();
    }
    let note = if is_own { UsedEmail::OwnSignedOut } else { used(purpose, was_used, ended) };
    visit.say(PATH, Note::Cancelled(note))
}

fn own_session(visit: &Visit<'_>) -> Option<SessionId> {
    visit.signed_in().map(|known| known.session.id)
}

/// Returns whether the reader's own session is among those that end.
fn is_ended(connection: &mut DbConnection, attempt: &Attempt, own: Option<SessionId>) -> Result<bool, Error> {
    own.map_or(Ok(false), |own| people::would_sign_out(connection, attempt, own))
}

/// Never says that a browser is signed out without knowing which.
fn used(purpose: Purpose, was_used: bool, ended: SignedOut) -> UsedEmail {
    match ended {
        SignedOut { sessions: 1.., .. } if purpose.freshens_a_session() => UsedEmail::AskerSignedOut,
        SignedOut { sessions: 1.., .. } => UsedEmail::SignedOut,
        _ if !was_used => UsedEmail::Never,
        SignedOut { is_sure: true, .. } => UsedEmail::Before,
        SignedOut { is_sure: false, .. } => UsedEmail::Somewhere,
    }
}

fn unknown(visit: &Visit<'_>) -> Answer {
    Reply::page_with(Status::NotFound, &UnknownPage { layout: visit.layout() })
}

pub(super) fn routes() -> Vec<Route> {
    routes![cancel, confirm]
}
