//! An authenticator and its browser, in software. It answers a page's options as a browser's script
//! does, honestly or with one thing changed. It uses P-256 and attestation "none", as nearly all
//! passkeys do.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub const UP: u8 = 0x01;
pub const UV: u8 = 0x04;
pub const BE: u8 = 0x08;
pub const BS: u8 = 0x10;
pub const AT: u8 = 0x40;
pub const ED: u8 = 0x80;

/// A passkey, as an authenticator keeps it.
pub struct Key {
    pair: EcdsaKeyPair,
    pub id: Vec<u8>,
    pub user_handle: Vec<u8>,
    pub counter: u32,
    /// Beside UP and UV: whether it is synchronised.
    pub flags: u8,
}

pub struct Authenticator {
    pub origin: String,
    pub rp_id: String,
    pub aaguid: [u8; 16],
    /// True if its counter counts. Those of synchronised passkeys stay at zero.
    pub counts: bool,
}

/// The parts of an answer, which a test can change before it is assembled. The signature comes
/// last.
pub struct Answer {
    pub id: Vec<u8>,
    /// The id as text, if it differs.
    pub id_text: Option<String>,
    pub kind: &'static str,
    /// The members of the client data.
    pub client_data: Value,
    /// The client data as sent and signed, if it differs from the members.
    pub client_data_text: Option<String>,
    pub rp_id_hash: [u8; 32],
    pub flags: u8,
    pub counter: u32,
    pub aaguid: [u8; 16],
    /// The id within the authenticator data, if it differs.
    pub attested_id: Option<Vec<u8>>,
    /// The members of the COSE key: label and value, in CBOR.
    pub cose_key: Vec<(Vec<u8>, Vec<u8>)>,
    pub format: &'static str,
    /// The attestation statement, in CBOR.
    pub statement: Vec<u8>,
    /// Bytes after the authenticator data.
    pub extensions: Vec<u8>,
    /// Cuts the authenticator data to this many bytes.
    pub cut: Option<usize>,
    pub user_handle: Option<Vec<u8>>,
    /// A change to the signature.
    pub signature: fn(Vec<u8>) -> Vec<u8>,
    /// A change to the whole, at the end.
    pub json: fn(&mut Value),
}

pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn from_base64url(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}

/// The CBOR that an authenticator writes.
pub mod cbor {
    fn head(major: u8, n: usize) -> Vec<u8> {
        match n {
            0..=23 => vec![major << 5 | n as u8],
            24..=255 => vec![major << 5 | 24, n as u8],
            _ => [vec![major << 5 | 25], (n as u16).to_be_bytes().to_vec()].concat(),
        }
    }

    pub fn int(n: i64) -> Vec<u8> {
        if n < 0 { head(1, usize::try_from(-1 - n).unwrap()) } else { head(0, usize::try_from(n).unwrap()) }
    }

    pub fn bytes(bytes: &[u8]) -> Vec<u8> {
        [head(2, bytes.len()), bytes.to_vec()].concat()
    }

    pub fn text(text: &str) -> Vec<u8> {
        [head(3, text.len()), text.as_bytes().to_vec()].concat()
    }

    pub fn map(members: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
        let members = members.iter().flat_map(|(label, value)| [label.clone(), value.clone()]);
        [head(5, members.clone().count() / 2), members.collect::<Vec<_>>().concat()].concat()
    }
}

impl Authenticator {
    /// Makes one at a page of this origin. It names no make, like many.
    pub fn at(origin: &str) -> Self {
        let url = url::Url::parse(origin).unwrap();
        let rp_id = url.host_str().unwrap().to_owned();
        Self { origin: origin.to_owned(), rp_id, aaguid: [0; 16], counts: false }
    }

    /// Makes a passkey, as `navigator.credentials.create` does. The answer is honest until a test
    /// changes it.
    pub fn create(&self, options: &Value) -> (Key, Answer) {
        let options = &options["publicKey"];
        assert_eq!(options["rp"]["id"], self.rp_id, "a browser refuses");
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).unwrap();
        let id = Sha256::digest(pair.public_key().as_ref())[..20].to_vec();
        let flags = if self.counts { 0 } else { BE | BS };
        let user_handle = from_base64url(&options["user"]["id"]);
        let key = Key { pair, id, user_handle, counter: u32::from(self.counts), flags };
        let answer =
            Answer { flags: UP | UV | AT | flags, ..self.answer("webauthn.create", &options["challenge"], &key) };
        (key, answer)
    }

    /// Uses a passkey, as `navigator.credentials.get` does. A browser offers it only if the options
    /// allow it.
    pub fn get(&self, options: &Value, key: &mut Key) -> Answer {
        let options = &options["publicKey"];
        assert_eq!(options["rpId"], self.rp_id, "a browser refuses");
        if self.counts {
            key.counter += 1;
        }
        self.answer("webauthn.get", &options["challenge"], key)
    }

    fn answer(&self, kind: &str, challenge: &Value, key: &Key) -> Answer {
        let point = key.pair.public_key().as_ref();
        Answer {
            id: key.id.clone(),
            id_text: None,
            kind: "public-key",
            client_data: json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false }),
            client_data_text: None,
            rp_id_hash: Sha256::digest(&self.rp_id).into(),
            flags: UP | UV | key.flags,
            counter: key.counter,
            aaguid: self.aaguid,
            attested_id: None,
            cose_key: vec![
                (cbor::int(1), cbor::int(2)),
                (cbor::int(3), cbor::int(-7)),
                (cbor::int(-1), cbor::int(1)),
                (cbor::int(-2), cbor::bytes(&point[1..33])),
                (cbor::int(-3), cbor::bytes(&point[33..65])),
            ],
            format: "none",
            statement: cbor::map(&[]),
            extensions: Vec::new(),
            cut: None,
            user_handle: Some(key.user_handle.clone()),
            signature: |signature| signature,
            json: |_| {},
        }
    }
}

impl Answer {
    fn client_data(&self) -> String {
        self.client_data_text.clone().unwrap_or_else(|| self.client_data.to_string())
    }

    fn authenticator_data(&self) -> Vec<u8> {
        let mut data = [&self.rp_id_hash[..], &[self.flags], &self.counter.to_be_bytes()].concat();
        if self.flags & AT != 0 {
            let id = self.attested_id.as_ref().unwrap_or(&self.id);
            data.extend([&self.aaguid[..], &(id.len() as u16).to_be_bytes(), id, &cbor::map(&self.cose_key)].concat());
        }
        data.extend(&self.extensions);
        data.truncate(self.cut.unwrap_or(usize::MAX));
        data
    }

    fn whole(&self, response: Value) -> Value {
        let id_text = self.id_text.clone().unwrap_or_else(|| base64url(&self.id));
        let mut whole = json!({
            "id": id_text,
            "rawId": base64url(&self.id),
            "type": self.kind,
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        });
        (self.json)(&mut whole);
        whole
    }

    /// Writes a new passkey as `PublicKeyCredential.toJSON` does.
    pub fn registration(&self) -> Value {
        let object = cbor::map(&[
            (cbor::text("fmt"), cbor::text(self.format)),
            (cbor::text("attStmt"), self.statement.clone()),
            (cbor::text("authData"), cbor::bytes(&self.authenticator_data())),
        ]);
        self.whole(json!({
            "clientDataJSON": base64url(self.client_data().as_bytes()),
            "attestationObject": base64url(&object),
            "authenticatorData": base64url(&self.authenticator_data()),
            "transports": ["internal", "hybrid"],
            "publicKeyAlgorithm": -7,
        }))
    }

    /// Writes the use of a passkey, signed by this key.
    pub fn signed_by(&self, key: &Key) -> Value {
        let data = self.authenticator_data();
        let signed = [data.as_slice(), &Sha256::digest(self.client_data())].concat();
        let signature = key.pair.sign(&SystemRandom::new(), &signed).unwrap().as_ref().to_vec();
        let mut response = json!({
            "clientDataJSON": base64url(self.client_data().as_bytes()),
            "authenticatorData": base64url(&data),
            "signature": base64url(&(self.signature)(signature)),
        });
        if let Some(handle) = &self.user_handle {
            response["userHandle"] = base64url(handle).into();
        }
        self.whole(response)
    }
}
