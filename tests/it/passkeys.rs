//! Passkeys, below the pages: ceremonies with a software authenticator, honest ones and ones with a
//! single thing changed.

use crate::{
    authenticator::{AT, Answer, Authenticator, BE, BS, ED, Key, UP, UV, base64url, cbor, from_base64url},
    harness::{Setup, TestApp, address},
};
use gatepost::{
    config::BaseUrl,
    db::{self, Stop, Tx},
    domain::{
        Account, AccountId, Lifetime, PendingId, SessionId, Token, TokenHash,
        aaguid::Keeper,
        audit::Actor,
        factor_name::FactorName,
        passkey::{Ceremony, MAX, Occasion, Passkey, UserHandle},
    },
    passkeys::{CeremonyKey, CeremonyRefusal, NewPasskey, Passkeys, TypedAddress, Wrong},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const SESSION: SessionId = SessionId::from_i64(11);
const PENDING: PendingId = PendingId::from_i64(12);

fn keyed_hash(bytes: &[u8]) -> Result<[u8; 32], db::Error> {
    Ok(Sha256::new().chain_update("the operator's key").chain_update(bytes).finalize().into())
}

/// A page of a Gatepost, its database, and an authenticator in front of it.
struct Stage {
    app: TestApp,
    passkeys: Passkeys,
    authenticator: Authenticator,
}

/// Address at which an answer to a challenge arrives, and its name for the passkey.
struct Registration<'a> {
    browser: TokenHash,
    session: SessionId,
    email: &'a str,
    name: &'a str,
}

/// Judges an answer as `signin` has it judged.
fn finish(
    tx: &mut Tx<'_>,
    passkeys: &Passkeys,
    key: CeremonyKey<'_>,
    answer: &Value,
) -> Result<Result<Passkey, CeremonyRefusal>, db::Error> {
    let locked = passkeys.lock_owner(tx, key, answer);
    Stop::commit(locked.and_then(|()| passkeys.finish_proof(tx, key, answer.clone())))
}

impl Stage {
    async fn new() -> Self {
        let app = TestApp::new().await;
        app.add_account(ANA).await;
        app.add_account(BEN).await;
        app.set("product_name", "Acme & Co").await;
        let passkeys = Passkeys::new(&app.services.config.base_url).unwrap();
        let authenticator = Authenticator::at(&app.base_url);
        Self { app, passkeys, authenticator }
    }

    async fn account(&self, email: &str) -> Account {
        self.app.account_of(email).await.unwrap()
    }

    fn browser(&self) -> TokenHash {
        Token::issue(&*self.app.services.entropy).hash()
    }

    async fn begin_registration(&self, browser: TokenHash, email: &str) -> Result<Value, CeremonyRefusal> {
        let (passkeys, account) = (self.passkeys.clone(), self.account(email).await);
        let begin = move |tx: &mut Tx<'_>| {
            let key = CeremonyKey { browser: &browser, occasion: Occasion::Register(SESSION) };
            Stop::commit(passkeys.begin_registration(tx, key, &account))
        };
        self.app.transact(begin).await
    }

    /// Adds a passkey without a name, in the session that began.
    async fn finish_registration(
        &self,
        browser: TokenHash,
        email: &str,
        answer: Value,
    ) -> Result<Passkey, CeremonyRefusal> {
        self.finish_as(Registration { browser, session: SESSION, email, name: "" }, answer).await
    }

    async fn finish_as(&self, of: Registration<'_>, answer: Value) -> Result<Passkey, CeremonyRefusal> {
        let (passkeys, account) = (self.passkeys.clone(), self.account(of.email).await);
        let name = FactorName::parse(of.name).unwrap();
        let (browser, session) = (of.browser, of.session);
        let finish = move |tx: &mut Tx<'_>| {
            let key = CeremonyKey { browser: &browser, occasion: Occasion::Register(session) };
            let (answer, name) = (answer.clone(), name.clone());
            let new = NewPasskey { account: &account, answer, name, keyed_hash: &keyed_hash };
            Stop::commit(passkeys.finish_registration(tx, key, new))
        };
        self.app.transact(finish).await
    }

    /// Makes a passkey, with an answer changed by `change`.
    async fn try_to_register(
        &self,
        email: &str,
        change: impl Fn(&mut Answer),
    ) -> Result<(Key, Passkey), CeremonyRefusal> {
        let browser = self.browser();
        let options = self.begin_registration(browser, email).await?;
        let (key, mut answer) = self.authenticator.create(&options);
        change(&mut answer);
        let passkey = self.finish_registration(browser, email, answer.registration()).await?;
        Ok((key, passkey))
    }

    async fn register(&self, email: &str) -> Key {
        self.try_to_register(email, |_| {}).await.unwrap().0
    }

    async fn begin_sign_in(&self, browser: TokenHash, email: Option<&str>) -> Value {
        let (passkeys, email) = (self.passkeys.clone(), email.map(address));
        let begin = move |tx: &mut Tx<'_>| {
            let typed = email.as_ref().map(|email| TypedAddress { email, keyed_hash: &keyed_hash });
            passkeys.begin_sign_in(tx, &browser, typed)
        };
        self.app.transact(begin).await
    }

    async fn begin_proof(&self, browser: TokenHash, occasion: Occasion, account: AccountId) -> Value {
        let passkeys = self.passkeys.clone();
        let begin =
            move |tx: &mut Tx<'_>| passkeys.begin_proof(tx, CeremonyKey { browser: &browser, occasion }, account);
        self.app.transact(begin).await
    }

    async fn finish(&self, browser: TokenHash, occasion: Occasion, answer: Value) -> Result<Passkey, CeremonyRefusal> {
        let passkeys = self.passkeys.clone();
        let finish = move |tx: &mut Tx<'_>| finish(tx, &passkeys, CeremonyKey { browser: &browser, occasion }, &answer);
        self.app.transact(finish).await
    }

    /// Signs in without an address, with an answer changed by `change`.
    async fn try_to_sign_in(&self, key: &mut Key, change: impl Fn(&mut Answer)) -> Result<Passkey, CeremonyRefusal> {
        let browser = self.browser();
        let options = self.begin_sign_in(browser, None).await;
        let mut answer = self.authenticator.get(&options, key);
        change(&mut answer);
        self.finish(browser, Occasion::SignIn, answer.signed_by(key)).await
    }

    async fn kept(&self, email: &str) -> Vec<Passkey> {
        let account = self.account(email).await.id;
        self.app.read(move |connection| db::passkeys::of_account(connection, account)).await
    }

    async fn ceremonies(&self) -> usize {
        self.app.dump().await.lines().filter(|line| line.starts_with("passkey_ceremonies:")).count()
    }
}

/// Returns one word for a refusal, including the library's own.
pub fn word<T>(result: Result<T, CeremonyRefusal>) -> String {
    match result {
        Ok(_) => "accepted".into(),
        Err(CeremonyRefusal::Wrong(Wrong::Library(error))) => {
            let word = format!("{error:?}");
            word.split(['(', ' ']).next().unwrap().to_owned()
        }
        Err(CeremonyRefusal::Wrong(wrong)) => format!("{wrong:?}"),
        Err(refusal) => refusal.as_str().to_owned(),
    }
}

#[rocket::async_test]
async fn a_passkey_is_made_and_signs_in_without_an_address() {
    let mut stage = Stage::new().await;
    stage.authenticator.aaguid = *b"\xd5\x48\x82\x6e\x79\xb4\xdb\x40\xa3\xd8\x11\x11\x6f\x7e\x83\x49";
    let mut key = stage.register(ANA).await;
    let kept = stage.kept(ANA).await;
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].name.as_str(), kept[0].aaguid.keeper()), ("Bitwarden", Keeper::Manager));
    assert_eq!(kept[0].last_used_at, None);
    stage.app.clock.advance(Lifetime::days(30));
    let proven = stage.try_to_sign_in(&mut key, |_| {}).await.unwrap();
    assert_eq!(proven.account_id, stage.account(ANA).await.id);
    assert_eq!(stage.kept(ANA).await[0].last_used_at, Some(stage.app.services.now()));
    assert_eq!(stage.ceremonies().await, 0);
    // A second of the same make gets a different name. A typed name stays.
    stage.register(ANA).await;
    let browser = stage.browser();
    let options = stage.begin_registration(browser, ANA).await.unwrap();
    let (_, answer) = stage.authenticator.create(&options);
    stage
        .finish_as(Registration { browser, session: SESSION, email: ANA, name: " My laptop " }, answer.registration())
        .await
        .unwrap();
    let mut names: Vec<_> = stage.kept(ANA).await.into_iter().map(|kept| kept.name.as_str().to_owned()).collect();
    names.sort();
    assert_eq!(names, ["Bitwarden", "Bitwarden 2", "My laptop"]);
}

#[rocket::async_test]
async fn the_options_ask_for_what_we_want() {
    let stage = Stage::new().await;
    let key = stage.register(ANA).await;
    let options = stage.begin_registration(stage.browser(), ANA).await.unwrap();
    let options = &options["publicKey"];
    assert_eq!(options["rp"], json!({ "id": "localhost", "name": "Acme & Co" }));
    let account = stage.account(ANA).await;
    let handle = base64url(UserHandle::of(account.id).as_bytes());
    assert_eq!(options["user"], json!({ "id": handle, "name": ANA, "displayName": ANA }));
    assert_eq!(options["excludeCredentials"], json!([{ "type": "public-key", "id": base64url(&key.id) }]));
    assert_eq!(options["authenticatorSelection"]["residentKey"], "preferred");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["attestation"], "none");
    assert!(options["pubKeyCredParams"].as_array().unwrap().contains(&json!({ "type": "public-key", "alg": -7 })));
    let (one, other) =
        (stage.begin_sign_in(stage.browser(), None).await, stage.begin_sign_in(stage.browser(), None).await);
    assert_eq!(one["publicKey"]["userVerification"], "required");
    assert_eq!(one["publicKey"]["rpId"], "localhost");
    assert_eq!(one["publicKey"]["allowCredentials"], json!([]));
    assert_eq!(one.get("mediation"), None);
    assert_eq!(from_base64url(&one["publicKey"]["challenge"]).len(), 32);
    assert_ne!(one["publicKey"]["challenge"], other["publicKey"]["challenge"]);
}

#[rocket::async_test]
async fn it_signs_in_with_an_address_and_is_a_second_factor_and_steps_up() {
    let stage = Stage::new().await;
    let (mut anas, mut bens) = (stage.register(ANA).await, stage.register(BEN).await);
    let account = stage.account(ANA).await.id;
    let occasions = [Occasion::SignIn, Occasion::SecondFactor(PENDING), Occasion::StepUp(SESSION)];
    for occasion in occasions {
        let begin = async |browser| match occasion {
            Occasion::SignIn => stage.begin_sign_in(browser, Some(ANA)).await,
            _ => stage.begin_proof(browser, occasion, account).await,
        };
        // Security keys that were told which passkey to use do this. Older versions of Safari send
        // an empty text.
        for handle in [Some(anas.user_handle.clone()), None, Some(Vec::new())] {
            let browser = stage.browser();
            let options = begin(browser).await;
            let allowed = json!([{ "type": "public-key", "id": base64url(&anas.id) }]);
            assert_eq!(options["publicKey"]["allowCredentials"], allowed);
            let mut answer = stage.authenticator.get(&options, &mut anas);
            answer.user_handle = handle;
            let proven = stage.finish(browser, occasion, answer.signed_by(&anas)).await.unwrap();
            assert_eq!(proven.account_id, account, "{occasion:?}");
        }
        // Another user's passkey, though valid, proves nothing here.
        let browser = stage.browser();
        let options = begin(browser).await;
        let answer = stage.authenticator.get(&options, &mut bens).signed_by(&bens);
        assert_eq!(word(stage.finish(browser, occasion, answer).await), "Owner", "{occasion:?}");
    }
}

#[rocket::async_test]
async fn an_address_without_passkeys_gets_decoys_that_stay_and_lead_nowhere() {
    let stage = Stage::new().await;
    let mut bens = stage.register(BEN).await;
    // An account without passkeys, and an address without an account.
    for email in [ANA, "nobody@example.com"] {
        let first = stage.begin_sign_in(stage.browser(), Some(email)).await;
        stage.app.clock.advance(Lifetime::days(100));
        let browser = stage.browser();
        let second = stage.begin_sign_in(browser, Some(email)).await;
        let allowed = |options: &Value| options["publicKey"]["allowCredentials"].clone();
        assert_eq!(allowed(&first), allowed(&second), "{email}");
        for decoy in allowed(&first).as_array().unwrap() {
            assert_eq!(decoy.as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "type"]);
            assert!((16..=64).contains(&from_base64url(&decoy["id"]).len()));
        }
        let answer = stage.authenticator.get(&second, &mut bens).signed_by(&bens);
        assert_eq!(word(stage.finish(browser, Occasion::SignIn, answer).await), "Owner", "{email}");
    }
    // Except for challenge and ids, the options of one with passkeys look the same.
    let shape = |mut options: Value| {
        options["publicKey"]["challenge"] = "…".into();
        options["publicKey"]["allowCredentials"] = "…".into();
        options
    };
    let real = stage.begin_sign_in(stage.browser(), Some(BEN)).await;
    let decoy = stage.begin_sign_in(stage.browser(), Some(ANA)).await;
    assert_eq!(real["publicKey"]["allowCredentials"][0]["type"], decoy["publicKey"]["allowCredentials"][0]["type"]);
    assert_eq!(shape(real), shape(decoy));
}

type Change = fn(&mut Answer);

/// Each skips one step of L3, §7.1.
const REGISTRATIONS: [(&str, &str, Change); 27] = [
    ("another challenge", "MismatchedChallenge", |a| a.client_data["challenge"] = base64url(&[7; 32]).into()),
    ("no challenge", "Parse", |a| drop(a.client_data.as_object_mut().unwrap().remove("challenge"))),
    ("the type of a sign-in", "InvalidClientDataType", |a| a.client_data["type"] = "webauthn.get".into()),
    ("another site", "Origin", |a| a.client_data["origin"] = "http://evil.example:8000".into()),
    ("a site below ours", "Origin", |a| a.client_data["origin"] = "http://x.localhost:8000".into()),
    ("another port", "Origin", |a| a.client_data["origin"] = "http://localhost:8001".into()),
    ("an origin with a path", "Origin", |a| a.client_data["origin"] = "http://localhost:8000/x".into()),
    ("in another site's frame", "Framed", |a| a.client_data["crossOrigin"] = true.into()),
    ("below another site's page", "Framed", |a| a.client_data["topOrigin"] = "http://evil.example".into()),
    ("malformed client data", "Origin", |a| a.client_data_text = Some("{".into())),
    ("another RP", "InvalidRPIDHash", |a| a.rp_id_hash = Sha256::digest("evil.example").into()),
    ("no user present", "UserNotPresent", |a| a.flags &= !UP),
    ("no user verified", "UserNotVerified", |a| a.flags &= !UV),
    ("backed up and cannot be", "CredentialMayNotBeHardwareBound", |a| a.flags = UP | UV | AT | BS),
    ("no credential", "MissingAttestationCredentialData", |a| a.flags &= !AT),
    ("extensions that are not there", "Parse", |a| a.flags |= ED),
    ("an algorithm that was not offered", "CredentialAlteredAlgFromRequest", |a| a.cose_key[1].1 = cbor::int(-36)),
    ("an algorithm for another kind of key", "COSEKeyInvalidType", |a| a.cose_key[1].1 = cbor::int(-8)),
    ("an unknown algorithm", "COSEKeyInvalidAlgorithm", |a| a.cose_key[1].1 = cbor::int(-9999)),
    ("a point off the curve", "EcdsaPointInvalid", |a| a.cose_key[4].1 = cbor::bytes(&[9; 32])),
    ("a short coordinate", "COSEKeyECDSAXYInvalid", |a| a.cose_key[4].1 = cbor::bytes(&[9; 31])),
    ("an attestation of no known form", "AttestationNotSupported", |a| a.format = "trust-me"),
    ("an attestation without its statement", "AttestationStatement", |a| a.format = "packed"),
    ("authenticator data cut off", "Parse", |a| a.cut = Some(60)),
    ("two ids", "Id", |a| a.attested_id = Some(vec![1; 20])),
    ("an id that is too long", "Id", |a| a.id = vec![1; 1024]),
    ("another type of credential", "Type", |a| a.kind = "password"),
];

#[rocket::async_test]
async fn a_registration_with_anything_changed_makes_no_passkey() {
    let stage = Stage::new().await;
    for (what, refused, change) in REGISTRATIONS {
        let word = word(stage.try_to_register(ANA, change).await);
        assert!(word.starts_with(refused), "{what}: {word}");
        assert!(stage.kept(ANA).await.is_empty(), "{what}");
        assert_eq!(stage.ceremonies().await, 0, "{what}");
    }
    for (what, json) in [
        ("an id that is said otherwise", (|json| json["id"] = "AAAA".into()) as fn(&mut Value)),
        ("no answer", |json| *json = json!({})),
        ("no attestation", |json| drop(json["response"].as_object_mut().unwrap().remove("attestationObject"))),
        ("an attestation that is no CBOR", |json| {
            json["response"]["attestationObject"] = base64url(&[0xff; 99]).into()
        }),
        ("bytes that are no base64url", |json| json["response"]["clientDataJSON"] = "+/+/".into()),
    ] {
        let word = word(stage.try_to_register(ANA, |answer| answer.json = json).await);
        assert!(["Id", "unreadable", "Parse"].iter().any(|reason| word.starts_with(reason)), "{what}: {word}");
        assert!(stage.kept(ANA).await.is_empty(), "{what}");
    }
    stage.register(ANA).await;
}

/// Each skips one step of L3, §7.2. If the authenticator lies, it signs the lie.
const ASSERTIONS: [(&str, &str, Change); 23] = [
    ("another challenge", "MismatchedChallenge", |a| a.client_data["challenge"] = base64url(&[7; 32]).into()),
    ("no challenge", "Parse", |a| drop(a.client_data.as_object_mut().unwrap().remove("challenge"))),
    ("the type of a registration", "InvalidClientDataType", |a| a.client_data["type"] = "webauthn.create".into()),
    ("another site", "Origin", |a| a.client_data["origin"] = "http://evil.example:8000".into()),
    ("a site below ours", "Origin", |a| a.client_data["origin"] = "http://x.localhost:8000".into()),
    ("another scheme", "Origin", |a| a.client_data["origin"] = "https://localhost:8000".into()),
    ("an origin with a path", "Origin", |a| a.client_data["origin"] = "http://localhost:8000/x".into()),
    ("in another site's frame", "Framed", |a| a.client_data["crossOrigin"] = true.into()),
    ("below another site's page", "Framed", |a| a.client_data["topOrigin"] = "http://evil.example".into()),
    ("malformed client data", "Origin", |a| a.client_data_text = Some("[]".into())),
    ("another RP", "InvalidRPIDHash", |a| a.rp_id_hash = Sha256::digest("evil.example").into()),
    ("no user present", "UserNotPresent", |a| a.flags &= !UP),
    ("no user verified", "UserNotVerified", |a| a.flags &= !UV),
    ("can no longer be backed up", "CredentialBackupEligibilityInconsistent", |a| a.flags &= !(BE | BS)),
    ("authenticator data cut off", "Parse", |a| a.cut = Some(36)),
    ("extensions that are not there", "Parse", |a| a.flags |= ED),
    ("a signature with a bit changed", "AuthenticationFailure", |a| {
        a.signature = |mut signature| {
            *signature.last_mut().unwrap() ^= 1;
            signature
        }
    }),
    ("no signature", "", |a| a.signature = |_| Vec::new()),
    ("no word of whose it is", "UserHandle", |a| a.user_handle = None),
    ("an empty word of whose it is", "UserHandle", |a| a.user_handle = Some(Vec::new())),
    ("another user's handle", "UserHandle", |a| a.user_handle = Some(vec![7; 16])),
    ("an unknown id", "unknown", |a| a.id = vec![1; 20]),
    ("another type of credential", "Type", |a| a.kind = "password"),
];

#[rocket::async_test]
async fn a_proof_with_anything_changed_proves_nobody() {
    let stage = Stage::new().await;
    let mut key = stage.register(ANA).await;
    for (what, refused, change) in ASSERTIONS {
        let word = word(stage.try_to_sign_in(&mut key, change).await);
        assert!(word.starts_with(refused) && word != "accepted", "{what}: {word}");
        assert_eq!(stage.kept(ANA).await[0].last_used_at, None, "{what}");
        assert_eq!(stage.ceremonies().await, 0, "{what}");
    }
    for (what, json) in [
        ("an id that is said otherwise", (|json| json["id"] = "AAAA".into()) as fn(&mut Value)),
        ("no answer", |json| *json = json!({ "id": "AAAA" })),
        ("another page's words under the same signature", |json| {
            let said = json!({ "type": "webauthn.get", "challenge": "AAAA", "origin": "http://localhost:8000" });
            json["response"]["clientDataJSON"] = base64url(said.to_string().as_bytes()).into();
        }),
        ("a counter that was not signed", |json| {
            let mut data = from_base64url(&json["response"]["authenticatorData"]);
            data[36] = 9;
            json["response"]["authenticatorData"] = base64url(&data).into();
        }),
    ] {
        let word = word(stage.try_to_sign_in(&mut key, |answer| answer.json = json).await);
        let reasons = ["Id", "unreadable", "MismatchedChallenge", "AuthenticationFailure"];
        assert!(reasons.contains(&word.as_str()), "{what}: {word}");
        assert_eq!(stage.kept(ANA).await[0].last_used_at, None, "{what}");
    }
    stage.try_to_sign_in(&mut key, |_| {}).await.unwrap();
}

#[rocket::async_test]
async fn a_proof_signed_by_another_key_proves_nobody() {
    let stage = Stage::new().await;
    let (mut anas, bens) = (stage.register(ANA).await, stage.register(BEN).await);
    let browser = stage.browser();
    let options = stage.begin_sign_in(browser, None).await;
    // Ben claims to be Ana.
    let answer = stage.authenticator.get(&options, &mut anas).signed_by(&bens);
    assert_eq!(word(stage.finish(browser, Occasion::SignIn, answer).await), "AuthenticationFailure");
}

#[rocket::async_test]
async fn a_passkey_that_stayed_in_one_place_cannot_start_to_wander() {
    let mut stage = Stage::new().await;
    stage.authenticator.counts = true;
    let mut key = stage.register(ANA).await;
    for flags in [BE, BE | BS, BS] {
        let word = word(stage.try_to_sign_in(&mut key, |answer| answer.flags |= flags).await);
        assert!(word.starts_with("Credential") && word != "CredentialPossibleCompromise", "{flags}: {word}");
    }
    stage.try_to_sign_in(&mut key, |_| {}).await.unwrap();
}

/// Only for real passkeys is it known whether they may be on several devices. Compared before the
/// signature, the time would reveal which of the ids handed out for an address are real.
#[rocket::async_test]
async fn a_signature_is_checked_before_anything_tells_a_real_passkey_from_a_decoy() {
    let mut stage = Stage::new().await;
    // It stays on one device.
    stage.authenticator.counts = true;
    let mut key = stage.register(ANA).await;
    let forged = |answer: &mut Answer| {
        answer.flags |= BE;
        answer.signature = |mut signature| {
            *signature.last_mut().unwrap() ^= 1;
            signature
        };
    };
    assert_eq!(word(stage.try_to_sign_in(&mut key, forged).await), "AuthenticationFailure");
    let word = word(stage.try_to_sign_in(&mut key, |answer| answer.flags |= BE).await);
    assert_eq!(word, "CredentialBackupEligibilityInconsistent");
}

/// On SQLite all changes wait for one another in any case.
#[rocket::async_test]
async fn a_wrong_answer_does_not_wait_for_the_owner_of_its_passkey() {
    let stage = Stage::new().await;
    if stage.app.database.is_sqlite() {
        return;
    }
    let mut key = stage.register(ANA).await;
    let node = Setup::new().beside(&stage.app).start().await;
    let (is_locked, mut locked) = tokio::sync::mpsc::unbounded_channel();
    let (release, wait) = std::sync::mpsc::channel();
    let wait = std::sync::Mutex::new(wait);
    let owner_at_work = node.transact(move |tx: &mut Tx<'_>| {
        tx.lock(&address(ANA))?;
        let _ = is_locked.send(());
        wait.lock().unwrap().recv().map_err(db::Error::fault)
    });
    let attacker = async {
        locked.recv().await.unwrap();
        let spoilt = |answer: &mut Answer| answer.signature = |_| vec![0x30, 6, 2, 1, 1, 2, 1, 1];
        let refused = stage.try_to_sign_in(&mut key, spoilt).await;
        release.send(()).unwrap();
        word(refused)
    };
    let ((), word) = rocket::futures::future::join(owner_at_work, attacker).await;
    assert_eq!(word, "AuthenticationFailure");
}

#[rocket::async_test]
async fn a_counter_has_to_go_on_unless_it_never_counted() {
    let mut stage = Stage::new().await;
    let mut still = stage.register(ANA).await;
    stage.try_to_sign_in(&mut still, |_| {}).await.unwrap();
    stage.try_to_sign_in(&mut still, |_| {}).await.unwrap();
    stage.authenticator.counts = true;
    let mut key = stage.register(BEN).await;
    stage.try_to_sign_in(&mut key, |answer| answer.counter = 5).await.unwrap();
    // The same again, one before, none at all: a copy, whether it is this one or the other.
    for counter in [5, 4, 0] {
        let refused = stage.try_to_sign_in(&mut key, |answer| answer.counter = counter).await.unwrap_err();
        let CeremonyRefusal::Copied(passkey) = refused else { panic!("{counter}: {refused:?}") };
        assert_eq!(passkey.account_id, stage.account(BEN).await.id);
    }
    stage.try_to_sign_in(&mut key, |answer| answer.counter = 6).await.unwrap();
    // A wrong signature says nothing of copies.
    let forged = stage.try_to_sign_in(&mut key, |answer| {
        answer.counter = 1;
        answer.signature = |_| vec![0x30, 6, 2, 1, 1, 2, 1, 1];
    });
    assert_eq!(word(forged.await), "AuthenticationFailure");
}

#[rocket::async_test]
async fn of_two_uses_with_one_counter_one_counts() {
    let mut stage = Stage::new().await;
    stage.authenticator.counts = true;
    let mut key = stage.register(ANA).await;
    let account = stage.account(ANA).await.id;
    let mut answers = Vec::new();
    for _ in 0..8 {
        let browser = stage.browser();
        let options = stage.begin_proof(browser, Occasion::StepUp(SESSION), account).await;
        let mut answer = stage.authenticator.get(&options, &mut key);
        answer.counter = 9;
        answers.push((browser, answer.signed_by(&key)));
    }
    let finish = |(browser, answer)| stage.finish(browser, Occasion::StepUp(SESSION), answer);
    let results = rocket::futures::future::join_all(answers.into_iter().map(finish)).await;
    let (accepted, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(accepted.len(), 1);
    assert!(refused.iter().all(|result| matches!(result, Err(CeremonyRefusal::Copied(_)))));
}

#[rocket::async_test]
async fn a_challenge_is_answered_once_whatever_the_answer() {
    let stage = Stage::new().await;
    let mut key = stage.register(ANA).await;
    let browser = stage.browser();
    let options = stage.begin_sign_in(browser, None).await;
    let answer = stage.authenticator.get(&options, &mut key).signed_by(&key);
    let both = [answer.clone(), answer.clone(), answer.clone(), answer.clone()]
        .map(|answer| stage.finish(browser, Occasion::SignIn, answer));
    let results = rocket::futures::future::join_all(both).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    // A wrong answer uses it up, too.
    let browser = stage.browser();
    let options = stage.begin_sign_in(browser, None).await;
    assert_eq!(word(stage.finish(browser, Occasion::SignIn, json!({})).await), "unreadable");
    let answer = stage.authenticator.get(&options, &mut key).signed_by(&key);
    assert_eq!(word(stage.finish(browser, Occasion::SignIn, answer).await), "no_ceremony");
    // So does a wrong registration.
    let browser = stage.browser();
    let options = stage.begin_registration(browser, ANA).await.unwrap();
    let (_, answer) = stage.authenticator.create(&options);
    stage.finish_registration(browser, ANA, answer.registration()).await.unwrap();
    let again = stage.finish_registration(browser, ANA, answer.registration()).await;
    assert_eq!(word(again), "no_ceremony");
}

#[rocket::async_test]
async fn a_challenge_is_for_one_browser_one_purpose_and_one_session() {
    let stage = Stage::new().await;
    let mut key = stage.register(ANA).await;
    let account = stage.account(ANA).await.id;
    let occasions = [
        Occasion::SignIn,
        Occasion::SecondFactor(PENDING),
        Occasion::SecondFactor(PendingId::from_i64(99)),
        Occasion::StepUp(SESSION),
        Occasion::StepUp(SessionId::from_i64(99)),
        // A pending sign-in and a session with the same number differ.
        Occasion::StepUp(SessionId::from_i64(PENDING.as_i64())),
    ];
    for made_for in occasions {
        for used_for in occasions {
            let browser = stage.browser();
            let options = match made_for {
                Occasion::SignIn => stage.begin_sign_in(browser, Some(ANA)).await,
                _ => stage.begin_proof(browser, made_for, account).await,
            };
            let answer = stage.authenticator.get(&options, &mut key).signed_by(&key);
            let result = stage.finish(browser, used_for, answer).await;
            assert_eq!(result.is_ok(), made_for == used_for, "{made_for:?} {used_for:?}");
        }
        // In another browser it is worthless, and this one still has it.
        let browser = stage.browser();
        let options = match made_for {
            Occasion::SignIn => stage.begin_sign_in(browser, None).await,
            _ => stage.begin_proof(browser, made_for, account).await,
        };
        let answer = stage.authenticator.get(&options, &mut key).signed_by(&key);
        assert_eq!(word(stage.finish(stage.browser(), made_for, answer.clone()).await), "no_ceremony");
        stage.finish(browser, made_for, answer).await.unwrap();
    }
    // A registration belongs to one session, and to the account that was signed in there.
    for (session, email) in [(SessionId::from_i64(99), ANA), (SESSION, BEN)] {
        let browser = stage.browser();
        let options = stage.begin_registration(browser, ANA).await.unwrap();
        let (_, answer) = stage.authenticator.create(&options);
        let result = stage.finish_as(Registration { browser, session, email, name: "" }, answer.registration()).await;
        assert_eq!(word(result), "no_ceremony", "{email}");
    }
    // A challenge for a registration does not work for a sign-in, and vice versa.
    let browser = stage.browser();
    let options = stage.begin_registration(browser, ANA).await.unwrap();
    let request = json!({ "publicKey": { "rpId": "localhost", "challenge": options["publicKey"]["challenge"] } });
    let answer = stage.authenticator.get(&request, &mut key).signed_by(&key);
    assert_eq!(word(stage.finish(browser, Occasion::SignIn, answer).await), "no_ceremony");
    assert_eq!(stage.kept(BEN).await.len(), 0);
}

#[rocket::async_test]
async fn a_challenge_lasts_ten_minutes_and_is_then_forgotten() {
    let stage = Stage::new().await;
    let mut key = stage.register(ANA).await;
    for (wait, accepted) in [(Ceremony::LIFETIME.as_millis() - 1, true), (Ceremony::LIFETIME.as_millis(), false)] {
        let browser = stage.browser();
        let options = stage.begin_sign_in(browser, None).await;
        stage.app.clock.advance(Lifetime::millis(wait));
        let answer = stage.authenticator.get(&options, &mut key).signed_by(&key);
        assert_eq!(stage.finish(browser, Occasion::SignIn, answer).await.is_ok(), accepted);
    }
    // One from the future does not count either. Clocks of nodes may differ by less.
    let browser = stage.browser();
    let options = stage.begin_sign_in(browser, None).await;
    stage.app.clock.set_back(Lifetime::seconds(6));
    let answer = stage.authenticator.get(&options, &mut key).signed_by(&key);
    assert_eq!(word(stage.finish(browser, Occasion::SignIn, answer).await), "no_ceremony");
    stage.begin_sign_in(stage.browser(), None).await;
    gatepost::housekeeping::tidy(&stage.app.services).await.unwrap();
    assert_eq!(stage.ceremonies().await, 1);
    stage.app.clock.advance(Ceremony::LIFETIME);
    gatepost::housekeeping::tidy(&stage.app.services).await.unwrap();
    assert_eq!(stage.ceremonies().await, 0);
}

#[rocket::async_test]
async fn a_ceremony_that_was_tampered_with_or_taken_from_somebody_else_is_worth_nothing() {
    let stage = Stage::new().await;
    let mut key = stage.register(ANA).await;
    let ben = stage.account(BEN).await.id;
    // The answer to Ana's challenge, under a ceremony that names Ben. The account's id in the row
    // is not the passkey's.
    let browser = stage.browser();
    let options = stage.begin_proof(browser, Occasion::StepUp(SESSION), ben).await;
    let answer = stage.authenticator.get(&options, &mut key).signed_by(&key);
    assert_eq!(word(stage.finish(browser, Occasion::StepUp(SESSION), answer).await), "Owner");
    // Two browsers, each with the other's challenge.
    let (one, other) = (stage.browser(), stage.browser());
    let first = stage.begin_sign_in(one, None).await;
    let second = stage.begin_sign_in(other, None).await;
    let (first, second) = (stage.authenticator.get(&first, &mut key), stage.authenticator.get(&second, &mut key));
    let (first, second) = (first.signed_by(&key), second.signed_by(&key));
    assert_eq!(word(stage.finish(one, Occasion::SignIn, second).await), "MismatchedChallenge");
    assert_eq!(word(stage.finish(other, Occasion::SignIn, first).await), "MismatchedChallenge");
    // An unreadable state is a fault, never a pass.
    let browser = stage.browser();
    let options = stage.begin_sign_in(browser, None).await;
    let taken = stage.app.write(move |connection| db::ceremonies::take(connection, &browser)).await.unwrap();
    let broken = Ceremony { state: taken.state.replace("\"required\"", "\"whatever\""), ..taken };
    assert!(broken.state.contains("whatever"), "{}", broken.state);
    stage.app.write(move |connection| db::ceremonies::insert(connection, &browser, &broken)).await;
    let answer = stage.authenticator.get(&options, &mut key).signed_by(&key);
    let passkeys = stage.passkeys.clone();
    let finish = move |tx: &mut Tx<'_>| {
        finish(tx, &passkeys, CeremonyKey { browser: &browser, occasion: Occasion::SignIn }, &answer)
    };
    assert!(stage.app.services.transact(Actor::Gatepost, finish).await.is_err());
}

#[rocket::async_test]
async fn a_passkey_is_registered_once_whoever_tries() {
    let stage = Stage::new().await;
    let key = stage.register(ANA).await;
    let taken = |answer: &mut Answer| answer.id = key.id.clone();
    assert_eq!(word(stage.try_to_register(BEN, taken).await), "known");
    // The options listed the account's own passkeys, and the library objects.
    assert_ne!(word(stage.try_to_register(ANA, taken).await), "accepted");
    assert_eq!((stage.kept(ANA).await.len(), stage.kept(BEN).await.len()), (1, 0));
}

#[rocket::async_test]
async fn an_account_has_a_bounded_number_of_passkeys() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let options = stage.begin_registration(browser, ANA).await.unwrap();
    for _ in 0..MAX {
        stage.register(ANA).await;
    }
    assert_eq!(word(stage.try_to_register(ANA, |_| {}).await), "too_many");
    // Nor by a ceremony that began before.
    let (_, answer) = stage.authenticator.create(&options);
    let late = stage.finish_registration(browser, ANA, answer.registration()).await;
    assert_eq!(word(late), "too_many");
    assert_eq!(stage.kept(ANA).await.len(), MAX);
}

#[rocket::async_test]
async fn a_passkey_that_is_removed_is_unknown_and_only_its_owner_can_rename_or_remove_it() {
    let stage = Stage::new().await;
    let mut key = stage.register(ANA).await;
    let (ana, ben) = (stage.account(ANA).await.id, stage.account(BEN).await.id);
    let id = stage.kept(ANA).await[0].id;
    let name = FactorName::parse("Blue key").unwrap().unwrap();
    let app = &stage.app;
    let (bens, anas) = (name.clone(), name);
    assert!(!app.write(move |connection| db::passkeys::rename(connection, ben, id, &bens)).await);
    assert!(app.write(move |connection| db::passkeys::rename(connection, ana, id, &anas)).await);
    assert_eq!(stage.kept(ANA).await[0].name.as_str(), "Blue key");
    assert!(!app.write(move |connection| db::passkeys::remove(connection, ben, id)).await);
    let browser = stage.browser();
    let options = stage.begin_sign_in(browser, None).await;
    let answer = stage.authenticator.get(&options, &mut key).signed_by(&key);
    assert!(app.write(move |connection| db::passkeys::remove(connection, ana, id)).await);
    assert_eq!(word(stage.finish(browser, Occasion::SignIn, answer).await), "unknown");
    assert!(app.read(move |connection| db::passkeys::of_account(connection, ana)).await.is_empty());
}

#[test]
fn where_people_come_by_an_ip_address_there_are_no_passkeys() {
    let there_are = |text: &str| Passkeys::new(&BaseUrl::parse(text).unwrap()).is_some();
    assert!(there_are("http://localhost:8000") && there_are("https://login.example.com"));
    assert!(!there_are("http://127.0.0.1:8000") && !there_are("http://[::1]:8000") && !there_are("https://192.0.2.1"));
}
