//! The answer of a browser's script, read strictly. The library checks signature, challenge, type
//! of ceremony, RP id, flags, algorithm and counter. This file checks the rest (WebAuthn L3, §7.1
//! and §7.2).

use super::{CeremonyRefusal, Wrong};
use crate::domain::aaguid::Aaguid;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use webauthn_rs::prelude::{PublicKeyCredential, RegisterPublicKeyCredential};

/// "Verify that the credentialId is ≤ 1023 bytes" (L3, §7.1).
const LONGEST_ID: usize = 1023;
/// Place of the AAGUID in authenticator data: after the hash, the flags and the counter (§6.1).
const AAGUID_AT: usize = 37;

/// Place of the flags: after the hash.
const FLAGS_AT: usize = 32;
const BACKUP_ELIGIBLE: u8 = 0b1000;

/// Answer to a challenge for an existing passkey.
pub(super) struct Assertion(PublicKeyCredential);

/// Answer to a challenge for a new passkey.
pub(super) struct Registration(RegisterPublicKeyCredential);

/// Facts from the browser itself. The library reads them again and checks the rest.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    origin: String,
    cross_origin: Option<bool>,
    top_origin: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttestationObject<'a> {
    #[serde(borrow)]
    auth_data: &'a [u8],
}

impl Assertion {
    pub(super) fn read(answer: Value) -> Result<Self, CeremonyRefusal> {
        read(answer).map(Self)
    }

    pub(super) fn credential_id(&self) -> &[u8] {
        &self.0.raw_id
    }

    /// Returns the owner whom the passkey names. Older versions of Safari, and keys that store no
    /// passkeys, send an empty text for "unknown". A user handle has at least one byte (WebAuthn
    /// L3, §6.3.3).
    pub(super) fn user_handle(&self) -> Option<&[u8]> {
        self.0.response.user_handle.as_deref().filter(|handle| !handle.is_empty())
    }

    /// Returns whether the authenticator says that this passkey may be on several devices (the BE
    /// flag, §6.1).
    pub(super) fn is_backup_eligible(&self) -> bool {
        self.0.response.authenticator_data.get(FLAGS_AT).is_some_and(|flags| flags & BACKUP_ELIGIBLE != 0)
    }

    /// Returns the answer for the library, once the library's gaps are checked.
    pub(super) fn checked(&self, origin: &str) -> Result<&PublicKeyCredential, Wrong> {
        let answer = &self.0;
        check_names(&answer.type_, &answer.id, &answer.raw_id)?;
        check_page(&answer.response.client_data_json, origin)?;
        Ok(answer)
    }
}

impl Registration {
    pub(super) fn read(answer: Value) -> Result<Self, CeremonyRefusal> {
        read(answer).map(Self)
    }

    pub(super) fn credential_id(&self) -> &[u8] {
        &self.0.raw_id
    }

    /// Returns the answer for the library, once the library's gaps are checked.
    pub(super) fn checked(&self, origin: &str) -> Result<&RegisterPublicKeyCredential, Wrong> {
        let answer = &self.0;
        check_names(&answer.type_, &answer.id, &answer.raw_id)?;
        check_page(&answer.response.client_data_json, origin)?;
        Ok(answer)
    }

    /// Returns the authenticator's make, which the library keeps only with an attestation.
    pub(super) fn aaguid(&self) -> Aaguid {
        let object: Option<AttestationObject<'_>> = serde_cbor_2::from_slice(&self.0.response.attestation_object).ok();
        let bytes = object.and_then(|object| object.auth_data.get(AAGUID_AT..)?.first_chunk().copied());
        bytes.map(Aaguid::from_bytes).unwrap_or_default()
    }
}

pub(super) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read<T: DeserializeOwned>(answer: Value) -> Result<T, CeremonyRefusal> {
    serde_json::from_value(answer).map_err(|_| CeremonyRefusal::Unreadable)
}

fn check_names(kind: &str, id: &str, raw_id: &[u8]) -> Result<(), Wrong> {
    if kind != "public-key" {
        return Err(Wrong::Type);
    }
    // The id comes as text and as bytes. The bytes find the passkey, so the text has to name the
    // same one.
    if raw_id.is_empty() || raw_id.len() > LONGEST_ID || base64url(raw_id) != id {
        return Err(Wrong::Id);
    }
    Ok(())
}

fn check_page(client_data: &[u8], origin: &str) -> Result<(), Wrong> {
    let Ok(said) = serde_json::from_slice::<ClientData>(client_data) else { return Err(Wrong::Origin) };
    // The library parses both as URLs, so that it accepts an origin with a path. Compare every
    // character.
    if said.origin != origin {
        return Err(Wrong::Origin);
    }
    // The library checks the first of these in registrations only. No other site may frame our
    // pages.
    if said.cross_origin == Some(true) || said.top_origin.is_some() {
        return Err(Wrong::Framed);
    }
    Ok(())
}
