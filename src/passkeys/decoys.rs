//! Decoy passkeys for addresses that have none. A typed address gets a list of credential ids. The
//! list must not tell whether the address has an account (WebAuthn L3, §14.6.2). A keyed hash of
//! the address makes the decoys, so that they are the same every day. Only the key tells them from
//! real ones.
//!
//! The end of an id marks it as a decoy for the holder of the key. Gatepost refuses an attacker who
//! registers a decoy id, as it refuses a real id that belongs to an account.

use super::{
    KeyedHash,
    answer::{Assertion, base64url},
};
use crate::{
    db::Error,
    domain::{EmailAddress, passkey::MAX},
};
use serde_json::json;

/// Lengths of credential ids, and how many in 256 ids have them. The lengths are those of password
/// managers, of Apple, of TPMs and of security keys.
const LENGTHS: [(u16, usize); 4] = [(110, 16), (190, 20), (230, 32), (256, 64)];
/// Bytes at an id's end that are a keyed hash of those before. No authenticator makes them by
/// chance.
const MARK: usize = 8;
/// Each further decoy id is added with probability `ONE_MORE / 256`.
const ONE_MORE: u8 = 56;

/// Public key whose private key was thrown away. It checks the signature of a passkey that no
/// account owns.
const UNOWNED: [&str; 2] =
    ["PUiXmqlAPnm_JF0S3Eo0Xjrif6AVEABKaeQrx7yLHws", "2Ht5fh2dwMVN3SkkjHHDrJ8BJS3wrXLlf6pvLbXtvvI"];

/// Returns the stored form of a passkey that no account owns, under the id in the answer.
pub(super) fn credential(answer: &Assertion) -> String {
    let [x, y] = UNOWNED;
    let key = json!({ "EC_EC2": { "curve": "SECP256R1", "x": x, "y": y } });
    let extensions = json!({
        "cred_protect": "Ignored", "hmac_create_secret": "NotRequested", "appid": "NotRequested", "cred_props": "Ignored",
    });
    json!({ "cred": {
        "cred_id": base64url(answer.credential_id()),
        "cred": { "type_": "ES256", "key": key },
        "counter": 0,
        "transports": null,
        "user_verified": true,
        "backup_eligible": true,
        "backup_state": true,
        "registration_policy": "required",
        "extensions": extensions,
        "attestation": { "data": "None", "metadata": "None" },
        "attestation_format": "none",
    } })
    .to_string()
}

/// Returns the decoy credential ids of an address: mostly one, and at most as many as an account
/// may have.
pub(super) fn of(email: &EmailAddress, keyed_hash: KeyedHash<'_>) -> Result<Vec<Vec<u8>>, Error> {
    let block = |about: &str, n: usize| keyed_hash(format!("decoy passkey {about} {n} {}", email.as_str()).as_bytes());
    let more = block("count", 0)?.into_iter().take(MAX - 1).take_while(|&byte| byte < ONE_MORE).count();
    let id = |n: usize| {
        let [kind, ..] = block("kind", n)?;
        let length = LENGTHS.iter().find(|(most, _)| u16::from(kind) < *most).map_or(16, |&(_, length)| length);
        let halves = [block("first half", n)?, block("second half", n)?].concat();
        let beginning: Vec<u8> = halves.into_iter().take(length - MARK).collect();
        let mark = mark(&beginning, keyed_hash)?;
        Ok([beginning, mark].concat())
    };
    (0..=more).map(id).collect()
}

/// Returns whether an id is a decoy of any address.
pub(super) fn is_one(id: &[u8], keyed_hash: KeyedHash<'_>) -> Result<bool, Error> {
    let Some((beginning, end)) = id.split_last_chunk::<MARK>() else { return Ok(false) };
    Ok(mark(beginning, keyed_hash)? == end)
}

fn mark(beginning: &[u8], keyed_hash: KeyedHash<'_>) -> Result<Vec<u8>, Error> {
    let hash = keyed_hash(&[b"decoy passkey mark ", beginning].concat())?;
    Ok(hash.into_iter().take(MARK).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};
    use std::collections::BTreeMap;

    fn under(key: &'static str) -> impl Fn(&[u8]) -> Result<[u8; 32], Error> {
        move |bytes| Ok(Sha256::new().chain_update(key).chain_update(bytes).finalize().into())
    }

    fn decoys(email: &str, key: &'static str) -> Vec<Vec<u8>> {
        of(&EmailAddress::parse(email).unwrap(), &under(key)).unwrap()
    }

    /// A new version of the library may change its form. Without the same change here, every
    /// unknown passkey would be a fault.
    #[test]
    fn nobodys_passkey_can_be_read() {
        let answer = json!({
            "id": "AQID", "rawId": "AQID", "type": "public-key",
            "response": { "clientDataJSON": "", "authenticatorData": "", "signature": "" },
        });
        let Ok(answer) = Assertion::read(answer) else { panic!("an answer") };
        let passkey: webauthn_rs::prelude::Passkey = serde_json::from_str(&credential(&answer)).unwrap();
        assert_eq!(passkey.cred_id().as_slice(), [1, 2, 3]);
        assert_eq!(serde_json::to_string(&passkey).unwrap().len(), credential(&answer).len());
    }

    #[test]
    fn an_address_has_the_same_decoys_for_ever_and_another_key_or_address_others() {
        assert_eq!(decoys("ana@example.com", "one"), decoys("Ana@Example.com", "one"));
        assert_ne!(decoys("ana@example.com", "one"), decoys("ana@example.com", "other"));
        assert_ne!(decoys("ana@example.com", "one"), decoys("ben@example.com", "one"));
    }

    #[test]
    fn with_the_key_each_is_told_from_a_real_one_and_without_it_none() {
        for n in 0..100 {
            for id in decoys(&format!("{n}@example.com"), "one") {
                assert!(is_one(&id, &under("one")).unwrap());
                assert!(!is_one(&id, &under("other")).unwrap());
                assert!(!is_one(&id[1..], &under("one")).unwrap());
            }
        }
        assert!(!is_one(b"short", &under("one")).unwrap());
    }

    #[test]
    fn most_have_one_some_have_more_and_every_usual_length_is_there() {
        let (mut counts, mut lengths) = (BTreeMap::new(), BTreeMap::new());
        for n in 0..2000 {
            let ids = decoys(&format!("{n}@example.com"), "one");
            *counts.entry(ids.len()).or_insert(0) += 1;
            for id in ids {
                *lengths.entry(id.len()).or_insert(0) += 1;
            }
        }
        assert!(!counts.contains_key(&0) && counts[&1] > 1400 && counts[&2] > 200 && counts[&3] > 30, "{counts:?}");
        assert_eq!(lengths.keys().copied().collect::<Vec<_>>(), [16, 20, 32, 64], "{lengths:?}");
        assert!(lengths.values().all(|&count| count > 150), "{lengths:?}");
    }
}
