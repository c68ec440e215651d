//! `POST /login`: an address was typed.

use crate::{
    attempts::{self, Asking, Origin},
    domain::{EmailAddress, Purpose, ReturnTo, Token, email_address::NotAnAddress},
    metrics::kind,
    signin::login::{self, Retry},
    web::{
        Answer, Failure, Fields, Reply, Visit,
        cookies::{Name, OwnAttempt},
    },
};
use rocket::{Route, http::Status, post, routes};
use std::sync::Arc;

#[post("/login", data = "<form>")]
async fn start(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["email", "return_to", "remember"])?;
    let typed = form.required("email")?;
    let return_to = form.get("return_to").map_or_else(ReturnTo::home, ReturnTo::parse);
    let remember = form.ticked("remember");
    if !visit.settings.email_link_enabled {
        return Ok(login::page(&visit, &return_to, &Retry::default())?.with_status(Status::Forbidden));
    }
    let email = match EmailAddress::parse(typed) {
        Ok(email) => email,
        Err(problem) => {
            let retry = Retry { email: typed, problem: Some(words(problem)), remember };
            return login::page(&visit, &return_to, &retry);
        }
    };
    ask(&visit, Purpose::SignIn, email, remember, return_to).await?;
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

/// Starts an attempt for this browser and gives it the verifier. The same statements run for every address.
pub async fn ask(
    visit: &Visit<'_>,
    purpose: Purpose,
    email: EmailAddress,
    remember: bool,
    return_to: ReturnTo,
) -> Result<(), Failure> {
    ask_in_place(visit, purpose, email, remember, return_to, 1).await
}

/// The same, in the place of an attempt that has ended after `mails - 1` mails.
pub async fn ask_in_place(
    visit: &Visit<'_>,
    purpose: Purpose,
    email: EmailAddress,
    remember: bool,
    return_to: ReturnTo,
    mails: i32,
) -> Result<(), Failure> {
    let verifier = Token::issue(&*visit.services.entropy);
    let account = match purpose {
        Purpose::SignIn => None,
        _ => visit.signed_in().map(|known| (known.account.id, known.session.id)),
    };
    let asking = Asking {
        purpose,
        email,
        account,
        origin: Origin {
            verifier: verifier.hash(),
            browser: visit.browser.clone(),
            client: visit.client,
            device: visit.cookies.token(Name::Device).map(|device| device.hash()),
        },
        remember,
        return_to,
        mails,
    };
    let (settings, entropy, now) = (Arc::clone(&visit.settings), Arc::clone(&visit.services.entropy), visit.now);
    let attempt = visit.write(move |connection| attempts::ask(connection, &settings, &*entropy, &asking, now)).await?;
    let outcome = if attempt.muted { "limited" } else { "asked" };
    visit.services.metrics.attempts.get_or_create(&kind(outcome)).inc();
    tracing::info!(request = %visit.request_id, attempt = %attempt.id, to = %attempt.email, outcome, "attempt started");
    visit.cookies.add_attempt(OwnAttempt { id: attempt.id, verifier });
    Ok(())
}

pub fn routes() -> Vec<Route> {
    routes![start]
}
