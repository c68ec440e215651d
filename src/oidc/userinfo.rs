//! Userinfo: what an access token lets an app read about the user.

use super::{caller::Caller, claims, client_auth::Known, cors, issue, replies};
use crate::{
    db::{self, Error, Stop, Tx},
    domain::{
        TokenHash,
        oidc::{ErrorCode, Grant, Scope, Scopes, error::Refused},
    },
    web::{Answer, Fields, Reply},
};
use rocket::{Route, get, http::Status, post, routes};
use serde_json::{Map, Value};

const NOT_A_TOKEN: Refused = Refused::new(ErrorCode::InvalidToken, "The access token does not count.");

#[get("/oidc/userinfo")]
async fn by_get(caller: Caller<'_>) -> Answer {
    answer(&caller, None).await
}

#[post("/oidc/userinfo", data = "<form>")]
async fn by_post(caller: Caller<'_>, form: Fields) -> Answer {
    answer(&caller, form.get("access_token")).await
}

async fn answer(caller: &Caller<'_>, in_body: Option<&str>) -> Answer {
    let reply = match presented(caller, in_body) {
        Err(reply) => reply,
        Ok(hash) => match caller.look(move |tx| Stop::commit(look(tx, &hash))).await? {
            Ok(claims) => replies::private(&Value::Object(claims)),
            Err(refused) if refused.error == ErrorCode::InsufficientScope => {
                replies::bearer_refused(Status::Forbidden, Some(refused))
            }
            Err(refused) => replies::bearer_refused(Status::Unauthorized, Some(refused)),
        },
    };
    cors::share(caller, reply).await
}

/// Returns the hash of the one token that is presented (RFC 6750, section 2).
fn presented(caller: &Caller<'_>, in_body: Option<&str>) -> Result<TokenHash, Reply> {
    let twice = Refused::invalid("Present the access token once, in the Authorization header.");
    let text = match (caller.authorization.as_slice(), in_body) {
        _ if caller.has_query => return Err(replies::bearer_refused(Status::BadRequest, Some(twice))),
        ([], None) => return Err(replies::bearer_refused(Status::Unauthorized, None)),
        ([], Some(text)) => text,
        ([header], None) => match header.split_once(' ') {
            Some((scheme, text)) if scheme.eq_ignore_ascii_case("Bearer") => text,
            _ => return Err(replies::bearer_refused(Status::Unauthorized, None)),
        },
        _ => return Err(replies::bearer_refused(Status::BadRequest, Some(twice))),
    };
    let token = super::client_auth::exact(text);
    token.map(|token| token.hash()).ok_or_else(|| replies::bearer_refused(Status::Unauthorized, Some(NOT_A_TOKEN)))
}

fn look(tx: &mut Tx<'_>, hash: &TokenHash) -> Result<Map<String, Value>, Stop<Refused>> {
    let found = living(tx, hash)?.ok_or(Stop::Refused(NOT_A_TOKEN))?;
    if !found.scopes.has(Scope::OpenId) {
        let why = "The access token has no scope openid.";
        return Err(Stop::Refused(Refused::new(ErrorCode::InsufficientScope, why)));
    }
    let account = db::accounts::find(tx.connection, found.grant.account)?.ok_or(Stop::Refused(NOT_A_TOKEN))?;
    let person = issue::person(tx, &account, &found.known).map_err(|stop| stop.map(|_| NOT_A_TOKEN))?;
    let mut all = Map::new();
    let released = Scopes::parse(&format!("{} {}", found.scopes.text(), found.grant.claims.text()));
    claims::add(&mut all, &person, (&released, &found.known.client.rules.groups_claim));
    all.insert("sub".to_owned(), person.subject().into());
    Ok(all)
}

/// An access token that counts.
pub struct Living {
    pub grant: Grant,
    pub scopes: Scopes,
    pub expires_at: crate::domain::Timestamp,
    pub known: Known,
}

/// Returns an access token that counts now: its grant, session and account do, too.
pub fn living(tx: &mut Tx<'_>, hash: &TokenHash) -> Result<Option<Living>, Error> {
    let Some(token) = db::oidc_grants::token(tx.connection, hash)? else { return Ok(None) };
    if tx.now >= token.expires_at || !token.grant.is_alive(tx.now) {
        return Ok(None);
    }
    if let (false, Some(session)) = (token.grant.is_offline, token.grant.session) {
        let Some((session, _)) = db::sessions::find(tx.connection, session)? else { return Ok(None) };
        let settings = tx.settings()?;
        let lifetime = settings.session_lifetime(session.remember);
        if lifetime.is_past_end((session.created_at, session.ends_at), tx.now) {
            return Ok(None);
        }
    }
    let account = db::accounts::find(tx.connection, token.grant.account)?;
    let Some(client) = db::oidc_clients::of_app(tx.connection, token.grant.app)? else { return Ok(None) };
    let known = Known::find(tx.connection, &client.id)?;
    Ok(known.filter(|_| account.is_some_and(|account| account.is_active())).map(|known| Living {
        grant: token.grant,
        scopes: token.scopes,
        expires_at: token.expires_at,
        known,
    }))
}

pub fn routes() -> Vec<Route> {
    routes![by_get, by_post]
}
