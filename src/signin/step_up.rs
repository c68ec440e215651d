//! Stepping up: proving it again before a sensitive change, in the session that wants to make it.

use crate::{
    domain::{Enrolled, Purpose, ReturnTo, password, recovery_code},
    web::{Answer, Fields, Layout, Need, Reply, Visit, asking, query, step_up::is_held_at},
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};

#[derive(Template)]
#[template(path = "signin/step_up.html")]
struct StepUpPage<'a> {
    layout: Layout,
    email: &'a str,
    then: &'a str,
    /// The same, for a query.
    then_encoded: String,
    email_link_enabled: bool,
    fresh_for: String,
    /// A form that was filled in waits there. A password waits nowhere, and a button has nothing to keep.
    is_held: bool,
    problem: Option<&'a str>,
    /// What counts of what the account has: a second factor is all that is asked for, where there is one.
    enrolled: Enrolled,
    max_password: usize,
    count: usize,
}

#[get("/step-up?<then>")]
fn step_up(visit: Visit<'_>, then: Option<&str>) -> Answer {
    visit.require_enrolling()?;
    let then = then.map_or_else(ReturnTo::home, ReturnTo::parse);
    if visit.is_fresh() {
        return Ok(Reply::see_other(then.as_str()));
    }
    page(&visit, &then, Status::Ok, None)
}

pub fn page(visit: &Visit<'_>, then: &ReturnTo, status: Status, problem: Option<&str>) -> Answer {
    let page = StepUpPage {
        layout: visit.layout(),
        email: visit.require_enrolling()?.account.email.as_str(),
        then: then.as_str(),
        then_encoded: query::encode(then.as_str()),
        email_link_enabled: visit.settings.email_link_enabled,
        fresh_for: visit.settings.step_up_lifetime.for_people(),
        is_held: is_held_at(then),
        problem,
        enrolled: visit.enrolled(),
        max_password: password::MAX_LENGTH,
        count: recovery_code::COUNT,
    };
    Reply::page_with(status, &page)
}

#[post("/step-up", data = "<form>")]
async fn send(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["then"])?;
    let known = visit.require_enrolling()?;
    let then = form.get("then").map_or_else(ReturnTo::home, ReturnTo::parse);
    // Where there is a second factor, a mail would freshen nothing.
    if !visit.settings.email_link_enabled || visit.enrolled().has_second_factor() {
        return page(&visit, &then, Status::Forbidden, None);
    }
    let asked = asking::prepare(&visit, Purpose::StepUp, known.account.email.clone(), then.clone());
    let asking = asked.clone();
    let attempt = visit.as_account(Need::enrolling(), move |tx, me| asking.ask(tx, me)).await?;
    if !asked.finish(&visit, &attempt) {
        // A signed-in user may know, and would wait in vain.
        let problem = "Too many mails were asked for lately. Use the newest one, or try again in a while.";
        return page(&visit, &then, Status::TooManyRequests, Some(problem));
    }
    Ok(Reply::see_other("/login/sent"))
}

pub fn routes() -> Vec<Route> {
    routes![step_up, send]
}
