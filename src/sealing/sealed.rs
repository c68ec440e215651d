//! The sealed form: one byte of version, eight that name the key, the nonce, the encrypted secret
//! and its tag.

use super::{SealFault, key::Keys};
use crate::domain::{Entropy, KeyId, entropy};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::fmt;

/// The version in which secrets are sealed.
const VERSION: u8 = 2;
/// The version that bound a secret to its row, but not to its account. It can still be unsealed.
///
/// Only `gatepost rotate-key` seals those secrets anew. During an upgrade, a node of the previous
/// version reads them, too. The operator knows when all are done.
const FIRST_VERSION: u8 = 1;

/// Length of the version and the key's name.
pub const HEADER: usize = 1 + KeyId::LENGTH;

/// A secret in plain. It cannot be printed by accident.
#[derive(Clone)]
pub struct Unsealed(Vec<u8>);

impl Unsealed {
    pub(super) const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Unsealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unsealed(…)")
    }
}

/// Returns the name of the key that sealed this. `None` if it is no sealed form of a known version.
pub fn key_of(sealed: &[u8]) -> Option<KeyId> {
    let (version, rest) = sealed.split_first()?;
    let id = rest.first_chunk::<{ KeyId::LENGTH }>()?;
    matches!(*version, FIRST_VERSION | VERSION).then_some(KeyId::from_bytes(*id))
}

/// Returns whether a secret was sealed without its account.
pub fn is_first_version(sealed: &[u8]) -> bool {
    sealed.first() == Some(&FIRST_VERSION)
}

pub(super) fn seal(keys: &Keys, entropy: &dyn Entropy, plain: &[u8], bound_to: &[u8]) -> Result<Vec<u8>, SealFault> {
    let key = &keys.newest;
    let header = [&[VERSION][..], key.id().as_bytes()].concat();
    // 96 random bits. The odds that two of a million secrets get the same are below one in 10^16.
    let nonce: [u8; NONCE_LEN] = entropy::bytes(entropy);
    let mut body = plain.to_vec();
    cipher(key.bytes())?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), about(&header, bound_to), &mut body)
        .map_err(|_| SealFault::TooLong)?;
    Ok([&header[..], &nonce, &body].concat())
}

/// Opens a sealed form. Returns `None` if none of these keys sealed it.
pub(super) fn open(keys: &Keys, sealed: &[u8], bound_to: &[u8]) -> Result<Option<Unsealed>, SealFault> {
    let id = key_of(sealed).ok_or(SealFault::NotGenuine)?;
    let Some(key) = keys.find(id) else { return Ok(None) };
    let (header, rest) = sealed.split_at_checked(HEADER).ok_or(SealFault::NotGenuine)?;
    let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealFault::NotGenuine)?;
    let mut body = body.to_vec();
    let plain = cipher(key.bytes())?
        .open_in_place(Nonce::assume_unique_for_key(*nonce), about(header, bound_to), &mut body)
        .map_err(|_| SealFault::NotGenuine)?
        .len();
    body.truncate(plain);
    Ok(Some(Unsealed(body)))
}

/// Returns the data that is not inside but must be the same when it is opened. The header has a
/// fixed length, so that no two pairs give the same data.
fn about(header: &[u8], bound_to: &[u8]) -> Aad<Vec<u8>> {
    Aad::from([header, bound_to].concat())
}

/// Uses ChaCha20-Poly1305, because it needs no help from the processor and takes constant time.
pub(super) fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, SealFault> {
    // Never fails, because all keys have the right length.
    UnboundKey::new(&CHACHA20_POLY1305, key).map(LessSafeKey::new).map_err(|_| SealFault::NotGenuine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        entropy::SystemEntropy,
        sealing::key::{Role, Secret},
    };
    use proptest::prelude::*;

    fn sealed(keys: &Keys, plain: &[u8], bound_to: &[u8]) -> Vec<u8> {
        seal(keys, &SystemEntropy, plain, bound_to).unwrap()
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens_for_what_it_was_sealed_for(plain: Vec<u8>, bound_to: Vec<u8>) {
            let keys = Keys::make(&SystemEntropy);
            let sealed = sealed(&keys, &plain, &bound_to);
            prop_assert_eq!(key_of(&sealed), Some(keys.newest.id()));
            let opened = open(&keys, &sealed, &bound_to).unwrap().unwrap();
            prop_assert_eq!(opened.as_bytes(), plain);
        }

        #[test]
        fn it_opens_for_nothing_else(plain: Vec<u8>, bound_to: Vec<u8>, other: Vec<u8>) {
            prop_assume!(bound_to != other);
            let keys = Keys::make(&SystemEntropy);
            let sealed = sealed(&keys, &plain, &bound_to);
            prop_assert!(matches!(open(&keys, &sealed, &other), Err(SealFault::NotGenuine)));
        }

        #[test]
        fn opening_anything_at_all_never_panics(mut bytes: Vec<u8>, ours: bool, first: bool) {
            let keys = Keys::make(&SystemEntropy);
            if ours {
                let version = if first { FIRST_VERSION } else { VERSION };
                bytes = [&[version][..], keys.newest.id().as_bytes(), &bytes].concat();
            }
            prop_assert!(!matches!(open(&keys, &bytes, b"x"), Ok(Some(_))));
        }
    }

    #[test]
    fn no_bit_of_it_can_be_changed_and_none_left_out() {
        let keys = Keys::make(&SystemEntropy);
        let sealed = sealed(&keys, b"a secret of twenty b", b"totp 1");
        for bit in 0..sealed.len() * 8 {
            let mut other = sealed.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!matches!(open(&keys, &other, b"totp 1"), Ok(Some(_))), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(!matches!(open(&keys, &sealed[..length], b"totp 1"), Ok(Some(_))), "{length} bytes");
        }
    }

    #[test]
    fn the_same_secret_sealed_twice_looks_different() {
        let keys = Keys::make(&SystemEntropy);
        assert_ne!(sealed(&keys, b"x", b""), sealed(&keys, b"x", b""));
    }

    #[test]
    fn older_keys_open_and_strange_ones_are_told_apart() {
        let keys = Keys::make(&SystemEntropy);
        let sealed = sealed(&keys, b"x", b"y");
        let later = keys.with(Secret::make(&SystemEntropy, Role::Sealing));
        assert_eq!(open(&later, &sealed, b"y").unwrap().unwrap().as_bytes(), b"x");
        assert!(open(&Keys::make(&SystemEntropy), &sealed, b"y").unwrap().is_none());
    }

    #[test]
    fn what_was_opened_cannot_be_printed() {
        assert_eq!(format!("{:?}", Unsealed(b"secret".to_vec())), "Unsealed(…)");
    }
}
