//! `/auth/reset`: the email link that lets its reader choose a new password.
//!
//! Opening it changes nothing, as with every email link. Setting the new password redeems it. It
//! makes no session: the user then signs in with the new password.

use crate::{
    db::{self, DbConnection, Error, Stop, Tx, attempts::LinkKind},
    domain::{Attempt, EmailAddress, Enrolled, Lifetime, PasswordHash, Token, TokenHash, audit::Action, password},
    people,
    web::{
        Answer, Failure, Fields, Layout, Note, Reply, Visit,
        acting::Stranger,
        cookies::Name,
        hashing,
        link_token::{self, LinkToken, is_about, move_token},
    },
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};

const PATH: &str = "/auth/reset";

#[derive(Template)]
#[template(path = "signin/reset.html")]
struct ResetPage<'a> {
    layout: Layout,
    email: &'a str,
    attempt: String,
    problem: Option<String>,
    min_length: usize,
    max_length: usize,
}

#[derive(Template)]
#[template(path = "signin/reset_over.html")]
struct OverPage {
    layout: Layout,
    lifetime: Lifetime,
}

#[get("/auth/reset")]
async fn reset(visit: Visit<'_>, link: LinkToken<'_>) -> Answer {
    if let Some(token) = link.0 {
        return Ok(move_token(&visit, token, Name::Reset, "/auth/reset"));
    }
    match opened(&visit).await? {
        Some(opened) => page(&visit, &opened),
        None => over(&visit),
    }
}

fn page(visit: &Visit<'_>, opened: &Opened) -> Answer {
    let attempt = &opened.attempt;
    let page = ResetPage {
        layout: visit.layout(),
        email: attempt.email.as_str(),
        attempt: attempt.id.to_string(),
        problem: visit.problem_of("new_password"),
        min_length: password::min_length(opened.enrolled),
        max_length: password::MAX_LENGTH,
    };
    visit.page(&page)
}

fn over(visit: &Visit<'_>) -> Answer {
    let lifetime = visit.settings.link_lifetime;
    Reply::page_with(Status::Gone, &OverPage { layout: visit.layout(), lifetime })
}

/// A valid link, opened in this browser.
struct Opened {
    token: Token,
    attempt: Attempt,
    /// The account's second factors that count.
    ///
    /// The minimum length on the page reveals whether there is one. The reader of the mailbox would
    /// be asked for that factor anyway. An address without an account gets no link.
    enrolled: Enrolled,
}

async fn opened(visit: &Visit<'_>) -> Result<Option<Opened>, Failure> {
    if !visit.settings.password_enabled {
        return Ok(None);
    }
    let find = |connection: &mut DbConnection, link: &TokenHash| {
        let Some(attempt) = db::attempts::find_by_link(connection, link, LinkKind::Open)? else { return Ok(None) };
        let enrolled = enrolled_of(connection, &attempt.email)?;
        Ok(Some((attempt, enrolled)))
    };
    let found = link_token::opened(visit, Name::Reset, find).await?;
    Ok(found
        .filter(|(_, (attempt, _))| attempt.purpose.resets_a_password())
        .filter(|(token, (attempt, _))| attempt.is_opened_by(&token.hash(), visit.now))
        .map(|(token, (attempt, enrolled))| Opened { token, attempt, enrolled: enrolled.under(&visit.settings) }))
}

/// Returns the second factors that remain after the reset. It removes all of an account whose
/// address was never verified.
fn enrolled_of(connection: &mut DbConnection, email: &EmailAddress) -> Result<Enrolled, Error> {
    match db::accounts::find_by_email(connection, email)? {
        Some(account) if account.proven_at.is_some() => db::enrolled::of(connection, account.id),
        _ => Ok(Enrolled::default()),
    }
}

#[post("/auth/reset", data = "<form>")]
async fn choose(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["attempt", "new_password"])?;
    let typed = form.required("new_password")?;
    let Some(opened) = opened(&visit).await? else { return Ok(Reply::see_other(PATH)) };
    if !is_about(&form, "attempt", opened.attempt.id) {
        return Ok(Reply::see_other(PATH));
    }
    hashing::take_a_judgement_by_link(&visit, opened.attempt.id).await?;
    let password = match Stop::split(hashing::choose(&visit, typed, opened.enrolled, &opened.attempt.email).await)? {
        Ok(password) => password,
        Err(why) => {
            let least = password::min_length(opened.enrolled);
            return visit.refuse(Note::BadPassword { why, least }).await;
        }
    };
    let Opened { token, attempt, .. } = opened;
    hashing::take_a_reset(&visit, attempt.id).await?;
    let hash = hashing::hash(&visit, password).await?;
    let email = attempt.email.clone();
    let used = Used { link: token.hash(), known: visit.cookies.token(Name::Known).map(|known| known.hash()) };
    let reset = move |tx: &mut Tx<'_>| Stop::commit(reset_password(tx, &attempt, &used, &hash));
    let reset = visit.as_stranger_of(Stranger::HoldsALink, email.clone(), reset).await?;
    visit.cookies.remove(Name::Reset);
    if let Err(Over) = reset {
        return Ok(Reply::see_other(PATH));
    }
    tracing::warn!(request = %visit.request_id, "a password was reset");
    // Its session may have ended with those of the account.
    visit.forget_session();
    // The next page asks for the password alone.
    visit.say_with("/login/password", Note::PasswordReset, &[("email", email.as_str())]).await
}

/// The link has ended, or passwords were turned off.
struct Over;

/// The link that is used, and the secret by which accounts know the browser.
struct Used {
    link: TokenHash,
    known: Option<TokenHash>,
}

fn reset_password(tx: &mut Tx<'_>, attempt: &Attempt, used: &Used, hash: &PasswordHash) -> Result<(), Stop<Over>> {
    // Locked like every change to this mailbox, so that changes take turns.
    tx.lock(&attempt.email)?;
    if !tx.settings()?.password_enabled || !db::attempts::redeem_link(tx.connection, attempt.id, &used.link, tx.now)? {
        return Err(Stop::Refused(Over));
    }
    let account =
        db::accounts::find_by_email(tx.connection, &attempt.email)?.filter(|account| account.is_usable(tx.now));
    let account = account.ok_or(Stop::Refused(Over))?;
    let secrets: Vec<TokenHash> = used.known.iter().cloned().collect();
    let browser = db::known_browsers::find(tx.connection, account.id, &secrets)?.map(|(browser, _)| browser);
    if let Some(browser) = browser {
        db::attempts::note_browser(tx.connection, attempt.id, browser)?;
    }
    people::reset_password(tx, &account, hash, browser)?;
    tx.changes(account.id);
    Ok(tx.log(&tx.line(Action::PasswordReset, attempt.email.as_str()))?)
}

pub(super) fn routes() -> Vec<Route> {
    routes![reset, choose]
}
