//! `POST /login`: an address was typed.

use super::start_attempt::{self, EmailRequest};
use crate::{
    domain::{EmailAddress, Purpose, ReturnTo},
    web::{Answer, Fields, Note, Reply, Visit, query},
};
use rocket::{Route, post, routes};

#[post("/login", data = "<form>")]
async fn start(visit: Visit<'_>, form: Fields) -> Answer {
    // The page with a password has this button, too. Its password is ignored here.
    form.only(&["email", "return_to", "remember", "password"])?;
    let typed = form.required("email")?;
    let return_to = form.get("return_to").map_or_else(ReturnTo::home, ReturnTo::parse);
    let remember = form.ticked("remember");
    if !visit.settings.email_link_enabled {
        return Ok(Reply::see_other(format!("/login?return_to={}", query::encode(return_to.as_str()))));
    }
    let email = match EmailAddress::parse(typed) {
        Ok(email) => email,
        Err(why) => return visit.refuse(Note::NotAnAddress(why)).await,
    };
    start_attempt::ask(
        &visit,
        EmailRequest { purpose: Purpose::SignIn, email, remember, destination: return_to.into() },
    )
    .await?;
    Ok(Reply::see_other("/login/sent"))
}

pub(super) fn routes() -> Vec<Route> {
    routes![start]
}
