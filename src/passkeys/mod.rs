//! Passkeys: WebAuthn, checked by webauthn-rs, and the checks that webauthn-rs leaves to its
//! caller.
//!
//! A ceremony has two halves. [`begin_registration`](Passkeys::begin_registration),
//! [`begin_sign_in`](Passkeys::begin_sign_in) and [`begin_proof`](Passkeys::begin_proof) store a
//! challenge and return what the page's script gives to the browser. The row has the hash of a
//! secret that only this browser has, in a cookie.
//! [`finish_registration`](Passkeys::finish_registration) and
//! [`finish_proof`](Passkeys::finish_proof) delete the challenge, right or wrong, and then judge
//! the answer. All of them run inside the caller's transaction.
//!
//! Every passkey has to verify its user by a PIN, a finger or a face. It has to when it is made and
//! at every use. So each is two factors by itself, and users have one kind to understand. With
//! "preferred", a key that cannot verify its user would be accepted, and browsers differ in when
//! they then ask. A key without a PIN gets one from the browser on the way.
//!
//! [`answer`] checks what the library does not. That is the type, the id that comes twice, the
//! exact origin, and frames of other sites. `finish_proof` checks the owner. The library makes
//! challenges from the operating system's randomness.

mod answer;
mod decoys;
mod prove;
mod refusal;
mod register;
mod signals;

pub use prove::TypedAddress;
pub use refusal::{CeremonyRefusal, Wrong};
pub use register::NewPasskey;
pub use signals::Signals;

use crate::{
    config::BaseUrl,
    db::{self, DbConnection, Error, Stop, Tx},
    domain::{
        AccountId, Proof, TokenHash,
        oidc::acr::KeyKind,
        passkey::{Ceremony, Occasion},
    },
};
use serde_json::{Value, json};
use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder};

/// Keyed hash under the operator's key, which only this installation can compute. It fails if the
/// key file is unreadable.
pub type KeyedHash<'a> = &'a dyn Fn(&[u8]) -> Result<[u8; 32], Error>;

#[derive(Clone, Debug)]
pub struct Passkeys {
    webauthn: Webauthn,
    origin: String,
    rp_id: String,
}

impl Passkeys {
    /// Makes the ceremonies. `None` if the base URL has an IP address, because WebAuthn needs a
    /// host name (L3, §5.1.3, "effective domain"). Such an installation has no passkeys.
    pub fn new(base_url: &BaseUrl) -> Option<Self> {
        let url = Url::parse(base_url.origin()).ok()?;
        let rp_id = url.domain()?.to_owned();
        let webauthn = WebauthnBuilder::new(&rp_id, &url).ok()?.build().ok()?;
        Some(Self { webauthn, origin: base_url.origin().to_owned(), rp_id })
    }
}

/// Returns whether a stored passkey says that it is on more than one device, or backed up.
pub fn is_synchronised(credential: &str) -> bool {
    let credential: Option<Value> = serde_json::from_str(credential).ok();
    credential.and_then(|credential| credential.pointer("/cred/backup_state")?.as_bool()).unwrap_or_default()
}

/// Returns where the passkey of a session keeps its private key. `None` if it used none. Also
/// `None` if the account has keys of both kinds and it is unknown which was used.
pub fn kind_of(connection: &mut DbConnection, account: AccountId, proofs: &[Proof]) -> Result<Option<KeyKind>, Error> {
    let Some(proof) = proofs.iter().find(|proof| proof.method.proves_key()) else { return Ok(None) };
    let all = db::passkeys::kept_of_account(connection, account)?;
    let was_used = |kept: &&db::passkeys::Kept| kept.passkey.last_used_at == Some(proof.at);
    if let Some(used) = all.iter().find(was_used) {
        return Ok(Some(kind(&used.credential)));
    }
    let mut kinds = all.iter().map(|kept| kind(&kept.credential));
    let first = kinds.next();
    Ok(first.filter(|first| kinds.all(|other| other == *first)))
}

/// A key that may be backed up is not bound to its device, even before its first backup.
fn kind(credential: &str) -> KeyKind {
    let credential: Option<Value> = serde_json::from_str(credential).ok();
    let may_be_copied = credential.and_then(|credential| credential.pointer("/cred/backup_eligible")?.as_bool());
    if may_be_copied == Some(false) { KeyKind::Hardware } else { KeyKind::Software }
}

/// One browser's ceremony, for one occasion.
#[derive(Clone, Copy, Debug)]
pub struct CeremonyKey<'a> {
    /// Hash of the secret in the browser's cookie.
    pub browser: &'a TokenHash,
    pub occasion: Occasion,
}

impl CeremonyKey<'_> {
    /// Returns the ceremony, which waits on. `None` if it is missing, too old or for something
    /// else.
    fn look(self, tx: &mut Tx<'_>) -> Result<Option<Ceremony>, Error> {
        let ceremony = db::ceremonies::find(tx.connection, self.browser)?;
        Ok(ceremony.filter(|ceremony| ceremony.is_for(self.occasion, tx.now)))
    }

    /// Deletes the ceremony and returns it. `None` if it is missing, too old or for something else.
    /// It is deleted in any case.
    fn take(self, tx: &mut Tx<'_>) -> Result<Ceremony, Stop<CeremonyRefusal>> {
        let ceremony = db::ceremonies::take(tx.connection, self.browser)?;
        ceremony
            .filter(|ceremony| ceremony.is_for(self.occasion, tx.now))
            .ok_or(Stop::Refused(CeremonyRefusal::NoCeremony))
    }
}

impl From<CeremonyRefusal> for Stop<CeremonyRefusal> {
    fn from(refusal: CeremonyRefusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Returns the passkeys as browsers are told of them, without transports. The library believes
/// transports only of keys with an attestation. Decoys with transports would then stand out.
fn descriptors(credential_ids: &[Vec<u8>]) -> Value {
    let descriptor = |id: &Vec<u8>| json!({ "type": "public-key", "id": answer::base64url(id) });
    credential_ids.iter().map(descriptor).collect()
}

/// Changes one of the library's own options.
fn set(options: &mut Value, path: &str, value: Value) -> Result<(), Error> {
    let place =
        options.pointer_mut(path).ok_or_else(|| Error::fault(format!("the library's options have no {path}")))?;
    *place = value;
    Ok(())
}
