//! The first start: the log shows a link, and its reader names the first admin.
//!
//! The link proves access to the machine's console, as a console link does, and signs in by that
//! method. However many users open such links, only one of them names the admin. After that all
//! set-up links are invalid.

use super::{
    complete::{self, Completion, Proven, ThisBrowser},
    session_cookies::{ask_second_factor, set_session_cookies},
};
use crate::{
    db::{self, DbConnection, Error, Stop, Tx, attempts::LinkKind},
    domain::{
        Attempt, AttemptId, EmailAddress, Method, Purpose, ReturnTo, Token, TokenHash,
        account::AccountOrigin,
        attempt::{Life, Printed, SET_UP_LIFETIME},
        audit::{Action, Actor},
    },
    people::{self, Added, Giver},
    services::Services,
    web::{
        Answer, Failure, Fields, Layout, Note, Reply, Visit,
        acting::Stranger,
        cookies::Name,
        link_token::{self, LinkToken, move_token},
    },
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};

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
    let token = Token::issue(&*services.entropy);
    let hash = token.hash();
    let made = services
        .transact(Actor::Gatepost, move |tx| {
            if db::installation::is_set_up(tx.connection)? || db::accounts::has_any_admin(tx.connection)? {
                return Ok(false);
            }
            let printed = Printed {
                purpose: Purpose::SetUp,
                // The page asks for the real address.
                email: EmailAddress::parse("first-admin@gatepost.invalid").map_err(|_| Error::unreadable("address"))?,
                account_id: None,
                token: hash,
                lifetime: SET_UP_LIFETIME,
                destination: ReturnTo::parse("/admin").into(),
            };
            let attempt = Attempt::printed(AttemptId::issue_at(tx.entropy, tx.now), printed, tx.now);
            db::attempts::insert(tx.connection, &attempt)?;
            db::attempts::note_link(tx.connection, attempt.id, &hash, LinkKind::Open)?;
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
        Err(why) => return visit.refuse(Note::NotAnAddress(why)).await,
    };
    let proven = Proven {
        method: Method::ConsoleLink,
        email,
        factor_since: None,
        attempt: Some(attempt.id),
        remember: false,
        destination: ReturnTo::parse("/admin").into(),
        this_browser: ThisBrowser::of(&visit),
    };
    let (link, id) = (token.hash(), attempt.id);
    let begin = move |tx: &mut Tx<'_>| Stop::commit(begin(tx, id, &link, &proven));
    let signed_in = match visit.as_stranger(Stranger::HoldsALink, begin).await? {
        Ok(Completion::SignedIn(signed_in)) => signed_in,
        // The address has an older account with a second factor.
        Ok(Completion::Waits(waiting)) => {
            visit.cookies.remove(Name::SetUp);
            return Ok(ask_second_factor(&visit, &waiting));
        }
        Err(Over) => return Ok(Reply::see_other("/setup")),
    };
    set_session_cookies(&visit, &signed_in);
    visit.cookies.remove(Name::SetUp);
    tracing::warn!(request = %visit.request_id, admin = %signed_in.account.email, "the first admin was named");
    Ok(Reply::see_other("/admin"))
}

/// The link has ended, or another one has named the first admin.
struct Over;

fn begin(tx: &mut Tx<'_>, attempt: AttemptId, link: &TokenHash, proven: &Proven) -> Result<Completion, Stop<Over>> {
    // One after the other: the first one ends every other set-up link, before the others read
    // theirs.
    tx.lock_name("set up")?;
    if !db::attempts::redeem_link(tx.connection, attempt, link, tx.now)?
        || !db::installation::claim(tx.connection, tx.now)?
    {
        return Err(Stop::Refused(Over));
    }
    let rights = Some(Giver::Operator);
    if let Added::Known(account) = people::add(tx, &proven.email, rights, AccountOrigin::SetUp)? {
        db::accounts::set_admin(tx.connection, account.id, true)?;
        db::accounts::set_disabled(tx.connection, account.id, None)?;
    }
    tx.log(&tx.line(Action::SetUp, proven.email.as_str()))?;
    db::attempts::end_all_for(tx.connection, Purpose::SetUp, tx.now)?;
    complete::complete(tx, proven).map_err(|stop| stop.map(|_| Over))
}

async fn open_attempt(visit: &Visit<'_>) -> Result<Option<(Token, Attempt)>, Failure> {
    let find = |connection: &mut DbConnection, link: &TokenHash| {
        if db::installation::is_set_up(connection)? {
            return Ok(None);
        }
        db::attempts::find_by_link(connection, link, LinkKind::Open)
    };
    let found = link_token::opened(visit, Name::SetUp, find).await?;
    let counts = |attempt: &Attempt| attempt.purpose.names_the_first_admin() && attempt.life(visit.now) == Life::Open;
    Ok(found.filter(|(_, attempt)| counts(attempt)))
}

pub(super) fn routes() -> Vec<Route> {
    routes![set_up, name_admin]
}
