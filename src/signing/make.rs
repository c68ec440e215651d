//! New keys.

use super::{SigningFault, algorithm, encoding, install};
use crate::domain::{Entropy, oidc::SigningAlg};
use jsonwebtoken::jwk::{Jwk, KeyAlgorithm, PublicKeyUse, ThumbprintHash};
use rand::{TryCryptoRng, TryRng};
use ring::{rand::SystemRandom, signature as rs};
use rsa::{RsaPrivateKey, pkcs8::EncodePrivateKey};
use std::{convert::Infallible, fmt};

/// Bits of an RSA key.
const RSA_BITS: usize = 2048;

/// A key that is not stored yet. The private part is for sealing.
#[derive(Clone)]
pub struct NewKey {
    pub alg: SigningAlg,
    /// Its thumbprint (RFC 7638).
    pub kid: String,
    pub jwk: String,
    pub pkcs8: Vec<u8>,
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewKey({}, …)", self.kid)
    }
}

/// Makes a key. An RSA key takes a good part of a second without optimisation.
pub fn make(alg: SigningAlg, entropy: &dyn Entropy) -> Result<NewKey, SigningFault> {
    install();
    let pkcs8 = match alg {
        SigningAlg::Es256 => {
            let document = rs::EcdsaKeyPair::generate_pkcs8(&rs::ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
            document.map_err(SigningFault::new)?.as_ref().to_vec()
        }
        SigningAlg::Rs256 => {
            let key = RsaPrivateKey::new(&mut Source(entropy), RSA_BITS).map_err(SigningFault::new)?;
            key.to_pkcs8_der().map_err(SigningFault::new)?.as_bytes().to_vec()
        }
    };
    let mut jwk = Jwk::from_encoding_key(&encoding(alg, &pkcs8), algorithm(alg)).map_err(SigningFault::new)?;
    let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(SigningFault::new)?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    jwk.common.key_algorithm = Some(match alg {
        SigningAlg::Rs256 => KeyAlgorithm::RS256,
        SigningAlg::Es256 => KeyAlgorithm::ES256,
    });
    let jwk = serde_json::to_string(&jwk).map_err(SigningFault::new)?;
    Ok(NewKey { alg, kid, jwk, pkcs8 })
}

/// Our randomness, as `rsa` takes it.
struct Source<'a>(&'a dyn Entropy);

impl TryRng for Source<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Source<'_> {}
