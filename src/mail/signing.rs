//! DKIM signatures (RFC 6376), one for each key, over every header that a receiver shows or acts
//! on.

use super::unbuildable::Unbuildable;
use crate::config::Dkim;
use lettre::{
    Message,
    message::{
        dkim::{DkimCanonicalization, DkimCanonicalizationType, DkimConfig, DkimSigningAlgorithm, DkimSigningKey},
        header::HeaderName,
    },
};
use std::fs;

/// Headers of every email. Each is named twice, so that adding a second one in front invalidates
/// the signature. Many programs show the first, and a verifier checks the last (RFC 6376, section
/// 8.15).
const PRESENT: [&str; 11] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "References",
    "MIME-Version",
    "Auto-Submitted",
    "Content-Type",
    "Content-Transfer-Encoding",
    "X-Auto-Response-Suppress",
];
/// A header that only some emails have, named twice, too.
const SOMETIMES: &str = "Reply-To";
/// Headers that our emails never have. Each is named once, so that adding it invalidates the
/// signature.
const ABSENT: [&str; 5] = ["Cc", "Sender", "In-Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post"];

/// Signs emails with each of the operator's keys.
pub struct Signer(Vec<DkimConfig>);

impl Signer {
    pub fn new(keys: &[Dkim], domain: &str) -> Result<Self, Unbuildable> {
        keys.iter().map(|key| config(key, domain)).collect::<Result<_, _>>().map(Self)
    }

    /// Returns the email with its signatures in front. If one is removed, the others stay valid.
    pub fn sign(&self, message: &Message) -> Vec<u8> {
        let bare = message.headers().to_string();
        let mut bytes = Vec::new();
        for key in &self.0 {
            let mut copy = message.clone();
            copy.sign(key);
            // lettre puts its signature behind the other headers, and replaces an earlier one.
            let signed = copy.headers().to_string();
            bytes.extend_from_slice(signed.strip_prefix(&bare).unwrap_or_default().as_bytes());
        }
        bytes.extend(message.formatted());
        bytes
    }
}

/// Reads an RSA key in PKCS#1 PEM, or the base64 of an Ed25519 seed.
fn config(dkim: &Dkim, domain: &str) -> Result<DkimConfig, Unbuildable> {
    let name = dkim.key_file.display();
    let text = fs::read_to_string(&dkim.key_file)
        .map_err(|error| Unbuildable::new(format!("cannot read the DKIM key {name}: {error}")))?;
    let algorithm = if is_rsa(&text) { DkimSigningAlgorithm::Rsa } else { DkimSigningAlgorithm::Ed25519 };
    let key = DkimSigningKey::new(text.trim(), algorithm).map_err(|error| {
        Unbuildable::new(format!(
            "the DKIM key {name} is neither an RSA key in PKCS#1 PEM nor the base64 of an Ed25519 seed: {error}"
        ))
    })?;
    let headers = PRESENT.into_iter().chain([SOMETIMES]).flat_map(|name| [name, name]).chain(ABSENT);
    Ok(DkimConfig::new(
        dkim.selector.clone(),
        domain.to_owned(),
        key,
        headers.map(HeaderName::new_from_ascii_str).collect(),
        DkimCanonicalization { header: DkimCanonicalizationType::Relaxed, body: DkimCanonicalizationType::Relaxed },
    ))
}

fn is_rsa(key: &str) -> bool {
    key.contains("-----BEGIN")
}

/// Returns which keys sign emails, with a warning if some receivers can check none of them.
pub fn describe(keys: &[Dkim]) -> String {
    let algorithm = |key: &Dkim| match fs::read_to_string(&key.key_file) {
        Ok(text) if is_rsa(&text) => "RSA",
        _ => "Ed25519",
    };
    let algorithms: Vec<&str> = keys.iter().map(algorithm).collect();
    if keys.is_empty() {
        return "by no key here".to_owned();
    }
    let list: Vec<String> =
        keys.iter().zip(&algorithms).map(|(key, name)| format!("{name} under {}", key.selector)).collect();
    let warning = if algorithms.contains(&"RSA") {
        ""
    } else {
        "; many receivers cannot check Ed25519 and see an unsigned email: add an RSA key beside it"
    };
    format!("{}{warning}", list.join(", "))
}
