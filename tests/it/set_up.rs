//! The first admin, and console links.

use crate::{
    browser::Browser,
    harness::{TestApp, address, local},
};
use gatepost::{
    db::{self, attempts::LinkKind},
    domain::{Attempt, AttemptId, Destination, Lifetime, Purpose, Token, attempt::Printed, audit::Action},
    signin,
};
use rocket::futures::future::join_all;
use std::sync::Arc;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

/// Does what `gatepost link` does, in this process. The command itself is tested on the real
/// binary.
pub async fn console_link(app: &TestApp, email: &'static str) -> String {
    let entropy = Arc::clone(&app.services.entropy);
    let (token, now) = (Token::issue(&*entropy), app.services.now());
    let hash = token.hash();
    app.write(move |connection| {
        let account = db::accounts::find_by_email(connection, &address(email))?.unwrap();
        let printed = Printed {
            purpose: Purpose::ConsoleLink,
            email: account.email,
            account_id: Some(account.id),
            token: hash,
            lifetime: Lifetime::minutes(10),
            destination: Destination::home(),
        };
        let attempt = Attempt::printed(AttemptId::issue_at(&*entropy, now), printed, now);
        db::attempts::insert(connection, &attempt)?;
        db::attempts::note_link(connection, attempt.id, &hash, LinkKind::Open)
    })
    .await;
    format!("/auth/verify?token={}", token.reveal())
}

/// Returns a browser signed in by a console link.
pub async fn console_session<'a>(app: &'a TestApp, email: &'static str) -> Browser<'a> {
    let link = console_link(app, email).await;
    let mut browser = app.browser();
    browser.open(&link).await.assert_shows(&format!("Sign in as {email}"));
    browser.post("/auth/verify", &[]).await.assert_leads_to("/account");
    browser
}

pub async fn set_up_link(app: &TestApp) -> Option<String> {
    signin::print_set_up_link(&app.services).await.unwrap().map(|url| local(&url))
}

#[rocket::async_test]
async fn whoever_opens_the_set_up_link_names_the_first_admin() {
    let app = TestApp::new().await;
    let link = set_up_link(&app).await.unwrap();
    let mut browser = app.browser();
    let before = app.dump().await;
    browser.get(&link).await.assert_leads_to("/setup");
    browser.get("/setup").await.assert_status(200).assert_shows("You’re about to become the first admin");
    assert_eq!(app.dump().await, before, "opening it changes nothing");
    browser.post("/setup", &[("email", "nonsense")]).await.assert_status(422).assert_shows("Enter an email address");
    browser.submit("/setup", &[("email", ANA)]).await.assert_status(200).assert_shows("Overview");
    assert!(browser.is_signed_in_as(ANA).await);
    let account = app.account_of(ANA).await.unwrap();
    assert!(account.is_admin && account.proven_at.is_none());
    assert!(app.audit().await.iter().any(|entry| entry.action == Action::SetUp));
    assert!(set_up_link(&app).await.is_none(), "there is a first admin now");
}

#[rocket::async_test]
async fn the_set_up_link_works_once_and_for_a_day() {
    let app = TestApp::new().await;
    let (first, second) = (set_up_link(&app).await.unwrap(), set_up_link(&app).await.unwrap());
    app.clock.advance(Lifetime::hours(25));
    app.browser().open(&first).await.assert_status(410);
    let third = set_up_link(&app).await.unwrap();
    let mut browser = app.browser();
    browser.open(&third).await;
    browser.post("/setup", &[("email", ANA)]).await.assert_leads_to("/admin");
    for link in [first, second, third] {
        let mut other = app.browser();
        other.open(&link).await.assert_status(410);
        other.post("/setup", &[("email", "eve@example.com")]).await.assert_status(410);
    }
    assert!(app.account_of("eve@example.com").await.is_none());
}

#[rocket::async_test]
async fn naming_the_first_admin_ends_no_sign_in_of_others() {
    let app = TestApp::new().await;
    app.add_account(BEN).await;
    let mut ben = app.browser();
    ben.post("/login", &[("email", BEN)]).await.assert_leads_to("/login/sent");
    let code = app.mail_to(BEN).await.code();
    let mut browser = app.browser();
    browser.open(&set_up_link(&app).await.unwrap()).await;
    browser.post("/setup", &[("email", ANA)]).await.assert_leads_to("/admin");
    ben.post("/login/code", &[("code", &code)]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn of_fifty_at_once_one_becomes_the_first_admin() {
    let app = TestApp::new().await;
    let mut browsers = Vec::new();
    for n in 0..50 {
        // Some share a link, some have their own.
        let link = if n % 2 == 0 { set_up_link(&app).await.unwrap() } else { String::new() };
        let mut browser = app.browser();
        match browsers.last() {
            Some(Browser { cookies, .. }) if n % 2 == 1 => browser.cookies = cookies.clone(),
            _ => {
                browser.open(&link).await;
            }
        }
        browsers.push(browser);
    }
    let racing = browsers.into_iter().enumerate().map(|(n, mut browser)| async move {
        browser.post("/setup", &[("email", &format!("admin{n}@example.com"))]).await.status.code
    });
    let statuses = join_all(racing).await;
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(app.read(db::accounts::count).await, 1);
    assert_eq!(app.count_sessions().await, 1);
}

#[rocket::async_test]
async fn there_is_no_set_up_link_where_there_is_an_admin() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    assert!(set_up_link(&app).await.is_none());
}

#[rocket::async_test]
async fn a_set_up_token_is_worth_nothing_elsewhere_and_others_nothing_here() {
    let app = TestApp::new().await;
    let link = set_up_link(&app).await.unwrap();
    let before = app.dump().await;
    for path in ["/auth/verify", "/auth/cancel", "/auth/undo"] {
        let mut browser = app.browser();
        let page = browser.open(&link.replace("/setup", path)).await;
        assert!(matches!(page.status.code, 404 | 410), "{path}: {}", page.status);
        let page = browser.post(path, &[]).await;
        assert!(matches!(page.status.code, 404 | 410), "{path}: {}", page.status);
    }
    assert_eq!(app.dump().await, before);
}

#[rocket::async_test]
async fn a_console_link_signs_in_once_also_while_email_links_are_off() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    app.set("email_link_enabled", "off").await;
    let link = console_link(&app, ANA).await;
    let mut browser = app.browser();
    browser.open(&link).await.assert_shows("Sign in as ana@example.com");
    browser.post("/auth/verify", &[]).await.assert_leads_to("/account");
    browser.get("/account/sessions").await.assert_shows("(console link)");
    let mut again = app.browser();
    again.open(&link).await.assert_status(410);
    app.clock.advance(Lifetime::minutes(11));
    let late = console_link(&app, ANA).await;
    app.clock.advance(Lifetime::minutes(11));
    again.open(&late).await.assert_status(410);
}
