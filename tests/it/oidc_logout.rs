//! OpenID Connect Back-Channel Logout: apps hear that a user has signed out.

use crate::{
    browser::Browser,
    harness::{Setup, TestApp},
    oidc_app::{OidcApp, Wanted, claims, encode, header, keys, text},
    receiver::{Receiver, Says},
};
use gatepost::{
    db::{self, Tx, logout_notices::Notice},
    domain::{
        Account, Lifetime, SessionId,
        apps::{AppId, host::AppHost},
        oidc::{GrantId, notice::NoticeState},
        outbound::OutboundUri,
    },
    metrics::kind,
    notices,
    people::{self, Giver},
    signing::{self, TokenKind},
};
use rocket::{futures::future::join, http::Method};
use serde_json::{Value, json};

const ANA: &str = "ana@example.com";
const OFFLINE: [(&str, &str); 1] = [("scope", "openid offline_access")];

fn setup() -> Setup {
    Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").with("GATEPOST_OUTBOUND_PRIVATE", "on")
}

async fn app_with_ana() -> TestApp {
    let app = setup().start().await;
    app.add_account(ANA).await;
    app
}

async fn hears_at(app: &TestApp, own: &OidcApp, uri: &str) {
    let (id, uri) = (own.id, OutboundUri::parse(uri).unwrap());
    app.write(move |connection| db::oidc_reach::set_logout_uri(connection, id, Some(&uri))).await;
}

async fn notices_of(app: &TestApp, own: AppId) -> Vec<Notice> {
    app.read(move |connection| db::logout_notices::of_app(connection, own, 50)).await
}

/// Returns the claims of the one logout token that has come.
async fn told(app: &TestApp, receiver: &Receiver) -> Value {
    notices::round(&app.services).await.unwrap();
    let taken = receiver.taken();
    let [(head, body)] = taken.as_slice() else { panic!("{} requests", taken.len()) };
    assert!(head.starts_with("POST /back HTTP/1.1"), "{head}");
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let [(name, token)] = fields.as_slice() else { panic!("{body}") };
    assert_eq!(name, "logout_token");
    assert_eq!(header(token)["typ"], json!("logout+jwt"));
    signing::verify(token, TokenKind::LogoutToken, &keys(app).await).expect("a genuine logout token")
}

async fn session_of(app: &TestApp, account: &Account) -> SessionId {
    let id = account.id;
    app.read(move |connection| db::sessions::of_account(connection, id)).await.first().unwrap().id
}

/// The ways in which a session ends, each by the function that all callers use.
type Ending = (&'static str, fn(&mut Tx<'_>, &Account, SessionId) -> Result<(), db::Error>);

const ENDINGS: [Ending; 8] = [
    ("sign-out", |tx, account, session| db::sessions::delete(tx.connection, account.id, session).map(drop)),
    ("revoked", |tx, account, session| db::sessions::revoke(tx.connection, account.id, session).map(drop)),
    ("everywhere", |tx, account, _| db::sessions::delete_all(tx.connection, account.id).map(drop)),
    ("everywhere else", |tx, account, _| {
        db::sessions::delete_others(tx.connection, account.id, SessionId::from_i64(1)).map(drop)
    }),
    ("expired", |tx, _, session| {
        let end = tx.now.plus(Lifetime::days(4000));
        db::sessions::purge(tx.connection, (end, end), &[session]).map(drop)
    }),
    ("at the app", |tx, account, _| {
        let app = db::apps::find_by_slug(tx.connection, &gatepost::domain::apps::AppSlug::parse("grafana").unwrap())?;
        db::oidc_grants::end_at_app(tx.connection, (account.id, app.unwrap().app.id), tx.now).map(drop)
    }),
    ("recovered", |tx, account, _| {
        crate::database::add_passkey(tx.connection, 901, account.id)?;
        people::recover_now(tx, account).map(|has| assert!(has))
    }),
    ("disabled", |tx, account, _| people::disable(tx, account, Giver::Operator).map(drop)),
];

/// A session at an app, in a session here or beyond it.
#[rocket::async_test]
async fn an_app_hears_of_every_way_in_which_a_session_ends() {
    let app = app_with_ana().await;
    let receiver = Receiver::start().await;
    let own = Wanted::default().register(&app).await;
    hears_at(&app, &own, &receiver.url("/back")).await;
    for more in [&[][..], &OFFLINE] {
        for (name, end) in ENDINGS {
            let account = app.account_of(ANA).await.unwrap();
            let mut ana = app.signed_in(ANA).await;
            let tokens = own.tokens(&mut ana, more).await;
            let id = claims(&app, &tokens).await;
            let session = session_of(&app, &account).await;
            notices::round(&app.services).await.unwrap();
            assert!(receiver.taken().is_empty(), "{name}: nothing has ended yet");
            let of = account.clone();
            app.transact(move |tx| end(tx, &of, session)).await;
            let logout = told(&app, &receiver).await;
            assert_eq!((&logout["sub"], &logout["sid"]), (&id["sub"], &id["sid"]), "{name}");
            notices::round(&app.services).await.unwrap();
            assert!(receiver.taken().is_empty(), "{name}: once is enough");
            app.transact(move |tx| db::sessions::delete_all(tx.connection, account.id).map(drop)).await;
            notices::round(&app.services).await.unwrap();
            receiver.taken();
            if name == "disabled" {
                let account = app.account_of(ANA).await.unwrap();
                app.transact(move |tx| people::enable(tx, &account).map(drop)).await;
            }
        }
    }
}

#[rocket::async_test]
async fn a_closed_account_and_a_stolen_code_end_the_app_s_session() {
    let app = app_with_ana().await;
    let receiver = Receiver::start().await;
    let own = Wanted::default().register(&app).await;
    hears_at(&app, &own, &receiver.url("/back")).await;
    let mut ana = app.signed_in(ANA).await;
    let code = own.code(&mut ana, &[]).await;
    assert_eq!(own.redeem(&app, &code, &[]).await.0, 200);
    assert_eq!(own.redeem(&app, &code, &[]).await.0, 400);
    told(&app, &receiver).await;
    own.tokens(&mut ana, &[]).await;
    let account = app.account_of(ANA).await.unwrap();
    let id = account.id.to_string();
    app.transact(move |tx| people::close(tx, &account).map(drop)).await;
    notices::round(&app.services).await.unwrap();
    // The grant of the code has been told of already.
    let taken = receiver.taken();
    assert_eq!(taken.len(), 1);
    let token = taken[0].1.strip_prefix("logout_token=").unwrap();
    let claims = signing::verify(token, TokenKind::LogoutToken, &keys(&app).await).unwrap();
    assert_eq!(text(&claims, "sub"), id);
}

/// Section 2.4: these claims, and none that would make it an ID token.
#[rocket::async_test]
async fn a_logout_token_says_what_the_standard_asks_and_no_more() {
    let app = app_with_ana().await;
    let receiver = Receiver::start().await;
    let own = Wanted::default().register(&app).await;
    hears_at(&app, &own, &receiver.url("/back")).await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let mut ana = app.signed_in(ANA).await;
        own.tokens(&mut ana, &[]).await;
        ana.post_only("/logout", &[]).await.assert_leads_to("/login");
        let token = told(&app, &receiver).await;
        let names: Vec<&String> = token.as_object().unwrap().keys().collect();
        assert_eq!(names, ["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"]);
        assert_eq!((text(&token, "iss"), text(&token, "aud")), ("http://localhost:8000", "grafana"));
        assert_eq!(token["events"], json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
        assert_eq!(token["exp"].as_i64().unwrap() - token["iat"].as_i64().unwrap(), 120);
        assert_eq!(token["iat"], json!(app.services.now().as_seconds()));
        seen.push(text(&token, "jti").to_owned());
    }
    assert_ne!(seen[0], seen[1]);
    let discovery: Value =
        serde_json::from_str(&app.browser().get("/.well-known/openid-configuration").await.body).unwrap();
    assert_eq!(discovery["backchannel_logout_supported"], json!(true));
    assert_eq!(discovery["backchannel_logout_session_supported"], json!(true));
}

#[rocket::async_test]
async fn an_app_that_does_not_answer_is_told_again_also_by_another_server_after_a_restart() {
    let app = app_with_ana().await;
    let receiver = Receiver::start().await;
    let own = Wanted::default().register(&app).await;
    hears_at(&app, &own, &receiver.url("/back")).await;
    let mut ana = app.signed_in(ANA).await;
    own.tokens(&mut ana, &[]).await;
    receiver.answers(Says::status(500));
    ana.post_only("/logout", &[]).await.assert_leads_to("/login");
    told(&app, &receiver).await;
    let waiting = notices_of(&app, own.id).await.remove(0);
    assert_eq!((waiting.state, waiting.tries, &*waiting.reply), (NoticeState::Waiting, 1, "HTTP 500"));
    notices::round(&app.services).await.unwrap();
    assert!(receiver.taken().is_empty(), "not at once");
    let other = setup().beside(&app).start().await;
    app.clock.advance(Lifetime::seconds(11));
    receiver.answers(Says::status(204));
    told(&other, &receiver).await;
    let ended = notices_of(&app, own.id).await.remove(0);
    assert_eq!((ended.state, ended.tries, &*ended.reply), (NoticeState::Ended, 2, "HTTP 204"));
    app.clock.advance(Lifetime::hours(2));
    notices::round(&app.services).await.unwrap();
    assert!(receiver.taken().is_empty(), "it has been told");
}

#[rocket::async_test]
async fn an_admin_sees_which_sign_outs_an_app_has_answered() {
    let app = app_with_ana().await;
    app.add_admin("boss@example.com").await;
    let receiver = Receiver::start().await;
    let own = Wanted::default().register(&app).await;
    hears_at(&app, &own, &receiver.url("/back")).await;
    let mut boss = app.signed_in("boss@example.com").await;
    const PAGE: &str = "/admin/apps/grafana/openid";
    boss.get(PAGE).await.assert_hides("The app hasn’t answered yet.").assert_hides("The app has ended the session.");
    let mut ana = app.signed_in(ANA).await;
    own.tokens(&mut ana, &[]).await;
    receiver.answers(Says::status(500));
    ana.post_only("/logout", &[]).await.assert_leads_to("/login");
    notices::round(&app.services).await.unwrap();
    boss.get(PAGE).await.assert_shows("The app hasn’t answered yet. We keep trying for a day. HTTP 500");
    app.clock.advance(Lifetime::seconds(11));
    receiver.answers(Says::status(204));
    notices::round(&app.services).await.unwrap();
    boss.get(PAGE).await.assert_shows("The app has ended the session. HTTP 204").assert_hides("hasn’t answered");
}

#[rocket::async_test]
async fn an_app_that_never_answers_is_given_up_after_a_day_and_forgotten_later() {
    let app = app_with_ana().await;
    let receiver = Receiver::start().await;
    let own = Wanted::default().register(&app).await;
    hears_at(&app, &own, &receiver.url("/back")).await;
    let mut ana = app.signed_in(ANA).await;
    own.tokens(&mut ana, &[]).await;
    receiver.answers(Says::status(404));
    ana.post_only("/logout", &[]).await.assert_leads_to("/login");
    let mut tries = 0;
    for _ in 0..30 {
        notices::round(&app.services).await.unwrap();
        tries += receiver.taken().len();
        app.clock.advance(Lifetime::hours(1));
    }
    assert!((20..30).contains(&tries), "{tries}");
    let given_up = notices_of(&app, own.id).await.remove(0);
    assert_eq!((given_up.state, &*given_up.reply), (NoticeState::GaveUp, "HTTP 404"));
    let counted = |outcome| app.services.metrics.logout_notices.get_or_create(&kind(outcome)).get();
    assert_eq!((counted("ended"), counted("given_up")), (0, 1));
    assert_eq!(usize::try_from(counted("failed")).unwrap(), tries - 1);
    let lines = app.audit().await;
    let told: Vec<_> = lines.iter().filter(|line| line.action.into_str() == "logout_not_delivered").collect();
    assert_eq!(told.len(), 1);
    assert_eq!((&*told[0].subject, told[0].after.as_deref()), (ANA, Some("grafana")));
    let long_after = app.services.now();
    app.write(move |connection| db::logout_notices::purge(connection, long_after)).await;
    assert!(notices_of(&app, own.id).await.is_empty());
}

#[rocket::async_test]
async fn two_servers_tell_an_app_once() {
    let app = app_with_ana().await;
    let other = setup().beside(&app).start().await;
    let receiver = Receiver::start().await;
    let own = Wanted::default().register(&app).await;
    hears_at(&app, &own, &receiver.url("/back")).await;
    for _ in 0..5 {
        let mut ana = app.signed_in(ANA).await;
        own.tokens(&mut ana, &[]).await;
        ana.post_only("/logout", &[]).await.assert_leads_to("/login");
        let (one, two) = join(notices::round(&app.services), notices::round(&other.services)).await;
        one.unwrap();
        two.unwrap();
        assert_eq!(receiver.taken().len(), 1);
    }
}

#[rocket::async_test]
async fn an_app_that_wants_no_notice_gets_none_and_a_removed_app_s_is_dropped() {
    let app = app_with_ana().await;
    let receiver = Receiver::start().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    own.tokens(&mut ana, &[]).await;
    ana.post_only("/logout", &[]).await.assert_leads_to("/login");
    assert!(notices_of(&app, own.id).await.is_empty());
    hears_at(&app, &own, &receiver.url("/back")).await;
    let mut ana = app.signed_in(ANA).await;
    own.tokens(&mut ana, &[]).await;
    ana.post_only("/logout", &[]).await.assert_leads_to("/login");
    let id = own.id;
    app.write(move |connection| db::oidc_reach::set_logout_uri(connection, id, None)).await;
    notices::round(&app.services).await.unwrap();
    assert!(receiver.taken().is_empty() && notices_of(&app, own.id).await.is_empty());
}

/// Returns what became of telling an app at this address.
async fn reply_from(app: &TestApp, own: &OidcApp, ana: &mut Browser<'_>, uri: &str) -> String {
    hears_at(app, own, uri).await;
    let tokens = own.tokens(ana, &[]).await;
    let grant: GrantId = text(&claims(app, &tokens).await, "sid").parse().unwrap();
    let account = app.account_of(ANA).await.unwrap();
    let id = own.id;
    app.transact(move |tx| db::oidc_grants::end_at_app(tx.connection, (account.id, id), tx.now)).await;
    notices::round(&app.services).await.unwrap();
    app.read(move |connection| db::logout_notices::of_grants(connection, &[grant])).await.remove(0).reply
}

/// T65: an address that an admin was talked into must not reach the cloud's metadata, nor the
/// server's own network.
#[rocket::async_test]
async fn a_private_address_is_asked_only_if_it_is_allowed_and_the_metadata_of_a_cloud_never() {
    const NOT_ALLOWED: &str = "not allowed: a private or reserved address, or no encryption";
    let (allows, refuses) = (app_with_ana().await, Setup::new().start().await);
    refuses.add_account(ANA).await;
    let receiver = Receiver::start().await;
    let forbidden = [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/",
        "http://0xa9fea9fe/",
        "http://[fd00:ec2::254]/",
        "http://[::ffff:169.254.169.254]/",
        "https://0.0.0.0/",
        "http://8.8.8.8/",
    ];
    let private = [receiver.url("/"), format!("http://localhost:{}/", receiver.port), "https://10.255.255.1/".into()];
    for (app, uris) in [(&allows, vec![]), (&refuses, private.to_vec())] {
        let own = Wanted::default().register(app).await;
        let mut ana = app.signed_in(ANA).await;
        for uri in forbidden.into_iter().map(str::to_owned).chain(uris) {
            assert_eq!(reply_from(app, &own, &mut ana, &uri).await, NOT_ALLOWED, "{uri}");
        }
    }
    assert!(receiver.taken().is_empty());
    // The operator allows nothing, but an admin has named the host as the app's.
    let own = Wanted { slug: "wiki", ..Wanted::default() }.register(&refuses).await;
    let id = own.id;
    refuses
        .write(move |connection| {
            let mut app = db::apps::find(connection, id)?.unwrap();
            app.hosts = vec![AppHost::parse("http://127.0.0.1:9").unwrap()];
            db::apps::update(connection, &app, gatepost::domain::Timestamp::from_millis(1))
        })
        .await;
    let mut ana = refuses.signed_in(ANA).await;
    assert_eq!(reply_from(&refuses, &own, &mut ana, &receiver.url("/")).await, "HTTP 200");
    assert_eq!(receiver.taken().len(), 1);
    for uri in forbidden {
        assert_eq!(reply_from(&refuses, &own, &mut ana, uri).await, NOT_ALLOWED, "{uri}");
    }
}

#[rocket::async_test]
async fn a_redirect_is_not_followed_and_an_answer_that_never_comes_ends() {
    let app = app_with_ana().await;
    let (receiver, other) = (Receiver::start().await, Receiver::start().await);
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    for status in [301, 302, 303, 307, 308] {
        let headers = format!("Location: {}\r\n", other.url("/inside"));
        receiver.answers(Says { headers, ..Says::status(status) });
        assert_eq!(reply_from(&app, &own, &mut ana, &receiver.url("/")).await, format!("HTTP {status}"));
    }
    assert!(other.taken().is_empty());
    // Takes connections, and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://127.0.0.1:{}/", silent.local_addr().unwrap().port());
    assert_eq!(reply_from(&app, &own, &mut ana, &uri).await, "no answer in time");
}

#[rocket::async_test]
async fn the_page_after_signing_out_tells_what_became_of_each_app() {
    let app = app_with_ana().await;
    let receiver = Receiver::start().await;
    let hears = Wanted { name: "Grafana", ..Wanted::default() }.register(&app).await;
    let deaf = Wanted { slug: "wiki", name: "Wiki", ..Wanted::default() }.register(&app).await;
    hears_at(&app, &hears, &receiver.url("/back")).await;
    let mut ana = app.signed_in(ANA).await;
    hears.tokens(&mut ana, &[]).await;
    deaf.tokens(&mut ana, &[]).await;
    let page = ana.get("/oidc/logout").await;
    let out = ana.post_only("/oidc/logout/confirm", &[("resume", page.hidden("resume"))]).await;
    let told = out.location().unwrap().to_owned();
    assert!(told.starts_with("/oidc/logout?told="), "{told}");
    // The node that shows the page may be behind the one that took the form.
    app.clock.set_back(Lifetime::seconds(4));
    ana.get(&told).await.assert_shows("Grafana Hasn’t answered yet.");
    app.clock.advance(Lifetime::seconds(4));
    let page = ana.get(&told).await;
    page.assert_shows("Grafana Hasn’t answered yet.").assert_shows("Wiki We can’t sign you out there.");
    page.assert_shows("Check again");
    notices::round(&app.services).await.unwrap();
    assert_eq!(receiver.taken().len(), 1);
    let page = ana.get(&told).await;
    page.assert_shows("Grafana Signed out").assert_hides("Check again");
    // Another visitor has no such address, and cannot make one.
    let forged = told.replace("told=", "told=AAAA");
    ana.get(&forged).await.assert_hides("Grafana").assert_shows("You can close this page.");
    app.clock.advance(Lifetime::minutes(31));
    ana.get(&told).await.assert_hides("Grafana");
}

/// Apps' servers reach these endpoints under a second name, and browsers nothing.
#[rocket::async_test]
async fn a_second_address_is_for_the_endpoints_of_apps_servers_alone() {
    let second = ("Host", "gatepost.internal:8000");
    let app = setup().with("GATEPOST_BACK_CHANNEL_URL", "http://gatepost.internal:8000").start().await;
    app.add_account(ANA).await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let code = own.code(&mut ana, &[]).await;
    let form = encode(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", crate::oidc_app::CALLBACK),
        ("client_id", "grafana"),
        ("client_secret", own.secret.as_deref().unwrap()),
    ]);
    let headers = [second, ("Content-Type", "application/x-www-form-urlencoded")];
    let page = app.browser().with(&headers).request(Method::Post, "/oidc/token", Some(&form)).await;
    page.assert_status(200);
    let tokens: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(text(&claims(&app, &tokens).await, "iss"), "http://localhost:8000", "one issuer");
    app.browser().with(&[second]).request(Method::Get, "/oidc/jwks.json", None).await.assert_status(200);
    for path in [
        "/login",
        "/",
        "/account",
        "/admin",
        "/oidc/authorize",
        "/oidc/logout",
        "/health/live",
        "/.well-known/openid-configuration",
        "/oidc/token/",
        "//oidc/token",
    ] {
        let page = app.browser().with(&[second]).request(Method::Get, path, None).await;
        assert!([421, 404].contains(&page.status.code) || path == "/health/live", "{path}: {}", page.status);
    }
    for other in ["gatepost.internal", "gatepost.internal:80", "evil.example"] {
        let page = app.browser().with(&[("Host", other)]).request(Method::Get, "/oidc/jwks.json", None).await;
        page.assert_status(421);
    }
    let discovery: Value =
        serde_json::from_str(&app.browser().get("/.well-known/openid-configuration").await.body).unwrap();
    for (name, at) in [
        ("token_endpoint", "http://gatepost.internal:8000/oidc/token"),
        ("userinfo_endpoint", "http://gatepost.internal:8000/oidc/userinfo"),
        ("jwks_uri", "http://gatepost.internal:8000/oidc/jwks.json"),
        ("introspection_endpoint", "http://gatepost.internal:8000/oidc/introspect"),
        ("revocation_endpoint", "http://gatepost.internal:8000/oidc/revoke"),
        ("device_authorization_endpoint", "http://gatepost.internal:8000/oidc/device_authorization"),
        ("authorization_endpoint", "http://localhost:8000/oidc/authorize"),
        ("end_session_endpoint", "http://localhost:8000/oidc/logout"),
        ("issuer", "http://localhost:8000"),
    ] {
        assert_eq!(text(&discovery, name), at);
    }
}
