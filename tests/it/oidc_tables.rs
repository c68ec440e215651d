//! OpenID Connect: whole tables of what a code, an access token and a sign-out need.

use crate::{
    harness::TestApp,
    oidc_app::{ANA, CALLBACK, SIGNED_OUT, VERIFIER, Wanted, app_with_ana, claims, encode, text, userinfo},
};
use gatepost::{
    domain::{Lifetime, oidc::SigningAlg},
    entropy::SystemEntropy,
    signing::{self, SigningKey, TokenKind},
};
use rocket::http::Method;
use serde_json::{Value, json};

/// T63: another client, another address, another verifier, too late. These are 2 × 2 × 2 × 2 cells,
/// each before and after the code was used.
#[rocket::async_test]
async fn a_code_counts_if_all_four_are_right_and_it_is_the_first_use() {
    let app = app_with_ana().await;
    let uris = vec![CALLBACK, "https://app.example.com/other"];
    let own = Wanted { uris: uris.clone(), ..Wanted::public() }.register(&app).await;
    let other = Wanted { uris, slug: "tablet", ..Wanted::public() }.register(&app).await;
    let wrong_verifier = VERIFIER.replace('d', "e");
    let mut ana = app.signed_in(ANA).await;
    for used in [false, true] {
        for mask in 0..16 {
            let code = own.code(&mut ana, &[]).await;
            let first = if used { Some(own.redeem(&app, &code, &[]).await) } else { None };
            let client = if mask & 1 == 0 { &own } else { &other };
            let address = if mask & 2 == 0 { CALLBACK } else { "https://app.example.com/other" };
            let verifier = if mask & 4 == 0 { VERIFIER } else { &wrong_verifier };
            if mask & 8 != 0 {
                app.clock.advance(Lifetime::seconds(61));
            }
            let more = [("redirect_uri", address), ("code_verifier", verifier)];
            let (status, body) = client.redeem(&app, &code, &more).await;
            if mask == 0 && !used {
                assert_eq!(status, 200, "{body}");
                continue;
            }
            assert_eq!((status, text(&body, "error")), (400, "invalid_grant"), "{mask:04b}, used: {used}");
            // A second use ends what the first one gave, also after the code's time. What could not
            // have redeemed the code ends nothing.
            if let Some((_, tokens)) = first {
                let ends = mask & 7 == 0;
                let expected = if ends { 401 } else { 200 };
                assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.0, expected, "{mask:04b}");
            } else if mask & 8 == 0 {
                assert_eq!(own.redeem(&app, &code, &[]).await.0, 200, "{mask:04b}: not used up");
            }
        }
    }
}

/// One way in which an access token is presented.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shown {
    Not,
    Right,
    Garbage,
    Refresh,
    IdToken,
    Other,
}
const WAYS: [Shown; 6] = [Shown::Not, Shown::Right, Shown::Garbage, Shown::Refresh, Shown::IdToken, Shown::Other];

/// Every header with every body, with and without a query.
#[rocket::async_test]
async fn userinfo_takes_one_access_token_and_nothing_else() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[("scope", "openid offline_access")]).await;
    let plain = own.tokens(&mut ana, &[("scope", "profile")]).await;
    let of = |shown: Shown| match shown {
        Shown::Not => None,
        Shown::Right => Some(text(&tokens, "access_token")),
        Shown::Garbage => Some("x"),
        Shown::Refresh => Some(text(&tokens, "refresh_token")),
        Shown::IdToken => Some(text(&tokens, "id_token")),
        // Without the scope openid.
        Shown::Other => Some(text(&plain, "access_token")),
    };
    for header in WAYS {
        for body in WAYS {
            for query in ["", "?access_token=x"] {
                let value = of(header).map(|token| format!("Bearer {token}"));
                let mut headers = vec![("Content-Type", "application/x-www-form-urlencoded")];
                headers.extend(value.as_deref().map(|value| ("Authorization", value)));
                let fields: Vec<_> = of(body).map(|token| ("access_token", token)).into_iter().collect();
                let path = format!("/oidc/userinfo{query}");
                let page = app.browser().with(&headers).request(Method::Post, &path, Some(&encode(&fields))).await;
                let answer: Value = serde_json::from_str(&page.body).unwrap();
                let expected = match (header, body) {
                    _ if !query.is_empty() => 400,
                    (Shown::Not, Shown::Not) => 401,
                    (Shown::Right, Shown::Not) | (Shown::Not, Shown::Right) => 200,
                    (Shown::Other, Shown::Not) | (Shown::Not, Shown::Other) => 403,
                    (_, Shown::Not) | (Shown::Not, _) => 401,
                    _ => 400,
                };
                let what = format!("{header:?} {body:?} {query}: {}", page.body);
                assert_eq!(page.status.code, expected, "{what}");
                // RFC 6750, section 3.
                let told = match expected {
                    200 => None,
                    401 if (header, body) == (Shown::Not, Shown::Not) => Some("Bearer"),
                    401 => Some("Bearer error=\"invalid_token\""),
                    403 => Some("Bearer error=\"insufficient_scope\""),
                    _ => Some("Bearer error=\"invalid_request\""),
                };
                let challenge = page.header("WWW-Authenticate").map(|said| said.split(',').next().unwrap());
                assert_eq!(challenge, told, "{what}");
                assert_eq!(answer.get("sub").is_some(), expected == 200, "{what}");
                assert_eq!(page.header("WWW-Authenticate").is_some(), expected != 200, "{what}");
            }
        }
    }
    for scheme in ["Basic", "bearer ", "Token"] {
        let value = format!("{scheme} {}", text(&tokens, "access_token"));
        let page = app.browser().with(&[("Authorization", &value)]).request(Method::Get, "/oidc/userinfo", None).await;
        page.assert_status(401);
    }
}

/// A form of an app's page comes without cookies. The browser asks again, for the same.
#[rocket::async_test]
async fn a_sign_out_by_a_form_leads_to_the_same_request_by_its_address() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[]).await;
    let fields = [
        ("id_token_hint", text(&tokens, "id_token")),
        ("post_logout_redirect_uri", SIGNED_OUT),
        ("state", "a state/+&"),
        ("client_id", "grafana"),
    ];
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "https://app.example.com")];
    let page = app.browser().with(&headers).request(Method::Post, "/oidc/logout", Some(&encode(&fields))).await;
    page.assert_status(303);
    let (path, query) = page.location().unwrap().split_once('?').unwrap();
    assert_eq!(path, "/oidc/logout");
    let told: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    assert_eq!(told, fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let to = page.location().unwrap().to_owned();
    ana.get(&to).await.assert_status(200);
    assert!(ana.is_signed_in_as(ANA).await, "it asks first");
}

/// Returns the same token, signed by a key that is not in our set.
async fn by_a_key_that_is_not_shown(app: &TestApp, tokens: &Value) -> String {
    let key = signing::make(SigningAlg::Rs256, &SystemEntropy).unwrap();
    let told = claims(app, tokens).await;
    SigningKey::new(SigningAlg::Rs256, "withdrawn", &key.pkcs8).sign(TokenKind::IdToken, &told).unwrap()
}

/// Returns a token that our own key signed, in the name of another issuer.
async fn by_another_issuer(app: &TestApp) -> String {
    let signers = app.services.signers().await.unwrap();
    let told = json!({ "iss": "https://evil.example", "aud": "grafana", "sub": "1" });
    signers.signer(SigningAlg::Rs256, app.services.now()).unwrap().sign(TokenKind::IdToken, &told).unwrap()
}

/// Every hint with every name and every address, signed in and not.
#[rocket::async_test]
async fn a_sign_out_leads_to_an_app_only_by_its_own_name_and_ends_nothing_by_itself() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let wiki = Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await;
    let id = wiki.id;
    app.write(move |connection| {
        let mut client = gatepost::db::oidc_clients::of_app(connection, id)?.unwrap();
        client.sign_out_uris.clear();
        gatepost::db::oidc_clients::update(connection, &client)
    })
    .await;
    let mut ana = app.signed_in(ANA).await;
    let (tokens, others) = (own.tokens(&mut ana, &[]).await, wiki.tokens(&mut ana, &[]).await);
    let good = text(&tokens, "id_token").to_owned();
    let forged = format!("{}.AAAA", good.rsplit_once('.').unwrap().0);
    let (withdrawn, elsewhere) = (by_a_key_that_is_not_shown(&app, &tokens).await, by_another_issuer(&app).await);
    app.clock.advance(Lifetime::hours(2));
    // Of another session than this browser's, and expired.
    let mut there = app.signed_in(ANA).await;
    let hints = [
        ("none", ""),
        ("good", &*good),
        ("forged", &*forged),
        ("another's", text(&others, "id_token")),
        // It counts as none: the name of the app alone leads no further.
        ("unknown key", &*withdrawn),
        ("another issuer's", &*elsewhere),
    ];
    for (hint_name, hint) in hints {
        for name in ["", "grafana", "wiki", "unknown"] {
            for address in ["", SIGNED_OUT, "https://app.example.com/evil"] {
                let fields = [("id_token_hint", hint), ("client_id", name), ("post_logout_redirect_uri", address)];
                let mut fields: Vec<_> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
                fields.push(("state", "s 1"));
                let path = format!("/oidc/logout?{}", encode(&fields));
                let belongs = matches!((hint_name, name), ("good", "") | ("none" | "good" | "unknown key", "grafana"));
                let is_odd =
                    matches!((hint_name, name), ("good", "wiki" | "unknown") | ("another's", "grafana" | "unknown"));
                let leads = belongs && address == SIGNED_OUT;
                let what = format!("{hint_name} {name} {address}");
                let page = app.browser().get(&path).await;
                let to = page.location().map(str::to_owned);
                assert_eq!(to.as_deref(), leads.then_some("https://app.example.com/bye?state=s+1"), "{what}");
                let expected = match (is_odd, leads) {
                    (true, _) => 400,
                    (false, true) => 303,
                    (false, false) => 200,
                };
                assert_eq!(page.status.code, expected, "{what}");
                let page = there.get(&path).await;
                assert!(page.location().is_none(), "a signed-in user is asked: {what}");
                assert!(there.is_signed_in_as(ANA).await, "{what}");
            }
        }
    }
}
