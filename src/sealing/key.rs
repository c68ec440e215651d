//! The keys themselves. Only [`Secret::reveal`] prints them, and only the key file uses it.

use crate::domain::{Entropy, KeyId, entropy};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use sha2::{Digest, Sha256};
use std::{fmt, iter};

/// Purpose of a secret in the key file. It is part of the name, so that no secret serves the other
/// purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Seals secrets in the database.
    Sealing,
    /// Makes hashes that must be the same next year. No rotation changes it.
    Stable,
}

impl Role {
    const fn prefix(self) -> &'static [u8] {
        match self {
            Self::Sealing => b"gatepost sealing key\0",
            Self::Stable => b"gatepost stable value\0",
        }
    }
}

/// 256 random bits.
#[derive(Clone)]
pub struct Secret {
    id: KeyId,
    bytes: [u8; 32],
    /// Ready to derive keys, which each check for a proxy does.
    deriving: hmac::Key,
}

impl Secret {
    pub fn make(entropy: &dyn Entropy, role: Role) -> Self {
        Self::from_bytes(entropy::bytes(entropy), role)
    }

    fn from_bytes(bytes: [u8; 32], role: Role) -> Self {
        let hash = Sha256::new().chain_update(role.prefix()).chain_update(bytes).finalize();
        let mut id = [0; KeyId::LENGTH];
        id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        Self { id: KeyId::from_bytes(id), bytes, deriving: hmac::Key::new(hmac::HMAC_SHA256, &bytes) }
    }

    /// Reads what [`Secret::reveal`] wrote.
    pub fn read(text: &str, role: Role) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(|bytes| Self::from_bytes(bytes, role))
    }

    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes)
    }

    pub const fn id(&self) -> KeyId {
        self.id
    }

    pub(super) const fn deriving(&self) -> &hmac::Key {
        &self.deriving
    }

    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}, …)", self.id)
    }
}

/// Content of a key file. It always has a key to seal with.
#[derive(Clone, Debug)]
pub struct Keys {
    pub(super) stable: Secret,
    pub(super) newest: Secret,
    /// Keys that open older secrets, newest first.
    pub(super) older: Vec<Secret>,
}

impl Keys {
    pub fn make(entropy: &dyn Entropy) -> Self {
        let newest = Secret::make(entropy, Role::Sealing);
        Self { stable: Secret::make(entropy, Role::Stable), newest, older: Vec::new() }
    }

    /// Returns all keys that seal or open, newest first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Secret> {
        iter::once(&self.newest).chain(&self.older)
    }

    pub(super) fn find(&self, id: KeyId) -> Option<&Secret> {
        self.all().find(|key| key.id == id)
    }

    /// Returns the names of those keys, newest first.
    pub fn ids(&self) -> Vec<KeyId> {
        self.all().map(Secret::id).collect()
    }

    pub const fn newest_id(&self) -> KeyId {
        self.newest.id()
    }

    /// Returns the same content with a new newest key.
    pub(super) fn with(self, newest: Secret) -> Self {
        let older = iter::once(self.newest).chain(self.older).collect();
        Self { stable: self.stable, newest, older }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    #[test]
    fn keys_cannot_be_printed() {
        let keys = Keys::make(&SystemEntropy);
        let printed = format!("{keys:?} {keys:#?}");
        assert!(!printed.contains(&keys.newest.reveal()) && !printed.contains(&keys.stable.reveal()));
        assert!(!printed.contains(&format!("{:?}", keys.newest.bytes)));
    }

    #[test]
    fn the_same_bits_have_another_name_in_another_role() {
        let text = Secret::make(&SystemEntropy, Role::Sealing).reveal();
        let name = |role| Secret::read(&text, role).unwrap().id();
        assert_ne!(name(Role::Sealing), name(Role::Stable));
    }
}
