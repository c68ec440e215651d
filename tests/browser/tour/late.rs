//! The links of emails days later, and the pages of a user who has lost a second factor.

use super::{
    Tour,
    security::{opens_an_email_link, sets_up_an_app},
};
use crate::{patience, stage::Stage};
use fantoccini::key::Key;

const ANA: &str = "ana@example.com";
const BOSS: &str = "boss@example.com";
const NEW: &str = "ana.lopez@example.org";
const EIGHT_DAYS: u32 = 8 * 24 * 60 * 60 * 1000;

/// Returns the newest link of this kind to an address.
async fn link(stage: &Stage, email: &str, path: &str) -> String {
    patience::until("the email with the link", async || {
        stage.gatepost.all_mails_to(email).await.iter().find_map(|mail| mail.url(path))
    })
    .await
}

#[tokio::test]
async fn links_that_are_opened_days_later_have_pages_that_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let mut tour = Tour::new("late", &stage);
    let owner = stage.browser().await;
    opens_an_email_link(&stage, &owner, 1).await;
    owner.reads_heading("Your account").await;
    let thief = stage.browser().await;
    opens_an_email_link(&stage, &thief, 2).await;
    thief.reads_heading("Your account").await;
    let of_browser = link(&stage, ANA, "/auth/new-browser?token=").await;
    sets_up_an_app(&thief).await;
    let of_app = link(&stage, ANA, "/auth/undo?token=").await;
    let reader = stage.browser().await;
    for table in ["known_browsers SET first_used_at = first_used_at", "gains SET gained_at = gained_at"] {
        stage.gatepost.changes(&format!("UPDATE {table} - {EIGHT_DAYS}"));
    }
    reader.open(&of_browser).await;
    tour.stops(&reader, "a new browser", "This link has expired").await;
    reader.open(&of_app).await;
    tour.stops(&reader, "an app to undo", "It’s too late to undo this here").await;

    thief.open("/account/address").await;
    thief.types("New email address", NEW).await;
    thief.presses_key(Key::Enter).await;
    thief.open(&stage.gatepost.mail_to(NEW, 1).await.link()).await;
    thief.presses(&format!("Use {NEW}")).await;
    thief.reads("Your address is changed.").await;
    let of_move = patience::until("the email about the move", async || {
        let mails = stage.gatepost.all_mails_to(ANA).await;
        mails.iter().find_map(|mail| mail.url("/auth/undo?token=")).filter(|link| *link != of_app)
    })
    .await;
    // Another user has the mailbox now, and uses the account.
    stage.gatepost.add_account(ANA);
    stage.gatepost.changes(&format!("UPDATE accounts SET proven_at = unixepoch() * 1000 WHERE email = '{ANA}'"));
    reader.open(&of_move).await;
    tour.stops(&reader, "an address of another", "This address now belongs to another account").await;

    let lost = stage.browser().await;
    lost.open(&stage.gatepost.run(&["link", NEW])).await;
    lost.presses(&format!("Sign in as {NEW}")).await;
    lost.presses("Can’t use any of these?").await;
    lost.reads_heading("Lost your phone or your codes?").await;
    tour.glances_in_both(&lost, "lost after a move").await;
    tour.ends(&[&owner, &reader]).await;
}

#[tokio::test]
async fn a_recovery_that_is_done_has_a_page_that_suits_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    stage.gatepost.add_admin(BOSS);
    let mut tour = Tour::new("recovery-done", &stage);
    let ana = stage.browser().await;
    opens_an_email_link(&stage, &ana, 1).await;
    ana.reads_heading("Your account").await;
    sets_up_an_app(&ana).await;
    for (left, state) in [(2, "few recovery codes left"), (0, "no recovery code left")] {
        stage.gatepost.changes(&format!(
            "UPDATE recovery_codes SET used_at = 1 WHERE code_hash NOT IN (SELECT code_hash FROM recovery_codes LIMIT {left})"
        ));
        ana.open("/account/recovery-codes").await;
        tour.glances_in_both(&ana, state).await;
        ana.open("/account/security").await;
        tour.glances_in_both(&ana, &format!("security with {state}")).await;
    }
    let boss = stage.signed_in(BOSS).await;
    boss.open("/admin/people").await;
    boss.presses(ANA).await;
    boss.presses("Start recovery").await;
    boss.reads_heading("Start recovery?").await;
    boss.presses("Start recovery").await;
    boss.reads("All second factors will be removed on").await;
    let link = link(&stage, ANA, "/auth/recovery?token=").await;
    stage.gatepost.changes("UPDATE recoveries SET ended_at = asked_at + 1, outcome = 'done'");
    let reader = stage.browser().await;
    reader.open(&link).await;
    tour.stops(&reader, "done", "Your second factors were removed").await;
    tour.ends(&[&ana, &reader]).await;
}
