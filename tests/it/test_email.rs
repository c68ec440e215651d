//! The page of emails about a test email that the email server did not take at once.

use crate::{
    browser::Browser,
    harness::{Setup, TestApp},
    smtp_sink::{Misbehaviour, Security, SmtpSink, Step},
};
use gatepost::{
    db,
    domain::{Lifetime, mail::MailState},
    outbox::Worker,
};
use std::sync::Arc;

const ANA: &str = "ana@example.com";

async fn app_with(url: &str) -> TestApp {
    let app = Setup::new().with("GATEPOST_MAIL_URL", url).start().await;
    app.add_admin(ANA).await;
    app
}

/// Asks for a test email and lets it be tried once.
async fn tries_once(ana: &mut Browser<'_>) {
    ana.post("/admin/mail/test", &[]).await.assert_status(303);
    let page = ana.get("/admin/mail").await;
    page.assert_shows("The email server hasn’t answered yet.").assert_shows("Check again");
    assert!(page.body.contains("data-answer-waits=\"0\""), "the script looks for the first answer");
    work(ana.app).await;
}

async fn work(app: &TestApp) {
    let mut worker = Worker::new(Arc::clone(&app.services)).unwrap();
    while worker.round().await.unwrap() > 0 {}
}

#[rocket::async_test]
async fn a_test_email_that_is_refused_for_good_shows_the_servers_words_and_waits_for_nothing() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    let mut ana = crate::set_up::console_session(&app, ANA).await;
    sink.misbehave(Step::Rcpt, Misbehaviour::Say("550 5.1.1 no such user"), "");
    tries_once(&mut ana).await;
    let page = ana.get("/admin/mail").await;
    page.assert_shows("Gatepost couldn’t deliver it and gave up on").assert_shows("5.1.1 no such user");
    page.assert_hides("data-answer-waits").assert_hides("Check again");
    assert!(!page.text().contains("The email server accepted it"), "{}", page.text());
}

#[rocket::async_test]
async fn a_test_email_that_is_put_off_shows_why_and_then_that_it_was_accepted() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    let mut ana = crate::set_up::console_session(&app, ANA).await;
    sink.misbehave(Step::Rcpt, Misbehaviour::Say("450 4.2.0 Greylisted"), "");
    tries_once(&mut ana).await;
    let page = ana.get("/admin/mail").await;
    page.assert_shows("The email server hasn’t accepted it yet. Gatepost tries again. The reason:");
    page.assert_shows("4.2.0 Greylisted").assert_hides("hasn’t answered yet");
    assert!(page.body.contains("data-answer-waits=\"1\""), "the script looks for the next answer");
    sink.behave();
    app.clock.advance(Lifetime::minutes(2));
    work(&app).await;
    ana.get("/admin/mail").await.assert_shows("The email server accepted it on").assert_hides("data-answer-waits");
}

/// No server refuses anything here, so the page may not say that one did.
#[rocket::async_test]
async fn a_test_email_whose_tries_are_used_up_says_that_no_server_was_reached() {
    // Nothing listens at this port.
    let app = app_with("smtp://127.0.0.1:1?tls=none").await;
    let mut ana = crate::set_up::console_session(&app, ANA).await;
    tries_once(&mut ana).await;
    ana.get("/admin/mail").await.assert_shows("Gatepost tries again.");
    let mut rounds = 0;
    while app.read(|connection| db::outbox::count(connection, MailState::Waiting)).await > 0 {
        app.clock.advance(Lifetime::minutes(1));
        work(&app).await;
        rounds += 1;
        assert!(rounds < 1_000, "it must give up");
    }
    let mut ana = crate::set_up::console_session(&app, ANA).await;
    let page = ana.get("/admin/mail").await;
    page.assert_shows("Gatepost couldn’t deliver it and gave up on").assert_hides("data-answer-waits");
    let said = page.text();
    let about = said.split("gave up on").nth(1).unwrap();
    assert!(about.contains("Connection refused") && !said.contains("The email server refused it"), "{said}");
    assert!(rounds > 1, "one failure is no reason to give up");
}
