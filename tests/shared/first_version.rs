//! Secrets as the first version of the sealed form has them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gatepost::domain::{AuthenticatorId, KeyId};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use std::path::Path;

const NONCE: [u8; 12] = [5; 12];

/// The newest key of a key file, and what the first version binds a row's secret to.
struct Sealer {
    header: Vec<u8>,
    about: Vec<u8>,
    cipher: LessSafeKey,
}

impl Sealer {
    fn of(key_file: &Path, id: AuthenticatorId) -> Self {
        let file = std::fs::read_to_string(key_file).unwrap();
        let mut words = file.lines().find(|line| line.starts_with("key ")).unwrap().split(' ').skip(1);
        let key: KeyId = words.next().unwrap().parse().unwrap();
        let secret = URL_SAFE_NO_PAD.decode(words.next().unwrap()).unwrap();
        let header = [&[1][..], key.as_bytes()].concat();
        let about = [&header[..], format!("totp {id}").as_bytes()].concat();
        Self { header, about, cipher: LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &secret).unwrap()) }
    }
}

/// Seals as the first version did: by the row's id alone.
pub fn seal(key_file: &Path, plain: &[u8], id: AuthenticatorId) -> Vec<u8> {
    let Sealer { header, about, cipher } = Sealer::of(key_file, id);
    let mut body = plain.to_vec();
    cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(NONCE), Aad::from(about), &mut body).unwrap();
    [&header[..], &NONCE, &body].concat()
}

/// Unseals as a node of that version does, which knows no other. Returns `None` if it cannot.
pub fn open(key_file: &Path, sealed: &[u8], id: AuthenticatorId) -> Option<Vec<u8>> {
    let Sealer { header, about, cipher } = Sealer::of(key_file, id);
    let (nonce, body) = sealed.strip_prefix(&header[..])?.split_first_chunk::<12>()?;
    let mut body = body.to_vec();
    let plain = cipher.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(about), &mut body).ok()?;
    Some(plain.to_vec())
}
