//! Does the time of an answer tell whether there is a passkey?
//!
//! Measures the options for an address, and the answer to a wrong signature.

use crate::{
    accounts,
    answers::{self, Answers},
    client::{Answer, Client},
    prepare,
    server::Gatepost,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gatepost::{
    db,
    domain::{AccountId, PasskeyId, Timestamp, aaguid::Aaguid, factor_name::FactorName, passkey::Passkey},
    entropy::SystemEntropy,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{net::Ipv4Addr, time::Instant};

const ADDRESSES: usize = 100;
const SAMPLES: usize = 1500;
const KINDS: [&str; 3] = ["passk", "known", "other"];
/// The credential ids. The passkey stays on one device, is synchronised, or does not exist.
const SHOWN: [&str; 3] = ["bound", "synchronised", "unknown"];
/// Any public key will do, because no signature is right.
const KEY: [&str; 2] = ["PUiXmqlAPnm_JF0S3Eo0Xjrif6AVEABKaeQrx7yLHws", "2Ht5fh2dwMVN3SkkjHHDrJ8BJS3wrXLlf6pvLbXtvvI"];

pub fn compare() -> bool {
    let env = [("GATEPOST_TRUSTED_PROXIES", "127.0.0.1")];
    let gatepost = Gatepost::start(&env);
    fill(&gatepost.database_url(&env));
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let mut client = Client::new(gatepost.address);
    let mut same = options(&mut client);
    for flags in [0b0000_0101, 0b0000_1101] {
        println!("-- answers with the flags {flags:08b}");
        same &= answers(&mut client, gatepost.address.port(), flags);
    }
    same
}

fn options(client: &mut Client) -> bool {
    let mut seen: Vec<Answers> = KINDS.iter().map(|_| Answers::default()).collect();
    for sample in 0..SAMPLES * KINDS.len() {
        let round = sample / KINDS.len();
        let kind = (sample + round) % KINDS.len();
        begins_anew(client, 0, round);
        let email = format!("{}{:03}@example.com", KINDS[kind], round % ADDRESSES);
        let begun = Instant::now();
        let answer = post_json(client, "/login/passkey/options", &json!({ "email": email }));
        seen[kind].times.push(begun.elapsed().as_secs_f64() * 1e6);
        assert_eq!(answer.status, 200);
    }
    answers::cannot_be_told_apart(&KINDS, &mut seen)
}

fn answers(client: &mut Client, port: u16, flags: u8) -> bool {
    let mut seen: Vec<Answers> = SHOWN.iter().map(|_| Answers::default()).collect();
    for sample in 0..SAMPLES * SHOWN.len() {
        let round = sample / SHOWN.len();
        let kind = (sample + round) % SHOWN.len();
        begins_anew(client, flags, round);
        let asked = post_json(client, "/login/passkey/options", &json!({}));
        assert_eq!(asked.status, 200);
        let options: Value = serde_json::from_slice(&asked.body).expect("options");
        let challenge = options.pointer("/publicKey/challenge").and_then(Value::as_str).expect("a challenge");
        // Every other account has the one, and the rest have the other.
        let n = 2 * (round % (ADDRESSES / 2)) + kind % 2;
        let id = URL_SAFE_NO_PAD.encode(credential_id(kind, n));
        let said = json!({
            "type": "webauthn.get", "challenge": challenge, "origin": format!("http://localhost:{port}"), "crossOrigin": false,
        });
        let data = [Sha256::digest("localhost").as_slice(), &[flags], &[0; 4]].concat();
        let answer = json!({ "credential": {
            "id": id, "rawId": id, "type": "public-key",
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(said.to_string()),
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "signature": URL_SAFE_NO_PAD.encode(SIGNATURE),
                "userHandle": URL_SAFE_NO_PAD.encode([7; 16]),
            },
            "clientExtensionResults": {},
        } });
        let begun = Instant::now();
        let answer = post_json(client, "/login/passkey", &answer);
        seen[kind].times.push(begun.elapsed().as_secs_f64() * 1e6);
        seen[kind].bytes.push(format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)));
    }
    println!("   {}", seen[0].bytes[0]);
    answers::cannot_be_told_apart(&SHOWN, &mut seen)
}

/// Two numbers in DER, as a signature has them.
const SIGNATURE: [u8; 70] = {
    let mut signature = [0x11; 70];
    (signature[0], signature[1]) = (0x30, 68);
    (signature[2], signature[3]) = (0x02, 32);
    (signature[36], signature[37]) = (0x02, 32);
    signature
};

/// Continues as another browser, from another address.
fn begins_anew(client: &mut Client, part: u8, round: usize) {
    client.cookies.clear();
    let host = u32::try_from(round / 50).expect("a number of rounds");
    client.forwarded_for = Some(Ipv4Addr::from_bits(Ipv4Addr::new(10, part, 0, 0).to_bits() + host));
}

fn credential_id(kind: usize, n: usize) -> [u8; 16] {
    *Sha256::digest(format!("{kind} {n}")).first_chunk().expect("bytes")
}

fn post_json(client: &mut Client, path: &str, body: &Value) -> Answer {
    client.send(path, "application/json", &body.to_string())
}

fn fill(url: &str) {
    prepare::on_database(url, async |db| {
        let addresses = |kind: &'static str| (0..ADDRESSES).map(move |n| format!("{kind}{n:03}@example.com"));
        accounts::add(db, addresses("known"), None).await;
        let added = accounts::add(db, addresses("passk"), None).await;
        let insert = move |connection: &mut db::DbConnection| {
            added.iter().enumerate().try_for_each(|(n, account)| {
                // Every other one is synchronised.
                let shown = n % 2;
                let id = credential_id(shown, n);
                db::passkeys::insert(connection, &passkey(account.id), &id, &credential(&id, shown == 1))
            })
        };
        db.write(insert).await.expect("passkeys");
    });
}

fn passkey(account_id: AccountId) -> Passkey {
    Passkey {
        id: PasskeyId::issue(&SystemEntropy),
        account_id,
        name: FactorName::of("Passkey", &[]),
        aaguid: Aaguid::default(),
        added_at: Timestamp::from_millis(0),
        last_used_at: None,
    }
}

/// Returns the credential as the library writes it.
fn credential(id: &[u8], eligible: bool) -> String {
    let [x, y] = KEY;
    json!({ "cred": {
        "cred_id": URL_SAFE_NO_PAD.encode(id),
        "cred": { "type_": "ES256", "key": { "EC_EC2": { "curve": "SECP256R1", "x": x, "y": y } } },
        "counter": 0,
        "transports": null,
        "user_verified": true,
        "backup_eligible": eligible,
        "backup_state": eligible,
        "registration_policy": "required",
        "extensions": {
            "cred_protect": "Ignored", "hmac_create_secret": "NotRequested", "appid": "NotRequested", "cred_props": "Ignored",
        },
        "attestation": { "data": "None", "metadata": "None" },
        "attestation_format": "none",
    } })
    .to_string()
}
