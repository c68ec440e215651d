//! `/.well-known/passkey-endpoints` (W3C, "A Well-Known URL for Relying Party Passkey Endpoints"):
//! tells password managers where a user adds and manages passkeys. It is missing while passkeys are
//! turned off.

use crate::{
    services::Services,
    web::{Answer, Failure, Reply},
};
use rocket::{Route, State, get, routes};
use serde_json::json;
use std::sync::Arc;

/// The page of a user's passkeys, where they also add one.
const PAGE: &str = "/account/passkeys";

#[get("/.well-known/passkey-endpoints")]
async fn passkey_endpoints(services: &State<Arc<Services>>) -> Answer {
    let settings = services.settings().await?;
    services.passkeys(&settings).ok_or(Failure::NotFound)?;
    let page = services.config.base_url.join(PAGE);
    Ok(Reply::json(&json!({ "enroll": page, "manage": page })))
}

pub fn routes() -> Vec<Route> {
    routes![passkey_endpoints]
}
