//! A session's proofs are compared with what is required in the transaction that makes a change,
//! not a second later.

use crate::{
    browser::Browser,
    database::add_passkey,
    harness::{Setup, TestApp},
};
use gatepost::domain::Lifetime;

const ANA: &str = "ana@example.com";

/// Sends a change that memory would allow, and returns where that leads.
async fn tries(ana: &mut Browser<'_>) -> String {
    let page = ana.post("/account/name", &[("name", "Thief")]).await;
    let name = ana.app.account_of(ANA).await.unwrap().name;
    assert_eq!(name.as_str(), "", "{:?}", page.location());
    page.location().unwrap().to_owned()
}

/// Ana's browser on this node and on another one, which both know her from memory.
async fn on_both<'a>(app: &'a TestApp, other: &'a TestApp) -> [Browser<'a>; 2] {
    app.add_account(ANA).await;
    let mut here = app.signed_in(ANA).await;
    let mut there = Browser { cookies: here.cookies.clone(), ..other.browser() };
    for browser in [&mut here, &mut there] {
        assert!(browser.is_signed_in_as(ANA).await);
    }
    [here, there]
}

#[rocket::async_test]
async fn a_second_factor_that_was_enrolled_a_moment_ago_is_missing_from_every_change() {
    let app = TestApp::new().await;
    let other = Setup::new().beside(&app).start().await;
    let browsers = on_both(&app, &other).await;
    let id = app.account_of(ANA).await.unwrap().id;
    app.write(move |connection| add_passkey(connection, 901, id)).await;
    for mut ana in browsers {
        assert!(tries(&mut ana).await.starts_with("/login"));
    }
}

#[rocket::async_test]
async fn a_second_factor_that_is_required_since_a_moment_ago_comes_before_every_change() {
    let app = TestApp::new().await;
    let other = Setup::new().beside(&app).start().await;
    let browsers = on_both(&app, &other).await;
    app.set("second_factor_required", "everyone").await;
    for mut ana in browsers {
        assert_eq!(tries(&mut ana).await, "/account/security");
    }
}

#[rocket::async_test]
async fn a_session_that_lives_too_long_since_a_moment_ago_changes_nothing() {
    let app = TestApp::new().await;
    let other = Setup::new().beside(&app).start().await;
    let mut browsers = on_both(&app, &other).await;
    app.clock.advance(Lifetime::hours(2));
    for ana in &mut browsers {
        assert!(ana.is_signed_in_as(ANA).await);
    }
    app.set("browser_session_lifetime", "1h").await;
    for mut ana in browsers {
        assert!(tries(&mut ana).await.starts_with("/login"));
    }
}

#[rocket::async_test]
async fn an_address_that_may_no_longer_join_gets_no_email_that_was_asked_for_before() {
    let app = TestApp::new().await;
    app.set("join_policy", "allowed_domains").await;
    app.set("allowed_domains", "example.com, new.example").await;
    app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/address", &[("new_email", "ana@new.example")]).await.assert_leads_to("/account");
    app.set("allowed_domains", "example.com").await;
    app.a_second_later();
    assert!(app.mails_to("ana@new.example").await.is_empty());
}
