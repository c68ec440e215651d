//! Introspection (RFC 7662): an app's server asks whether one of its access tokens counts.

use super::{access_token, caller::Caller, client_auth, replies, userinfo};
use crate::{
    db::Stop,
    domain::oidc::{ErrorCode, error::ErrorResponse},
    web::{Answer, Fields},
};
use rocket::{Route, post, routes};
use serde_json::{Value, json};

/// Says nothing but `false` of tokens that are unknown, ended or another app's, and of refresh
/// tokens.
#[post("/oidc/introspect", data = "<form>")]
async fn introspect(caller: Caller<'_>, form: Fields) -> Answer {
    let params = Caller::params(&form);
    let known = match Stop::split(client_auth::authenticate(&caller, &params).await)? {
        Err((refused, is_basic)) => return Ok(replies::refused(refused, is_basic)),
        Ok(known) if known.client.rules.is_public => {
            let why = "Only a client with a secret may ask.";
            return Ok(replies::refused(ErrorResponse::new(ErrorCode::InvalidClient, why), false));
        }
        Ok(known) => known,
    };
    let Some(text) = params.get("token") else {
        return Ok(replies::refused(ErrorResponse::invalid("token is missing."), false));
    };
    let inactive = json!({ "active": false });
    let Some(hash) = access_token::hash_of(caller.services, text).await? else {
        return Ok(replies::private(&inactive));
    };
    let (app, issuer) = (known.client.app, caller.services.config.base_url.origin().to_owned());
    let found = caller.look(move |tx| userinfo::living(tx, &hash)).await?.filter(|found| found.grant.app == app);
    let body: Value = found.map_or(inactive, |found| {
        json!({
            "active": true,
            "scope": found.scopes.text(),
            "client_id": found.known.client.id.as_str(),
            "token_type": "Bearer",
            "sub": found.grant.account.to_string(),
            "aud": found.known.client.id.as_str(),
            "iss": issuer,
            "exp": found.expires_at.as_seconds(),
        })
    });
    Ok(replies::private(&body))
}

pub(super) fn routes() -> Vec<Route> {
    routes![introspect]
}
