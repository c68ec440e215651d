//! Undoing what an attacker added: from the email, in a new browser, with and without JavaScript.

use super::{
    Tour,
    security::{code_in, sets_up_an_app},
};
use crate::{
    browser::Browser,
    chromedriver::Traits,
    passkeys::adds_a_passkey,
    patience,
    stage::{Stage, signing_in_as},
};
use fantoccini::key::Key;

const ANA: &str = "ana@example.com";
const ADMIN: &str = "operator@example.com";

/// Returns the newest of this many undo links.
async fn undo_link(stage: &Stage, email: &str, count: usize) -> String {
    patience::until("the email with the link", async || {
        let mails = stage.gatepost.mails_to(email).await;
        let links: Vec<_> = mails.iter().filter_map(|mail| mail.url("/auth/undo?token=")).collect();
        (links.len() == count).then(|| links.into_iter().next().unwrap())
    })
    .await
}

async fn signs_in_by_email(stage: &Stage, browser: &Browser, n: usize) {
    signs_in_as(stage, browser, (ANA, n)).await;
}

/// Signs in by the `n`th sign-in email to this address.
async fn signs_in_as(stage: &Stage, browser: &Browser, (email, n): (&str, usize)) {
    browser.asks_for_mail(email).await;
    let link = patience::until("the sign-in email", async || {
        let mails = stage.gatepost.mails_to(email).await;
        let links: Vec<_> = mails.iter().filter_map(|mail| mail.url("/auth/verify?token=")).collect();
        (links.len() == n).then(|| links.into_iter().next().unwrap())
    });
    browser.open(&link.await).await;
    browser.presses(&signing_in_as(email)).await;
}

#[tokio::test]
async fn an_owner_signs_a_browser_out_that_was_not_seen_before() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let mut tour = Tour::new("new-browser", &stage);
    let owner = stage.browser().await;
    signs_in_by_email(&stage, &owner, 1).await;
    owner.reads_heading("Your account").await;
    let thief = stage.browser().await;
    signs_in_by_email(&stage, &thief, 2).await;
    thief.reads_heading("Your account").await;
    let link = patience::until("the email about the new browser", async || {
        let mails = stage.gatepost.all_mails_to(ANA).await;
        mails.iter().find_map(|mail| mail.url("/auth/new-browser?token="))
    })
    .await;
    let phone = stage.browser_with(&Traits { without_javascript: true, ..Traits::default() }).await;
    phone.open(&link).await;
    tour.stops_without_axe(&phone, "without JavaScript", "Sign out the new browser?").await;
    // The owner reads the email on a device that is not signed in.
    let reader = stage.browser().await;
    reader.open(&link).await;
    tour.stops(&reader, "question", "Sign out the new browser?").await;
    reader.presses("Sign out the new browser").await;
    tour.stops(&reader, "ended", "The new browser is signed out").await;
    reader.reload().await;
    reader.reads_heading("The new browser is signed out").await;
    assert!(!thief.is_signed_in_as(ANA).await, "that browser is signed out");
    assert!(owner.is_signed_in_as(ANA).await, "the owner's own browser stays signed in");
    reader.open("/auth/new-browser?token=cat").await;
    tour.stops(&reader, "incomplete", "This link isn’t valid").await;
    tour.ends(&[&owner, &thief, &phone, &reader]).await;
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
    boss.reads("Settings saved.").await;

    // An attacker at Ana's computer.
    let thief = stage.browser().await;
    signs_in_by_email(&stage, &thief, 1).await;
    thief.reads_heading("Your account").await;
    thief.gets_an_authenticator().await;
    adds_a_passkey(&thief).await;
    let link = undo_link(&stage, ANA, 1).await;
    thief.open("/account/password").await;
    thief.types("New password", "twelve grey herons wade").await;
    thief.presses("Save password").await;
    thief.reads_heading("Your account").await;
    let later = undo_link(&stage, ANA, 2).await;

    let owner = stage.browser().await;
    owner.open(&later).await;
    tour.stops(&owner, "a password", "Undo the password change?").await;
    owner.open(&link).await;
    tour.stops(&owner, "a passkey", "Remove the new passkey?").await;
    owner.reads("Anything added later is removed too: new recovery codes and a new password.").await;
    owner.presses("This wasn’t me: undo it").await;
    tour.stops(&owner, "undone", "Change undone").await;
    owner.reload().await;
    owner.reads_heading("Change undone").await;
    patience::until("the attacker to be signed out", async || {
        thief.open("/account").await;
        (!thief.is_signed_in_as(ANA).await).then_some(())
    })
    .await;
    thief.open("/login").await;
    thief.presses("Sign in with a passkey").await;
    thief.reads("We don’t recognise this passkey.").await;
    owner.open(&later).await;
    owner.reads_heading("Change undone").await;
    signs_in_by_email(&stage, &owner, 2).await;
    owner.reads_heading("Your account").await;

    // The same without JavaScript, for a password.
    owner.open("/account/password").await;
    owner.types("New password", "nine blue herons wade").await;
    owner.presses("Save password").await;
    owner.reads_heading("Your account").await;
    let link = undo_link(&stage, ANA, 3).await;
    let plain = stage.browser_with(&Traits { without_javascript: true, ..Traits::default() }).await;
    plain.open(&link).await;
    tour.stops_without_axe(&plain, "a password without JavaScript", "Undo the password change?").await;
    plain.presses("This wasn’t me: undo it").await;
    tour.stops_without_axe(&plain, "undone without JavaScript", "Change undone").await;
    plain.open("/auth/undo?token=cat").await;
    tour.stops_without_axe(&plain, "incomplete without JavaScript", "This link isn’t valid").await;
    tour.ends(&[&owner, &plain]).await;
}

const LONG: &str = "anastasia.papadopoulou.konstantinidis@example.com";
const NEW: &str = "mallory.the.malicious.and.meticulous@example.org";

/// An owner in a new browser.
struct Owner<'a> {
    stage: &'a Stage,
    tour: Tour<'a>,
    browser: Browser,
    with_javascript: bool,
}

impl Owner<'_> {
    async fn stops(&mut self, state: &str, heading: &str) {
        let state = format!("{state}, javascript {}", if self.with_javascript { "on" } else { "off" });
        if self.with_javascript {
            self.tour.stops(&self.browser, &state, heading).await;
        } else {
            self.tour.stops_without_axe(&self.browser, &state, heading).await;
        }
    }

    /// Undoes a gain by the newest of this many links to `email`.
    async fn takes_back(&mut self, what: &str, (email, count): (&str, usize), (asks, done): (&str, &str)) {
        let link = undo_link(self.stage, email, count).await;
        self.browser.open(&link).await;
        self.stops(what, asks).await;
        self.browser.presses("This wasn’t me: undo it").await;
        self.stops(&format!("{what}, undone"), done).await;
        self.browser.reload().await;
        self.browser.reads_heading(done).await;
    }
}

async fn every_gain_is_taken_back(with_javascript: bool) {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ADMIN);
    for email in ["app@example.com", "codes@example.com", "browser@example.com", "ben@example.com", LONG] {
        stage.gatepost.add_account(email);
    }
    let boss = stage.signed_in(ADMIN).await;
    boss.open("/admin/settings").await;
    boss.ticks("Remembered browsers").await;
    boss.saves("trusted_devices_enabled").await;
    boss.reads("Settings saved.").await;
    let browser = stage.browser_with(&Traits { without_javascript: !with_javascript, ..Traits::default() }).await;
    let tour = Tour::new(if with_javascript { "undo-every" } else { "undo-every-plain" }, &stage);
    let mut owner = Owner { stage: &stage, tour, browser, with_javascript };

    let thief = stage.browser().await;
    signs_in_as(&stage, &thief, ("app@example.com", 1)).await;
    sets_up_an_app(&thief).await;
    let words = ("Remove the new authenticator app?", "Change undone");
    owner.takes_back("an app", ("app@example.com", 1), words).await;

    let thief = stage.browser().await;
    signs_in_as(&stage, &thief, ("codes@example.com", 1)).await;
    sets_up_an_app(&thief).await;
    thief.open("/account/recovery-codes").await;
    thief.presses("Create 10 new codes").await;
    thief.presses("Create new codes").await;
    thief.reads_heading("Your recovery codes").await;
    let words = ("Undo the new recovery codes?", "Change undone");
    owner.takes_back("recovery codes", ("codes@example.com", 2), words).await;

    let thief = stage.browser().await;
    signs_in_as(&stage, &thief, ("browser@example.com", 1)).await;
    let secret = sets_up_an_app(&thief).await;
    let other = stage.browser().await;
    signs_in_as(&stage, &other, ("browser@example.com", 2)).await;
    other.reads_heading("One more step").await;
    other.ticks("Don’t ask again in this browser").await;
    // The step of the first code is used up. The next one is accepted a little early.
    other.types("Code from your authenticator app", &code_in(30, &other, &secret).await).await;
    other.presses_key(Key::Enter).await;
    other.reads_heading("Your account").await;
    let words = ("Stop remembering that browser?", "Change undone");
    owner.takes_back("a remembered browser", ("browser@example.com", 2), words).await;

    let thief = stage.browser().await;
    signs_in_as(&stage, &thief, (LONG, 1)).await;
    thief.open("/account/address").await;
    thief.types("New email address", NEW).await;
    thief.presses_key(Key::Enter).await;
    thief.open(&stage.gatepost.mail_to(NEW, 1).await.link()).await;
    thief.presses(&format!("Use {NEW}")).await;
    thief.reads("Your address is changed.").await;
    owner.takes_back("an address", (LONG, 1), ("Undo the address change?", "Your account is restored")).await;

    boss.open("/admin/people").await;
    boss.presses("ben@example.com").await;
    boss.presses("Make admin").await;
    boss.reads_heading("Make this user an admin?").await;
    boss.presses("Make admin").await;
    boss.reads_heading("ben@example.com").await;
    owner.takes_back("admin rights", (ADMIN, 1), ("Take back the admin rights?", "Change undone")).await;
    boss.open("/admin/people").await;
    boss.reads_heading("Sign in to Gatepost").await;
    owner.tour.ends(&[&owner.browser, &boss]).await;
}

#[tokio::test]
async fn every_gain_is_taken_back_on_pages_that_suit_everyone() {
    every_gain_is_taken_back(true).await;
}

#[tokio::test]
async fn every_gain_is_taken_back_without_javascript() {
    every_gain_is_taken_back(false).await;
}

#[tokio::test]
async fn admin_rights_that_stay_have_a_page_that_suits_everyone() {
    const SETTLED: &str = "settled@example.com";
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ADMIN);
    stage.gatepost.add_account("ben@example.com");
    let mut tour = Tour::new("undo-rights", &stage);
    let boss = stage.signed_in(ADMIN).await;
    boss.open("/admin/people").await;
    boss.presses("ben@example.com").await;
    boss.presses("Make admin").await;
    boss.reads_heading("Make this user an admin?").await;
    boss.presses("Make admin").await;
    boss.reads_heading("ben@example.com").await;
    let link = undo_link(&stage, ADMIN, 1).await;
    stage.gatepost.set_admin(ADMIN, false);
    let owner = stage.browser().await;
    owner.open(&link).await;
    tour.stops(&owner, "no other admin", "These admin rights can’t be taken back here").await;
    owner.reads("this server would have no admin who can sign in").await;
    stage.gatepost.set_admin(ADMIN, true);
    stage.gatepost.add_admin(SETTLED);
    let settled = stage.signed_in(SETTLED).await;
    settled.open("/admin/people").await;
    settled.presses(ADMIN).await;
    settled.presses("Remove admin rights").await;
    settled.reads_heading("Remove admin rights?").await;
    settled.presses("Remove admin rights").await;
    settled.reads_heading(ADMIN).await;
    owner.open(&link).await;
    tour.stops(&owner, "dismissed", "These admin rights can’t be taken back here").await;
    owner.reads("has since been disabled or lost its admin rights").await;
    tour.ends(&[&owner]).await;
}
