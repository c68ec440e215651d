//! The pages of passkeys: added, asked for, shown again.

use super::Tour;
use crate::{chromedriver::Traits, passkeys::adds_a_passkey, patience, stage::Stage};

const ANA: &str = "ana@example.com";

#[tokio::test]
async fn the_pages_of_passkeys_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    let mut tour = Tour::new("passkeys", &stage);
    let ana = stage.browser().await;
    ana.offers_no_passkeys_unasked().await;
    ana.gets_an_authenticator().await;
    ana.open("/login").await;
    tour.stops(&ana, "sign-in", "Sign in to Gatepost").await;
    ana.types("Email address", "ana@localhost").await;
    ana.presses("Sign in with a passkey").await;
    ana.reads("Enter an email address").await;
    assert_eq!(ana.run("return document.activeElement.id").await, "email", "the problem is at the field");
    assert_eq!(ana.run("return document.activeElement.getAttribute('aria-invalid')").await, "true");
    tour.stops(&ana, "sign-in with a problem", "Sign in to Gatepost").await;

    ana.asks_for_mail(ANA).await;
    ana.open(&stage.gatepost.mail_to(ANA, 1).await.link()).await;
    ana.presses(&format!("Sign in as {ANA}")).await;
    ana.reads_heading("Your account").await;
    ana.open("/account/passkeys").await;
    tour.stops(&ana, "none yet", "Passkeys").await;
    adds_a_passkey(&ana).await;
    ana.open("/account/passkeys").await;
    ana.opens("Rename Passkey").await;
    tour.stops(&ana, "one", "Passkeys").await;
    ana.types("New name", "A key with a name that is as long as any key's may").await;
    ana.presses("Save name").await;
    ana.reads("Passkey renamed.").await;
    tour.stops(&ana, "renamed", "Passkeys").await;
    ana.presses("Add another passkey").await;
    ana.reads("You already have a passkey on this device.").await;
    tour.stops(&ana, "one too many", "Passkeys").await;

    let other = stage.browser().await;
    other.asks_for_mail(ANA).await;
    other.open(&stage.gatepost.mail_to(ANA, 3).await.link()).await;
    other.presses(&format!("Sign in as {ANA}")).await;
    other.reads("Verify it’s you with your second factor.").await;
    tour.stops(&other, "second factor", "One more step").await;
    // It has none of her passkeys.
    other.gets_an_authenticator().await;
    other.presses("Use a passkey").await;
    other.reads("Cancelled or timed out.").await;
    tour.stops(&other, "second factor with a problem", "One more step").await;

    stage.gatepost.minutes_pass(11).await;
    patience::until("the proof to be old", async || {
        ana.open("/step-up?then=/admin/settings").await;
        (ana.path().await != "/admin/settings").then_some(())
    })
    .await;
    tour.stops(&ana, "step-up", "Verify it’s you").await;
    ana.presses("Use a passkey").await;
    ana.reads_heading("Settings").await;
    ana.ticks("Email link and code").await;
    ana.presses("Save").await;
    ana.reads("Settings saved.").await;

    let alone = stage.browser().await;
    alone.open("/login").await;
    tour.stops(&alone, "sign-in by nothing else", "Sign in to Gatepost").await;
    alone.opens("Security key not recognised? Enter your email address").await;
    tour.stops(&alone, "sign-in with a key", "Sign in to Gatepost").await;
    let plain = stage.browser_with(&Traits { without_javascript: true, ..Traits::default() }).await;
    plain.open("/login").await;
    plain.reads("To use a passkey, turn on JavaScript").await;
    tour.ends(&[&ana, &other, &alone, &plain]).await;
}

#[tokio::test]
async fn the_offer_of_a_passkey_suits_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let mut tour = Tour::new("passkey-offer", &stage);
    let ana = stage.browser().await;
    ana.asks_for_mail(ANA).await;
    ana.open(&stage.gatepost.mail_to(ANA, 1).await.link()).await;
    ana.presses(&format!("Sign in as {ANA}")).await;
    ana.reads("Sign in without waiting for an email").await;
    tour.stops(&ana, "a passkey is offered", "Your account").await;
    // It was on the page for every look.
    ana.reload().await;
    ana.reads("Sign in without waiting for an email").await;
    let tab = ana.turns_to_german().await;
    ana.open("/account").await;
    ana.reads("Anmelden, ohne auf eine E-Mail zu warten").await;
    ana.leaves_german(tab).await;
    tour.ends(&[&ana]).await;
}
