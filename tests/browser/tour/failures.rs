//! Pages of errors: those that a browser can cause, each, and the words of all in both languages.

use super::Tour;
use crate::{browser::Browser, stage::Stage};
use ::gatepost::{domain::LanguageTag, locale::Catalogue};
use serde_json::json;

const ANA: &str = "ana@example.com";

/// Headings by their keys. Each has a text.
const FAILURES: [&str; 13] = [
    "request-unreadable",
    "not-allowed",
    "page-not-found",
    "not-opened-directly",
    "took-too-long",
    "too-large",
    "no-form",
    "wrong-address",
    "form-unreadable",
    "too-many-requests",
    "unavailable",
    "unanswerable",
    "our-fault",
];

/// Forms that a page of ours should not send: where to, how encoded, and the characters in a field.
const WRONG_FORMS: [(&str, &str, usize, &str); 4] = [
    ("/account/security", "application/x-www-form-urlencoded", 1, "This page can’t be opened directly"),
    ("/login", "application/x-www-form-urlencoded", 20_000, "That’s too large"),
    ("/login", "text/plain", 1, "We couldn’t read what your browser sent"),
    ("/login", "application/x-www-form-urlencoded", 1, "We couldn’t read this form"),
];

#[tokio::test]
async fn the_pages_of_errors_suit_everybody() {
    let stage = Stage::new().await;
    let mut tour = Tour::new("errors", &stage);
    let ana = stage.browser().await;
    ana.open("/no-such-page").await;
    tour.stops(&ana, "404", "Page not found").await;
    ana.open("/logout").await;
    // A user may come back to the address of a form.
    ana.reads_heading("Sign in to Gatepost").await;
    // Another site with a form that leads here.
    let form =
        format!("<form method=post action={}><button>Win a prize</button></form>", stage.gatepost.url("/logout"));
    ana.open(&format!("data:text/html,{form}")).await;
    ana.presses("Win a prize").await;
    ana.reads_heading("Not allowed").await;
    tour.glances(&ana, "403").await;
    stage.gatepost.add_account(ANA);
    stage.signs_in(&ana, ANA).await;
    ana.open("/no-such-page").await;
    tour.stops(&ana, "404 while signed in", "Page not found").await;
    tour.ends(&[&ana]).await;
}

async fn sends(browser: &Browser, (action, encoding, length): (&str, &str, usize)) {
    browser.open("/login").await;
    let script = format!(
        "const form = Object.assign(document.createElement('form'), {{ method: 'post', action: '{action}', enctype: '{encoding}' }});
        form.append(Object.assign(document.createElement('input'), {{ name: 'x', value: 'x'.repeat({length}) }}));
        document.body.append(form);
        form.submit();"
    );
    browser.run(&script).await;
}

#[tokio::test]
async fn what_a_browser_does_wrong_has_a_page_that_suits_everybody() {
    let stage = Stage::new().await;
    let mut tour = Tour::new("failures", &stage);
    let ana = stage.browser().await;
    ana.open("/auth/verify?token=a&token=b").await;
    ana.reads_heading("We couldn’t read what your browser sent").await;
    tour.glances(&ana, "400").await;
    for (action, encoding, length, heading) in WRONG_FORMS {
        sends(&ana, (action, encoding, length)).await;
        ana.reads_heading(heading).await;
        tour.glances(&ana, heading).await;
    }
    // The template is one. So the words of all failures are put into one page.
    let catalogue = Catalogue::embedded().unwrap();
    for language in ["en", "de"] {
        let said = catalogue.first_of([&LanguageTag::parse(language).unwrap()]);
        if language == "de" {
            ana.reads_german().await;
        }
        ana.open("/no-such-page").await;
        for key in FAILURES {
            let (title, text) = (said.say(key).to_string(), said.say(&format!("{key}.text")).to_string());
            let words = format!("[{}, {}]", json!(title), json!(text));
            let change =
                "document.querySelector('h1').textContent = title; document.querySelector('h1 + p').textContent = text";
            ana.run(&format!("const [title, text] = {words}; {change}")).await;
            tour.glances(&ana, &format!("{key} {language}")).await;
        }
    }
    tour.ends(&[&ana]).await;
}

/// Another try may get the page, so that it has a button for one.
#[tokio::test]
async fn the_page_after_too_many_tries_suits_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let mut tour = Tour::new("too-many", &stage);
    let ana = stage.signed_in(ANA).await;
    // As many files as an hour allows.
    for _ in 0..10 {
        assert_eq!(ana.run("return fetch('/account/data').then(answer => answer.status)").await, 200);
    }
    ana.open("/account/data").await;
    ana.control("Go to the home page").await;
    tour.stops(&ana, "429", "Too many requests").await;
    tour.ends(&[&ana]).await;
}

/// Stylesheet and script come from the wrong address, too.
#[tokio::test]
async fn the_page_under_a_wrong_address_looks_as_every_page() {
    let stage = Stage::new().await;
    let mut tour = Tour::new("wrong-address", &stage);
    let ana = stage.browser().await;
    ana.open(&format!("{}/login", stage.gatepost.origin.replace("localhost", "elsewhere.localhost"))).await;
    ana.reads_heading("Wrong address").await;
    let styles = "return [...document.styleSheets].filter(sheet => sheet.cssRules.length > 100).length";
    assert_eq!(ana.run(styles).await, 1);
    assert_eq!(
        ana.run("return performance.getEntriesByType('resource').filter(e => e.name.endsWith('gatepost.js')).length")
            .await,
        1
    );
    tour.glances(&ana, "421").await;
    ana.presses(&stage.gatepost.origin).await;
    ana.reads_heading("Sign in to Gatepost").await;
    tour.ends(&[]).await;
}
