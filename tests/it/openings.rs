//! Domains with scanners that open links, and emails that put the code first there.

use crate::{
    browser::Browser,
    harness::{Mail, TestApp},
};
use gatepost::{
    db::{self, openings::OfDomain},
    domain::{Lifetime, audit::Action},
    housekeeping,
};

const ANA: &str = "ana@contoso.example";
const BEN: &str = "ben@elm.example";
const ADMIN: &str = "boss@example.com";

async fn ask(browser: &mut Browser<'_>, app: &TestApp, address: &str) -> Mail {
    browser.post("/login", &[("email", address)]).await.assert_status(303);
    app.mail_to(address).await
}

/// Counts what was noted, and returns what an admin would see.
async fn counted(app: &TestApp) -> Vec<(String, i64, i64)> {
    app.services.openings.write(&app.services.db).await.unwrap();
    let found = app.read(db::openings::scanned).await;
    found.into_iter().map(|OfDomain { domain, opened, scanned, .. }| (domain, opened, scanned)).collect()
}

#[rocket::async_test]
async fn a_link_that_another_browser_opens_within_seconds_counts_once_for_its_domain() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.add_account(BEN).await;
    let contoso = |opened, scanned| vec![("contoso.example".to_owned(), opened, scanned)];
    let (mut ana, mut scanner) = (app.browser(), app.browser());
    let mail = ask(&mut ana, &app, ANA).await;
    for _ in 0..2 {
        scanner.get(&mail.link()).await.assert_leads_to("/auth/verify");
        assert_eq!(counted(&app).await, contoso(1, 1));
    }
    // The user opens the same link.
    ana.open(&mail.link()).await.assert_status(200).assert_shows("Sign in as ana@contoso.example");
    assert_eq!(counted(&app).await, contoso(1, 1));
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");

    // Only the browser that asked opens this one, and another browser that one after a while.
    let mut asker = app.browser();
    let mail = ask(&mut asker, &app, ANA).await;
    asker.get(&mail.link()).await;
    let late = ask(&mut app.browser(), &app, BEN).await;
    app.clock.advance(Lifetime::seconds(10));
    app.browser().get(&late.link()).await;
    app.browser().get("/auth/verify?token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
    assert_eq!(counted(&app).await, contoso(2, 1));
    let soon = ask(&mut app.browser(), &app, BEN).await;
    app.browser().get(&soon.link()).await;
    assert_eq!(counted(&app).await, [contoso(2, 1), vec![("elm.example".to_owned(), 2, 1)]].concat());

    app.clock.advance(Lifetime::days(31));
    for _ in 0..2 {
        housekeeping::round(&app.services).await.unwrap();
        app.clock.advance(Lifetime::hours(25));
    }
    assert_eq!(counted(&app).await, []);
}

#[rocket::async_test]
async fn only_a_link_that_signs_in_counts_and_only_an_email_that_arrived_dates_it() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/step-up", &[("then", "/account")]).await.assert_leads_to("/login/sent");
    let link = app.mail_to(ANA).await.link();
    app.browser().get(&link).await.assert_leads_to("/auth/verify");
    assert_eq!(counted(&app).await, []);
    // An email that was given up a minute ago is no arrival. The email server may still have it.
    let mail = ask(&mut app.browser(), &app, ANA).await;
    app.spoil("UPDATE outbox SET state = 'dead'").await;
    app.clock.advance(Lifetime::minutes(1));
    app.browser().get(&mail.link()).await.assert_leads_to("/auth/verify");
    assert_eq!(counted(&app).await, [("contoso.example".to_owned(), 2, 1)]);
}

#[rocket::async_test]
async fn an_admin_puts_the_code_first_at_a_domain_with_scanners() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.add_account(BEN).await;
    app.add_admin(ADMIN).await;
    let mut boss = app.signed_in(ADMIN).await;
    boss.get("/admin/mail").await.assert_shows("when another browser opens a link within 10 seconds");
    let mail = ask(&mut app.browser(), &app, ANA).await;
    assert!(mail.html.contains("class=\"button\""), "{}", mail.html);
    app.browser().get(&mail.link()).await;
    counted(&app).await;
    boss.get("/admin/mail")
        .await
        .assert_shows("contoso.example")
        .assert_shows("another browser opened 1 of 1 opened links within 10 seconds of delivery.")
        .assert_shows("Put the code first");

    let first = [("domain", "contoso.example"), ("first", "yes")];
    boss.submit("/admin/mail/code-first", &first).await.assert_shows("now put the code first");
    assert_eq!(app.stored_settings().await.code_first_domains, ["contoso.example"]);
    app.a_second_later();
    boss.get("/admin/mail").await.assert_shows("Put the button back");
    let mail = ask(&mut app.browser(), &app, ANA).await;
    let place = |text: &str| mail.html.find(text).unwrap_or_else(|| panic!("no {text}: {}", mail.html));
    let link = mail.link().replace('&', "&amp;");
    assert!(
        place(&mail.code()) < place("Firefox on Linux") && place("Firefox on Linux") < place(&link),
        "{}",
        mail.html
    );
    assert!(!mail.html.contains("class=\"button\"") && mail.text.starts_with(&mail.code()), "{}", mail.html);
    let other = ask(&mut app.browser(), &app, BEN).await;
    assert!(other.html.contains("class=\"button\""), "{}", other.html);

    let back = [("domain", "contoso.example"), ("first", "no")];
    boss.submit("/admin/mail/code-first", &back).await.assert_shows("have their button again");
    assert!(app.stored_settings().await.code_first_domains.is_empty());
    let lines = app.audit().await.into_iter().filter(|line| line.action == Action::SettingChanged);
    let lines: Vec<_> = lines.filter(|line| line.subject == "code_first_domains").collect();
    assert_eq!(lines.len(), 2);
    for wrong in [[("domain", "not a domain"), ("first", "yes")], [("domain", "contoso.example"), ("first", "maybe")]] {
        boss.post("/admin/mail/code-first", &wrong).await.assert_status(400);
    }
}

/// An email server on the way must not learn which addresses have accounts.
#[rocket::async_test]
async fn with_the_code_first_an_email_is_the_same_with_and_without_an_account() {
    let app = TestApp::new().await;
    app.set("join_policy", "anyone").await;
    app.set("code_first_domains", "contoso.example").await;
    app.add_account(ANA).await;
    let mut masked = Vec::new();
    for address in [ANA, "new@contoso.example"] {
        let mut browser = app.browser();
        let page = browser.post("/login", &[("email", address)]).await;
        page.assert_leads_to("/login/sent");
        let page = browser.get("/login/sent").await.body.replace(address, "…");
        let mail = app.mail_to(address).await;
        assert!(!mail.html.contains("class=\"button\""), "{}", mail.html);
        let parts = [&mail.subject, &mail.text, &mail.html].map(String::as_str).join("\n");
        let secrets = [mail.code(), mail.link(), mail.cancel_link()];
        masked.push((page, secrets.iter().fold(parts, |parts, secret| parts.replace(secret.as_str(), "…"))));
    }
    assert_eq!(masked[0].1, masked[1].1);
    assert_eq!(masked[0].0.len(), masked[1].0.len());
}
