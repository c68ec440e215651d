//! OpenID Connect: an app asks which account it gets, or expects another one.

use crate::{
    browser::{Browser, Page},
    harness::{Setup, TestApp},
    oidc_app::{OidcApp, Wanted, claims, comes_back, text},
    oidc_proof::follow,
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

async fn app_with_users() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app.add_account(BEN).await;
    app
}

/// Returns whom the app gets to know by the code of this answer.
async fn user_at(app: &TestApp, own: &OidcApp, answer: &Page) -> String {
    let (status, tokens) = own.redeem(app, &comes_back(answer)["code"], &[]).await;
    assert_eq!(status, 200, "{tokens}");
    text(&claims(app, &tokens).await, "email").to_owned()
}

/// Presses "Continue as …", and returns where that ends.
async fn goes_on(browser: &mut Browser<'_>, page: &Page) -> Page {
    page.assert_status(200).assert_shows("Choose an account");
    let link = page.body.split("<a class=\"button full\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    follow(browser, &link.replace("&#38;", "&")).await.1
}

/// Presses "Use another account", signs in as `email`, and returns where that ends.
async fn signs_in_as(browser: &mut Browser<'_>, page: &Page, email: &str) -> Page {
    page.assert_status(200).assert_shows("Choose an account");
    let return_to = page.hidden("return_to").replace("&#38;", "&");
    let out = browser.post_only("/logout", &[("return_to", &return_to)]).await;
    let (at, page) = follow(browser, out.location().unwrap()).await;
    assert!(at.starts_with("/login?"), "{at}");
    let return_to = page.hidden("return_to").replace("&#38;", "&");
    let page = browser.sign_in_to(email, &[("return_to", &return_to)]).await;
    follow(browser, page.location().unwrap()).await.1
}

#[rocket::async_test]
async fn both_ways_on_from_the_question_for_the_account_lead_to_the_app() {
    let app = app_with_users().await;
    let own = Wanted::default().register(&app).await;
    let mut browser = app.signed_in(ANA).await;
    // An app that wants a new account gets this question, because a user has one already.
    for prompt in ["select_account", "create"] {
        let path = own.path(&[("prompt", prompt)]);
        let page = browser.get(&path).await;
        let answer = goes_on(&mut browser, &page).await;
        assert_eq!(user_at(&app, &own, &answer).await, ANA);
        let page = browser.get(&path).await;
        let answer = signs_in_as(&mut browser, &page, BEN).await;
        assert_eq!(user_at(&app, &own, &answer).await, BEN);
        assert!(browser.is_signed_in_as(BEN).await);
        browser.post("/logout", &[]).await.assert_leads_to("/login");
        browser.sign_in(ANA).await;
    }
}

#[rocket::async_test]
async fn an_app_that_expects_another_user_makes_us_ask_for_the_account() {
    let app = app_with_users().await;
    let own = Wanted::default().register(&app).await;
    let mut browser = app.signed_in(ANA).await;
    let back = comes_back(&browser.get(&own.path(&[("login_hint", BEN), ("prompt", "none")])).await);
    assert_eq!(back["error"], "login_required");
    let path = own.path(&[("login_hint", BEN)]);
    let page = browser.get(&path).await;
    let answer = goes_on(&mut browser, &page).await;
    assert_eq!(user_at(&app, &own, &answer).await, ANA, "the user knows better");
    let page = browser.get(&path).await;
    let answer = signs_in_as(&mut browser, &page, BEN).await;
    assert_eq!(user_at(&app, &own, &answer).await, BEN);
}

/// By signing in they have just said which account.
#[rocket::async_test]
async fn a_user_who_signs_in_for_the_app_is_not_asked_for_the_account_again() {
    let app = app_with_users().await;
    let own = Wanted::default().register(&app).await;
    for prompt in ["select_account", "login select_account", "create"] {
        let mut browser = app.browser();
        let (at, page) = follow(&mut browser, &own.path(&[("prompt", prompt)])).await;
        assert!(at.starts_with("/login?"), "{at}");
        let return_to = page.hidden("return_to").replace("&#38;", "&");
        let page = browser.sign_in_to(ANA, &[("return_to", &return_to)]).await;
        let (_, answer) = follow(&mut browser, page.location().unwrap()).await;
        assert_eq!(user_at(&app, &own, &answer).await, ANA, "{prompt}");
        // With a session they are.
        browser.get(&own.path(&[("prompt", "select_account")])).await.assert_shows("Choose an account");
    }
}
