//! Which client asks, and whether it is that client.

use super::caller::Caller;
use crate::{
    db::{self, DbConnection, Error, oidc_clients::Client},
    domain::{
        Timestamp, Token,
        apps::{AppId, Registered},
        oidc::{
            ErrorCode, Params,
            client::{ClientId, Presented},
            error::Refused,
            refusal::Why,
        },
    },
    web::Failure,
};

/// A client whose app is on, with that app.
#[derive(Clone, Debug)]
pub struct Known {
    pub client: Client,
    pub app: Registered,
}

impl Known {
    /// Returns the client, unless it or its app is unknown or disabled.
    pub fn find(connection: &mut DbConnection, id: &ClientId) -> Result<Option<Self>, Error> {
        let Some(client) = db::oidc_clients::find(connection, id)? else { return Ok(None) };
        let app = db::apps::find(connection, client.app)?.filter(|app| !app.app.is_disabled);
        Ok(app.map(|app| Self { client, app }))
    }
}

/// One sentence for an unknown client, a wrong secret and a disabled app.
const NOT_IT: Refused = Refused::new(ErrorCode::InvalidClient, "The client is unknown, or its secret is wrong.");

/// Returns the client that presents itself, or why not and whether it used the header.
pub async fn authenticate(caller: &Caller<'_>, params: &Params) -> Result<Result<Known, (Refused, bool)>, Failure> {
    if caller.has_query {
        return Ok(Err((Refused::invalid("Parameters belong into the body."), false)));
    }
    let presented = match Presented::read(&caller.authorization, params) {
        Ok(presented) => presented,
        Err(refused) => return Ok(Err(refused)),
    };
    let (now, is_basic) = (caller.now, presented.is_basic);
    let known = caller.read(move |connection| judge(connection, &presented, now)).await?;
    Ok(known.map_err(|app| {
        if let Some(app) = app {
            caller.services.refused.note(app, Why::Secret, now);
        }
        (NOT_IT, is_basic)
    }))
}

/// Returns the client, or the app whose client it is not.
fn judge(
    connection: &mut DbConnection,
    presented: &Presented,
    now: Timestamp,
) -> Result<Result<Known, Option<AppId>>, Error> {
    let known = Known::find(connection, &presented.id)?;
    // The same statement for an unknown client, so that time tells as little as the answer.
    let app = known.as_ref().map_or(AppId::from_i64(-1), |known| known.client.app);
    let secrets = db::oidc_clients::secrets(connection, app, now)?;
    let is_right = |known: &Known| match (&presented.secret, known.client.rules.is_public) {
        (None, true) => true,
        (Some(spellings), false) => spellings.iter().filter_map(|text| exact(text)).any(|given| {
            // Of hashes, so that the time of a comparison tells nothing of the secret.
            let hash = given.hash();
            secrets.iter().any(|secret| secret.hash == hash)
        }),
        _ => false,
    };
    Ok(match known {
        Some(known) if is_right(&known) => Ok(known),
        known => Err(known.map(|known| known.client.app)),
    })
}

/// Reads a secret in its one spelling.
pub fn exact(text: &str) -> Option<Token> {
    Token::present(text).filter(|token| token.reveal() == text)
}
