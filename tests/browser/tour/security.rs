//! The security page, setting up an authenticator app, and recovery codes.

use super::Tour;
use crate::{browser::Browser, chromedriver::Traits, patience, stage::Stage};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const EVE: &str = "eve@example.com";

/// Returns the code that an app with this secret shows after this many seconds.
pub async fn code_in(seconds: u64, browser: &Browser, secret: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let app = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let now = browser.run("return Math.floor(Date.now() / 1000)").await.as_u64().unwrap();
    app.generate(now + seconds).to_string()
}

/// Opens the `n`th link that signs Ana in. It also verifies her address, because no user can enrol
/// a factor before that.
pub async fn opens_an_email_link(stage: &Stage, browser: &Browser, n: usize) {
    browser.asks_for_mail(ANA).await;
    let link = patience::until("the mail with the link", async || {
        let links: Vec<_> =
            stage.gatepost.mails_to(ANA).await.iter().filter_map(|mail| mail.url("/auth/verify?token=")).collect();
        (links.len() == n).then(|| links.into_iter().next().unwrap())
    });
    browser.open(&link.await).await;
    browser.presses(&format!("Sign in as {ANA}")).await;
}

/// Gives the signed-in user an app; returns its secret.
pub async fn sets_up_an_app(browser: &Browser) -> String {
    browser.open("/account/security").await;
    browser.presses("Set up an app").await;
    let secret = browser.find("code.key").await.text().await.unwrap();
    browser.types("Code shown in the app", &code_in(0, browser, &secret).await).await;
    browser.presses("Turn on").await;
    browser.reads("Your second factor is set up.").await;
    secret
}

#[tokio::test]
async fn the_pages_of_second_factors_suit_everybody() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_admin(ANA);
    let mut tour = Tour::new("security", &stage);
    let ana = stage.browser().await;
    opens_an_email_link(&stage, &ana, 1).await;
    ana.reads_heading("Your account").await;
    ana.presses("Security").await;
    tour.stops(&ana, "nothing set up", "Security").await;
    ana.open("/account/recovery-codes").await;
    tour.stops(&ana, "no recovery codes without a second factor", "Recovery codes").await;

    ana.open("/account/totp").await;
    tour.stops(&ana, "no apps", "Authenticator apps").await;
    ana.presses("Security").await;
    ana.presses("Set up an app").await;
    tour.stops(&ana, "an app", "Set up an authenticator app").await;
    ana.types("Name of the app", "My phone").await;
    ana.types("Code shown in the app", "12345").await;
    ana.presses("Turn on").await;
    ana.reads("That code is incomplete").await;
    tour.stops(&ana, "an app with a problem", "Set up an authenticator app").await;
    let secret = ana.find("code.key").await.text().await.unwrap();
    ana.types("Code shown in the app", &code_in(0, &ana, &secret).await).await;
    ana.presses("Turn on").await;
    ana.reads("Your second factor is set up.").await;
    tour.stops(&ana, "recovery codes after the first factor", "Your recovery codes").await;
    ana.reload().await;
    ana.back().await;
    ana.open("/account/recovery-codes").await;
    tour.stops(&ana, "recovery codes not saved yet", "Recovery codes").await;
    ana.presses("Show them again").await;
    tour.stops(&ana, "recovery codes", "Your recovery codes").await;
    let codes = ana.find("pre.codes").await.text().await.unwrap();
    ana.presses("Copy").await;
    ana.reads("Copied").await;
    ana.devtools("Emulation.setEmulatedMedia", serde_json::json!({ "media": "print" })).await;
    ana.reads(&format!("Recovery codes for {ANA} at Gatepost")).await;
    ana.reads(&stage.gatepost.origin).await;
    ana.does_not_read("I’ve saved my codes").await;
    ana.devtools("Emulation.setEmulatedMedia", serde_json::json!({ "media": "" })).await;
    ana.presses("I’ve saved my codes").await;
    ana.reads("10 left").await;
    tour.stops(&ana, "all set up", "Security").await;
    ana.open("/account/recovery-codes").await;
    tour.stops(&ana, "ten recovery codes left", "Recovery codes").await;
    ana.open("/account/totp").await;
    tour.stops(&ana, "an app set up", "Authenticator apps").await;

    // The same user elsewhere, who is asked for it.
    let other = stage.browser().await;
    other.open(&stage.gatepost.run(&["link", ANA])).await;
    other.presses(&format!("Sign in as {ANA}")).await;
    other.reads_heading("One more step").await;
    tour.stops(&other, "second factor", "One more step").await;
    other.types("Code from your authenticator app", "12345").await;
    other.presses("Continue").await;
    other.reads("That code is incomplete.").await;
    tour.stops(&other, "second factor with a problem", "One more step").await;
    other.presses("Can’t use any of these?").await;
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

#[tokio::test]
async fn the_pages_of_a_recovery_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(BEN);
    stage.gatepost.add_account(ANA);
    stage.gatepost.add_account(EVE);
    let mut tour = Tour::new("recovery", &stage);
    let ben = stage.signed_in(BEN).await;
    ben.open("/admin/settings").await;
    ben.ticks("Remembered browsers").await;
    ben.saves("trusted_devices_enabled").await;
    ben.reads("Settings saved.").await;

    // Ana shows her second factor once in another browser, which is then remembered. That one has
    // no JavaScript.
    let ana = stage.browser().await;
    opens_an_email_link(&stage, &ana, 1).await;
    ana.reads_heading("Your account").await;
    let secret = sets_up_an_app(&ana).await;
    let other = stage.browser_with(&Traits { without_javascript: true, ..Traits::default() }).await;
    other.open("/login").await;
    tour.stops_without_axe(&other, "sign-in without javascript", "Sign in to Gatepost").await;
    other.open(&stage.gatepost.run(&["link", ANA])).await;
    other.presses(&format!("Sign in as {ANA}")).await;
    tour.stops_without_axe(&other, "second factor that may be remembered", "One more step").await;
    // The step of the first code is used up. The next one is accepted a little early.
    other.types("Code from your authenticator app", &code_in(30, &other, &secret).await).await;
    other.ticks("Don’t ask again in this browser").await;
    other.presses("Continue").await;
    other.reads_heading("Your account").await;
    other.open("/account/security").await;
    other.reads("Remembered browsers").await;
    tour.stops_without_axe(&other, "remembered", "Security").await;
    other.open("/account/recovery-codes").await;
    other.presses("Create 10 new codes").await;
    other.presses("Create new codes").await;
    tour.stops_without_axe(&other, "recovery codes without javascript", "Your recovery codes").await;
    other.open("/account/passkeys").await;
    tour.stops_without_axe(&other, "passkeys without javascript", "Passkeys").await;
    other.open("/account/security").await;

    ben.open("/admin/people").await;
    ben.presses(ANA).await;
    ben.presses("Start recovery").await;
    tour.stops(&ben, "start recovery", "Start recovery?").await;
    ben.presses("Start recovery").await;
    ben.reads("All second factors will be removed on").await;
    tour.stops(&ben, "person", ANA).await;
    other.reload().await;
    tour.stops_without_axe(&other, "security during a recovery", "Security").await;
    ana.open("/account").await;
    ana.reads("Someone wants to remove your second factors").await;
    tour.stops(&ana, "account during a recovery", "Your account").await;
    ana.open("/account/security").await;
    ana.reads("Remembered browsers").await;
    tour.stops(&ana, "security during a recovery, with a remembered browser", "Security").await;
    let lost = stage.browser().await;
    opens_an_email_link(&stage, &lost, 2).await;
    lost.reads("Don’t ask again in this browser").await;
    tour.stops(&lost, "second factor with the tick", "One more step").await;
    lost.presses("Can’t use any of these?").await;
    tour.stops(&lost, "lost during a recovery", "Your second factors will be removed").await;

    let link = patience::until("the mail with the link that says no", async || {
        let mails = stage.gatepost.mails_to(ANA).await;
        mails.iter().find_map(|mail| mail.url("/auth/recovery?token="))
    })
    .await;
    lost.open(&link).await;
    tour.stops(&lost, "say no", "Keep your second factors?").await;
    lost.presses("Keep my second factors").await;
    tour.stops(&lost, "said no", "Nothing was removed").await;
    lost.open(&link).await;
    tour.stops(&lost, "said no before", "Nothing was removed").await;
    lost.open("/auth/recovery?token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
    tour.stops(&lost, "unknown", "This link isn’t valid").await;

    // A user who has to enrol one and has none gets no further. The admin who requires it needs
    // one, too.
    ben.open("/admin/settings").await;
    ben.ticks("Everyone").await;
    ben.saves("trusted_devices_enabled").await;
    ben.reads("Set up a second factor of your own first").await;
    tour.stops(&ben, "settings that would lock their admin out", "Settings").await;
    let eve = stage.signed_in(EVE).await;
    stage.gatepost.requires_second_factors();
    patience::until("the settings to be read again", async || {
        eve.open("/account").await;
        (eve.path().await == "/account/security").then_some(())
    })
    .await;
    tour.stops(&eve, "required", "Security").await;
    tour.ends(&[&ana, &ben, &other, &lost, &eve]).await;
}
