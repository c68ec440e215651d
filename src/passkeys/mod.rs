//! Passkeys: WebAuthn, as webauthn-rs checks it, and what it leaves to its user.
//!
//! A ceremony has two halves. [`begin_registration`](Passkeys::begin_registration), [`begin_sign_in`](Passkeys::begin_sign_in) and
//! [`begin_proof`](Passkeys::begin_proof) keep a challenge in the database, under the hash of a secret that only this browser has in a
//! cookie, and hand out what the page's script gives to the browser. [`finish_registration`](Passkeys::finish_registration) and
//! [`finish_proof`](Passkeys::finish_proof) take the challenge away, right or wrong, and then judge the answer. All of them run
//! inside the caller's transaction.
//!
//! Every passkey has to verify its user, by a PIN, a finger or a face, when it is made and whenever it is used. So each is two factors by
//! itself, and there is one kind of them to explain: none signs in here and fails there. "Preferred" would let in keys that cannot verify
//! any user, and browsers differ in when they then ask; a key that has no PIN yet gets one from the browser on the way.
//!
//! What the library leaves to us is in [`answer`]: the type, the id that is said twice, an exact origin, no frame of another site,
//! and whose the passkey is. Challenges are the library's own randomness, which is the operating system's.

mod answer;
mod decoys;
mod prove;
mod refusal;
mod register;
mod signals;

pub use prove::{TypedAddress, lock_owner};
pub use refusal::{Refusal, Wrong};
pub use register::NewPasskey;
pub use signals::Signals;

use crate::{
    config::BaseUrl,
    db::{self, Error, Stop, Tx},
    domain::{
        TokenHash,
        passkey::{Ceremony, Occasion},
    },
};
use serde_json::{Value, json};
use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder};

/// A keyed hash under the operator's key: what only this installation can compute. It fails where the key file cannot be read.
pub type KeyedHash<'a> = &'a dyn Fn(&[u8]) -> Result<[u8; 32], Error>;

#[derive(Clone, Debug)]
pub struct Passkeys {
    webauthn: Webauthn,
    origin: String,
    rp_id: String,
}

impl Passkeys {
    /// `None` where people come by an IP address: WebAuthn wants a name (L3, §5.1.3, "effective domain"). Then there are no passkeys.
    pub fn new(base_url: &BaseUrl) -> Option<Self> {
        let url = Url::parse(base_url.origin()).ok()?;
        let rp_id = url.domain()?.to_owned();
        let webauthn = WebauthnBuilder::new(&rp_id, &url).ok()?.build().ok()?;
        Some(Self { webauthn, origin: base_url.origin().to_owned(), rp_id })
    }
}

/// Whether a passkey, as it is kept, says of itself that it is on more than one device, or backed up.
pub fn is_synchronised(credential: &str) -> bool {
    let credential: Option<Value> = serde_json::from_str(credential).ok();
    credential.and_then(|credential| credential.pointer("/cred/backup_state")?.as_bool()).unwrap_or_default()
}

/// Which ceremony it is: one browser's, for one occasion.
#[derive(Clone, Copy, Debug)]
pub struct CeremonyKey<'a> {
    /// Hash of the secret in the browser's cookie.
    pub browser: &'a TokenHash,
    pub occasion: Occasion,
}

impl CeremonyKey<'_> {
    /// Takes the ceremony away. Refuses one that is missing, too old or for something else. It is removed in any case.
    fn take(self, tx: &mut Tx<'_>) -> Result<Ceremony, Stop<Refusal>> {
        let ceremony = db::ceremonies::take(tx.connection, self.browser)?;
        ceremony.filter(|ceremony| ceremony.is_for(self.occasion, tx.now)).ok_or(Stop::Refused(Refusal::NoCeremony))
    }
}

impl From<Refusal> for Stop<Refusal> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// How browsers are told of passkeys. Without transports: the library believes those only of keys with an attestation, and a list of decoys
/// that had some would then stand out.
fn descriptors(credential_ids: &[Vec<u8>]) -> Value {
    let descriptor = |id: &Vec<u8>| json!({ "type": "public-key", "id": answer::base64url(id) });
    credential_ids.iter().map(descriptor).collect()
}

/// Sets what the library's own options leave otherwise.
fn set(options: &mut Value, path: &str, value: Value) -> Result<(), Error> {
    let place =
        options.pointer_mut(path).ok_or_else(|| Error::fault(format!("the library's options have no {path}")))?;
    *place = value;
    Ok(())
}
