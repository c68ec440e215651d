//! An app's last use of its secret, and whether it sends PKCE, as its page tells admins.

use crate::{
    clients_pages::{adds_grafana, app_with_admin, counts},
    harness::TestApp,
    oidc_app::{CHALLENGE, VERIFIER, Wanted},
};
use gatepost::{
    db::{
        self,
        oidc_clients::Secret,
        oidc_uses::{self, PkceUse},
    },
    domain::{Lifetime, Token, apps::AppSlug},
    entropy::SystemEntropy,
    housekeeping,
};

const ANA: &str = "ana@example.com";
const PAGE: &str = "/admin/apps/grafana/openid";

/// Lets housekeeping run, and returns what is stored of the app.
async fn stored(app: &TestApp) -> (Vec<Secret>, PkceUse) {
    housekeeping::round(&app.services).await.unwrap();
    let now = app.services.now();
    app.read(move |connection| {
        let id = db::apps::find_by_slug(connection, &AppSlug::parse("grafana").unwrap())?.unwrap().app.id;
        Ok((db::oidc_clients::secrets(connection, id, now)?, oidc_uses::pkce(connection, id)?))
    })
    .await
}

#[rocket::async_test]
async fn the_page_of_an_app_tells_its_secrets_apart_and_when_each_was_last_used() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let (_, secret) = adds_grafana(&mut ana).await;
    let hint = secret[secret.len() - 4..].to_owned();
    let page = ana.get(PAGE).await;
    page.assert_shows(&format!("Ends with {hint}")).assert_shows("Not used yet, as far as we know");
    // A wrong secret is no use of the right one.
    assert!(!counts(&app, "grafana", &Token::issue(&SystemEntropy).reveal()).await);
    ana.get(PAGE).await.assert_shows("Not used yet, as far as we know");
    assert!(counts(&app, "grafana", &secret).await);
    ana.get(PAGE).await.assert_shows("Last used on").assert_hides("Not used yet, as far as we know");

    let used_at = Some(app.services.now());
    assert_eq!(stored(&app).await.0[0].last_used_at, used_at);
    // Within the hour, nothing is written for it.
    app.clock.advance(Lifetime::minutes(59));
    assert!(counts(&app, "grafana", &secret).await);
    assert_eq!(stored(&app).await.0[0].last_used_at, used_at);
    app.clock.advance(Lifetime::minutes(1));
    assert!(counts(&app, "grafana", &secret).await);
    assert_eq!(stored(&app).await.0[0].last_used_at, Some(app.services.now()));
}

#[rocket::async_test]
async fn a_use_that_waited_for_two_hours_is_stored_then() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let (_, secret) = adds_grafana(&mut ana).await;
    assert!(counts(&app, "grafana", &secret).await);
    let used_at = app.services.now();
    app.clock.advance(Lifetime::hours(2));
    assert_eq!(stored(&app).await.0[0].last_used_at, Some(used_at));
}

#[rocket::async_test]
async fn the_page_of_an_app_tells_whether_it_sends_pkce_and_that_it_can_be_required() {
    let app = app_with_admin().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    ana.get(PAGE).await.assert_hides("PKCE, last on");
    own.tokens(&mut ana, &[]).await;
    let page = ana.get(PAGE).await;
    page.assert_shows("The app signs users in without PKCE, last on").assert_hides("You can require it");

    app.clock.advance(Lifetime::minutes(1));
    let code = own.code(&mut ana, &[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]).await;
    // A code that is refused is no sign-in.
    let wrong = "a".repeat(VERIFIER.len());
    assert_eq!(own.redeem(&app, &code, &[("code_verifier", &wrong)]).await.0, 400);
    ana.get(PAGE).await.assert_shows("without PKCE, last on");
    assert_eq!(own.redeem(&app, &code, &[("code_verifier", VERIFIER)]).await.0, 200);
    let page = ana.get(PAGE).await;
    page.assert_shows("The app sends PKCE, last on").assert_shows("You can require it").assert_hides("without PKCE");
    let pkce = stored(&app).await.1;
    assert!(pkce.is_sent() && pkce.seen_at == Some(app.services.now()) && pkce.missed_at.is_some(), "{pkce:?}");

    app.write(move |connection| {
        let mut client = db::oidc_clients::of_app(connection, own.id)?.unwrap();
        client.rules.pkce_required = true;
        db::oidc_clients::update(connection, &client)
    })
    .await;
    ana.get(PAGE).await.assert_shows("The app sends PKCE, last on").assert_hides("You can require it");
}
