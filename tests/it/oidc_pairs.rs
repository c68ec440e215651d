//! OpenID Connect: each wrong part of a request alone, and each two of them together, at every
//! endpoint for programs. An `||` instead of an `&&` would let a pair through.

use crate::{
    harness::TestApp,
    oidc_app::{ANA, CALLBACK, OidcApp, VERIFIER, Wanted, app_with_ana, encode, text},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use gatepost::{
    db,
    domain::{
        Token,
        oidc::client::{ClientRules, Refreshes},
    },
    entropy::SystemEntropy,
};
use rocket::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const FORM: &str = "application/x-www-form-urlencoded";

/// A request as a program sends it.
#[derive(Clone)]
struct Sent {
    path: String,
    kind: &'static str,
    authorization: Vec<String>,
    fields: BTreeMap<&'static str, String>,
    /// After the fields.
    more: &'static str,
}

impl Sent {
    fn new(path: &str, own: &OidcApp, fields: &[(&'static str, &str)]) -> Self {
        let mut all: BTreeMap<_, _> = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        all.insert("client_id", own.client_id.clone());
        all.extend(own.secret.clone().map(|secret| ("client_secret", secret)));
        Self { path: path.to_owned(), kind: FORM, authorization: Vec::new(), fields: all, more: "" }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.fields.insert(name, value.to_owned());
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.fields.remove(name);
        self
    }

    /// Sends it from another network each time, so that no limit is in the way.
    async fn send(&self, app: &TestApp, n: usize) -> (u16, Value) {
        let fields: Vec<_> = self.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = format!("{}{}", encode(&fields), self.more);
        let mut headers = vec![("Content-Type", self.kind)];
        headers.extend(self.authorization.iter().map(|header| ("Authorization", header.as_str())));
        let from = format!("198.18.{}.{}", n / 200, n % 200 + 1);
        let page = app.browser().at(&from).with(&headers).request(Method::Post, &self.path, Some(&body)).await;
        (page.status.code, serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{}", page.body)))
    }
}

type Change = Box<dyn Fn(Sent) -> Sent>;
/// Name of a mistake, the mistake, and what comes of it: the status and the error.
type Row = (&'static str, Change, u16, &'static str);

fn row(name: &'static str, (status, error): (u16, &'static str), change: impl Fn(Sent) -> Sent + 'static) -> Row {
    (name, Box::new(change), status, error)
}

const CLIENT: (u16, &str) = (401, "invalid_client");
const REQUEST: (u16, &str) = (400, "invalid_request");
const GRANT: (u16, &str) = (400, "invalid_grant");

/// Returns mistakes of the client and of the form, at each endpoint.
fn of_clients() -> Vec<Row> {
    let basic = |plain: &str| format!("Basic {}", STANDARD.encode(plain));
    let twice = basic("grafana:x");
    vec![
        row("an unknown client", CLIENT, |sent| sent.with("client_id", "unknown")),
        row("another client's name", CLIENT, |sent| sent.with("client_id", "wiki")),
        row("no client", CLIENT, |sent| sent.without("client_id")),
        row("a wrong secret", CLIENT, |sent| sent.with("client_secret", &Token::issue(&SystemEntropy).reveal())),
        row("no secret", CLIENT, |sent| sent.without("client_secret")),
        row("two ways", CLIENT, move |sent| Sent { authorization: vec![twice.clone()], ..sent }),
        row("an unreadable header", CLIENT, |sent| Sent { authorization: vec!["Bearer x".to_owned()], ..sent }),
        row("half an assertion", CLIENT, |sent| sent.with("client_assertion", "a.b.c")),
        row("a doubled parameter", REQUEST, |sent| Sent { more: "&x=1&x=2", ..sent }),
        row("in the query", REQUEST, |sent| Sent { path: format!("{}?client_id=grafana", sent.path), ..sent }),
        row("no form", REQUEST, |sent| Sent { kind: "application/json", ..sent }),
    ]
}

/// Sends each row alone and each pair. A pair is refused for one of its two.
async fn every_row_and_pair(app: &TestApp, right: &Sent, rows: &[Row]) {
    let mut n = 0;
    let mut send = async |sent: Sent| {
        n += 1;
        let (status, body) = sent.send(app, n).await;
        let given = ["access_token", "device_code", "sub"].iter().any(|name| body.get(name).is_some());
        assert!(!given && body["active"] != json!(true), "{body}");
        (status, body["error"].as_str().unwrap_or_default().to_owned())
    };
    for (at, (name, change, status, error)) in rows.iter().enumerate() {
        let one = send(change(right.clone())).await;
        assert_eq!((one.0, &*one.1), (*status, *error), "{name}");
        for (other, also, other_status, other_error) in rows.iter().take(at) {
            for both in [change(also(right.clone())), also(change(right.clone()))] {
                let (got, said) = send(both).await;
                let is_one = (got, &*said) == (*status, *error) || (got, &*said) == (*other_status, *other_error);
                // Two wrong parts may add up to a third.
                assert!(is_one || (got, &*said) == CLIENT, "{name} and {other}: {got} {said}");
            }
        }
    }
}

#[rocket::async_test]
async fn the_token_endpoint_refuses_each_row_and_each_pair() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let code = own.code(&mut ana, &[]).await;
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let right = Sent::new("/oidc/token", &own, &fields);
    let mut rows = of_clients();
    rows.extend([
        row("no grant type", REQUEST, |sent| sent.without("grant_type")),
        row("another grant type", (400, "unsupported_grant_type"), |sent| sent.with("grant_type", "password")),
        row("no code", REQUEST, |sent| sent.without("code")),
        row("another code", GRANT, |sent| sent.with("code", "x")),
        row("no address", GRANT, |sent| sent.without("redirect_uri")),
        row("another address", GRANT, |sent| sent.with("redirect_uri", "https://app.example.com/other")),
        row("a verifier without a challenge", GRANT, |sent| sent.with("code_verifier", VERIFIER)),
    ]);
    every_row_and_pair(&app, &right, &rows).await;
    assert_eq!(right.send(&app, 9_000).await.0, 200, "none of that used the code up");
}

#[rocket::async_test]
async fn a_refresh_is_refused_for_each_row_and_each_pair() {
    let app = app_with_ana().await;
    let rules = ClientRules { refreshes: Refreshes::Always, ..ClientRules::new(false) };
    let own = Wanted { rules, ..Wanted::default() }.register(&app).await;
    let wiki = Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[]).await;
    let token = text(&tokens, "refresh_token");
    let right = Sent::new("/oidc/token", &own, &[("grant_type", "refresh_token"), ("refresh_token", token)]);
    let mut rows = of_clients();
    let (access, changed) = (text(&tokens, "access_token").to_owned(), format!("{token}A"));
    rows.extend([
        row("no token", REQUEST, |sent| sent.without("refresh_token")),
        row("an access token", GRANT, move |sent| sent.with("refresh_token", &access)),
        row("a changed token", GRANT, move |sent| sent.with("refresh_token", &changed)),
        row("a wider scope", (400, "invalid_scope"), |sent| sent.with("scope", "openid groups")),
        row("an unknown scope", (400, "invalid_scope"), |sent| sent.with("scope", "nothing")),
    ]);
    every_row_and_pair(&app, &right, &rows).await;
    let stolen = Sent::new("/oidc/token", &wiki, &[("grant_type", "refresh_token"), ("refresh_token", token)]);
    let (status, body) = stolen.send(&app, 9_000).await;
    assert_eq!(status, 400, "another client: {body}");
    assert_eq!(right.send(&app, 9_001).await.0, 200, "none of that ended the family");
}

#[rocket::async_test]
async fn the_device_endpoint_refuses_each_row_and_each_pair() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await;
    let right = Sent::new("/oidc/device_authorization", &own, &[("scope", "openid")]);
    let (status, body) = right.send(&app, 9_000).await;
    assert_eq!((status, text(&body, "error")), (400, "unauthorized_client"));
    let id = own.id;
    app.write(move |connection| db::oidc_devices::allow(connection, id, true)).await;
    every_row_and_pair(&app, &right, &of_clients()).await;
    let (status, body) = right.send(&app, 9_001).await;
    assert_eq!(status, 200, "{body}");
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let code = text(&body, "device_code");
    let polls = Sent::new("/oidc/token", &own, &[("grant_type", grant), ("device_code", code)]);
    let mut rows = of_clients();
    rows.extend([
        row("no device code", REQUEST, |sent| sent.without("device_code")),
        row("another device code", GRANT, |sent| sent.with("device_code", "x")),
        row("another grant type", (400, "unsupported_grant_type"), |sent| sent.with("grant_type", "device_code")),
    ]);
    every_row_and_pair(&app, &polls, &rows).await;
    assert_eq!(text(&polls.send(&app, 9_002).await.1, "error"), "authorization_pending", "none of that answered it");
}

#[rocket::async_test]
async fn revocation_ends_nothing_of_another_app_or_for_a_client_that_is_not_who_it_says() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let wiki = Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[("scope", "openid offline_access")]).await;
    let others = wiki.tokens(&mut ana, &[("scope", "openid offline_access")]).await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let right = Sent::new("/oidc/revoke", &own, &[("token", access)]);
    let mut rows = of_clients();
    rows.push(row("no token", REQUEST, |sent| sent.without("token")));
    every_row_and_pair(&app, &right, &rows).await;
    let mut n = 9_000;
    for token in [text(&others, "access_token"), text(&others, "refresh_token"), "x", text(&tokens, "id_token")] {
        for hint in ["access_token", "refresh_token", "nothing"] {
            n += 1;
            let sent = right.clone().with("token", token).with("token_type_hint", hint);
            assert_eq!(sent.send(&app, n).await.0, 200, "{hint}");
        }
    }
    for token in [access, text(&others, "access_token")] {
        assert_eq!(crate::oidc_app::userinfo(&app, token).await.0, 200, "nothing has ended");
    }
    // By the wrong hint, too: first the token itself, then its family.
    assert_eq!(right.clone().with("token_type_hint", "refresh_token").send(&app, 9_100).await.0, 200);
    assert_eq!(crate::oidc_app::userinfo(&app, access).await.0, 401);
    let (status, renewed) = own.refresh(&app, refresh, &[]).await;
    assert_eq!(status, 200, "{renewed}");
    let last = right.with("token", text(&renewed, "refresh_token")).with("token_type_hint", "access_token");
    assert_eq!(last.send(&app, 9_101).await.0, 200);
    assert_eq!(crate::oidc_app::userinfo(&app, text(&renewed, "access_token")).await.0, 401);
}

/// It has no secret. Any holder of the token may end it, and no other one.
#[rocket::async_test]
async fn a_public_client_gives_back_its_own_tokens_and_no_others() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let phone = Wanted::public().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let scope = [("scope", "openid offline_access")];
    let (others, tokens) = (own.tokens(&mut ana, &scope).await, phone.tokens(&mut ana, &scope).await);
    for token in ["access_token", "refresh_token"] {
        assert_eq!(phone.post(&app, "/oidc/revoke", &[("token", text(&others, token))]).await.0, 200);
    }
    let foreign = crate::oidc_app::userinfo(&app, text(&others, "access_token")).await.0;
    assert_eq!(foreign, 200, "another client's");
    assert_eq!(phone.post(&app, "/oidc/revoke", &[("token", text(&tokens, "access_token"))]).await.0, 200);
    assert_eq!(crate::oidc_app::userinfo(&app, text(&tokens, "access_token")).await.0, 401);
    let (status, renewed) = phone.refresh(&app, text(&tokens, "refresh_token"), &[]).await;
    assert_eq!(status, 200, "{renewed}");
    assert_eq!(phone.post(&app, "/oidc/revoke", &[("token", text(&renewed, "refresh_token"))]).await.0, 200);
    assert_eq!(phone.refresh(&app, text(&renewed, "refresh_token"), &[]).await.0, 400);
    assert_eq!(own.refresh(&app, text(&others, "refresh_token"), &[]).await.0, 200);
}

#[rocket::async_test]
async fn introspection_tells_of_an_app_s_own_access_tokens_alone() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let wiki = Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await;
    let phone = Wanted::public().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let scope = [("scope", "openid offline_access")];
    let (tokens, others) = (own.tokens(&mut ana, &scope).await, wiki.tokens(&mut ana, &scope).await);
    let right = Sent::new("/oidc/introspect", &own, &[("token", text(&tokens, "access_token"))]);
    let mut rows = of_clients();
    rows.push(row("no token", REQUEST, |sent| sent.without("token")));
    every_row_and_pair(&app, &right, &rows).await;
    let public = Sent::new("/oidc/introspect", &phone, &[("token", "x")]);
    assert_eq!(public.send(&app, 9_000).await.0, 401, "a client without a secret");
    let foreign = [text(&others, "access_token"), text(&others, "refresh_token"), "x", ""];
    let own_others = [text(&tokens, "refresh_token"), text(&tokens, "id_token")];
    for (n, token) in foreign.into_iter().chain(own_others).enumerate() {
        let (status, body) = right.clone().with("token", token).send(&app, 9_001 + n).await;
        let expected = if token.is_empty() { 400 } else { 200 };
        assert_eq!(status, expected, "{body}");
        assert!(token.is_empty() || body == json!({ "active": false }), "nothing more: {body}");
    }
    assert_eq!(right.send(&app, 9_100).await.1["active"], json!(true));
    let page = app.browser().get(&format!("/oidc/introspect?token={}", text(&tokens, "access_token"))).await;
    page.assert_status(405);
    assert!(!page.body.contains("active"), "{}", page.body);
}
