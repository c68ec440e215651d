//! Text that a browser carries for us for some minutes, in a cookie that it can neither read nor
//! forge.
//!
//! A stranger can ask for any number of such cookies. The keys of the ring do not seal them,
//! because their file is read before each sealing. Each cookie has its own key instead, derived
//! from the value that never changes. So no number of cookies uses up the nonces of one key.

use super::{KeyRing, SealFault, Unsealed, sealed};
use crate::domain::{Entropy, entropy};
use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};

const CONTEXT: &[u8] = b"carried by a browser";
const SALT: usize = 16;

impl KeyRing {
    /// Seals text for a browser to carry. It opens only with the same `bound_to`.
    pub fn seal_to_carry(&self, entropy: &dyn Entropy, plain: &[u8], bound_to: &[u8]) -> Result<Vec<u8>, SealFault> {
        let salt: [u8; SALT] = entropy::bytes(entropy);
        let mut body = plain.to_vec();
        self.carrying(&salt)?
            .seal_in_place_append_tag(nonce(), Aad::from(bound_to), &mut body)
            .map_err(|_| SealFault::TooLong)?;
        Ok([&salt[..], &body].concat())
    }

    /// Opens what [`KeyRing::seal_to_carry`] sealed for the same purpose. `None` for anything else.
    pub fn open_carried(&self, sealed: &[u8], bound_to: &[u8]) -> Result<Option<Unsealed>, SealFault> {
        let Some((salt, body)) = sealed.split_first_chunk::<SALT>() else { return Ok(None) };
        let mut body = body.to_vec();
        let opened =
            self.carrying(salt)?.open_in_place(nonce(), Aad::from(bound_to), &mut body).map(|plain| plain.len());
        let Ok(length) = opened else { return Ok(None) };
        body.truncate(length);
        Ok(Some(Unsealed::from_bytes(body)))
    }

    fn carrying(&self, salt: &[u8; SALT]) -> Result<LessSafeKey, SealFault> {
        sealed::cipher(&self.keyed_hash(CONTEXT, salt)?)
    }
}

/// Each key seals one text.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{entropy::SystemEntropy, sealing::Keys};

    fn ring() -> (tempfile::TempDir, KeyRing) {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::at(&folder.path().join("gatepost.key"));
        ring.load_or_make(&Keys::make(&SystemEntropy)).unwrap();
        (folder, ring)
    }

    #[test]
    fn what_a_browser_carried_opens_for_its_purpose_and_only_unchanged() {
        let (_folder, ring) = ring();
        let sealed = ring.seal_to_carry(&SystemEntropy, b"typed", b"session 1").unwrap();
        let open = |sealed: &[u8], bound_to: &[u8]| ring.open_carried(sealed, bound_to).unwrap();
        assert_eq!(open(&sealed, b"session 1").unwrap().as_bytes(), b"typed");
        assert!(open(&sealed, b"session 2").is_none());
        for bit in 0..sealed.len() * 8 {
            let mut other = sealed.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&other, b"session 1").is_none(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(open(&sealed[..length], b"session 1").is_none(), "{length} bytes");
        }
    }

    #[test]
    fn another_installation_cannot_make_what_this_one_opens() {
        let ((_folder, ours), (_other_folder, theirs)) = (ring(), ring());
        let sealed = theirs.seal_to_carry(&SystemEntropy, b"typed", b"").unwrap();
        assert!(ours.open_carried(&sealed, b"").unwrap().is_none());
    }
}
