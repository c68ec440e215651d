//! The first start: the log shows a link, and its reader names the first admin.
//!
//! The link proves access to the machine's console, as a console link does, and signs in by that
//! method. However many users open such links, only one of them names the admin. After that all
//! set-up links are invalid.

use super::{
    complete::{self, Completion, Here, Proven},
    welcome::{let_wait, welcome},
};
use crate::{
    db::{self, DbConnection, Error, attempts::LinkKind},
    domain::{
        Attempt, AttemptId, AuditEntry, EmailAddress, Entropy, Method, Purpose, ReturnTo, Settings, Timestamp, Token,
        account::AccountOrigin,
        attempt::{Life, Printed, SET_UP_LIFETIME},
        audit::Action,
    },
    people::{self, Added, Giver},
    services::Services,
    web::{
        Answer, Failure, Fields, Layout, Note, Reply, Visit,
        acting::Stranger,
        cookies::Name,
        link::{LinkToken, move_token},
    },
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "signin/set_up.html")]
struct SetUpPage<'a> {
    layout: Layout,
    email: &'a str,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "signin/set_up_over.html")]
struct OverPage {
    layout: Layout,
}

/// Returns a link for the first admin, for the log, if there has never been one.
pub async fn print_set_up_link(services: &Services) -> Result<Option<String>, Error> {
    let (token, entropy, now) = (Token::issue(&*services.entropy), Arc::clone(&services.entropy), services.now());
    let hash = token.hash();
    let made = services
        .db
        .write(move |connection| {
            if db::installation::is_set_up(connection)? || db::accounts::has_any_admin(connection)? {
                return Ok(false);
            }
            let printed = Printed {
                purpose: Purpose::SetUp,
                // The page asks for the real address.
                email: EmailAddress::parse("first-admin@gatepost.invalid").map_err(|_| Error::unreadable("address"))?,
                account_id: None,
                token: hash,
                lifetime: SET_UP_LIFETIME,
                return_to: ReturnTo::parse("/admin"),
            };
            let attempt = Attempt::printed(AttemptId::issue(&*entropy), printed, now);
            db::attempts::insert(connection, &attempt)?;
            db::attempts::note_link(connection, attempt.id, &hash, LinkKind::Open)?;
            Ok(true)
        })
        .await?;
    Ok(made.then(|| services.config.base_url.join(&format!("/setup?token={}", token.reveal()))))
}

#[get("/setup")]
async fn set_up(visit: Visit<'_>, link: LinkToken<'_>) -> Answer {
    if let Some(token) = link.0 {
        return Ok(move_token(&visit, token, Name::SetUp, "/setup"));
    }
    match open_attempt(&visit).await? {
        Some(_) => visit.page(&SetUpPage {
            layout: visit.layout(),
            email: visit.typed("email").unwrap_or_default(),
            problem: visit.problem_of("email"),
        }),
        None => Reply::page_with(Status::Gone, &OverPage { layout: visit.layout() }),
    }
}

#[post("/setup", data = "<form>")]
async fn name_admin(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["email"])?;
    let typed = form.required("email")?;
    let Some((token, attempt)) = open_attempt(&visit).await? else { return Ok(Reply::see_other("/setup")) };
    let email = match EmailAddress::parse(typed) {
        Ok(email) => email,
        Err(why) => return visit.refuse(Note::NotAnAddress(why)),
    };
    let proven = Proven {
        method: Method::ConsoleLink,
        email,
        factor_since: None,
        attempt: Some(attempt.id),
        remember: false,
        return_to: ReturnTo::parse("/admin"),
        here: Here::of(&visit),
    };
    let (settings, entropy, now) = (Arc::clone(&visit.settings), Arc::clone(&visit.services.entropy), visit.now);
    let entry = visit.audit(Action::SetUp, proven.email.as_str());
    let hash = token.hash();
    let completion = visit
        .as_stranger(Stranger::HoldsALink, move |tx| {
            let connection = &mut *tx.connection;
            // One after the other: the first one ends every other set-up link, before the others
            // read theirs.
            db::serialise(connection, "set up")?;
            if !db::attempts::redeem_link(connection, attempt.id, &hash, now)?
                || !db::installation::claim(connection, now)?
            {
                return Ok(None);
            }
            begin(connection, &settings, &*entropy, &proven, &entry, now).map(Some)
        })
        .await?;
    let signed_in = match completion {
        Some(Completion::SignedIn(signed_in)) => signed_in,
        // The address has an older account with a second factor.
        Some(Completion::Waits(waiting)) => {
            visit.cookies.remove(Name::SetUp);
            return Ok(let_wait(&visit, &waiting));
        }
        Some(Completion::Refused(_)) | None => return Ok(Reply::see_other("/setup")),
    };
    welcome(&visit, &signed_in);
    visit.cookies.remove(Name::SetUp);
    tracing::warn!(request = %visit.request_id, admin = %signed_in.account.email, "the first admin was named");
    Ok(Reply::see_other("/admin"))
}

fn begin(
    connection: &mut DbConnection,
    settings: &Settings,
    entropy: &dyn Entropy,
    proven: &Proven,
    entry: &AuditEntry,
    now: Timestamp,
) -> Result<Completion, Error> {
    let rights = Some(Giver::Operator);
    if let Added::Known(account) = people::add(connection, entropy, &proven.email, rights, AccountOrigin::SetUp, now)? {
        db::accounts::set_admin(connection, account.id, true)?;
        db::accounts::set_disabled(connection, account.id, None)?;
    }
    db::audit::insert(connection, entry)?;
    db::attempts::end_all_for(connection, Purpose::SetUp, now)?;
    complete::complete(connection, settings, entropy, proven, now)
}

async fn open_attempt(visit: &Visit<'_>) -> Result<Option<(Token, Attempt)>, Failure> {
    let Some(token) = visit.cookies.token(Name::SetUp) else { return Ok(None) };
    let (hash, now) = (token.hash(), visit.now);
    let found = visit
        .read(move |connection| {
            if db::installation::is_set_up(connection)? {
                return Ok(None);
            }
            db::attempts::find_by_link(connection, &hash, LinkKind::Open)
        })
        .await?;
    Ok(found
        .filter(|attempt| attempt.purpose == Purpose::SetUp && attempt.life(now) == Life::Open)
        .map(|attempt| (token, attempt)))
}

pub fn routes() -> Vec<Route> {
    routes![set_up, name_admin]
}
