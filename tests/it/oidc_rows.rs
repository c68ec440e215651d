//! OpenID Connect: rows of the authorization endpoint's table that no other test has.

use crate::{
    harness::{Setup, TestApp},
    oidc_app::{Wanted, claims, comes_back, encode, keys, text},
    outage::Outage,
    passkey_pages::adds_a_passkey,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gatepost::{
    db,
    domain::{
        Lifetime,
        oidc::{SigningAlg, authorize::MAX_NONCE, redirect_uri::MAX_LENGTH},
    },
    entropy::SystemEntropy,
    signing::{self, SigningKey, TokenKind},
};
use serde_json::{Value, json};

const ANA: &str = "ana@example.com";

async fn app_with_users() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app
}

#[rocket::async_test]
async fn an_app_that_is_off_is_an_unknown_one() {
    let app = app_with_users().await;
    let own = Wanted::default().register(&app).await;
    let id = own.id;
    app.write(move |connection| {
        let mut off = db::apps::find(connection, id)?.unwrap();
        off.app.is_disabled = true;
        db::apps::update(connection, &off, gatepost::domain::Timestamp::from_millis(1))
    })
    .await;
    let mut ana = app.signed_in(ANA).await;
    for path in [own.path(&[]), own.path(&[("prompt", "none")])] {
        let page = ana.get(&path).await;
        page.assert_status(400);
        assert!(page.location().is_none() && !page.body.contains("http-equiv"), "{}", page.body);
    }
}

/// A hint that is not ours counts as none, except where the app wants no page.
#[rocket::async_test]
async fn a_hint_names_a_user_only_if_we_made_it_for_this_app() {
    let app = app_with_users().await;
    let own = Wanted::default().register(&app).await;
    let wiki = Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let mine = own.tokens(&mut ana, &[]).await;
    let others = text(&wiki.tokens(&mut ana, &[]).await, "id_token").to_owned();
    let good = text(&mine, "id_token").to_owned();
    let told = claims(&app, &mine).await;
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(&told));
    let key = signing::make(SigningAlg::Rs256, &SystemEntropy).unwrap();
    let foreign = SigningKey::new(SigningAlg::Rs256, &key.kid, &key.pkcs8);
    let elsewhere = foreign
        .sign(TokenKind::IdToken, &json!({ "iss": "https://evil.example", "aud": "grafana", "sub": told["sub"] }));
    let known = keys(&app).await.into_iter().find(|key| key.alg == SigningAlg::Rs256).unwrap().kid;
    let in_our_name = SigningKey::new(SigningAlg::Rs256, &known, &key.pkcs8).sign(TokenKind::IdToken, &told);
    app.clock.advance(Lifetime::hours(3));
    assert!(
        comes_back(&ana.get(&own.path(&[("prompt", "none"), ("id_token_hint", &good)])).await).contains_key("code"),
        "expired is fine"
    );
    for (row, hint) in [
        ("alg none", unsigned),
        ("another issuer's", elsewhere.unwrap()),
        ("another key in the name of ours", in_our_name.unwrap()),
        ("another client's", others),
        ("no token", "x.y.z".to_owned()),
    ] {
        let silent = comes_back(&ana.get(&own.path(&[("prompt", "none"), ("id_token_hint", &hint)])).await);
        assert_eq!(silent["error"], "login_required", "{row}");
        let shown = comes_back(&ana.get(&own.path(&[("id_token_hint", &hint)])).await);
        assert!(shown.contains_key("code"), "{row}");
    }
}

/// A state of five thousand characters, across the sign-in page and the email.
#[rocket::async_test]
async fn a_long_request_comes_back_whole_after_the_sign_in_and_a_longer_one_is_told_at_once() {
    let app = app_with_users().await;
    let own = Wanted::default().register(&app).await;
    let state: String = "ab-._~09".chars().cycle().take(4096).collect();
    let hint = "h".repeat(800);
    let path = own.path(&[("state", &state), ("nonce", "n"), ("ui_locales", &hint)]);
    assert!((5_800..6_144).contains(&path.split_once('?').unwrap().1.len()), "{}", path.len());
    let mut ana = app.browser();
    let page = ana.get(&path).await;
    let page = ana.get(page.location().unwrap()).await;
    let return_to = page.hidden("return_to").replace("&#38;", "&");
    let page = ana.sign_in_to(ANA, &[("return_to", &return_to)]).await;
    let back = comes_back(&ana.get(page.location().unwrap()).await);
    assert_eq!(back["state"], state);
    let spelt = format!(
        "/oidc/authorize?{}&ui_locales={}",
        encode(&[("client_id", "grafana"), ("redirect_uri", crate::oidc_app::CALLBACK), ("response_type", "code")]),
        "~".repeat(5000)
    );
    let page = app.browser().get(&spelt).await;
    page.assert_status(400);
}

/// Every user needs a second factor by the server's policy, and Ana has none.
#[rocket::async_test]
async fn a_silent_request_of_a_user_who_has_to_enrol_shows_no_page() {
    let app = app_with_users().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    app.set("second_factor_required", "everyone").await;
    app.a_second_later();
    let back = comes_back(&ana.get(&own.path(&[("prompt", "none")])).await);
    assert_eq!(back["error"], "interaction_required");
    let page = ana.get(&own.path(&[])).await;
    assert!(!page.location().unwrap_or_default().starts_with("https:"), "{:?}", page.location());
}

/// For monitoring: requests that gave tokens, and others by what they heard.
#[rocket::async_test]
async fn requests_for_tokens_are_counted_by_grant_and_outcome() {
    let app = app_with_users().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[("scope", "openid offline_access")]).await;
    assert_eq!(own.refresh(&app, text(&tokens, "refresh_token"), &[]).await.0, 200);
    for _ in 0..2 {
        assert_eq!(own.redeem(&app, "x", &[]).await.0, 400);
    }
    assert_eq!(own.post(&app, "/oidc/token", &[("grant_type", "a word of the caller's")]).await.0, 400);
    let metrics = app.services.metrics.text().unwrap();
    let mut counted: Vec<_> = metrics.lines().filter(|line| line.starts_with("gatepost_tokens_total{")).collect();
    counted.sort_unstable();
    let expected = [
        r#"gatepost_tokens_total{grant="code",outcome="given"} 1"#,
        r#"gatepost_tokens_total{grant="code",outcome="invalid_grant"} 2"#,
        r#"gatepost_tokens_total{grant="other",outcome="unsupported_grant_type"} 1"#,
        r#"gatepost_tokens_total{grant="refresh",outcome="given"} 1"#,
    ];
    assert_eq!(counted, expected);
}

/// Proxies and apps bound the length of an address and of a header.
#[rocket::async_test]
async fn a_code_has_at_most_1024_characters_for_the_longest_address_and_nonce() {
    let app = app_with_users().await;
    let callback = format!("https://app.example.com/callback/{}", "a".repeat(MAX_LENGTH - 33));
    assert_eq!(callback.len(), MAX_LENGTH);
    let uris = vec![&*Box::leak(callback.clone().into_boxed_str())];
    let own = Wanted { uris, ..Wanted::public() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    adds_a_passkey(&mut ana).await;
    let claims = json!({ "id_token": { "name": null, "email": null, "groups": null } }).to_string();
    // JSON writes each of these but the first as two to six characters.
    for character in ["n", "\"", "\\", "\n", "\u{1}", "\u{7f}", "ä", "\u{2028}"] {
        let nonce = character.repeat(MAX_NONCE / character.len());
        let more = [
            ("redirect_uri", &*callback),
            ("nonce", &nonce),
            ("scope", "openid profile email groups offline_access"),
            ("claims", &claims),
        ];
        let code = own.code(&mut ana, &more).await;
        assert!(code.len() <= 1024, "{character:?}: {}", code.len());
        let (status, tokens) = own.redeem(&app, &code, &[("redirect_uri", &callback)]).await;
        assert_eq!(status, 200, "{tokens}");
        assert_eq!(text(&crate::oidc_app::claims(&app, &tokens).await, "nonce"), nonce);
    }
}

/// Without the database, no redirect URI is known to be the app's.
#[rocket::async_test]
async fn while_the_database_is_away_the_user_stays_on_a_page_of_ours() {
    let outage = Outage::prepare().await;
    let app = Setup::new().impatient().on(outage.database()).start().await;
    app.add_account(ANA).await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    own.tokens(&mut ana, &[]).await;
    outage.begin().await;
    for more in [&[][..], &[("prompt", "none")]] {
        let page = ana.get(&own.path(more)).await;
        page.assert_status(503);
        assert!(page.location().is_none() && !page.body.contains("app.example.com"), "{}", page.body);
    }
    let (status, body) =
        own.post(&app, "/oidc/token", &[("grant_type", "refresh_token"), ("refresh_token", "x")]).await;
    assert_eq!((status, text(&body, "error")), (503, "temporarily_unavailable"));
    outage.end().await;
}
