//! The same pages in a browser without JavaScript, from the set-up to the desk. Each step is done
//! by links and forms alone.

use super::{Tour, security::code_in};
use crate::{browser::Browser, chromedriver::Traits, patience, stage::Stage};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const PASSWORD: &str = "correct horse battery";

async fn plain(stage: &Stage) -> Browser {
    stage.browser_with(&Traits { without_javascript: true, ..Traits::default() }).await
}

#[tokio::test]
async fn a_first_admin_sets_a_place_up_without_javascript() {
    let stage = Stage::new().await;
    let mut tour = Tour::new("plain-desk", &stage);
    let ana = plain(&stage).await;
    ana.open(&stage.gatepost.set_up_link()).await;
    tour.stops_without_axe(&ana, "set-up", "Welcome").await;
    ana.types("Your email address", ANA).await;
    ana.presses("Become the first admin").await;
    tour.stops_without_axe(&ana, "overview", "Overview").await;
    ana.presses("Users").await;
    ana.types("Email address", BEN).await;
    ana.presses("Invite").await;
    ana.reads("is invited. The email is").await;
    tour.stops_without_axe(&ana, "users", "Users").await;
    ana.field("Select ben@example.com").await.click().await.unwrap();
    ana.presses("Disable the selected users").await;
    tour.stops_without_axe(&ana, "users to disable", "Disable this account?").await;
    ana.presses("Cancel").await;
    ana.presses(BEN).await;
    tour.stops_without_axe(&ana, "user", BEN).await;
    ana.presses("Settings").await;
    ana.types("Name", "The Lindens").await;
    ana.saves("product_name").await;
    ana.reads("Settings saved.").await;
    tour.stops_without_axe(&ana, "settings", "Settings").await;
    ana.presses("Apps").await;
    ana.presses("New app").await;
    ana.types("Name", "Wiki").await;
    ana.types("Address", "wiki.example.com").await;
    tour.stops_without_axe(&ana, "app new", "New app").await;
    ana.presses("Add app").await;
    ana.reads("The app is added.").await;
    ana.opens("Caddy").await;
    tour.stops_without_axe(&ana, "app", "Wiki").await;
    ana.presses("Email").await;
    ana.presses("Send me a test email").await;
    ana.reads("The test email is on its way.").await;
    tour.stops_without_axe(&ana, "email", "Email").await;
    ana.presses("Audit log").await;
    ana.types("Search", BEN).await;
    ana.presses("Show").await;
    tour.stops_without_axe(&ana, "audit", "Audit log").await;
    tour.ends(&[&ana]).await;
}

#[tokio::test]
async fn a_user_signs_in_and_secures_an_account_without_javascript() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(BEN);
    stage.gatepost.add_admin(ANA);
    stage.gatepost.has_app(("closed", "https://closed.example.com"), "one", false);
    let mut tour = Tour::new("plain-user", &stage);
    turns_passwords_on(&stage).await;
    let ben = plain(&stage).await;
    ben.asks_for_mail(BEN).await;
    tour.stops_without_axe(&ben, "sent", "Check your inbox").await;
    let mail = stage.gatepost.mail_to(BEN, 1).await;
    let other = plain(&stage).await;
    other.open(&mail.link()).await;
    tour.stops_without_axe(&other, "elsewhere", "This email was requested in another browser").await;
    ben.types("Code from the email", &mail.code()).await;
    ben.presses("Continue").await;
    tour.stops_without_axe(&ben, "account", "Your account").await;
    other.asks_for_mail(BEN).await;
    other.open(&stage.gatepost.mail_to(BEN, 2).await.link()).await;
    tour.stops_without_axe(&other, "ready", "Sign in to Gatepost").await;
    other.presses(&format!("Sign in as {BEN}")).await;
    other.open("/apps/access?app=closed").await;
    other.presses("Ask for access").await;
    other.reads("We’ve told the admins.").await;
    tour.stops_without_axe(&other, "asked for access", "You can’t open Wiki").await;

    ben.open("/account/password").await;
    ben.types("New password", PASSWORD).await;
    ben.presses("Save password").await;
    ben.reads("Your password is set.").await;
    ben.open("/account/security").await;
    ben.presses("Set up an app").await;
    tour.stops_without_axe(&ben, "an app", "Set up an authenticator app").await;
    let secret = ben.find("code.key").await.text().await.unwrap();
    ben.types("Code shown in the app", &code_in(0, &ben, &secret).await).await;
    ben.presses("Turn on").await;
    ben.presses("I’ve saved my codes").await;
    ben.reads("10 left").await;
    stage.gatepost.minutes_pass(11).await;
    patience::until("the proofs to be old", async || {
        ben.open("/step-up").await;
        (ben.path().await == "/step-up").then_some(())
    })
    .await;
    tour.stops_without_axe(&ben, "step-up", "Verify it’s you").await;

    loses_a_phone(&mut tour, &other).await;
    tour.ends(&[&ben, &other]).await;
}

async fn turns_passwords_on(stage: &Stage) {
    let ana = stage.signed_in(ANA).await;
    ana.open("/admin/settings").await;
    ana.ticks("Password").await;
    ana.presses("Save").await;
    ana.reads("Settings saved.").await;
}

/// Shows a password and an email, and asks for the second factors to be removed.
async fn loses_a_phone(tour: &mut Tour<'_>, lost: &Browser) {
    lost.open("/login/password").await;
    lost.types("Email address", BEN).await;
    lost.types("Password", PASSWORD).await;
    lost.presses("Sign in").await;
    tour.stops_without_axe(lost, "second factor", "One more step").await;
    lost.presses("Can’t use any of these?").await;
    tour.stops_without_axe(lost, "lost", "Lost your phone or your codes?").await;
    lost.open("/password/forgot").await;
    lost.types("Email address", BEN).await;
    lost.presses("Email me a reset link").await;
    tour.stops_without_axe(lost, "reset sent", "Check your inbox").await;
}
