//! Pages that answer a form, loaded again: by their own scripts, by a key, by going back. No form
//! is sent a second time.

use crate::{browser::Browser, chromedriver::Traits, patience, stage::Stage, traffic::event};
use serde_json::json;

const ANA: &str = "ana@example.com";

/// Returns the forms sent since the last call. A script's request is not a form.
async fn forms_sent(browser: &Browser) -> Vec<String> {
    let asked = browser.log("performance").await;
    let sent = asked.iter().map(event).filter(|event| event["method"] == "Network.requestWillBeSent");
    let pages = sent.filter(|event| event["params"]["type"] == "Document");
    let requests = pages.map(|event| event["params"]["request"].clone());
    requests.filter(|request| request["method"] == "POST").map(|request| request["url"].to_string()).collect()
}

#[tokio::test]
async fn a_tab_with_a_wrong_code_waits_for_the_link_in_another_and_sends_nothing_again() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account(ANA);
    let ana = stage.browser().await;
    ana.asks_for_mail(ANA).await;
    let mail = stage.gatepost.mail_to(ANA, 1).await;
    ana.enters_code("Code from the email", "000-000").await;
    ana.reads("That code is wrong or has expired").await;
    let waiting = ana.opens_tab().await;
    ana.open(&mail.link()).await;
    ana.presses(&format!("Sign in as {ANA}")).await;
    ana.reads_heading("Your account").await;
    assert!(!forms_sent(&ana).await.is_empty(), "what is sent is seen here");

    ana.turns_to_tab(waiting).await;
    // By its script alone.
    patience::until("the first tab to be signed in", async || (ana.path().await == "/account").then_some(())).await;
    assert_eq!(forms_sent(&ana).await, [""; 0]);
    assert!(ana.is_signed_in_as(ANA).await);
}

#[tokio::test]
async fn the_reload_key_sends_no_form_again_whatever_was_wrong_with_it() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_admin(ANA);
    let ana = stage.browser().await;
    ana.open("/login").await;
    ana.types("Email address", "ana@example").await;
    ana.presses("Email me a link").await;
    stays(&ana, "should look like example.com").await;
    ana.types("Email address", ANA).await;
    ana.presses("Email me a link").await;
    ana.reads_heading("Check your inbox").await;
    ana.enters_code("Code from the email", "000-000").await;
    stays(&ana, "That code is wrong or has expired").await;
    // It counted once. Four more would have ended it.
    ana.enters_code("Code from the email", &stage.gatepost.mail_to(ANA, 1).await.code()).await;
    ana.reads_heading("Your account").await;

    ana.types("Name", "An\u{202e}a").await;
    ana.presses("Save name").await;
    stays(&ana, "invisible character").await;
    ana.open("/account/close").await;
    ana.presses("Close my account").await;
    stays(&ana, "Tick the box").await;
    ana.open("/admin/people").await;
    ana.types("Email address", "ben@example").await;
    ana.presses("Invite").await;
    stays(&ana, "should look like example.com").await;
    ana.open("/admin/settings").await;
    ana.types("Link lifetime", "soon").await;
    ana.presses("Save").await;
    stays(&ana, "1 field needs another look").await;

    // A success is shown once.
    ana.open("/account").await;
    ana.types("Name", "Ana").await;
    ana.presses("Save name").await;
    ana.reads("Your name is saved.").await;
    forms_sent(&ana).await;
    ana.reload().await;
    ana.does_not_read("Your name is saved.").await;
    assert_eq!(forms_sent(&ana).await, [""; 0]);
}

/// Asserts that five reloads later the page still says it, and has sent nothing.
async fn stays(browser: &Browser, words: &str) {
    browser.reads(words).await;
    assert!(!forms_sent(browser).await.is_empty(), "{words}");
    for _ in 0..5 {
        browser.reload().await;
        browser.reads(words).await;
    }
    assert_eq!(forms_sent(browser).await, [""; 0], "{words}");
}

#[tokio::test]
async fn back_after_signing_in_says_who_is_signed_in() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account(ANA);
    let ana = stage.browser().await;
    ana.asks_for_mail(ANA).await;
    ana.open(&stage.gatepost.mail_to(ANA, 1).await.link()).await;
    ana.presses(&format!("Sign in as {ANA}")).await;
    ana.reads_heading("Your account").await;
    ana.back().await;
    ana.reads(&format!("You’re signed in as {ANA}")).await;
    ana.does_not_read("no longer works").await;
}

/// No event tells a page that "Stop" was pressed, so that the button works again after a while.
#[tokio::test]
async fn a_button_works_again_after_its_form_was_stopped() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account(ANA);
    let ana = stage.signed_in(ANA).await;
    ana.types("Name", "Ana").await;
    // Like the user's "Stop": the form is about to be sent, and the page stays.
    let form = "document.querySelector('form[action=\"/account/name\"]')";
    ana.run(&format!("{form}.addEventListener('submit', (event) => event.preventDefault(), {{ once: true }})")).await;
    ana.control("Save name").await.click().await.unwrap();
    assert_eq!(ana.run(&format!("return {form}.dataset.sent")).await, json!("yes"));
    patience::until("the form to be free again", async || {
        (ana.run(&format!("return !{form}.dataset.sent")).await == json!(true)).then_some(())
    })
    .await;
    ana.presses("Save name").await;
    ana.reads("Your name is saved.").await;
}

/// The session ended in another browser while the user filled a form in here.
#[tokio::test]
async fn what_was_typed_into_a_form_of_an_ended_session_comes_back_after_signing_in() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account(ANA);
    let (ana, other) = (stage.browser().await, stage.browser().await);
    ana.gets_an_authenticator().await;
    let mut emails = 0;
    let mut signs_in = async || {
        emails += 1;
        ana.types("Email address", ANA).await;
        ana.presses("Email me a link").await;
        ana.reads_heading("Check your inbox").await;
        ana.enters_code("Code from the email", &stage.gatepost.mail_to(ANA, emails).await.code()).await;
    };
    ana.open("/login").await;
    signs_in().await;
    ana.reads_heading("Your account").await;

    ana.types("Name", "Ana of the Hills").await;
    stage.signs_in(&other, ANA).await;
    signs_everyone_else_out(&other).await;
    ana.presses("Save name").await;
    ana.reads("we’ve kept what you typed").await;
    signs_in().await;
    ana.reads_heading("Your account").await;
    assert_eq!(ana.field("Name").await.prop("value").await.unwrap().as_deref(), Some("Ana of the Hills"));
    ana.presses("Save name").await;
    ana.reads("Your name is saved.").await;

    // What a script sends is kept, too.
    ana.open("/account/passkeys").await;
    ana.types("Name of the passkey", "My phone").await;
    signs_everyone_else_out(&other).await;
    ana.presses("Add a passkey").await;
    ana.reads("we’ve kept what you typed").await;
    signs_in().await;
    ana.reads_heading("Passkeys").await;
    assert_eq!(ana.field("Name of the passkey").await.prop("value").await.unwrap().as_deref(), Some("My phone"));
}

async fn signs_everyone_else_out(browser: &Browser) {
    browser.open("/account/sessions/revoke-others").await;
    browser.presses("Sign out everywhere else").await;
    browser.reads("All your other browsers are signed out.").await;
}

/// An address that only takes forms, opened from the history or typed in.
#[tokio::test]
async fn an_address_of_a_form_that_is_opened_leads_to_its_page() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account(ANA);
    let ana = stage.signed_in(ANA).await;
    for form in ["/account/name", "/login/code", "/step-up/password"] {
        ana.open(form).await;
        ana.find("h1").await;
        ana.does_not_read("This cannot be asked of this page").await;
        assert_ne!(ana.path().await, form);
    }
}

#[tokio::test]
async fn without_javascript_asking_again_too_early_says_when_it_can_be_asked() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account(ANA);
    let ana = stage.browser_with(&Traits { without_javascript: true, ..Traits::default() }).await;
    ana.asks_for_mail(ANA).await;
    ana.reads("You can ask for another email in").await;
    ana.presses("Send another email").await;
    ana.reads_heading("Check your inbox").await;
    let alert = ana.find(".message").await.text().await.unwrap();
    assert!(alert.contains("You can ask for another email in"), "{alert}");
    stays(&ana, "You can ask for another email in").await;
}
