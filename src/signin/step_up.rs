//! Step-up: the user verifies it's them before a sensitive change, in the same session.

use super::{email_link::start_attempt, factors::FactorForms};
use crate::{
    domain::{Enrolled, Factor, Lifetime, Purpose, ReturnTo, assurance::Strength, password},
    web::{
        Answer, Fields, Layout, Need, Note, Reply, Visit, heading_for,
        held_form::{is_held_at, pressed_at},
        query,
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};

#[derive(Template)]
#[template(path = "signin/step_up.html")]
struct StepUpPage<'a> {
    layout: Layout,
    email: &'a str,
    then: &'a str,
    /// An app asks for the proof. It may want another user.
    is_for_an_app: bool,
    /// Name of that app.
    app: Option<String>,
    email_link_enabled: bool,
    fresh_for: Lifetime,
    /// Strength that an app requires, if the user comes from one.
    need: Option<Strength>,
    /// True if a filled-in form waits there. Passwords are never held, and a button has nothing to
    /// hold.
    is_held: bool,
    problem: Option<String>,
    /// The account's factors that count. If there is a second factor, only that is asked for.
    enrolled: Enrolled,
    factors: FactorForms<'a>,
    max_password: usize,
}

impl StepUpPage<'_> {
    /// Returns the address of this page with the same query.
    fn again(&self) -> String {
        let need = self.need.map(|need| format!("&need={}", need.into_str())).unwrap_or_default();
        format!("/step-up?then={}{need}", query::encode(self.then))
    }

    /// Returns the page for a user who would rather not prove it. The page of the change itself may
    /// lead straight back here.
    fn cancelled(&self) -> &'static str {
        if self.then.starts_with("/admin") { "/admin" } else { "/account" }
    }
}

/// `need` is what an app requires. A proof that is fresh for our own pages may not be enough for
/// it.
#[get("/step-up?<then>&<need>")]
async fn step_up(visit: Visit<'_>, then: Option<&str>, need: Option<&str>) -> Answer {
    visit.require_enrolling()?;
    let then = then.map_or_else(ReturnTo::home, ReturnTo::parse);
    let need = need.and_then(|name| name.parse::<Strength>().ok());
    if visit.is_fresh() && visit.said().is_none() && need.is_none() {
        return Ok(Reply::see_other(then.as_str()));
    }
    page(&visit, &then, need).await
}

/// Leads to the page.
pub(super) fn way(then: &ReturnTo) -> Reply {
    Reply::see_other(format!("/step-up?then={}", query::encode(then.as_str())))
}

/// Leads on after a proof by an emailed or printed link. One press is left, because a user may open
/// a link without a thought. The page of a held form says so itself.
pub(super) fn done(visit: &Visit<'_>, then: &ReturnTo) -> Answer {
    if is_held_at(then) { Ok(Reply::see_other(then.as_str())) } else { visit.say(then.as_str(), Note::Confirmed) }
}

/// Leads on after a proof in this very tab. What waits there is sent by itself.
pub(super) fn done_here(visit: &Visit<'_>, then: &ReturnTo) -> Answer {
    if let Some(id) = pressed_at(then) {
        return visit.have_pressed(then.as_str(), id);
    }
    visit.say(then.as_str(), if is_held_at(then) { Note::Continues } else { Note::Confirmed })
}

async fn page(visit: &Visit<'_>, then: &ReturnTo, need: Option<Strength>) -> Answer {
    let enrolled = acceptable(visit.enrolled(), need);
    let page = StepUpPage {
        layout: visit.layout(),
        email: visit.require_enrolling()?.account.email.as_str(),
        then: then.as_str(),
        is_for_an_app: then.is_for_an_app(),
        app: heading_for::app(visit, then).await,
        email_link_enabled: visit.settings.email_link_enabled,
        fresh_for: visit.settings.step_up_lifetime,
        need,
        is_held: is_held_at(then),
        problem: visit.problem_of("password"),
        enrolled,
        factors: FactorForms::at_step_up(visit, enrolled, then.as_str()),
        max_password: password::MAX_LENGTH,
    };
    visit.page(&page)
}

/// Returns the second factors that are strong enough. An app that requires a passkey gets nothing
/// less.
fn acceptable(enrolled: Enrolled, need: Option<Strength>) -> Enrolled {
    match need {
        Some(Strength::Passkey) if enrolled.passkey => enrolled.only(|factor| factor == Factor::Passkey),
        Some(Strength::One | Strength::Two | Strength::Passkey) | None => enrolled,
    }
}

#[post("/step-up", data = "<form>")]
async fn send(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["then"])?;
    let known = visit.require_enrolling()?;
    let then = form.get("then").map_or_else(ReturnTo::home, ReturnTo::parse);
    // With a second factor enrolled, an email would freshen nothing.
    if !visit.settings.email_link_enabled || visit.enrolled().has_second_factor() {
        return Ok(way(&then));
    }
    let asked = start_attempt::prepare(&visit, Purpose::StepUp, known.account.email.clone(), then.clone().into());
    let asks = asked.clone();
    let attempt = visit.as_account(Need::enrolling(), move |tx, me| asks.ask(tx, me)).await?;
    if !asked.finish(&visit, &attempt) {
        // A signed-in user may know, and would otherwise wait in vain.
        return visit.refuse(Note::TooManyEmails).await;
    }
    Ok(Reply::see_other("/login/sent"))
}

pub(super) fn routes() -> Vec<Route> {
    routes![step_up, send]
}
