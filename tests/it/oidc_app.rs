//! An app that speaks OpenID Connect, as far as HTTP goes: registers, sends browsers, redeems
//! codes.

use crate::{
    browser::{Browser, Page},
    harness::{Setup, TestApp, address},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use diesel::connection::SimpleConnection;
use gatepost::{
    db::{
        self, DbConnection, Tx,
        oidc_clients::{Client, SecretId},
    },
    domain::{
        AccountId, Lifetime, Token,
        apps::{
            Access, App, AppId, AppName, AppSlug, Registered,
            registered::{AppOrigin, Look},
        },
        assurance::{Required, Strength},
        audit::Actor,
        oidc::{ClaimScopes, ClientId, Grant, GrantId, RedirectUri, Scopes, client::ClientRules},
    },
    entropy::SystemEntropy,
    rotation,
    signing::{self, PublicKey, TokenKind},
};
use rocket::http::Method;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, mpsc},
};

pub const CALLBACK: &str = "https://app.example.com/callback";
pub const SIGNED_OUT: &str = "https://app.example.com/bye";
/// RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub const ANA: &str = "ana@example.com";

/// A server where Ana has an account. The limits on emails are not what these tests look at.
pub async fn app_with_ana() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app
}

pub struct OidcApp {
    pub id: AppId,
    pub client_id: String,
    /// `None` for a public client.
    pub secret: Option<String>,
}

/// Differences of a test's app from the default.
pub struct Wanted {
    pub slug: &'static str,
    pub name: &'static str,
    pub rules: ClientRules,
    pub required: Required,
    pub access: Access,
    pub uris: Vec<&'static str>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            slug: "grafana",
            name: "Grafana",
            rules: ClientRules::new(false),
            required: Required { strength: Strength::One, fresh_within: None },
            access: Access { everyone: true, ..Access::default() },
            uris: vec![CALLBACK],
        }
    }
}

impl Wanted {
    pub fn public() -> Self {
        Self { slug: "phone", rules: ClientRules::new(true), ..Self::default() }
    }

    /// Registers the app, and makes the keys that sign its tokens.
    pub async fn register(self, app: &TestApp) -> OidcApp {
        rotation::keep_up(&app.services).await.unwrap();
        self.store(app).await
    }

    async fn store(self, app: &TestApp) -> OidcApp {
        let id = AppId::issue(&SystemEntropy);
        let registered = Registered {
            app: App {
                id,
                slug: AppSlug::parse(self.slug).unwrap(),
                name: AppName::parse(self.name).unwrap(),
                requires: self.required,
                access: self.access,
                is_disabled: false,
            },
            hosts: Vec::new(),
            public_paths: Vec::new(),
            look: Look::default(),
            preflights: false,
            popup: false,
        };
        let client = Client {
            app: id,
            id: ClientId::parse(self.slug).unwrap(),
            sign_in_uris: self.uris.iter().map(|uri| RedirectUri::parse(uri).unwrap()).collect(),
            sign_out_uris: vec![RedirectUri::parse(SIGNED_OUT).unwrap()],
            rules: self.rules,
            preset: None,
        };
        let secret = (!client.rules.is_public).then(|| Token::issue(&SystemEntropy));
        let hash = secret.as_ref().map(Token::hash);
        app.transact(move |tx| {
            db::apps::insert(tx.connection, &registered, AppOrigin::CommandLine, tx.now)?;
            db::oidc_clients::insert(tx.connection, &client)?;
            if let Some(hash) = &hash {
                db::oidc_clients::add_secret(tx.connection, (SecretId::issue(tx.entropy), id), (hash, ""), tx.now)?;
            }
            Ok(())
        })
        .await;
        OidcApp { id, client_id: self.slug.to_owned(), secret: secret.map(|secret| secret.reveal()) }
    }
}

/// Registers an app of others, and returns a request of it that waits for the user's consent. A
/// question follows, so that the browser stays here.
pub async fn waits_for_consent(app: &TestApp) -> String {
    let rules = ClientRules { is_third_party: true, ..ClientRules::new(false) };
    let own = Wanted { slug: "wiki", rules, ..Wanted::default() }.store(app).await;
    let path = own.path(&[("prompt", "select_account")]);
    URL_SAFE_NO_PAD.encode(path.split_once('?').unwrap().1)
}

/// Gives an app a sign-in of this account that outlasts its session. Returns its id.
pub async fn gives_for_ever(app: &TestApp, slug: &'static str, account: AccountId) -> String {
    let slug = AppSlug::parse(slug).unwrap();
    app.transact(move |tx| {
        let id = GrantId::issue(tx.entropy);
        let grant = Grant {
            id,
            app: db::apps::find_by_slug(tx.connection, &slug)?.unwrap().app.id,
            account,
            session: None,
            scopes: Scopes::parse("openid offline_access"),
            claims: ClaimScopes::default(),
            auth_time: tx.now,
            acr: "urn:gatepost:one".to_owned(),
            amr: "email".to_owned(),
            strength: Strength::One,
            is_offline: true,
            generation: 0,
            refreshed_at: tx.now,
            created_at: tx.now,
            ends_at: tx.now.plus(Lifetime::days(30)),
            ended_at: None,
        };
        assert!(db::oidc_grants::insert(tx.connection, &grant, id.to_string().as_bytes())?);
        Ok(id.to_string())
    })
    .await
}

/// Starts a device that asks for a signed-in user. Returns its code, and the ticket with which they
/// answer.
pub async fn waits_for_answer(app: &TestApp, browser: &mut Browser<'_>) -> (String, String) {
    let own = Wanted { slug: "television", ..Wanted::default() }.store(app).await;
    let id = own.id;
    app.write(move |connection| db::oidc_devices::allow(connection, id, true)).await;
    let (status, body) = own.post(app, "/oidc/device_authorization", &[("scope", "openid")]).await;
    assert_eq!(status, 200, "{body}");
    let code = text(&body, "user_code").to_owned();
    let page = browser.post_only("/device", &[("code", &code)]).await;
    (code, page.location().unwrap().split_once("ticket=").unwrap().1.to_owned())
}

pub fn encode(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Returns the parameters with which a browser comes to the app, by a redirect or by our page.
#[track_caller]
pub fn comes_back(page: &Page) -> BTreeMap<String, String> {
    let to = match page.location() {
        Some(to) => to.to_owned(),
        None => {
            let rest = page.body.split("content=\"0; url=").nth(1);
            let rest = rest.unwrap_or_else(|| panic!("{}: leads to no app: {}", page.status, page.text()));
            rest.split('"').next().unwrap().replace("&#38;", "&")
        }
    };
    let url = url::Url::parse(&to).unwrap_or_else(|_| panic!("{to} is no app's"));
    assert!(to.starts_with(CALLBACK) || !to.starts_with("https://app."), "{to}");
    url.query_pairs().into_owned().collect()
}

impl OidcApp {
    /// Returns the path to which the app sends a browser. A later value wins; an empty one leaves
    /// the parameter out.
    pub fn path(&self, more: &[(&str, &str)]) -> String {
        let mut all = BTreeMap::from([
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid profile email"),
            ("state", "a state/+&"),
            ("nonce", "n-0S6_WzA2Mj"),
        ]);
        if self.secret.is_none() {
            all.extend([("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]);
        }
        all.extend(more.iter().copied());
        let pairs: Vec<_> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        format!("/oidc/authorize?{}", encode(&pairs))
    }

    /// Sends a signed-in browser, and returns the code with which it comes back.
    pub async fn code(&self, browser: &mut Browser<'_>, more: &[(&str, &str)]) -> String {
        let page = browser.get(&self.path(more)).await;
        let back = comes_back(&page);
        back.get("code").unwrap_or_else(|| panic!("no code: {back:?}")).clone()
    }

    fn basic(&self) -> String {
        let plain = format!("{}:{}", self.client_id, self.secret.as_deref().unwrap_or_default());
        format!("Basic {}", STANDARD.encode(plain))
    }

    /// Sends a form from the app's server, by Basic authentication or as a public client.
    pub async fn post(&self, app: &TestApp, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        let mut fields = fields.to_vec();
        let header = self.basic();
        let mut headers = vec![("Content-Type", "application/x-www-form-urlencoded")];
        match self.secret {
            Some(_) => headers.push(("Authorization", &header)),
            None => fields.push(("client_id", &self.client_id)),
        }
        let page = app.browser().with(&headers).request(Method::Post, path, Some(&encode(&fields))).await;
        assert_eq!(page.header("Cache-Control"), Some("no-store"), "{path}");
        let body = serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{path}: {}", page.body));
        (page.status.code, body)
    }

    /// Redeems a code. A later field wins; an empty one is left out.
    pub async fn redeem(&self, app: &TestApp, code: &str, more: &[(&str, &str)]) -> (u16, Value) {
        let mut all =
            BTreeMap::from([("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)]);
        if self.secret.is_none() {
            all.insert("code_verifier", VERIFIER);
        }
        all.extend(more.iter().copied());
        let fields: Vec<_> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        self.post(app, "/oidc/token", &fields).await
    }

    /// Signs a signed-in browser in to the app, and returns the tokens.
    pub async fn tokens(&self, browser: &mut Browser<'_>, more: &[(&str, &str)]) -> Value {
        let code = self.code(browser, more).await;
        let (status, body) = self.redeem(browser.app, &code, &[]).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub async fn refresh(&self, app: &TestApp, token: &str, more: &[(&str, &str)]) -> (u16, Value) {
        let fields = [&[("grant_type", "refresh_token"), ("refresh_token", token)], more].concat();
        self.post(app, "/oidc/token", &fields).await
    }
}

/// Waits until another transaction needs a lock that this one has, but not forever. SQLite has one
/// writer anyway.
const UNTIL_ANOTHER_WAITS: &str = "DO $$ BEGIN FOR n IN 1..2000 LOOP \
     EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))); \
     PERFORM pg_sleep(0.005); END LOOP; END $$";

/// Makes a change in a transaction that has Ana's lock, while a request waits for it. Returns the
/// request's result.
pub async fn while_it_waits<T>(
    app: &TestApp,
    change: impl Fn(&mut Tx<'_>) -> Result<(), db::Error> + Send + 'static,
    request: impl Future<Output = T>,
) -> T {
    let services = Arc::clone(&app.services);
    let (begun, has_begun) = mpsc::channel();
    let changing = tokio::spawn(async move {
        let work = move |tx: &mut Tx<'_>| {
            tx.lock(&address(ANA))?;
            change(tx)?;
            let _ = begun.send(());
            if matches!(tx.connection, DbConnection::Postgres(_)) {
                tx.connection.batch_execute(UNTIL_ANOTHER_WAITS)?;
            }
            Ok(())
        };
        services.transact(Actor::Gatepost, work).await.unwrap();
    });
    tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
    let done = request.await;
    changing.await.unwrap();
    done
}

/// Sets what an app requires of its users' sign-ins.
pub fn set_strength(tx: &mut Tx<'_>, app: AppId, strength: Strength) -> Result<(), db::Error> {
    let mut changed = db::apps::find(tx.connection, app)?.unwrap();
    changed.app.requires = Required { strength, fresh_within: None };
    db::apps::update(tx.connection, &changed, tx.now)
}

/// Asks for userinfo with an access token.
pub async fn userinfo(app: &TestApp, token: &str) -> (u16, Value) {
    let bearer = format!("Bearer {token}");
    let page = app.browser().with(&[("Authorization", &bearer)]).request(Method::Get, "/oidc/userinfo", None).await;
    (page.status.code, serde_json::from_str(&page.body).unwrap())
}

/// Returns the public keys as apps read them.
pub async fn keys(app: &TestApp) -> Vec<PublicKey> {
    let page = app.browser().get("/oidc/jwks.json").await;
    page.assert_status(200);
    let set: Value = serde_json::from_str(&page.body).unwrap();
    let key = |jwk: &Value| PublicKey {
        alg: jwk["alg"].as_str().unwrap().parse().unwrap(),
        kid: jwk["kid"].as_str().unwrap().to_owned(),
        jwk: jwk.to_string(),
    };
    set["keys"].as_array().unwrap().iter().map(key).collect()
}

/// Returns the claims of a genuine ID token.
pub async fn claims(app: &TestApp, tokens: &Value) -> Value {
    let token = tokens["id_token"].as_str().unwrap_or_else(|| panic!("no ID token: {tokens}"));
    signing::verify(token, TokenKind::IdToken, &keys(app).await).expect("a genuine ID token")
}

/// Returns the header of a token.
pub fn header(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap()
}

pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name}: {value}"))
}
