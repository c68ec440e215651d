//! The pages of users who are not signed in yet.

use super::Tour;
use crate::{browser::Browser, stage::Stage};
use serde_json::json;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
/// As long as addresses get in companies with long names. It has to fit a phone, too.
const LONG: &str = "maximiliane.oberhuber-schwarzenbacher@research.universitaetsklinikum-heidelberg.example";

#[tokio::test]
async fn the_pages_of_the_first_start_suit_everybody() {
    let stage = Stage::new().await;
    let mut tour = Tour::new("set-up", &stage);
    let ana = stage.browser().await;
    ana.open("/dev/mailbox").await;
    tour.stops(&ana, "mailbox empty", "Test mailbox").await;
    ana.open(&stage.gatepost.set_up_link()).await;
    tour.stops(&ana, "set-up", "Welcome").await;
    ana.types("Your email address", "ana@example").await;
    ana.presses("Become the first admin").await;
    ana.reads("should look like example.com").await;
    tour.stops(&ana, "set-up with a problem", "Welcome").await;
    ana.types("Your email address", ANA).await;
    ana.presses("Become the first admin").await;
    tour.stops(&ana, "overview before any mail", "Overview").await;
    ana.open("/account").await;
    tour.stops(&ana, "account before any mail", "Your account").await;
    ana.open(&stage.gatepost.set_up_link()).await;
    tour.stops(&ana, "set-up over", "This set-up link no longer works").await;
    tour.ends(&[&ana]).await;
}

#[tokio::test]
async fn the_pages_around_the_inbox_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let mut tour = Tour::new("inbox", &stage);
    let ana = stage.browser().await;
    ana.open("/login/sent").await;
    tour.stops(&ana, "nothing sent", "No sign-in in progress").await;
    ana.open("/login").await;
    tour.stops(&ana, "sign-in", "Sign in to Gatepost").await;
    ana.types("Email address", "ana@example").await;
    ana.presses("Email me a link").await;
    ana.reads("should look like example.com").await;
    tour.stops(&ana, "sign-in with a problem", "Sign in to Gatepost").await;
    ana.asks_for_mail("maximiliane.oberhuber@gmail.com").await;
    tour.stops(&ana, "sent to a known provider", "Check your inbox").await;
    ana.asks_for_mail(LONG).await;
    tour.stops(&ana, "sent to a long address", "Check your inbox").await;

    ana.asks_for_mail(ANA).await;
    stage.gatepost.mail_to(ANA, 1).await;
    tour.stops(&ana, "sent", "Check your inbox").await;
    ana.types("Code from the email", "what").await;
    ana.presses("Continue").await;
    ana.reads("That code is incomplete.").await;
    tour.stops(&ana, "sent with half a code", "Check your inbox").await;
    enters_code(&ana, "000-000", "Check your inbox").await;
    ana.reads("That code is wrong or has expired").await;
    tour.stops(&ana, "sent with a wrong code", "Check your inbox").await;
    for guess in ["000-001", "000-002", "000-003"] {
        enters_code(&ana, guess, "Check your inbox").await;
    }
    enters_code(&ana, "000-004", "Too many wrong codes").await;
    ana.reads("link and code no longer work").await;
    tour.stops(&ana, "sent with a dead code", "Too many wrong codes").await;

    stage.gatepost.minutes_pass(1).await;
    ana.reload().await;
    tour.stops(&ana, "sent and time for another", "Too many wrong codes").await;
    for mails in 2.. {
        stage.gatepost.minutes_pass(1).await;
        ana.reload().await;
        if !ana.has("[data-wait]").await {
            break;
        }
        ana.presses("Send another email").await;
        stage.gatepost.mail_to(ANA, mails).await;
    }
    tour.stops(&ana, "sent often enough", "Check your inbox").await;
    ana.open("/dev/mailbox").await;
    tour.stops(&ana, "mailbox", "Test mailbox").await;
    tour.ends(&[&ana]).await;
}

async fn enters_code(browser: &Browser, code: &str, heading: &str) {
    browser.enters_code("Code from the email", code).await;
    browser.reads_heading(heading).await;
}

#[tokio::test]
async fn the_pages_of_a_link_suit_everybody() {
    let stage = Stage::new().await;
    for email in [ANA, BEN, LONG] {
        stage.gatepost.add_account(email);
    }
    let mut tour = Tour::new("link", &stage);
    let ana = stage.browser().await;
    let other = stage.browser().await;

    ana.open("/auth/verify").await;
    tour.stops(&ana, "no link at all", "This link doesn’t work").await;
    ana.asks_for_mail(LONG).await;
    ana.open(&stage.gatepost.mail_to(LONG, 1).await.link()).await;
    tour.stops(&ana, "ready with a long address", "Sign in to Gatepost").await;
    ana.asks_for_mail(ANA).await;
    let mail = stage.gatepost.mail_to(ANA, 1).await;
    ana.open(&mail.link()).await;
    tour.stops(&ana, "ready", "Sign in to Gatepost").await;

    other.open(&mail.link()).await;
    tour.stops(&other, "elsewhere", "This email was requested in another browser").await;
    other.presses("Sign in on this device instead").await;
    tour.stops(&other, "this device", "Sign in on this device?").await;
    stage.signs_in(&other, BEN).await;
    other.open(&mail.link()).await;
    tour.stops(&other, "elsewhere while signed in", "This email was requested in another browser").await;
    other.presses("Sign in on this device instead").await;
    tour.stops(&other, "this device while signed in", "Sign in on this device?").await;

    stage.signs_in(&ana, BEN).await;
    ana.open(&mail.link()).await;
    tour.stops(&ana, "someone else", "You’re signed in as someone else").await;
    ana.presses("Switch to ana@example.com").await;
    ana.reads_heading("Your account").await;
    // As after going back.
    ana.open("/auth/verify").await;
    tour.stops(&ana, "no link while signed in", "You’re signed in").await;
    ana.open(&mail.link()).await;
    tour.stops(&ana, "over where it signed in", "You’re signed in").await;
    other.open(&mail.link()).await;
    tour.stops(&other, "over", "This link no longer works").await;

    other.open("/auth/cancel").await;
    tour.stops(&other, "nothing to cancel", "Nothing to cancel").await;
    other.open(&mail.cancel_link()).await;
    tour.stops(&other, "cancel", "Cancel this request?").await;
    other.presses("This wasn’t me: cancel it").await;
    tour.stops(&other, "cancelled", "Cancelled").await;
    tour.ends(&[&ana, &other]).await;
}

/// German words are longer than English ones.
#[tokio::test]
async fn the_pages_of_signing_in_suit_german_readers() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let mut tour = Tour::new("sign-in-german", &stage);
    let (ana, other) = (stage.browser().await, stage.browser().await);
    for browser in [&ana, &other] {
        browser.reads_german().await;
    }
    ana.open("/login").await;
    tour.stops(&ana, "sign-in", "Bei Gatepost anmelden").await;
    ana.types("E-Mail-Adresse", LONG).await;
    ana.presses("Anmeldelink senden").await;
    tour.stops(&ana, "sent", "Prüfen Sie Ihr Postfach").await;
    ana.enters_code("Code aus der E-Mail", "000-000").await;
    ana.reads("Der Code ist falsch oder abgelaufen.").await;
    tour.stops(&ana, "code wrong", "Prüfen Sie Ihr Postfach").await;
    ana.presses("Andere Adresse verwenden").await;
    ana.reads_heading("Bei Gatepost anmelden").await;
    assert_eq!(ana.run("return document.getElementById('email').value").await, json!(LONG));
    ana.types("E-Mail-Adresse", ANA).await;
    ana.presses("Anmeldelink senden").await;
    ana.reads_heading("Prüfen Sie Ihr Postfach").await;
    let mail = stage.gatepost.mail_to(ANA, 1).await;
    other.open(&mail.link()).await;
    tour.stops(&other, "elsewhere", "Diese E-Mail wurde in einem anderen Browser angefordert").await;
    other.presses("Stattdessen auf diesem Gerät anmelden").await;
    tour.stops(&other, "this device", "Auf diesem Gerät anmelden?").await;
    ana.open(&mail.link()).await;
    tour.stops(&ana, "ready", "Bei Gatepost anmelden").await;
    other.open(&mail.cancel_link()).await;
    tour.stops(&other, "cancel", "Diesen Vorgang abbrechen?").await;
    other.presses("Das war ich nicht: abbrechen").await;
    tour.stops(&other, "cancelled", "Abgebrochen").await;
    other.open("/no-such-page").await;
    tour.stops(&other, "not found", "Seite nicht gefunden").await;
    tour.ends(&[&ana, &other]).await;
}
