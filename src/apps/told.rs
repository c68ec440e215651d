//! What an app is told about a user: the claims of its tokens, as JSON.

use crate::domain::{
    Timestamp,
    oidc::{
        Scopes,
        claims::{Claim, Person},
        client::ClientRules,
    },
};
use serde_json::{Map, Value, json};

/// Adds what these scopes release about a user.
fn add_claims(to: &mut Map<String, Value>, person: &Person, (scopes, rules): (&Scopes, &ClientRules)) {
    for (name, claim) in person.claims(scopes, rules) {
        let value = match claim {
            Claim::Text(text) => Value::String(text),
            Claim::Flag(flag) => Value::Bool(flag),
            Claim::Texts(texts) => texts.into(),
        };
        to.insert(name, value);
    }
}

/// Returns what userinfo answers.
pub fn userinfo(person: &Person, released: (&Scopes, &ClientRules)) -> Map<String, Value> {
    let mut all = Map::new();
    add_claims(&mut all, person, released);
    all.insert("sub".to_owned(), person.subject().into());
    all
}

/// Returns the part of an ID token that depends on app, user and proofs, and not on one sign-in.
pub fn id_token(
    (issuer, client): (&str, &str),
    rules: &ClientRules,
    (person, scopes): (&Person, &Scopes),
    (auth_time, acr, amr): (Timestamp, &str, &[&str]),
) -> Map<String, Value> {
    let mut claims = Map::new();
    if !rules.id_token_small {
        add_claims(&mut claims, person, (scopes, rules));
    }
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
