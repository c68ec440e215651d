//! The second step of a sign-in: for whom it is required, and in which browsers it is skipped.

use crate::{
    browser::Browser,
    harness::TestApp,
    totp::{sets_up_an_app, waits_after_a_link},
};
use gatepost::domain::{
    Lifetime,
    audit::{Action, Actor},
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

async fn app_with_ana() -> TestApp {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app
}

#[rocket::async_test]
async fn where_it_is_required_nothing_but_setting_one_up_is_reachable() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    app.add_account(BEN).await;
    let (mut ana, mut ben) = (app.signed_in(ANA).await, app.signed_in(BEN).await);
    app.set("second_factor_required", "admins").await;
    app.a_second_later();
    for path in ["/account", "/account/data", "/account/address", "/account/close", "/admin", "/admin/settings"] {
        ana.get(path).await.assert_leads_to("/account/security");
    }
    ana.post("/account/name", &[("name", "A")]).await.assert_leads_to("/account/security");
    ana.post("/admin/settings", &[("email_link_enabled", "on")]).await.assert_leads_to("/account/security");
    assert!(ben.is_signed_in_as(BEN).await, "who is no admin goes on");
    sets_up_an_app(&mut ana).await;
    ana.get("/admin/settings").await.assert_status(200);
    app.set("second_factor_required", "everyone").await;
    app.a_second_later();
    ben.get("/account").await.assert_leads_to("/account/security");
    ben.post("/logout", &[]).await.assert_leads_to("/login");
}

#[rocket::async_test]
async fn whoever_requires_a_second_factor_has_one_that_counts() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let ways = [("email_link_enabled", "on"), ("passkey_enabled", "on"), ("recovery_codes_enabled", "on")];
    let with = |more: &[(&'static str, &'static str)]| [&ways[..], more].concat();
    for whom in ["admins", "everyone"] {
        let page =
            ana.post("/admin/settings", &with(&[("totp_enabled", "on"), ("second_factor_required", whom)])).await;
        page.assert_status(422).assert_shows("Set up a second factor of your own first");
    }
    sets_up_an_app(&mut ana).await;
    let page =
        ana.post("/admin/settings", &with(&[("totp_enabled", "on"), ("second_factor_required", "admins")])).await;
    page.assert_leads_to("/admin/settings");
    app.a_second_later();
    // Nor does one that they have turned off.
    let page = ana.post("/admin/settings", &with(&[("second_factor_required", "admins")])).await;
    page.assert_status(422).assert_shows("Set up a second factor of your own first");
    ana.get("/admin/settings").await.assert_status(200);
}

#[rocket::async_test]
async fn a_session_begun_without_it_ends_when_one_is_enrolled_behind_its_back() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    sets_up_an_app(&mut ana).await;
    app.set("totp_enabled", "off").await;
    app.clock.advance(Lifetime::seconds(31));
    let mut weak = app.signed_in(ANA).await;
    assert!(weak.is_signed_in_as(ANA).await);
    app.set("totp_enabled", "on").await;
    app.a_second_later();
    assert!(weak.is_signed_out().await, "factors are read when they matter, not when the user signed in");
}

async fn signs_in_and_ticks<'a>(app: &'a TestApp, phone: &crate::totp::Phone) -> Browser<'a> {
    let mut browser = waits_after_a_link(app, ANA).await;
    browser.get("/login/second-factor").await.assert_shows("Don’t ask again in this browser");
    let code = phone.shows(app);
    browser.post("/login/second-factor", &[("code", &code), ("trust", "on")]).await.assert_leads_to("/account");
    browser
}

async fn asks_again(browser: &mut Browser<'_>) -> bool {
    browser.post("/logout", &[]).await.assert_leads_to("/login");
    browser.app.clock.advance(Lifetime::minutes(6));
    let page = browser.sign_in_to(ANA, &[]).await;
    page.location() == Some("/login/second-factor")
}

#[rocket::async_test]
async fn a_browser_remembers_it_for_thirty_days_where_an_admin_allows_it() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let mut browser = waits_after_a_link(&app, ANA).await;
    browser.get("/login/second-factor").await.assert_hides("name=\"trust\"");
    app.set("trusted_devices_enabled", "on").await;
    app.a_second_later();
    let mut browser = signs_in_and_ticks(&app, &phone).await;
    let lines = app.audit().await;
    let line = lines.iter().find(|entry| entry.action == Action::DeviceTrusted).unwrap();
    assert!(matches!(&line.actor, Actor::Account { email, .. } if email.as_str() == ANA), "{line:?}");
    assert!(!asks_again(&mut browser).await);
    browser.get("/account/sessions").await.assert_shows("(email link and remembered browser)");
    // It is no proof for a sensitive change.
    browser.get("/account/data").await.then();
    // Nor in another browser, nor after the admin turns it off.
    let mut other = app.browser();
    app.clock.advance(Lifetime::minutes(16));
    other.sign_in_to(ANA, &[]).await.assert_leads_to("/login/second-factor");
    app.set("trusted_devices_enabled", "off").await;
    app.a_second_later();
    assert!(asks_again(&mut browser).await);
    app.set("trusted_devices_enabled", "on").await;
    app.clock.advance(Lifetime::days(30));
    browser.sign_in_to(ANA, &[]).await.assert_leads_to("/login/second-factor");
}

#[rocket::async_test]
async fn what_is_remembered_is_forgotten_with_a_new_password_and_by_signing_out_everywhere() {
    let app = app_with_ana().await;
    app.set("trusted_devices_enabled", "on").await;
    app.set("password_enabled", "on").await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let mut browser = signs_in_and_ticks(&app, &phone).await;
    browser.post("/account/password", &[("new_password", "correct horse battery")]).await.assert_status(303);
    assert!(asks_again(&mut browser).await);
}

#[rocket::async_test]
async fn signing_out_all_others_forgets_every_remembered_browser_but_ones_own() {
    let app = app_with_ana().await;
    app.set("trusted_devices_enabled", "on").await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let mut browser = signs_in_and_ticks(&app, &phone).await;
    browser.post("/account/sessions/revoke-others", &[]).await.assert_status(303);
    assert!(!asks_again(&mut browser).await, "its own stays");
    // The limits on emails are not what is looked at here.
    app.clock.advance(Lifetime::minutes(16));
    let mut ana = waits_after_a_link(&app, ANA).await;
    ana.post("/login/second-factor", &[("code", &phone.shows(&app))]).await.assert_status(303);
    ana.post("/account/sessions/revoke-others", &[]).await.assert_status(303);
    app.clock.advance(Lifetime::minutes(16));
    assert!(asks_again(&mut browser).await);
}

/// Sign-ins ask for no authenticator app once an admin has turned them off. The passkey is
/// therefore the first that counts.
#[rocket::async_test]
async fn a_first_passkey_forgets_remembered_browsers_beside_an_app_that_does_not_count() {
    let app = app_with_ana().await;
    app.set("trusted_devices_enabled", "on").await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let mut browser = signs_in_and_ticks(&app, &phone).await;
    app.set("totp_enabled", "off").await;
    app.clock.advance(Lifetime::minutes(16));
    ana.sign_in(ANA).await;
    crate::passkey_pages::adds_a_passkey(&mut ana).await;
    assert_eq!(app.count_sessions().await, 1, "all other browsers are signed out");
    assert!(asks_again(&mut browser).await);
}

#[rocket::async_test]
async fn somebody_elses_remembered_browser_is_worth_nothing() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    app.set("trusted_devices_enabled", "on").await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let mut ben = app.signed_in(BEN).await;
    sets_up_an_app(&mut ben).await;
    let trusted = signs_in_and_ticks(&app, &phone).await.cookies.get("gatepost_trusted").unwrap().clone();
    let mut browser = app.browser();
    browser.cookies.insert("gatepost_trusted".into(), trusted);
    app.clock.advance(Lifetime::minutes(6));
    browser.sign_in_to(BEN, &[]).await.assert_leads_to("/login/second-factor");
}

#[rocket::async_test]
async fn undoing_a_change_of_address_takes_away_what_was_enrolled_since_and_nothing_else() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let _ = phone;
    // An attacker at her unlocked computer moves the account away and adds an app.
    ana.post("/account/address", &[("new_email", "mallory@example.com")]).await.assert_status(303);
    let link = app.mail_to("mallory@example.com").await.link();
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_status(303);
    app.a_second_later();
    let mallory = sets_up_an_app(&mut ana).await;
    let mails = app.mails_to(ANA).await;
    let undo = mails.iter().rfind(|mail| mail.text.contains("/auth/undo")).unwrap().undo_link();
    let mut owner = app.browser();
    owner.open(&undo).await;
    owner.post("/auth/undo", &[]).await.assert_leads_to("/auth/undo");
    let mut browser = waits_after_a_link(&app, ANA).await;
    let theirs = mallory.shows(&app);
    browser.post("/login/second-factor", &[("code", &theirs)]).await.assert_status(422);
    let hers = phone.shows(&app);
    browser.post("/login/second-factor", &[("code", &hers)]).await.assert_leads_to("/account");
}
