//! OpenID Connect: access tokens that other servers read (RFC 9068).

use crate::{
    harness::TestApp,
    oidc_app::{
        ANA, OidcApp, SIGNED_OUT, Wanted, app_with_ana, claims, comes_back, encode, header, keys, text, userinfo,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gatepost::{
    db,
    domain::{
        Lifetime,
        oidc::{
            SigningAlg,
            client::{AccessTokens, ClientRules},
        },
    },
    entropy::SystemEntropy,
    signing::{self, SigningKey, TokenKind},
};
use rocket::http::Method;
use serde_json::{Value, json};

const ISSUER: &str = "http://localhost:8000";
const KINDS: [TokenKind; 3] = [TokenKind::IdToken, TokenKind::LogoutToken, TokenKind::AccessToken];
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn rules(alg: SigningAlg) -> ClientRules {
    ClientRules {
        access_tokens: AccessTokens::Jwt,
        id_token_alg: alg,
        access_lifetime: Lifetime::minutes(10),
        ..ClientRules::new(false)
    }
}

async fn opencloud(app: &TestApp) -> OidcApp {
    Wanted { slug: "opencloud", rules: rules(SigningAlg::Rs256), ..Wanted::default() }.register(app).await
}

/// Returns what introspection says of a token.
async fn introspects(app: &TestApp, own: &OidcApp, token: &str) -> Value {
    let (status, body) = own.post(app, "/oidc/introspect", &[("token", token)]).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// Returns whether a token counts. Userinfo and introspection agree.
async fn counts(app: &TestApp, own: &OidcApp, token: &str) -> bool {
    let (status, body) = userinfo(app, token).await;
    assert!([200, 401].contains(&status), "{body}");
    let is_active = introspects(app, own, token).await["active"] == true;
    assert_eq!(status == 200, is_active);
    is_active
}

async fn own_claims(app: &TestApp, token: &str) -> Value {
    signing::verify(token, TokenKind::AccessToken, &keys(app).await).expect("a genuine access token")
}

/// Signs by the key that signs tokens for apps.
async fn signs(app: &TestApp, kind: TokenKind, claims: &Value) -> String {
    let signers = app.services.signers().await.unwrap();
    signers.signer(SigningAlg::Rs256, app.services.now()).unwrap().sign(kind, claims).unwrap()
}

#[rocket::async_test]
async fn an_access_token_says_what_the_standard_asks_for_and_nothing_of_the_user() {
    let app = app_with_ana().await;
    for (slug, alg) in [("incus", SigningAlg::Rs256), ("opencloud", SigningAlg::Es256)] {
        let own = Wanted { slug, rules: rules(alg), ..Wanted::default() }.register(&app).await;
        let mut ana = app.signed_in(ANA).await;
        let tokens = own.tokens(&mut ana, &[("scope", "openid email profile")]).await;
        let token = text(&tokens, "access_token");
        let head = header(token);
        assert_eq!((text(&head, "typ"), text(&head, "alg")), ("at+jwt", alg.into_str()));
        let mut said = own_claims(&app, token).await;
        let (id_token, now) = (claims(&app, &tokens).await, app.services.now().as_seconds());
        let jti = said.as_object_mut().unwrap().remove("jti").unwrap();
        assert_eq!(URL_SAFE_NO_PAD.decode(jti.as_str().unwrap()).unwrap().len(), 32);
        let expected = json!({
            "iss": ISSUER,
            "sub": id_token["sub"],
            "aud": slug,
            "client_id": slug,
            "iat": now,
            "exp": now + 600,
            "scope": "openid profile email",
        });
        assert_eq!(said, expected);
        assert_eq!(tokens["expires_in"], 600);
        assert_eq!(text(&id_token, "at_hash"), signing::half_hash(token));
        assert_eq!(userinfo(&app, token).await.1["email"], ANA);
        assert_eq!(introspects(&app, &own, token).await["exp"], now + 600);
        assert!(!app.dump().await.contains(token), "it is not stored");
    }
}

#[rocket::async_test]
async fn a_signed_token_counts_here_only_as_long_as_its_row_and_its_session_do() {
    let app = app_with_ana().await;
    let own = opencloud(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let new = async |ana: &mut crate::browser::Browser<'_>| own.tokens(ana, &[]).await["access_token"].clone();
    let (revoked, other) = (new(&mut ana).await, new(&mut ana).await);
    let (revoked, other) = (revoked.as_str().unwrap(), other.as_str().unwrap());
    let (status, _) = own.post(&app, "/oidc/revoke", &[("token", revoked)]).await;
    assert_eq!(status, 200);
    assert!(!counts(&app, &own, revoked).await && counts(&app, &own, other).await);
    // Its own words still last: a server that asks no one takes it. The page of the option says so.
    assert_eq!(own_claims(&app, revoked).await["iss"], ISSUER);
    app.clock.advance(Lifetime::minutes(10));
    assert!(!counts(&app, &own, other).await, "it has expired");

    let last = new(&mut ana).await;
    assert!(counts(&app, &own, last.as_str().unwrap()).await);
    ana.post_only("/logout", &[]).await;
    assert!(!counts(&app, &own, last.as_str().unwrap()).await, "the session has ended");
}

#[rocket::async_test]
async fn a_refresh_gives_the_kind_of_this_moment_and_older_tokens_go_on() {
    let app = app_with_ana().await;
    let own = opencloud(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[("scope", "openid offline_access")]).await;
    let (signed, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let id = own.id;
    app.write(move |connection| {
        let mut client = db::oidc_clients::of_app(connection, id)?.unwrap();
        client.rules.access_tokens = AccessTokens::Opaque;
        db::oidc_clients::update(connection, &client)
    })
    .await;
    let (status, refreshed) = own.refresh(&app, refresh, &[]).await;
    assert_eq!(status, 200, "{refreshed}");
    let random = text(&refreshed, "access_token");
    assert!(!random.contains('.') && signed.contains('.'));
    assert!(counts(&app, &own, random).await && counts(&app, &own, signed).await);
}

/// Each wrong thing alone, with a genuine token beside it that counts.
#[rocket::async_test]
async fn only_the_very_token_counts_and_none_of_another_kind_or_key() {
    let app = app_with_ana().await;
    let own = opencloud(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[]).await;
    let token = text(&tokens, "access_token");
    let said = own_claims(&app, token).await;
    let parts: Vec<&str> = token.split('.').collect();
    let with = |name: &str, value: Value| {
        let mut said = said.clone();
        said[name] = value;
        said
    };
    let body = URL_SAFE_NO_PAD.encode(with("sub", json!("0000000000000001")).to_string());
    let none = URL_SAFE_NO_PAD.encode(json!({ "alg": "none", "typ": "at+jwt" }).to_string());
    let foreign = signing::make(SigningAlg::Rs256, &SystemEntropy).unwrap();
    let named = SigningKey::new(SigningAlg::Rs256, text(&header(token), "kid"), &foreign.pkcs8);
    let mut wrong = vec![
        ("an ID token", text(&tokens, "id_token").to_owned()),
        ("its jti alone", text(&said, "jti").to_owned()),
        ("other words", format!("{}.{body}.{}", parts[0], parts[2])),
        ("no algorithm", format!("{none}.{}.", parts[1])),
        ("without its signature", format!("{}.{}.", parts[0], parts[1])),
        ("of another key", named.sign(TokenKind::AccessToken, &said).unwrap()),
        ("of another issuer", signs(&app, TokenKind::AccessToken, &with("iss", json!("https://evil.example"))).await),
        (
            "of another row",
            signs(&app, TokenKind::AccessToken, &with("jti", json!(URL_SAFE_NO_PAD.encode([0; 32])))).await,
        ),
        ("without jti", signs(&app, TokenKind::AccessToken, &with("jti", Value::Null)).await),
        ("cut", token[..token.len() - 2].to_owned()),
    ];
    for kind in [TokenKind::IdToken, TokenKind::LogoutToken] {
        wrong.push(("of another kind", signs(&app, kind, &said).await));
    }
    for (what, wrong) in wrong {
        assert!(!counts(&app, &own, &wrong).await, "{what}");
        let (status, _) = own.post(&app, "/oidc/revoke", &[("token", &wrong)]).await;
        assert_eq!(status, 200, "{what}");
        assert!(counts(&app, &own, token).await, "{what} ended it");
    }
    let other = Wanted { slug: "other", rules: rules(SigningAlg::Rs256), ..Wanted::default() }.register(&app).await;
    assert_eq!(introspects(&app, &other, token).await, json!({ "active": false }), "another app's");
    other.post(&app, "/oidc/revoke", &[("token", token)]).await;
    assert!(counts(&app, &own, token).await);
}

#[rocket::async_test]
async fn an_access_token_is_no_hint_and_no_assertion() {
    let app = app_with_ana().await;
    let own = opencloud(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[]).await;
    let (access, id_token) = (text(&tokens, "access_token"), text(&tokens, "id_token"));
    let silent = |hint| own.path(&[("prompt", "none"), ("id_token_hint", hint)]);
    assert!(comes_back(&ana.get(&silent(id_token)).await).contains_key("code"));
    let back = comes_back(&ana.get(&silent(access)).await);
    assert_eq!(back.get("error").map(String::as_str), Some("login_required"));
    let leaves =
        |hint| format!("/oidc/logout?{}", encode(&[("id_token_hint", hint), ("post_logout_redirect_uri", SIGNED_OUT)]));
    let mut stranger = app.browser();
    assert_eq!(stranger.get(&leaves(id_token)).await.location(), Some(SIGNED_OUT));
    assert!(stranger.get(&leaves(access)).await.location().is_none());

    // A client whose keys are ours, by an admin's mistake: what we signed for it is still no
    // assertion.
    let (id, jwks) = (own.id, app.browser().get("/oidc/jwks.json").await.body);
    app.write(move |connection| db::oidc_reach::set_keys(connection, id, Some(&jwks), None)).await;
    let now = app.services.now().as_seconds();
    let assertion = json!({ "iss": "opencloud", "sub": "opencloud", "aud": ISSUER, "exp": now + 60, "jti": "1" });
    for kind in KINDS {
        let signed = signs(&app, kind, &assertion).await;
        let fields = [("client_assertion", signed.as_str()), ("client_assertion_type", ASSERTION), ("token", "x")];
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let page = app.browser().with(&[form]).request(Method::Post, "/oidc/introspect", Some(&encode(&fields))).await;
        let is_plain = kind == TokenKind::IdToken;
        assert_eq!(page.status.code, if is_plain { 200 } else { 401 }, "{kind:?}: {}", page.body);
    }
    let fields = [("client_assertion", access), ("client_assertion_type", ASSERTION), ("token", "x")];
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let page = app.browser().with(&[form]).request(Method::Post, "/oidc/introspect", Some(&encode(&fields))).await;
    assert_eq!(page.status.code, 401, "{}", page.body);
}
