//! Pages that may read answers by a script: those of the apps' own origins. No cookie is ever read
//! on these routes, so that no credential is shared.

use super::caller::Caller;
use crate::{
    db::{self, oidc_clients::Client},
    domain::oidc::RedirectUri,
    web::{Answer, Reply},
};
use rocket::{Route, http::Status, options, routes};

const METHODS: &str = "GET, POST";
const HEADERS: &str = "authorization, content-type";

/// Lets the app's page read the answer, if a page asks and the app has its origin. Until it is
/// known which app asks, that may be any app.
pub(super) async fn share(caller: &Caller<'_>, app: Option<&Client>, reply: Reply) -> Answer {
    let reply = reply.with_header("Vary", "Origin");
    let Some(origin) = caller.origin else { return Ok(reply) };
    let is_of = |uris: &[RedirectUri]| uris.iter().any(|uri| uri.shares_with(origin));
    let is_shared = match app {
        Some(app) => is_of(&app.sign_in_uris),
        None => is_of(&caller.read(db::oidc_clients::sign_in_uris).await?),
    };
    Ok(if is_shared { reply.with_header("Access-Control-Allow-Origin", origin) } else { reply })
}

/// Answers a browser that asks before it sends a page's request.
async fn allow(caller: Caller<'_>) -> Answer {
    let reply = Reply::text("")
        .with_status(Status::NoContent)
        .with_header("Access-Control-Allow-Methods", METHODS)
        .with_header("Access-Control-Allow-Headers", HEADERS)
        .with_header("Access-Control-Max-Age", "600");
    share(&caller, None, reply).await
}

#[options("/oidc/token")]
async fn token(caller: Caller<'_>) -> Answer {
    allow(caller).await
}

#[options("/oidc/userinfo")]
async fn userinfo(caller: Caller<'_>) -> Answer {
    allow(caller).await
}

#[options("/oidc/revoke")]
async fn revoke(caller: Caller<'_>) -> Answer {
    allow(caller).await
}

#[options("/oidc/device_authorization")]
async fn device(caller: Caller<'_>) -> Answer {
    allow(caller).await
}

pub(super) fn routes() -> Vec<Route> {
    routes![token, userinfo, revoke, device]
}
