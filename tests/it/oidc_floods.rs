//! OpenID Connect: a loop of sign-ins or refreshes keeps few rows. An end then takes all of them
//! back while its user waits.

use crate::{
    harness::TestApp,
    oidc_app::{ANA, OidcApp, Wanted, app_with_ana, text, userinfo},
};
use gatepost::{
    db::{
        self, DbConnection,
        limits::{self, Counted},
    },
    domain::{
        Lifetime,
        audit::Budget,
        limit::Decision,
        oidc::client::{ClientRules, Refreshes},
        outbound::OutboundUri,
    },
};
use serde_json::Value;
use std::slice;

const OFFLINE: &[(&str, &str)] = &[("scope", "openid offline_access")];

/// Returns how many rows of a table there are, of those whose text has this.
async fn rows(app: &TestApp, table: &str, having: &str) -> usize {
    let dump = app.dump().await;
    dump.lines().filter(|line| line.starts_with(&format!("{table}: ")) && line.contains(having)).count()
}

/// Living grants, access tokens, notices.
async fn kept(app: &TestApp) -> [usize; 3] {
    [
        rows(app, "oidc_grants", " ended_at=NULL ").await,
        rows(app, "oidc_access_tokens", "").await,
        rows(app, "logout_notices", "").await,
    ]
}

async fn with_logout_uri(app: &TestApp, own: &OidcApp) {
    let (id, uri) = (own.id, OutboundUri::parse("https://app.example.com/back").unwrap());
    app.write(move |connection| db::oidc_reach::set_logout_uri(connection, id, Some(&uri))).await;
}

#[rocket::async_test]
async fn a_loop_of_sign_ins_at_an_app_keeps_few_of_them_and_has_an_end() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    with_logout_uri(&app, &own).await;
    let mut ana = app.signed_in(ANA).await;
    let mut all: Vec<Value> = Vec::new();
    for _ in 0..103 {
        app.clock.advance(Lifetime::seconds(1));
        all.push(own.tokens(&mut ana, &[]).await);
    }
    assert_eq!(kept(&app).await, [100, 100, 3], "the app is told of the three that gave way");
    for (n, tokens) in all.iter().enumerate() {
        let status = userinfo(&app, text(tokens, "access_token")).await.0;
        assert_eq!(status == 200, n >= 3, "{n}: the oldest give way");
    }
    // Another session has its own.
    let mut other = app.signed_in(ANA).await;
    own.tokens(&mut other, &[]).await;
    assert_eq!(kept(&app).await, [101, 101, 3]);
    for _ in 0..101 {
        app.clock.advance(Lifetime::seconds(1));
        own.tokens(&mut ana, OFFLINE).await;
    }
    assert_eq!(kept(&app).await, [201, 201, 4], "a hundred of them outlast the session");
    let id = app.account_of(ANA).await.unwrap().id;
    let (name, limit) = Budget::AppSignIns.limit().unwrap();
    let (counted, now) = (Counted { name: format!("{name} of {id}"), limit }, app.services.now());
    let use_up = move |connection: &mut DbConnection| {
        while limits::take(connection, slice::from_ref(&counted), now)? == Decision::Allowed {}
        Ok(())
    };
    app.write(use_up).await;
    let code = own.code(&mut ana, &[]).await;
    let (status, body) = own.redeem(&app, &code, &[]).await;
    assert_eq!(status, 429, "{body}");
    app.clock.advance(Lifetime::hours(1));
    own.tokens(&mut ana, &[]).await;
    assert_eq!(kept(&app).await[0], 201);
}

#[rocket::async_test]
async fn a_loop_of_refreshes_keeps_few_access_tokens() {
    let app = app_with_ana().await;
    let rules = ClientRules { refreshes: Refreshes::Always, ..ClientRules::new(true) };
    let own = Wanted { rules, ..Wanted::public() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let first = own.tokens(&mut ana, &[]).await;
    let mut newest = first.clone();
    for _ in 0..52 {
        app.clock.advance(Lifetime::seconds(1));
        let (status, body) = own.refresh(&app, text(&newest, "refresh_token"), &[]).await;
        assert_eq!(status, 200, "{body}");
        newest = body;
    }
    assert_eq!(kept(&app).await, [1, 50, 0]);
    assert_eq!(userinfo(&app, text(&first, "access_token")).await.0, 401, "the oldest gave way");
    assert_eq!(userinfo(&app, text(&newest, "access_token")).await.0, 200);
}
