//! `/password/forgot`: asks for an email that lets its reader choose a new password. Page, email
//! and work are the same for every address.

use crate::{
    domain::{Destination, EmailAddress, Purpose, email_address},
    signin::email_link::start_attempt::{self, EmailRequest},
    web::{Answer, Failure, Fields, Layout, Note, Reply, Visit},
};
use askama::Template;
use rocket::{Route, get, post, routes};

#[derive(Template)]
#[template(path = "signin/forgot.html")]
struct ForgotPage<'a> {
    layout: Layout,
    email: &'a str,
    problem: Option<String>,
    max_length: usize,
}

#[get("/password/forgot")]
fn forgot(visit: Visit<'_>) -> Answer {
    if !visit.settings.password_enabled {
        return Ok(Reply::see_other("/login"));
    }
    let own = visit.signed_in().map(|known| known.account.email.as_str());
    visit.page(&ForgotPage {
        layout: visit.layout(),
        email: visit.typed("email").or(own).unwrap_or_default(),
        problem: visit.problem_of("email"),
        max_length: email_address::MAX_LENGTH,
    })
}

#[post("/password/forgot", data = "<form>")]
async fn ask(visit: Visit<'_>, form: Fields) -> Answer {
    // The page with a password leads here, too; what was typed there beside the address is not
    // looked at.
    form.only(&["email", "typed", "password", "return_to", "remember"])?;
    let typed = form.required("email")?;
    if !visit.settings.password_enabled {
        return Err(Failure::Forbidden);
    }
    if form.get("typed").is_some() {
        return visit.say_with("/password/forgot", Note::Typed, &[("email", typed)]).await;
    }
    let email = match EmailAddress::parse(typed) {
        Ok(email) => email,
        Err(why) => return visit.refuse(Note::NotAnAddress(why)).await,
    };
    let request =
        EmailRequest { purpose: Purpose::ResetPassword, email, remember: false, destination: Destination::home() };
    start_attempt::ask(&visit, request).await?;
    Ok(Reply::see_other("/login/sent"))
}

pub(super) fn routes() -> Vec<Route> {
    routes![forgot, ask]
}
