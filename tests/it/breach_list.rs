//! The operator's list of breached passwords, on each page that sets one.

use crate::{
    harness::{Setup, TestApp},
    passwords::{asks_for_a_reset, tries},
};
use std::{fs, path::PathBuf};
use tempfile::TempDir;

const ANA: &str = "ana@example.com";
const BREACHED: &str = "correct horse battery";
const GOOD: &str = "staple every other word";
/// The first password's hash, between two others, as in a download.
const LIST: &str = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:52256179\r\n\
                    98DECC62ECE399A22ED30D490EF333BE7FDE7385:3\r\n\
                    F424452A9673918C6F09B0CDD35B20BE8E6AE7D7:1\r\n";
const WORDS: &str = "appeared in a data breach";

async fn app_with_list() -> (TestApp, PathBuf, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("breached.txt");
    fs::write(&list, LIST).unwrap();
    let app = Setup::new().with("GATEPOST_BREACHED_PASSWORDS", list.to_str().unwrap()).start().await;
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    (app, list, folder)
}

#[rocket::async_test]
async fn a_breached_password_cannot_be_set() {
    let (app, _, _folder) = app_with_list().await;
    let mut ana = app.signed_in(ANA).await;
    let before = app.dump_but_judgements().await;
    let page = ana.post("/account/password", &[("new_password", BREACHED)]).await;
    page.assert_status(422).assert_shows(WORDS);
    assert!(!page.body.contains(BREACHED));
    assert_eq!(app.dump_but_judgements().await, before);
    // The other rules come first, because they say more.
    ana.post("/account/password", &[("new_password", "password")]).await.assert_shows("at least 15 characters");
    ana.post("/account/password", &[("new_password", GOOD)]).await.assert_leads_to("/account");
    tries(&mut app.browser(), ANA, GOOD).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn a_breached_password_cannot_be_chosen_by_mail_and_the_link_stays_good_for_another() {
    let (app, _, _folder) = app_with_list().await;
    let (mut browser, link) = asks_for_a_reset(&app, ANA).await;
    browser.open(&link).await;
    let before = app.dump_but_judgements().await;
    let page = browser.post("/auth/reset", &[("new_password", BREACHED)]).await;
    page.assert_status(422).assert_shows(WORDS);
    assert!(!page.body.contains(BREACHED));
    assert_eq!(app.dump_but_judgements().await, before);
    browser.submit("/auth/reset", &[("new_password", GOOD)]).await.assert_status(200);
    tries(&mut app.browser(), ANA, GOOD).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn while_the_list_cannot_be_read_no_password_is_set_and_those_there_are_sign_in() {
    let (app, list, _folder) = app_with_list().await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/password", &[("new_password", GOOD)]).await.assert_status(303);
    let (mut browser, link) = asks_for_a_reset(&app, ANA).await;
    browser.open(&link).await;
    for broken in [None, Some(""), Some("password\n")] {
        match broken {
            None => fs::remove_file(&list).unwrap(),
            Some(text) => fs::write(&list, text).unwrap(),
        }
        let before = app.dump_but_judgements().await;
        for page in [
            ana.post("/account/password", &[("new_password", "a third one, for a change")]).await,
            browser.post("/auth/reset", &[("new_password", "a third one, for a change")]).await,
        ] {
            page.assert_status(500)
                .assert_shows("the reference below")
                .assert_shows(page.header("X-Request-Id").unwrap());
        }
        assert_eq!(app.dump_but_judgements().await, before);
    }
    tries(&mut app.browser(), ANA, GOOD).await.assert_leads_to("/account");
    // Once repaired, the list is read again at once.
    fs::write(&list, LIST).unwrap();
    browser.post("/auth/reset", &[("new_password", BREACHED)]).await.assert_status(422).assert_shows(WORDS);
    browser.submit("/auth/reset", &[("new_password", "a third one, for a change")]).await.assert_status(200);
}

#[rocket::async_test]
async fn a_password_that_comes_to_be_listed_later_still_signs_in() {
    let (app, list, folder) = app_with_list().await;
    fs::write(&list, LIST.lines().next().unwrap()).unwrap();
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/password", &[("new_password", BREACHED)]).await.assert_status(303);
    let new = folder.path().join("new");
    fs::write(&new, LIST).unwrap();
    fs::rename(&new, &list).unwrap();
    tries(&mut app.browser(), ANA, BREACHED).await.assert_leads_to("/account");
    ana.post("/account/password", &[("new_password", BREACHED)]).await.assert_status(422).assert_shows(WORDS);
}

#[rocket::async_test]
async fn a_file_that_is_no_list_or_in_no_order_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("breached.txt");
    let reversed: Vec<&str> = LIST.lines().rev().collect();
    for (text, problem) in [
        (reversed.join("\n"), "not in order at byte"),
        ("password\n123456\n".to_owned(), "not a SHA-1 hash"),
        (String::new(), "empty"),
    ] {
        fs::write(&list, text).unwrap();
        let start = Setup::new().with("GATEPOST_BREACHED_PASSWORDS", list.to_str().unwrap()).try_start().await;
        let said = start.err().unwrap();
        for part in ["GATEPOST_BREACHED_PASSWORDS", list.to_str().unwrap(), problem, "Name a file"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}
