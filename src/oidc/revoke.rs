//! Revocation (RFC 7009): an app gives back a token that it no longer needs.

use super::{access_token, caller::Caller, client_auth, cors, refresh, replies};
use crate::{
    db::{self, Stop},
    domain::oidc::error::ErrorResponse,
    web::{Answer, Fields},
};
use rocket::{Route, post, routes};
use serde_json::json;

/// Answers the same for an unknown, a foreign and an ended token (section 2.2). A wrong hint does
/// not matter.
#[post("/oidc/revoke", data = "<form>")]
async fn revoke(caller: Caller<'_>, form: Fields) -> Answer {
    let params = Caller::params(&form);
    let known = Stop::split(client_auth::authenticate(&caller, &params).await)?;
    let reply = match &known {
        Err((refused, is_basic)) => replies::refused(*refused, *is_basic),
        Ok(known) => match params.get("token") {
            None => replies::refused(ErrorResponse::invalid("token is missing."), false),
            Some(text) => {
                end(&caller, known.client.app, text).await?;
                replies::private(&json!({}))
            }
        },
    };
    cors::share(&caller, known.ok().as_ref().map(|known| &known.client), reply).await
}

async fn end(caller: &Caller<'_>, app: crate::domain::apps::AppId, text: &str) -> Result<(), crate::web::Failure> {
    if let Some(token) = refresh::genuine(caller, text)? {
        return caller
            .transact(move |tx| {
                let grant = db::oidc_grants::find(tx.connection, token.family)?.filter(|grant| grant.app == app);
                if let Some(grant) = grant {
                    db::oidc_grants::end(tx.connection, grant.id, tx.now)?;
                }
                Ok(())
            })
            .await;
    }
    let Some(hash) = access_token::hash_of(caller.services, text).await? else { return Ok(()) };
    caller
        .transact(move |tx| {
            let found = db::oidc_grants::token(tx.connection, &hash)?.filter(|token| token.grant.app == app);
            if found.is_some() {
                db::oidc_grants::remove_token(tx.connection, &hash)?;
            }
            Ok(())
        })
        .await
}

pub(super) fn routes() -> Vec<Route> {
    routes![revoke]
}
