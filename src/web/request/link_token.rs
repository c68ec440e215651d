//! Emailed and printed links: the token leaves the address bar before any page is shown.

use crate::{
    db::{DbConnection, Error},
    domain::{EmailAddress, Token, TokenHash},
    web::{Failure, Fields, Reply, Visit, cookies::Name, query},
};
use rocket::{
    Request,
    http::Status,
    request::{FromRequest, Outcome},
};
use std::{convert::Infallible, fmt::Display};

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

/// Returns the token of the link that this browser has opened, with what `find` knows of it. `None`
/// without a link, or if `find` knows nothing. Looks up on a reader, so that guessed tokens cannot
/// occupy the single writer.
pub async fn opened<T, F>(visit: &Visit<'_>, name: Name, find: F) -> Result<Option<(Token, T)>, Failure>
where
    T: Send + 'static,
    F: Fn(&mut DbConnection, &TokenHash) -> Result<Option<T>, Error> + Send + 'static,
{
    let Some(token) = visit.cookies.token(name) else { return Ok(None) };
    let hash = token.hash();
    let found = visit.read(move |connection| find(connection, &hash)).await?;
    Ok(found.map(|found| (token, found)))
}

/// Returns whether a form's page was about the opened link. Another tab may have opened another
/// email's link since, and a button must do what its page said.
pub fn is_about(form: &Fields, field: &str, id: impl Display) -> bool {
    form.get(field).is_none_or(|shown| shown == id.to_string())
}
