//! Text that a browser carries for us for some minutes, in a cookie that it can neither read nor
//! forge.
//!
//! A stranger can ask for any number of such cookies. The keys of the ring do not seal them,
//! because their file is read before each sealing. Each cookie has its own key instead, derived
//! from the value that never changes. So no number of cookies uses up the nonces of one key.

use super::{KeyRing, SealFault, Unsealed, key::Secret, sealed};
use crate::domain::{Entropy, KeyId, Timestamp, entropy};
use ring::{
    aead::{Aad, LessSafeKey, NONCE_LEN, Nonce},
    hmac,
};

const CONTEXT: &[u8] = b"carried by a browser";
const APPS: &[u8] = b"carried to an app\0";
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

    /// Seals a pass for an app or the way into it, by a key that a rotation replaces. So a copy of
    /// the key file opens no app for long.
    pub fn seal_for_app(&self, entropy: &dyn Entropy, plain: &[u8], bound_to: &[u8]) -> Result<Vec<u8>, SealFault> {
        let keys = self.keys()?;
        let salt: [u8; SALT] = entropy::bytes(entropy);
        let mut body = plain.to_vec();
        for_app(&keys.newest, &salt)?
            .seal_in_place_append_tag(nonce(), Aad::from(bound_to), &mut body)
            .map_err(|_| SealFault::TooLong)?;
        Ok([&keys.newest.id().as_bytes()[..], &salt, &body].concat())
    }

    /// Opens what [`KeyRing::seal_for_app`] sealed for the same purpose. `None` for anything else,
    /// and for what was sealed by a key that is no longer in the file. Reads the file again for an
    /// unknown key, but once a second. A stranger can make up any number of them.
    pub fn open_for_app(&self, sealed: &[u8], bound_to: &[u8], now: Timestamp) -> Result<Option<Unsealed>, SealFault> {
        let Some((id, rest)) = sealed.split_first_chunk::<{ KeyId::LENGTH }>() else { return Ok(None) };
        let Some((salt, body)) = rest.split_first_chunk::<SALT>() else { return Ok(None) };
        let id = KeyId::from_bytes(*id);
        let keys = self.keys()?;
        let reread;
        let key = match keys.find(id) {
            Some(key) => key,
            // Another node may have learned of a newer key.
            None if !self.may_read_again(now) => return Ok(None),
            None => {
                reread = self.reread().ok();
                let Some(key) = reread.as_ref().and_then(|keys| keys.find(id)) else { return Ok(None) };
                key
            }
        };
        let mut body = body.to_vec();
        let opened =
            for_app(key, salt)?.open_in_place(nonce(), Aad::from(bound_to), &mut body).map(|plain| plain.len());
        let Ok(length) = opened else { return Ok(None) };
        body.truncate(length);
        Ok(Some(Unsealed::from_bytes(body)))
    }

    fn carrying(&self, salt: &[u8; SALT]) -> Result<LessSafeKey, SealFault> {
        sealed::cipher(&self.keyed_hash(CONTEXT, salt)?)
    }
}

/// Returns the key for one value, so that no number of them exhausts a nonce.
fn for_app(key: &Secret, salt: &[u8; SALT]) -> Result<LessSafeKey, SealFault> {
    let mut hmac = hmac::Context::with_key(key.deriving());
    hmac.update(APPS);
    hmac.update(salt);
    let mut own = [0; 32];
    own.iter_mut().zip(hmac.sign().as_ref()).for_each(|(to, from)| *to = *from);
    sealed::cipher(&own)
}

/// Each key seals one text.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::Lifetime,
        entropy::SystemEntropy,
        sealing::{Keys, Role},
    };

    const NOW: Timestamp = Timestamp::from_millis(1_795_356_180_000);

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
    fn what_is_for_an_app_opens_for_its_purpose_and_only_unchanged() {
        let (_folder, ring) = ring();
        let sealed = ring.seal_for_app(&SystemEntropy, b"session 1", b"app 1").unwrap();
        let open = |sealed: &[u8], bound_to: &[u8]| ring.open_for_app(sealed, bound_to, NOW).unwrap();
        assert_eq!(open(&sealed, b"app 1").unwrap().as_bytes(), b"session 1");
        assert!(open(&sealed, b"app 2").is_none() && ring.open_carried(&sealed, b"app 1").unwrap().is_none());
        for bit in 0..sealed.len() * 8 {
            let mut other = sealed.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&other, b"app 1").is_none(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(open(&sealed[..length], b"app 1").is_none(), "{length} bytes");
        }
    }

    #[test]
    fn what_is_for_an_app_outlives_a_rotation_and_ends_with_its_key() {
        let (_folder, ring) = ring();
        let sealed = ring.seal_for_app(&SystemEntropy, b"session 1", b"app 1").unwrap();
        // A node that has not read the file since.
        let other = KeyRing::at(ring.path());
        other.load().unwrap();
        ring.add(&Secret::make(&SystemEntropy, Role::Sealing)).unwrap();
        assert!(ring.open_for_app(&sealed, b"app 1", NOW).unwrap().is_some());
        let newer = ring.seal_for_app(&SystemEntropy, b"session 1", b"app 1").unwrap();
        assert!(other.open_for_app(&newer, b"app 1", NOW).unwrap().is_some(), "it reads the file again");
        ring.add(&Secret::make(&SystemEntropy, Role::Sealing)).unwrap();
        ring.drop_but(&[]).unwrap();
        assert!(ring.open_for_app(&sealed, b"app 1", NOW).unwrap().is_none());
        assert!(ring.open_for_app(&newer, b"app 1", NOW).unwrap().is_some());
    }

    #[test]
    fn made_up_keys_have_the_file_read_once_a_second() {
        let (_folder, ring) = ring();
        let node = KeyRing::at(ring.path());
        node.load().unwrap();
        let made_up = [&[7; 64][..]].concat();
        assert!(node.open_for_app(&made_up, b"app 1", NOW).unwrap().is_none());
        ring.add(&Secret::make(&SystemEntropy, Role::Sealing)).unwrap();
        let newer = ring.seal_for_app(&SystemEntropy, b"session 1", b"app 1").unwrap();
        let opens = |millis| {
            let now = NOW.plus(Lifetime::millis(millis));
            node.open_for_app(&newer, b"app 1", now).unwrap().is_some()
        };
        assert!(!opens(0) && !opens(999), "it has read the file within this second");
        assert!(opens(1000) && opens(1001));
    }

    #[test]
    fn another_installation_cannot_make_what_this_one_opens() {
        let ((_folder, ours), (_other_folder, theirs)) = (ring(), ring());
        let sealed = theirs.seal_to_carry(&SystemEntropy, b"typed", b"").unwrap();
        assert!(ours.open_carried(&sealed, b"").unwrap().is_none());
    }
}
