//! Signing out leaves nothing behind.

use crate::{patience, stage::Stage};
use serde_json::json;

#[tokio::test]
async fn signing_out_deletes_the_cookie_and_back_shows_nothing_private() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account("ana@example.com");
    let ana = stage.signed_in("ana@example.com").await;
    ana.open("/account/address").await;
    ana.open("/account").await;
    let session = ana.cookie("gatepost_session").await.unwrap();

    ana.presses("Sign out").await;
    ana.reads_heading("Sign in to Gatepost").await;
    assert!(!ana.has_session().await, "the browser has deleted the cookie");

    for _ in 0..2 {
        ana.back().await;
        ana.reads_heading("Sign in to Gatepost").await;
        ana.does_not_read("ana@example.com").await;
        assert!(ana.path().await.starts_with("/login"));
    }

    // A copied cookie opens nothing any more.
    let cookie = json!({ "url": stage.gatepost.origin, "name": "gatepost_session", "value": session });
    ana.devtools("Network.setCookie", cookie).await;
    ana.open("/account").await;
    ana.reads_heading("Sign in to Gatepost").await;
}

#[tokio::test]
async fn signing_out_in_one_tab_signs_out_the_other() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account("ana@example.com");
    let ana = stage.signed_in("ana@example.com").await;
    let other = ana.opens_tab().await;
    ana.open("/account").await;
    ana.presses("Sign out").await;
    ana.reads_heading("Sign in to Gatepost").await;
    ana.turns_to_tab(other).await;
    ana.presses("Change address").await;
    patience::until("the way to sign in", async || ana.path().await.starts_with("/login").then_some(())).await;
}

#[tokio::test]
async fn signing_out_elsewhere_ends_the_other_browsers_session() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account("ana@example.com");
    let here = stage.signed_in("ana@example.com").await;
    let there = stage.signed_in("ana@example.com").await;
    here.open("/account/sessions").await;
    here.presses("Sign out everywhere else").await;
    here.reads_heading("Sign out everywhere else?").await;
    here.presses("Sign out everywhere else").await;
    here.reads("All your other browsers are signed out.").await;
    // Memory knows it for a second at most.
    patience::until("the other browser to be signed out", async || {
        (!there.is_signed_in_as("ana@example.com").await).then_some(())
    })
    .await;
    there.reads_heading("Sign in to Gatepost").await;
}
