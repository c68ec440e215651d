//! Signed tokens: makes keys, signs, and verifies what was signed here.
//!
//! Only this part names jsonwebtoken and rsa. Keys come and go as PKCS#8; the caller seals them.

mod client_keys;
mod dkim;
mod make;
mod provider;
#[cfg(test)]
mod vectors;

pub use client_keys::ClientKeys;
pub use dkim::{DkimPublicKey, dkim_public_key};
pub use make::{NewKey, make};

use crate::domain::oidc::SigningAlg;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, jwk::Jwk};
use ring::digest;
use serde::Serialize;
use serde_json::Value;
use std::{error::Error, fmt};

/// The longest token that is verified.
const MAX_TOKEN: usize = 8 * 1024;

/// Purpose of a token. One kind is never taken for another (RFC 8725, section 3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    IdToken,
    LogoutToken,
    /// RFC 9068.
    AccessToken,
}

impl TokenKind {
    const fn typ(self) -> &'static str {
        match self {
            Self::IdToken => "JWT",
            Self::LogoutToken => "logout+jwt",
            Self::AccessToken => "at+jwt",
        }
    }
}

/// Why a key cannot be made or used. Says nothing about the key.
#[derive(Debug)]
pub struct SigningFault(String);

impl SigningFault {
    fn new(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for SigningFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a signing key cannot be used: {}", self.0)
    }
}

impl Error for SigningFault {}

/// A private key that signs. Cannot be printed by accident.
#[derive(Clone)]
pub struct SigningKey {
    alg: SigningAlg,
    kid: String,
    pkcs8: Vec<u8>,
}

impl SigningKey {
    pub fn new(alg: SigningAlg, kid: &str, pkcs8: &[u8]) -> Self {
        Self { alg, kid: kid.to_owned(), pkcs8: pkcs8.to_vec() }
    }

    /// Returns the signed token.
    pub fn sign(&self, kind: TokenKind, claims: &impl Serialize) -> Result<String, SigningFault> {
        install();
        let header =
            Header { typ: Some(kind.typ().into()), kid: Some(self.kid.clone()), ..Header::new(algorithm(self.alg)) };
        jsonwebtoken::encode(&header, claims, &encoding(self.alg, &self.pkcs8)).map_err(SigningFault::new)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, …)", self.kid)
    }
}

/// A public key, as apps see it.
#[derive(Clone, Debug)]
pub struct PublicKey {
    pub alg: SigningAlg,
    pub kid: String,
    /// The JSON Web Key.
    pub jwk: String,
}

/// Returns the claims of a token that one of these keys signed for this purpose. `None` for
/// anything else. Times are for the caller to judge, by its own clock.
///
/// The algorithm comes from our list for the key that `kid` names. It never comes from the token
/// alone (RFC 8725, section 3.1).
pub fn verify(token: &str, kind: TokenKind, keys: &[PublicKey]) -> Option<Value> {
    install();
    if token.len() > MAX_TOKEN {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    let key = keys.iter().find(|key| Some(&key.kid) == header.kid.as_ref())?;
    let is_of_kind = header.typ.as_deref() == Some(kind.typ());
    if !is_of_kind || header.alg != algorithm(key.alg) || has_critical(token) {
        return None;
    }
    let jwk: Jwk = serde_json::from_str(&key.jwk).ok()?;
    let mut validation = Validation::new(algorithm(key.alg));
    // The library asks the system's clock. Issuer and audience are compared by the caller, too.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let decoded = jsonwebtoken::decode::<Value>(token, &DecodingKey::from_jwk(&jwk).ok()?, &validation);
    decoded.ok().map(|decoded| decoded.claims)
}

/// Returns whether a token names another key than these, such as one that was withdrawn.
pub fn names_another_than(token: &str, keys: &[PublicKey]) -> bool {
    let kid = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid);
    kid.is_some_and(|kid| keys.iter().all(|key| key.kid != kid))
}

/// Returns whether a token's header demands an extension (RFC 7515, section 4.1.11). We know none.
fn has_critical(token: &str) -> bool {
    let header = token.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let header: Option<Value> = header.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    header.is_none_or(|header| header.get("crit").is_some())
}

/// Returns the left half of a hash. An ID token names an access token by it (OpenID Connect Core,
/// section 3.1.3.6).
pub fn half_hash(value: &str) -> String {
    let hash = digest::digest(&digest::SHA256, value.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref().get(..16).unwrap_or_default())
}

/// Lends jsonwebtoken its cryptography. The second call and all later ones change nothing.
fn install() {
    let _ = provider::RING.install_default();
}

const fn algorithm(alg: SigningAlg) -> Algorithm {
    match alg {
        SigningAlg::Rs256 => Algorithm::RS256,
        SigningAlg::Es256 => Algorithm::ES256,
    }
}

fn encoding(alg: SigningAlg, pkcs8: &[u8]) -> EncodingKey {
    match alg {
        SigningAlg::Rs256 => EncodingKey::from_rsa_der(pkcs8),
        SigningAlg::Es256 => EncodingKey::from_ec_der(pkcs8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;
    use serde_json::json;

    fn key(alg: SigningAlg) -> (SigningKey, PublicKey) {
        let new = make(alg, &SystemEntropy).unwrap();
        (SigningKey::new(alg, &new.kid, &new.pkcs8), PublicKey { alg, kid: new.kid, jwk: new.jwk })
    }

    fn part(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    #[test]
    fn a_token_is_verified_by_its_own_key_for_its_own_purpose() {
        let pairs = [key(SigningAlg::Rs256), key(SigningAlg::Es256)];
        let keys: Vec<PublicKey> = pairs.iter().map(|(_, public)| public.clone()).collect();
        let claims = json!({ "iss": "https://login.example.com", "sub": "1", "exp": 1 });
        for (private, public) in &pairs {
            let token = private.sign(TokenKind::IdToken, &claims).unwrap();
            assert_eq!(verify(&token, TokenKind::IdToken, &keys), Some(claims.clone()), "times are for the caller");
            let kinds = [TokenKind::IdToken, TokenKind::LogoutToken, TokenKind::AccessToken];
            for (signed, asked) in kinds.iter().flat_map(|signed| kinds.map(|asked| (*signed, asked))) {
                let token = private.sign(signed, &claims).unwrap();
                assert_eq!(verify(&token, asked, &keys).is_some(), signed == asked, "{signed:?} {asked:?}");
            }
            assert_eq!(verify(&token, TokenKind::IdToken, &[]), None);
            let others: Vec<_> = keys.iter().filter(|other| other.kid != public.kid).cloned().collect();
            assert_eq!(verify(&token, TokenKind::IdToken, &others), None);
            let jwk: Value = serde_json::from_str(&public.jwk).unwrap();
            assert_eq!(jwk["kid"], json!(public.kid));
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert!(jwk.get(private).is_none(), "{private}");
            }
        }
    }

    #[test]
    fn nothing_else_is_taken_for_a_token() {
        for alg in [SigningAlg::Rs256, SigningAlg::Es256] {
            let (private, public) = key(alg);
            let token = private.sign(TokenKind::IdToken, &json!({ "sub": "1" })).unwrap();
            let parts: Vec<&str> = token.split('.').collect();
            let (body, signature) = (parts[1], parts[2]);
            let kid = &public.kid;
            let header = |alg: &str| part(&json!({ "alg": alg, "typ": "JWT", "kid": kid }));
            let other = part(&json!({ "sub": "2" }));
            let critical = part(&json!({ "alg": alg.into_str(), "typ": "JWT", "kid": kid, "crit": ["x"], "x": 1 }));
            let mut bad = vec![
                String::new(),
                "..".to_owned(),
                format!("{}.{body}.", header("none")),
                format!("{}.{body}.{signature}", header("HS256")),
                format!("{}.{body}.{signature}", header("PS256")),
                format!("{}.{other}.{signature}", parts[0]),
                format!("{}.{body}.{}", parts[0], &signature[..signature.len() - 4]),
                format!("{critical}.{body}.{signature}"),
                format!("{token}.x"),
                format!("{token}{}", "x".repeat(MAX_TOKEN)),
            ];
            let unnamed = Header { typ: Some("JWT".into()), ..Header::new(algorithm(alg)) };
            bad.push(jsonwebtoken::encode(&unnamed, &json!({}), &encoding(alg, &private.pkcs8)).unwrap());
            for bad in bad {
                assert_eq!(verify(&bad, TokenKind::IdToken, std::slice::from_ref(&public)), None, "{bad:.60}");
            }
        }
    }

    #[test]
    fn a_public_key_is_no_secret_to_sign_with() {
        let (_, public) = key(SigningAlg::Rs256);
        let secret = EncodingKey::from_secret(public.jwk.as_bytes());
        install();
        assert!(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &json!({}), &secret).is_err());
    }

    /// The example of OpenID Connect Core, appendix A.3.
    #[test]
    fn the_standard_s_example_of_a_half_hash() {
        assert_eq!(half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
