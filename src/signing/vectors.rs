//! Project Wycheproof's signatures, against what verifies here. See tests/vectors/README.md.

use super::{algorithm, install};
use crate::domain::oidc::SigningAlg;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, jwk::Jwk};
use serde_json::json;

const VECTORS: &str = include_str!("../../tests/vectors/wycheproof.tsv");

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
                key = Some((SigningAlg::parse(alg).unwrap(), *one, *two));
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
