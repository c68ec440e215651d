//! OpenID Connect: clients that sign assertions instead of sending a secret (`private_key_jwt`).

use crate::{
    harness::{Setup, TestApp},
    oidc_app::{CALLBACK, OidcApp, Wanted, encode, text},
    receiver::{Receiver, Says},
    smtp_sink::certificates,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gatepost::{
    db,
    domain::{Lifetime, oidc::SigningAlg, outbound::OutboundUri},
    entropy::SystemEntropy,
    housekeeping,
    signing::{self, NewKey, SigningKey, TokenKind},
};
use rocket::{futures::future::join, http::Method};
use serde_json::{Value, json};
use std::io::Write as _;

const ANA: &str = "ana@example.com";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ISSUER: &str = "http://localhost:8000";

fn setup() -> Setup {
    Setup::new().with("GATEPOST_OUTBOUND_PRIVATE", "on")
}

struct Signer {
    new: NewKey,
    key: SigningKey,
}

impl Signer {
    fn make(alg: SigningAlg) -> Self {
        let new = signing::make(alg, &SystemEntropy).unwrap();
        Self { key: SigningKey::new(alg, &new.kid, &new.pkcs8), new }
    }

    fn set(&self) -> String {
        let jwk: Value = serde_json::from_str(&self.new.jwk).unwrap();
        json!({ "keys": [jwk] }).to_string()
    }

    fn signs(&self, claims: &Value) -> String {
        self.key.sign(TokenKind::IdToken, claims).unwrap()
    }
}

/// Claims of a good assertion, of which some are replaced. `null` leaves one out.
fn claims(app: &TestApp, jti: &str, more: &Value) -> Value {
    let now = app.services.now().as_seconds();
    let mut all = json!({ "iss": "grafana", "sub": "grafana", "aud": ISSUER, "exp": now + 60, "iat": now, "jti": jti });
    for (name, value) in more.as_object().unwrap() {
        all[name] = value.clone();
    }
    all.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    all
}

async fn own_with(app: &TestApp, set: Option<String>, uri: Option<String>) -> OidcApp {
    let own = Wanted::default().register(app).await;
    let (id, uri) = (own.id, uri.map(|uri| OutboundUri::parse(&uri).unwrap()));
    app.write(move |connection| db::oidc_reach::set_keys(connection, id, set.as_deref(), uri.as_ref())).await;
    own
}

/// Sends an assertion to introspection, which takes any token. Returns the status.
async fn presents(app: &TestApp, assertion: &str, more: &[(&str, &str)]) -> u16 {
    let fields = [&[("client_assertion", assertion), ("client_assertion_type", TYPE), ("token", "x")], more].concat();
    let page = app.browser().with(&[FORM]).request(Method::Post, "/oidc/introspect", Some(&encode(&fields))).await;
    if page.status.code == 401 {
        let body: Value = serde_json::from_str(&page.body).unwrap();
        assert_eq!(text(&body, "error"), "invalid_client");
    }
    page.status.code
}

#[rocket::async_test]
async fn a_client_signs_in_by_an_assertion_at_each_endpoint() {
    let app = setup().start().await;
    app.add_account(ANA).await;
    for alg in [SigningAlg::Rs256, SigningAlg::Es256] {
        let signer = Signer::make(alg);
        let own = own_with(&app, Some(signer.set()), None).await;
        let mut ana = app.signed_in(ANA).await;
        let code = own.code(&mut ana, &[]).await;
        for (n, aud) in [ISSUER.to_owned(), format!("{ISSUER}/oidc/token")].into_iter().enumerate() {
            let assertion = signer.signs(&claims(&app, &format!("{alg:?} {n}"), &json!({ "aud": [aud] })));
            assert_eq!(presents(&app, &assertion, &[("client_id", "grafana")][..n]).await, 200, "with and without id");
        }
        let assertion = signer.signs(&claims(&app, "code", &json!({})));
        let form = encode(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("client_assertion", &assertion),
            ("client_assertion_type", TYPE),
        ]);
        let page = app.browser().with(&[FORM]).request(Method::Post, "/oidc/token", Some(&form)).await;
        page.assert_status(200);
        let secret = own.secret.as_deref().unwrap();
        let form = encode(&[("client_id", "grafana"), ("client_secret", secret), ("token", "x")]);
        let page = app.browser().with(&[FORM]).request(Method::Post, "/oidc/introspect", Some(&form)).await;
        page.assert_status(401);
        app.transact(move |tx| db::apps::delete(tx.connection, own.id)).await;
    }
    let discovery: Value =
        serde_json::from_str(&app.browser().get("/.well-known/openid-configuration").await.body).unwrap();
    let methods = discovery["token_endpoint_auth_methods_supported"].as_array().unwrap();
    assert!(methods.contains(&json!("private_key_jwt")));
    assert_eq!(discovery["token_endpoint_auth_signing_alg_values_supported"], json!(["RS256", "ES256"]));
}

#[rocket::async_test]
async fn housekeeping_forgets_no_assertion_that_still_counts() {
    let app = setup().start().await;
    let signer = Signer::make(SigningAlg::Es256);
    own_with(&app, Some(signer.set()), None).await;
    let assertion = signer.signs(&claims(&app, "once", &json!({})));
    assert_eq!(presents(&app, &assertion, &[]).await, 200);
    housekeeping::tidy(&app.services).await.unwrap();
    assert_eq!(presents(&app, &assertion, &[]).await, 401);
}

/// Each row of the truth table, alone.
#[rocket::async_test]
async fn an_assertion_that_is_wrong_in_one_point_proves_nothing() {
    let app = setup().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    let signer = Signer::make(SigningAlg::Es256);
    own_with(&app, Some(signer.set()), None).await;
    Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await;
    let now = app.services.now().as_seconds();
    let rows = [
        json!({ "iss": null }),
        json!({ "iss": "wiki" }),
        json!({ "sub": "wiki" }),
        json!({ "aud": null }),
        json!({ "aud": "https://evil.example" }),
        json!({ "aud": format!("{ISSUER}/") }),
        json!({ "aud": [ISSUER, "https://evil.example"] }),
        json!({ "aud": [ISSUER, 7] }),
        json!({ "aud": [] }),
        json!({ "exp": null }),
        json!({ "exp": now }),
        json!({ "exp": now - 1 }),
        json!({ "exp": now + 601 }),
        json!({ "exp": "soon" }),
        json!({ "nbf": now + 61 }),
        json!({ "nbf": "soon" }),
        json!({ "iat": now + 61 }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "jti": 7 }),
    ];
    // Fewer than the limit for wrong secrets from each network.
    for (n, row) in rows.iter().enumerate() {
        let assertion = signer.signs(&claims(&app, &format!("row {n}"), row));
        assert_eq!(presents(&app, &assertion, &[]).await, 401, "{row}");
    }
    app.clock.advance(Lifetime::minutes(16));
    // Some libraries name both.
    let both = claims(&app, "both", &json!({ "aud": [ISSUER, format!("{ISSUER}/oidc/token")] }));
    assert_eq!(presents(&app, &signer.signs(&both), &[]).await, 200);
    let good = claims(&app, "good", &json!({}));
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = signer.signs(&good);
    let (_, rest) = signed.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let header = |alg: &str| part(&json!({ "alg": alg, "typ": "JWT", "kid": signer.new.kid }));
    let other = Signer::make(SigningAlg::Es256);
    let stranger = SigningKey::new(SigningAlg::Es256, &signer.new.kid, &other.new.pkcs8);
    for (row, assertion) in [
        ("alg none", format!("{}.{}.", header("none"), part(&good))),
        ("HS256", format!("{}.{}.{signature}", header("HS256"), part(&good))),
        ("RS256 by an EC key", format!("{}.{}.{signature}", header("RS256"), part(&good))),
        ("another key of that name", stranger.sign(TokenKind::IdToken, &good).unwrap()),
        ("another key", other.signs(&good)),
        ("a token of another kind", signer.key.sign(TokenKind::LogoutToken, &good).unwrap()),
        ("no signature", format!("{}.{}.", header("ES256"), part(&good))),
        ("garbage", "x".to_owned()),
        ("empty parts", "..".to_owned()),
    ] {
        assert_eq!(presents(&app, &assertion, &[("client_id", "grafana")]).await, 401, "{row}");
    }
    assert_eq!(presents(&app, &signed, &[("client_id", "wiki")]).await, 401, "another client");
    assert_eq!(presents(&app, &signed, &[("client_secret", "x")]).await, 401, "two ways at once");
    let form = encode(&[("client_assertion", &signed), ("client_assertion_type", "saml"), ("token", "x")]);
    let page = app.browser().with(&[FORM]).request(Method::Post, "/oidc/introspect", Some(&form)).await;
    page.assert_status(401);
    assert_eq!(presents(&app, &signed, &[]).await, 200, "none of that used it up");
    assert_eq!(presents(&app, &signed, &[]).await, 401, "it counts once");
    app.clock.advance(Lifetime::minutes(2));
    assert_eq!(presents(&app, &signed, &[]).await, 401, "nor later");
}

/// Libraries take the audience from discovery, which names the second address.
#[rocket::async_test]
async fn an_assertion_may_be_for_the_token_endpoint_at_the_second_address() {
    let app = setup().with("GATEPOST_BACK_CHANNEL_URL", "http://gatepost.internal:8000").start().await;
    let signer = Signer::make(SigningAlg::Es256);
    own_with(&app, Some(signer.set()), None).await;
    let second = "http://gatepost.internal:8000";
    for (n, (aud, expected)) in [
        (format!("{second}/oidc/token"), 200),
        (format!("{ISSUER}/oidc/token"), 200),
        (ISSUER.to_owned(), 200),
        // No document says that this is a name of ours for this purpose.
        (second.to_owned(), 401),
        (format!("{second}/oidc/introspect"), 401),
        ("http://gatepost.internal/oidc/token".to_owned(), 401),
    ]
    .into_iter()
    .enumerate()
    {
        let assertion = signer.signs(&claims(&app, &n.to_string(), &json!({ "aud": aud })));
        assert_eq!(presents(&app, &assertion, &[]).await, expected, "{aud}");
    }
}

#[rocket::async_test]
async fn of_two_nodes_one_takes_an_assertion() {
    let app = setup().start().await;
    let other = setup().beside(&app).start().await;
    let signer = Signer::make(SigningAlg::Es256);
    own_with(&app, Some(signer.set()), None).await;
    for n in 0..8 {
        let assertion = signer.signs(&claims(&app, &n.to_string(), &json!({})));
        let (one, two) = join(presents(&app, &assertion, &[]), presents(&other, &assertion, &[])).await;
        assert_eq!(one.min(two), 200);
        assert_eq!(one.max(two), 401);
    }
}

#[rocket::async_test]
async fn published_keys_are_kept_and_asked_for_again_when_an_unknown_one_signs() {
    let app = setup().start().await;
    let receiver = Receiver::start().await;
    let (first, second) = (Signer::make(SigningAlg::Es256), Signer::make(SigningAlg::Es256));
    let publishes = |body: String| receiver.answers(Says { body, ..Says::status(200) });
    publishes(first.set());
    own_with(&app, None, Some(receiver.url("/jwks.json"))).await;
    let mut n = 0;
    let mut next = |signer: &Signer| {
        n += 1;
        signer.signs(&claims(&app, &n.to_string(), &json!({})))
    };
    assert_eq!(presents(&app, &next(&first), &[]).await, 200);
    assert_eq!(presents(&app, &next(&first), &[]).await, 200);
    assert_eq!(receiver.taken().len(), 1, "the second time from memory");
    publishes(second.set());
    for _ in 0..5 {
        assert_eq!(presents(&app, &next(&second), &[]).await, 401);
    }
    assert!(receiver.taken().is_empty(), "a stranger's tokens do not make us ask without end");
    app.clock.advance(Lifetime::seconds(30));
    assert_eq!(presents(&app, &next(&second), &[]).await, 200);
    assert_eq!(presents(&app, &next(&first), &[]).await, 401, "a withdrawn key");
    receiver.taken();
    // The address does not answer, or answers badly: what is known counts for an hour.
    for says in [Says::status(500), Says::status(302), Says { body: "{}".into(), ..Says::status(200) }] {
        receiver.answers(says);
        app.clock.advance(Lifetime::minutes(11));
        assert_eq!(presents(&app, &next(&second), &[]).await, 200);
        assert_eq!(receiver.taken().len(), 1);
    }
    app.clock.advance(Lifetime::hours(1));
    assert_eq!(presents(&app, &next(&second), &[]).await, 401);
}

/// The app's own authority, a stranger's, and another name.
#[rocket::async_test]
async fn keys_are_fetched_over_tls_only_from_whom_a_named_authority_vouches_for() {
    for (name, is_known, expected) in [("127.0.0.1", true, 200), ("127.0.0.1", false, 401), ("127.0.0.2", true, 401)] {
        let (own, tls) = certificates(name);
        let authority = if is_known { own } else { certificates(name).0 };
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(authority.as_bytes()).unwrap();
        let app = setup().with("GATEPOST_OUTBOUND_CA_FILE", file.path().to_str().unwrap()).start().await;
        let receiver = Receiver::with_tls(tls).await;
        let signer = Signer::make(SigningAlg::Es256);
        receiver.answers(Says { body: signer.set(), ..Says::status(200) });
        own_with(&app, None, Some(receiver.url("/jwks.json"))).await;
        let assertion = signer.signs(&claims(&app, "1", &json!({})));
        assert_eq!(presents(&app, &assertion, &[]).await, expected, "{name}, known: {is_known}");
        assert_eq!(receiver.taken().len(), usize::from(expected == 200), "nothing is said to a stranger");
    }
}

/// White space makes it long, so that it is a good set except for its length.
#[rocket::async_test]
async fn a_published_set_of_more_than_64_kilobytes_is_not_read() {
    let app = setup().start().await;
    let receiver = Receiver::start().await;
    let signer = Signer::make(SigningAlg::Es256);
    own_with(&app, None, Some(receiver.url("/jwks.json"))).await;
    for (n, (kilobytes, expected)) in [(65, 401), (60, 200)].into_iter().enumerate() {
        let body = format!("{}{}", " ".repeat(kilobytes * 1024), signer.set());
        receiver.answers(Says { body, ..Says::status(200) });
        app.clock.advance(Lifetime::minutes(11));
        let assertion = signer.signs(&claims(&app, &n.to_string(), &json!({})));
        assert_eq!(presents(&app, &assertion, &[]).await, expected, "{kilobytes}");
    }
}

#[rocket::async_test]
async fn keys_are_not_fetched_from_where_the_server_may_not_connect() {
    let app = Setup::new().start().await;
    let receiver = Receiver::start().await;
    let signer = Signer::make(SigningAlg::Es256);
    receiver.answers(Says { body: signer.set(), ..Says::status(200) });
    let own = own_with(&app, None, Some(receiver.url("/jwks.json"))).await;
    assert_eq!(presents(&app, &signer.signs(&claims(&app, "1", &json!({}))), &[]).await, 401);
    assert!(receiver.taken().is_empty());
    // A set with a private key has to be replaced, and is not used.
    let mut jwk: Value = serde_json::from_str(&signer.new.jwk).unwrap();
    jwk["d"] = json!("AA");
    let set = json!({ "keys": [jwk] }).to_string();
    app.write(move |connection| db::oidc_reach::set_keys(connection, own.id, Some(&set), None)).await;
    assert_eq!(presents(&app, &signer.signs(&claims(&app, "2", &json!({}))), &[]).await, 401);
}

/// A stranger needs no key for it: any token makes us look.
#[rocket::async_test]
async fn of_many_requests_at_once_one_asks_an_app_for_its_keys() {
    let app = setup().start().await;
    let receiver = Receiver::start().await;
    let (signer, other) = (Signer::make(SigningAlg::Es256), Signer::make(SigningAlg::Es256));
    receiver.answers(Says { body: signer.set(), ..Says::status(200) });
    own_with(&app, None, Some(receiver.url("/jwks.json"))).await;
    let of = |key: &Signer, n: usize| key.signs(&claims(&app, &n.to_string(), &json!({})));
    let (strangers, owns): (Vec<_>, Vec<_>) = (0..6).map(|n| (of(&other, n), of(&signer, n))).unzip();
    let all: Vec<_> = strangers.iter().chain(&owns).map(|assertion| presents(&app, assertion, &[])).collect();
    let answers = rocket::futures::future::join_all(all).await;
    assert_eq!(answers, [[401; 6], [200; 6]].concat(), "no answer to the app is lost in the crowd");
    assert_eq!(receiver.taken().len(), 1);
    // Nothing answers any more: still one request, and its outcome counts for all.
    app.clock.advance(Lifetime::minutes(70));
    receiver.answers(Says::status(500));
    let more: Vec<_> = (10..16).map(|n| of(&other, n)).collect();
    rocket::futures::future::join_all(more.iter().map(|assertion| presents(&app, assertion, &[]))).await;
    assert_eq!(receiver.taken().len(), 1);
}
