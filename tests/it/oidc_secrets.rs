//! OpenID Connect: limits on wrong secrets of apps.

use crate::{
    harness::TestApp,
    oidc_app::{OidcApp, Wanted, encode},
};
use gatepost::domain::{Lifetime, Token};
use gatepost::entropy::SystemEntropy;
use rocket::http::Method;

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Tries a secret from an address. Returns the status and the body.
async fn tries(app: &TestApp, ip: &str, (id, secret): (&str, &str)) -> (u16, String, bool) {
    let form = encode(&[("client_id", id), ("client_secret", secret), ("token", "x")]);
    let page = app.browser().at(ip).with(&[FORM]).request(Method::Post, "/oidc/introspect", Some(&form)).await;
    let waits = page.header("Retry-After").is_some();
    (page.status.code, page.body, waits)
}

fn wrong() -> String {
    Token::issue(&SystemEntropy).reveal()
}

async fn own(app: &TestApp) -> (OidcApp, String) {
    let own = Wanted::default().register(app).await;
    let secret = own.secret.clone().unwrap();
    (own, secret)
}

/// A right secret always works, also from the network that guesses: no stranger locks an app out.
#[rocket::async_test]
async fn wrong_secrets_are_limited_and_no_stranger_locks_an_app_out() {
    let app = TestApp::new().await;
    let (_, secret) = own(&app).await;
    let (stranger, server) = ("198.51.100.9", "203.0.113.8");
    for _ in 0..20 {
        assert_eq!(tries(&app, stranger, ("grafana", &wrong())).await.0, 401);
    }
    let (status, body, waits) = tries(&app, stranger, ("grafana", &wrong())).await;
    assert_eq!((status, waits), (429, true), "{body}");
    assert!(body.contains("temporarily_unavailable"), "{body}");
    for ip in [server, stranger] {
        assert_eq!(tries(&app, ip, ("grafana", &secret)).await.0, 200, "{ip}");
    }
    assert_eq!(tries(&app, server, ("grafana", &wrong())).await.0, 401, "another network has its own count");
    app.clock.advance(Lifetime::minutes(15));
    assert_eq!(tries(&app, stranger, ("grafana", &wrong())).await.0, 401);
}

/// Names of apps that do not exist give no further tries.
#[rocket::async_test]
async fn one_network_has_a_limit_for_all_apps_together() {
    let app = TestApp::new().await;
    own(&app).await;
    let ip = "198.51.100.9";
    for n in 0..60 {
        assert_eq!(tries(&app, ip, (&format!("app-{n}"), &wrong())).await.0, 401);
    }
    for n in 60..70 {
        assert_eq!(tries(&app, ip, (&format!("app-{n}"), &wrong())).await.0, 429);
    }
}

#[rocket::async_test]
async fn an_unknown_app_is_answered_and_limited_like_a_known_one() {
    let app = TestApp::new().await;
    own(&app).await;
    let ip = "2001:db8:1:2::1";
    for _ in 0..22 {
        let secret = wrong();
        let (known, unknown) = (tries(&app, ip, ("grafana", &secret)).await, tries(&app, ip, ("gitea", &secret)).await);
        assert_eq!(known, unknown);
    }
    assert_eq!(tries(&app, ip, ("grafana", &wrong())).await.0, 429);
    assert_eq!(tries(&app, "2001:db8:1:2:ffff::9", ("grafana", &wrong())).await.0, 429, "the same household");
}

#[rocket::async_test]
async fn an_app_that_is_off_or_public_counts_as_a_wrong_secret() {
    let app = TestApp::new().await;
    let (own, secret) = own(&app).await;
    Wanted::public().register(&app).await;
    app.write(move |connection| {
        let mut disabled = gatepost::db::apps::find(connection, own.id)?.unwrap();
        disabled.app.is_disabled = true;
        gatepost::db::apps::update(connection, &disabled, gatepost::domain::Timestamp::from_millis(1))
    })
    .await;
    let ip = "198.51.100.9";
    for _ in 0..20 {
        assert_eq!(tries(&app, ip, ("grafana", &secret)).await.0, 401);
        assert_eq!(tries(&app, ip, ("phone", &secret)).await.0, 401);
    }
    assert_eq!(tries(&app, ip, ("grafana", &secret)).await.0, 429);
}
