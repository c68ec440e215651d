//! Moving to another address. The user asks here after a step-up and confirms by an email to the
//! new address. The old one gets a link to undo it (`undo`).
//!
//! The page does not reveal whether the new address has an account: then no email comes.

use crate::{
    domain::{Destination, EmailAddress, Purpose, audit::Action, email_address},
    signin::email_link::start_attempt,
    web::{
        Answer, Fields, Layout, Need, Note, Visit,
        held_form::{self, Stale},
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};

const PATH: &str = "/account/address";

#[derive(Template)]
#[template(path = "account/address.html")]
struct AddressPage<'a> {
    layout: Layout,
    email: &'a str,
    new_email: &'a str,
    problem: Option<String>,
    is_held: bool,
    continues: bool,
    max_length: usize,
}

#[get("/account/address?<held>")]
async fn address(visit: Visit<'_>, held: Option<&str>) -> Answer {
    visit.require()?;
    let held = held_form::held(&visit, held, PATH).await?;
    let (is_held, filled) = (held.is_some(), held.as_ref().and_then(|form| form.field("new_email")));
    let new_email = visit.typed("new_email").or(filled).unwrap_or_default();
    let problem = visit.problem_of("email").or_else(|| visit.problem_of("new_email"));
    let continues = held_form::continues(&visit, held.as_ref());
    let email = visit.require()?.account.email.as_str();
    let max_length = email_address::MAX_LENGTH;
    let page = AddressPage { layout: visit.layout(), email, new_email, problem, is_held, continues, max_length };
    visit.page(&page)
}

#[post("/account/address", data = "<form>")]
async fn ask(visit: Visit<'_>, form: Fields) -> Answer {
    let known = visit.require()?;
    form.only(&["new_email"])?;
    let typed = form.required("new_email")?;
    let email = match EmailAddress::parse(typed) {
        Ok(email) => email,
        Err(why) => return visit.refuse(Note::NotAnAddress(why)).await,
    };
    if !visit.settings.email_link_enabled {
        return visit.refuse(Note::NoEmailLinks).await;
    }
    if email == known.account.email {
        return visit.refuse(Note::SameAddress).await;
    }
    if !visit.settings.may_move_to(&email) {
        // Depends only on the settings and the typed text. The answer is the same whether the
        // address has an account or not.
        return visit.refuse(Note::AddressNotHere).await;
    }
    let asked = start_attempt::prepare(&visit, Purpose::ConfirmAddress, email.clone(), Destination::home());
    let said = Note::AddressAsked { email: email.as_str().to_owned() };
    let (need, asks) = (Need::signed_in().fresh(Stale::form(PATH, &[("new_email", typed)])), asked.clone());
    let ask = visit.as_account(need, move |tx, me| {
        let line = tx.line(Action::AddressChangeAsked, me.account.email.as_str());
        tx.log(&line.to(email.as_str()))?;
        asks.ask(tx, me)
    });
    let attempt = ask.await?;
    if !asked.finish(&visit, &attempt) {
        return visit.refuse(Note::TooManyEmails).await;
    }
    visit.say("/account", said)
}

pub(super) fn routes() -> Vec<Route> {
    routes![address, ask]
}
