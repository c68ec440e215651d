//! `/auth/reset`: the mailed link that lets its reader choose a new password.
//!
//! Opening it changes nothing, as with every mailed link; it is redeemed together with the new password. It signs nobody in: whoever has chosen
//! a password signs in with it like everybody else.

use crate::{
    db::{self, attempts::LinkKind},
    domain::{Account, Attempt, Password, Purpose, Token, attempt::Life, audit::Action, password},
    people,
    web::{
        Answer, Failure, Fields, Layout, Reply, Visit,
        cookies::Name,
        hashing,
        link::{LinkToken, move_token},
        words::unfit,
    },
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};
use std::sync::Arc;

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
    lifetime: String,
}

#[derive(Template)]
#[template(path = "signin/reset_done.html")]
struct DonePage {
    layout: Layout,
}

#[get("/auth/reset")]
async fn reset(visit: Visit<'_>, link: LinkToken<'_>) -> Answer {
    if let Some(token) = link.0 {
        return Ok(move_token(&visit, token, Name::Reset, "/auth/reset"));
    }
    match opened(&visit).await? {
        Some((_, attempt)) => page(&visit, &attempt, None),
        None => over(&visit),
    }
}

fn page(visit: &Visit<'_>, attempt: &Attempt, problem: Option<String>) -> Answer {
    let status = if problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
    let page = ResetPage {
        layout: visit.layout(),
        email: attempt.email.as_str(),
        attempt: attempt.id.to_string(),
        problem,
        min_length: password::MIN_LENGTH,
        max_length: password::MAX_LENGTH,
    };
    Reply::page_with(status, &page)
}

fn over(visit: &Visit<'_>) -> Answer {
    let lifetime = visit.settings.link_lifetime.for_people();
    Reply::page_with(Status::Gone, &OverPage { layout: visit.layout(), lifetime })
}

/// The link that this browser has opened and its attempt, if it is still good.
async fn opened(visit: &Visit<'_>) -> Result<Option<(Token, Attempt)>, Failure> {
    let Some(token) = visit.cookies.token(Name::Reset).filter(|_| visit.settings.password_enabled) else {
        return Ok(None);
    };
    let hash = token.hash();
    let found = visit.read(move |connection| db::attempts::find_by_link(connection, &hash, LinkKind::Open)).await?;
    Ok(found
        .filter(|attempt| attempt.purpose == Purpose::ResetPassword)
        .filter(|attempt| attempt.token == Some(hash) && attempt.life(visit.now) == Life::Open)
        .map(|attempt| (token, attempt)))
}

#[post("/auth/reset", data = "<form>")]
async fn choose(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["attempt", "new_password"])?;
    let typed = form.required("new_password")?;
    let Some((token, attempt)) = opened(&visit).await? else { return over(&visit) };
    if form.get("attempt").is_some_and(|shown| shown != attempt.id.to_string()) {
        // Another link was opened in another tab since: the page must be about the account whose password it sets.
        return Ok(Reply::see_other("/auth/reset"));
    }
    let password = match Password::choose(typed, &attempt.email, &visit.settings.product_name) {
        Ok(password) => password,
        Err(problem) => return page(&visit, &attempt, Some(unfit(problem))),
    };
    let hash = hashing::hash(&visit, password).await?;
    let (start, entropy, now) = (visit.services.settings.start(), Arc::clone(&visit.services.entropy), visit.now);
    let entry = visit.audit(Action::PasswordReset, attempt.email.as_str());
    let link = token.hash();
    let is_done = visit
        .write_and_ring(move |connection| {
            // As everything that touches this mailbox does, so that none cross.
            db::serialise(connection, &attempt.email.mailbox())?;
            if !db::settings::load(connection, &start)?.password_enabled
                || !db::attempts::redeem_link(connection, attempt.id, &link, now)?
            {
                return Ok(false);
            }
            let account = db::accounts::find_by_email(connection, &attempt.email)?.filter(Account::is_active);
            let Some(account) = account else { return Ok(false) };
            people::reset_password(connection, &*entropy, &account, &hash, now)?;
            db::audit::insert(connection, &entry)?;
            Ok(true)
        })
        .await?;
    visit.cookies.remove(Name::Reset);
    if !is_done {
        return over(&visit);
    }
    tracing::warn!(request = %visit.request_id, "a password was reset");
    // Its session is over, if it was one of that account.
    visit.forget_session();
    Reply::page(&DonePage { layout: Layout::new(&visit.settings, visit.assets, None) })
}

pub fn routes() -> Vec<Route> {
    routes![reset, choose]
}
