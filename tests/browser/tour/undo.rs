//! Taking back what an attacker added: from the email, in a browser that was never here, with and without JavaScript.

use super::Tour;
use crate::{browser::Browser, chromedriver::Traits, passkeys::adds_a_passkey, patience, stage::Stage};

const ANA: &str = "ana@example.com";
const ADMIN: &str = "operator@example.com";

/// The newest of so many links that undo something.
async fn undo_link(stage: &Stage, email: &str, count: usize) -> String {
    patience::until("the email with the link", async || {
        let mails = stage.gatepost.mails_to(email).await;
        let links: Vec<_> = mails.iter().filter_map(|mail| mail.url("/auth/undo?token=")).collect();
        (links.len() == count).then(|| links.into_iter().next().unwrap())
    })
    .await
}

async fn signs_in_by_email(stage: &Stage, browser: &Browser, n: usize) {
    browser.asks_for_mail(ANA).await;
    let link = patience::until("the sign-in email", async || {
        let mails = stage.gatepost.mails_to(ANA).await;
        let links: Vec<_> = mails.iter().filter_map(|mail| mail.url("/auth/verify?token=")).collect();
        (links.len() == n).then(|| links.into_iter().next().unwrap())
    });
    browser.open(&link.await).await;
    browser.presses(&format!("Sign in as {ANA}")).await;
}

#[tokio::test]
async fn an_owner_takes_a_planted_passkey_and_a_planted_password_back() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ADMIN);
    stage.gatepost.add_account(ANA);
    let mut tour = Tour::new("undo", &stage);
    let boss = stage.signed_in(ADMIN).await;
    boss.open("/admin/settings").await;
    boss.ticks("Password").await;
    boss.presses("Save").await;
    boss.reads("Saved.").await;

    // An attacker at Ana's computer.
    let thief = stage.browser().await;
    signs_in_by_email(&stage, &thief, 1).await;
    thief.reads_heading("Your account").await;
    thief.gets_an_authenticator().await;
    adds_a_passkey(&thief).await;
    let link = undo_link(&stage, ANA, 1).await;
    thief.open("/account/password").await;
    thief.types("New password", "twelve grey herons wade").await;
    thief.presses("Use this password").await;
    thief.reads_heading("Your account").await;
    let later = undo_link(&stage, ANA, 2).await;

    let owner = stage.browser().await;
    owner.open(&later).await;
    tour.stops(&owner, "a password", "Take back the new password?").await;
    owner.open(&link).await;
    tour.stops(&owner, "a passkey", "Remove the new passkey?").await;
    owner.reads("What was added after it goes, too: a new password.").await;
    owner.presses("This wasn’t me: undo it").await;
    tour.stops(&owner, "undone", "It is undone").await;
    owner.reload().await;
    owner.reads_heading("It is undone").await;
    patience::until("the attacker to be signed out", async || {
        thief.open("/account").await;
        (!thief.is_signed_in_as(ANA).await).then_some(())
    })
    .await;
    thief.open("/login").await;
    thief.presses("Sign in with a passkey").await;
    thief.reads("This passkey does not sign in here.").await;
    owner.open(&later).await;
    owner.reads_heading("It is undone").await;
    signs_in_by_email(&stage, &owner, 2).await;
    owner.reads_heading("Your account").await;

    // The same without JavaScript, for a password.
    owner.open("/account/password").await;
    owner.types("New password", "nine blue herons wade").await;
    owner.presses("Use this password").await;
    owner.reads_heading("Your account").await;
    let link = undo_link(&stage, ANA, 3).await;
    let plain = stage.browser_with(&Traits { without_javascript: true, ..Traits::default() }).await;
    plain.open(&link).await;
    tour.stops_without_axe(&plain, "a password without JavaScript", "Take back the new password?").await;
    plain.presses("This wasn’t me: undo it").await;
    tour.stops_without_axe(&plain, "undone without JavaScript", "It is undone").await;
    plain.open("/auth/undo?token=cat").await;
    tour.stops_without_axe(&plain, "too late without JavaScript", "This can’t be undone here any more").await;
    tour.ends(&[&owner, &plain]).await;
}
