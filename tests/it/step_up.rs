//! Step-up: what it requires, what it leaves alone, and that no held form or open attempt is lost
//! on the way.

use crate::{
    browser::Browser,
    harness::TestApp,
    set_up::{console_link, console_session},
};
use gatepost::domain::{Lifetime, audit::Action};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

async fn app_with_admin() -> TestApp {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    app
}

/// Sends a form whose session is no longer fresh, steps up by email, and comes back to the form's
/// page.
async fn sends_steps_up_and_comes_back(
    browser: &mut Browser<'_>,
    path: &str,
    fields: &[(&str, &str)],
) -> crate::browser::Page {
    let then = browser.post(path, fields).await.then();
    browser.post("/step-up", &[("then", &then)]).await.assert_leads_to("/login/sent");
    let link = browser.app.mail_to(ANA).await.link();
    browser.open(&link).await;
    browser.post("/auth/verify", &[]).await.assert_leads_to(&then);
    browser.get(&then).await
}

#[rocket::async_test]
async fn whatever_was_pressed_before_a_step_up_says_afterwards_that_nothing_has_been_done_yet() {
    let app = app_with_admin().await;
    let ben = app.add_account(BEN).await;
    let person = format!("/admin/people/{}", ben.id);
    let mut ana = app.signed_in(ANA).await;
    let buttons: [(&str, &[(&str, &str)]); 4] = [
        ("/admin/mail/test", &[]),
        (&format!("{person}/disable"), &[]),
        ("/account/close", &[("sure", "yes")]),
        ("/account/address", &[("new_email", "new@example.com")]),
    ];
    for (path, fields) in buttons {
        app.clock.advance(Lifetime::minutes(16));
        let page = sends_steps_up_and_comes_back(&mut ana, path, fields).await;
        let text = page.text();
        assert!(
            text.contains("Nothing has been done yet") || text.contains("Nothing has changed yet"),
            "{path}: {text}"
        );
        for (_, value) in fields {
            assert!(page.body.contains(&format!("value=\"{value}\"")), "{path}");
        }
    }
    assert!(app.account_of(BEN).await.unwrap().is_active() && app.account_of(ANA).await.is_some());
    app.clock.advance(Lifetime::minutes(16));
    let then = ana.get("/account/data").await.then();
    ana.step_up(ANA).await;
    ana.get(&then).await.assert_shows("Nothing has been done yet").assert_shows("Download my data");
    ana.get("/account/data").await.assert_status(200);
}

#[rocket::async_test]
async fn a_console_link_freshens_the_session_it_is_opened_in() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/admin/settings", &[("product_name", "Acme"), ("confirm", "yes")]).await;
    app.clock.advance(Lifetime::minutes(16));
    // Email links are off, so that only a console link can step up. Typed values must be there
    // afterwards.
    let then = ana.post("/admin/settings", &[("email_link_enabled", "on"), ("product_name", "Bolt")]).await.then();
    ana.submit("/step-up", &[("then", &then)]).await.assert_status(200).assert_shows("console link");
    let link = console_link(&app, ANA).await;
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    assert_eq!(app.count_sessions().await, 1, "the same session, not another one");
    ana.get(&format!("/step-up?then={}", then.replace('?', "%3F"))).await.assert_leads_to(&then);
    let page = ana.get(&then).await;
    assert!(page.body.contains("value=\"Bolt\""), "{}", page.text());
    assert!(app.audit().await.iter().any(|entry| entry.action == Action::SteppedUp));
}

#[rocket::async_test]
async fn a_console_link_for_somebody_else_still_makes_a_session_of_its_own() {
    let app = app_with_admin().await;
    app.add_account(BEN).await;
    let mut browser = app.signed_in(ANA).await;
    let link = console_link(&app, BEN).await;
    browser.open(&link).await.assert_shows("signed in as someone else");
    browser.post("/auth/verify", &[("switch", "yes")]).await.assert_leads_to("/account");
    assert!(browser.is_signed_in_as(BEN).await);
}

#[rocket::async_test]
async fn a_step_up_by_mail_is_the_first_proof_of_a_mailbox_like_any_other() {
    let app = app_with_admin().await;
    let mut ana = console_session(&app, ANA).await;
    let mut other = console_session(&app, ANA).await;
    assert!(app.account_of(ANA).await.unwrap().proven_at.is_none());
    app.clock.advance(Lifetime::minutes(16));
    ana.step_up(ANA).await;
    assert!(app.account_of(ANA).await.unwrap().proven_at.is_some());
    app.a_second_later();
    assert!(ana.is_signed_in_as(ANA).await, "this browser showed that it reads the mailbox");
    assert!(other.is_signed_out().await, "and that one has not");
}

#[rocket::async_test]
async fn whoever_steps_up_too_often_is_told_so() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(16));
    for _ in 0..3 {
        app.clock.advance(Lifetime::seconds(1));
        ana.post("/step-up", &[]).await.assert_leads_to("/login/sent");
    }
    ana.post("/step-up", &[]).await.assert_status(429).assert_shows("You’ve asked for too many emails");
    // And an earlier email still works.
    let code = app.mail_to(ANA).await.code();
    ana.post("/login/code", &[("code", &code)]).await.assert_status(303);
}

#[rocket::async_test]
async fn a_used_step_up_link_leads_back_to_the_change() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(16));
    ana.post("/step-up", &[("then", "/admin/settings")]).await;
    let link = app.mail_to(ANA).await.link();
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/admin/settings");
    let page = ana.open(&link).await;
    page.assert_status(410).assert_shows("verified you for a change");
    assert!(page.body.contains("href=\"/admin/settings\""));
}

#[rocket::async_test]
async fn a_form_sent_after_the_session_is_over_comes_back_to_its_page() {
    let app = app_with_admin().await;
    let ben = app.add_account(BEN).await;
    for (path, page) in [
        ("/account/name", "/account"),
        // If there is a question, back to that.
        ("/account/sessions/revoke-others", "/account/sessions/revoke-others"),
        ("/account/close", "/account/close"),
        ("/admin/settings", "/admin/settings"),
        ("/admin/mail/test", "/admin/mail"),
        (&format!("/admin/people/{}/disable", ben.id), &format!("/admin/people/{}/disable", ben.id)),
    ] {
        let mut stranger = app.browser();
        let answer = stranger.post(path, &[]).await;
        let encoded = page.replace('/', "%2F");
        answer.assert_leads_to(&format!("/login?return_to={encoded}"));
    }
}

#[rocket::async_test]
async fn only_what_was_filled_in_and_waits_is_said_to_be_kept() {
    let app = app_with_admin().await;
    app.set("password_enabled", "on").await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(16));
    for (path, fields, kept) in [
        ("/account/address", &[("new_email", "ana@new.example")][..], true),
        ("/account/close", &[("sure", "yes")], true),
        ("/account/password", &[("new_password", "correct horse battery")], false),
        ("/account/password/remove", &[], false),
        ("/admin/mail/test", &[], false),
    ] {
        let page = ana.submit(path, fields).await;
        page.assert_shows("Verify it’s you");
        assert_eq!(page.text().contains("We’ve kept what you filled in"), kept, "{path}");
    }
}
