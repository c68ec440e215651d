//! Facts that an app is told about a user: the claims of its tokens, as JSON.

use crate::domain::{
    Timestamp,
    oidc::{
        ClaimScopes, Scopes,
        claims::{Claim, Person, fits_into_id_token},
        client::ClientRules,
    },
};
use serde_json::{Map, Value, json};

fn in_json(claim: Claim) -> Value {
    match claim {
        Claim::Text(text) => Value::String(text),
        Claim::Flag(flag) => Value::Bool(flag),
        Claim::Texts(texts) => texts.into(),
    }
}

/// Returns what userinfo answers.
pub fn userinfo(person: &Person, (scopes, rules): (&Scopes, &ClientRules)) -> Map<String, Value> {
    let mut all: Map<String, Value> =
        person.claims(scopes, rules).into_iter().map(|(name, claim)| (name, in_json(claim))).collect();
    all.insert("sub".to_owned(), person.subject().into());
    all
}

/// Returns the part of an ID token that depends on app, user and proofs, and not on one sign-in.
pub fn id_token(
    (issuer, client): (&str, &str),
    (rules, person): (&ClientRules, &Person),
    (scopes, asked): (&Scopes, &ClaimScopes),
    (auth_time, acr, amr): (Timestamp, &str, &[&str]),
) -> Map<String, Value> {
    let mut claims = Map::new();
    // What a request wants in the ID token is there, however small that is otherwise.
    let released = if rules.id_token_small { asked.in_id_token.clone() } else { scopes.and(&asked.all) };
    let fitting = person.claims(&released, rules).into_iter().filter(|(_, claim)| fits_into_id_token(claim));
    claims.extend(fitting.map(|(name, claim)| (name, in_json(claim))));
    // After the claims about the user, so that none of them can take the place of one of these.
    let own = json!({
        "iss": issuer,
        "sub": person.subject(),
        "aud": client,
        "auth_time": auth_time.as_seconds(),
        "acr": acr,
        "amr": amr,
    });
    claims.extend(own.as_object().cloned().unwrap_or_default());
    claims
}
