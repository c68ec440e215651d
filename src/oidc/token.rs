//! The token endpoint: gives tokens for a code or a refresh token.

use super::{
    caller::Caller,
    client_auth::{self, EnabledClient, NOT_IT},
    code::Code,
    cors, device,
    issue::{self, Given, Issued, Sealed, gone},
    refresh, replay, replies,
};
use crate::{
    db::{Stop, Tx, oidc_uses::Use},
    domain::oidc::{ErrorCode, Params, device::GRANT_TYPE, error::ErrorResponse, pkce, refusal::Why},
    metrics::TokenLabels,
    web::{Answer, Fields},
};
use rocket::{Route, post, routes};

#[post("/oidc/token", data = "<form>")]
async fn token(caller: Caller<'_>, form: Fields) -> Answer {
    let params = Caller::params(&form);
    let known = Stop::split(client_auth::authenticate(&caller, &params).await)?;
    let reply = match &known {
        Err((refused, is_basic)) => {
            count(&caller, &params, refused.error.as_str());
            replies::refused(*refused, *is_basic)
        }
        Ok(known) => match Stop::split(give(&caller, known, &params).await)? {
            Ok(issued) => {
                count(&caller, &params, "given");
                replies::private(&issue::answer(caller.services, known, &issued).await?)
            }
            Err(refused) => {
                count(&caller, &params, refused.error.as_str());
                replies::refused(refused, false)
            }
        },
    };
    cors::share(&caller, known.ok().as_ref().map(|known| &known.client), reply).await
}

/// Counts a request for monitoring. No label is a caller's word.
fn count(caller: &Caller<'_>, params: &Params, outcome: &'static str) {
    let grant = match params.get("grant_type") {
        Some("authorization_code") => "code",
        Some("refresh_token") => "refresh",
        Some(GRANT_TYPE) => "device",
        _ => "other",
    };
    caller.services.metrics.tokens.get_or_create(&TokenLabels { grant, outcome }).inc();
}

async fn give(caller: &Caller<'_>, known: &EnabledClient, params: &Params) -> Given {
    let refused = |refused| Err(Stop::Refused(refused));
    match params.get("grant_type") {
        None => refused(ErrorResponse::invalid("grant_type is missing.")),
        Some("authorization_code") => redeem(caller, known, params).await,
        Some("refresh_token") => {
            let refreshed = refresh::refresh(caller, known, params).await;
            if matches!(refreshed, Err(Stop::Refused(_))) {
                caller.services.refused.note(known.client.app, Why::Refresh, caller.now);
            }
            refreshed
        }
        Some(GRANT_TYPE) => device::redeem(caller, known, params).await,
        Some(_) => refused(ErrorResponse::new(ErrorCode::UnsupportedGrantType, "This grant type is not supported.")),
    }
}

/// Redeems a code. Client, address and verifier are checked before anything is used up.
async fn redeem(caller: &Caller<'_>, known: &EnabledClient, params: &Params) -> Given {
    let text = params.get("code").ok_or(Stop::Refused(ErrorResponse::invalid("code is missing.")))?;
    let app = known.client.app;
    let refuse = |why| {
        caller.services.refused.note(app, why, caller.now);
        gone()
    };
    let code = Code::open(text, &caller.services.keys, &known.client.id)?.ok_or_else(|| refuse(Why::Code))?;
    if !params.get("redirect_uri").is_some_and(|address| code.is_for(address)) {
        return Err(refuse(Why::OtherAddress));
    }
    if !pkce::fits(code.challenge().as_ref(), params.get("code_verifier")) {
        return Err(refuse(Why::Verifier));
    }
    let with_pkce = if code.challenge().is_some() { Use::SignInWithPkce } else { Use::SignInWithoutPkce };
    let known = known.clone();
    let given = caller.transact(move |tx| Stop::commit(exchange(tx, &known, &code))).await?;
    let issued = given.map_err(|error| if error == NOT_IT { Stop::Refused(error) } else { refuse(Why::Code) })?;
    caller.services.client_uses.note(app, with_pkce, caller.now);
    Ok(issued)
}

fn exchange(tx: &mut Tx<'_>, known: &EnabledClient, code: &Code) -> Result<Issued, Stop<ErrorResponse>> {
    issue::lock_account(tx, code.account())?;
    // Before anything else may refuse, so that a second use always ends what the first one gave.
    if replay::end_replayed(tx, known, code.id.as_bytes())? || code.is_over(tx.now) {
        return Err(gone());
    }
    // Of this moment, because the app may have been changed since the client presented itself.
    let known = &known.read_again(tx)?;
    let sealed = Sealed {
        id: code.id.as_bytes(),
        account: code.account(),
        session: (code.session(), code.made_at()),
        scopes: code.scopes(),
        claims: code.claims(),
        shown: (code.auth_time(), &code.acr, &code.amr),
        nonce: code.nonce.clone(),
    };
    issue::for_code(tx, known, &sealed)
}

pub(super) fn routes() -> Vec<Route> {
    routes![token]
}
