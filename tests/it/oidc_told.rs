//! OpenID Connect: refusals that an admin reads, and words that an app's developer needs.

use crate::{
    harness::{Setup, TestApp},
    oidc_app::{CALLBACK, OidcApp, SIGNED_OUT, Wanted, comes_back, encode, text},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use gatepost::{
    db,
    domain::{
        Lifetime,
        oidc::{
            RedirectUri,
            client::{ClientRules, Refreshes},
            refusal::Why,
        },
    },
    rotation::{self, Begin},
};
use rocket::http::Method;
use serde_json::Value;

const ANA: &str = "ana@example.com";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn app_with_users() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app.add_account("ben@example.com").await;
    app
}

fn was_told(app: &TestApp, own: &OidcApp) -> Option<Why> {
    let newest = app.services.refused.waiting(own.id).into_iter().next().map(|refusal| refusal.why);
    app.services.refused.forget(own.id);
    newest
}

#[rocket::async_test]
async fn an_admin_reads_of_each_request_that_an_app_s_settings_would_mend() {
    let app = app_with_users().await;
    let own = Wanted::default().register(&app).await;
    app.browser().get(&own.path(&[("redirect_uri", "")])).await.assert_status(400);
    assert_eq!(was_told(&app, &own), Some(Why::NoAddress));
    let elsewhere = "https://app.example.com/elsewhere";
    for asked in [elsewhere, &format!("{SIGNED_OUT}/")] {
        let query = encode(&[("client_id", "grafana"), ("post_logout_redirect_uri", asked)]);
        app.browser().get(&format!("/oidc/logout?{query}")).await;
        assert_eq!(was_told(&app, &own), Some(Why::sign_out_address(asked)));
    }
    let (status, body) = own.post(&app, "/oidc/device_authorization", &[("scope", "openid")]).await;
    assert_eq!((status, text(&body, "error")), (400, "unauthorized_client"));
    assert_eq!(was_told(&app, &own), Some(Why::Devices));
    own.post(&app, "/oidc/token", &[("grant_type", DEVICE), ("device_code", "x")]).await;
    assert_eq!(was_told(&app, &own), Some(Why::Devices));
    let key = gatepost::signing::make(gatepost::domain::oidc::SigningAlg::Es256, &gatepost::entropy::SystemEntropy);
    let (id, set) = (own.id, format!("{{\"keys\":[{}]}}", key.unwrap().jwk));
    app.write(move |connection| db::oidc_reach::set_keys(connection, id, Some(&set), None)).await;
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let form = [("client_id", "grafana"), ("client_assertion", "a.b.c"), ("client_assertion_type", kind)];
    app.browser().with(&[FORM]).request(Method::Post, "/oidc/token", Some(&encode(&form))).await.assert_status(401);
    assert_eq!(was_told(&app, &own), Some(Why::Assertion));
}

#[rocket::async_test]
async fn each_new_refusal_has_its_words_on_the_page_of_the_app() {
    let app = app_with_users().await;
    app.add_admin("eve@example.com").await;
    let own = Wanted::default().register(&app).await;
    let now = app.services.now();
    for why in [Why::Assertion, Why::Devices, Why::sign_out_address("https://app.example.com/x")] {
        app.services.refused.note(own.id, why, now);
    }
    let mut eve = app.signed_in("eve@example.com").await;
    let page = eve.get("/admin/apps/grafana/openid").await;
    page.assert_shows("signed assertion was wrong").assert_shows("isn’t allowed to sign in devices");
    page.assert_shows("https://app.example.com/x").assert_shows("exactly as shown");
}

/// An app that can never have what it asks for is told so, and does not send its user again.
#[rocket::async_test]
async fn an_app_that_may_not_use_a_grant_is_told_so() {
    let app = app_with_users().await;
    let rules = ClientRules { refreshes: Refreshes::Never, ..ClientRules::new(false) };
    let own = Wanted { rules, ..Wanted::default() }.register(&app).await;
    let (status, body) = own.refresh(&app, "x", &[]).await;
    assert_eq!((status, text(&body, "error")), (400, "unauthorized_client"));
    let television = Wanted { slug: "television", ..Wanted::default() }.register(&app).await;
    let id = television.id;
    let allow =
        async |is_allowed| app.write(move |connection| db::oidc_devices::allow(connection, id, is_allowed)).await;
    allow(true).await;
    let (_, asks) = television.post(&app, "/oidc/device_authorization", &[("scope", "openid")]).await;
    // An admin turns it off after the device asked, and before it gets its answer.
    let mut ana = app.signed_in(ANA).await;
    let page = ana.post_only("/device", &[("code", text(&asks, "user_code"))]).await;
    let ticket = page.location().unwrap().split_once("ticket=").unwrap().1.to_owned();
    ana.post_only("/device/decide", &[("ticket", &ticket), ("answer", "yes")]).await;
    allow(false).await;
    let fields = [("grant_type", DEVICE), ("device_code", text(&asks, "device_code"))];
    let (status, body) = television.post(&app, "/oidc/token", &fields).await;
    assert_eq!((status, text(&body, "error")), (400, "unauthorized_client"));
    allow(true).await;
    assert_eq!(television.post(&app, "/oidc/token", &fields).await.0, 200);
}

#[rocket::async_test]
async fn a_refresh_token_that_is_refused_keeps_no_session_alive() {
    let app = app_with_users().await;
    let rules =
        ClientRules { refreshes: Refreshes::Always, refresh_idle: Lifetime::minutes(5), ..ClientRules::new(false) };
    let own = Wanted { rules, ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[]).await;
    let account = app.account_of(ANA).await.unwrap().id;
    let seen = async || {
        let of_ana = app.read(move |connection| db::sessions::of_account(connection, account)).await;
        of_ana.first().unwrap().last_seen_at
    };
    let before = seen().await;
    app.clock.advance(Lifetime::minutes(6));
    let (status, body) = own.refresh(&app, text(&tokens, "refresh_token"), &[]).await;
    assert_eq!((status, text(&body, "error")), (400, "invalid_grant"), "idle for too long");
    assert_eq!(seen().await, before);
}

#[rocket::async_test]
async fn a_refresh_for_scopes_that_do_not_exist_is_refused() {
    let app = app_with_users().await;
    let rules = ClientRules { refreshes: Refreshes::Always, ..ClientRules::new(false) };
    let own = Wanted { rules, ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[]).await;
    let token = text(&tokens, "refresh_token");
    let (status, body) = own.refresh(&app, token, &[("scope", "nothing")]).await;
    assert_eq!((status, text(&body, "error")), (400, "invalid_scope"));
    let (status, body) = own.refresh(&app, token, &[("scope", "openid nothing")]).await;
    assert_eq!((status, text(&body, "scope")), (200, "openid"));
}

/// RP-Initiated Logout, section 2. The port of a program on this machine is free for answers alone.
#[rocket::async_test]
async fn after_a_sign_out_the_address_is_compared_exactly() {
    let app = app_with_users().await;
    let own = Wanted::default().register(&app).await;
    let id = own.id;
    let local = "http://127.0.0.1:4000/bye";
    app.write(move |connection| {
        let mut client = db::oidc_clients::of_app(connection, id)?.unwrap();
        client.sign_out_uris = vec![RedirectUri::parse(local).unwrap()];
        db::oidc_clients::update(connection, &client)
    })
    .await;
    for (asked, leads) in [(local, true), ("http://127.0.0.1:4001/bye", false), ("http://127.0.0.1/bye", false)] {
        let query = encode(&[("client_id", "grafana"), ("post_logout_redirect_uri", asked)]);
        let page = app.browser().get(&format!("/oidc/logout?{query}")).await;
        assert_eq!(page.location() == Some(asked), leads, "{asked}: {:?}", page.location());
    }
}

#[rocket::async_test]
async fn a_hint_by_a_key_that_was_withdrawn_leaves_the_app_s_name_to_go_by() {
    let app = app_with_users().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[]).await;
    let hint = text(&tokens, "id_token").to_owned();
    let leads = async |hint: &str| {
        let mut fields = vec![("id_token_hint", hint), ("post_logout_redirect_uri", SIGNED_OUT)];
        fields.push(("client_id", "grafana"));
        let page = app.browser().get(&format!("/oidc/logout?{}", encode(&fields))).await;
        page.location().map(str::to_owned)
    };
    assert_eq!(leads(&hint).await.as_deref(), Some(SIGNED_OUT));
    let (body, _) = hint.rsplit_once('.').unwrap();
    assert_eq!(leads(&format!("{body}.AAAA")).await, None, "forged, in the name of a key that counts");
    rotation::rotate(&app.services, Begin::Now).await.unwrap();
    app.a_second_later();
    assert_eq!(leads(&hint).await.as_deref(), Some(SIGNED_OUT));
}

#[rocket::async_test]
async fn a_public_client_may_send_the_header_with_nothing_behind_the_colon() {
    let app = app_with_users().await;
    let phone = Wanted::public().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let code = phone.code(&mut ana, &[]).await;
    let header = format!("Basic {}", STANDARD.encode("phone:"));
    let form = encode(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", crate::oidc_app::VERIFIER),
    ]);
    let headers = [FORM, ("Authorization", header.as_str())];
    app.browser().with(&headers).request(Method::Post, "/oidc/token", Some(&form)).await.assert_status(200);
    // Not for a client that has a secret.
    Wanted::default().register(&app).await;
    let header = format!("Basic {}", STANDARD.encode("grafana:"));
    let headers = [FORM, ("Authorization", header.as_str())];
    app.browser().with(&headers).request(Method::Post, "/oidc/token", Some(&form)).await.assert_status(401);
}

#[rocket::async_test]
async fn a_form_with_a_doubled_parameter_leads_to_the_app_like_a_link() {
    let app = app_with_users().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let query = own.path(&[]).split_once('?').unwrap().1.to_owned();
    let body = format!("{query}&scope=openid");
    let page = app.browser().with(&[FORM]).request(Method::Post, "/oidc/authorize", Some(&body)).await;
    let back = comes_back(&ana.get(page.location().unwrap()).await);
    assert_eq!(back["error"], "invalid_request");
}

/// Two tabs: Ana is asked, Ben signs in, and Ana's page is answered.
#[rocket::async_test]
async fn who_agrees_is_who_was_asked() {
    let app = app_with_users().await;
    let rules = ClientRules { is_third_party: true, ..ClientRules::new(false) };
    let own = Wanted { rules, ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get(&own.path(&[])).await;
    let mut ben = app.signed_in("ben@example.com").await;
    let (resume, account) = (page.hidden("resume"), page.hidden("account"));
    let yes = [("resume", resume), ("account", account), ("answer", "yes")];
    let next = ben.post_only("/oidc/consent", &yes).await;
    ben.get(next.location().unwrap()).await.assert_shows("Share your data with this app?");
    ben.post("/oidc/consent", &[("resume", resume), ("answer", "yes")]).await.assert_status(422);
    let id = app.account_of("ben@example.com").await.unwrap().id;
    let given = app.read(move |connection| db::oidc_held::consents_of(connection, id)).await;
    assert!(given.is_empty());
}

#[rocket::async_test]
async fn a_page_s_script_can_read_that_its_app_s_request_failed() {
    let app = app_with_users().await;
    Wanted::default().register(&app).await;
    let headers = [FORM, ("Origin", "https://app.example.com")];
    let wrong = encode(&[("client_id", "grafana"), ("client_secret", "x"), ("grant_type", "refresh_token")]);
    for _ in 0..20 {
        app.browser().with(&headers).request(Method::Post, "/oidc/token", Some(&wrong)).await.assert_status(401);
    }
    let large = format!("x={}", "y".repeat(20 * 1024));
    for (body, status) in [(&wrong, 429), (&large, 413)] {
        let page = app.browser().with(&headers).request(Method::Post, "/oidc/token", Some(body)).await;
        page.assert_status(status);
        let answer: Value = serde_json::from_str(&page.body).unwrap();
        assert!(answer["error"].is_string());
        assert_eq!(page.header("Access-Control-Allow-Origin"), Some("*"), "{status}");
    }
    let page = app.browser().with(&headers).request(Method::Post, "/oidc/authorize", Some(&large)).await;
    assert_eq!(page.header("Access-Control-Allow-Origin"), None);
}
