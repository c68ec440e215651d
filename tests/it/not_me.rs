//! "This wasn't me": the browser that used an email is signed out, also after signing in again.

use crate::{
    browser::Browser,
    harness::{Mail, TestApp},
    passwords::{reset_link, tries},
};
use gatepost::domain::Lifetime;

const ANA: &str = "ana@example.com";
const GOOD: &str = "correct horse battery";
const OTHER: &str = "staple every other word";

async fn app_with_ana() -> TestApp {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(16));
    app
}

/// A thief who reads Ana's mailbox and has signed in by the email that is returned.
async fn a_thief(app: &TestApp) -> (Browser<'_>, Mail) {
    let mut thief = app.browser().at("198.51.100.77");
    thief.post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    let mail = app.mail_to(ANA).await;
    thief.post("/login/code", &[("code", &mail.code())]).await.assert_status(303);
    (thief, mail)
}

/// The owner says that an email wasn't theirs, and reads what the page says.
async fn cancels(app: &TestApp, mail: &Mail, words: &str) {
    let mut ana = app.browser();
    ana.open(&mail.cancel_link()).await.assert_status(200);
    let page = ana.submit("/auth/cancel", &[]).await;
    page.assert_status(200).assert_shows(words);
    app.a_second_later();
}

#[rocket::async_test]
async fn it_ends_the_session_that_asked_for_a_step_up_used_or_not() {
    for is_used in [true, false] {
        let app = app_with_ana().await;
        let (mut thief, _) = a_thief(&app).await;
        app.clock.advance(Lifetime::minutes(16));
        thief.post("/step-up", &[("then", "/account")]).await.assert_leads_to("/login/sent");
        let mail = app.mail_to(ANA).await;
        if is_used {
            thief.post("/login/code", &[("code", &mail.code())]).await.assert_status(303);
        }
        assert!(thief.is_signed_in_as(ANA).await);
        cancels(&app, &mail, "The browser that asked for this email is no longer signed in.").await;
        assert!(thief.is_signed_out().await, "used: {is_used}");
    }
}

#[rocket::async_test]
async fn it_ends_a_later_sign_in_by_password_in_that_browser() {
    for signs_out in [false, true] {
        let app = app_with_ana().await;
        let (mut thief, mail) = a_thief(&app).await;
        thief.post("/account/password", &[("new_password", GOOD)]).await.assert_leads_to("/account");
        if signs_out {
            thief.post("/logout", &[]).await.assert_status(303);
        }
        tries(&mut thief, ANA, GOOD).await.assert_status(303);
        cancels(&app, &mail, "We’ve signed them out").await;
        assert!(thief.is_signed_out().await, "signed out in between: {signs_out}");
    }
}

#[rocket::async_test]
async fn it_ends_a_later_sign_in_by_a_password_that_was_reset_there() {
    let app = app_with_ana().await;
    let (mut thief, mail) = a_thief(&app).await;
    thief.post("/password/forgot", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    let reset = app.mail_to(ANA).await;
    thief.open(&reset_link(&reset)).await.assert_status(200);
    thief.post("/auth/reset", &[("new_password", OTHER)]).await.assert_status(303);
    tries(&mut thief, ANA, OTHER).await.assert_status(303);
    cancels(&app, &mail, "We’ve signed them out").await;
    assert!(thief.is_signed_out().await);
    cancels(&app, &reset, "That browser is no longer signed in.").await;
}

#[rocket::async_test]
async fn it_never_says_that_an_unknown_browser_is_signed_out() {
    let app = app_with_ana().await;
    let mut thief = app.browser().at("198.51.100.77");
    thief.post("/password/forgot", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    let reset = app.mail_to(ANA).await;
    thief.open(&reset_link(&reset)).await.assert_status(200);
    thief.post("/auth/reset", &[("new_password", OTHER)]).await.assert_status(303);
    tries(&mut thief, ANA, OTHER).await.assert_status(303);
    cancels(&app, &reset, "Sign in and check which browsers are signed in.").await;
}

#[rocket::async_test]
async fn the_owner_of_a_mailbox_that_a_user_typed_as_new_address_signs_nobody_out() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/address", &[("new_email", "new@example.com")]).await.assert_status(303);
    let mail = app.mail_to("new@example.com").await;
    cancels(&app, &mail, "No one had signed in with this email.").await;
    assert!(ana.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn a_reader_who_is_signed_in_by_the_email_is_told_that_their_own_session_ends() {
    const HERE: &str = "you’ll be signed out here, too.";
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    let mail = app.mail_to(ANA).await;
    ana.post("/login/code", &[("code", &mail.code())]).await.assert_status(303);
    app.clock.advance(Lifetime::minutes(16));
    let mut elsewhere = app.signed_in(ANA).await;
    elsewhere.open(&mail.cancel_link()).await.assert_shows("Cancel this request?").assert_hides(HERE);
    ana.open(&mail.cancel_link()).await.assert_shows(HERE);
    let page = ana.submit("/auth/cancel", &[]).await;
    page.assert_shows("so we’ve signed you out here.").assert_hides("Someone");
    app.a_second_later();
    assert!(ana.is_signed_out().await);
    assert!(elsewhere.is_signed_in_as(ANA).await, "this one was made by another email");
}
