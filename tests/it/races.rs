//! One secret used on two nodes at once: exactly one use counts.

use crate::{
    browser::{Browser, Page},
    harness::{Setup, TestApp},
    passwords::{asks_for_a_reset, tries},
    phone::{Phone, with_phone},
    recovery_codes::codes_on,
    set_up::{console_link, set_up_link},
};
use gatepost::{
    db,
    domain::{Lifetime, audit::Action},
};
use rocket::futures::future::join_all;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

/// Two nodes on one database. Emails are not limited, because these tests are about uses.
async fn two_nodes() -> (TestApp, TestApp) {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "1000/15m").start().await;
    let other = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "1000/15m").beside(&app).start().await;
    app.add_account(ANA).await;
    (app, other)
}

/// Returns tabs with the cookies of each browser in turn, half of them at each node.
fn tabs<'a>(nodes: [&'a TestApp; 2], browsers: &[Browser<'_>], count: usize) -> Vec<Browser<'a>> {
    let on_a_node =
        |n: usize| Browser { cookies: browsers[n / 2 % browsers.len()].cookies.clone(), ..nodes[n % 2].browser() };
    (0..count).map(on_a_node).collect()
}

async fn all_post(tabs: &mut [Browser<'_>], path: &str, fields: &[(&str, &str)]) -> Vec<Page> {
    join_all(tabs.iter_mut().map(|tab| tab.post_only(path, fields))).await
}

fn signed_in(pages: &[Page]) -> usize {
    pages.iter().filter(|page| page.location() == Some("/account")).count()
}

async fn asks_for_a_link(app: &TestApp) -> Browser<'_> {
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    ana
}

/// Returns browsers that have pressed a link and are asked for a second factor.
async fn at_the_second_factor(app: &TestApp, count: usize) -> Vec<Browser<'_>> {
    let mut waiting = Vec::new();
    for _ in 0..count {
        app.clock.advance(Lifetime::seconds(1));
        let mut browser = app.browser();
        browser.sign_in_to(ANA, &[]).await.assert_leads_to("/login/second-factor");
        waiting.push(browser);
    }
    waiting
}

#[rocket::async_test]
async fn one_link_pressed_on_two_nodes_makes_one_session() {
    let (app, other) = two_nodes().await;
    for round in 1..=3 {
        let mut ana = asks_for_a_link(&app).await;
        ana.open(&app.mail_to(ANA).await.link()).await;
        let pages = all_post(&mut tabs([&app, &other], &[ana], 24), "/auth/verify", &[]).await;
        assert_eq!((signed_in(&pages), app.count_sessions().await), (1, round));
        app.clock.advance(Lifetime::minutes(1));
    }
}

#[rocket::async_test]
async fn one_emailed_code_typed_on_two_nodes_makes_one_session() {
    let (app, other) = two_nodes().await;
    for round in 1..=3 {
        let ana = asks_for_a_link(&app).await;
        let code = app.mail_to(ANA).await.code();
        let pages = all_post(&mut tabs([&app, &other], &[ana], 16), "/login/code", &[("code", &code)]).await;
        assert_eq!((signed_in(&pages), app.count_sessions().await), (1, round));
        app.clock.advance(Lifetime::minutes(1));
    }
}

/// The link on one node, the code on the other.
#[rocket::async_test]
async fn the_link_and_the_code_of_one_email_on_two_nodes_make_one_session() {
    let (app, other) = two_nodes().await;
    let mut ana = asks_for_a_link(&app).await;
    let mail = app.mail_to(ANA).await;
    ana.open(&mail.link()).await;
    let presses = tabs([&app, &other], &[ana], 16).into_iter().enumerate().map(|(n, mut tab)| {
        let code = mail.code();
        async move {
            match n % 2 {
                0 => tab.post_only("/auth/verify", &[]).await,
                _ => tab.post_only("/login/code", &[("code", &code)]).await,
            }
        }
    });
    assert_eq!((signed_in(&join_all(presses).await), app.count_sessions().await), (1, 1));
}

#[rocket::async_test]
async fn one_code_of_an_app_shown_on_two_nodes_makes_one_session() {
    let (app, other) = two_nodes().await;
    let (_ana, phone) = with_phone(&app, ANA).await;
    let waiting = at_the_second_factor(&app, 4).await;
    let (code, before) = (phone.next_code(&app), app.count_sessions().await);
    let mut tabs = tabs([&app, &other], &waiting, 16);
    let pages = all_post(&mut tabs, "/login/second-factor", &[("code", &code)]).await;
    assert_eq!((signed_in(&pages), app.count_sessions().await - before), (1, 1));
}

#[rocket::async_test]
async fn one_recovery_code_used_on_two_nodes_makes_one_session() {
    let (app, other) = two_nodes().await;
    let mut ana = app.signed_in(ANA).await;
    Phone::set_up_in(&mut ana).await;
    let codes = codes_on(&ana.submit("/account/recovery-codes", &[]).await);
    let waiting = at_the_second_factor(&app, 4).await;
    let before = app.count_sessions().await;
    let mut tabs = tabs([&app, &other], &waiting, 16);
    let pages = all_post(&mut tabs, "/login/second-factor", &[("code", &codes[0])]).await;
    assert_eq!((signed_in(&pages), app.count_sessions().await - before), (1, 1));
    let lines = app.audit().await.into_iter().filter(|line| line.action == Action::RecoveryCodeUsed).count();
    assert_eq!(lines, 1);
}

#[rocket::async_test]
async fn one_invitation_accepted_on_two_nodes_makes_one_session() {
    let (app, other) = two_nodes().await;
    app.add_admin("admin@example.com").await;
    let mut admin = app.signed_in("admin@example.com").await;
    admin.submit("/admin/people", &[("email", BEN)]).await.assert_shows("is invited. The email is");
    let link = app.mail_to(BEN).await.invitation_link();
    let before = app.count_sessions().await;
    let accepts = tabs([&app, &other], &[app.browser()], 16).into_iter().map(|mut guest| {
        let link = link.clone();
        async move {
            let page = guest.open(&link).await;
            let account = page.hidden("account").to_owned();
            (guest, account)
        }
    });
    let ready = join_all(accepts).await;
    let presses = ready
        .into_iter()
        .map(|(mut guest, account)| async move { guest.post_only("/auth/invitation", &[("account", &account)]).await });
    let pages = join_all(presses).await;
    assert_eq!((signed_in(&pages), app.count_sessions().await - before), (1, 1));
}

#[rocket::async_test]
async fn one_reset_link_used_on_two_nodes_sets_one_password() {
    let (app, other) = two_nodes().await;
    app.set("password_enabled", "on").await;
    app.a_second_later();
    app.signed_in(ANA).await;
    let (mut asked, link) = asks_for_a_reset(&app, ANA).await;
    asked.open(&link).await;
    let presses = tabs([&app, &other], &[asked], 12).into_iter().enumerate().map(|(n, mut tab)| async move {
        let password = format!("password number {n} of twelve");
        let answer = tab.post_only("/auth/reset", &[("new_password", &password)]).await;
        (answer.location() == Some("/login/password")).then_some(password)
    });
    let chosen: Vec<_> = join_all(presses).await.into_iter().flatten().collect();
    assert_eq!(chosen.len(), 1);
    tries(&mut other.browser(), ANA, &chosen[0]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn one_console_link_opened_on_two_nodes_makes_one_session() {
    let (app, other) = two_nodes().await;
    let link = console_link(&app, ANA).await;
    let mut ana = app.browser();
    ana.open(&link).await.assert_shows("Sign in as ana@example.com");
    let pages = all_post(&mut tabs([&app, &other], &[ana], 16), "/auth/verify", &[]).await;
    assert_eq!((signed_in(&pages), app.count_sessions().await), (1, 1));
}

/// Each node has printed its own link.
#[rocket::async_test]
async fn of_set_up_links_on_two_nodes_one_makes_the_first_admin() {
    let app = TestApp::new().await;
    let other = Setup::new().beside(&app).start().await;
    let mut browsers = Vec::new();
    for node in [&app, &other] {
        let mut browser = node.browser();
        browser.open(&set_up_link(node).await.unwrap()).await;
        browsers.push(browser);
    }
    let racing = tabs([&app, &other], &browsers, 16).into_iter().enumerate().map(|(n, mut tab)| async move {
        tab.post_only("/setup", &[("email", &format!("admin{n}@example.com"))]).await
    });
    let pages = join_all(racing).await;
    let admitted = pages.iter().filter(|page| page.location().is_some_and(|to| to.starts_with("/admin"))).count();
    assert_eq!((admitted, app.read(db::accounts::count).await, app.count_sessions().await), (1, 1, 1));
}
