//! Finds the client that asks, and authenticates it.

use super::{assertion, caller::Caller};
use crate::{
    db::{self, DbConnection, Error, Stop, oidc_clients::Client, oidc_uses::Use},
    domain::{
        Timestamp, Token, TokenHash,
        apps::{AppId, Registered},
        oidc::{
            ErrorCode, Params,
            client::{ClientId, Presented},
            client_secret,
            error::ErrorResponse,
            refusal::Why,
        },
    },
    limits,
    web::Failure,
};

/// A client whose app is on, with that app.
#[derive(Clone, Debug)]
pub(super) struct EnabledClient {
    pub client: Client,
    pub app: Registered,
}

impl EnabledClient {
    /// Returns the client, unless it or its app is unknown or disabled.
    pub(super) fn find(connection: &mut DbConnection, id: &ClientId) -> Result<Option<Self>, Error> {
        let Some(client) = db::oidc_clients::find(connection, id)? else { return Ok(None) };
        let app = db::apps::find(connection, client.app)?.filter(|app| !app.app.is_disabled);
        Ok(app.map(|app| Self { client, app }))
    }
}

/// One sentence for an unknown client, a wrong secret and a disabled app.
const NOT_IT: ErrorResponse =
    ErrorResponse::new(ErrorCode::InvalidClient, "The client is unknown, or its secret or assertion is wrong.");

/// Returns the client that presents itself, or why not and whether it used the header.
///
/// # Errors
///
/// [`Failure::TooMany`] for a wrong secret after too many others from the same network.
pub(super) async fn authenticate(
    caller: &Caller<'_>,
    params: &Params,
) -> Result<EnabledClient, Stop<(ErrorResponse, bool), Failure>> {
    if caller.has_query {
        return Err(Stop::Refused((ErrorResponse::invalid("Send the parameters in the body."), false)));
    }
    let presented = Presented::read(&caller.authorization, &assertion::with_client(params)).map_err(Stop::Refused)?;
    let (now, is_basic, id) = (caller.now, presented.is_basic, presented.id.clone());
    let is_signed = presented.assertion.is_some();
    let judged = match &presented.assertion {
        Some(token) => Stop::split(assertion::judge_signed(caller, &id, token).await)?.map(|()| None),
        None => caller.read(move |connection| Stop::commit(judge(connection, &presented, now))).await?,
    };
    let secret = match judged {
        Ok(secret) => secret,
        Err(app) => {
            if let Some(app) = app {
                caller.services.refused.note(app, if is_signed { Why::Assertion } else { Why::Secret }, now);
            }
            count_wrong(caller, id).await?;
            return Err(Stop::Refused((NOT_IT, is_basic)));
        }
    };
    let known = caller.read(move |connection| EnabledClient::find(connection, &id)).await?;
    if let (Some(known), Some(secret)) = (&known, secret) {
        caller.services.client_uses.note(known.client.app, Use::Secret(secret), now);
    }
    known.ok_or(Stop::Refused((NOT_IT, is_basic)))
}

/// Judges a secret, and returns the hash of the one that was shown. A refusal names the app whose
/// secret it is not. An unknown client is judged by the secrets of another one, and refused: time
/// tells as little as the answer.
fn judge(
    connection: &mut DbConnection,
    presented: &Presented,
    now: Timestamp,
) -> Result<Option<TokenHash>, Stop<Option<AppId>>> {
    let spellings = presented.secret.iter().flatten();
    // Of hashes, so that the time of a comparison tells nothing of the secret.
    let given: Vec<TokenHash> = spellings.filter_map(|text| client_secret::hash(text)).collect();
    let known = db::oidc_clients::credentials(connection, &presented.id, now)?.ok_or(Stop::Refused(None))?;
    let shown = given.into_iter().find(|hash| known.secrets.contains(hash));
    let is_right = match &presented.secret {
        None => known.is_public && !known.has_keys,
        // Some programs on users' devices have a secret built in. It proves nothing, but it has to
        // be right.
        Some(_) => shown.is_some() && !known.has_keys,
    };
    let app = Some(known.app).filter(|_| known.is_named);
    if is_right && known.is_named { Ok(shown) } else { Err(Stop::Refused(app)) }
}

/// Counts a wrong secret, of a known client as of an unknown one.
async fn count_wrong(caller: &Caller<'_>, id: ClientId) -> Result<(), Failure> {
    let counted = limits::of_client_secrets(&id, caller.client);
    let taken = caller.transact(move |tx| db::limits::take(tx.connection, &counted, tx.now)).await?;
    taken.allowed(caller.now).map_err(Failure::TooMany)
}

/// Reads a secret in its one spelling.
pub(super) fn exact(text: &str) -> Option<Token> {
    Token::present(text).filter(|token| token.reveal() == text)
}
