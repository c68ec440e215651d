//! Stepping up: proving it again before a sensitive change, in the session that wants to make it.

use crate::{
    db,
    domain::{Purpose, ReturnTo, password},
    web::{Answer, Fields, Layout, Reply, Visit, asking, query},
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
    problem: Option<&'a str>,
    /// The account has a password, and passwords are on.
    has_password: bool,
    max_password: usize,
}

#[get("/step-up?<then>")]
async fn step_up(visit: Visit<'_>, then: Option<&str>) -> Answer {
    visit.require()?;
    let then = then.map_or_else(ReturnTo::home, ReturnTo::parse);
    if visit.is_fresh() {
        return Ok(Reply::see_other(then.as_str()));
    }
    page(&visit, &then, Status::Ok, None).await
}

pub async fn page(visit: &Visit<'_>, then: &ReturnTo, status: Status, problem: Option<&str>) -> Answer {
    let account = visit.require()?.account.id;
    let has_password = visit.settings.password_enabled
        && visit.read(move |connection| db::passwords::find(connection, account)).await?.is_some();
    let page = StepUpPage {
        layout: visit.layout(),
        email: visit.require()?.account.email.as_str(),
        then: then.as_str(),
        then_encoded: query::encode(then.as_str()),
        email_link_enabled: visit.settings.email_link_enabled,
        fresh_for: visit.settings.step_up_lifetime.for_people(),
        problem,
        has_password,
        max_password: password::MAX_LENGTH,
    };
    Reply::page_with(status, &page)
}

#[post("/step-up", data = "<form>")]
async fn send(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["then"])?;
    let known = visit.require()?;
    let then = form.get("then").map_or_else(ReturnTo::home, ReturnTo::parse);
    if !visit.settings.email_link_enabled {
        return page(&visit, &then, Status::Forbidden, None).await;
    }
    let email = known.account.email.clone();
    if !asking::ask(&visit, Purpose::StepUp, email, false, then.clone()).await? {
        // Who is signed in may know, and would wait in vain.
        let problem = "Too many mails were asked for lately. Use the newest one, or try again in a while.";
        return page(&visit, &then, Status::TooManyRequests, Some(problem)).await;
    }
    Ok(Reply::see_other("/login/sent"))
}

pub fn routes() -> Vec<Route> {
    routes![step_up, send]
}
