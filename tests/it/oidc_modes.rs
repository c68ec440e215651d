//! OpenID Connect: how an answer travels, what a hint fills in, and what an app's small window
//! keeps.

use crate::{
    browser::{Browser, Page},
    oidc_app::{ANA, CALLBACK, OidcApp, Wanted, app_with_ana, claims, comes_back, text},
    passkey_pages::adds_a_passkey,
};
use gatepost::{db, domain::apps::Access};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Returns the fields of the form that brings an answer to the app.
#[track_caller]
fn brings(page: &Page) -> BTreeMap<String, String> {
    assert!(page.location().is_none() && !page.body.contains("http-equiv"), "{}", page.text());
    let form = page.body.split(&format!("<form method=\"post\" action=\"{CALLBACK}\"")).nth(1);
    let form = form.unwrap_or_else(|| panic!("{}", page.text())).split("</form>").next().unwrap();
    assert!(form.contains("<button"), "it works without a script");
    let policy = page.header("Content-Security-Policy").unwrap();
    assert!(
        !policy.contains("form-action")
            && policy.contains("default-src 'none'")
            && policy.contains("script-src 'self'")
    );
    let decode = |text: &str| {
        text.replace("&#38;", "&")
            .replace("&#43;", "+")
            .replace("&#34;", "\"")
            .replace("&#60;", "<")
            .replace("&#62;", ">")
    };
    form.split("<input type=\"hidden\" ")
        .skip(1)
        .map(|input| {
            let part =
                |name: &str| input.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
            (part("name"), decode(&part("value")))
        })
        .collect()
}

async fn asks(own: &OidcApp, browser: &mut Browser<'_>, more: &[(&str, &str)]) -> Page {
    browser.get(&own.path(&[&[("response_mode", "form_post")], more].concat())).await
}

#[rocket::async_test]
async fn an_app_that_wants_a_form_gets_code_state_and_issuer_in_it_and_nothing_in_an_address() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let fields = brings(&asks(&own, &mut ana, &[]).await);
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["code", "iss", "state"]);
    assert_eq!((&*fields["state"], &*fields["iss"]), ("a state/+&", "http://localhost:8000"));
    assert_eq!(own.redeem(&app, &fields["code"], &[]).await.0, 200);
    // Also from a page of ours, and with an odd state.
    let odd = brings(&asks(&own, &mut ana, &[("state", "\"><script>")]).await);
    assert!(odd["state"].starts_with("\"><"), "{}", odd["state"]);
    let discovery: Value =
        serde_json::from_str(&app.browser().get("/.well-known/openid-configuration").await.body).unwrap();
    assert_eq!(discovery["response_modes_supported"], json!(["query", "form_post"]));
}

#[rocket::async_test]
async fn errors_travel_in_the_form_too_and_other_modes_are_refused_by_the_address() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut stranger = app.browser();
    let fields = brings(&asks(&own, &mut stranger, &[("prompt", "none")]).await);
    assert_eq!(fields["error"], "login_required");
    let fields = brings(&asks(&own, &mut stranger, &[("response_type", "token")]).await);
    assert_eq!(fields["error"], "unsupported_response_type");
    for mode in ["fragment", "form_post.jwt", "query form_post", "FORM_POST"] {
        let back = comes_back(&stranger.get(&own.path(&[("response_mode", mode)])).await);
        assert_eq!(back["error"], "invalid_request", "{mode}");
    }
    let native = Wanted { slug: "immich", uris: vec!["app.immich:///oauth-callback"], ..Wanted::default() };
    let native = native.register(&app).await;
    let path = native.path(&[("redirect_uri", "app.immich:///oauth-callback"), ("response_mode", "form_post")]);
    let to = stranger.get(&path).await.location().unwrap().to_owned();
    assert!(to.starts_with("app.immich:///oauth-callback?error=invalid_request"), "{to}");
    let closed = Wanted { slug: "wiki", access: Access::default(), ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let page = asks(&closed, &mut ana, &[]).await;
    page.assert_status(403).assert_shows("You can’t open Grafana");
    assert_eq!(brings(&page)["error"], "access_denied");
}

#[rocket::async_test]
async fn an_app_s_hint_fills_the_address_in_and_sends_no_email() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut browser = app.browser();
    let page = browser.get(&own.path(&[("login_hint", "ana+wiki@example.com")])).await;
    let to = page.location().unwrap().to_owned();
    assert!(to.starts_with("/login?return_to="), "{to}");
    let page = browser.get(&to).await;
    assert!(
        page.body.contains("value=\"ana+wiki@example.com\"")
            || page.body.contains("value=\"ana&#43;wiki@example.com\"")
    );
    for hint in ["not an address", "<script>", "ana@example.com\" autofocus"] {
        let page = browser.get(&own.path(&[("login_hint", hint)])).await;
        let to = page.location().unwrap().to_owned();
        assert!(!to.contains("email="), "{to}");
    }
    app.deliver().await;
    assert!(app.mails_to("ana+wiki@example.com").await.is_empty());
    // The way back is as without a hint.
    let to = browser.get(&own.path(&[("login_hint", ANA)])).await.location().unwrap().to_owned();
    browser.get(&to).await;
    let mut ana = app.signed_in(ANA).await;
    assert!(comes_back(&ana.get(&own.path(&[("login_hint", ANA)])).await).contains_key("code"));
}

/// OpenID Connect Core, section 5.5.1.
#[rocket::async_test]
async fn an_app_that_names_its_user_gets_an_answer_for_that_user_alone() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let id = app.account_of(ANA).await.unwrap().id.to_string();
    for (value, error) in
        [(json!(id), None), (json!("0123456789abcdef"), Some("login_required")), (json!(7), Some("login_required"))]
    {
        for member in ["id_token", "userinfo"] {
            let claims = json!({ member: { "sub": { "value": value } } }).to_string();
            let back = comes_back(&ana.get(&own.path(&[("claims", &claims)])).await);
            assert_eq!(back.get("error").map(String::as_str), error, "{claims}");
        }
    }
}

#[rocket::async_test]
async fn only_a_sign_in_in_an_app_s_small_window_keeps_its_tie_to_the_app() {
    const HEADER: &str = "Cross-Origin-Opener-Policy";
    let app = app_with_ana().await;
    let (own, other) =
        (Wanted::default().register(&app).await, Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await);
    let id = own.id;
    app.write(move |connection| {
        let mut app = db::apps::find(connection, id)?.unwrap();
        app.popup = true;
        db::apps::update(connection, &app, gatepost::domain::Timestamp::from_millis(1))
    })
    .await;
    let mut browser = app.browser();
    let page = browser.get(&other.path(&[])).await;
    assert_eq!(page.header(HEADER), Some("same-origin"));
    let page = browser.get(&own.path(&[])).await;
    assert_eq!(page.header(HEADER), None, "the redirect, too");
    assert_eq!(browser.get(page.location().unwrap()).await.header(HEADER), None);
    for path in ["/login/sent", "/step-up", "/auth/verify"] {
        assert_eq!(browser.get(path).await.header(HEADER), None, "{path}");
    }
    for path in ["/oidc/consent", "/logout", "/step-up", "/login"] {
        assert_eq!(browser.post_only(path, &[]).await.header(HEADER), None, "{path}");
    }
    for path in ["/account", "/admin", "/", "/oidc/logout", "/device"] {
        assert_eq!(browser.get(path).await.header(HEADER), Some("same-origin"), "{path}");
    }
    assert_eq!(app.browser().get("/login").await.header(HEADER), Some("same-origin"));
    assert_eq!(app.browser().post_only("/logout", &[]).await.header(HEADER), Some("same-origin"));
}

#[rocket::async_test]
async fn a_token_tells_whether_a_passkey_may_be_copied() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    adds_a_passkey(&mut ana).await;
    let account = app.account_of(ANA).await.unwrap();
    for (may_be_copied, word) in [(true, "swk"), (false, "hwk")] {
        let id = account.id;
        app.write(move |connection| {
            use diesel::connection::SimpleConnection;
            let kept = db::passkeys::kept_of_account(connection, id)?.remove(0);
            let mut credential: Value = serde_json::from_str(&kept.credential).unwrap();
            credential["cred"]["backup_eligible"] = json!(may_be_copied);
            let credential = credential.to_string().replace('\'', "''");
            Ok(connection.batch_execute(&format!("UPDATE passkeys SET credential = '{credential}'"))?)
        })
        .await;
        let tokens = own.tokens(&mut ana, &[]).await;
        let told = claims(&app, &tokens).await;
        let amr: Vec<&str> = told["amr"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        assert_eq!(amr, ["email", "pop", word, "user", "mfa"]);
        assert_eq!(text(&told, "acr"), "phr");
    }
}

/// The operator gave the address, and a link of the console proves no mailbox.
#[rocket::async_test]
async fn an_app_learns_that_an_address_is_verified_only_if_its_mailbox_was_shown() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = crate::set_up::console_session(&app, ANA).await;
    assert!(app.account_of(ANA).await.unwrap().proven_at.is_none());
    let tokens = own.tokens(&mut ana, &[]).await;
    let (_, info) = crate::oidc_app::userinfo(&app, text(&tokens, "access_token")).await;
    let told = claims(&app, &tokens).await;
    assert_eq!((&told["email"], &told["email_verified"]), (&json!(ANA), &json!(false)));
    assert_eq!((&info["email"], &info["email_verified"]), (&json!(ANA), &json!(false)));
    let tokens = own.tokens(&mut app.signed_in(ANA).await, &[]).await;
    assert_eq!(claims(&app, &tokens).await["email_verified"], json!(true));
}

/// An app that keyed its users on the address would give this account to the next one of that
/// address.
#[rocket::async_test]
async fn the_subject_stays_when_the_address_moves_and_the_next_one_of_that_address_gets_another() {
    const NEW: &str = "ana@new.example";
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let before = claims(&app, &own.tokens(&mut ana, &[]).await).await;
    ana.post("/account/address", &[("new_email", NEW)]).await.assert_leads_to("/account");
    let link = app.mail_to(NEW).await.link();
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    app.a_second_later();
    let tokens = own.tokens(&mut ana, &[]).await;
    let after = claims(&app, &tokens).await;
    assert_eq!((text(&after, "email"), &after["sub"]), (NEW, &before["sub"]));
    assert_eq!(crate::oidc_app::userinfo(&app, text(&tokens, "access_token")).await.1["sub"], before["sub"]);
    app.add_account(ANA).await;
    let next = claims(&app, &own.tokens(&mut app.signed_in(ANA).await, &[]).await).await;
    assert_eq!(text(&next, "email"), ANA);
    assert!(next["sub"] != before["sub"] && next["preferred_username"] != before["preferred_username"], "{next}");
}
