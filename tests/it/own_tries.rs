//! Browsers that have their own tries at a password, and what takes them away.

use crate::{
    acting::session_of,
    browser::Browser,
    harness::{Setup, TestApp, local},
    passwords::{asks_for_a_reset, reset_link, tries},
};
use gatepost::{domain::Lifetime, people};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const DEVICE: &str = "gatepost_device";
const GOOD: &str = "correct horse battery";
const OTHER: &str = "staple every other word";

async fn app_with_ana() -> TestApp {
    // The limits on emails are not what is looked at here.
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    app
}

/// Ana, who has a password, and someone who has signed in to her account elsewhere.
async fn ana_and_a_thief(app: &TestApp) -> (Browser<'_>, Browser<'_>) {
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/password", &[("new_password", GOOD)]).await.assert_leads_to("/account");
    let mut thief = app.browser().at("198.51.100.77");
    thief.sign_in(ANA).await;
    (ana, thief)
}

/// Strangers use up the tries that they share.
async fn strangers_try(app: &TestApp) {
    app.clock.advance(Lifetime::minutes(15));
    for n in 0..10 {
        tries(&mut app.browser().at(&format!("203.0.113.{n}")), ANA, "wrong wrong wrong wrong")
            .await
            .assert_status(422);
    }
    tries(&mut app.browser().at("203.0.113.99"), ANA, "wrong wrong wrong wrong").await.assert_status(429);
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Nothing,
    NewPassword,
    Reset,
    Revoked,
    OthersRevoked,
    EmailedButton,
    Everywhere,
}

async fn end(app: &TestApp, way: Way, (ana, thief): (&mut Browser<'_>, &Browser<'_>)) {
    match way {
        Way::Nothing => {}
        Way::NewPassword => {
            ana.post("/account/password", &[("new_password", OTHER)]).await.assert_status(303);
        }
        Way::Reset => {
            let (mut browser, link) = asks_for_a_reset(app, ANA).await;
            browser.open(&link).await;
            browser.post("/auth/reset", &[("new_password", OTHER)]).await.assert_status(303);
        }
        Way::Revoked => {
            let session = session_of(app, &thief.cookies).await.session.id.to_string();
            ana.post("/account/sessions/revoke", &[("session", &session)]).await.assert_status(303);
        }
        Way::OthersRevoked => {
            ana.post("/account/sessions/revoke-others", &[]).await.assert_status(303);
        }
        Way::EmailedButton => {
            let mail = app.new_browsers_told_to(ANA).await.pop().unwrap();
            let link = mail.text.split_whitespace().find(|word| word.contains("/auth/new-browser?token=")).unwrap();
            let mut browser = app.browser();
            browser.open(&local(link)).await.assert_status(200);
            browser.submit("/auth/new-browser", &[]).await.assert_shows("The new browser is signed out");
        }
        Way::Everywhere => {
            let account = app.account_of(ANA).await.unwrap();
            app.transact(move |tx| people::sign_out_everywhere(tx, &account)).await;
        }
    }
}

#[rocket::async_test]
async fn whoever_is_signed_out_by_the_owner_tries_passwords_with_strangers() {
    let ways = [
        Way::Nothing,
        Way::NewPassword,
        Way::Reset,
        Way::Revoked,
        Way::OthersRevoked,
        Way::EmailedButton,
        Way::Everywhere,
    ];
    for way in ways {
        let app = app_with_ana().await;
        let (mut ana, mut thief) = ana_and_a_thief(&app).await;
        end(&app, way, (&mut ana, &thief)).await;
        strangers_try(&app).await;
        let code = tries(&mut thief, ANA, "wrong wrong wrong wrong").await.status.code;
        assert_eq!(code, if way == Way::Nothing { 422 } else { 429 }, "{way:?}");
        if !matches!(way, Way::Reset | Way::Everywhere) {
            ana.post("/logout", &[]).await.assert_status(303);
            let password = if way == Way::NewPassword { OTHER } else { GOOD };
            tries(&mut ana, ANA, password).await.assert_status(303);
        }
    }
}

/// Otherwise an owner under a flood would reset the password and be locked out with the strangers.
#[rocket::async_test]
async fn a_reset_leaves_the_browser_in_which_it_was_made_its_own_tries() {
    let app = app_with_ana().await;
    let (mut ana, mut thief) = ana_and_a_thief(&app).await;
    ana.post("/logout", &[]).await.assert_status(303);
    app.a_second_later();
    ana.post("/password/forgot", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    ana.open(&reset_link(&app.mail_to(ANA).await)).await.assert_status(200);
    ana.post("/auth/reset", &[("new_password", OTHER)]).await.assert_status(303);
    strangers_try(&app).await;
    tries(&mut thief, ANA, OTHER).await.assert_status(429);
    tries(&mut ana, ANA, OTHER).await.assert_status(303);
}

/// A thief who copied a browser's secret signs in with it to another account.
#[rocket::async_test]
async fn a_copied_secret_gets_no_new_one_by_a_sign_in_to_another_account() {
    for is_known in [false, true] {
        let app = app_with_ana().await;
        app.add_account(BEN).await;
        let (mut ana, _) = ana_and_a_thief(&app).await;
        let mut ben = app.browser().at("198.51.100.66");
        if is_known {
            ben.sign_in(BEN).await;
            ben.post("/logout", &[]).await.assert_status(303);
        }
        ben.cookies.insert(DEVICE.into(), ana.cookies[DEVICE].clone());
        ben.sign_in(BEN).await;
        strangers_try(&app).await;
        let mut later = app.browser().at("198.51.100.66");
        later.cookies.insert(DEVICE.into(), ben.cookies[DEVICE].clone());
        tries(&mut later, ANA, "wrong wrong wrong wrong").await.assert_status(429);
        ana.post("/logout", &[]).await.assert_status(303);
        tries(&mut ana, ANA, GOOD).await.assert_status(303);
    }
}

#[rocket::async_test]
async fn every_account_of_a_shared_browser_has_its_own_tries_there() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    let mut shared = app.signed_in(ANA).await;
    shared.post("/account/password", &[("new_password", GOOD)]).await.assert_leads_to("/account");
    for _ in 0..2 {
        shared.post("/logout", &[]).await.assert_status(303);
        shared.sign_in(BEN).await;
    }
    strangers_try(&app).await;
    shared.post("/logout", &[]).await.assert_status(303);
    tries(&mut shared, ANA, GOOD).await.assert_status(303);
}

#[rocket::async_test]
async fn right_passwords_are_no_wrong_ones_in_a_row() {
    let app = app_with_ana().await;
    let (mut ana, _) = ana_and_a_thief(&app).await;
    for n in 0..101 {
        app.clock.advance(Lifetime::minutes(2));
        let page = ana.post("/step-up/password", &[("password", GOOD), ("then", "/account")]).await;
        assert_eq!(page.status.code, 303, "step-up {n}: {}", page.text());
    }
    ana.post("/logout", &[]).await.assert_status(303);
    tries(&mut ana, ANA, GOOD).await.assert_status(303);
}
