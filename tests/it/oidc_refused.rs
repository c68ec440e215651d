//! OpenID Connect: what is refused, row by row, and what ends.

use crate::{
    harness::{Setup, address},
    oidc_app::{ANA, CALLBACK, OidcApp, VERIFIER, Wanted, app_with_ana, comes_back, encode, text, userinfo},
};
use gatepost::{
    db,
    domain::{
        Lifetime,
        apps::Access,
        assurance::{Required, Strength},
        group::{Group, GroupId, GroupName},
        oidc::client::{ClientRules, Refreshes},
    },
    entropy::SystemEntropy,
    people::{self, Giver},
};
use rocket::{futures::future::join, http::Method};
use serde_json::{Value, json};

fn refreshing(rotates: bool) -> Wanted {
    let rules = ClientRules { refreshes: Refreshes::Always, rotates, ..ClientRules::new(false) };
    Wanted { rules, ..Wanted::default() }
}

#[track_caller]
fn is_refused(answer: &(u16, Value), status: u16, error: &str) {
    assert_eq!((answer.0, text(&answer.1, "error")), (status, error), "{}", answer.1);
    let why = text(&answer.1, "error_description");
    assert!(why.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\'), "{why}");
}

/// The header for the client, the form, and what comes of it: the status and the error.
type Refused<'a> = (Option<&'a str>, Vec<(&'a str, &'a str)>, u16, &'a str);

/// Each row of the token endpoint's table that is about the client.
#[rocket::async_test]
async fn a_client_that_is_not_who_it_says_gets_nothing() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let app = app_with_ana().await;
    let (grafana, phone) = (Wanted::default().register(&app).await, Wanted::public().register(&app).await);
    let other = Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let secret = grafana.secret.clone().unwrap();
    let basic = |id: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let code = grafana.code(&mut ana, &[]).await;
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let (right, wrong) = (basic("grafana", &secret), basic("grafana", &other.secret.clone().unwrap()));
    let longer = basic("grafana", &format!("{secret}."));
    let cases: Vec<Refused<'_>> = vec![
        (None, vec![], 401, "invalid_client"),
        (None, vec![("client_id", "grafana")], 401, "invalid_client"),
        (None, vec![("client_id", "unknown"), ("client_secret", &secret)], 401, "invalid_client"),
        (None, vec![("client_id", "grafana"), ("client_secret", "x")], 401, "invalid_client"),
        (None, vec![("client_id", "phone"), ("client_secret", &secret)], 401, "invalid_client"),
        (Some(&wrong), vec![], 401, "invalid_client"),
        (Some(&longer), vec![], 401, "invalid_client"),
        (Some("Bearer x"), vec![], 401, "invalid_client"),
        (Some(&right), vec![("client_id", "grafana"), ("client_secret", &secret)], 401, "invalid_client"),
        (Some(&right), vec![("client_id", "wiki")], 401, "invalid_client"),
        (Some(&right), vec![("client_assertion", "x"), ("client_assertion_type", "y")], 401, "invalid_client"),
    ];
    for (header, more, status, error) in cases {
        let body = encode(&[&form[..], &more].concat());
        let mut headers = vec![("Content-Type", "application/x-www-form-urlencoded")];
        headers.extend(header.map(|value| ("Authorization", value)));
        let page = app.browser().with(&headers).request(Method::Post, "/oidc/token", Some(&body)).await;
        let answer = (page.status.code, serde_json::from_str(&page.body).unwrap());
        is_refused(&answer, status, error);
        assert_eq!(page.header("WWW-Authenticate").is_some(), header.is_some(), "{more:?}");
    }
    // Nothing of that used the code up; by the body it works as well
    // (`oidcc-server-client-secret-post`).
    let body = encode(&[&form[..], &[("client_id", "grafana"), ("client_secret", &secret)]].concat());
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let page = app.browser().with(&headers).request(Method::Post, "/oidc/token", Some(&body)).await;
    page.assert_status(200);
    phone.tokens(&mut ana, &[]).await;
    app.write(move |connection| {
        let mut disabled = db::apps::find(connection, grafana.id)?.unwrap();
        disabled.app.is_disabled = true;
        db::apps::update(connection, &disabled, gatepost::domain::Timestamp::from_millis(1))
    })
    .await;
    let page = app.browser().with(&headers).request(Method::Post, "/oidc/token", Some(&body)).await;
    page.assert_status(401);
}

/// Each row about the request and the code.
#[rocket::async_test]
async fn a_code_is_for_one_client_one_address_and_one_verifier() {
    let app = app_with_ana().await;
    let uris = vec![CALLBACK, "https://app.example.com/other"];
    let grafana = Wanted { uris: uris.clone(), ..Wanted::default() }.register(&app).await;
    let phone = Wanted { uris, ..Wanted::public() }.register(&app).await;
    let other = Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let code = grafana.code(&mut ana, &[]).await;
    for (more, error) in [
        (vec![("grant_type", "")], "invalid_request"),
        (vec![("grant_type", "password")], "unsupported_grant_type"),
        (vec![("grant_type", "client_credentials")], "unsupported_grant_type"),
        (vec![("code", "")], "invalid_request"),
        (vec![("code", "x")], "invalid_grant"),
        (vec![("redirect_uri", "")], "invalid_grant"),
        (vec![("redirect_uri", "https://app.example.com/other")], "invalid_grant"),
        // A verifier although no challenge was sent: someone took the challenge out.
        (vec![("code_verifier", VERIFIER)], "invalid_grant"),
    ] {
        is_refused(&grafana.redeem(&app, &code, &more).await, 400, error);
    }
    is_refused(&other.redeem(&app, &code, &[]).await, 400, "invalid_grant");
    is_refused(&phone.redeem(&app, &code, &[]).await, 400, "invalid_grant");
    let mut changed = code.clone().into_bytes();
    let last = changed.len() - 5;
    changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
    is_refused(&grafana.redeem(&app, &String::from_utf8(changed).unwrap(), &[]).await, 400, "invalid_grant");
    assert_eq!(grafana.redeem(&app, &code, &[]).await.0, 200, "none of that used it up");
    let code = phone.code(&mut ana, &[]).await;
    for verifier in ["", "x", &VERIFIER.replace('d', "e"), &format!("{VERIFIER}x")] {
        is_refused(&phone.redeem(&app, &code, &[("code_verifier", verifier)]).await, 400, "invalid_grant");
    }
    app.clock.advance(Lifetime::seconds(61));
    is_refused(&phone.redeem(&app, &code, &[]).await, 400, "invalid_grant");
    let back = comes_back(&ana.get(&phone.path(&[("code_challenge", ""), ("code_challenge_method", "")])).await);
    assert_eq!(back["error"], "invalid_request", "a public client needs PKCE");
    // In the query, secrets would reach logs.
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let page = app.browser().with(&headers).request(Method::Post, "/oidc/token?client_id=phone", Some("")).await;
    page.assert_status(400);
    let doubled = "grant_type=authorization_code&client_id=phone&client_id=phone";
    let page = app.browser().with(&headers).request(Method::Post, "/oidc/token", Some(doubled)).await;
    assert!(page.status.code == 400 && page.body.contains("invalid_request"), "{}", page.body);
    for (method, kind, status) in [(Method::Get, None, 405), (Method::Post, Some("application/json"), 400)] {
        let headers: Vec<_> = kind.map(|kind| ("Content-Type", kind)).into_iter().collect();
        let page = app.browser().with(&headers).request(method, "/oidc/token", Some("{}")).await;
        assert_eq!(page.status.code, status);
        assert!(page.body.contains("invalid_request"), "{}", page.body);
    }
}

/// Tries what happens between the code and its use.
#[rocket::async_test]
async fn a_user_who_may_no_longer_open_the_app_gets_no_token() {
    #[derive(Clone, Copy, Debug)]
    enum Blow {
        SignedOut,
        Disabled,
        LeftTheGroup,
        AppWantsMore,
        AppRemoved,
    }
    let app = app_with_ana().await;
    let group =
        Group { id: GroupId::issue(&SystemEntropy), name: GroupName::parse("family").unwrap(), note: String::new() };
    let id = group.id;
    app.transact(move |tx| db::groups::insert(tx.connection, &group, tx.now)).await;
    let ana_id = app.account_of(ANA).await.unwrap().id;
    for (n, blow) in [Blow::SignedOut, Blow::LeftTheGroup, Blow::AppWantsMore, Blow::AppRemoved, Blow::Disabled]
        .into_iter()
        .enumerate()
    {
        app.transact(move |tx| db::groups::join(tx.connection, id, ana_id, tx.now)).await;
        let slug = ["a", "b", "c", "d", "e"][n];
        let access = Access { groups: vec![id], ..Access::default() };
        let rules = ClientRules { refreshes: Refreshes::Always, ..ClientRules::new(false) };
        let own = Wanted { slug, access, rules, ..Wanted::default() }.register(&app).await;
        let app_id = own.id;
        let mut ana = app.signed_in(ANA).await;
        let tokens = own.tokens(&mut ana, &[]).await;
        let code = own.code(&mut ana, &[]).await;
        match blow {
            Blow::SignedOut => {
                ana.post_only("/logout", &[]).await.assert_leads_to("/login");
            }
            Blow::Disabled => {
                app.transact(|tx| {
                    let account = db::accounts::find_by_email(tx.connection, &address(ANA))?.unwrap();
                    people::disable(tx, &account, Giver::Operator)
                })
                .await;
            }
            Blow::LeftTheGroup => {
                app.write(move |connection| db::groups::leave(connection, id, ana_id)).await;
            }
            Blow::AppWantsMore => {
                app.write(move |connection| {
                    let mut changed = db::apps::find(connection, app_id)?.unwrap();
                    changed.app.requires = Required { strength: Strength::Two, fresh_within: None };
                    db::apps::update(connection, &changed, gatepost::domain::Timestamp::from_millis(1))
                })
                .await;
            }
            Blow::AppRemoved => app.write(move |connection| db::apps::delete(connection, app_id)).await,
        }
        let (status, error) =
            if matches!(blow, Blow::AppRemoved) { (401, "invalid_client") } else { (400, "invalid_grant") };
        is_refused(&own.redeem(&app, &code, &[]).await, status, error);
        is_refused(&own.refresh(&app, text(&tokens, "refresh_token"), &[]).await, status, error);
        if !matches!(blow, Blow::AppWantsMore) {
            assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.0, 401, "{blow:?}");
        }
    }
}

/// A user whom the app does not admit, or who has proven too little, gets no code.
#[rocket::async_test]
async fn an_app_is_opened_only_by_whom_it_admits_and_as_strongly_as_it_wants() {
    let app = app_with_ana().await;
    let closed = Wanted { access: Access::default(), ..Wanted::default() }.register(&app).await;
    let required = Required { strength: Strength::Two, fresh_within: None };
    let strong = Wanted { slug: "bank", required, ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get(&closed.path(&[])).await;
    page.assert_status(403).assert_shows("You can’t open Grafana").assert_shows("Back to the app");
    assert!(page.body.contains("error=access_denied"), "{}", page.body);
    let back = comes_back(&ana.get(&closed.path(&[("prompt", "none")])).await);
    assert_eq!(back["error"], "access_denied");
    ana.get(&strong.path(&[])).await.assert_status(200).assert_shows("Grafana needs a second factor");
    let back = comes_back(&ana.get(&strong.path(&[("prompt", "none")])).await);
    assert_eq!(back["error"], "interaction_required");
    let essential = r#"{"id_token":{"acr":{"essential":true,"value":"phr"}}}"#;
    let any = Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await;
    let back = comes_back(&ana.get(&any.path(&[("claims", essential)])).await);
    assert_eq!(back["error"], "unmet_authentication_requirements");
}

/// A code at two nodes at once: one gets tokens, and they end.
#[rocket::async_test]
async fn a_code_that_two_nodes_redeem_at_once_gives_nothing_that_lasts() {
    let this = app_with_ana().await;
    let other = Setup::new().beside(&this).start().await;
    let grafana = Wanted::default().register(&this).await;
    let mut ana = this.signed_in(ANA).await;
    for _ in 0..5 {
        let code = grafana.code(&mut ana, &[]).await;
        let (one, two) = join(grafana.redeem(&this, &code, &[]), grafana.redeem(&other, &code, &[])).await;
        let given: Vec<&Value> =
            [&one, &two].into_iter().filter(|(status, _)| *status == 200).map(|(_, body)| body).collect();
        assert_eq!(given.len(), 1, "{one:?} {two:?}");
        assert_eq!(userinfo(&this, text(given[0], "access_token")).await.0, 401);
    }
}

fn refresh_token(body: &Value) -> String {
    text(body, "refresh_token").to_owned()
}

/// `oidcc-refresh-token`, rotation, the healed lost answer, and reuse.
#[rocket::async_test]
async fn a_refresh_token_is_replaced_and_its_reuse_ends_the_family() {
    let app = app_with_ana().await;
    let own = refreshing(true).register(&app).await;
    let other = Wanted { slug: "wiki", ..refreshing(true) }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let first = own.tokens(&mut ana, &[]).await;
    let claims_before = crate::oidc_app::claims(&app, &first).await;
    is_refused(&other.refresh(&app, &refresh_token(&first), &[]).await, 400, "invalid_grant");
    app.clock.advance(Lifetime::minutes(5));
    let (status, second) = own.refresh(&app, &refresh_token(&first), &[]).await;
    assert_eq!(status, 200, "{second}");
    let claims = crate::oidc_app::claims(&app, &second).await;
    for same in ["iss", "sub", "aud", "auth_time", "sid", "acr", "amr"] {
        assert_eq!(claims[same], claims_before[same], "{same}");
    }
    assert!(claims.get("nonce").is_none() && claims["iat"] != claims_before["iat"]);
    assert_ne!(refresh_token(&second), refresh_token(&first));
    // The answer was lost: the app asks again, and gets the same successor.
    app.clock.advance(Lifetime::seconds(20));
    let (status, again) = own.refresh(&app, &refresh_token(&first), &[]).await;
    assert_eq!((status, refresh_token(&again)), (200, refresh_token(&second)));
    assert_ne!(text(&again, "access_token"), text(&second, "access_token"));
    let (_, narrow) = own.refresh(&app, &refresh_token(&second), &[("scope", "openid")]).await;
    assert_eq!(text(&narrow, "scope"), "openid");
    is_refused(&own.refresh(&app, &refresh_token(&narrow), &[("scope", "openid groups")]).await, 400, "invalid_scope");
    app.clock.advance(Lifetime::seconds(31));
    is_refused(&own.refresh(&app, &refresh_token(&second), &[]).await, 400, "invalid_grant");
    is_refused(&own.refresh(&app, &refresh_token(&narrow), &[]).await, 400, "invalid_grant");
    assert_eq!(userinfo(&app, text(&narrow, "access_token")).await.0, 401);
    for odd in ["", "x", "gpr_0000000000000001.0.AAAA"] {
        let error = if odd.is_empty() { "invalid_request" } else { "invalid_grant" };
        is_refused(&own.refresh(&app, odd, &[]).await, 400, error);
    }
}

#[rocket::async_test]
async fn two_refreshes_at_once_on_two_nodes_get_the_same_successor() {
    let this = app_with_ana().await;
    let other = Setup::new().beside(&this).start().await;
    let own = refreshing(true).register(&this).await;
    let mut ana = this.signed_in(ANA).await;
    let mut token = refresh_token(&own.tokens(&mut ana, &[]).await);
    for _ in 0..5 {
        let (one, two) = join(own.refresh(&this, &token, &[]), own.refresh(&other, &token, &[])).await;
        assert_eq!((one.0, two.0), (200, 200), "{one:?} {two:?}");
        assert_eq!(refresh_token(&one.1), refresh_token(&two.1));
        token = refresh_token(&one.1);
    }
}

/// A thief and the app, or two thieves, with a token from before the last.
#[rocket::async_test]
async fn a_token_that_was_replaced_long_ago_gives_nothing_at_two_nodes_at_once_and_ends_the_family_once() {
    let this = app_with_ana().await;
    let other = Setup::new().beside(&this).start().await;
    let own = refreshing(true).register(&this).await;
    let mut ana = this.signed_in(ANA).await;
    for round in 1..=5 {
        let previous = refresh_token(&own.tokens(&mut ana, &[]).await);
        let (_, current) = own.refresh(&this, &previous, &[]).await;
        this.clock.advance(Lifetime::seconds(31));
        let (one, two) = join(own.refresh(&this, &previous, &[]), own.refresh(&other, &previous, &[])).await;
        is_refused(&one, 400, "invalid_grant");
        is_refused(&two, 400, "invalid_grant");
        is_refused(&own.refresh(&this, &refresh_token(&current), &[]).await, 400, "invalid_grant");
        assert_eq!(userinfo(&this, text(&current, "access_token")).await.0, 401);
        let lines = this.audit().await;
        let told = lines.iter().filter(|line| line.action.into_str() == "app_token_replayed").count();
        assert_eq!(told, round, "one line for each family");
    }
}

/// Over HTTP, what the table in the domain says.
#[rocket::async_test]
async fn a_refresh_token_ends_unused_and_in_all() {
    let app = app_with_ana().await;
    let rules = ClientRules {
        refreshes: Refreshes::Asked,
        rotates: false,
        refresh_idle: Lifetime::days(3),
        refresh_absolute: Lifetime::days(7),
        ..ClientRules::new(false)
    };
    let own = Wanted { rules, ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let scope = [("scope", "openid offline_access")];
    let (used, unused) = (own.tokens(&mut ana, &scope).await, own.tokens(&mut ana, &scope).await);
    for day in 1..7 {
        app.clock.advance(Lifetime::days(1));
        assert_eq!(own.refresh(&app, &refresh_token(&used), &[]).await.0, 200, "day {day}");
    }
    is_refused(&own.refresh(&app, &refresh_token(&unused), &[]).await, 400, "invalid_grant");
    app.clock.advance(Lifetime::days(1));
    is_refused(&own.refresh(&app, &refresh_token(&used), &[]).await, 400, "invalid_grant");
}

/// With `offline_access` a grant outlasts its session, and no more than that.
#[rocket::async_test]
async fn an_offline_grant_ends_when_all_sessions_are_ended() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let offline = own.tokens(&mut ana, &[("scope", "openid offline_access")]).await;
    assert!(own.tokens(&mut ana, &[]).await.get("refresh_token").is_none(), "it did not ask");
    ana.post_only("/logout", &[]).await.assert_leads_to("/login");
    let (status, body) = own.refresh(&app, &refresh_token(&offline), &[]).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(userinfo(&app, text(&body, "access_token")).await.0, 200);
    let mut ana = app.signed_in(ANA).await;
    ana.post_only("/account/sessions/revoke-others", &[]).await.assert_status(303);
    is_refused(&own.refresh(&app, &refresh_token(&body), &[]).await, 400, "invalid_grant");
    assert_eq!(userinfo(&app, text(&body, "access_token")).await.0, 401);
}

/// Signing out keeps what is to outlast the session. Ending another device's session does not: its
/// owner does not trust it any more.
#[rocket::async_test]
async fn a_session_that_its_owner_ends_from_elsewhere_takes_its_offline_grants_along() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut lost = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut lost, &[("scope", "openid offline_access")]).await;
    let ana_id = app.account_of(ANA).await.unwrap().id;
    let session = app.read(move |connection| db::sessions::of_account(connection, ana_id)).await.pop().unwrap().id;
    let mut ana = app.signed_in(ANA).await;
    let revoke = [("session", &*session.to_string())];
    ana.post_only("/account/sessions/revoke", &revoke).await.assert_status(303);
    is_refused(&own.refresh(&app, &refresh_token(&tokens), &[]).await, 400, "invalid_grant");
    assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.0, 401);
}

#[rocket::async_test]
async fn a_revoked_token_does_not_count_and_a_foreign_one_stays() {
    let app = app_with_ana().await;
    let own = refreshing(false).register(&app).await;
    let other = Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[]).await;
    let (access, refresh) = (text(&tokens, "access_token").to_owned(), refresh_token(&tokens));
    for token in ["x", &access, &refresh, text(&tokens, "id_token")] {
        assert_eq!(other.post(&app, "/oidc/revoke", &[("token", token)]).await.0, 200);
    }
    assert_eq!(userinfo(&app, &access).await.0, 200);
    let hint = ("token_type_hint", "refresh_token");
    assert_eq!(
        own.post(&app, "/oidc/revoke", &[("token", &access), hint]).await.0,
        200,
        "a wrong hint does not matter"
    );
    assert_eq!(userinfo(&app, &access).await.0, 401);
    let (status, again) = own.refresh(&app, &refresh, &[]).await;
    assert_eq!((status, refresh_token(&again)), (200, refresh.clone()), "it stays, as this client wants it");
    own.post(&app, "/oidc/revoke", &[("token", &refresh)]).await;
    is_refused(&own.refresh(&app, &refresh, &[]).await, 400, "invalid_grant");
    assert_eq!(userinfo(&app, text(&again, "access_token")).await.0, 401);
    is_refused(&own.post(&app, "/oidc/revoke", &[]).await, 400, "invalid_request");
}

#[rocket::async_test]
async fn introspection_tells_an_app_of_its_own_access_tokens_alone() {
    let app = app_with_ana().await;
    let own = refreshing(false).register(&app).await;
    let (other, phone) =
        (Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await, Wanted::public().register(&app).await);
    let tokens = own.tokens(&mut app.signed_in(ANA).await, &[]).await;
    let access = text(&tokens, "access_token").to_owned();
    let asks = async |who: &OidcApp, token: &str| who.post(&app, "/oidc/introspect", &[("token", token)]).await;
    let (_, found) = asks(&own, &access).await;
    assert_eq!((&found["active"], text(&found, "client_id")), (&json!(true), "grafana"));
    for token in [refresh_token(&tokens), text(&tokens, "id_token").to_owned(), "x".to_owned()] {
        assert_eq!(asks(&own, &token).await.1, json!({ "active": false }));
    }
    assert_eq!(asks(&other, &access).await.1, json!({ "active": false }));
    is_refused(&asks(&phone, &access).await, 401, "invalid_client");
    app.clock.advance(Lifetime::minutes(61));
    assert_eq!(asks(&own, &access).await.1, json!({ "active": false }));
}

/// Only pages of the apps' own origins read answers by a script.
#[rocket::async_test]
async fn answers_are_shared_with_the_origins_of_apps() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let uris = vec!["http://localhost/cb", "http://127.0.0.1:8765/cb"];
    Wanted { uris, ..Wanted::public() }.register(&app).await;
    for (path, origin, is_shared) in [
        // A program on the user's machine chooses its port, and nothing else.
        ("/oidc/token", "http://localhost:5173", true),
        ("/oidc/token", "http://localhost", true),
        ("/oidc/token", "http://127.0.0.1:5173", true),
        ("/oidc/token", "http://[::1]:5173", false),
        ("/oidc/token", "https://localhost:5173", false),
        ("/oidc/token", "http://localhost.evil.example:5173", false),
        ("/oidc/token", "http://localhost:5173/", false),
        ("/oidc/token", "http://localhost:5173@evil.example", false),
        ("/oidc/token", "http://LOCALHOST:5173", false),
        ("/oidc/token", "https://app.example.com", true),
        ("/oidc/userinfo", "https://app.example.com", true),
        ("/oidc/revoke", "https://app.example.com", true),
        ("/oidc/device_authorization", "https://app.example.com", true),
        ("/oidc/device_authorization", "https://evil.example", false),
        ("/oidc/token", "https://evil.example", false),
        ("/oidc/token", "https://app.example.com:8443", false),
        ("/oidc/token", "http://app.example.com", false),
        ("/oidc/token", "null", false),
    ] {
        let headers = [("Origin", origin), ("Access-Control-Request-Method", "POST")];
        let page = app.browser().with(&headers).request(Method::Options, path, None).await;
        page.assert_status(204);
        assert_eq!(page.header("Access-Control-Allow-Origin"), is_shared.then_some(origin), "{path} {origin}");
        assert_eq!(page.header("Access-Control-Allow-Credentials"), None);
    }
    let headers = [("Origin", "https://app.example.com"), ("Access-Control-Request-Method", "GET")];
    // Introspection is for servers.
    for path in ["/oidc/authorize", "/oidc/introspect"] {
        let page = app.browser().with(&headers).request(Method::Options, path, None).await;
        assert_eq!(page.header("Access-Control-Allow-Origin"), None, "{path}");
    }
    let keys = app.browser().with(&headers[..1]).request(Method::Get, "/oidc/jwks.json", None).await;
    assert_eq!(keys.header("Access-Control-Allow-Origin"), Some("*"));
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    for (origin, shared) in
        [("https://app.example.com", Some("https://app.example.com")), ("https://evil.example", None)]
    {
        for path in ["/oidc/token", "/oidc/revoke", "/oidc/device_authorization", "/oidc/userinfo"] {
            let headers = [form, ("Origin", origin)];
            let page = app.browser().with(&headers).request(Method::Post, path, Some("client_id=grafana")).await;
            page.assert_status(401);
            assert_eq!(page.header("Access-Control-Allow-Origin"), shared, "{path} {origin}");
            assert_eq!(page.header("Vary"), Some("Origin"), "{path} {origin}");
        }
    }
    let id = own.id;
    app.write(move |connection| {
        let mut off = db::apps::find(connection, id)?.unwrap();
        off.app.is_disabled = true;
        db::apps::update(connection, &off, gatepost::domain::Timestamp::from_millis(1))
    })
    .await;
    let page = app.browser().with(&headers).request(Method::Options, "/oidc/token", None).await;
    assert_eq!(page.header("Access-Control-Allow-Origin"), None, "no answer is for an app that is off");
}

/// By then the server knows which app asks.
#[rocket::async_test]
async fn an_answer_for_one_app_is_not_shared_with_the_pages_of_another() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    Wanted { slug: "wiki", uris: vec!["https://wiki.example.com/cb"], ..Wanted::default() }.register(&app).await;
    let id = own.id;
    app.write(move |connection| db::oidc_devices::allow(connection, id, true)).await;
    let tokens = own.tokens(&mut app.signed_in(ANA).await, &[]).await;
    let bearer = format!("Bearer {}", text(&tokens, "access_token"));
    let secret = own.secret.clone().unwrap();
    let form = encode(&[("client_id", "grafana"), ("client_secret", &secret), ("token", "x"), ("scope", "openid")]);
    for (origin, is_shared) in [("https://app.example.com", true), ("https://wiki.example.com", false)] {
        for path in ["/oidc/token", "/oidc/revoke", "/oidc/device_authorization", "/oidc/userinfo"] {
            let mut headers = vec![("Content-Type", "application/x-www-form-urlencoded"), ("Origin", origin)];
            let is_userinfo = path == "/oidc/userinfo";
            headers.extend(is_userinfo.then_some(("Authorization", &*bearer)));
            let form = if is_userinfo { "" } else { &form };
            let page = app.browser().with(&headers).request(Method::Post, path, Some(form)).await;
            assert_ne!(page.status.code, 401, "{path}");
            assert_eq!(page.header("Access-Control-Allow-Origin"), is_shared.then_some(origin), "{path} {origin}");
        }
    }
}

/// An app that others made reads nothing before its user agrees.
#[rocket::async_test]
async fn a_user_is_asked_before_an_app_of_others_reads_anything() {
    let app = app_with_ana().await;
    let rules = ClientRules { is_third_party: true, ..ClientRules::new(false) };
    let own = Wanted { rules, ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let back = comes_back(&ana.get(&own.path(&[("prompt", "none")])).await);
    assert_eq!(back["error"], "consent_required");
    let page = ana.get(&own.path(&[])).await;
    page.assert_status(200).assert_shows("Share your data with this app?").assert_shows("Your email address");
    page.assert_hides("Your groups");
    let (resume, account) = (page.hidden("resume").to_owned(), page.hidden("account").to_owned());
    let no = ana.post_only("/oidc/consent", &[("resume", &resume), ("answer", "no")]).await;
    assert_eq!(comes_back(&no)["error"], "access_denied");
    let yes = ana.post_only("/oidc/consent", &[("resume", &resume), ("account", &account), ("answer", "yes")]).await;
    let to = yes.location().unwrap().to_owned();
    let back = comes_back(&ana.get(&to).await);
    assert_eq!(own.redeem(&app, &back["code"], &[]).await.0, 200);
    own.tokens(&mut ana, &[("prompt", "none")]).await;
    ana.get(&own.path(&[("scope", "openid email groups")])).await.assert_shows("Your groups");
    ana.get(&own.path(&[("prompt", "consent")])).await.assert_shows("Share your data with this app?");
}

/// Ana has left the group, or the app requires more, since the page was shown.
#[rocket::async_test]
async fn who_may_no_longer_open_an_app_agrees_to_nothing() {
    for is_closed in [true, false] {
        let app = app_with_ana().await;
        let rules = ClientRules { is_third_party: true, ..ClientRules::new(false) };
        let own = Wanted { rules, ..Wanted::default() }.register(&app).await;
        let mut ana = app.signed_in(ANA).await;
        let page = ana.get(&own.path(&[])).await;
        let (resume, account) = (page.hidden("resume").to_owned(), page.hidden("account").to_owned());
        let (id, now) = (own.id, app.services.now());
        app.write(move |connection| {
            let mut registered = db::apps::find(connection, id)?.unwrap();
            registered.app.access.everyone = !is_closed;
            registered.app.requires.strength = if is_closed { Strength::One } else { Strength::Two };
            db::apps::update(connection, &registered, now)
        })
        .await;
        app.a_second_later();
        let yes = [("resume", resume.as_str()), ("account", account.as_str()), ("answer", "yes")];
        let next = ana.post_only("/oidc/consent", &yes).await;
        let page = ana.get(next.location().unwrap()).await;
        assert_eq!(page.status.code == 403, is_closed, "{}", page.text());
        let account = app.account_of(ANA).await.unwrap().id;
        let given = app.read(move |connection| db::oidc_held::consents_of(connection, account)).await;
        assert!(given.is_empty());
        assert!(!app.audit().await.iter().any(|line| line.action.into_str() == "app_consent_given"));
    }
}

#[rocket::async_test]
async fn no_user_is_asked_for_access_that_the_app_does_not_get() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    for (refreshes, is_asked) in [(Refreshes::Never, false), (Refreshes::Asked, true)] {
        let rules = ClientRules { is_third_party: true, refreshes, ..ClientRules::new(false) };
        let slug = if is_asked { "wiki" } else { "grafana" };
        let own = Wanted { slug, rules, ..Wanted::default() }.register(&app).await;
        let path = own.path(&[("scope", "openid email offline_access")]);
        let page = ana.get(&path).await;
        page.assert_shows("Your email address");
        assert_eq!(page.text().contains("even while you’re signed out"), is_asked, "{}", page.text());
        let (resume, account) = (page.hidden("resume").to_owned(), page.hidden("account").to_owned());
        ana.post_only("/oidc/consent", &[("resume", &resume), ("account", &account), ("answer", "yes")]).await;
        let account = app.account_of(ANA).await.unwrap().id;
        let id = own.id;
        let given = app.read(move |connection| db::oidc_grants::consent(connection, account, id)).await;
        assert_eq!(given.unwrap().text().contains("offline_access"), is_asked);
        own.code(&mut ana, &[("scope", "openid email offline_access")]).await;
    }
}
