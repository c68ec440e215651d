//! Verifying a DKIM signature as a receiver does: RFC 6376 with relaxed canonicalization, and RFC 8463's Ed25519.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};

/// Whether the first signature of a mail is by the holder of the key with this seed, over the mail as it is.
pub fn is_signed_by(mail: &str, seed: &[u8]) -> bool {
    let (headers, body) = mail.split_once("\r\n\r\n").unwrap();
    let headers = unfolded(headers);
    let signature = headers.iter().find(|(name, _)| name == "dkim-signature").unwrap();
    let tag = |wanted: &str| {
        let found = signature.1.split(';').find_map(|tag| tag.trim().strip_prefix(wanted)?.strip_prefix('='));
        found.unwrap_or_else(|| panic!("no {wanted} in {}", signature.1)).trim().to_owned()
    };
    let bytes = |wanted: &str| STANDARD.decode(tag(wanted).replace(' ', "")).unwrap();
    if Sha256::digest(relaxed_body(body)).as_slice() != bytes("bh") {
        return false;
    }
    let mut hasher = Sha256::new();
    let mut left = headers.clone();
    for name in tag("h").split(':').map(|name| name.trim().to_lowercase()) {
        // A header named and not there is signed as absent; a second of the name is taken from the bottom.
        if let Some(at) = left.iter().rposition(|(header, _)| *header == name) {
            let (name, value) = left.remove(at);
            hasher.update(format!("{name}:{value}\r\n"));
        }
    }
    let start = signature.1.find(" b=").or_else(|| signature.1.find(";b=")).unwrap() + 3;
    let end = signature.1[start..].find(';').map_or(signature.1.len(), |at| start + at);
    let without = format!("{}{}", &signature.1[..start], &signature.1[end..]);
    hasher.update(format!("dkim-signature:{without}"));
    let public = Ed25519KeyPair::from_seed_unchecked(seed).unwrap();
    UnparsedPublicKey::new(&ED25519, public.public_key()).verify(&hasher.finalize(), &bytes("b")).is_ok()
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
