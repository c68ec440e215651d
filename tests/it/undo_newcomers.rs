//! Accounts that come to an address by a move or by an undo, after another account has left it.
//! What they proved at an earlier address says nothing about this one.

use crate::{
    browser::Browser,
    harness::{Mail, Setup, TestApp, local},
};
use gatepost::{
    domain::{Lifetime, account::last_day},
    people::{self, Giver},
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const CARL: &str = "carl@example.com";
const NEW: &str = "mallory@example.org";

/// Ana and Carl have proven their mailboxes. Ben is an admin whose rights no email can undo.
async fn app_with_three() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app.add_account(CARL).await;
    app.add_admin(BEN).await;
    app
}

async fn moves(browser: &mut Browser<'_>, to: &str) {
    browser.app.clock.advance(Lifetime::minutes(1));
    browser.post("/account/address", &[("new_email", to)]).await.assert_leads_to("/account");
    let mails = browser.app.mails_to(to).await;
    let link = mails.iter().rev().find_map(|mail| link_in(mail, "/auth/verify")).unwrap();
    browser.open(&link).await;
    browser.post("/auth/verify", &[]).await.assert_leads_to("/account");
}

fn link_in(mail: &Mail, path: &str) -> Option<String> {
    mail.text.split_whitespace().find(|word| word.contains(path)).map(local)
}

async fn newest_undo(app: &TestApp) -> String {
    app.mails_to(ANA).await.iter().rev().find_map(|mail| link_in(mail, "/auth/undo?token=")).unwrap()
}

/// An admin whose rights no email can undo disables the account at Ana's address. The link of the
/// account that left it changes nothing.
async fn keeps_the_address(app: &TestApp, old: &str) {
    let newcomer = app.account_of(ANA).await.unwrap();
    let mut reader = app.browser();
    reader.open(old).await.assert_status(409);
    let mut ben = app.signed_in(BEN).await;
    ben.post(&format!("/admin/people/{}/disable", newcomer.id), &[]).await.assert_status(303);
    reader.open(old).await.assert_status(409).assert_shows("This address now belongs to another account");
    reader.submit("/auth/undo", &[]).await.assert_status(409);
    let still = app.account_of(ANA).await.unwrap();
    assert!(still.id == newcomer.id && !still.is_active());
    assert!(app.account_of(NEW).await.is_some());
}

#[rocket::async_test]
async fn an_old_link_takes_no_account_that_moved_to_the_address_later() {
    let app = app_with_three().await;
    let (mut ana, mut carl) = (app.signed_in(ANA).await, app.signed_in(CARL).await);
    moves(&mut ana, NEW).await;
    let old = newest_undo(&app).await;
    moves(&mut carl, ANA).await;
    keeps_the_address(&app, &old).await;
}

/// Carl's account had the address first, left it, and came back after another account had left it,
/// too.
#[rocket::async_test]
async fn an_old_link_takes_no_account_that_came_back_to_the_address_by_an_undo() {
    let app = app_with_three().await;
    let (mut first, mut second) = (app.signed_in(ANA).await, app.signed_in(CARL).await);
    let id = app.account_of(ANA).await.unwrap().id;
    moves(&mut first, "anna@example.com").await;
    let back = newest_undo(&app).await;
    moves(&mut second, ANA).await;
    moves(&mut second, NEW).await;
    let old = newest_undo(&app).await;
    app.clock.advance(Lifetime::minutes(1));
    let mut reader = app.browser();
    reader.open(&back).await;
    reader.submit("/auth/undo", &[]).await.assert_shows("Your account is restored");
    assert_eq!(app.account_of(ANA).await.unwrap().id, id);
    keeps_the_address(&app, &old).await;
}

/// A young admin disabled Carl's account, so that the mailbox got a link. Then a settled admin
/// decides.
#[rocket::async_test]
async fn a_link_of_before_takes_no_account_that_a_settled_admin_disabled_later() {
    for decides in [false, true] {
        let app = app_with_three().await;
        let ana = app.account_of(ANA).await.unwrap();
        app.transact(move |tx| people::make_admin(tx, &ana, Giver::Operator)).await;
        let (mut thief, mut carl) = (app.signed_in(ANA).await, app.signed_in(CARL).await);
        moves(&mut thief, NEW).await;
        moves(&mut carl, ANA).await;
        app.clock.advance(Lifetime::minutes(1));
        let newcomer = app.account_of(ANA).await.unwrap();
        let act = async |admin: &mut Browser<'_>, deed: &str| {
            admin.post(&format!("/admin/people/{}/{deed}", newcomer.id), &[]).await.assert_status(303);
            app.clock.advance(Lifetime::seconds(2));
        };
        act(&mut thief, "disable").await;
        let told_again = newest_undo(&app).await;
        let mut ben = app.signed_in(BEN).await;
        act(&mut ben, "enable").await;
        // The account that moved disables it once more, within the hour in which no second email
        // leaves.
        act(if decides { &mut ben } else { &mut thief }, "disable").await;
        let mut reader = app.browser();
        reader.open(&told_again).await.assert_status(if decides { 409 } else { 200 });
        reader.submit("/auth/undo", &[]).await;
        assert_eq!(app.account_of(ANA).await.unwrap().id == newcomer.id, decides);
    }
}

/// The other way round it must work. The thief moved the stolen account, and disables the one to
/// which its owner moved since.
#[rocket::async_test]
async fn an_account_that_moved_to_the_address_gives_way_to_a_link_made_later() {
    let app = app_with_three().await;
    let ana = app.account_of(ANA).await.unwrap();
    let stolen = ana.id;
    app.transact(move |tx| people::make_admin(tx, &ana, Giver::Operator)).await;
    let (mut thief, mut carl) = (app.signed_in(ANA).await, app.signed_in(CARL).await);
    moves(&mut thief, NEW).await;
    let old = newest_undo(&app).await;
    moves(&mut carl, ANA).await;
    app.clock.advance(Lifetime::minutes(1));
    let newcomer = app.account_of(ANA).await.unwrap();
    thief.post(&format!("/admin/people/{}/disable", newcomer.id), &[]).await.assert_status(303);
    app.browser().open(&old).await.assert_status(409);
    let mut owner = app.browser();
    owner.open(&newest_undo(&app).await).await.assert_status(200).assert_shows("Since then, a new account");
    owner.submit("/auth/undo", &[]).await.assert_shows("account is restored");
    assert_eq!(app.account_of(ANA).await.unwrap().id, stolen);
}

/// The thief disables the account to which the owner moved. A settled admin sets an end for it,
/// which comes later or goes again.
#[rocket::async_test]
async fn a_newcomer_whom_the_account_that_moved_has_disabled_gives_way_whatever_end_is_ahead() {
    for goes_again in [false, true] {
        let app = app_with_three().await;
        let ana = app.account_of(ANA).await.unwrap();
        let stolen = ana.id;
        app.transact(move |tx| people::make_admin(tx, &ana, Giver::Operator)).await;
        let (mut thief, mut carl) = (app.signed_in(ANA).await, app.signed_in(CARL).await);
        moves(&mut thief, NEW).await;
        moves(&mut carl, ANA).await;
        app.clock.advance(Lifetime::minutes(1));
        let person = format!("/admin/people/{}", app.account_of(ANA).await.unwrap().id);
        thief.post(&format!("{person}/disable"), &[]).await.assert_status(303);
        let mut ben = app.signed_in(BEN).await;
        let day = last_day(app.services.now().plus(Lifetime::days(30)));
        let days = [&*day, ""];
        for ends_on in &days[..1 + usize::from(goes_again)] {
            ben.post(&format!("{person}/end/save"), &[("ends_on", ends_on)]).await.assert_status(303);
        }
        let mut owner = app.browser();
        owner.open(&newest_undo(&app).await).await.assert_status(200).assert_shows("Since then, a new account");
        owner.submit("/auth/undo", &[]).await.assert_shows("account is restored");
        assert_eq!(app.account_of(ANA).await.unwrap().id, stolen);
    }
}
