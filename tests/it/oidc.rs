//! OpenID Connect, against the whole application. The tests have the names of modules of the OpenID
//! Foundation's suite. Those are the modules for the Basic, Config and RP-initiated logout
//! profiles.

use crate::{
    browser::Page,
    german::is_german,
    harness::TestApp,
    oidc_app::{
        ANA, CALLBACK, SIGNED_OUT, Wanted, app_with_ana, claims, comes_back, encode, header, keys, text, userinfo,
    },
};
use gatepost::domain::Lifetime;
use rocket::http::Method;
use serde_json::{Value, json};

const ISSUER: &str = "http://localhost:8000";

async fn get_json(app: &TestApp, path: &str) -> (Page, Value) {
    let page = app.browser().get(path).await;
    page.assert_status(200);
    let value = serde_json::from_str(&page.body).unwrap();
    (page, value)
}

/// `oidcc-server`, and what an app does from the first request to userinfo.
#[rocket::async_test]
async fn a_user_signs_in_to_an_app_by_an_email_link() {
    let app = app_with_ana().await;
    let grafana = Wanted::default().register(&app).await;
    let mut browser = app.browser();
    let page = browser.get(&grafana.path(&[])).await;
    page.assert_status(303);
    let login = page.location().unwrap().to_owned();
    assert!(login.starts_with("/login?return_to=%2Foidc%2Fauthorize%3Fresume%3D"), "{login}");
    let return_to = browser.get(&login).await.hidden("return_to").to_owned();
    let page = browser.sign_in_to(ANA, &[("return_to", &return_to)]).await;
    let here = page.location().unwrap().to_owned();
    assert_eq!(here, return_to, "the way survives the email");
    // After a form of ours: a page that needs no script leads on.
    let page = browser.with(&[("Sec-Fetch-Site", "same-origin")]).request(Method::Get, &here, None).await;
    page.assert_status(200).assert_shows("Continue to the app");
    let back = comes_back(&page);
    assert_eq!((back["state"].as_str(), back["iss"].as_str()), ("a state/+&", ISSUER));
    let (status, tokens) = grafana.redeem(&app, &back["code"], &[]).await;
    assert_eq!((status, text(&tokens, "token_type"), tokens["expires_in"].as_i64()), (200, "Bearer", Some(3600)));
    assert_eq!((text(&tokens, "scope"), tokens.get("refresh_token")), ("openid profile email", None));
    let ana = app.account_of(ANA).await.unwrap();
    let claims = claims(&app, &tokens).await;
    let now = app.services.now().as_seconds();
    for (name, expected) in [
        ("iss", json!(ISSUER)),
        ("sub", json!(ana.id.to_string())),
        ("aud", json!("grafana")),
        ("nonce", json!("n-0S6_WzA2Mj")),
        ("iat", json!(now)),
        ("exp", json!(now + 3600)),
        ("auth_time", json!(now)),
        ("acr", json!("urn:gatepost:one")),
        ("amr", json!(["email"])),
        ("at_hash", json!(gatepost::signing::half_hash(text(&tokens, "access_token")))),
        ("email", json!(ANA)),
        ("email_verified", json!(true)),
    ] {
        assert_eq!(claims[name], expected, "{name}");
    }
    let mut names: Vec<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let all = "acr amr at_hash aud auth_time email email_verified exp iat iss name nonce preferred_username sid sub";
    assert_eq!(names.join(" "), all, "an app that finds nbf may refuse the token for its own clock");
    let (status, info) = userinfo(&app, text(&tokens, "access_token")).await;
    assert_eq!((status, &info["sub"], &info["email"]), (200, &claims["sub"], &json!(ANA)));
    assert!(!text(&info, "preferred_username").contains('@'), "{info}");
    assert!(
        app.audit().await.iter().any(|line| line.action.into_str() == "signed_in_to_app" && line.subject == "grafana")
    );
}

/// `oidcc-discovery-endpoint-verification`, and the issuer byte for byte.
#[rocket::async_test]
async fn discovery_names_what_there_is_and_no_more() {
    let app = app_with_ana().await;
    let grafana = Wanted::default().register(&app).await;
    let (page, found) = get_json(&app, "/.well-known/openid-configuration").await;
    assert_eq!(page.header("Access-Control-Allow-Origin"), Some("*"));
    assert_eq!(page.header("Cache-Control"), Some("public, max-age=3600"));
    assert_eq!(found, get_json(&app, "/.well-known/oauth-authorization-server").await.1);
    assert_eq!(text(&found, "issuer"), ISSUER);
    for (name, value) in found.as_object().unwrap() {
        assert!(value.as_array().is_none_or(|all| !all.is_empty()), "{name} is empty");
        if let Some(path) = value.as_str().and_then(|url| url.strip_prefix(ISSUER)).filter(|path| !path.is_empty()) {
            let answer = app.browser().request(Method::Options, path, None).await;
            assert_ne!(answer.status.code, 404, "{name}");
        }
    }
    assert!(found["id_token_signing_alg_values_supported"].as_array().unwrap().contains(&json!("RS256")));
    assert_eq!(found["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(
        (&found["request_parameter_supported"], &found["request_uri_parameter_supported"]),
        (&json!(false), &json!(false))
    );
    assert!(found.get("registration_endpoint").is_none());
    for (name, value) in [
        ("claims_parameter_supported", json!(true)),
        ("authorization_response_iss_parameter_supported", json!(true)),
        ("acr_values_supported", json!(["urn:gatepost:one", "urn:gatepost:two", "phr"])),
        ("response_types_supported", json!(["code"])),
        ("response_modes_supported", json!(["query", "form_post"])),
        ("prompt_values_supported", json!(["none", "login", "consent", "select_account", "create"])),
        ("subject_types_supported", json!(["public"])),
        ("scopes_supported", json!(["openid", "profile", "email", "groups", "offline_access"])),
    ] {
        assert_eq!(found[name], value, "{name}");
    }
    let keys = keys(&app).await;
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0].kid, keys[1].kid);
    let mut ana = app.signed_in(ANA).await;
    let back = comes_back(&ana.get(&grafana.path(&[])).await);
    let tokens = grafana.tokens(&mut ana, &[]).await;
    assert_eq!((back["iss"].as_str(), &claims(&app, &tokens).await["iss"]), (text(&found, "issuer"), &found["issuer"]));
}

/// `oidcc-idtoken-signature`: an app that asked for nothing gets RS256; one may choose ES256.
#[rocket::async_test]
async fn each_app_gets_its_algorithm_and_a_key_of_the_set() {
    use gatepost::domain::oidc::{SigningAlg, client::ClientRules};
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    for (slug, alg) in [("grafana", SigningAlg::Rs256), ("wiki", SigningAlg::Es256)] {
        let rules = ClientRules { id_token_alg: alg, ..ClientRules::new(false) };
        let own = Wanted { slug, rules, ..Wanted::default() }.register(&app).await;
        let tokens = own.tokens(&mut ana, &[]).await;
        let header = header(text(&tokens, "id_token"));
        assert_eq!((text(&header, "alg"), text(&header, "typ")), (alg.into_str(), "JWT"));
        assert!(keys(&app).await.iter().any(|key| key.kid == text(&header, "kid") && key.alg == alg));
        claims(&app, &tokens).await;
    }
}

/// `oidcc-userinfo-get`, `-post-header`, `-post-body`.
#[rocket::async_test]
async fn userinfo_takes_one_token_by_header_or_by_body() {
    let app = app_with_ana().await;
    let grafana = Wanted::default().register(&app).await;
    let tokens = grafana.tokens(&mut app.signed_in(ANA).await, &[]).await;
    let token = text(&tokens, "access_token");
    let (bearer, form) = (format!("Bearer {token}"), ("Content-Type", "application/x-www-form-urlencoded"));
    let body = encode(&[("access_token", token)]);
    let in_query = format!("/oidc/userinfo?access_token={token}");
    let id_token = format!("Bearer {}", text(&tokens, "id_token"));
    let auth = ("Authorization", bearer.as_str());
    for (method, path, headers, body, status) in [
        (Method::Get, "/oidc/userinfo", vec![auth], None, 200),
        (Method::Post, "/oidc/userinfo", vec![auth], None, 200),
        (Method::Post, "/oidc/userinfo", vec![form], Some(body.as_str()), 200),
        (Method::Post, "/oidc/userinfo", vec![form, auth], Some(body.as_str()), 400),
        (Method::Get, "/oidc/userinfo", vec![auth, auth], None, 400),
        (Method::Get, &in_query, vec![], None, 400),
        (Method::Get, "/oidc/userinfo", vec![], None, 401),
        (Method::Get, "/oidc/userinfo", vec![("Authorization", "Basic x")], None, 401),
        (Method::Get, "/oidc/userinfo", vec![("Authorization", "Bearer x")], None, 401),
        (Method::Get, "/oidc/userinfo", vec![("Authorization", &id_token)], None, 401),
    ] {
        let page = app.browser().with(&headers).request(method, path, body).await;
        assert_eq!(page.status.code, status, "{method} {path:.20} {headers:?}: {}", page.body);
        assert_eq!(page.header("WWW-Authenticate").is_some(), status != 200);
    }
    let without = grafana.tokens(&mut app.signed_in(ANA).await, &[("scope", "email")]).await;
    assert!(without.get("id_token").is_none(), "OAuth alone");
    assert_eq!(userinfo(&app, text(&without, "access_token")).await.0, 403);
}

/// `…-without-nonce-succeeds-for-code-flow`, `oidcc-alternate-happy-flow`,
/// `-unknown-parameter-succeeds`, `-display-page`, `-display-popup`, `-login-hint`, `-ui-locales`,
/// `-claims-locales`, `-with-acr-values-succeeds`, `-request-with-valid-pkce-succeeds`,
/// `oidcc-scope-…`.
#[rocket::async_test]
async fn what_an_app_may_add_does_no_harm() {
    use crate::oidc_app::{CHALLENGE, VERIFIER};
    let app = app_with_ana().await;
    let grafana = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    for more in [
        vec![("nonce", "")],
        vec![("scope", "email openid address phone unknown")],
        vec![("extra", "foobar")],
        vec![("display", "page")],
        vec![("display", "popup")],
        vec![("login_hint", ANA)],
        vec![("login_hint", "not an address")],
        vec![("ui_locales", "de en")],
        vec![("claims_locales", "de")],
        vec![("acr_values", "1 2 urn:gatepost:two")],
        vec![("response_mode", "query")],
        vec![("claims", r#"{"userinfo":{"name":{"essential":true}}}"#)],
    ] {
        let tokens = grafana.tokens(&mut ana, &more).await;
        let claims = claims(&app, &tokens).await;
        assert_eq!(claims.get("nonce").is_some(), more[0].0 != "nonce", "{more:?}");
    }
    let code = grafana.code(&mut ana, &[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]).await;
    assert_eq!(grafana.redeem(&app, &code, &[("code_verifier", VERIFIER)]).await.0, 200);
    // `oidcc-claims-essential`, and scopes that were not asked for.
    let essential = r#"{"userinfo":{"name":{"essential":true}}}"#;
    let tokens = grafana.tokens(&mut ana, &[("scope", "openid"), ("claims", essential)]).await;
    let info = userinfo(&app, text(&tokens, "access_token")).await.1;
    assert!(info.get("name").is_some() && info.get("email").is_none(), "{info}");
}

/// `…-response-type-missing`, `-request-uri-unsigned-…`, `-unsigned-request-object-…`: told to the
/// app.
#[rocket::async_test]
async fn what_is_wrong_is_told_to_the_app_with_state_and_issuer() {
    let app = app_with_ana().await;
    let grafana = Wanted::default().register(&app).await;
    for mut browser in [app.browser(), app.signed_in(ANA).await] {
        for (more, error) in [
            (("response_type", ""), "invalid_request"),
            (("response_type", "token"), "unsupported_response_type"),
            (("request", "eyJhbGciOiJub25lIn0.e30."), "request_not_supported"),
            (("request_uri", "https://app.example.com/r"), "request_uri_not_supported"),
            (("registration", "{}"), "registration_not_supported"),
            (("prompt", "none login"), "invalid_request"),
            (("max_age", "-1"), "invalid_request"),
            (("claims", "[]"), "invalid_request"),
            (("code_challenge_method", "plain"), "invalid_request"),
            (("response_mode", "fragment"), "invalid_request"),
        ] {
            let page = browser.get(&grafana.path(&[more])).await;
            page.assert_status(303);
            let back = comes_back(&page);
            assert_eq!((back["error"].as_str(), back["iss"].as_str()), (error, ISSUER), "{more:?}");
            assert_eq!(back["state"], "a state/+&");
            assert!(!back.contains_key("code") && page.header("Cache-Control") == Some("no-store"));
        }
    }
}

/// `oidcc-ensure-registered-redirect-uri`: an error page, and no redirect anywhere.
#[rocket::async_test]
async fn an_unknown_app_or_address_is_told_to_the_user_alone() {
    let app = app_with_ana().await;
    let grafana = Wanted::default().register(&app).await;
    let long = "s".repeat(4097);
    for mut browser in [app.browser(), app.signed_in(ANA).await] {
        for (more, words) in [
            (("client_id", "other"), "isn’t registered"),
            (("client_id", ""), "isn’t registered"),
            (("redirect_uri", ""), "didn’t say where"),
            (("redirect_uri", "https://evil.example/callback"), "isn’t registered for it"),
            (("redirect_uri", "https://app.example.com/callback/"), "isn’t registered for it"),
            (("redirect_uri", "https://app.example.com/callback?x=1"), "isn’t registered for it"),
            (("redirect_uri", "javascript:alert(1)"), "isn’t registered for it"),
            (("state", long.as_str()), "The app’s request is too long"),
        ] {
            let page = browser.get(&grafana.path(&[more])).await;
            page.assert_status(400).assert_shows(words);
            assert!(page.location().is_none() && !page.body.contains("http-equiv=\"refresh\""));
            assert!(!page.body.contains("href=\"https://evil"), "nothing leads there");
        }
        let twice = format!("{}&redirect_uri={CALLBACK}", grafana.path(&[]));
        browser.get(&twice).await.assert_status(400);
    }
    let page = app.browser().speaking("de").get(&grafana.path(&[("client_id", "other")])).await;
    is_german(&page, "Die Anmeldung lässt sich nicht fortsetzen");
    page.assert_shows("nicht eingetragen");
}

/// `oidcc-prompt-none-not-logged-in`, `-prompt-none-logged-in`, `-id-token-hint`.
#[rocket::async_test]
async fn a_silent_request_shows_no_page() {
    let app = app_with_ana().await;
    app.add_account("ben@example.com").await;
    let grafana = Wanted::default().register(&app).await;
    let silent = ("prompt", "none");
    let back = comes_back(&app.browser().get(&grafana.path(&[silent])).await);
    assert_eq!(back["error"], "login_required");
    let mut ana = app.signed_in(ANA).await;
    let first = grafana.tokens(&mut ana, &[]).await;
    app.clock.advance(Lifetime::minutes(10));
    let second = grafana.tokens(&mut ana, &[silent]).await;
    let (first_claims, second_claims) = (claims(&app, &first).await, claims(&app, &second).await);
    assert_eq!(
        (&first_claims["sub"], &first_claims["auth_time"]),
        (&second_claims["sub"], &second_claims["auth_time"])
    );
    let hint = text(&first, "id_token");
    grafana.tokens(&mut ana, &[silent, ("id_token_hint", hint)]).await;
    let mut ben = app.signed_in("ben@example.com").await;
    for (hint, error) in [(hint, "login_required"), ("x.y.z", "login_required")] {
        let back = comes_back(&ben.get(&grafana.path(&[silent, ("id_token_hint", hint)])).await);
        assert_eq!(back["error"], error, "{hint:.20}");
    }
    // An app that asks for Ana gets no answer for Ben.
    let page = ben.get(&grafana.path(&[("id_token_hint", hint)])).await;
    page.assert_status(200).assert_shows("Use another account").assert_hides("Continue as ben@example.com");
    let page = ben.get(&grafana.path(&[("login_hint", ANA)])).await;
    page.assert_status(200).assert_shows("Continue as ben@example.com");
    grafana.tokens(&mut ben, &[("id_token_hint", "x.y.z")]).await;
}

/// `oidcc-prompt-login`, `-max-age-1`, `-max-age-10000`.
#[rocket::async_test]
async fn an_app_can_have_its_user_prove_again() {
    let app = app_with_ana().await;
    let grafana = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let before = claims(&app, &grafana.tokens(&mut ana, &[]).await).await;
    app.clock.advance(Lifetime::seconds(20));
    let same = claims(&app, &grafana.tokens(&mut ana, &[("max_age", "10000")]).await).await;
    assert_eq!(same["auth_time"], before["auth_time"]);
    for (more, silent) in [
        (("prompt", "login"), None),
        (("max_age", "1"), Some("login_required")),
        (("max_age", "0"), Some("login_required")),
    ] {
        app.clock.advance(Lifetime::minutes(1));
        let page = ana.get(&grafana.path(&[more])).await;
        let then = page.then();
        let asks = page.location().unwrap().to_owned();
        ana.get(&asks).await.assert_status(200).assert_shows("Verify it’s you");
        assert!(then.starts_with("/oidc/authorize?resume="), "{then}");
        ana.get(&then).await.assert_status(303);
        assert!(ana.get(&then).await.location().unwrap().starts_with("/step-up?"), "not without the proof");
        ana.post("/step-up", &[("then", &then)]).await.assert_leads_to("/login/sent");
        let link = app.mail_to(ANA).await.link();
        ana.open(&link).await;
        ana.post("/auth/verify", &[]).await.assert_leads_to(&then);
        let back = comes_back(&ana.get(&then).await);
        let (_, tokens) = grafana.redeem(&app, &back["code"], &[]).await;
        let after = claims(&app, &tokens).await;
        assert_eq!(after["auth_time"], json!(app.services.now().as_seconds()), "{more:?}");
        if let Some(error) = silent {
            app.clock.advance(Lifetime::seconds(5));
            let back = comes_back(&ana.get(&grafana.path(&[more, ("prompt", "none")])).await);
            assert_eq!(back["error"], error);
        }
        // The way back of one request proves nothing for another.
        let other = grafana.path(&[more, ("state", "other")]);
        app.clock.advance(Lifetime::seconds(5));
        assert!(ana.get(&other).await.location().unwrap().starts_with("/step-up?"));
    }
}

/// `oidcc-codereuse`, `oidcc-codereuse-30seconds`.
#[rocket::async_test]
async fn a_code_counts_once_and_a_second_use_ends_what_the_first_gave() {
    let app = app_with_ana().await;
    let grafana = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    for wait in [0, 30, 90] {
        let code = grafana.code(&mut ana, &[]).await;
        let (_, tokens) = grafana.redeem(&app, &code, &[]).await;
        let token = text(&tokens, "access_token");
        assert_eq!(userinfo(&app, token).await.0, 200);
        app.clock.advance(Lifetime::seconds(wait));
        let (status, body) = grafana.redeem(&app, &code, &[]).await;
        assert_eq!((status, text(&body, "error")), (400, "invalid_grant"));
        assert_eq!(userinfo(&app, token).await.0, 401, "after {wait} seconds");
    }
    assert!(app.audit().await.iter().any(|line| line.action.into_str() == "app_token_replayed" && line.subject == ANA));
}

/// `oidcc-ensure-post-request-succeeds`: the form brings no cookie, so that the browser asks by
/// GET.
#[rocket::async_test]
async fn an_app_may_ask_by_a_form() {
    let app = app_with_ana().await;
    let grafana = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let path = grafana.path(&[]);
    let form = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Origin", "https://app.example.com"),
    ];
    let page = ana.with(&form).request(Method::Post, "/oidc/authorize", Some(path.split_once('?').unwrap().1)).await;
    page.assert_status(303);
    let to = page.location().unwrap().to_owned();
    assert!(to.starts_with("/oidc/authorize?"), "{to}");
    assert!(comes_back(&ana.get(&to).await).contains_key("code"));
}

/// `oidcc-rp-initiated-logout` and its ten sisters.
#[rocket::async_test]
async fn signing_out_from_an_app_ends_the_session_by_a_button_of_ours() {
    let app = app_with_ana().await;
    let grafana = Wanted::default().register(&app).await;
    let bye = ("post_logout_redirect_uri", SIGNED_OUT);
    for (more, leads) in [
        (vec![bye, ("state", "s")], Some("?state=s")),
        (vec![bye], Some("")),
        (vec![], None),
        (vec![("state", "s")], None),
        (vec![("post_logout_redirect_uri", "https://app.example.com/other"), ("state", "s")], None),
        (vec![("post_logout_redirect_uri", "https://app.example.com/bye?x=1")], None),
        (vec![bye, ("id_token_hint", "x.y.z")], None),
        (vec![bye, ("id_token_hint", "none")], None),
    ] {
        let mut ana = app.signed_in(ANA).await;
        let tokens = grafana.tokens(&mut ana, &[]).await;
        let id_token = text(&tokens, "id_token").to_owned();
        let parts: Vec<&str> = id_token.split('.').collect();
        let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
        let mut fields = more.clone();
        match fields.iter_mut().find(|(name, _)| *name == "id_token_hint") {
            Some(hint) if hint.1 == "none" => hint.1 = &unsigned,
            Some(_) => {}
            None => fields.push(("id_token_hint", &id_token)),
        }
        let page = ana.get(&format!("/oidc/logout?{}", encode(&fields))).await;
        page.assert_status(200).assert_shows("Sign out?");
        assert!(ana.is_signed_in_as(ANA).await, "nothing ends by a look");
        let resume = page.hidden("resume").to_owned();
        let page = ana.post_only("/oidc/logout/confirm", &[("resume", &resume)]).await;
        assert!(ana.is_signed_out().await, "{more:?}");
        match leads {
            Some(query) => {
                assert!(page.body.contains(&format!("url={SIGNED_OUT}{query}\"")), "{more:?}: {}", page.body);
            }
            None => {
                let to = page.location().unwrap();
                assert!(to.starts_with("/oidc/logout?told="), "{to}");
                ana.get(to)
                    .await
                    .assert_shows("You’re signed out")
                    .assert_shows("Grafana We can’t sign you out there.");
            }
        }
        let back = comes_back(&ana.get(&grafana.path(&[("prompt", "none")])).await);
        assert_eq!(back["error"], "login_required");
        assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.0, 401, "the app's tokens end, too");
    }
    // No user is signed in: the app gets its user back at once.
    let hintless = encode(&[("client_id", "grafana"), bye]);
    let page = app.browser().get(&format!("/oidc/logout?{hintless}")).await;
    page.assert_leads_to(SIGNED_OUT);
    let page = app.browser().get(&format!("/oidc/logout?{}", encode(&[bye]))).await;
    page.assert_status(200).assert_shows("You’re signed out");
}

#[rocket::async_test]
async fn the_sign_in_page_names_the_registered_app_that_waits() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut browser = app.browser();
    let login = browser.get(&own.path(&[])).await.location().unwrap().to_owned();
    assert!(login.contains("resume%3D"), "{login}");
    browser.get(&login).await.assert_shows("to continue to Grafana");
    let whole = encode(&[("return_to", &own.path(&[]))]);
    browser.get(&format!("/login?{whole}")).await.assert_shows("to continue to Grafana");
    for odd in ["client_id=unknown", "client_id=%00", "resume=AAAA", "resume=", "client_id=grafana&client_id=wiki", ""]
    {
        let odd = encode(&[("return_to", &format!("/oidc/authorize?{odd}"))]);
        browser.get(&format!("/login?{odd}")).await.assert_status(200).assert_hides("to continue to");
    }
}
