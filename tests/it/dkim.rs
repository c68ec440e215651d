//! Verifying DKIM signatures as a receiver does: RFC 6376 with relaxed canonicalization, RSA, and
//! RFC 8463's Ed25519.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::signature::{
    ED25519, Ed25519KeyPair, KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey, VerificationAlgorithm,
};
use sha2::{Digest, Sha256};

/// A key for tests, as `openssl genrsa -traditional` makes it.
pub const RSA_PEM: &str = include_str!("dkim_rsa.pem");

/// Returns whether the email's Ed25519 signature is by the key with this seed, over the email as it
/// is.
pub fn is_signed_by(mail: &str, seed: &[u8]) -> bool {
    let public = Ed25519KeyPair::from_seed_unchecked(seed).unwrap();
    let Some(signed) = signed_part(mail, "ed25519-sha256") else { return false };
    verifies(&ED25519, public.public_key().as_ref(), &Sha256::digest(&signed.data), &signed.signature)
}

/// Does the same for the RSA signature and the key for tests.
pub fn is_signed_by_rsa(mail: &str) -> bool {
    let base64: String = RSA_PEM.lines().filter(|line| !line.starts_with("-----")).collect();
    let pair = RsaKeyPair::from_der(&STANDARD.decode(base64).unwrap()).unwrap();
    let Some(signed) = signed_part(mail, "rsa-sha256") else { return false };
    verifies(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref(), &signed.data, &signed.signature)
}

fn verifies(algorithm: &'static dyn VerificationAlgorithm, public: &[u8], data: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(algorithm, public).verify(data, signature).is_ok()
}

struct Signed {
    data: Vec<u8>,
    signature: Vec<u8>,
}

/// Returns what the first signature of this algorithm signs. `None` if the body's hash is wrong.
fn signed_part(mail: &str, algorithm: &str) -> Option<Signed> {
    let (headers, body) = mail.split_once("\r\n\r\n").unwrap();
    let mut left = unfolded(headers);
    let is_it =
        |(name, value): &(String, String)| name == "dkim-signature" && value.contains(&format!("a={algorithm};"));
    let (_, signature) = left.iter().find(|header| is_it(header)).cloned()?;
    let tag = |wanted: &str| {
        let found = signature.split(';').find_map(|tag| tag.trim().strip_prefix(wanted)?.strip_prefix('='));
        found.unwrap_or_else(|| panic!("no {wanted} in {signature}")).trim().to_owned()
    };
    let bytes = |wanted: &str| STANDARD.decode(tag(wanted).replace(' ', "")).unwrap();
    if Sha256::digest(relaxed_body(body)).as_slice() != bytes("bh") {
        return None;
    }
    let mut data = String::new();
    for name in tag("h").split(':').map(|name| name.trim().to_lowercase()) {
        // A named header that is missing is signed as absent. A second one of the name is taken
        // from the bottom.
        if let Some(at) = left.iter().rposition(|(header, _)| *header == name) {
            let (name, value) = left.remove(at);
            data += &format!("{name}:{value}\r\n");
        }
    }
    let start = signature.find(" b=").or_else(|| signature.find(";b=")).unwrap() + 3;
    let end = signature[start..].find(';').map_or(signature.len(), |at| start + at);
    data += &format!("dkim-signature:{}{}", &signature[..start], &signature[end..]);
    Some(Signed { data: data.into_bytes(), signature: bytes("b") })
}

/// Names in lower case, values unfolded, white space in each run made one (section 3.4.2).
fn unfolded(headers: &str) -> Vec<(String, String)> {
    let lines = headers.replace("\r\n ", " ").replace("\r\n\t", " ");
    let folded = |value: &str| value.split_whitespace().collect::<Vec<_>>().join(" ");
    lines
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .map(|(n, v)| (n.trim().to_lowercase(), folded(v)))
        .collect()
}

/// Section 3.4.4.
fn relaxed_body(body: &str) -> String {
    let line = |line: &str| {
        let mut folded = String::new();
        for c in line.trim_end_matches([' ', '\t']).chars() {
            match c {
                ' ' | '\t' if folded.ends_with(' ') => {}
                '\t' => folded.push(' '),
                c => folded.push(c),
            }
        }
        folded
    };
    let lines: Vec<_> = body.split("\r\n").map(line).collect();
    format!("{}\r\n", lines.join("\r\n").trim_end_matches("\r\n"))
}
