//! The keys that sign tokens for apps, as of at most a second ago.

use super::cached_value::{CachedValue, CircuitBreaker, MAX_AGE};
use crate::{
    db::{self, Db, Error, oidc_keys::StoredKey},
    domain::{
        Timestamp,
        oidc::{
            SigningAlg,
            key_schedule::{self, KeyTimes},
        },
    },
    sealing::KeyRing,
    signing::{PublicKey, SigningKey},
};
use std::sync::Arc;

pub struct LiveSigners(CachedValue<Arc<Signers>>);

impl Default for LiveSigners {
    fn default() -> Self {
        Self(CachedValue::new(MAX_AGE))
    }
}

/// The keys of one moment.
pub struct Signers(Vec<Signer>);

struct Signer {
    times: KeyTimes,
    public: PublicKey,
    /// `None` if the key file does not unseal it.
    private: Option<SigningKey>,
}

impl LiveSigners {
    /// Returns the keys. There are none before the first start has made some.
    pub async fn get(&self, db: &Db, breaker: &CircuitBreaker, ring: &KeyRing) -> Result<Arc<Signers>, Error> {
        let read = async {
            let last = self.0.latest();
            let stored = db.read(db::oidc_keys::all).await?;
            Ok(Arc::new(Signers(stored.iter().map(|key| open(key, last.as_deref(), ring)).collect())))
        };
        self.0.get(breaker, read).await
    }
}

/// Unseals a key, unless memory has it.
fn open(key: &StoredKey, last: Option<&Signers>, ring: &KeyRing) -> Signer {
    let public = PublicKey { alg: key.times.alg, kid: key.kid.clone(), jwk: key.jwk.clone() };
    let known = last.and_then(|last| last.0.iter().find(|own| own.public.kid == key.kid));
    let private = known.and_then(|own| own.private.clone()).or_else(|| {
        let opened = ring.open(&key.sealed, StoredKey::place(key.id));
        let opened =
            opened.inspect_err(|fault| tracing::error!(kid = key.kid, error = %fault, "cannot unseal a signing key"));
        opened.ok().map(|plain| SigningKey::new(key.times.alg, &key.kid, plain.as_bytes()))
    });
    Signer { times: key.times, public, private }
}

impl Signers {
    /// Returns the key that signs now.
    pub fn signer(&self, alg: SigningAlg, now: Timestamp) -> Option<&SigningKey> {
        let times: Vec<KeyTimes> = self.0.iter().map(|key| key.times).collect();
        self.0.get(key_schedule::signer(&times, alg, now)?)?.private.as_ref()
    }

    /// Returns the keys that apps see.
    pub fn public(&self) -> Vec<PublicKey> {
        self.0.iter().map(|key| key.public.clone()).collect()
    }
}
