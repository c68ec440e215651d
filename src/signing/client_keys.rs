//! Public keys of clients, and what clients signed by them.

use super::{MAX_TOKEN, has_critical, install};
use crate::domain::oidc::SigningAlg;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use serde_json::Value;

/// The most keys of a set that are read.
const MAX_KEYS: usize = 50;
/// Members of private and of shared keys.
const SECRETS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// The shortest modulus of an RSA key that verifies: 2048 bits.
const SHORTEST_MODULUS: usize = 256;
/// Types that an assertion may name, in small letters. Never that of a token of another kind.
const TYPES: [&str; 2] = ["jwt", "client-authentication+jwt"];

/// Keys whose private halves were thrown away. Such a key verifies a token that names no key of its
/// client. Timing then does not reveal known clients.
const DECOY: &str = include_str!("decoy.json");

/// A client's public keys that can verify: RSA from 2048 bits, and P-256.
#[derive(Clone, Debug)]
pub struct ClientKeys(Vec<(SigningAlg, Jwk)>);

impl ClientKeys {
    /// Reads a set (RFC 7517, section 5). It passes over keys of other kinds. Returns
    /// `None` for anything else, and for a set with a private or shared key. The owner must
    /// replace such a key.
    pub fn parse(text: &str) -> Option<Self> {
        let set: Value = serde_json::from_str(text).ok()?;
        let keys = set.get("keys")?.as_array().filter(|keys| keys.len() <= MAX_KEYS)?;
        if keys.iter().any(|key| SECRETS.iter().any(|secret| key.get(secret).is_some())) {
            return None;
        }
        Some(Self(keys.iter().filter_map(read).collect()))
    }

    /// Returns keys that verify nothing, for a client that has none.
    pub fn decoy() -> Self {
        Self::parse(DECOY).unwrap_or_else(|| Self(Vec::new()))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the claims of what one of the keys signed. The key decides on the algorithm. Times
    /// and audience are for the caller.
    pub fn verify(&self, token: &str) -> Option<Value> {
        install();
        if token.len() > MAX_TOKEN || has_critical(token) {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        let is_of_kind = header.typ.as_ref().is_none_or(|typ| TYPES.contains(&typ.to_ascii_lowercase().as_str()));
        if !is_of_kind {
            return None;
        }
        let is_named = |jwk: &Jwk| header.kid.is_none() || jwk.common.key_id == header.kid;
        let is_for = |alg: &SigningAlg| super::algorithm(*alg) == header.alg;
        let fitting: Vec<_> = self.0.iter().filter(|(alg, jwk)| is_for(alg) && is_named(jwk)).take(10).collect();
        if fitting.is_empty() {
            Self::decoy().0.iter().filter(|(alg, _)| is_for(alg)).for_each(|(_, jwk)| {
                verify_by(token, jwk, header.alg);
            });
        }
        fitting.into_iter().find_map(|(_, jwk)| verify_by(token, jwk, header.alg))
    }
}

fn verify_by(token: &str, jwk: &Jwk, alg: Algorithm) -> Option<Value> {
    let mut validation = Validation::new(alg);
    // The library asks the system's clock. Issuer and audience are compared by the caller, too.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let decoded = jsonwebtoken::decode::<Value>(token, &DecodingKey::from_jwk(jwk).ok()?, &validation);
    decoded.ok().map(|decoded| decoded.claims)
}

/// Reads a key that can verify here, with its one algorithm.
fn read(key: &Value) -> Option<(SigningAlg, Jwk)> {
    let jwk: Jwk = serde_json::from_value(key.clone()).ok()?;
    let alg = match &jwk.algorithm {
        // Refused here, so that an admin learns of it before the app's first assertion fails.
        AlgorithmParameters::RSA(rsa) if is_short(&rsa.n) => return None,
        AlgorithmParameters::RSA(_) => SigningAlg::Rs256,
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => SigningAlg::Es256,
        _ => return None,
    };
    let is_named_so = key.get("alg").is_none_or(|named| named.as_str() == Some(alg.into_str()));
    let verifies = key.get("key_ops").and_then(Value::as_array).is_none_or(|ops| ops.iter().any(|op| op == "verify"));
    let signs = jwk.common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature);
    (is_named_so && verifies && signs).then_some((alg, jwk))
}

/// Returns whether a modulus is shorter than 2048 bits. Leading zeros are no part of it.
fn is_short(modulus: &str) -> bool {
    let octets = URL_SAFE_NO_PAD.decode(modulus).unwrap_or_default();
    octets.iter().skip_while(|octet| **octet == 0).count() < SHORTEST_MODULUS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        entropy::SystemEntropy,
        signing::{NewKey, PublicKey, SigningKey, TokenKind, make, verify},
    };
    use serde_json::json;

    fn set(keys: &[&NewKey]) -> String {
        let keys: Vec<Value> = keys.iter().map(|key| serde_json::from_str(&key.jwk).unwrap()).collect();
        json!({ "keys": keys }).to_string()
    }

    /// Returns a token that has this header.
    fn signed(own: &NewKey, header: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(&json!({ "iss": "grafana" })));
        let key = crate::signing::encoding(own.alg, &own.pkcs8);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, crate::signing::algorithm(own.alg));
        format!("{message}.{}", signature.unwrap())
    }

    #[test]
    fn what_a_client_signed_is_verified_by_its_own_keys_alone() {
        let claims = json!({ "iss": "grafana" });
        for alg in [SigningAlg::Rs256, SigningAlg::Es256] {
            let (own, other) = (make(alg, &SystemEntropy).unwrap(), make(alg, &SystemEntropy).unwrap());
            let signer = SigningKey::new(alg, &own.kid, &own.pkcs8);
            let token = signer.sign(TokenKind::IdToken, &claims).unwrap();
            let keys = ClientKeys::parse(&set(&[&other, &own])).unwrap();
            assert_eq!(keys.verify(&token), Some(claims.clone()));
            assert_eq!(ClientKeys::parse(&set(&[&other])).unwrap().verify(&token), None);
            for kind in [TokenKind::LogoutToken, TokenKind::AccessToken] {
                let other = signer.sign(kind, &claims).unwrap();
                assert_eq!(keys.verify(&other), None, "a token of another kind");
            }
            assert_eq!(keys.verify(&format!("{token}{}", "x".repeat(MAX_TOKEN))), None);
            let decoy = ClientKeys::decoy();
            assert_eq!((decoy.0.len(), decoy.verify(&token)), (2, None));
            // A key of another name does not verify, even if it is the same key.
            let renamed = set(&[&own]).replace(&own.kid, "other");
            assert_eq!(ClientKeys::parse(&renamed).unwrap().verify(&token), None);
        }
    }

    /// Its signature is right, so that nothing else refuses it (RFC 7515, section 4.1.11).
    #[test]
    fn a_token_that_demands_an_extension_is_refused() {
        install();
        for alg in [SigningAlg::Rs256, SigningAlg::Es256] {
            let own = make(alg, &SystemEntropy).unwrap();
            let signed = |header: &Value| signed(&own, header);
            let mut header = json!({ "alg": alg.into_str(), "typ": "JWT", "kid": own.kid });
            let public = PublicKey { alg, kid: own.kid.clone(), jwk: own.jwk.clone() };
            let keys = ClientKeys::parse(&set(&[&own])).unwrap();
            let is_taken = |token: &str| {
                let (by_us, by_them) =
                    (verify(token, TokenKind::IdToken, std::slice::from_ref(&public)), keys.verify(token));
                assert_eq!(by_us.is_some(), by_them.is_some());
                by_us.is_some()
            };
            assert!(is_taken(&signed(&header)));
            header["crit"] = json!(["exp"]);
            assert!(!is_taken(&signed(&header)));
            header["crit"] = json!([]);
            assert!(!is_taken(&signed(&header)));
        }
    }

    #[test]
    fn a_token_that_names_no_key_is_tried_with_each_and_one_of_another_type_with_none() {
        install();
        let make = || make(SigningAlg::Es256, &SystemEntropy).unwrap();
        let (own, other) = (make(), make());
        let keys = ClientKeys::parse(&set(&[&other, &own])).unwrap();
        for header in [
            json!({ "alg": "ES256" }),
            json!({ "alg": "ES256", "typ": "jwt" }),
            json!({ "alg": "ES256", "typ": "Client-Authentication+JWT", "kid": own.kid }),
        ] {
            assert!(keys.verify(&signed(&own, &header)).is_some(), "{header}");
        }
        for header in [json!({ "alg": "ES256", "typ": "secevent+jwt" }), json!({ "alg": "ES256", "kid": other.kid })] {
            assert!(keys.verify(&signed(&own, &header)).is_none(), "{header}");
        }
    }

    #[test]
    fn a_set_of_fifty_keys_that_say_that_they_verify_is_read() {
        let key = make(SigningAlg::Es256, &SystemEntropy).unwrap();
        let mut jwk: Value = serde_json::from_str(&key.jwk).unwrap();
        jwk["key_ops"] = json!(["sign", "verify"]);
        let keys: Vec<Value> = std::iter::repeat_n(jwk, 50).collect();
        assert_eq!(ClientKeys::parse(&json!({ "keys": keys }).to_string()).unwrap().0.len(), 50);
    }

    #[test]
    fn keys_that_are_not_public_or_not_for_verifying_are_not_used() {
        let key = make(SigningAlg::Es256, &SystemEntropy).unwrap();
        let jwk: Value = serde_json::from_str(&key.jwk).unwrap();
        let with = |name: &str, value: Value| {
            let mut jwk = jwk.clone();
            jwk[name] = value;
            ClientKeys::parse(&json!({ "keys": [jwk] }).to_string())
        };
        for secret in SECRETS {
            assert!(with(secret, json!("AA")).is_none(), "{secret}");
        }
        for (name, value) in [
            ("use", json!("enc")),
            ("alg", json!("ES384")),
            ("alg", json!("RS256")),
            ("alg", json!("HS256")),
            ("alg", json!(1)),
            ("key_ops", json!(["sign"])),
            ("crv", json!("P-384")),
            ("kty", json!("oct")),
        ] {
            let keys = with(name, value.clone());
            assert!(keys.is_none_or(|keys| keys.is_empty()), "{name} {value}");
        }
        assert!(!with("use", json!("sig")).unwrap().is_empty());
        for odd in ["", "[]", "{}", r#"{"keys":1}"#, "null"] {
            assert!(ClientKeys::parse(odd).is_none(), "{odd}");
        }
        let many: Vec<Value> = std::iter::repeat_n(jwk, MAX_KEYS + 1).collect();
        assert!(ClientKeys::parse(&json!({ "keys": many }).to_string()).is_none());
    }

    #[test]
    fn an_rsa_key_of_less_than_2048_bits_is_not_used() {
        let with = |octets: Vec<u8>| {
            let jwk = json!({ "kty": "RSA", "e": "AQAB", "n": URL_SAFE_NO_PAD.encode(octets) });
            ClientKeys::parse(&json!({ "keys": [jwk] }).to_string()).unwrap()
        };
        assert!(!with(vec![0xC1; 256]).is_empty());
        let padded = [vec![0; 128], vec![0xC1; 128]].concat();
        for short in [Vec::new(), vec![0xC1; 128], vec![0xC1; 255], padded] {
            assert!(with(short.clone()).is_empty(), "{} octets", short.len());
        }
    }
}
