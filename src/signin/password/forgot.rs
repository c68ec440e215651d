//! `/password/forgot`: a mail by which a new password can be chosen. The same page, mail and work for every address.

use crate::{
    domain::{EmailAddress, Purpose, ReturnTo, email_address},
    web::{Answer, Failure, Fields, Layout, Reply, Visit, asking},
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};

#[derive(Template)]
#[template(path = "signin/forgot.html")]
struct ForgotPage<'a> {
    layout: Layout,
    email: &'a str,
    problem: Option<&'a str>,
    max_length: usize,
}

fn page(visit: &Visit<'_>, email: &str, problem: Option<&str>) -> Answer {
    let status = if problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
    let page = ForgotPage { layout: visit.layout(), email, problem, max_length: email_address::MAX_LENGTH };
    Reply::page_with(status, &page)
}

#[get("/password/forgot")]
fn forgot(visit: Visit<'_>) -> Answer {
    if !visit.settings.password_enabled {
        return Ok(Reply::see_other("/login"));
    }
    page(&visit, visit.signed_in().map_or("", |known| known.account.email.as_str()), None)
}

#[post("/password/forgot", data = "<form>")]
async fn ask(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["email"])?;
    let typed = form.required("email")?;
    if !visit.settings.password_enabled {
        return Err(Failure::Forbidden);
    }
    let Ok(email) = EmailAddress::parse(typed) else {
        return page(&visit, typed, Some("Type an email address, like ana@example.com."));
    };
    asking::ask(&visit, Purpose::ResetPassword, email, false, ReturnTo::home()).await?;
    Ok(Reply::see_other("/login/sent"))
}

pub fn routes() -> Vec<Route> {
    routes![forgot, ask]
}
