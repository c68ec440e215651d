//! The code that a browser carries to the app: sealed for one client, for a minute.
//!
//! It is no row, because a GET makes it. Only this installation can make or read it.

use crate::{
    domain::{
        AccountId, Entropy, Lifetime, SessionId, Timestamp, entropy,
        oidc::{ClaimScopes, ClientId, Scopes, acr, authorize::Request, grant::CODE_LIFETIME, pkce::Challenge},
    },
    sealing::{KeyRing, SealFault},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Ends the JSON before a nonce. JSON has none: it writes the ends of lines in texts as `\n`.
const BEHIND: u8 = b'\n';

/// Contents of a code, in at most a kilobyte: short names, and a hash of the address. Apps and
/// proxies bound the length of an address.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Code {
    /// Its own random name.
    #[serde(rename = "i")]
    pub id: String,
    #[serde(rename = "a")]
    account: i64,
    #[serde(rename = "s")]
    session: i64,
    #[serde(rename = "u")]
    address: String,
    #[serde(rename = "c")]
    challenge: Option<String>,
    #[serde(rename = "n")]
    pub nonce: Option<String>,
    #[serde(rename = "p")]
    scopes: String,
    #[serde(rename = "q")]
    claims: String,
    #[serde(rename = "t")]
    auth_time: i64,
    #[serde(rename = "r")]
    pub acr: String,
    #[serde(rename = "m")]
    pub amr: String,
    #[serde(rename = "d")]
    made_at: i64,
}

/// Facts that an answer gives to the app.
pub(super) struct Giving<'a> {
    pub request: &'a Request,
    /// The address as the request spelt it.
    pub redirect_uri: &'a str,
    pub shown: &'a acr::Shown,
}

impl Code {
    pub(super) fn new(
        entropy: &dyn Entropy,
        (account, session): (AccountId, SessionId),
        giving: &Giving<'_>,
        now: Timestamp,
    ) -> Self {
        let Giving { request, redirect_uri, shown } = giving;
        Self {
            id: URL_SAFE_NO_PAD.encode(entropy::bytes::<16>(entropy)),
            account: account.as_i64(),
            session: session.as_i64(),
            address: hash(redirect_uri),
            challenge: request.challenge.as_ref().map(|challenge| challenge.as_str().to_owned()),
            nonce: request.nonce.clone(),
            scopes: request.scopes.text(),
            claims: request.claims.scopes.text(),
            auth_time: shown.auth_time.as_millis(),
            acr: request.claims.acr_to_tell(shown.acr).to_owned(),
            amr: shown.amr.join(" "),
            made_at: now.as_millis(),
        }
    }

    /// Returns the text for the app's address.
    pub(super) fn seal(&self, ring: &KeyRing, entropy: &dyn Entropy, client: &ClientId) -> Result<String, SealFault> {
        let plain = self.write().map_err(|_| SealFault::TooLong)?;
        Ok(URL_SAFE_NO_PAD.encode(ring.seal_to_carry(entropy, &plain, &bound_to(client))?))
    }

    /// Opens a code of this client. `None` for anything else.
    pub(super) fn open(text: &str, ring: &KeyRing, client: &ClientId) -> Result<Option<Self>, SealFault> {
        let Ok(sealed) = URL_SAFE_NO_PAD.decode(text) else { return Ok(None) };
        let plain = ring.open_carried(&sealed, &bound_to(client))?;
        Ok(plain.and_then(|plain| Self::read(plain.as_bytes())))
    }

    /// Returns JSON. A nonce that JSON would lengthen follows it as it is. Six characters for one
    /// would make the code too long.
    fn write(&self) -> serde_json::Result<Vec<u8>> {
        let is_escaped = |b: u8| b < b' ' || matches!(b, b'"' | b'\\');
        match self.nonce.as_deref().filter(|nonce| nonce.bytes().any(is_escaped)) {
            None => serde_json::to_vec(self),
            Some(nonce) => {
                let mut plain = serde_json::to_vec(&Self { nonce: None, ..self.clone() })?;
                plain.push(BEHIND);
                plain.extend_from_slice(nonce.as_bytes());
                Ok(plain)
            }
        }
    }

    fn read(plain: &[u8]) -> Option<Self> {
        let mut parts = plain.splitn(2, |b| *b == BEHIND);
        let code: Self = serde_json::from_slice(parts.next()?).ok()?;
        match parts.next() {
            None => Some(code),
            Some(nonce) => Some(Self { nonce: Some(String::from_utf8(nonce.to_vec()).ok()?), ..code }),
        }
    }

    pub(super) const fn account(&self) -> AccountId {
        AccountId::from_i64(self.account)
    }

    pub(super) const fn session(&self) -> SessionId {
        SessionId::from_i64(self.session)
    }

    pub(super) fn scopes(&self) -> Scopes {
        Scopes::parse(&self.scopes)
    }

    pub(super) fn claims(&self) -> ClaimScopes {
        ClaimScopes::parse(&self.claims)
    }

    pub(super) const fn auth_time(&self) -> Timestamp {
        Timestamp::from_millis(self.auth_time)
    }

    pub(super) const fn made_at(&self) -> Timestamp {
        Timestamp::from_millis(self.made_at)
    }

    pub(super) fn challenge(&self) -> Option<Challenge> {
        self.challenge.as_deref().and_then(Challenge::parse)
    }

    /// Returns whether the app names the same address again (RFC 6749, section 4.1.3).
    pub(super) fn is_for(&self, redirect_uri: &str) -> bool {
        self.address == hash(redirect_uri)
    }

    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.made_at()) > CODE_LIFETIME || self.made_at().since(now) > Lifetime::minutes(1)
    }
}

fn hash(address: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(address))
}

fn bound_to(client: &ClientId) -> Vec<u8> {
    format!("oidc code for {client}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(nonce: Option<String>) -> Code {
        Code {
            id: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            account: i64::MIN,
            session: i64::MIN,
            address: hash("https://app.example.com/callback"),
            challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()),
            nonce,
            scopes: "openid profile email groups offline_access".to_owned(),
            claims: "profile email groups profile! email! groups!".to_owned(),
            auth_time: i64::MIN,
            acr: "urn:gatepost:two".to_owned(),
            amr: "email otp pop swk user mfa".to_owned(),
            made_at: i64::MIN,
        }
    }

    proptest! {
        #[test]
        fn a_nonce_of_any_characters_reads_back_and_takes_its_own_length(
            nonce in prop::option::of(prop_oneof!["\\PC{0,75}", "[\"\\\\\u{0}-\u{1f}]{0,300}"]),
        ) {
            let plain = code(nonce.clone()).write().unwrap();
            // A line ends before the nonce.
            let longest = code(None).write().unwrap().len() + 1 + 300;
            prop_assert!(plain.len() <= longest, "{} > {longest}", plain.len());
            prop_assert_eq!(Code::read(&plain).unwrap().nonce, nonce);
        }
    }
}
