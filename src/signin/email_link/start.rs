//! `POST /login`: an address was typed.

use crate::{
    domain::{EmailAddress, Purpose, ReturnTo, email_address::NotAnAddress},
    web::{Answer, Fields, Note, Reply, Visit, asking, query},
};
use rocket::{Route, post, routes};

#[post("/login", data = "<form>")]
async fn start(visit: Visit<'_>, form: Fields) -> Answer {
    // The page with a password has this button, too; what was typed there is not looked at.
    form.only(&["email", "return_to", "remember", "password"])?;
    let typed = form.required("email")?;
    let return_to = form.get("return_to").map_or_else(ReturnTo::home, ReturnTo::parse);
    let remember = form.ticked("remember");
    if !visit.settings.email_link_enabled {
        // The page says that it is off.
        return Ok(Reply::see_other(format!("/login?return_to={}", query::encode(return_to.as_str()))));
    }
    let email = match EmailAddress::parse(typed) {
        Ok(email) => email,
        Err(problem) => return visit.refuse(Note::NotAnAddress(words(problem).to_owned())),
    };
    asking::ask(&visit, Purpose::SignIn, email, remember, return_to).await?;
    Ok(Reply::see_other("/login/sent"))
}

const fn words(problem: NotAnAddress) -> &'static str {
    match problem {
        NotAnAddress::Empty => "Type your email address.",
        NotAnAddress::TooLong => "This is longer than any email address.",
        NotAnAddress::Shape => "An email address has a name, one @ and a domain, like ana@example.com.",
        NotAnAddress::LocalPart => "What stands before the @ has a character that we cannot send mail to.",
        NotAnAddress::Domain => "What stands after the @ is not a domain, like example.com.",
    }
}

pub fn routes() -> Vec<Route> {
    routes![start]
}
