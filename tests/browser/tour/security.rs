//! The security page, setting up an authenticator app, and recovery codes.

use super::Tour;
use crate::{browser::Browser, stage::Stage};

const ANA: &str = "ana@example.com";

/// The code that an app with this secret shows now.
async fn code(browser: &Browser, secret: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let app = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let now = browser.run("return Math.floor(Date.now() / 1000)").await.as_u64().unwrap();
    app.generate(now).to_string()
}

#[tokio::test]
async fn the_pages_of_second_factors_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    let mut tour = Tour::new("security", &stage);
    let ana = stage.browser().await;
    ana.asks_for_mail(ANA).await;
    ana.open(&stage.gatepost.mail_to(ANA, 1).await.link()).await;
    ana.presses(&format!("Sign in as {ANA}")).await;
    ana.reads_heading("Your account").await;
    ana.presses("Ways to sign in, and what to do if a phone is lost").await;
    tour.stops(&ana, "nothing set up", "Security").await;
    ana.open("/account/recovery-codes").await;
    tour.stops(&ana, "no recovery codes without a second factor", "Recovery codes").await;

    ana.open("/account/totp").await;
    tour.stops(&ana, "no apps", "Authenticator apps").await;
    ana.types("A name for the app", "My phone").await;
    ana.presses("Set up an app").await;
    tour.stops(&ana, "an app", "Set up “My phone”").await;
    let secret = ana.find("code.key").await.text().await.unwrap();
    ana.types("The code that the app shows now", &code(&ana, &secret).await).await;
    ana.presses("Turn it on").await;
    ana.reads("Your second factor is in place.").await;
    tour.stops(&ana, "recovery codes to make", "Recovery codes").await;
    ana.presses("Make 10 codes").await;
    tour.stops(&ana, "recovery codes", "Your recovery codes").await;
    let codes = ana.find("pre.codes").await.text().await.unwrap();
    ana.presses("Copy").await;
    ana.reads("Copied").await;
    ana.devtools("Emulation.setEmulatedMedia", serde_json::json!({ "media": "print" })).await;
    ana.reads(&format!("Recovery codes for {ANA} at Gatepost")).await;
    ana.does_not_read("I have put them away").await;
    ana.devtools("Emulation.setEmulatedMedia", serde_json::json!({ "media": "" })).await;
    ana.presses("I have put them away").await;
    ana.reads("10 left").await;
    tour.stops(&ana, "all set up", "Security").await;
    ana.open("/account/recovery-codes").await;
    tour.stops(&ana, "ten recovery codes left", "Recovery codes").await;
    ana.open("/account/totp").await;
    tour.stops(&ana, "an app set up", "Authenticator apps").await;

    // The same person elsewhere, who is asked for it.
    let other = stage.browser().await;
    other.open(&stage.gatepost.run(&["link", ANA])).await;
    other.presses(&format!("Sign in as {ANA}")).await;
    other.reads_heading("One more step").await;
    tour.stops(&other, "second factor", "One more step").await;
    other.types("Code from your authenticator app", "12345").await;
    other.presses("Go on").await;
    other.reads("This is not a whole code.").await;
    tour.stops(&other, "second factor with a problem", "One more step").await;
    other.presses("I have lost my phone or my codes").await;
    other.reads_heading("Lost your phone or your codes?").await;
    tour.stops(&other, "lost", "Lost your phone or your codes?").await;
    other.presses("Back").await;
    other.reads_heading("One more step").await;
    other.opens("Use a recovery code").await;
    other.types("Recovery code", codes.lines().next().unwrap()).await;
    other.presses("Use this code").await;
    other.reads_heading("Your account").await;
    assert!(other.is_signed_in_as(ANA).await);
    tour.ends(&[&ana, &other]).await;
}
