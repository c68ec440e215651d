//! Moving to another address: asked for here after a step-up, confirmed by an email to the new address, undone from the old one (`undo`).
//!
//! Whether the new address has an account of its own is not told: the mail is then simply not sent.

use crate::{
    domain::{EmailAddress, Purpose, ReturnTo, audit::Action, email_address},
    web::{
        Answer, Fields, Layout, Need, Reply, Visit, asking,
        step_up::{self, Stale},
    },
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};

const PATH: &str = "/account/address";

#[derive(Template)]
#[template(path = "account/address.html")]
struct AddressPage<'a> {
    layout: Layout,
    email: &'a str,
    new_email: &'a str,
    problem: Option<&'a str>,
    is_held: bool,
    max_length: usize,
}

#[get("/account/address?<held>")]
async fn address(visit: Visit<'_>, held: Option<&str>) -> Answer {
    visit.require()?;
    let held = step_up::held(&visit, held, PATH).await?;
    let new_email = held.as_ref().and_then(|form| form.field("new_email")).unwrap_or_default();
    page(&visit, new_email, None, held.is_some())
}

fn page(visit: &Visit<'_>, new_email: &str, problem: Option<&str>, is_held: bool) -> Answer {
    let email = visit.require()?.account.email.as_str();
    let max_length = email_address::MAX_LENGTH;
    let page = AddressPage { layout: visit.layout(), email, new_email, problem, is_held, max_length };
    let status = if problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
    Reply::page_with(status, &page)
}

#[post("/account/address", data = "<form>")]
async fn ask(visit: Visit<'_>, form: Fields) -> Answer {
    let known = visit.require()?;
    form.only(&["new_email"])?;
    let typed = form.required("new_email")?;
    let Ok(email) = EmailAddress::parse(typed) else {
        return page(&visit, typed, Some("Type an email address, like ana@example.com."), false);
    };
    if !visit.settings.email_link_enabled {
        let problem = "Email links are switched off, so no mail can show that the new address is yours.";
        return Ok(page(&visit, typed, Some(problem), false)?.with_status(Status::Forbidden));
    }
    if email == known.account.email {
        return page(&visit, typed, Some("This is your address already."), false);
    }
    if !visit.settings.may_move_to(&email) {
        // By the settings and what was typed alone: the answer is the same whether the address has an account or not.
        let problem = "This address can’t be used here. Ask an admin which addresses can.";
        return Ok(page(&visit, typed, Some(problem), false)?.with_status(Status::Forbidden));
    }
    let back = ReturnTo::parse("/account?done=address");
    let asked = asking::prepare(&visit, Purpose::ConfirmAddress, email.clone(), back);
    let (need, asking) = (Need::signed_in().fresh(Stale::form(PATH, &[("new_email", typed)])), asked.clone());
    let ask = visit.as_account(need, move |tx, me| {
        let line = tx.line(Action::AddressChangeAsked, me.account.email.as_str());
        tx.log(&line.to(email.as_str()))?;
        asking.ask(tx, me)
    });
    let attempt = ask.await?;
    if !asked.finish(&visit, &attempt) {
        let problem = "Too many mails were asked for lately. Use the newest one, or try again in a while.";
        return Ok(page(&visit, typed, Some(problem), false)?.with_status(Status::TooManyRequests));
    }
    Ok(Reply::see_other("/account?done=address-asked"))
}

pub fn routes() -> Vec<Route> {
    routes![address, ask]
}
