//! Access tokens as apps hold them: random, or signed for servers that read them (RFC 9068).
//!
//! Either is a row, found by a hash. A signed token names that hash as its `jti`, and never the
//! random value behind it. So a `jti` in a server's log opens nothing. What the token says of the
//! user is for servers of the app. Gatepost itself takes nothing from it but the row, and asks the
//! database.

use super::client_auth::EnabledClient;
use crate::{
    domain::{
        Token, TokenHash,
        oidc::{Scopes, claims::Person, client::AccessTokens},
    },
    services::Services,
    signing::{self, TokenKind},
    web::Failure,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// App, user and scopes of an access token.
pub(super) struct For<'a> {
    pub known: &'a EnabledClient,
    pub person: &'a Person,
    pub scopes: &'a Scopes,
}

/// Returns the text of a new access token, as its app wants it.
pub(super) async fn text(services: &Services, token: &Token, what: For<'_>) -> Result<String, Failure> {
    match what.known.client.rules.access_tokens {
        AccessTokens::Opaque => Ok(token.reveal()),
        AccessTokens::Jwt => signed(services, &token.hash(), what).await,
    }
}

/// Signs a token (RFC 9068, section 2). Its audience is the app: Gatepost knows no other servers.
async fn signed(services: &Services, row: &TokenHash, what: For<'_>) -> Result<String, Failure> {
    let For { known, person, scopes } = what;
    let (now, rules, client) = (services.now(), &known.client.rules, known.client.id.as_str());
    let claims = json!({
        "iss": services.config.base_url.origin(),
        "sub": person.subject(),
        "aud": client,
        "client_id": client,
        "iat": now.as_seconds(),
        "exp": now.plus(rules.access_lifetime).as_seconds(),
        "jti": URL_SAFE_NO_PAD.encode(row.as_bytes()),
        "scope": scopes.text(),
    });
    let signers = services.signers().await?;
    let signer = signers.signer(rules.id_token_alg, now).ok_or_else(|| Failure::fault("no signing key can be used"))?;
    signer.sign(TokenKind::AccessToken, &claims).map_err(Failure::fault)
}

/// Returns the hash of the row of a token that is presented. `None` if it cannot be one of ours.
///
/// No `exp` is judged here: the row knows when the token ends, and is gone if it was revoked.
pub(super) async fn hash_of(services: &Services, text: &str) -> Result<Option<TokenHash>, Failure> {
    if !text.contains('.') {
        return Ok(super::client_auth::exact(text).map(|token| token.hash()));
    }
    let keys = services.signers().await?.public();
    let issuer = services.config.base_url.origin();
    let claims = signing::verify(text, TokenKind::AccessToken, &keys);
    let claims = claims.filter(|claims| claims.get("iss").and_then(Value::as_str) == Some(issuer));
    let jti = claims.and_then(|claims| URL_SAFE_NO_PAD.decode(claims.get("jti")?.as_str()?).ok());
    Ok(jti.and_then(|jti| TokenHash::from_slice(&jti)))
}
