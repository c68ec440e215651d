//! jsonwebtoken's cryptography by ring.
//!
//! It knows no HMAC. Otherwise an attacker could sign with a public key and have it taken for a
//! shared secret.

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind},
    jwk::{EllipticCurve, ThumbprintHash},
};
use ring::{
    digest,
    rand::SystemRandom,
    signature::{self as rs, KeyPair},
};
use signature::{Error as SignatureError, Signer, Verifier};

/// One for the process, as jsonwebtoken wants it. It holds no state.
pub(super) static RING: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: rsa_public,
        rsa_pub_components_from_public_key: |_| Err(ErrorKind::InvalidKeyFormat.into()),
        ec_pub_components_from_private_key: ec_public,
        ed_pub_components_from_private_key: |_, _| Err(ErrorKind::InvalidKeyFormat.into()),
        compute_digest,
    },
};

struct Es256(rs::EcdsaKeyPair);
struct Rs256(rs::RsaKeyPair);
struct Check(Algorithm, DecodingKey);

impl Signer<Vec<u8>> for Es256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        let signed = self.0.sign(&SystemRandom::new(), message);
        signed.map(|signature| signature.as_ref().to_vec()).map_err(|_| SignatureError::new())
    }
}

impl JwtSigner for Es256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ES256
    }
}

impl Signer<Vec<u8>> for Rs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        let signed = self.0.sign(&rs::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature);
        signed.map(|()| signature).map_err(|_| SignatureError::new())
    }
}

impl JwtSigner for Rs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

impl Verifier<Vec<u8>> for Check {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        let verified = match (self.0, self.1.kind()) {
            (Algorithm::ES256, DecodingKeyKind::SecretOrDer(point)) => {
                rs::UnparsedPublicKey::new(&rs::ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
                rs::RsaPublicKeyComponents { n, e }.verify(&rs::RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            _ => return Err(SignatureError::new()),
        };
        verified.map_err(|_| SignatureError::new())
    }
}

impl JwtVerifier for Check {
    fn algorithm(&self) -> Algorithm {
        self.0
    }
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    match (algorithm, key.family()) {
        (Algorithm::ES256, AlgorithmFamily::Ec) => Ok(Box::new(Es256(es256(key.as_bytes())?))),
        (Algorithm::RS256, AlgorithmFamily::Rsa) => Ok(Box::new(Rs256(rs256(key.as_bytes())?))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    if matches!(algorithm, Algorithm::ES256 | Algorithm::RS256) && algorithm.family() == key.family() {
        Ok(Box::new(Check(*algorithm, key.clone())))
    } else {
        Err(ErrorKind::InvalidAlgorithm.into())
    }
}

fn es256(pkcs8: &[u8]) -> Result<rs::EcdsaKeyPair, Error> {
    rs::EcdsaKeyPair::from_pkcs8(&rs::ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new())
        .map_err(|_| ErrorKind::InvalidEcdsaKey.into())
}

fn rs256(pkcs8: &[u8]) -> Result<rs::RsaKeyPair, Error> {
    rs::RsaKeyPair::from_pkcs8(pkcs8).map_err(|error| ErrorKind::InvalidRsaKey(error.to_string()).into())
}

fn rsa_public(pkcs8: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let pair = rs256(pkcs8)?;
    let parts: rs::RsaPublicKeyComponents<Vec<u8>> = pair.public().into();
    Ok((parts.n, parts.e))
}

fn ec_public(pkcs8: &[u8], _: Algorithm) -> Result<(EllipticCurve, Vec<u8>, Vec<u8>), Error> {
    let pair = es256(pkcs8)?;
    // An uncompressed point: a byte that says so, then both coordinates.
    let point = pair.public_key().as_ref().get(1..).ok_or(ErrorKind::InvalidEcdsaKey)?;
    let (x, y) = point.split_at_checked(32).ok_or(ErrorKind::InvalidEcdsaKey)?;
    Ok((EllipticCurve::P256, x.to_vec(), y.to_vec()))
}

fn compute_digest(data: &[u8], hash: ThumbprintHash) -> Result<Vec<u8>, Error> {
    if matches!(hash, ThumbprintHash::SHA256) {
        Ok(digest::digest(&digest::SHA256, data).as_ref().to_vec())
    } else {
        Err(ErrorKind::InvalidAlgorithm.into())
    }
}
