//! `/.well-known/webfinger`: tells an app which server signs the users of an email domain in.

use super::{caller::Caller, discovery::public};
use crate::{
    domain::oidc::webfinger::{self, Asked, ISSUER, NoAnswer},
    web::{Answer, Reply},
};
use rocket::{
    Route, get,
    http::{Status, uri::Origin},
    routes,
};
use serde_json::{Value, json};

/// RFC 7033, section 4.4. It says nothing of the user, because each address gets the same answer.
fn answer(asked: &Asked, issuer: &str) -> Value {
    let links = if asked.is_about_issuer { vec![json!({ "rel": ISSUER, "href": issuer })] } else { Vec::new() };
    json!({ "subject": asked.resource, "links": links })
}

#[get("/.well-known/webfinger")]
async fn issuer_of_a_user(caller: Caller<'_>, uri: &Origin<'_>) -> Answer {
    let query = uri.query().map(|query| query.as_str()).unwrap_or_default();
    Ok(match webfinger::read(query) {
        Ok(asked) => public(Reply::jrd(&answer(&asked, caller.services.config.base_url.origin()))),
        Err(NoAnswer::Malformed) => {
            public(Reply::text("The resource is missing or malformed.\n")).with_status(Status::BadRequest)
        }
        Err(NoAnswer::Unknown) => public(Reply::text("The resource names no user.\n")).with_status(Status::NotFound),
    })
}

pub(super) fn routes() -> Vec<Route> {
    routes![issuer_of_a_user]
}
