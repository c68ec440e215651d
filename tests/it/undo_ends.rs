//! Ends that come with the undoing of a gain, and what it leaves.

use crate::{
    browser::Browser,
    database::add_passkey,
    harness::{TestApp, address},
    passkey_pages::{adds_a_passkey, signs_in},
    set_up::console_link,
};
use gatepost::{
    db,
    domain::{Token, recovery::AskedBy},
    people::{self, Begun},
};

const ANA: &str = "ana@example.com";

/// Ana's browser, and the browser of a thief with a copy of her session.
async fn ana_and_thief(app: &TestApp) -> (Browser<'_>, Browser<'_>) {
    app.add_account(ANA).await;
    let ana = app.signed_in(ANA).await;
    app.a_second_later();
    let mut thief = app.browser().at("198.51.100.66");
    thief.cookies.clone_from(&ana.cookies);
    (ana, thief)
}

/// Presses the button behind the newest email with an undo link.
async fn undoes(app: &TestApp) {
    app.a_second_later();
    let mails = app.mails_to(ANA).await;
    let link = mails.iter().rev().find(|mail| mail.text.contains("/auth/undo?token=")).unwrap().undo_link();
    let mut browser = app.browser().at("192.0.2.9");
    let gain = browser.open(&link).await.hidden("gain").to_owned();
    browser.post("/auth/undo", &[("gain", &gain)]).await.assert_leads_to("/auth/undo");
    app.a_second_later();
}

async fn is_known(browser: &Browser<'_>) -> bool {
    let secret = Token::present(&browser.cookies["gatepost_device"]).unwrap().hash();
    let email = address(ANA);
    browser.app.read(move |connection| db::own_tries::are_of(connection, Some(&secret), &email)).await
}

#[rocket::async_test]
async fn browsers_that_became_known_since_are_forgotten_and_those_from_before_are_not() {
    let app = TestApp::new().await;
    let (ana, mut thief) = ana_and_thief(&app).await;
    let mut planted = adds_a_passkey(&mut thief).await;
    app.a_second_later();
    let mut elsewhere = app.browser().at("198.51.100.66");
    signs_in(&mut elsewhere, &mut planted).await;
    assert!(is_known(&ana).await && is_known(&elsewhere).await);
    undoes(&app).await;
    assert!(is_known(&ana).await && !is_known(&elsewhere).await);
}

async fn begin(app: &TestApp, asked_by: AskedBy) {
    let account = app.account_of(ANA).await.unwrap();
    app.transact(move |tx| people::begin_recovery(tx, &account, asked_by)).await;
    assert!(is_under_way(app).await);
}

async fn is_under_way(app: &TestApp) -> bool {
    let id = app.account_of(ANA).await.unwrap().id;
    app.read(move |connection| db::recoveries::under_way(connection, id)).await.is_some()
}

/// An attacker who can show two proofs may have begun it. An admin and the command line recover for
/// the owner.
#[rocket::async_test]
async fn a_recovery_that_an_owner_began_since_ends_and_every_other_goes_on() {
    for (asked_by, before, goes_on) in [
        (AskedBy::Owner, false, false),
        (AskedBy::Owner, true, true),
        (AskedBy::Admin, false, true),
        (AskedBy::CommandLine, false, true),
    ] {
        let app = TestApp::new().await;
        let (_ana, mut thief) = ana_and_thief(&app).await;
        let id = app.account_of(ANA).await.unwrap().id;
        if before {
            app.set("passkey_enabled", "off").await;
            app.write(move |connection| add_passkey(connection, 901, id)).await;
            begin(&app, asked_by).await;
            app.set("passkey_enabled", "on").await;
        }
        app.set("password_enabled", "on").await;
        app.a_second_later();
        if before {
            app.write(move |connection| {
                db::passkeys::remove(connection, id, gatepost::domain::PasskeyId::from_i64(901))
            })
            .await;
        }
        adds_a_passkey(&mut thief).await;
        app.a_second_later();
        if !before {
            begin(&app, asked_by).await;
        }
        undoes(&app).await;
        assert_eq!(is_under_way(&app).await, goes_on, "{asked_by:?}, begun before: {before}");
    }
}

#[rocket::async_test]
async fn links_that_were_sent_or_printed_and_sign_ins_that_wait_are_over() {
    let app = TestApp::new().await;
    let (_ana, mut thief) = ana_and_thief(&app).await;
    adds_a_passkey(&mut thief).await;
    app.a_second_later();
    // The mailbox alone is no longer enough: this one waits.
    let mut waits = app.browser().at("198.51.100.67");
    waits.sign_in_to(ANA, &[]).await.assert_leads_to("/login/second-factor");
    let mut asks = app.browser().at("198.51.100.68");
    asks.post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    let link = app.mail_to(ANA).await.link();
    let printed = console_link(&app, ANA).await;
    let is_waiting = || async { app.dump().await.lines().any(|line| line.starts_with("pending_sign_ins: ")) };
    assert!(is_waiting().await);
    undoes(&app).await;
    assert!(!is_waiting().await);
    for link in [link, printed] {
        asks.open(&link).await.assert_status(410);
    }
}

/// Without a second factor there is only the password to remove. An owner who is locked out by it
/// needs the way back.
#[rocket::async_test]
async fn an_admin_and_no_owner_begins_a_recovery_from_a_young_password_alone() {
    let app = TestApp::new().await;
    app.set("password_enabled", "on").await;
    let (_ana, mut thief) = ana_and_thief(&app).await;
    thief.post("/account/password", &[("new_password", "staple every other word")]).await.assert_status(303);
    for (asked_by, begins) in [(AskedBy::Owner, false), (AskedBy::Admin, true)] {
        let account = app.account_of(ANA).await.unwrap();
        let begun = app.transact(move |tx| people::begin_recovery(tx, &account, asked_by)).await;
        assert_eq!(matches!(begun, Begun::Now(_)), begins, "{asked_by:?}: {begun:?}");
    }
}

/// Otherwise an app of the thief's would read on as soon as its user signs in again.
#[rocket::async_test]
async fn what_was_agreed_to_for_an_app_since_is_taken_back_and_what_is_older_stays() {
    let app = TestApp::new().await;
    let before = crate::oidc_app::Wanted::default().register(&app).await;
    let since = crate::oidc_app::Wanted { slug: "evil", ..Default::default() }.register(&app).await;
    let (_ana, mut thief) = ana_and_thief(&app).await;
    let id = app.account_of(ANA).await.unwrap().id;
    let agrees = async |to: gatepost::domain::apps::AppId| {
        app.transact(move |tx| {
            let scopes = gatepost::domain::oidc::Scopes::parse("openid");
            db::oidc_grants::note_consent(tx.connection, (id, to), &scopes, tx.now)
        })
        .await;
        app.a_second_later();
    };
    agrees(before.id).await;
    app.clock.advance(gatepost::domain::Lifetime::seconds(1));
    adds_a_passkey(&mut thief).await;
    agrees(since.id).await;
    undoes(&app).await;
    let kept = app.read(move |connection| db::oidc_held::consents_of(connection, id)).await;
    assert_eq!(kept.iter().map(|consent| consent.app).collect::<Vec<_>>(), [before.id]);
}
