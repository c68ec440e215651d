//! Lists the abilities of this server, and its public keys. It names nothing that it does not
//! support.

use super::caller::Caller;
use crate::{
    config::BackChannelUrl,
    domain::{
        apps::part::Part,
        oidc::{acr::Acr, device},
    },
    web::{Answer, Failure, Reply},
};
use rocket::{Route, get, routes};
use serde_json::{Map, Value, json};
use strum::VariantArray;

/// Time for which apps may keep the answers. A new key is shown for three days before it signs.
const KEEP: &str = "public, max-age=3600";

/// The client signs an assertion.
const SIGNED: &str = "private_key_jwt";

/// OpenID Connect Discovery 1.0, section 3, and RFC 8414, section 2.
///
/// `back_channel` is where apps' servers ask, if the operator has named such an address.
fn metadata(issuer: &str, back_channel: &str) -> Map<String, Value> {
    let at = |path: &str| format!("{issuer}{path}");
    let behind = |path: &str| format!("{back_channel}{path}");
    let confidential = ["client_secret_basic", "client_secret_post", SIGNED];
    let for_tokens = [&confidential[..], &["none"]].concat();
    let algorithms = ["RS256", "ES256"];
    let classes: Vec<&str> = Acr::VARIANTS.iter().map(|acr| acr.as_str()).collect();
    let metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": at("/oidc/authorize"),
        "token_endpoint": behind("/oidc/token"),
        "userinfo_endpoint": behind("/oidc/userinfo"),
        "jwks_uri": behind("/oidc/jwks.json"),
        "revocation_endpoint": behind("/oidc/revoke"),
        "introspection_endpoint": behind("/oidc/introspect"),
        "end_session_endpoint": at("/oidc/logout"),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "scopes_supported": ["openid", "profile", "email", "groups", "offline_access"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": for_tokens,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": for_tokens,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": classes,
        "claim_types_supported": ["normal"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid",
            "name", "preferred_username", "email", "email_verified", "groups",
        ],
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        // The default would be true.
        "request_uri_parameter_supported": false,
        "require_request_uri_registration": false,
        "authorization_response_iss_parameter_supported": true,
    });
    metadata.as_object().cloned().unwrap_or_default()
}

/// Adds what lets devices sign in (RFC 8628, section 4).
fn add_devices(metadata: &mut Map<String, Value>, back_channel: &str) {
    let endpoint = format!("{back_channel}/oidc/device_authorization");
    metadata.insert("device_authorization_endpoint".to_owned(), endpoint.into());
    if let Some(grants) = metadata.get_mut("grant_types_supported").and_then(Value::as_array_mut) {
        grants.push(device::GRANT_TYPE.into());
    }
}

async fn answer(caller: &Caller<'_>) -> Answer {
    let config = &caller.services.config;
    let issuer = config.base_url.origin();
    let back_channel = config.back_channel_url.as_ref().map_or(issuer, BackChannelUrl::origin);
    let mut metadata = metadata(issuer, back_channel);
    if caller.services.settings().await?.has(Part::Devices) {
        add_devices(&mut metadata, back_channel);
    }
    Ok(public(Reply::json(&Value::Object(metadata))))
}

/// Any page may read it, because nothing in it is secret.
pub(super) fn public(reply: Reply) -> Reply {
    reply.with_header("Cache-Control", KEEP).with_header("Access-Control-Allow-Origin", "*")
}

#[get("/.well-known/openid-configuration")]
async fn openid(caller: Caller<'_>) -> Answer {
    answer(&caller).await
}

#[get("/.well-known/oauth-authorization-server")]
async fn oauth(caller: Caller<'_>) -> Answer {
    answer(&caller).await
}

/// Returns the public keys. Before the first start there are none, and never an empty set, which an
/// app would keep.
#[get("/oidc/jwks.json")]
async fn keys(caller: Caller<'_>) -> Answer {
    let keys = caller.services.signers().await?.public();
    if keys.is_empty() {
        return Err(Failure::NotFound);
    }
    let keys: Result<Vec<Value>, _> = keys.iter().map(|key| serde_json::from_str(&key.jwk)).collect();
    Ok(public(Reply::json(&json!({ "keys": keys.map_err(Failure::fault)? }))))
}

pub(super) fn routes() -> Vec<Route> {
    routes![openid, oauth, keys]
}
