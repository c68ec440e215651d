//! Clients that sign an assertion by a key of their own (RFC 7523), instead of sending a secret.

use super::caller::Caller;
use crate::{
    config::BackChannelUrl,
    db::{self, Stop, oidc_reach::Keys},
    domain::{
        Timestamp,
        apps::AppId,
        oidc::{
            ClientId, Params,
            assertion::{Assertion, Claims, judge},
        },
        outbound::OutboundUri,
    },
    live::KeptKeys,
    outbound::Host,
    signing::ClientKeys,
    web::Failure,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Names the client in the request as the assertion does, if the request itself does not (RFC 7521,
/// section 4.2). The signature is judged later, by the keys of this client.
pub(super) fn with_client(params: &Params) -> Params {
    match (params.get("client_id"), params.get("client_assertion")) {
        (None, Some(token)) => params.with("client_id", subject(token).as_deref()),
        _ => params.clone(),
    }
}

fn subject(token: &str) -> Option<String> {
    let part = token.split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
    claims.get("sub")?.as_str().map(str::to_owned)
}

/// Judges whether an assertion proves that this client asks, and uses it up. A refusal names the
/// app whose keys did not sign it. A client without keys takes as long as one that has them.
pub(super) async fn judge_signed(
    caller: &Caller<'_>,
    id: &ClientId,
    token: &str,
) -> Result<(), Stop<Option<AppId>, Failure>> {
    let named = id.clone();
    let Some(keys) = caller.read(move |connection| db::oidc_reach::keys(connection, &named)).await? else {
        ClientKeys::decoy().verify(token);
        return Err(Stop::Refused(None));
    };
    if is_right(caller, (id, &keys), token).await? { Ok(()) } else { Err(Stop::Refused(Some(keys.app))) }
}

async fn is_right(caller: &Caller<'_>, (id, keys): (&ClientId, &Keys), token: &str) -> Result<bool, Failure> {
    let Some(claims) = verified(caller, keys, token).await? else { return Ok(false) };
    let config = &caller.services.config;
    let issuer = config.base_url.origin();
    let at = |origin: &str| format!("{origin}/oidc/token");
    let (own, second) = (at(issuer), config.back_channel_url.as_ref().map(BackChannelUrl::origin).map(at));
    let ours: Vec<&str> = [issuer, own.as_str()].into_iter().chain(second.as_deref()).collect();
    let Some(Assertion { jti, forget_at }) = judge(&read(&claims), id, &ours, caller.now) else { return Ok(false) };
    let hash: [u8; 32] = Sha256::digest(jti).into();
    let app = keys.app;
    caller.transact(move |tx| db::oidc_reach::use_assertion(tx.connection, (app, &hash), forget_at)).await
}

/// Returns the claims if one of the client's keys signed them.
async fn verified(caller: &Caller<'_>, keys: &Keys, token: &str) -> Result<Option<Value>, Failure> {
    if let Some(set) = &keys.set {
        return Ok(ClientKeys::parse(set).and_then(|keys| keys.verify(token)));
    }
    let Some(uri) = &keys.uri else { return Ok(None) };
    let live = &caller.services.client_keys;
    // One request at a time asks the app. Others go by what is kept, or wait for the answer.
    let lock = live.fetch_lock(uri.as_str());
    let _held = match lock.try_lock() {
        Ok(free) => free,
        Err(_) => match by_kept(live.of(uri.as_str()), token, caller.services.now()) {
            Some(Some(claims)) => return Ok(Some(claims)),
            _ => lock.lock().await,
        },
    };
    let now = caller.services.now();
    if let Some(known) = by_kept(live.of(uri.as_str()), token, now) {
        return Ok(known);
    }
    // Noted before, so that a request that is given up has asked, too.
    live.note(uri.as_str(), None, now);
    let set = fetch(caller, uri, keys.is_own_host).await;
    let kept = live.note(uri.as_str(), set, now);
    Ok(kept.set(now).and_then(|set| ClientKeys::parse(&set)).and_then(|keys| keys.verify(token)))
}

/// Judges a token by what was last fetched. `None` if the address is to be asked again.
fn by_kept(kept: Option<KeptKeys>, token: &str, now: Timestamp) -> Option<Option<Value>> {
    let kept = kept.filter(|kept| kept.is_fresh(now))?;
    let verified = kept.set(now).and_then(|set| ClientKeys::parse(&set)).and_then(|keys| keys.verify(token));
    (verified.is_some() || !kept.may_ask_again(now)).then_some(verified)
}

/// Fetches a set. What is no set is no answer.
async fn fetch(caller: &Caller<'_>, uri: &OutboundUri, is_own_host: bool) -> Option<Arc<str>> {
    let host = if is_own_host { Host::OfTheApp } else { Host::Another };
    let answer = caller.services.outbound.get(uri, host).await;
    let (status, body) = answer
        .inspect_err(|silence| {
            tracing::warn!(uri = uri.as_str(), why = silence.in_words(), "cannot read the keys that an app publishes")
        })
        .ok()?;
    let text = String::from_utf8(body.to_vec()).ok().filter(|_| status == 200)?;
    ClientKeys::parse(&text)?;
    Some(text.into())
}

fn read(claims: &Value) -> Claims {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    let aud = match claims.get("aud") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => all.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect(),
        _ => Vec::new(),
    };
    // A time that is there and no number must not count as absent.
    let times = |name: &str| claims.get(name).map(|_| number(name).unwrap_or(i64::MAX));
    Claims {
        iss: text("iss"),
        sub: text("sub"),
        aud,
        exp: number("exp"),
        nbf: times("nbf"),
        iat: times("iat"),
        jti: text("jti"),
    }
}
