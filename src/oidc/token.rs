//! The token endpoint: gives tokens for a code or a refresh token.

use super::{
    caller::Caller,
    client_auth::{self, Known},
    code::Code,
    cors,
    issue::{self, GONE, Issued, gone},
    refresh, replies,
};
use crate::{
    db::{self, Stop, Tx},
    domain::{
        Account,
        audit::{Action, Actor},
        oidc::{ErrorCode, Params, error::Refused, pkce, refusal::Why},
    },
    web::{Answer, Failure, Fields},
};
use rocket::{Route, post, routes};

#[post("/oidc/token", data = "<form>")]
async fn token(caller: Caller<'_>, form: Fields) -> Answer {
    let params = Caller::params(&form);
    let reply = match client_auth::authenticate(&caller, &params).await? {
        Err((refused, is_basic)) => replies::refused(refused, is_basic),
        Ok(known) => match give(&caller, &known, &params).await? {
            Ok(issued) => replies::private(&issue::answer(caller.services, &known, &issued).await?),
            Err(refused) => replies::refused(refused, false),
        },
    };
    cors::share(&caller, reply).await
}

async fn give(caller: &Caller<'_>, known: &Known, params: &Params) -> Result<Result<Issued, Refused>, Failure> {
    match params.get("grant_type") {
        None => Ok(Err(Refused::invalid("grant_type is missing."))),
        Some("authorization_code") => redeem(caller, known, params).await,
        Some("refresh_token") => {
            let refreshed = refresh::refresh(caller, known, params).await?;
            if refreshed.is_err() {
                caller.services.refused.note(known.client.app, Why::Refresh, caller.now);
            }
            Ok(refreshed)
        }
        Some(_) => Ok(Err(Refused::new(ErrorCode::UnsupportedGrantType, "This grant type is not supported."))),
    }
}

/// Redeems a code. Client, address and verifier are checked before anything is used up.
async fn redeem(caller: &Caller<'_>, known: &Known, params: &Params) -> Result<Result<Issued, Refused>, Failure> {
    let Some(text) = params.get("code") else { return Ok(Err(Refused::invalid("code is missing."))) };
    let app = known.client.app;
    let refuse = |why| {
        caller.services.refused.note(app, why, caller.now);
        Ok(Err(GONE))
    };
    let Some(code) = Code::open(text, &caller.services.keys, &known.client.id)? else { return refuse(Why::Code) };
    if !params.get("redirect_uri").is_some_and(|address| code.is_for(address)) {
        return refuse(Why::OtherAddress);
    }
    if !pkce::fits(code.challenge().as_ref(), params.get("code_verifier")) {
        return refuse(Why::Verifier);
    }
    let known = known.clone();
    match caller.transact(move |tx| Stop::commit(exchange(tx, &known, &code))).await? {
        Ok(issued) => Ok(Ok(issued)),
        Err(_) => refuse(Why::Code),
    }
}

fn exchange(tx: &mut Tx<'_>, known: &Known, code: &Code) -> Result<Issued, Stop<Refused>> {
    // Before anything else may refuse, so that a second use always ends what the first one gave.
    if end_replayed(tx, known, code)? || code.is_over(tx.now) {
        return Err(gone());
    }
    // Of this moment, because the app may have been changed since the client presented itself.
    let known = &Known::find(tx.connection, &known.client.id)?.ok_or_else(gone)?;
    let stored = issue::session(tx, (code.session(), code.made_at()), known)?;
    if stored.account.id != code.account() {
        return Err(gone());
    }
    db::handles::ensure(tx.connection, stored.account.id, &stored.account.email)?;
    let person = issue::person(tx, &stored.account, known)?;
    let shown = (code.auth_time(), code.acr.as_str(), code.amr.as_str());
    let grant = issue::grant(tx, known, (&stored, code.scopes(), code.claims()), shown);
    issue::consent(tx, &grant, known)?;
    if !db::oidc_grants::insert(tx.connection, &grant, code.id.as_bytes())? {
        end_replayed(tx, known, code)?;
        return Err(gone());
    }
    let scopes = grant.scopes.clone();
    let access_token = issue::access_token(tx, grant.id, (&scopes, known))?;
    note(tx, &stored.account, known)?;
    let refresh = issue::gives_refresh(known, &code.scopes()).then_some(grant.generation);
    Ok(Issued { grant, person, access_token, scopes, refresh, nonce: code.nonce.clone() })
}

/// Ends what a code gave, because it came a second time: one of the two who had it stole it (RFC
/// 6749, section 4.1.2). Returns `false` if it has given nothing yet.
fn end_replayed(tx: &mut Tx<'_>, known: &Known, code: &Code) -> Result<bool, Stop<Refused>> {
    let Some(grant) = db::oidc_grants::of_code(tx.connection, code.id.as_bytes())? else { return Ok(false) };
    if db::oidc_grants::end(tx.connection, grant.id, tx.now)? {
        refresh::log_replay(tx, &grant, known)?;
    }
    Ok(true)
}

fn note(tx: &mut Tx<'_>, account: &Account, known: &Known) -> Result<(), db::Error> {
    db::apps::note_use(tx.connection, account.id, known.client.app, tx.now)?;
    let line = tx.line_by(Actor::of(account), Action::SignedInToApp, known.app.app.slug.as_str());
    tx.log(&line)
}

pub fn routes() -> Vec<Route> {
    routes![token]
}
