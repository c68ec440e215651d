//! Passkeys in a real browser, with Chromium's own software authenticator.

use crate::{browser::Browser, chromedriver::Traits, patience, stage::Stage};
use serde_json::json;

const ANA: &str = "ana@example.com";

/// Adds a passkey on the account's page, where a user is signed in.
pub async fn adds_a_passkey(browser: &Browser) {
    browser.open("/account/passkeys").await;
    browser.presses("Add a passkey").await;
    // From here users are led to recovery codes.
    patience::until("the passkey to be added", async || {
        browser.path().await.starts_with("/account/recovery-codes").then_some(())
    })
    .await;
}

async fn signs_in_by_link(stage: &Stage, browser: &Browser, mails: usize) {
    browser.asks_for_mail(ANA).await;
    browser.open(&stage.gatepost.mail_to(ANA, mails).await.link()).await;
    browser.presses(&format!("Sign in as {ANA}")).await;
}

#[tokio::test]
async fn a_passkey_from_the_first_use_to_the_last() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account(ANA);
    let ana = stage.browser().await;
    ana.offers_no_passkeys_unasked().await;
    // A browser that cannot be told of a removal still offers what was removed.
    let source = "if (window.PublicKeyCredential) PublicKeyCredential.signalAllAcceptedCredentials = undefined";
    ana.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
    ana.gets_an_authenticator().await;
    signs_in_by_link(&stage, &ana, 1).await;
    ana.reads_heading("Your account").await;
    adds_a_passkey(&ana).await;
    ana.open("/account/passkeys").await;
    ana.types("Name of the new passkey", "My laptop").await;
    ana.presses("Add another passkey").await;
    // It has one for this account, and the browser tells the page so.
    ana.reads("You already have a passkey on this device.").await;

    ana.presses("Sign out").await;
    ana.reads_heading("Sign in to Gatepost").await;
    ana.presses("Sign in with a passkey").await;
    ana.reads_heading("Your account").await;
    ana.open("/account/sessions").await;
    ana.reads("(passkey)").await;

    ana.presses("Sign out").await;
    signs_in_by_link(&stage, &ana, 3).await;
    ana.reads("Verify it’s you with your second factor.").await;
    ana.presses("Use a passkey").await;
    ana.reads_heading("Your account").await;
    ana.open("/account/sessions").await;
    ana.reads("(email link and passkey)").await;

    stage.gatepost.minutes_pass(11).await;
    patience::until("the proof to be old", async || {
        ana.open("/step-up?then=/account/address").await;
        (ana.path().await != "/account/address").then_some(())
    })
    .await;
    ana.reads_heading("Verify it’s you").await;
    ana.presses("Use a passkey").await;
    ana.reads_heading("Change your email address").await;

    ana.open("/account/passkeys").await;
    ana.find("a[href$='/remove']").await.click().await.unwrap();
    ana.reads_heading("Remove this passkey?").await;
    ana.presses("Remove passkey").await;
    ana.reads("The passkey is removed.").await;
    ana.presses("Sign out").await;
    ana.presses("Sign in with a passkey").await;
    ana.reads("We don’t recognise this passkey.").await;
    ana.types("Email address", "nobody@example.com").await;
    ana.presses("Sign in with a passkey").await;
    ana.reads("Cancelled or timed out.").await;
}

/// Its provider began to copy it to other devices, which the standard forbids and some do.
#[tokio::test]
async fn an_owner_whose_passkey_changed_reads_what_to_do() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account(ANA);
    let ana = stage.browser().await;
    ana.offers_no_passkeys_unasked().await;
    let authenticator = ana.gets_a_changeable_authenticator().await;
    signs_in_by_link(&stage, &ana, 1).await;
    ana.reads_heading("Your account").await;
    adds_a_passkey(&ana).await;
    let of = json!({ "authenticatorId": authenticator });
    let kept = ana.devtools("WebAuthn.getCredentials", of).await;
    let change = json!({
        "authenticatorId": authenticator,
        "credentialId": kept["credentials"][0]["credentialId"],
        "backupEligibility": true,
        "backupState": true,
    });
    ana.devtools("WebAuthn.setCredentialProperties", change).await;
    ana.presses("Sign out").await;
    signs_in_by_link(&stage, &ana, 3).await;
    ana.presses("Use a passkey").await;
    ana.reads("This passkey has changed since you added it").await;
    ana.reads("remove the passkey on your security page and add it again").await;
}

/// Chromium's authenticator chooses at once what users choose from the list under the field.
#[tokio::test]
async fn a_passkey_is_offered_where_the_address_would_be_typed() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account(ANA);
    let ana = stage.signed_in(ANA).await;
    ana.open("/account/passkeys").await;
    ana.reads("Your email address isn’t verified yet").await;
    ana.presses("Sign out").await;
    signs_in_by_link(&stage, &ana, 1).await;
    ana.reads_heading("Your account").await;
    ana.gets_an_authenticator().await;
    adds_a_passkey(&ana).await;
    ana.open("/account/passkeys").await;
    ana.presses("Sign out").await;
    ana.reads_heading("Your account").await;
    ana.open("/account/sessions").await;
    ana.reads("(passkey)").await;
}

#[tokio::test]
async fn without_javascript_passkeys_are_listed_renamed_and_removed() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account(ANA);
    let ana = stage.browser().await;
    signs_in_by_link(&stage, &ana, 1).await;
    ana.reads_heading("Your account").await;
    ana.gets_an_authenticator().await;
    adds_a_passkey(&ana).await;

    let plain = stage.browser_with(&Traits { without_javascript: true, ..Traits::default() }).await;
    plain.open("/account").await;
    plain.takes_session_of(&ana).await;
    plain.open("/account/passkeys").await;
    plain.reads("To use a passkey, turn on JavaScript in this browser.").await;
    plain.opens("Rename Passkey").await;
    plain.types("New name", "My laptop").await;
    plain.presses("Save name").await;
    plain.reads("Passkey renamed.").await;
    plain.presses("Remove My laptop").await;
    plain.reads_heading("Remove this passkey?").await;
    plain.presses("Remove passkey").await;
    plain.reads("The passkey is removed.").await;
    plain.does_not_read("My laptop").await;
}
