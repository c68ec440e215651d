//! The pages of signed-in users, and of sensitive changes.

use super::Tour;
use crate::{
    browser::Browser,
    patience,
    places_file::{file_of, hamburg},
    stage::Stage,
};
use std::fs;

const ANA: &str = "ana@example.com";
const NEW: &str = "ana.lopez@example.org";

#[tokio::test]
async fn the_pages_of_an_account_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let mut tour = Tour::new("account", &stage);
    let ana = stage.signed_in(ANA).await;
    let other = stage.signed_in(ANA).await;
    ana.types("Name", "Ana María López").await;
    ana.presses("Save name").await;
    ana.reads("Your name is saved.").await;
    tour.stops(&ana, "account", "Your account").await;
    ana.types("Name", "An\u{202e}a").await;
    ana.presses("Save name").await;
    ana.reads("invisible character").await;
    tour.stops(&ana, "account with a problem", "Your account").await;

    ana.presses("Sessions").await;
    tour.stops(&ana, "sessions", "Where you’re signed in").await;
    ana.presses("Activity").await;
    tour.stops(&ana, "activity", "Activity").await;
    ana.presses("Wasn’t me").await;
    tour.stops(&ana, "not me", "Secure your account").await;
    ana.presses("Data").await;
    tour.stops(&ana, "your data", "Your data").await;

    ana.open("/account/close").await;
    tour.stops(&ana, "close", "Close your account").await;
    ana.presses("Close my account").await;
    ana.reads("Tick the box").await;
    tour.stops(&ana, "close without the tick", "Close your account").await;
    ana.open("/account/address").await;
    tour.stops(&ana, "address", "Change your email address").await;
    ana.types("New email address", ANA).await;
    ana.presses("Send confirmation email").await;
    ana.reads("This is already your address.").await;
    tour.stops(&ana, "address with a problem", "Change your email address").await;

    // Time has passed: a change of address needs a fresh proof.
    stage.gatepost.minutes_pass(11).await;
    steps_up_when_old(&ana).await;
    ana.open("/account/address").await;
    ana.types("New email address", NEW).await;
    ana.presses("Send confirmation email").await;
    tour.stops(&ana, "step-up", "Verify it’s you").await;
    ana.presses(&format!("Email a link to {ANA}")).await;
    tour.stops(&ana, "sent for a step-up", "Check your inbox").await;
    let mail = stage.gatepost.mail_to(ANA, 1).await;
    other.open(&mail.link()).await;
    tour.stops(&other, "step-up in another browser", "Open this link in the browser that requested it").await;
    ana.open(&mail.link()).await;
    tour.stops(&ana, "step-up ready", "Verify it’s you").await;
    ana.presses(&format!("Yes, I’m {ANA}")).await;
    ana.reads("Nothing has changed yet").await;
    tour.stops(&ana, "address held", "Change your email address").await;
    ana.presses("Send confirmation email").await;
    ana.reads("we’ve emailed a link there.").await;
    tour.stops(&ana, "address asked", "Your account").await;

    let mail = stage.gatepost.mail_to(NEW, 1).await;
    let stranger = stage.browser().await;
    stranger.open(&mail.link()).await;
    tour.stops(&stranger, "new address in another browser", "Open this link where you’re signed in").await;
    ana.open(&mail.link()).await;
    tour.stops(&ana, "new address ready", "Confirm your new address").await;
    ana.presses(&format!("Use {NEW}")).await;
    ana.reads("Your address is changed.").await;
    tour.stops(&ana, "address changed", "Your account").await;

    let undo = stage.gatepost.mail_to(ANA, 2).await.undo_link();
    stranger.open(&undo).await;
    tour.stops(&stranger, "undo", "Undo the address change?").await;
    stranger.presses("This wasn’t me: undo it").await;
    tour.stops(&stranger, "undone", "Your account is restored").await;
    stranger.open(&undo).await;
    tour.stops(&stranger, "undone already", "Your account is restored").await;
    stranger.open("/auth/undo?token=cat").await;
    tour.stops(&stranger, "undo with an incomplete link", "This link isn’t valid").await;

    stage.signs_in(&ana, ANA).await;
    ana.open("/account/close").await;
    ana.ticks("Yes, delete my account").await;
    ana.presses("Close my account").await;
    ana.reads("Your account is closed and its data has been deleted.").await;
    tour.stops(&ana, "closed", "Sign in to Gatepost").await;
    tour.ends(&[&ana, &other, &stranger]).await;
}

#[tokio::test]
async fn a_session_with_a_place_suits_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("places.mmdb");
    fs::write(&file, file_of([127, 0, 0], hamburg())).unwrap();
    let stage = Stage::with(&[("GATEPOST_PLACES_FILE", file.to_str().unwrap())]).await;
    stage.gatepost.add_account(ANA);
    let mut tour = Tour::new("places", &stage);
    let ana = stage.signed_in(ANA).await;
    ana.open("/account/sessions").await;
    ana.reads("Hamburg, Germany").await;
    tour.stops(&ana, "sessions with a place", "Where you’re signed in").await;
    tour.ends(&[&ana]).await;
}

/// Memory knows a session for a second after it was last read.
async fn steps_up_when_old(browser: &Browser) {
    patience::until("the proof to be old", async || {
        browser.open("/step-up").await;
        (browser.path().await == "/step-up").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_sensitive_change_is_kept_while_its_owner_steps_up() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    let ana = stage.signed_in(ANA).await;
    stage.gatepost.minutes_pass(11).await;
    steps_up_when_old(&ana).await;
    ana.open("/admin/settings").await;
    ana.types("Name", "Ana’s Door").await;
    ana.saves("product_name").await;
    ana.presses(&format!("Email a link to {ANA}")).await;
    ana.enters_code("Code from the email", &stage.gatepost.mail_to(ANA, 1).await.code()).await;
    // The form that waited sends itself after the code.
    ana.reads("Settings saved.").await;
    assert_eq!(ana.field("Name").await.prop("value").await.unwrap().as_deref(), Some("Ana’s Door"));
}
