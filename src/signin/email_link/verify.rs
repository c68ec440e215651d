//! The email link.
//!
//! `GET /auth/verify?token=…` only moves the token into a cookie. It leaves the address bar, the
//! history and any Referer before a page is shown. `GET /auth/verify` shows what the link can do
//! here.
//!
//! Neither changes anything, because mail scanners open every link, and some press buttons. `POST
//! /auth/verify` redeems.

use super::{
    redeem::{Redeemed, Redeemer, reward},
    start_attempt::{self, EmailRequest},
};
use crate::{
    db::{self, DbConnection, Error, Stop, Tx, attempts::LinkKind},
    domain::{
        Attempt, BrowserLabel, Destination, Lifetime, Method, Purpose, Timestamp, Token, TokenHash,
        opened_link::{self, Consent, OpenedLinkState, Viewer},
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

/// The button, in the browser that may press it.
#[derive(Template)]
#[template(path = "signin/verify_ready.html")]
struct ReadyPage<'a> {
    layout: Layout,
    email: &'a str,
    attempt: String,
    purpose: Purpose,
    remember: bool,
    /// Time for which "keep me signed in" lasts.
    keep_for: Lifetime,
}

#[derive(Template)]
#[template(path = "signin/verify_elsewhere.html")]
struct ElsewherePage<'a> {
    layout: Layout,
    email: &'a str,
    attempt: String,
    browser: &'a BrowserLabel,
    client: Option<String>,
    asked_at: Timestamp,
    /// Account that this browser is signed in to.
    current: Option<String>,
}

/// The second of two steps, in a browser that did not ask.
#[derive(Template)]
#[template(path = "signin/verify_this_device.html")]
struct ThisDevicePage<'a> {
    layout: Layout,
    email: &'a str,
    attempt: String,
    browser: &'a BrowserLabel,
    someone_else: Option<String>,
    keep_for: Lifetime,
}

#[derive(Template)]
#[template(path = "signin/verify_someone_else.html")]
struct SomeoneElsePage<'a> {
    layout: Layout,
    email: &'a str,
    attempt: String,
    someone_else: String,
    remember: bool,
    keep_for: Lifetime,
}

#[derive(Template)]
#[template(path = "signin/verify_not_here.html")]
struct NotHerePage {
    layout: Layout,
    is_step_up: bool,
}

#[derive(Template)]
#[template(path = "signin/verify_over.html")]
struct OverPage {
    layout: Layout,
    /// Key of the heading.
    heading: &'static str,
    /// Purpose of the link, if it is known.
    purpose: Option<Purpose>,
    /// Id of its attempt, or empty.
    attempt: String,
    /// Masked address that would get a new email.
    masked: Option<String>,
    /// Place to which the link would have led.
    destination: String,
    lifetime: Lifetime,
}

/// No link was opened here, or it has done its work.
#[derive(Template)]
#[template(path = "signin/signed_in.html")]
struct SignedInPage<'a> {
    layout: Layout,
    email: &'a str,
    destination: &'a str,
    is_account: bool,
}

#[derive(Template)]
#[template(path = "signin/verify_off.html")]
struct OffPage {
    layout: Layout,
}

const PATH: &str = "/auth/verify";

/// An opened link.
struct Opened {
    token: Token,
    attempt: Attempt,
}

#[get("/auth/verify")]
async fn verify(visit: Visit<'_>, link: LinkToken<'_>) -> Answer {
    if let Some(token) = link.0 {
        note_opening(&visit, token);
        return Ok(move_token(&visit, token, Name::Link, "/auth/verify"));
    }
    let Some(opened) = opened(&visit).await? else { return over(&visit, None) };
    show(&visit, &opened, state(&visit, &opened, Consent::default()))
}

/// Notes that a link was opened, and who could have asked for it. That changes nothing about the
/// link: an admin sees at which domains scanners open links.
fn note_opening(visit: &Visit<'_>, token: &str) {
    if let Some(token) = Token::present(token) {
        let own = visit.cookies.attempts().into_iter().map(|own| own.verifier.hash()).collect();
        visit.services.openings.note(token.hash(), own, visit.now);
    }
}

/// The page of the second step, for a browser that did not ask.
#[get("/auth/verify/this-device")]
async fn this_device(visit: Visit<'_>) -> Answer {
    let Some(opened) = opened(&visit).await? else { return over(&visit, None) };
    let state = state(&visit, &opened, Consent::default());
    if state != OpenedLinkState::Elsewhere {
        return show(&visit, &opened, state);
    }
    let attempt = &opened.attempt;
    let someone_else =
        visit.signed_in().map(|known| known.account.email.clone()).filter(|email| *email != attempt.email);
    Reply::page(&ThisDevicePage {
        layout: visit.layout(),
        email: attempt.email.as_str(),
        attempt: attempt.id.to_string(),
        browser: &attempt.browser,
        someone_else: someone_else.map(|email| email.as_str().to_owned()),
        keep_for: visit.settings.session_idle_lifetime,
    })
}

#[post("/auth/verify", data = "<form>")]
async fn press(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["attempt", "this_device", "switch", "choice", "remember"])?;
    let Some(mut opened) = opened(&visit).await? else { return Ok(Reply::see_other(PATH)) };
    if !is_about(&form, "attempt", opened.attempt.id) {
        return Ok(Reply::see_other(PATH));
    }
    if form.get("choice").is_some() {
        // Said of this device, and later than what was said when the email was asked for.
        opened.attempt.remember = form.ticked("remember");
    }
    let consent =
        Consent { this_device: form.get("this_device") == Some("yes"), switch: form.get("switch") == Some("yes") };
    match state(&visit, &opened, consent) {
        OpenedLinkState::Ready => redeem(&visit, opened, consent).await,
        // The first button in a browser that did not ask leads to a page, not to a session.
        OpenedLinkState::Elsewhere => Ok(Reply::see_other("/auth/verify/this-device")),
        // That page names the signed-in user, and its button ends their session.
        OpenedLinkState::SomeoneElse if consent.this_device => Ok(Reply::see_other("/auth/verify/this-device")),
        // The page says which.
        OpenedLinkState::SomeoneElse | OpenedLinkState::NotHere | OpenedLinkState::Over | OpenedLinkState::Off => {
            Ok(Reply::see_other(PATH))
        }
    }
}

fn find(connection: &mut DbConnection, link: &TokenHash) -> Result<Option<Attempt>, Error> {
    db::attempts::find_by_link(connection, link, LinkKind::Open)
}

/// The link that this browser has opened, and its attempt.
async fn opened(visit: &Visit<'_>) -> Result<Option<Opened>, Failure> {
    let found = link_token::opened(visit, Name::Link, find).await?;
    Ok(found.filter(|(_, attempt)| attempt.purpose.opens_button()).map(|(token, attempt)| Opened { token, attempt }))
}

fn state(visit: &Visit<'_>, opened: &Opened, consent: Consent) -> OpenedLinkState {
    // Compare the verifier alone, because the cookie may have the name of the attempt that this one
    // replaced.
    let own = visit.cookies.attempts().into_iter().map(|own| own.verifier.hash());
    let verifier = own.into_iter().find(|verifier| opened.attempt.was_asked_by(Some(verifier)));
    let signed_in = visit.signed_in().map(|known| (known.account.id, known.account.email.as_str(), known.session.id));
    let link = opened.token.hash();
    let viewer = Viewer { verifier: verifier.as_ref(), signed_in, consent, ..Viewer::of(&link) };
    opened_link::state(&opened.attempt, viewer, &visit.settings, visit.now)
}

fn show(visit: &Visit<'_>, opened: &Opened, state: OpenedLinkState) -> Answer {
    let attempt = &opened.attempt;
    let layout = visit.layout();
    let email = attempt.email.as_str();
    let (remember, keep_for) = (attempt.remember, visit.settings.session_idle_lifetime);
    match state {
        OpenedLinkState::Ready => {
            let (attempt, purpose) = (attempt.id.to_string(), attempt.purpose);
            Reply::page(&ReadyPage { layout, email, attempt, purpose, remember, keep_for })
        }
        OpenedLinkState::Elsewhere => Reply::page(&ElsewherePage {
            layout,
            email,
            attempt: attempt.id.to_string(),
            browser: &attempt.browser,
            client: attempt.client.map(|client| client.to_string()),
            asked_at: attempt.mail_asked_at,
            current: visit.signed_in().map(|known| known.account.email.as_str().to_owned()),
        }),
        OpenedLinkState::SomeoneElse => {
            // Includes a user who first has to enrol a second factor. No page of theirs would
            // explain why the link does nothing.
            let someone_else = visit.require_enrolling()?.account.email.as_str().to_owned();
            let attempt = attempt.id.to_string();
            Reply::page(&SomeoneElsePage { layout, email, attempt, someone_else, remember, keep_for })
        }
        OpenedLinkState::NotHere => {
            let page = NotHerePage { layout, is_step_up: attempt.purpose.freshens_a_session() };
            Reply::page_with(Status::Conflict, &page)
        }
        OpenedLinkState::Over => over(visit, Some(attempt)),
        OpenedLinkState::Off => links_are_off(visit),
    }
}

/// Says that links in emails sign in no longer.
pub fn links_are_off(visit: &Visit<'_>) -> Answer {
    Reply::page_with(Status::Forbidden, &OffPage { layout: visit.layout() })
}

/// Says that the link has ended, and offers a new email without retyping.
fn over(visit: &Visit<'_>, attempt: Option<&Attempt>) -> Answer {
    let again = attempt.filter(|attempt| attempt.purpose.offers_a_new_email() && visit.settings.email_link_enabled);
    // Usually a user who went back after signing in: the link has done its work.
    let there = visit.signed_in().filter(|known| match (attempt, again) {
        (None, _) => true,
        (Some(_), again) => again.is_some_and(|attempt| known.account.email == attempt.email),
    });
    let destination = attempt.map_or_else(Destination::home, |attempt| attempt.destination.clone());
    let status = if attempt.is_some() { Status::Gone } else { Status::NotFound };
    if let Some(known) = there {
        let email = known.account.email.as_str();
        let (destination, is_account) = (destination.href(), destination.page().is_home());
        let page = SignedInPage { layout: visit.layout(), email, destination, is_account };
        return if attempt.is_some() { Reply::page_with(status, &page) } else { Reply::page(&page) };
    }
    let page = OverPage {
        layout: visit.layout(),
        heading: if attempt.is_some() { "link-over" } else { "link-not-working" },
        purpose: attempt.map(|attempt| attempt.purpose),
        attempt: attempt.map(|attempt| attempt.id.to_string()).unwrap_or_default(),
        destination: destination.href().to_owned(),
        masked: again.map(|attempt| attempt.email.masked()),
        lifetime: visit.settings.link_lifetime,
    };
    Reply::page_with(status, &page)
}

async fn redeem(visit: &Visit<'_>, opened: Opened, consent: Consent) -> Answer {
    let redeemer = Redeemer::new(visit, &opened.attempt, Method::EmailLink);
    let attempt = opened.attempt.clone();
    let press = move |tx: &mut Tx<'_>| Stop::commit(use_up(tx, &opened, &redeemer));
    let Ok(redeemed) = visit.as_stranger(Stranger::HoldsALink, press).await? else {
        visit.services.settings.forget();
        return Ok(Reply::see_other(PATH));
    };
    if let Some(on) = reward(visit, &redeemed, &attempt.destination)? {
        tracing::info!(request = %visit.request_id, attempt = %attempt.id, ?consent, "link redeemed");
        visit.cookies.remove(Name::Link);
        return Ok(on);
    }
    if let Redeemed::Refused(_) = redeemed {
        visit.cookies.remove(Name::Link);
        return may_not_sign_in(visit, &attempt);
    }
    Ok(Reply::see_other(PATH))
}

/// Email links are turned off.
struct Off;

fn use_up(tx: &mut Tx<'_>, Opened { token, attempt }: &Opened, by: &Redeemer) -> Result<Redeemed, Stop<Off>> {
    by.lock(tx, attempt)?;
    // Checked in the redeeming transaction, so that turning email links off covers emails already
    // sent.
    if opened_link::is_switched_off(attempt.purpose, &*tx.settings()?) {
        return Err(Stop::Refused(Off));
    }
    let permit = by.permit(tx, attempt)?;
    if let Some(refused) = permit.refusal() {
        return Ok(refused);
    }
    if !db::attempts::redeem_link(tx.connection, attempt.id, &token.hash(), tx.now)? {
        return Ok(Redeemed::Over);
    }
    Ok(by.redeem(tx, attempt, &permit)?)
}

/// Says that the user has verified the address, but the account may not sign in.
pub(super) fn may_not_sign_in(visit: &Visit<'_>, attempt: &Attempt) -> Answer {
    visit.say("/login", Note::MayNotSignIn { email: attempt.email.as_str().to_owned() })
}

/// Sends a new email to the address of the current link, for this browser.
#[post("/auth/again", data = "<form>")]
async fn again(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["attempt"])?;
    let Some(Opened { attempt, .. }) = opened(&visit).await? else { return Ok(Reply::see_other("/login")) };
    if !is_about(&form, "attempt", attempt.id) {
        return Ok(Reply::see_other("/auth/verify"));
    }
    if !attempt.purpose.offers_a_new_email() || !visit.settings.email_link_enabled {
        return Ok(Reply::see_other("/login"));
    }
    let Attempt { purpose, email, remember, destination, .. } = attempt;
    start_attempt::ask(&visit, EmailRequest { purpose, email, remember, destination }).await?;
    visit.cookies.remove(Name::Link);
    Ok(Reply::see_other("/login/sent"))
}

pub(super) fn routes() -> Vec<Route> {
    routes![verify, this_device, press, again]
}
