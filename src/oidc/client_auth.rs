//! Finds the client that asks, and authenticates it.

use super::{assertion, caller::Caller};
use crate::{
    db::{
        self, DbConnection, Error, Stop, Tx,
        oidc_clients::{Client, Credentials},
        oidc_uses::Use,
    },
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
    /// The proof that it presented, if it presented itself.
    proof: Option<ClientProof>,
}

/// Proof that a client is the one that it says.
#[derive(Clone, Copy, Debug)]
enum ClientProof {
    /// It is public and has nothing to show.
    Public,
    Secret(TokenHash),
    Assertion,
}

impl ClientProof {
    fn counts(self, known: &Credentials) -> bool {
        match self {
            Self::Public => known.is_public && !known.has_keys,
            // Some programs on users' devices have a secret built in. It proves nothing, but it has
            // to be right.
            Self::Secret(hash) => known.secrets.contains(&hash) && !known.has_keys,
            Self::Assertion => known.has_keys,
        }
    }
}

impl EnabledClient {
    /// Returns the client, unless it or its app is unknown or disabled.
    pub(super) fn find(connection: &mut DbConnection, id: &ClientId) -> Result<Option<Self>, Error> {
        let Some(client) = db::oidc_clients::find(connection, id)? else { return Ok(None) };
        let app = db::apps::find(connection, client.app)?.filter(|app| !app.app.is_disabled);
        Ok(app.map(|app| Self { client, app, proof: None }))
    }

    /// Returns the client as it is in this transaction. Refuses it if what it presented no longer
    /// counts: an admin may have replaced its secret since.
    pub(super) fn read_again(&self, tx: &mut Tx<'_>) -> Result<Self, Stop<ErrorResponse>> {
        let refused = || Stop::Refused(NOT_IT);
        let known = Self::find(tx.connection, &self.client.id)?.ok_or_else(refused)?;
        let credentials = db::oidc_clients::credentials(tx.connection, &self.client.id, tx.now)?;
        let counts = credentials.is_some_and(|now| now.is_named && self.proof.is_some_and(|proof| proof.counts(&now)));
        if counts { Ok(Self { proof: self.proof, ..known }) } else { Err(refused()) }
    }
}

/// One sentence for an unknown client, a wrong secret and a disabled app.
pub(super) const NOT_IT: ErrorResponse =
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
        Some(token) => Stop::split(assertion::judge_signed(caller, &id, token).await)?.map(|()| ClientProof::Assertion),
        None => caller.read(move |connection| Stop::commit(judge(connection, &presented, now))).await?,
    };
    let proof = match judged {
        Ok(proof) => proof,
        Err(app) => {
            if let Some(app) = app {
                caller.services.refused.note(app, if is_signed { Why::Assertion } else { Why::Secret }, now);
            }
            count_wrong(caller, id).await?;
            return Err(Stop::Refused((NOT_IT, is_basic)));
        }
    };
    let known = caller.read(move |connection| EnabledClient::find(connection, &id)).await?;
    let known = known.ok_or(Stop::Refused((NOT_IT, is_basic)))?;
    if let ClientProof::Secret(secret) = proof {
        caller.services.client_uses.note(known.client.app, Use::Secret(secret), now);
    }
    Ok(EnabledClient { proof: Some(proof), ..known })
}

/// Judges a secret, or a client without one. A refusal names the app whose
/// secret it is not. An unknown client is judged by the secrets of another one, and refused: time
/// tells as little as the answer.
fn judge(
    connection: &mut DbConnection,
    presented: &Presented,
    now: Timestamp,
) -> Result<ClientProof, Stop<Option<AppId>>> {
    let spellings = presented.secret.iter().flatten();
    // Of hashes, so that the time of a comparison tells nothing of the secret.
    let given: Vec<TokenHash> = spellings.filter_map(|text| client_secret::hash(text)).collect();
    let known = db::oidc_clients::credentials(connection, &presented.id, now)?.ok_or(Stop::Refused(None))?;
    let shown = given.into_iter().find(|hash| known.secrets.contains(hash));
    let proof = match &presented.secret {
        None => Some(ClientProof::Public),
        Some(_) => shown.map(ClientProof::Secret),
    };
    let app = Some(known.app).filter(|_| known.is_named);
    proof.filter(|proof| proof.counts(&known) && known.is_named).ok_or(Stop::Refused(app))
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
