//! Return of what an attacker removed before they put theirs in its place.

use crate::{
    browser::Browser,
    harness::{Mail, Setup, TestApp, local},
    phone::Phone,
    recovery_codes::codes_on,
};
use gatepost::{domain::Lifetime, housekeeping, people};

const ANA: &str = "ana@example.com";
const FIRST: &str = "correct horse battery";
const SECOND: &str = "staple every other word";
const THIRD: &str = "grumpy zebra tangle oboe";

async fn app_with_ana() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    app.a_second_later();
    app
}

async fn sets(browser: &mut Browser<'_>, password: &str) {
    browser.post("/account/password", &[("new_password", password)]).await.assert_status(303);
    browser.app.a_second_later();
}

async fn removes_it(browser: &mut Browser<'_>) {
    browser.post("/account/password/remove", &[]).await.assert_leads_to("/account");
    browser.app.a_second_later();
}

/// Returns the links that undo something, oldest first.
async fn undo_links(app: &TestApp) -> Vec<String> {
    let link = |mail: &Mail| mail.text.split_whitespace().find(|word| word.contains("/auth/undo?token=")).map(local);
    app.mails_to(ANA).await.iter().filter_map(link).collect()
}

async fn undoes(app: &TestApp, link: &str) {
    let mut owner = app.browser();
    owner.open(link).await.assert_status(200);
    owner.submit("/auth/undo", &[]).await.assert_shows("Change undone");
    app.a_second_later();
}

async fn counting(app: &TestApp) -> Vec<&'static str> {
    let mut counting = Vec::new();
    for password in [FIRST, SECOND, THIRD] {
        let page = app.browser().post("/login/password", &[("email", ANA), ("password", password)]).await;
        if page.status.code == 303 {
            counting.push(password);
        }
    }
    counting
}

#[rocket::async_test]
async fn a_password_that_was_removed_before_another_was_set_comes_back() {
    for rounds in 1..=2 {
        let app = app_with_ana().await;
        let mut ana = app.signed_in(ANA).await;
        sets(&mut ana, FIRST).await;
        for password in [SECOND, THIRD].into_iter().take(rounds) {
            removes_it(&mut ana).await;
            sets(&mut ana, password).await;
        }
        let links = undo_links(&app).await;
        assert_eq!(links.len(), 1 + rounds);
        // The first of the thief's takes the later ones along.
        undoes(&app, &links[1]).await;
        assert_eq!(counting(&app).await, [FIRST], "{rounds}");
    }
}

/// A reset through the mailbox is a gain like any other.
#[rocket::async_test]
async fn a_password_that_was_removed_before_a_reset_comes_back() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    sets(&mut ana, FIRST).await;
    removes_it(&mut ana).await;
    let mut reader = app.browser();
    reader.post("/password/forgot", &[("email", ANA)]).await;
    let mails = app.mails_to(ANA).await;
    let link =
        mails.iter().rev().find_map(|mail| mail.text.split_whitespace().find(|word| word.contains("/auth/reset")));
    reader.open(&local(link.unwrap())).await;
    reader.post("/auth/reset", &[("new_password", SECOND)]).await;
    undoes(&app, undo_links(&app).await.last().unwrap()).await;
    assert_eq!(counting(&app).await, [FIRST]);
}

#[rocket::async_test]
async fn what_an_attacker_chose_and_removed_does_not_return_with_the_owners_next_choice() {
    let app = app_with_ana().await;
    let mut thief = app.signed_in(ANA).await;
    sets(&mut thief, SECOND).await;
    removes_it(&mut thief).await;
    undoes(&app, undo_links(&app).await.last().unwrap()).await;
    assert!(counting(&app).await.is_empty());
    let mut ana = app.signed_in(ANA).await;
    sets(&mut ana, FIRST).await;
    undoes(&app, undo_links(&app).await.last().unwrap()).await;
    assert!(counting(&app).await.is_empty());
}

#[rocket::async_test]
async fn what_a_user_removed_is_kept_for_seven_days_and_as_hashes() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    sets(&mut ana, FIRST).await;
    assert!(!app.dump().await.contains("from_mail\":"));
    removes_it(&mut ana).await;
    let dump = app.dump().await;
    assert!(dump.contains("from_mail\":") && !dump.contains(FIRST));
    app.clock.advance(Lifetime::days(7));
    // Before housekeeping has deleted it.
    let mut ana = app.signed_in(ANA).await;
    sets(&mut ana, SECOND).await;
    undoes(&app, undo_links(&app).await.last().unwrap()).await;
    assert!(counting(&app).await.is_empty());
    let mut ana = app.signed_in(ANA).await;
    sets(&mut ana, FIRST).await;
    removes_it(&mut ana).await;
    app.clock.advance(Lifetime::days(7));
    housekeeping::tidy(&app.services).await.unwrap();
    assert!(!app.dump().await.contains("from_mail\":"));
}

#[rocket::async_test]
async fn recovery_codes_that_were_removed_before_others_were_made_come_back() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    Phone::set_up_in(&mut ana).await;
    let hers = codes_on(&ana.submit("/account/recovery-codes", &[]).await);
    app.a_second_later();
    ana.post("/account/recovery-codes/remove", &[]).await.assert_status(303);
    app.a_second_later();
    let theirs = codes_on(&ana.submit("/account/recovery-codes", &[]).await);
    undoes(&app, undo_links(&app).await.last().unwrap()).await;
    let mut browser = app.browser();
    browser.sign_in_to(ANA, &[]).await.assert_leads_to("/login/second-factor");
    browser.post("/login/second-factor", &[("code", &theirs[0])]).await.assert_status(422);
    browser.post("/login/second-factor", &[("code", &hers[0])]).await.assert_leads_to("/account");
}

/// Nearly seven days.
const IN_TIME: Lifetime = Lifetime::minutes(7 * 24 * 60 - 1);

#[rocket::async_test]
async fn a_former_password_comes_back_until_the_seven_days_are_over() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    sets(&mut ana, FIRST).await;
    removes_it(&mut ana).await;
    app.clock.advance(IN_TIME);
    let mut ana = app.signed_in(ANA).await;
    sets(&mut ana, SECOND).await;
    let link = undo_links(&app).await.pop().unwrap();
    app.clock.advance(IN_TIME);
    housekeeping::tidy(&app.services).await.unwrap();
    undoes(&app, &link).await;
    assert_eq!(counting(&app).await, [FIRST]);
}

/// It may have been an attacker's.
#[rocket::async_test]
async fn what_was_removed_before_a_recovery_does_not_come_back_after_it() {
    let app = app_with_ana().await;
    let mut thief = app.signed_in(ANA).await;
    Phone::set_up_in(&mut thief).await;
    sets(&mut thief, SECOND).await;
    removes_it(&mut thief).await;
    let account = app.account_of(ANA).await.unwrap();
    assert!(app.transact(move |tx| people::recover_now(tx, &account)).await);
    app.a_second_later();
    let mut ana = app.signed_in(ANA).await;
    sets(&mut ana, FIRST).await;
    undoes(&app, undo_links(&app).await.last().unwrap()).await;
    assert!(counting(&app).await.is_empty());
}
