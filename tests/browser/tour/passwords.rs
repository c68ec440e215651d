//! The pages of passwords: turned on, set, used, forgotten, chosen anew.

use super::Tour;
use crate::stage::Stage;

const ANA: &str = "ana@example.com";
const GOOD: &str = "correct horse battery";

#[tokio::test]
async fn the_pages_of_passwords_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    let mut tour = Tour::new("passwords", &stage);
    let ana = stage.browser().await;
    ana.asks_for_mail(ANA).await;
    ana.open(&stage.gatepost.mail_to(ANA, 1).await.link()).await;
    ana.presses(&format!("Sign in as {ANA}")).await;
    ana.reads_heading("Your account").await;
    ana.open("/admin/settings").await;
    ana.ticks("Password").await;
    ana.presses("Save").await;
    ana.reads("Settings saved.").await;
    ana.open("/account/password").await;
    tour.stops(&ana, "set", "Set a password").await;
    ana.types("New password", "passwordpassword").await;
    ana.presses("Show").await;
    assert_eq!(ana.field("New password").await.attr("type").await.unwrap().as_deref(), Some("text"));
    ana.presses("Save password").await;
    ana.reads("This password is too common").await;
    tour.stops(&ana, "set with a problem", "Set a password").await;
    ana.types("New password", GOOD).await;
    ana.presses("Save password").await;
    ana.reads("Your password is set.").await;
    ana.open("/account/password").await;
    tour.stops(&ana, "change", "Change your password").await;

    let other = stage.browser().await;
    other.open("/login").await;
    tour.stops(&other, "sign-in", "Sign in to Gatepost").await;
    other.types("Email address", ANA).await;
    other.presses("Sign in with a password").await;
    tour.stops(&other, "sign-in by password", "Sign in to Gatepost").await;
    other.types("Password", "something else entirely").await;
    other.presses("Sign in").await;
    other.reads("Wrong email address or password").await;
    tour.stops(&other, "sign-in with a problem", "Sign in to Gatepost").await;
    other.types("Password", GOOD).await;
    other.presses("Sign in").await;
    other.reads_heading("Your account").await;
    assert!(other.is_signed_in_as(ANA).await);

    let forgetful = stage.browser().await;
    forgetful.open("/login/password").await;
    forgetful.presses("Forgot your password?").await;
    tour.stops(&forgetful, "forgotten", "Reset your password").await;
    forgetful.types("Email address", ANA).await;
    forgetful.presses("Email me a reset link").await;
    tour.stops(&forgetful, "reset sent", "Check your inbox").await;
    let link = stage.gatepost.mail_to(ANA, 3).await.reset_link();
    forgetful.open(&link).await;
    tour.stops(&forgetful, "reset", "Choose a new password").await;
    forgetful.types("New password", "staple every other word").await;
    forgetful.presses("Save password").await;
    tour.stops(&forgetful, "reset done", "Sign in to Gatepost").await;
    forgetful.open(&link).await;
    tour.stops(&forgetful, "reset over", "This link no longer works").await;
    tour.ends(&[&ana, &other, &forgetful]).await;
}
