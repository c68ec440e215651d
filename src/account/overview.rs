//! `/account`: everything at a glance, and the name.

use crate::{
    db,
    domain::{
        Session, Timestamp,
        account::{AccountName, NotAName},
        audit::Action,
    },
    web::{Answer, Fields, Layout, Need, Reply, Visit, step_up},
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};

#[derive(Template)]
#[template(path = "account/overview.html")]
struct OverviewPage<'a> {
    layout: Layout,
    email: &'a str,
    name: &'a str,
    name_problem: Option<&'a str>,
    max_name: usize,
    member_since: Timestamp,
    proven: bool,
    sessions: Vec<SessionRow>,
    /// When the second factors are to be removed, if somebody has asked for it.
    recovery_due_at: Option<Timestamp>,
    done: Option<&'static str>,
}

/// A signed-in browser, as its owner sees it.
struct SessionRow {
    id: String,
    browser: String,
    client: Option<String>,
    methods: String,
    since: Timestamp,
    seen: Timestamp,
    remembered: bool,
    is_this: bool,
}

impl SessionRow {
    fn new(session: &Session, this: &Session) -> Self {
        let methods: Vec<_> = session.proofs.iter().map(|proof| proof.method.for_people()).collect();
        Self {
            id: session.id.to_string(),
            browser: session.browser.to_string(),
            client: session.client.map(|client| client.to_string()),
            methods: methods.join(", "),
            since: session.created_at,
            seen: session.last_seen_at,
            remembered: session.remember,
            is_this: session.id == this.id,
        }
    }
}

#[get("/account?<done>")]
async fn overview(visit: Visit<'_>, done: Option<&str>) -> Answer {
    page(&visit, None, done).await
}

async fn page(visit: &Visit<'_>, retry: Option<(&str, NotAName)>, done: Option<&str>) -> Answer {
    let known = visit.require()?;
    let (account, lifetime_settings) = (known.account.id, visit.settings.clone());
    let now = visit.now;
    let (sessions, recovery) = visit
        .read(move |connection| {
            Ok((db::sessions::of_account(connection, account)?, db::recoveries::under_way(connection, account)?))
        })
        .await?;
    let alive = |session: &&Session| {
        session.is_alive(session.last_seen_at, lifetime_settings.session_lifetime(session.remember), now)
    };
    let page = OverviewPage {
        layout: visit.layout(),
        email: known.account.email.as_str(),
        name: retry.map_or(known.account.name.as_str(), |(typed, _)| typed),
        name_problem: retry.map(|(_, problem)| match problem {
            NotAName::TooLong => "A name has up to 100 characters.",
            NotAName::Unprintable => "There is a character in it that cannot be shown.",
        }),
        max_name: AccountName::MAX_LENGTH,
        member_since: known.account.created_at,
        proven: known.account.proven_at.is_some(),
        sessions: sessions.iter().filter(alive).map(|session| SessionRow::new(session, &known.session)).collect(),
        recovery_due_at: recovery.map(|recovery| recovery.due_at),
        done: done.and_then(words),
    };
    let status = if retry.is_some() { Status::UnprocessableEntity } else { Status::Ok };
    Reply::page_with(status, &page)
}

/// What was just done. Only known words lead to sentences, so that no link can make the page say something else.
fn words(done: &str) -> Option<&'static str> {
    Some(match done {
        step_up::CONFIRMED => step_up::PRESS_AGAIN,
        "name" => "Your name is saved.",
        "password" => "Your password is in place. Your other browsers are signed out.",
        "no-password" => "Your password is removed. Your other browsers are signed out.",
        "no-recovery" => "Your second factors stay as they are.",
        "recovery-goes-on" => {
            "The removal of your second factors goes on. To keep them, use the link in our email, or sign in again with a second factor that you have had for 7 days."
        }
        "session" => "That browser is signed out.",
        "sessions" => "All your other browsers are signed out.",
        "address-asked" => {
            "If the new address can be used, a mail is on its way to it. Open its link in this browser; until then nothing changes."
        }
        "address" => "Your new address is in place. The old one has been told.",
        _ => return None,
    })
}

#[post("/account/name", data = "<form>")]
async fn set_name(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require()?;
    form.only(&["name"])?;
    let typed = form.required("name")?;
    let name = match AccountName::parse(typed) {
        Ok(name) => name,
        Err(problem) => return page(&visit, Some((typed, problem)), None).await,
    };
    let set = visit.as_account(Need::signed_in(), move |tx, me| {
        db::accounts::set_name(tx.connection, me.account.id, &name)?;
        let line = tx.line(Action::NameChanged, me.account.email.as_str());
        tx.log(&line.from_to(me.account.name.as_str(), name.as_str()))
    });
    set.await?;
    Ok(Reply::see_other("/account?done=name"))
}

pub fn routes() -> Vec<Route> {
    routes![overview, set_name]
}
