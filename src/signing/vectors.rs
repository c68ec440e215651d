//! Project Wycheproof's signatures, against what verifies here. See tests/vectors/README.md.

use super::{ClientKeys, PublicKey, TokenKind, algorithm, install, verify};
use crate::domain::oidc::SigningAlg;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, Validation, errors::ErrorKind, jwk::Jwk};
use serde_json::{Value, json};

const VECTORS: &str = include_str!("../../tests/vectors/wycheproof.tsv");
const TOKENS: &str = include_str!("../../tests/vectors/jws.tsv");

/// Returns whether a signature is taken. A key or a signature that cannot be read is not.
fn is_taken(alg: SigningAlg, (one, two): (&str, &str), (message, signature): (&[u8], &str)) -> bool {
    let jwk = match alg {
        SigningAlg::Es256 => json!({ "kty": "EC", "crv": "P-256", "x": one, "y": two }),
        SigningAlg::Rs256 => json!({ "kty": "RSA", "n": one, "e": two }),
    };
    let jwk: Jwk = serde_json::from_value(jwk).unwrap();
    let Ok(key) = DecodingKey::from_jwk(&jwk) else { return false };
    jsonwebtoken::crypto::verify(signature, message, &key, algorithm(alg)).unwrap_or(false)
}

#[test]
fn every_wycheproof_signature_is_judged_as_its_project_says() {
    install();
    let (mut key, mut counts) = (None, [0; 3]);
    for line in VECTORS.lines() {
        let columns: Vec<&str> = line.split('\t').map(|cell| if cell == "-" { "" } else { cell }).collect();
        let (number, message, signature, result) = match columns.as_slice() {
            [alg, one, two] => {
                key = Some((alg.parse().unwrap(), *one, *two));
                continue;
            }
            [number, message, signature, result] => (*number, *message, *signature, *result),
            _ => panic!("{line}"),
        };
        let (alg, one, two) = key.unwrap();
        let message = URL_SAFE_NO_PAD.decode(message).unwrap();
        let is_taken = is_taken(alg, (one, two), (&message, signature));
        let place = match result {
            "valid" => 0,
            "invalid" => 1,
            // An encoding that a verifier may take or refuse.
            "acceptable" => 2,
            other => panic!("{other}"),
        };
        counts[place] += 1;
        assert!(place == 2 || is_taken == (place == 0), "{alg:?} {number}: {result}");
    }
    assert!(counts[0] > 150 && counts[1] > 500, "{counts:?}");
}

/// Returns whether a token's signature is taken. The vectors sign text and no claims, so that
/// reading those is what fails then.
fn is_signed(alg: SigningAlg, jwk: &Value, token: &str) -> bool {
    let jwk: Jwk = serde_json::from_value(jwk.clone()).unwrap();
    let key = DecodingKey::from_jwk(&jwk).unwrap();
    let mut validation = Validation::new(algorithm(alg));
    validation.required_spec_claims.clear();
    match jsonwebtoken::decode::<Value>(token, &key, &validation) {
        Ok(_) => true,
        Err(error) => matches!(error.kind(), ErrorKind::Json(_)) && token.split('.').all(|part| !part.is_empty()),
    }
}

/// Parts that are missing or too many, `HS256` by a public key, and a key inside the token.
#[test]
fn every_wycheproof_token_is_judged_as_its_project_says() {
    install();
    let (mut key, mut counts) = (None, [0; 2]);
    for line in TOKENS.lines() {
        let columns: Vec<&str> = line.split('\t').map(|cell| if cell == "-" { "" } else { cell }).collect();
        let [number, token, result] = columns.as_slice() else { panic!("{line}") };
        if let Ok(alg) = number.parse::<SigningAlg>() {
            let (kid, mut jwk) = match alg {
                SigningAlg::Es256 => ("kid-ec-sign", json!({ "kty": "EC", "crv": "P-256", "x": token, "y": result })),
                SigningAlg::Rs256 => ("kid-rsa-sign", json!({ "kty": "RSA", "n": token, "e": result })),
            };
            jwk["kid"] = json!(kid);
            key = Some((alg, kid, jwk));
            continue;
        }
        let (alg, kid, jwk) = key.as_ref().unwrap();
        let is_valid = *result == "valid";
        counts[usize::from(!is_valid)] += 1;
        assert_eq!(is_signed(*alg, jwk, token), is_valid, "{alg:?} {number}");
        // None of them has claims.
        let set = ClientKeys::parse(&json!({ "keys": [jwk] }).to_string()).unwrap();
        assert_eq!(set.verify(token), None, "{alg:?} {number}");
        let own = PublicKey { alg: *alg, kid: (*kid).to_owned(), jwk: jwk.to_string() };
        assert_eq!(verify(token, TokenKind::IdToken, &[own]), None, "{alg:?} {number}");
    }
    assert_eq!(counts, [2, 26]);
}
