//! The public half of a DKIM key, as the DNS has it.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use ring::signature::{Ed25519KeyPair, KeyPair, RsaKeyPair};

/// A public key and the name of its algorithm in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DkimPublicKey {
    pub algorithm: &'static str,
    pub base64: String,
}

/// Reads a private key: RSA in PKCS#1 PEM, or the base64 of an Ed25519 seed. Returns `None` if it
/// is neither.
pub fn dkim_public_key(private: &str) -> Option<DkimPublicKey> {
    let private = private.trim();
    if !private.starts_with("-----BEGIN") {
        let seed = STANDARD_NO_PAD.decode(private.trim_end_matches('=')).ok()?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
        return Some(DkimPublicKey { algorithm: "ed25519", base64: STANDARD.encode(pair.public_key()) });
    }
    let body: String = private.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    let pair = RsaKeyPair::from_der(&STANDARD.decode(body).ok()?).ok()?;
    Some(DkimPublicKey { algorithm: "rsa", base64: STANDARD.encode(with_algorithm(pair.public_key().as_ref())) })
}

/// Wraps an RSA public key into its `SubjectPublicKeyInfo` (RFC 6376, section 3.6.1).
fn with_algorithm(key: &[u8]) -> Vec<u8> {
    /// `rsaEncryption` without parameters.
    const RSA: [u8; 15] = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let bits = element(0x03, &[&[0], key].concat());
    element(0x30, &[&RSA[..], &bits].concat())
}

/// Writes an element of DER.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let octets = content.len().to_be_bytes();
    let length: Vec<u8> = octets.into_iter().skip_while(|octet| *octet == 0).collect();
    let mut element = vec![tag];
    match length.as_slice() {
        [] => element.push(0),
        [short] if *short < 0x80 => element.push(*short),
        long => {
            element.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            element.extend_from_slice(long);
        }
    }
    element.extend_from_slice(content);
    element
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_what_openssl_makes_of_it() {
        // RFC 8463, appendix A.2.
        let key = dkim_public_key("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\n").unwrap();
        assert_eq!(key.algorithm, "ed25519");
        assert_eq!(key.base64, "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        let rsa = dkim_public_key(include_str!("../../tests/it/dkim_rsa.pem")).unwrap();
        assert_eq!(rsa.algorithm, "rsa");
        // openssl rsa -in dkim_rsa.pem -pubout -outform der | openssl base64 -A
        assert_eq!(rsa.base64, PUBLIC);
        assert_eq!(dkim_public_key("no key"), None);
    }

    const PUBLIC: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA13WjXKhYLYKHiYFnn/cSNFp2LJkmye59WpKlLzdHODIt8pT8FEeVtCFvAAr/4YXCtgzWOCKJUJCtWr5wBp+KCSR3yyKBHDVmHSYRmYCzxRY+B2MSjYjQjOvjkYXsWZWHX9IKvSF4TipDdprm8oTfwz8slIfLJJDNbwz/VrliiO4NVmiH6d5a56oNNSQhsSGCtJYwdx522Cl4CHBS3p0CmjFJat1/NSqYzcsGe1L++2TDoLk9cRW2R+qXKnmbOccJVt8Tq6mNhiWfcE6KSkL+EQqUx5/QsViFARBkmc/E/ubS4US5XoeLYkKFDGNdbZEOF1Sj2X2H2onvQyM055zlgQIDAQAB";
}
