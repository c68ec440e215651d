//! Userinfo: what an access token lets an app read about the user.

use super::{access_token, caller::Caller, client_auth::EnabledClient, cors, issue, replies};
use crate::{
    apps,
    db::{self, Error, Stop, Tx, oidc_clients::Client, oidc_grants::AccessToken},
    domain::{
        TokenHash,
        oidc::{ErrorCode, Grant, Scope, Scopes, claims::Person, error::ErrorResponse},
    },
    web::{Answer, Failure, Fields, Reply},
};
use rocket::{Route, get, http::Status, post, routes};
use serde_json::{Map, Value};

const NOT_A_TOKEN: ErrorResponse = ErrorResponse::new(ErrorCode::InvalidToken, "The access token does not count.");

#[get("/oidc/userinfo")]
async fn by_get(caller: Caller<'_>) -> Answer {
    answer(&caller, None).await
}

#[post("/oidc/userinfo", data = "<form>")]
async fn by_post(caller: Caller<'_>, form: Fields) -> Answer {
    answer(&caller, form.get("access_token")).await
}

async fn answer(caller: &Caller<'_>, in_body: Option<&str>) -> Answer {
    let (client, reply) = match presented(caller, in_body) {
        Err(reply) => (None, reply),
        Ok(text) => match Stop::split(claims(caller, text).await)? {
            Ok((claims, client)) => (Some(client), replies::private(&Value::Object(claims))),
            Err(refused) if refused.error == ErrorCode::InsufficientScope => {
                (None, replies::bearer_refused(Status::Forbidden, Some(refused)))
            }
            Err(refused) => (None, replies::bearer_refused(Status::Unauthorized, Some(refused))),
        },
    };
    cors::share(caller, client.as_ref(), reply).await
}

/// Claims that an app reads, and the app.
type Told = (Map<String, Value>, Client);

async fn claims(caller: &Caller<'_>, text: &str) -> Result<Told, Stop<ErrorResponse, Failure>> {
    let hash = access_token::hash_of(caller.services, text).await?.ok_or(Stop::Refused(NOT_A_TOKEN))?;
    caller.look(move |tx| Stop::commit(look(tx, &hash))).await?.map_err(Stop::Refused)
}

/// Returns the one token that is presented (RFC 6750, section 2).
fn presented<'a>(caller: &Caller<'a>, in_body: Option<&'a str>) -> Result<&'a str, Reply> {
    let twice = ErrorResponse::invalid("Present the access token once, in the Authorization header.");
    Ok(match (caller.authorization.as_slice(), in_body) {
        _ if caller.has_query => return Err(replies::bearer_refused(Status::BadRequest, Some(twice))),
        ([], None) => return Err(replies::bearer_refused(Status::Unauthorized, None)),
        ([], Some(text)) => text,
        ([header], None) => match header.split_once(' ') {
            Some((scheme, text)) if scheme.eq_ignore_ascii_case("Bearer") => text,
            _ => return Err(replies::bearer_refused(Status::Unauthorized, None)),
        },
        _ => return Err(replies::bearer_refused(Status::BadRequest, Some(twice))),
    })
}

fn look(tx: &mut Tx<'_>, hash: &TokenHash) -> Result<Told, Stop<ErrorResponse>> {
    let found = living(tx, hash)?.ok_or(Stop::Refused(NOT_A_TOKEN))?;
    if !found.scopes.has(Scope::OpenId) {
        let why = "The access token has no scope openid.";
        return Err(Stop::Refused(ErrorResponse::new(ErrorCode::InsufficientScope, why)));
    }
    let released = found.scopes.and(&found.grant.claims.all);
    Ok((apps::userinfo(&found.person, (&released, &found.known.client.rules)), found.known.client))
}

/// An access token that counts.
pub(super) struct Living {
    pub grant: Grant,
    pub scopes: Scopes,
    pub expires_at: crate::domain::Timestamp,
    pub known: EnabledClient,
    pub person: Person,
}

/// Returns an access token that counts now. Its grant, session and account count, and the user may
/// still open the app.
pub(super) fn living(tx: &mut Tx<'_>, hash: &TokenHash) -> Result<Option<Living>, Error> {
    let Some(token) = db::oidc_grants::token(tx.connection, hash)? else { return Ok(None) };
    let AccessToken { grant, scopes, expires_at } = token;
    let Some(client) = db::oidc_clients::of_app(tx.connection, grant.app)? else { return Ok(None) };
    let Some(known) = EnabledClient::find(tx.connection, &client.id)?.filter(|_| tx.now < expires_at) else {
        return Ok(None);
    };
    let person = Stop::commit(issue::person_behind(tx, &grant, &known))?.ok();
    Ok(person.map(|person| Living { grant, scopes, expires_at, known, person }))
}

pub(super) fn routes() -> Vec<Route> {
    routes![by_get, by_post]
}
