//! `/auth/new-browser`: the link in the email about a sign-in in a browser not seen before. Its
//! page asks. Its button works in any browser, and signs out that browser only.

use crate::{
    db::{self, DbConnection, Error, Tx},
    domain::{
        Account, AuditEntry, SessionId, Timestamp, TokenHash,
        audit::{Action, Actor},
        gain::UNDO_LIFETIME,
        known_browser::KnownBrowser,
    },
    web::{
        Answer, Failure, Fields, Layout, Note, Reply, Visit,
        acting::Stranger,
        cookies::Name,
        link_token::{self, LinkToken, is_about, move_token},
    },
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};

const PATH: &str = "/auth/new-browser";

#[derive(Template)]
#[template(path = "account/new_browser.html")]
struct NewBrowserPage<'a> {
    layout: Layout,
    email: &'a str,
    browser: String,
    client: Option<String>,
    at: Timestamp,
    id: String,
}

#[derive(Template)]
#[template(path = "account/new_browser_over.html")]
struct OverPage {
    layout: Layout,
    over: Over,
}

/// Why there is nothing to ask.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    /// The browser is signed out.
    SignedOut,
    Expired,
    /// No email has this link: it is incomplete, or too old to be kept.
    Unknown,
}

struct Found {
    browser: KnownBrowser,
    account: Account,
    /// The browser is signed in, or an app still has what it was given there.
    is_in_use: bool,
}

fn find(connection: &mut DbConnection, link: &TokenHash, now: Timestamp) -> Result<Option<Found>, Error> {
    let Some(browser) = db::known_browsers::find_by_link(connection, link)? else { return Ok(None) };
    let Some(account) = db::accounts::find(connection, browser.account_id)? else { return Ok(None) };
    let is_in_use = is_in_use(connection, &browser, now)?;
    Ok(Some(Found { browser, account, is_in_use }))
}

/// The browser whose link was opened here.
async fn opened(visit: &Visit<'_>) -> Result<Option<Found>, Failure> {
    let now = visit.now;
    let found =
        link_token::opened(visit, Name::NewBrowser, move |connection, link| find(connection, link, now)).await?;
    Ok(found.map(|(_, found)| found))
}

/// A thief may sign out, and leave an app with access that outlasts it.
fn is_in_use(connection: &mut DbConnection, browser: &KnownBrowser, now: Timestamp) -> Result<bool, Error> {
    Ok(db::sessions::are_in_browser(connection, browser.account_id, browser.id)?
        || db::oidc_grants::outlast_in_browser(connection, (browser.account_id, browser.id), now)?)
}

fn over(visit: &Visit<'_>, over: Over) -> Answer {
    let status = if over == Over::SignedOut { Status::Ok } else { Status::Gone };
    Reply::page_with(status, &OverPage { layout: visit.layout(), over })
}

#[get("/auth/new-browser")]
async fn show(visit: Visit<'_>, link: LinkToken<'_>) -> Answer {
    if let Some(token) = link.0 {
        return Ok(move_token(&visit, token, Name::NewBrowser, PATH));
    }
    let found = opened(&visit).await?;
    match &found {
        Some(found) if !found.is_in_use => over(&visit, Over::SignedOut),
        Some(found) if found.browser.has_link(visit.now) => Reply::page(&NewBrowserPage {
            layout: visit.layout(),
            email: found.account.email.as_str(),
            browser: visit.locale.browser(&found.browser.browser),
            client: found.browser.client.map(|client| client.to_string()),
            at: found.browser.first_used_at,
            id: found.browser.id.to_string(),
        }),
        Some(_) => over(&visit, Over::Expired),
        None => over(&visit, Over::Unknown),
    }
}

#[post("/auth/new-browser", data = "<form>")]
async fn confirm(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["browser"])?;
    let Some(Found { browser, account, .. }) = opened(&visit).await? else { return Ok(Reply::see_other(PATH)) };
    if !is_about(&form, "browser", browser.id) {
        return Ok(Reply::see_other(PATH));
    }
    let (owner, bearer) = (account.id, visit.bearer());
    let ended = visit
        .as_stranger(Stranger::HoldsALink, move |tx| {
            // So that no sign-in in that browser, under way at this moment, makes another session
            // behind this one.
            tx.lock(&account.email)?;
            let by = bearer.as_ref().map(|bearer| bearer.is_still(tx)).transpose()?.flatten();
            let ended = sign_out(tx, &browser)?;
            if ended.is_some() {
                let line = tx.line(Action::SessionRevoked, account.email.as_str()).to("mailed link");
                let line = if by.is_some() { line } else { AuditEntry { actor: Actor::Visitor, ..line } };
                tx.log(&line)?;
                tx.changes(account.id);
            }
            Ok(ended)
        })
        .await?;
    let Some(ended) = ended else { return Ok(Reply::see_other(PATH)) };
    tracing::warn!(request = %visit.request_id, account = %owner, "a new browser was signed out by email");
    let here = visit.signed_in().map(|known| (known.account.id, known.session.id));
    match here {
        Some((_, session)) if ended.contains(&session) => {
            visit.drop_session_cookie();
            visit.cookies.forget_what_was_under_way_but(Some(Name::NewBrowser));
            Ok(Reply::see_other(PATH))
        }
        Some((account, _)) if account == owner => visit.say("/account/security", Note::BrowserSignedOut),
        // The page there says that it is done, and leads on to the sign-in methods, after signing
        // in.
        _ => Ok(Reply::see_other(PATH)),
    }
}

/// Ends the sessions in that browser and what apps have from them, and lets it count as new.
/// Returns which sessions they were, or `None` if nothing was left to end.
fn sign_out(tx: &mut Tx<'_>, browser: &KnownBrowser) -> Result<Option<Vec<SessionId>>, Error> {
    if !browser.has_link(tx.now) || !is_in_use(tx.connection, browser, tx.now)? {
        return Ok(None);
    }
    let ended = db::sessions::delete_in_browser(tx.connection, browser.account_id, browser.id)?;
    db::known_browsers::sign_out(tx.connection, browser.id, tx.now)?;
    Ok(Some(ended))
}

pub(super) fn routes() -> Vec<Route> {
    routes![show, confirm]
}
