//! Refresh tokens at the token endpoint.

use super::{
    caller::Caller,
    client_auth::EnabledClient,
    issue::{self, Given, Issued, gone},
    replay::log_replay,
};
use crate::{
    db::{self, Error, Stop, Tx},
    domain::oidc::{
        ErrorCode, Grant, Params, Scopes,
        client::Refreshes,
        error::ErrorResponse,
        refresh::{RefreshToken, Verdict, judge},
    },
    web::Failure,
};
use sha2::{Digest, Sha256};

const NEVER: ErrorResponse = ErrorResponse::new(ErrorCode::UnauthorizedClient, "This client gets no refresh tokens.");

/// Returns a refresh token that we made. Anything else is `None`.
pub(super) fn genuine(caller: &Caller<'_>, text: &str) -> Result<Option<RefreshToken>, Failure> {
    let Some(token) = RefreshToken::parse(text) else { return Ok(None) };
    let ours = issue::refresh_token(caller.services, token.family, token.generation)?;
    // Of hashes, so that the time of a comparison tells nothing of the token.
    let is_ours = Sha256::digest(ours.proof) == Sha256::digest(token.proof);
    Ok(Some(token).filter(|_| is_ours))
}

pub(super) async fn refresh(caller: &Caller<'_>, known: &EnabledClient, params: &Params) -> Given {
    let text = params.get("refresh_token").ok_or(Stop::Refused(ErrorResponse::invalid("refresh_token is missing.")))?;
    if known.client.rules.refreshes == Refreshes::Never {
        return Err(Stop::Refused(NEVER));
    }
    let token = genuine(caller, text)?.ok_or_else(gone)?;
    let scopes = params.get("scope").map(Scopes::parse);
    if scopes.as_ref().is_some_and(Scopes::is_empty) {
        return Err(Stop::Refused(ErrorResponse::new(ErrorCode::InvalidScope, "None of the scopes is known.")));
    }
    let known = known.clone();
    let given = caller.transact(move |tx| Stop::commit(exchange(tx, &known, (&token, scopes.as_ref()))));
    given.await?.map_err(Stop::Refused)
}

fn exchange(
    tx: &mut Tx<'_>,
    known: &EnabledClient,
    (token, wanted): (&RefreshToken, Option<&Scopes>),
) -> Result<Issued, Stop<ErrorResponse>> {
    let early = EnabledClient::find(tx.connection, &known.client.id)?.ok_or_else(gone)?;
    let grant = db::oidc_grants::find(tx.connection, token.family)?.ok_or_else(gone)?;
    if grant.app != early.client.app || !grant.is_alive(tx.now) || !issue::gives_refresh(&early, &grant.scopes) {
        return Err(gone());
    }
    let scopes = wanted.cloned().unwrap_or_else(|| grant.scopes.clone());
    if !scopes.are_within(&grant.scopes) {
        let why = "The scope is wider than what was granted.";
        return Err(Stop::Refused(ErrorResponse::new(ErrorCode::InvalidScope, why)));
    }
    let account = db::accounts::find(tx.connection, grant.account)?.ok_or_else(gone)?;
    tx.lock(&account.email)?;
    // Behind the lock, as they are now.
    let known = &known.read_again(tx)?;
    let grant = db::oidc_grants::find(tx.connection, token.family)?.ok_or_else(gone)?;
    let rules = &known.client.rules;
    let verdict = judge(&grant, token.generation, (rules.replaces_refresh_tokens(), rules.refresh_idle), tx.now);
    // Before the user may be refused, so that a stolen token ends its family at any time.
    if verdict == Verdict::Reused {
        end_reused(tx, &grant, known)?;
        return Err(gone());
    }
    let person = issue::person_behind(tx, &grant, known)?;
    let generation = next(tx, &grant, (token.generation, verdict))?;
    if let (false, Some(session)) = (grant.is_offline, grant.session) {
        // An app in use all day keeps its session. What is refused keeps nothing.
        db::sessions::note_seen(tx.connection, &[(session, tx.now)])?;
    }
    let access_token = issue::access_token(tx, grant.id, (&scopes, known))?;
    db::apps::note_use(tx.connection, account.id, known.client.app, tx.now)?;
    // No nonce: this is no new answer to the first request.
    Ok(Issued { grant, person, access_token, scopes, refresh: Some(generation), nonce: None })
}

/// Returns the generation of the token that the app has from now on.
fn next(tx: &mut Tx<'_>, grant: &Grant, (presented, verdict): (i32, Verdict)) -> Result<i32, Stop<ErrorResponse>> {
    match verdict {
        Verdict::Stays => {
            db::oidc_grants::note_refresh(tx.connection, grant.id, tx.now)?;
            Ok(grant.generation)
        }
        Verdict::Replace if db::oidc_grants::replace_token(tx.connection, grant.id, presented, tx.now)? => {
            Ok(presented.saturating_add(1))
        }
        // Another request came first. It heals this one: both get the same successor.
        Verdict::Replace => {
            let now = db::oidc_grants::find(tx.connection, grant.id)?.filter(|now| now.is_alive(tx.now));
            now.map(|now| now.generation).ok_or_else(gone)
        }
        Verdict::Again => Ok(grant.generation),
        Verdict::Reused | Verdict::Idle => Err(gone()),
    }
}

/// Ends the family of a token that was replaced too long ago.
fn end_reused(tx: &mut Tx<'_>, grant: &Grant, known: &EnabledClient) -> Result<(), Error> {
    if db::oidc_grants::end(tx.connection, grant.id, tx.now)? { log_replay(tx, grant, known) } else { Ok(()) }
}
