//! Verifying it's you. The form that waited is sent by itself where scripts run, and by one press
//! where none do. So is a button that does no harm.

use crate::{browser::Browser, chromedriver::Traits, patience, stage::Stage, traffic::event};

const ANA: &str = "ana@example.com";
const PASSWORD: &str = "correct horse battery staple";

async fn has_an_old_proof(stage: &Stage, ana: &Browser) {
    stage.gatepost.minutes_pass(16).await;
    patience::until("the proof to be old", async || {
        ana.open("/step-up").await;
        (ana.path().await == "/step-up").then_some(())
    })
    .await;
}

/// Sends a name for the product, which needs a fresh proof, in a session whose proof is old.
async fn names_the_product(stage: &Stage, ana: &Browser, name: &str) {
    has_an_old_proof(stage, ana).await;
    ana.open("/admin/settings").await;
    ana.types("Name", name).await;
    ana.saves("product_name").await;
    ana.reads_heading("Verify it’s you").await;
}

async fn shows_the_password(ana: &Browser) {
    ana.types("Password", PASSWORD).await;
    ana.presses("Continue").await;
}

/// Presses a button on this page, whose proof is old, and shows the password.
async fn presses_and_verifies(stage: &Stage, ana: &Browser, (page, button): (&str, &str)) {
    has_an_old_proof(stage, ana).await;
    ana.open(page).await;
    ana.presses(button).await;
    ana.reads_heading("Verify it’s you").await;
    ana.log("performance").await;
    shows_the_password(ana).await;
}

async fn presses_what_does_no_harm(stage: &Stage, ana: &Browser) {
    presses_and_verifies(stage, ana, ("/admin/mail", "Send me a test email")).await;
    ana.reads("The test email is on its way.").await;
    // The page of a download stays.
    presses_and_verifies(stage, ana, ("/account/your-data", "Download my data")).await;
    patience::until("the download", async || {
        let lines = ana.log("performance").await;
        let is_download = |event: serde_json::Value| {
            let url = event["params"]["request"]["url"].as_str();
            event["method"] == "Network.requestWillBeSent"
                && event["params"]["request"]["method"] == "GET"
                && url.is_some_and(|url| url.ends_with("/account/data"))
        };
        lines.iter().map(event).any(is_download).then_some(())
    })
    .await;
    ana.does_not_read("Nothing has been done yet").await;
}

#[tokio::test]
async fn settings_are_saved_by_themselves_after_the_password_and_by_one_press_after_a_link_or_without_scripts() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    let ana = stage.browser().await;
    ana.asks_for_mail(ANA).await;
    ana.open(&stage.gatepost.mail_to(ANA, 1).await.link()).await;
    ana.presses(&format!("Sign in as {ANA}")).await;
    ana.reads_heading("Your account").await;
    ana.open("/admin/settings").await;
    ana.ticks("Password").await;
    ana.saves("password_enabled").await;
    ana.reads("Settings saved.").await;
    ana.open("/account/password").await;
    ana.types("New password", PASSWORD).await;
    ana.presses("Save password").await;
    ana.reads_heading("Your account").await;

    names_the_product(&stage, &ana, "Linden").await;
    shows_the_password(&ana).await;
    ana.reads("Settings saved.").await;
    assert_eq!(ana.field("Name").await.prop("value").await.unwrap().as_deref(), Some("Linden"));
    // Going back sends nothing again.
    ana.back().await;
    ana.open("/admin/settings").await;
    ana.does_not_read("Settings saved.").await;

    names_the_product(&stage, &ana, "Acer").await;
    ana.presses(&format!("Email a link to {ANA}")).await;
    // After the one that signed in and the one about the password.
    let mail = stage.gatepost.mail_to(ANA, 3).await;
    ana.open(&mail.link()).await;
    ana.presses(&format!("Yes, I’m {ANA}")).await;
    ana.reads("press Save").await;
    ana.does_not_read("Settings saved.").await;
    ana.saves("product_name").await;
    ana.reads("Settings saved.").await;

    presses_what_does_no_harm(&stage, &ana).await;

    let plain = stage.browser_with(&Traits { without_javascript: true, ..Traits::default() }).await;
    plain.open(&stage.gatepost.run(&["link", ANA])).await;
    plain.presses(&format!("Sign in as {ANA}")).await;
    names_the_product(&stage, &plain, "Tilia").await;
    shows_the_password(&plain).await;
    plain.reads("press Save").await;
    plain.saves("product_name").await;
    plain.reads("Settings saved.").await;
    presses_and_verifies(&stage, &plain, ("/admin/mail", "Send me a test email")).await;
    plain.reads("press the button once more").await;
    plain.presses("Send me a test email").await;
    plain.reads("The test email is on its way.").await;
}
