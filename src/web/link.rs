//! Emailed and printed links: the token leaves the address bar before any page is shown.

use super::{Reply, Visit, cookies::Name, query};
use crate::domain::{EmailAddress, Token};
use rocket::{
    Request,
    http::Status,
    request::{FromRequest, Outcome},
};
use std::convert::Infallible;

/// The one `token` in a query. A doubled one is refused, because no link of ours has it.
pub struct LinkToken<'r>(pub Option<&'r str>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for LinkToken<'r> {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        let mut tokens = request.query_fields().filter(|field| field.name == "token").map(|field| field.value);
        match (tokens.next(), tokens.next()) {
            (Some(_), Some(_)) => Outcome::Forward(Status::BadRequest),
            (token, _) => Outcome::Success(Self(token)),
        }
    }
}

/// Returns the address of the sign-in page with an email address filled in. It proves nothing.
pub fn sign_in_as(email: &EmailAddress) -> String {
    format!("/login?email={}", query::encode(email.as_str()))
}

/// Moves a link's token from the address into its cookie. Without a token it shows the page that
/// says so.
pub fn move_token(visit: &Visit<'_>, token: &str, name: Name, path: &'static str) -> Reply {
    // Some gateways decode an email twice or not at all, and turn the `=` of the link into `=3D`.
    let forgiven = || token.strip_prefix("3D").and_then(Token::present);
    match Token::present(token).or_else(forgiven) {
        Some(token) => visit.cookies.set_link(name, &token),
        None => visit.cookies.remove(name),
    }
    Reply::see_other(path)
}
