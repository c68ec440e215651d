//! OpenID Connect: a user continues with another account, and the app still gets what it asked for.

use crate::{
    browser::{Browser, Page},
    harness::{Setup, TestApp},
    oidc_app::{OidcApp, Wanted, claims, comes_back, text},
    oidc_proof::follow,
};
use gatepost::domain::{
    Lifetime,
    apps::{Access, AllowedPerson},
};
use serde_json::json;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
/// Requests that a proof from before does not answer.
const NEW_PROOF: [(&str, &str); 2] = [("prompt", "login"), ("max_age", "0")];

async fn app_with_users() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app.add_account(BEN).await;
    app
}

/// Presses "Use another account", signs in as Ben by one email, and returns where that ends.
async fn signs_in_as_ben(browser: &mut Browser<'_>, page: &Page) -> Page {
    page.assert_shows("Use another account");
    let return_to = page.hidden("return_to").replace("&#38;", "&");
    let out = browser.post_only("/logout", &[("return_to", &return_to)]).await;
    let (at, page) = follow(browser, out.location().unwrap()).await;
    assert!(at.starts_with("/login?"), "{at}");
    page.assert_shows("You’re signed out");
    let return_to = page.hidden("return_to").replace("&#38;", "&");
    browser.app.clock.advance(Lifetime::seconds(5));
    let page = browser.sign_in_to(BEN, &[("return_to", &return_to)]).await;
    follow(browser, page.location().unwrap()).await.1
}

/// The app gets to know Ben, and that he has proved it this moment.
async fn is_ben_now(app: &TestApp, own: &OidcApp, answer: &Page) {
    let (status, tokens) = own.redeem(app, &comes_back(answer)["code"], &[]).await;
    assert_eq!(status, 200, "{tokens}");
    let told = claims(app, &tokens).await;
    assert_eq!((text(&told, "email"), &told["auth_time"]), (BEN, &json!(app.services.now().as_seconds())));
}

#[rocket::async_test]
async fn a_user_who_signs_in_with_another_account_gives_the_new_proof_by_that() {
    let app = app_with_users().await;
    let open = Wanted::default().register(&app).await;
    let ben = AllowedPerson { account: app.account_of(BEN).await.unwrap().id, ends_at: None };
    let access = Access { people: vec![ben], ..Access::default() };
    let closed = Wanted { slug: "wiki", access, ..Wanted::default() }.register(&app).await;
    let tokens = open.tokens(&mut app.signed_in(BEN).await, &[]).await;
    let of_ben = text(&tokens, "id_token");
    for more in NEW_PROOF {
        for (own, hint) in
            [(&open, ("login_hint", BEN)), (&open, ("id_token_hint", of_ben)), (&closed, ("ui_locales", "en"))]
        {
            let mut browser = app.signed_in(ANA).await;
            let page = browser.get(&own.path(&[more, hint])).await;
            let answer = signs_in_as_ben(&mut browser, &page).await;
            assert!(!answer.body.contains("Verify it’s you"), "a second email: {more:?} {}", hint.0);
            is_ben_now(&app, own, &answer).await;
        }
    }
}

/// A state that no path may hold as it is.
#[rocket::async_test]
async fn who_may_not_open_an_app_and_signs_in_again_loses_nothing_of_its_request() {
    let app = app_with_users().await;
    let ben = AllowedPerson { account: app.account_of(BEN).await.unwrap().id, ends_at: None };
    let access = Access { people: vec![ben], ..Access::default() };
    let own = Wanted { access, ..Wanted::default() }.register(&app).await;
    let state = format!("%2F%252F//evil.example\\{}", "x".repeat(2000));
    let mut browser = app.signed_in(ANA).await;
    let page = browser.get(&own.path(&[("state", &state)])).await;
    page.assert_status(403);
    let answer = signs_in_as_ben(&mut browser, &page).await;
    assert_eq!(comes_back(&answer)["state"], state);
}

/// Apps send `prompt=login` to change the user.
#[rocket::async_test]
async fn the_page_that_asks_for_a_proof_for_an_app_leads_to_another_account() {
    let app = app_with_users().await;
    let own = Wanted::default().register(&app).await;
    for more in NEW_PROOF {
        let mut browser = app.signed_in(ANA).await;
        app.clock.advance(Lifetime::seconds(5));
        let (at, page) = follow(&mut browser, &own.path(&[more])).await;
        assert!(at.starts_with("/step-up?"), "{at}");
        let answer = signs_in_as_ben(&mut browser, &page).await;
        is_ben_now(&app, &own, &answer).await;
    }
    // A page of ours asks for this account and for no other.
    let mut browser = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::hours(1));
    browser.get("/step-up?then=/account/security").await.assert_status(200).assert_hides("Use another account");
}
