//! Closing an account: everything of it is removed, at once, but for the audit log's lines.

use crate::{
    domain::audit::Action,
    people::{self, Change},
    web::{
        Answer, Fields, Layout, Need, Reply, Visit,
        step_up::{self, Stale},
    },
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};

const PATH: &str = "/account/close";

#[derive(Template)]
#[template(path = "account/close.html")]
struct ClosePage<'a> {
    layout: Layout,
    email: &'a str,
    /// The form waited for a step-up.
    is_held: bool,
    problem: Option<&'a str>,
    audit_lifetime: String,
}

#[derive(Template)]
#[template(path = "account/closed.html")]
struct ClosedPage {
    layout: Layout,
}

#[get("/account/close?<held>")]
async fn close(visit: Visit<'_>, held: Option<&str>) -> Answer {
    let held = step_up::held(&visit, held, PATH).await?;
    page(&visit, held.is_some(), None)
}

fn page(visit: &Visit<'_>, is_held: bool, problem: Option<(Status, &str)>) -> Answer {
    let email = visit.require()?.account.email.as_str();
    let status = problem.map_or(Status::Ok, |(status, _)| status);
    let audit_lifetime = visit.services.config.audit_lifetime.for_people();
    let problem = problem.map(|(_, text)| text);
    Reply::page_with(status, &ClosePage { layout: visit.layout(), email, is_held, problem, audit_lifetime })
}

#[post("/account/close", data = "<form>")]
async fn confirm(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require()?;
    form.only(&["sure"])?;
    if !form.ticked("sure") {
        return page(&visit, false, Some((Status::UnprocessableEntity, "Tick the box if you are sure.")));
    }
    let close = visit.as_account(Need::signed_in().fresh(Stale::form(PATH, &[("sure", "yes")])), |tx, me| {
        let kept = people::close(tx.connection, tx.entropy, tx.start, &me.account, tx.now)?;
        if kept == Change::Done {
            tx.log(&tx.line(Action::AccountClosed, me.account.email.as_str()))?;
        }
        Ok(kept)
    });
    let problem = match close.await? {
        Change::Done | Change::Unchanged => None,
        Change::LastAdmin => Some("You are the last admin here. Make somebody else an admin first."),
        Change::LastWayIn => Some(
            "You are the last admin here who can sign in. Switch on a way of signing in that another admin has, first.",
        ),
    };
    if let Some(problem) = problem {
        return page(&visit, false, Some((Status::Conflict, problem)));
    }
    visit.drop_session_cookie();
    Reply::page(&ClosedPage { layout: Layout::new(&visit.settings, visit.assets, None) })
}

pub fn routes() -> Vec<Route> {
    routes![close, confirm]
}
