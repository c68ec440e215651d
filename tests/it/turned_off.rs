//! Apps, and signing in devices, while an admin has turned them off.

use crate::{
    forward_auth::{self, FAMILIES, Surfer, WIKI, change},
    harness::{Setup, TestApp},
    oidc_app::{Wanted, text, userinfo},
};
use gatepost::{
    db,
    domain::apps::{part::Part, path::PublicPath},
};
use rocket::http::Method;
use serde_json::Value;

const ANA: &str = "ana@example.com";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Routes around apps that always answer.
const ALWAYS: [&str; 5] =
    ["/apps/icons/<id>", "/apps/sign-out", "/oidc/jwks.json", "/oidc/logout", "/oidc/logout/confirm"];

async fn app_with_ana() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_admin(ANA).await;
    app
}

async fn turn(app: &TestApp, setting: &'static str, value: &'static str) {
    app.set(setting, value).await;
    app.a_second_later();
}

async fn discovery(app: &TestApp) -> Value {
    let page = app.browser().get("/.well-known/openid-configuration").await;
    serde_json::from_str(&page.body).unwrap()
}

fn is_around_apps(path: &str) -> bool {
    ["/oidc", "/apps", "/device", "/.well-known/o", "/.well-known/w"].iter().any(|start| path.starts_with(start))
}

#[rocket::async_test]
async fn every_route_of_what_is_turned_off_answers_as_if_it_did_not_exist() {
    let app = app_with_ana().await;
    let routes: Vec<_> =
        app.client.rocket().routes().map(|route| (route.method, route.uri.path().to_owned())).collect();
    let around: Vec<_> = routes.into_iter().filter(|(_, path)| is_around_apps(path)).collect();
    assert!(around.len() > 25, "{around:?}");
    let mut ana = app.signed_in(ANA).await;
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin")];
    for (setting, closes) in
        [("apps_enabled", &[Part::Apps, Part::Devices][..]), ("device_grant_enabled", &[Part::Devices])]
    {
        turn(&app, setting, "off").await;
        for (method, path) in &around {
            let Some(part) = Part::of(path) else {
                assert!(ALWAYS.contains(&path.as_str()), "{path} belongs to no part");
                continue;
            };
            let page = match method {
                Method::Post => ana.with(&headers).request(*method, path, Some("x=y")).await,
                _ => ana.request(*method, path, None).await,
            };
            let is_closed = closes.contains(&part);
            let is_plain = !matches!(path.as_str(), "/apps/enter" | "/apps/refused" | "/apps/access");
            assert!(
                is_closed == (page.status.code == 404) || !is_closed && !is_plain,
                "{method} {path}: {}",
                page.status
            );
        }
        turn(&app, setting, "on").await;
    }
    assert!(ana.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn while_devices_are_off_none_is_offered_and_none_gets_tokens() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let id = own.id;
    app.write(move |connection| db::oidc_devices::allow(connection, id, true)).await;
    let on = discovery(&app).await;
    assert!(on["grant_types_supported"].as_array().unwrap().iter().any(|grant| grant == DEVICE));
    assert_eq!(text(&on, "device_authorization_endpoint"), "http://localhost:8000/oidc/device_authorization");
    let (_, asked) = own.post(&app, "/oidc/device_authorization", &[("scope", "openid")]).await;
    let (code, shown) = (text(&asked, "device_code"), text(&asked, "user_code"));
    let mut ana = app.signed_in(ANA).await;
    let question = ana.post_only("/device", &[("code", shown)]).await.location().unwrap().to_owned();
    let ticket = question.split_once("ticket=").unwrap().1;
    ana.post_only("/device/decide", &[("ticket", ticket), ("answer", "yes")]).await;

    turn(&app, "device_grant_enabled", "off").await;
    let off = discovery(&app).await;
    assert!(off.get("device_authorization_endpoint").is_none(), "{off}");
    assert_eq!(off["grant_types_supported"], serde_json::json!(["authorization_code", "refresh_token"]));
    let (status, refused) = own.post(&app, "/oidc/device_authorization", &[("scope", "openid")]).await;
    assert_eq!(status, 404, "{refused}");
    let poll = [("grant_type", DEVICE), ("device_code", code)];
    let (status, refused) = own.post(&app, "/oidc/token", &poll).await;
    assert_eq!((status, text(&refused, "error")), (400, "unsupported_grant_type"));
    // Browsers still sign in, and the page of the app says nothing of devices.
    own.tokens(&mut ana, &[]).await;
    let page = ana.get("/admin/apps/grafana/openid").await;
    assert!(!page.body.contains("signs in devices"), "{}", page.text());

    turn(&app, "device_grant_enabled", "on").await;
    let (status, tokens) = own.post(&app, "/oidc/token", &poll).await;
    assert_eq!(status, 200, "a code that waited counts once: {tokens}");
    turn(&app, "device_grant_enabled", "off").await;
    assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.0, 200, "devices stay signed in");
}

#[rocket::async_test]
async fn saving_other_options_while_devices_are_off_keeps_who_may_sign_them_in() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let id = own.id;
    app.write(move |connection| db::oidc_devices::allow(connection, id, true)).await;
    turn(&app, "device_grant_enabled", "off").await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/admin/apps/grafana/openid/change").await;
    assert!(page.body.contains(r#"<input type="hidden" name="devices" value="on">"#), "{}", page.body);
    assert!(!page.body.contains("id=\"devices\""), "{}", page.body);
    let fields = [
        ("redirect_uris", crate::oidc_app::CALLBACK),
        ("groups_claim", "groups"),
        ("refreshes", "asked"),
        ("devices", "on"),
    ];
    ana.submit("/admin/apps/grafana/openid/change", &fields).await.assert_shows("The settings are saved.");
    assert!(app.read(move |connection| db::oidc_devices::are_allowed(connection, id)).await);
}

#[rocket::async_test]
async fn while_apps_are_off_no_token_counts_and_afterwards_all_do() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[("scope", "openid offline_access")]).await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let code = own.code(&mut ana, &[]).await;
    ana.get("/account").await.assert_shows("Grafana");
    turn(&app, "apps_enabled", "off").await;
    assert_eq!(userinfo(&app, access).await.0, 404);
    assert_eq!(own.refresh(&app, refresh, &[]).await.0, 404);
    assert_eq!(own.redeem(&app, &code, &[]).await.0, 404);
    assert!(!ana.get("/account").await.text().contains("Grafana"));
    ana.get("/admin/apps").await.assert_shows("Apps are turned off");
    let keys = app.browser().get("/oidc/jwks.json").await;
    assert_eq!(keys.status.code, 200, "apps judge the message about a sign-out by them");
    turn(&app, "apps_enabled", "on").await;
    assert_eq!(userinfo(&app, access).await.0, 200);
    assert_eq!(own.refresh(&app, refresh, &[]).await.0, 200);
    assert_eq!(own.redeem(&app, &code, &[]).await.0, 200);
    assert!(!ana.get("/admin/apps").await.text().contains("Apps are turned off"));
}

/// A proxy that gets anything but these statuses may let the request through, or call it a fault.
#[rocket::async_test]
async fn while_apps_are_off_a_proxy_hears_no_for_every_request_and_then_yes_again() {
    let gatepost = forward_auth::start().await;
    change(&gatepost, 1, |app| app.public_paths = vec![PublicPath::parse("/open").unwrap()]).await;
    for family in FAMILIES {
        let mut ana = Surfer { family, ..Surfer::new(&gatepost) };
        ana.sign_in_from(WIKI, "/").await;
        assert_eq!(ana.check(WIKI, "/").await.status.code, 200);
        turn(&gatepost, "apps_enabled", "off").await;
        for uri in ["/", "/open", "/.gatepost/callback?code=x", "/.gatepost/sign-out"] {
            let page = ana.check(WIKI, uri).await;
            assert_eq!(page.status.code, 403, "{uri}");
            page.assert_shows("An admin has turned all apps off");
            assert!(page.header("Remote-User").is_none() && page.header("WWW-Authenticate").is_none(), "{}", page.body);
        }
        ana.headers.push(("Accept-Language", "de"));
        ana.check(WIKI, "/").await.assert_status(403).assert_shows("Ein Admin hat alle Apps ausgeschaltet.");
        turn(&gatepost, "apps_enabled", "on").await;
        assert_eq!(ana.check(WIKI, "/").await.status.code, 200, "without another sign-in");
    }
}
