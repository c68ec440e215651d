//! Stepping up: proving it again before a sensitive change, in the session that wants to make it.

use crate::{
    domain::{Purpose, ReturnTo},
    web::{Answer, Fields, Layout, Reply, Visit, asking},
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};

#[derive(Template)]
#[template(path = "signin/step_up.html")]
struct StepUpPage<'a> {
    layout: Layout,
    email: &'a str,
    then: &'a str,
    email_link_enabled: bool,
    fresh_for: String,
}

#[get("/step-up?<then>")]
fn step_up(visit: Visit<'_>, then: Option<&str>) -> Answer {
    let known = visit.require()?;
    let then = then.map_or_else(ReturnTo::home, ReturnTo::parse);
    if visit.is_fresh() {
        return Ok(Reply::see_other(then.as_str()));
    }
    Reply::page(&StepUpPage {
        layout: visit.layout(),
        email: known.account.email.as_str(),
        then: then.as_str(),
        email_link_enabled: visit.settings.email_link_enabled,
        fresh_for: visit.settings.step_up_lifetime.for_people(),
    })
}

#[post("/step-up", data = "<form>")]
async fn send(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["then"])?;
    let known = visit.require()?;
    let then = form.get("then").map_or_else(ReturnTo::home, ReturnTo::parse);
    if !visit.settings.email_link_enabled {
        return Ok(step_up(visit, Some(then.as_str()))?.with_status(Status::Forbidden));
    }
    let email = known.account.email.clone();
    asking::ask(&visit, Purpose::StepUp, email, false, then).await?;
    Ok(Reply::see_other("/login/sent"))
}

pub fn routes() -> Vec<Route> {
    routes![step_up, send]
}
