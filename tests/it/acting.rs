//! Tries which user may change what, route by route. Every route that writes has a cell in the
//! table below, and one without a cell fails a test.
//!
//! The transaction that makes a change checks what the user may do. An ended session, a disabled
//! account, a demoted admin and an old proof therefore count at once, on every node. No test here
//! turns the clock in between.

use crate::{
    acting_bystander,
    authenticator::Authenticator,
    browser::{Browser, Page},
    database::add_passkey,
    harness::{Setup, TestApp},
    passkey_pages::{adds_a_passkey, asks, authenticator, sends},
    redirects::is_no_page,
    totp::{Phone, sets_up_an_app},
};
use diesel::connection::SimpleConnection;
use gatepost::{
    apps, db,
    domain::{
        Account, BrowserLabel, Clock, Lifetime, Proof, Session, Timestamp, Token, TokenHash, TrustedDeviceId,
        apps::{AllowedPerson, AppId, AppSlug, asking, registered::AppOrigin},
        group::GroupName,
        recovery::AskedBy,
        trusted_device::TrustedDevice,
    },
    people,
};
use rocket::http::Method;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const CARL: &str = "carl@example.com";
const DAN: &str = "dan@example.com";
const EVE: &str = "eve@example.com";
const PASSWORD: &str = "correct horse battery staple";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\x03\x01\x01\0\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82";

/// Requirement of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing that a session gives: a typed address, an opened link, a sign-in that waits.
    NoUser,
    SignedIn,
    Fresh,
    FreshAdmin,
}
use Takes::{Fresh, FreshAdmin, NoUser, SignedIn};

/// Things that the acting user has beside a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Has {
    Password,
    /// An app, a passkey, recovery codes, a remembered browser.
    Factors,
}
use Has::{Factors, Password};

pub enum Body {
    Form(&'static [(&'static str, &'static str)]),
    /// The authenticator's answer to the options of this path.
    Passkey(&'static str),
    Json(&'static str),
    Logo,
}
use Body::{Form, Json, Logo};

/// A route, and a request that it accepts. `{…}` is replaced by what the acting user has, or by the
/// user on whom an admin acts.
pub struct Cell(pub &'static str, pub Takes, pub Has, pub Body);

/// Leads to a download, and so changes nothing (`pressed.rs`).
const DOWNLOAD: &str = "/account/data";

pub const ACTED: &[Cell] = &[
    Cell("/logout", SignedIn, Password, Form(&[])),
    Cell("/account/name", SignedIn, Password, Form(&[("name", "Ana")])),
    Cell("/account/username", Fresh, Password, Form(&[("handle", "lima"), ("confirmed", "lima")])),
    Cell("/account/language", SignedIn, Password, Form(&[("language", "de")])),
    Cell("/account/time-zone", SignedIn, Password, Form(&[("time_zone", "Europe/Berlin")])),
    Cell("/account/address", Fresh, Password, Form(&[("new_email", "new@example.com")])),
    Cell("/account/sessions/revoke", SignedIn, Password, Form(&[("session", "{session}")])),
    Cell("/account/sessions/revoke-others", SignedIn, Password, Form(&[])),
    Cell("/account/apps/devices/{grant}/end", SignedIn, Password, Form(&[])),
    Cell("/account/apps/{client}/end", SignedIn, Password, Form(&[])),
    Cell(DOWNLOAD, Fresh, Password, Form(&[])),
    Cell("/account/close", Fresh, Password, Form(&[("sure", "yes")])),
    Cell("/account/password", Fresh, Password, Form(&[("new_password", "another horse battery staple")])),
    Cell("/account/password/remove", Fresh, Password, Form(&[])),
    Cell("/account/totp", Fresh, Password, Form(&[])),
    Cell("/account/totp/{begun}", Fresh, Factors, Form(&[("code", "{first-code}"), ("name", "Second")])),
    Cell("/account/totp/{app}/remove", Fresh, Factors, Form(&[])),
    Cell("/account/recovery-codes", Fresh, Factors, Form(&[])),
    Cell("/account/recovery-codes/replace", Fresh, Factors, Form(&[])),
    Cell("/account/recovery-codes/remove", Fresh, Factors, Form(&[])),
    Cell("/account/recovery/cancel", Fresh, Factors, Form(&[])),
    Cell("/account/security/forget", SignedIn, Factors, Form(&[("device", "{device}")])),
    Cell("/account/security/forget-all", SignedIn, Factors, Form(&[])),
    Cell("/account/passkeys/options", Fresh, Password, Json(r#"{"name":"Key"}"#)),
    // Freshness is checked when the challenge is made, for the same session and five minutes.
    Cell("/account/passkeys", SignedIn, Password, Body::Passkey("/account/passkeys")),
    Cell("/account/passkeys/offer", SignedIn, Password, Form(&[("answer", "later")])),
    Cell("/account/passkeys/{passkey}/rename", SignedIn, Factors, Form(&[("name", "Other")])),
    Cell("/account/passkeys/{passkey}/remove", Fresh, Factors, Form(&[])),
    Cell("/step-up", SignedIn, Password, Form(&[("then", "/account")])),
    Cell("/step-up/password", SignedIn, Password, Form(&[("password", PASSWORD)])),
    Cell("/step-up/second-factor", SignedIn, Factors, Form(&[("code", "{code}")])),
    Cell("/step-up/passkey/options", SignedIn, Factors, Json("{}")),
    Cell("/step-up/passkey", SignedIn, Factors, Body::Passkey("/step-up/passkey")),
    Cell("/admin/settings", FreshAdmin, Password, Form(&[("email_link_enabled", "on"), ("product_name", "Acme")])),
    Cell("/admin/settings/logo", FreshAdmin, Password, Logo),
    Cell("/admin/settings/logo/remove", FreshAdmin, Password, Form(&[])),
    Cell("/admin/settings/logo/dark", FreshAdmin, Password, Logo),
    Cell("/admin/settings/logo/dark/remove", FreshAdmin, Password, Form(&[])),
    Cell("/admin/people", FreshAdmin, Password, Form(&[("email", "new@example.com"), ("is_admin", "on")])),
    Cell("/admin/people/invitations", FreshAdmin, Password, Form(&[("emails", "new@example.com\nnewer@example.com")])),
    Cell("/admin/people/{ben}/invitation/send", FreshAdmin, Password, Form(&[])),
    Cell("/admin/people/{fay}/invitation/withdraw", FreshAdmin, Password, Form(&[])),
    Cell("/admin/people/several", FreshAdmin, Password, Form(&[("deed", "disable"), ("users", "{ben} {carl}")])),
    Cell("/admin/people/{ben}/disable", FreshAdmin, Password, Form(&[])),
    Cell("/admin/people/{dan}/enable", FreshAdmin, Password, Form(&[])),
    Cell("/admin/people/{ben}/make-admin", FreshAdmin, Password, Form(&[])),
    Cell("/admin/people/{eve}/remove-admin", FreshAdmin, Password, Form(&[])),
    Cell("/admin/people/{ben}/sign-out", FreshAdmin, Password, Form(&[])),
    Cell("/admin/people/{ben}/recovery/start", FreshAdmin, Password, Form(&[])),
    Cell("/admin/people/{carl}/recovery/cancel", FreshAdmin, Password, Form(&[])),
    Cell("/admin/people/{ben}/end/save", FreshAdmin, Password, Form(&[("ends_on", "2031-03-31")])),
    Cell("/admin/people/{ben}/username/save", FreshAdmin, Password, Form(&[("handle", "benjamin")])),
    Cell("/admin/groups", FreshAdmin, Password, Form(&[("name", "friends")])),
    Cell("/admin/groups/{group}", FreshAdmin, Password, Form(&[("email", CARL)])),
    Cell("/admin/groups/{group}/leave", FreshAdmin, Password, Form(&[("account", "{ben}")])),
    Cell("/admin/groups/{group}/remove", FreshAdmin, Password, Form(&[])),
    Cell(
        "/admin/new-app",
        FreshAdmin,
        Password,
        Form(&[("name", "Notes"), ("hosts", "notes.example.com"), ("who", "everyone")]),
    ),
    Cell("/admin/apps/{wiki}/change", FreshAdmin, Password, Form(&[("name", "Our wiki"), ("who", "no-one")])),
    Cell("/admin/apps/{wiki}/icon", FreshAdmin, Password, Logo),
    Cell("/admin/apps/{wiki}/icon/remove", FreshAdmin, Password, Form(&[])),
    Cell(
        "/admin/apps/{wiki}/openid",
        FreshAdmin,
        Password,
        Form(&[("preset", "other"), ("redirect_uris", "https://garden.example.com/callback")]),
    ),
    Cell(
        "/admin/apps/{client}/openid/change",
        FreshAdmin,
        Password,
        Form(&[("redirect_uris", "https://app.example.com/callback"), ("groups_claim", "roles")]),
    ),
    Cell(
        "/admin/apps/{client}/openid/add-uri",
        FreshAdmin,
        Password,
        Form(&[("uri", "https://app.example.com/callback/")]),
    ),
    Cell(
        "/admin/apps/{client}/openid/keys",
        FreshAdmin,
        Password,
        Form(&[("jwks", ""), ("jwks_uri", "https://app.example.com/keys"), ("confirm", "yes")]),
    ),
    Cell("/admin/apps/{client}/openid/secret", FreshAdmin, Password, Form(&[])),
    Cell(
        "/admin/apps/{client}/openid/built-in",
        FreshAdmin,
        Password,
        Form(&[("client_id", "{client}"), ("client_secret", "UBntmLjC2yYCeHwsyj73Uwo9TAaecAetRwMw0xYc")]),
    ),
    Cell("/admin/apps/{client}/openid/end-secret", FreshAdmin, Password, Form(&[])),
    Cell("/admin/apps/{wiki}/remove", FreshAdmin, Password, Form(&[])),
    Cell("/account/apps/sign-out", SignedIn, Password, Form(&[("app", "{garden}")])),
    Cell("/apps/again", SignedIn, Password, Form(&[("app", "{wiki}"), ("return_to", "/account")])),
    Cell("/apps/ask", SignedIn, Password, Form(&[("app", "{wiki}")])),
    Cell("/admin/apps/{wiki}/people", FreshAdmin, Password, Form(&[("email", CARL), ("until", "{day}")])),
    Cell("/admin/apps/{wiki}/people/{ben}/remove", FreshAdmin, Password, Form(&[])),
    Cell("/admin/asks/{ask}/yes", FreshAdmin, Password, Form(&[])),
    Cell("/admin/asks/{ask}/until", FreshAdmin, Password, Form(&[("until", "{day}")])),
    Cell("/admin/asks/{ask}/no", FreshAdmin, Password, Form(&[])),
    Cell("/admin/mail/code-first", FreshAdmin, Password, Form(&[("domain", "acme.example"), ("first", "yes")])),
    Cell("/admin/mail/test", FreshAdmin, Password, Form(&[])),
    Cell("/admin/mail/arrived", FreshAdmin, Password, Form(&[])),
    Cell("/admin/mail/{mail}/retry", FreshAdmin, Password, Form(&[])),
    Cell(
        "/oidc/consent",
        SignedIn,
        Password,
        Form(&[("resume", "{consent}"), ("account", "{ana}"), ("answer", "yes")]),
    ),
    Cell("/device", SignedIn, Password, Form(&[("code", "{code-of-device}")])),
    Cell("/device/decide", Fresh, Password, Form(&[("ticket", "{ticket}"), ("answer", "yes")])),
    Cell("/oidc/logout/confirm", SignedIn, Password, Form(&[("resume", "")])),
];

/// Routes that work without a session. Some still act for a signed-in user. They redeem a link that
/// steps up or moves an account, or undo a move. Others redeem the code of a step-up, or send
/// another email for it. Their cells are in `acting_strangers` and `undo_addresses`.
const STRANGERS: &[&str] = &[
    "/auth/again",
    "/auth/cancel",
    "/auth/invitation",
    "/auth/invitation/opened",
    "/auth/new-browser",
    "/auth/recovery",
    "/auth/reset",
    "/auth/undo",
    "/auth/verify",
    "/dev/mailbox/clear",
    "/login",
    "/login/code",
    "/login/forget",
    "/login/other-address",
    "/login/passkey",
    "/login/passkey/options",
    "/login/password",
    "/login/resend",
    "/login/second-factor",
    "/login/second-factor/lost",
    "/login/second-factor/passkey",
    "/login/second-factor/passkey/options",
    // Programs send these: no cookie counts.
    "/oidc/authorize",
    "/oidc/device_authorization",
    "/oidc/introspect",
    "/oidc/logout",
    "/oidc/revoke",
    "/oidc/token",
    "/oidc/userinfo",
    "/password/forgot",
    "/setup",
];

/// Returns a path without the values of its dynamic segments.
pub fn shape(path: &str) -> String {
    let deeds = ["disable", "enable", "make-admin", "remove-admin", "sign-out"];
    let part = |part: &str| match part {
        part if part.starts_with(['<', '{']) || deeds.contains(&part) => "*".to_owned(),
        part => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[rocket::async_test]
async fn every_route_that_writes_has_a_cell() {
    let app = TestApp::new().await;
    let looks = [Method::Get, Method::Head, Method::Options];
    let routes: BTreeSet<_> = app
        .client
        .rocket()
        .routes()
        .filter(|route| !looks.contains(&route.method))
        .map(|r| shape(r.uri.path()))
        .collect();
    let cells = ACTED.iter().map(|cell| cell.0).chain(STRANGERS.iter().copied());
    assert_eq!(routes, cells.map(shape).collect());
    assert!(ACTED.iter().all(|cell| cell.1 != NoUser));
}

/// A Gatepost with users. Ana is signed in as an admin with a fresh proof.
pub struct Scene {
    pub app: TestApp,
    /// Her cookies.
    cookies: BTreeMap<String, String>,
    filled: BTreeMap<&'static str, String>,
    phone: Option<Phone>,
    first: Option<Phone>,
    key: Option<crate::authenticator::Key>,
}

impl Scene {
    pub async fn new(has: Has) -> Self {
        let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
        app.set("password_enabled", "on").await;
        let mut filled = BTreeMap::new();
        for (name, email, is_admin) in [("ana", ANA, true), ("eve", EVE, true)] {
            filled.insert(
                name,
                if is_admin { app.add_admin(email).await } else { app.add_account(email).await }.id.to_string(),
            );
        }
        for (name, email) in [("ben", BEN), ("carl", CARL), ("dan", DAN)] {
            filled.insert(name, app.add_account(email).await.id.to_string());
        }
        let (ana, fay) = (account(&app, ANA).await, crate::harness::address("fay@example.com"));
        let fay = app
            .transact(move |tx| people::invite(tx, &fay, &ana, people::Invitee::User { ends_at: None }))
            .await
            .account();
        filled.insert("fay", fay.id.to_string());
        filled.insert("ana", account(&app, ANA).await.id.to_string());
        filled.insert("consent", crate::oidc_app::waits_for_consent(&app).await);
        let (ben, carl, dan) = (account(&app, BEN).await, account(&app, CARL).await, account(&app, DAN).await);
        app.transact(move |tx| {
            add_passkey(tx.connection, 901, ben.id)?;
            add_passkey(tx.connection, 902, carl.id)?;
            people::begin_recovery(tx, &carl, AskedBy::Admin)?;
            db::accounts::set_disabled(tx.connection, dan.id, Some(tx.now))
        })
        .await;
        filled.insert("group", add_app_and_group(&app, account(&app, BEN).await).await);
        filled.insert("wiki", "garden".to_owned());
        filled.insert("client", "wiki".to_owned());
        filled.insert("garden", AppId::from_i64(77).to_string());
        filled.insert("ask", asks_for_the_garden(&app, account(&app, CARL).await).await);
        filled.insert("day", asking::day(app.services.now().plus(Lifetime::days(30))));
        // A secret that was replaced and still counts.
        let slug = gatepost::domain::apps::AppSlug::parse("wiki").unwrap();
        app.transact(move |tx| apps::new_secret(tx, &slug, Lifetime::hours(24)).map(drop)).await;
        let mut ana = app.signed_in(ANA).await;
        let (mut phone, mut first, mut key) = (None, None, None);
        match has {
            Password => {
                ana.post("/account/password", &[("new_password", PASSWORD)]).await.assert_status(303);
            }
            Factors => {
                phone = Some(sets_up_an_app(&mut ana).await);
                key = Some(adds_a_passkey(&mut ana).await);
                ana.post("/account/recovery-codes", &[]).await.assert_leads_to("/account/recovery-codes/made");
                let begun = ana.post("/account/totp", &[]).await.location().unwrap().to_owned();
                first = Some(Phone::reading(&ana.get(&begun).await));
                filled.insert("begun", begun.rsplit('/').next().unwrap().to_owned());
            }
        }
        let (code, ticket) = crate::oidc_app::waits_for_answer(&app, &mut ana).await;
        filled.extend([("code-of-device", code), ("ticket", ticket)]);
        let cookies = ana.cookies.clone();
        let session = session_of(&app, &cookies).await.session.id;
        app.write(move |connection| {
            db::apps::leave(connection, session, AppId::from_i64(77), Timestamp::from_millis(1))
        })
        .await;
        app.deliver().await;
        let other = session_of(&app, &sign_in_beside(&app, has, key.as_mut()).await).await.session.id.to_string();
        filled.insert("session", other);
        let mut scene = Self { app, cookies, filled, phone, first, key };
        scene.add_rows(has).await;
        scene
    }

    /// Adds rows that no page makes so quickly.
    async fn add_rows(&mut self, has: Has) {
        let ana = account(&self.app, ANA).await;
        let id = ana.id;
        let grant = crate::oidc_app::gives_for_ever(&self.app, "wiki", id).await;
        self.filled.insert("grant", grant);
        let session = session_of(&self.app, &self.cookies).await.session.id;
        let (app, passkey, device) = self
            .app
            .transact(move |tx| {
                let device = TrustedDevice {
                    id: TrustedDeviceId::issue(tx.entropy),
                    account_id: id,
                    browser: BrowserLabel::from_user_agent("Firefox"),
                    client: None,
                    trusted_at: tx.now,
                    last_used_at: tx.now,
                };
                if has == Factors {
                    people::begin_recovery(tx, &ana, AskedBy::Admin)?;
                    // Without it, she could not cancel the recovery.
                    let proof = Proof { method: gatepost::domain::Method::EmailLink, at: tx.now };
                    db::sessions::note_proof(tx.connection, session, proof)?;
                    db::trusted_devices::insert(tx.connection, &device, &Token::issue(tx.entropy).hash())?;
                }
                let apps = db::totp::of_account(tx.connection, id)?;
                let app =
                    apps.into_iter().find(|(app, _)| app.confirmed_at.is_some()).map(|(app, _)| app.id.to_string());
                let passkey = db::passkeys::of_account(tx.connection, id)?.pop().map(|passkey| passkey.id.to_string());
                tx.connection.batch_execute(
                    "UPDATE outbox SET state = 'dead', settled_at = due_at WHERE kind = 'recovery_begun'",
                )?;
                Ok((app, passkey, device.id.to_string()))
            })
            .await;
        self.filled.extend([
            ("app", app.unwrap_or_default()),
            ("passkey", passkey.unwrap_or_default()),
            ("device", device),
        ]);
        let dead = [gatepost::domain::mail::MailState::Dead];
        let mail = self.app.read(move |connection| db::outbox::newest(connection, &dead, 1)).await.pop().unwrap();
        self.filled.insert("mail", mail.id.to_string());
    }

    pub fn ana<'a>(&self, node: &'a TestApp) -> Browser<'a> {
        Browser { cookies: self.cookies.clone(), ..node.browser() }
    }

    pub fn fill(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.filled {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        if let (Some(phone), Some(first)) = (&self.phone, &self.first) {
            text = text.replace("{code}", &phone.shows(&self.app)).replace("{first-code}", &first.shows(&self.app));
        }
        assert!(!text.contains('{') || text.starts_with('{'), "{text} is not filled in");
        text
    }

    /// Returns the request of a cell, which can be sent any number of times.
    pub async fn prepare(&mut self, cell: &Cell) -> Request {
        let body = match &cell.3 {
            Form(fields) => {
                Sent::Form(fields.iter().map(|(name, value)| ((*name).to_owned(), self.fill(value))).collect())
            }
            Json(text) => Sent::Json((*text).to_owned()),
            Logo => Sent::Logo,
            Body::Passkey(path) => {
                let mut ana = self.ana(&self.app);
                let with: Authenticator = authenticator(&self.app);
                let asked = if *path == "/account/passkeys" { json!({ "name": "Key" }) } else { json!({}) };
                let options = asks(&mut ana, path, &asked).await;
                let credential = match self.key.as_mut().filter(|_| *path != "/account/passkeys") {
                    Some(key) => with.get(&options, key).signed_by(key),
                    None => with.create(&options).1.registration(),
                };
                let cookies = ana.cookies.clone();
                self.cookies = cookies;
                Sent::Json(json!({ "credential": credential }).to_string())
            }
        };
        Request { path: self.fill(cell.0), body }
    }
}

/// Adds an app with an icon, and a group that can open it. Returns the group.
async fn add_app_and_group(app: &TestApp, ben: Account) -> String {
    app.transact(move |tx| {
        let group = apps::add_group(tx, &GroupName::parse("family").unwrap(), "")?.unwrap();
        apps::join(tx, &group, &ben)?;
        let mut wiki = crate::apps_stored::app(77, "garden", &["garden.example.com"]);
        wiki.app.access.groups.push(group.id);
        wiki.app.access.people.push(AllowedPerson { account: ben.id, ends_at: None });
        db::Stop::commit(apps::add(tx, &wiki, AppOrigin::Admin))?.unwrap();
        // Other octets than those that a cell uploads.
        let icon = gatepost::domain::logo::Logo::parse(include_bytes!("../../static/icon.png").to_vec()).unwrap();
        apps::set_icon(tx, &wiki.app.slug, Some(&icon))?;
        Ok(group.id.to_string())
    })
    .await
}

/// Lets a user ask for access to the app. Returns the ask.
async fn asks_for_the_garden(app: &TestApp, carl: Account) -> String {
    app.transact(move |tx| {
        let garden = AppSlug::parse("garden").unwrap();
        assert_eq!(apps::ask(tx, &garden, &carl)?, apps::Asked::Done);
        Ok(db::app_asks::of_account(tx.connection, carl.id)?[0].id.to_string())
    })
    .await
}

/// Signs Ana in with another browser.
async fn sign_in_beside(
    app: &TestApp,
    has: Has,
    key: Option<&mut crate::authenticator::Key>,
) -> BTreeMap<String, String> {
    let mut browser = app.browser();
    match (has, key) {
        (Factors, Some(key)) => {
            crate::passkey_pages::shows(&mut browser, "/login/passkey", key, |_| {}).await.assert_status(200);
        }
        _ => browser.sign_in(ANA).await,
    }
    browser.cookies
}

pub enum Sent {
    Form(Vec<(String, String)>),
    Json(String),
    Logo,
}

pub struct Request {
    pub path: String,
    body: Sent,
}

impl Request {
    /// Sends it and returns the answer itself, even if it leads to a page that refuses.
    pub async fn send_only(&self, browser: &mut Browser<'_>) -> Page {
        let Sent::Form(fields) = &self.body else { return self.send(browser).await };
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        browser.post_only(&self.path, &fields).await
    }

    pub async fn send(&self, browser: &mut Browser<'_>) -> Page {
        match &self.body {
            Sent::Form(fields) => {
                let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                browser.post(&self.path, &fields).await
            }
            Sent::Json(text) => sends(browser, &self.path, &serde_json::from_str(text).unwrap()).await,
            Sent::Logo => browser.upload(&self.path, "logo", PNG).await,
        }
    }
}

/// Returns where an answer leads, as a page or as JSON.
pub fn leads(page: &Page) -> Option<String> {
    let json = || serde_json::from_str::<serde_json::Value>(&page.body).ok()?["location"].as_str().map(str::to_owned);
    page.location().map(str::to_owned).or_else(json)
}

async fn account(app: &TestApp, email: &str) -> Account {
    app.account_of(email).await.unwrap()
}

fn secret(cookies: &BTreeMap<String, String>) -> TokenHash {
    let (_, secret) = cookies.iter().find(|(name, _)| name.contains("session")).expect("a session");
    Token::present(secret).unwrap().hash()
}

/// A session and the hash of the secret in its cookie.
#[derive(Clone)]
pub struct Held {
    pub session: Session,
    pub secret: TokenHash,
}

pub async fn session_of(app: &TestApp, cookies: &BTreeMap<String, String>) -> Held {
    let secret = secret(cookies);
    let (session, ..) = app.read(move |connection| db::sessions::find_by_secret(connection, &secret)).await.unwrap();
    Held { session, secret }
}

/// Event that befalls the acting user a moment before, without any node's knowledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    SessionEnded,
    SecretReplaced,
    AccountDisabled,
    AddressMoved,
    AdminDemoted,
    ProofTooOld,
}
pub use Blow::{AccountDisabled, AddressMoved, SecretReplaced, SessionEnded};
use Blow::{AdminDemoted, ProofTooOld};

impl Blow {
    const ALL: [Self; 6] = [SessionEnded, SecretReplaced, AccountDisabled, AddressMoved, AdminDemoted, ProofTooOld];

    fn hits(self, takes: Takes) -> bool {
        match self {
            SessionEnded | SecretReplaced | AccountDisabled | AddressMoved => true,
            AdminDemoted => takes == FreshAdmin,
            ProofTooOld => matches!(takes, Fresh | FreshAdmin),
        }
    }

    pub async fn strike(self, app: &TestApp, held: &Held) {
        self.change(app, held, false).await;
    }

    /// Takes the blow back, so that the next one meets the same session.
    pub async fn undo(self, app: &TestApp, held: &Held) {
        self.change(app, held, true).await;
    }

    async fn change(self, app: &TestApp, held: &Held, undo: bool) {
        let (Held { session, secret }, now) = (held.clone(), app.clock.now());
        app.write(move |connection| {
            let (id, account) = (session.id, session.account_id);
            let before = |span| Timestamp::from_millis(now.as_millis() - Lifetime::as_millis(span));
            match self {
                SessionEnded if undo => db::sessions::insert(connection, &session, &secret, (None, None)),
                SessionEnded => db::sessions::delete(connection, account, id).map(|gone| assert!(gone)),
                SecretReplaced => {
                    let other = Token::present(&"A".repeat(43)).unwrap().hash();
                    let secret = if undo { secret } else { other };
                    db::sessions::rotate(connection, id, &secret).map(|done| assert!(done))
                }
                AccountDisabled => db::accounts::set_disabled(connection, account, (!undo).then_some(now)),
                AddressMoved => {
                    let from = db::accounts::find(connection, account)?.unwrap().email;
                    let name = from.as_str();
                    let to = if undo { name.trim_start_matches("moved.").to_owned() } else { format!("moved.{name}") };
                    let to = crate::harness::address(&to);
                    db::accounts::move_address(connection, account, (&from, &to), now).map(|done| assert!(done))
                }
                AdminDemoted => db::accounts::set_admin(connection, account, undo),
                ProofTooOld => session.proofs.iter().try_for_each(|proof| {
                    let at = if undo { proof.at } else { before(Lifetime::hours(2)) };
                    db::sessions::note_proof(connection, id, Proof { at, ..*proof })
                }),
            }
        })
        .await;
    }
}

/// Returns all rows except those that an old proof leaves: the held form.
async fn rows(app: &TestApp, blow: Blow) -> String {
    let rows = app.dump().await;
    let is_kept = |row: &&str| !(matches!(blow, ProofTooOld) && row.starts_with("held_forms: "));
    rows.lines().filter(is_kept).collect::<Vec<_>>().join("\n")
}

/// Returns whether an answer leads to signing in, or to the page that says that no one is signed
/// in.
fn says_signed_out(to: &str) -> bool {
    to.starts_with("/login") || to == "/oidc/logout"
}

async fn is_refused_everywhere(has: Has) {
    let mut scene = Scene::new(has).await;
    let second = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").beside(&scene.app).start().await;
    for cell in ACTED.iter().filter(|cell| cell.2 == has) {
        let request = scene.prepare(cell).await;
        let held = session_of(&scene.app, &scene.cookies).await;
        for blow in Blow::ALL.into_iter().filter(|blow| blow.hits(cell.1)) {
            for (node, name) in [(&scene.app, "this node"), (&second, "another node")] {
                let what = format!("{} after {blow:?} on {name}", request.path);
                let mut ana = scene.ana(node);
                assert!(ana.is_signed_in_as(ANA).await, "{what}: memory is warm");
                blow.strike(node, &held).await;
                let before = rows(node, blow).await;
                let page = request.send(&mut ana).await;
                assert_eq!(rows(node, blow).await, before, "{what}");
                let to = leads(&page).unwrap_or_default();
                match blow {
                    AdminDemoted => assert_eq!(page.status.code, 404, "{what}"),
                    ProofTooOld => assert!(to.starts_with("/step-up?then="), "{what}: {to}"),
                    _ => assert!(says_signed_out(&to), "{what}: {} {to}", page.status),
                }
                blow.undo(node, &held).await;
                node.services.sessions.note_change(held.session.account_id);
            }
        }
    }
}

#[rocket::async_test]
async fn who_is_no_longer_who_they_were_changes_nothing_on_any_node() {
    is_refused_everywhere(Password).await;
}

#[rocket::async_test]
async fn who_is_no_longer_who_they_were_changes_no_factor_on_any_node() {
    is_refused_everywhere(Factors).await;
}

/// Acts whose next page is what was asked for. Such are new codes, a secret, a picture to scan, the
/// next step, an app.
const TOLD_BY_THE_PAGE: [&str; 16] = [
    "/account/address",
    "/account/passkeys",
    "/account/passkeys/offer",
    "/account/passkeys/options",
    "/account/recovery-codes",
    "/account/recovery-codes/replace",
    "/account/totp",
    "/admin/apps/{client}/openid/secret",
    "/admin/apps/{wiki}/openid",
    "/apps/again",
    "/device",
    "/device/decide",
    "/oidc/consent",
    "/oidc/logout/confirm",
    "/step-up",
    "/step-up/passkey/options",
];

/// The other half: each request of the table changes something if nothing has happened. It changes
/// nothing of a user whom it does not name. A form leads to the page that tells, so that a reload
/// sends nothing.
#[rocket::async_test]
async fn each_cell_of_the_table_changes_something_and_its_success_is_told_once() {
    const GOOD: &str = "class=\"message good\"";
    let mut by_the_page = BTreeSet::new();
    for cell in ACTED.iter().filter(|cell| cell.0 != DOWNLOAD) {
        let mut scene = Scene::new(cell.2).await;
        let gil = acting_bystander::joins(&scene.app).await;
        let request = scene.prepare(cell).await;
        let (before, of_gil) = (scene.app.dump().await, acting_bystander::rows(&scene.app, gil).await);
        let mut ana = scene.ana(&scene.app);
        let page = request.send_only(&mut ana).await;
        if matches!(cell.3, Form(_) | Logo) {
            is_no_page(&page, &request.path);
        }
        let to = leads(&page);
        assert!(scene.app.dump().await != before, "{}: {} {to:?}", request.path, page.status);
        assert_eq!(acting_bystander::rows(&scene.app, gil).await, of_gil, "{} changes another user", request.path);
        let is_sent_away = |to: &str| to.starts_with("/step-up") || to.starts_with("/login?");
        let is_done = page.status.code < 400 && !to.as_deref().is_some_and(is_sent_away);
        assert!(is_done, "{}: {} {to:?}", request.path, page.status);
        let Some(to) = to.filter(|to| to.starts_with('/')) else {
            by_the_page.insert(cell.0);
            continue;
        };
        let (first, again) = (ana.get(&to).await, ana.get(&to).await);
        assert!(first.status.code < 400, "{} {to}: {}", request.path, first.status);
        match first.body.matches(GOOD).count() {
            0 => drop(by_the_page.insert(cell.0)),
            told => assert_eq!(told, 1, "{} {to}", request.path),
        }
        assert!(!again.body.contains(GOOD), "{} {to}: told again: {}", request.path, again.text());
    }
    assert_eq!(by_the_page, BTreeSet::from(TOLD_BY_THE_PAGE));
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Anonymous,
    SignedIn,
    Fresh,
    Admin,
    FreshAdmin,
}

impl Role {
    const ALL: [Self; 5] = [Self::Anonymous, Self::SignedIn, Self::Fresh, Self::Admin, Self::FreshAdmin];

    /// Returns whether this role may do it to its own account.
    fn may(self, takes: Takes) -> bool {
        match takes {
            NoUser => true,
            SignedIn => self != Self::Anonymous,
            Fresh => matches!(self, Self::Fresh | Self::FreshAdmin),
            FreshAdmin => self == Self::FreshAdmin,
        }
    }

    async fn browser<'a>(self, app: &'a TestApp) -> Browser<'a> {
        let email = match self {
            Self::Anonymous => return app.browser(),
            Self::SignedIn | Self::Fresh => "una@example.com",
            Self::Admin | Self::FreshAdmin => EVE,
        };
        if app.account_of(email).await.is_none() {
            app.add_account(email).await;
        }
        let browser = app.signed_in(email).await;
        if matches!(self, Self::SignedIn | Self::Admin) {
            let held = session_of(app, &browser.cookies).await;
            ProofTooOld.strike(app, &held).await;
            app.services.sessions.note_change(held.session.account_id);
        }
        browser
    }
}

/// Role by route, with Ana's data in place of every id. No user reaches another's data, and no user
/// does more than their role allows.
#[rocket::async_test]
async fn no_role_does_more_than_it_may_and_nobody_reaches_what_is_anothers() {
    for has in [Password, Factors] {
        let mut scene = Scene::new(has).await;
        for role in Role::ALL {
            let cookies = role.browser(&scene.app).await.cookies;
            for cell in ACTED.iter().filter(|cell| cell.2 == has) {
                let names_anothers =
                    [cell.0, if let Form(fields) = &cell.3 { fields.first().map_or("", |f| f.1) } else { "" }]
                        .iter()
                        .any(|text| {
                            ["{session}", "{begun}", "{app}", "{device}", "{passkey}", "{ticket}"]
                                .iter()
                                .any(|id| text.contains(id))
                        });
                let is_passkey = matches!(cell.3, Body::Passkey(_));
                if role.may(cell.1) && !names_anothers && !is_passkey {
                    // Allowed for the role's own account, or as an admin: the test above does it.
                    continue;
                }
                let request = scene.prepare(cell).await;
                let mut browser = Browser { cookies: cookies.clone(), ..scene.app.browser() };
                let before = rows(&scene.app, ProofTooOld).await;
                let page = request.send(&mut browser).await;
                let what = format!("{} by {role:?}: {}", request.path, page.status);
                assert_eq!(rows(&scene.app, ProofTooOld).await, before, "{what}");
                let to = leads(&page).unwrap_or_default();
                // Another user's data looks as if it were gone.
                let is_late =
                    to == "/account/totp" && browser.get(&to).await.body.contains("have expired. Start again.");
                match (role, cell.1) {
                    (Role::Anonymous, _) => assert!(says_signed_out(&to), "{what}"),
                    (Role::SignedIn | Role::Fresh, FreshAdmin) => assert_eq!(page.status.code, 404, "{what}"),
                    _ if !role.may(cell.1) => {
                        assert!(to.starts_with("/step-up") || page.status.code >= 400 || is_late, "{what} {to}")
                    }
                    _ => assert!(page.status.code >= 400 || is_late, "{what} {to}"),
                }
            }
        }
    }
}

/// The pages that show other users' data, and the export.
#[rocket::async_test]
async fn who_is_no_longer_who_they_were_reads_nothing_of_others_on_any_node() {
    let scene = Scene::new(Password).await;
    let second = Setup::new().beside(&scene.app).start().await;
    let held = session_of(&scene.app, &scene.cookies).await;
    let person = scene.fill("/admin/people/{ben}");
    let group = scene.fill("/admin/groups/{group}");
    for path in [
        "/admin",
        "/admin/settings",
        "/admin/people",
        &person,
        "/admin/people/invitations",
        &group,
        "/admin/apps",
        "/admin/mail",
        "/admin/audit",
        "/account/data",
    ] {
        let takes = if path.starts_with("/admin") { FreshAdmin } else { Fresh };
        for blow in Blow::ALL.into_iter().filter(|blow| blow.hits(takes)) {
            if matches!(blow, ProofTooOld) && takes == FreshAdmin {
                continue;
            }
            for node in [&scene.app, &second] {
                let mut ana = scene.ana(node);
                ana.get(path).await.assert_status(200);
                blow.strike(node, &held).await;
                let page = ana.get(path).await;
                assert!(page.status.code != 200, "{path} after {blow:?}");
                page.assert_hides(BEN).assert_hides(EVE);
                blow.undo(node, &held).await;
                node.services.sessions.note_change(held.session.account_id);
            }
        }
    }
}
