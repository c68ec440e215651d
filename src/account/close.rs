//! Closing an account: deletes everything at once, except lines of the audit log.

use crate::{
    domain::{Lifetime, audit::Action},
    people::{self, Closing},
    web::{
        Answer, Fields, Layout, Need, Note, Visit,
        held_form::{self, Stale},
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};

const PATH: &str = "/account/close";

#[derive(Template)]
#[template(path = "account/close.html")]
struct ClosePage<'a> {
    layout: Layout,
    email: &'a str,
    /// True if the form waited for a step-up.
    is_held: bool,
    /// Problem with the box.
    problem: Option<String>,
    audit_lifetime: Lifetime,
}

#[get("/account/close?<held>")]
async fn close(visit: Visit<'_>, held: Option<&str>) -> Answer {
    let held = held_form::held(&visit, held, PATH).await?;
    let is_held = held.is_some();
    let email = visit.require()?.account.email.as_str();
    let audit_lifetime = visit.services.config.audit_lifetime;
    let problem = visit.problem_of("sure");
    visit.page(&ClosePage { layout: visit.layout(), email, is_held, problem, audit_lifetime })
}

#[post("/account/close", data = "<form>")]
async fn confirm(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require()?;
    form.only(&["sure"])?;
    if !form.ticked("sure") {
        return visit.refuse(Note::NotSure).await;
    }
    let close = visit.as_account(Need::signed_in().fresh(Stale::form(PATH, &[("sure", "yes")])), |tx, me| {
        let kept = people::close(tx, &me.account)?;
        if kept == Closing::Closed {
            tx.log(&tx.line(Action::AccountClosed, me.account.email.as_str()))?;
        }
        Ok(kept)
    });
    match close.await? {
        Closing::Closed => {}
        Closing::LastAdmin => return visit.refuse(Note::LastAdmin).await,
        Closing::LastWayIn => return visit.refuse(Note::LastAdminWayIn).await,
        Closing::GaveRights => return visit.refuse(Note::GaveRights).await,
    }
    visit.drop_session_cookie();
    visit.cookies.forget_what_was_under_way();
    visit.cookies.set_address(None);
    visit.say("/login", Note::AccountClosed)
}

pub(super) fn routes() -> Vec<Route> {
    routes![close, confirm]
}
