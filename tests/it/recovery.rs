//! Recovery when all second factors are lost: who may begin it, and who can cancel it. Nothing
//! happens before its time.

use crate::{
    browser::{Browser, Page},
    harness::{Mail, TestApp, address, local},
    phone::{Phone, at_the_second_factor, with_phone},
};
use diesel::RunQueryDsl;
use gatepost::{
    db::{self, DbConnection},
    domain::{
        Account, AuditEntry, Lifetime, Timestamp, Token,
        audit::{Action, Actor},
        recovery::{AskedBy, Outcome, Recovery},
    },
    housekeeping, people,
};
use rocket::{futures::future::join_all, http::Method};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const GOOD: &str = "correct horse battery";
const OTHER: &str = "staple every other word";
const LOST: &str = "/login/second-factor/lost";
const DAY: Lifetime = Lifetime::hours(24);

/// Ana, who has had a password and an authenticator app for eight days, in a browser that showed
/// both then.
async fn ana_with_phone(app: &TestApp) -> (Browser<'_>, Phone) {
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    app.a_second_later();
    let mut ana = app.browser();
    ana.sign_in_to(ANA, &[("remember", "on")]).await;
    let phone = Phone::set_up_in(&mut ana).await;
    ana.post("/account/password", &[("new_password", GOOD)]).await.assert_leads_to("/account");
    app.clock.advance(Lifetime::days(8));
    (ana, phone)
}

/// Returns a browser that has shown the password.
async fn by_password<'a>(app: &'a TestApp, password: &str) -> Browser<'a> {
    let mut browser = app.browser();
    shows_password(&mut browser, password).await.assert_leads_to("/login/second-factor");
    browser
}

async fn shows_password(browser: &mut Browser<'_>, password: &str) -> Page {
    browser.post("/login/password", &[("email", ANA), ("password", password)]).await
}

/// Asks for an email link and opens it, in one browser.
async fn shows_mailbox(browser: &mut Browser<'_>) -> Page {
    shows_mailbox_of(browser, ANA).await
}

async fn shows_mailbox_of(browser: &mut Browser<'_>, email: &str) -> Page {
    // This test is not about the limits on emails.
    browser.app.clock.advance(Lifetime::minutes(6));
    browser.post("/login", &[("email", email)]).await.assert_leads_to("/login/sent");
    let link = last_to(browser.app, email, "/auth/verify?token=").await;
    browser.open(&link).await;
    browser.post("/auth/verify", &[]).await
}

/// Does the same by the code in the email.
async fn types_code(browser: &mut Browser<'_>) -> Page {
    browser.app.clock.advance(Lifetime::minutes(6));
    browser.post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    let code = browser.app.mail_to(ANA).await.code();
    browser.post("/login/code", &[("code", &code)]).await
}

/// Returns the newest link of a kind that was emailed to Ana.
async fn last(app: &TestApp, path: &str) -> String {
    last_to(app, ANA, path).await
}

async fn last_to(app: &TestApp, email: &str, path: &str) -> String {
    let mails = app.mails_to(email).await;
    let found = mails.iter().rev().find_map(|mail| link_in(mail, path));
    found.unwrap_or_else(|| panic!("no {path}"))
}

fn link_in(mail: &Mail, path: &str) -> Option<String> {
    mail.text.split_whitespace().find(|word| word.contains(path)).map(local)
}

async fn count_mails(app: &TestApp, words: &str) -> usize {
    app.mails_to(ANA).await.iter().filter(|mail| mail.subject.contains(words)).count()
}

/// Returns a browser that has shown password and mailbox, and has asked.
async fn asks(app: &TestApp) -> Browser<'_> {
    let mut browser = by_password(app, GOOD).await;
    shows_mailbox(&mut browser).await.assert_leads_to("/login/second-factor");
    browser.post(LOST, &[]).await.assert_leads_to(LOST);
    browser
}

async fn under_way(app: &TestApp) -> Option<Recovery> {
    let id = app.account_of(ANA).await.unwrap().id;
    app.read(move |connection| db::recoveries::under_way(connection, id)).await
}

async fn recoveries(app: &TestApp) -> Vec<Recovery> {
    let id = app.account_of(ANA).await.unwrap().id;
    app.read(move |connection| db::recoveries::of_account(connection, id)).await
}

async fn has_second_factor(app: &TestApp) -> bool {
    let id = app.account_of(ANA).await.unwrap().id;
    app.read(move |connection| Ok(db::enrolled::of(connection, id)?.has_second_factor())).await
}

/// Turns the clock to the last moment before the end.
fn nearly_a_day_later(app: &TestApp, since: Timestamp) {
    let passed = app.services.now().since(since).as_millis();
    app.clock.advance(Lifetime::millis(DAY.as_millis() - 1000 - passed));
}

async fn tidy(app: &TestApp) {
    housekeeping::finish_recoveries(&app.services).await.unwrap();
    housekeeping::tidy(&app.services).await.unwrap();
}

async fn lines(app: &TestApp, action: Action) -> Vec<AuditEntry> {
    app.audit().await.into_iter().filter(|line| line.action == action).collect()
}

async fn begin(app: &TestApp, asked_by: AskedBy) -> people::Begun {
    let account = account(app).await;
    app.transact(move |tx| people::begin_recovery(tx, &account, asked_by)).await
}

async fn account(app: &TestApp) -> Account {
    app.account_of(ANA).await.unwrap()
}

fn run(connection: &mut DbConnection, query: &str) -> Result<(), db::Error> {
    let query = diesel::sql_query(query);
    match connection {
        DbConnection::Sqlite(sqlite) => query.execute(sqlite),
        DbConnection::Postgres(postgres) => query.execute(postgres),
    }?;
    Ok(())
}

/// As pages write it: they shorten the month.
fn short(at: Timestamp) -> String {
    at.for_people().replace("December", "Dec")
}

/// A user who shows two things without saying that the second factor is lost is asked for it.
#[rocket::async_test]
async fn only_who_said_that_the_factor_is_lost_comes_back_to_the_page_of_the_loss() {
    let app = TestApp::new().await;
    let (_ana, phone) = ana_with_phone(&app).await;
    let mut browser = by_password(&app, GOOD).await;
    browser.get(LOST).await.assert_shows("Then you’ll come back to this page.");
    shows_mailbox(&mut browser).await.assert_leads_to(LOST);
    assert!(!browser.cookies.contains_key("gatepost_lost"));
    shows_password(&mut browser, GOOD).await.assert_leads_to("/login/second-factor");
    // The phone is found: the next sign-in asks for it.
    let mut browser = by_password(&app, GOOD).await;
    browser.get(LOST).await.assert_status(200);
    assert!(browser.cookies.contains_key("gatepost_lost"));
    browser.get("/login/second-factor").await.assert_status(200);
    assert!(!browser.cookies.contains_key("gatepost_lost"));
    browser.post("/login/second-factor", &[("code", &phone.next_code(&app))]).await.assert_leads_to("/account");
}

/// Others sign in with the same browser, too.
#[rocket::async_test]
async fn who_signs_in_where_another_user_lost_a_factor_is_asked_for_the_own_one() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    app.add_account(BEN).await;
    with_phone(&app, BEN).await;
    let mut browser = by_password(&app, GOOD).await;
    browser.get(LOST).await.assert_status(200);
    assert!(browser.cookies.contains_key("gatepost_lost"));
    shows_mailbox_of(&mut browser, BEN).await.assert_leads_to("/login/second-factor");
}

#[rocket::async_test]
async fn two_different_things_are_enough_in_either_order_and_one_of_them_is_not() {
    for password_first in [true, false] {
        let app = TestApp::new().await;
        ana_with_phone(&app).await;
        let mut browser = app.browser();
        let (first, offered) = if password_first {
            (shows_password(&mut browser, GOOD).await, "Email me a link")
        } else {
            (shows_mailbox(&mut browser).await, "Enter my password")
        };
        first.assert_leads_to("/login/second-factor");
        let button = "<a class=\"button second full\" href=\"/login/second-factor/lost\">";
        let page = browser.get("/login/second-factor").await;
        page.assert_shows("Can’t use any of these?").assert_hides(button);
        let before = app.dump().await;
        let page = browser.get(LOST).await;
        page.assert_shows("in one more way").assert_shows(offered).assert_hides("Remove my second factors in");
        assert_eq!(page.text().contains("Email me a link"), password_first);
        browser.post(LOST, &[]).await.assert_leads_to(LOST);
        assert_eq!(app.dump().await, before, "one thing starts nothing");
        let second =
            if password_first { shows_mailbox(&mut browser).await } else { shows_password(&mut browser, GOOD).await };
        second.assert_leads_to(LOST);
        let page = browser.get("/login/second-factor").await;
        assert!(page.body.contains(button), "the next step is easy to see: {}", page.body);
        browser.get(LOST).await.assert_shows("For your safety").assert_hides("Email me a link");
        browser.post(LOST, &[]).await.assert_leads_to(LOST);
        let recovery = under_way(&app).await.unwrap();
        assert_eq!((recovery.asked_by, recovery.asked_at), (AskedBy::Owner, app.services.now()));
        assert_eq!(recovery.due_at.since(recovery.asked_at), DAY);
        let page = browser.get(LOST).await;
        page.assert_shows("Your second factors will be removed").assert_shows(&short(recovery.due_at));
        assert_eq!(page.body.matches("<form").count(), 0, "and nothing here ends it");
        assert!(browser.is_signed_out().await && has_second_factor(&app).await);
    }
}

#[rocket::async_test]
async fn the_same_thing_twice_is_one_and_another_browsers_is_not_this_ones() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    let mut mailbox = app.browser();
    shows_mailbox(&mut mailbox).await.assert_leads_to("/login/second-factor");
    shows_mailbox(&mut mailbox).await.assert_leads_to("/login/second-factor");
    types_code(&mut mailbox).await.assert_leads_to("/login/second-factor");
    let mut password = by_password(&app, GOOD).await;
    shows_password(&mut password, GOOD).await.assert_leads_to("/login/second-factor");
    for browser in [&mut mailbox, &mut password] {
        browser.get(LOST).await.assert_shows("in one more way").assert_hides("Remove my second factors in");
        browser.post(LOST, &[]).await.assert_leads_to(LOST);
    }
    let mut stranger = app.browser();
    stranger.get(LOST).await.assert_leads_to("/login");
    stranger.post(LOST, &[]).await.assert_leads_to("/login");
    assert!(recoveries(&app).await.is_empty());
}

/// A proof counts for as long as a sign-in may wait. Showing the other proof again does not prolong
/// it.
#[rocket::async_test]
async fn two_things_have_to_be_shown_at_about_the_same_time() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    let mut browser = by_password(&app, GOOD).await;
    shows_mailbox(&mut browser).await;
    app.clock.advance(Lifetime::minutes(8));
    shows_mailbox(&mut browser).await;
    app.clock.advance(Lifetime::minutes(2));
    browser.post(LOST, &[]).await.assert_leads_to(LOST);
    assert!(recoveries(&app).await.is_empty());
}

/// Otherwise the mailbox alone would be enough: a new password by email, then the password and an
/// email.
#[rocket::async_test]
async fn a_password_chosen_by_mail_is_no_second_thing_until_it_was_used_beside_the_phone() {
    let app = TestApp::new().await;
    let (_ana, phone) = ana_with_phone(&app).await;
    app.clock.advance(Lifetime::minutes(6));
    let mut browser = app.browser();
    browser.post("/password/forgot", &[("email", ANA)]).await;
    browser.open(&last(&app, "/auth/reset?token=").await).await;
    browser.submit("/auth/reset", &[("new_password", OTHER)]).await.assert_status(200);
    shows_password(&mut browser, OTHER).await.assert_leads_to("/login/second-factor");
    let page = browser.get(LOST).await;
    page.assert_shows("through an email").assert_hides("Email me a link").assert_hides("Remove my second factors in");
    shows_mailbox(&mut browser).await.assert_leads_to("/login/second-factor");
    browser.get(LOST).await.assert_shows("through an email").assert_hides("Remove my second factors in");
    browser.post(LOST, &[]).await.assert_leads_to(LOST);
    assert!(recoveries(&app).await.is_empty());
    // A mailbox and a phone prove nothing about the password; a password and a phone do.
    shows_mailbox(&mut app.browser()).await;
    for (with_password, expected) in [(false, Some(true)), (true, Some(false))] {
        let mut browser = app.browser();
        if with_password {
            shows_password(&mut browser, OTHER).await;
        } else {
            shows_mailbox(&mut browser).await;
        }
        browser.post("/login/second-factor", &[("code", &phone.next_code(&app))]).await.assert_leads_to("/account");
        let id = account(&app).await.id;
        assert_eq!(app.read(move |connection| db::passwords::is_from_mail(connection, id)).await, expected);
    }
}

#[rocket::async_test]
async fn what_an_admin_has_switched_off_meanwhile_does_not_count() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    let mut browser = by_password(&app, GOOD).await;
    shows_mailbox(&mut browser).await;
    app.set("password_enabled", "off").await;
    browser.post(LOST, &[]).await.assert_leads_to(LOST);
    assert!(recoveries(&app).await.is_empty());
}

#[rocket::async_test]
async fn the_owner_is_told_at_the_beginning_and_at_the_end_and_all_of_it_is_in_the_log() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    asks(&app).await;
    let recovery = under_way(&app).await.unwrap();
    let mail = app.mail_to(ANA).await;
    assert_eq!(mail.subject, "Your second factors at Gatepost are about to be removed");
    assert!(mail.text.contains("Someone who knows your password") && mail.says_where(), "{}", mail.text);
    let html = mail.html.replace('\u{a0}', " ");
    let [asked_at, due_at] = [recovery.asked_at, recovery.due_at].map(|at| at.for_people().replace(", ", " at "));
    for words in [&asked_at, &due_at, "/auth/recovery?token="] {
        assert!(mail.words().contains(words) && html.contains(words), "{words}: {}", mail.text);
    }
    let [begun] = &lines(&app, Action::RecoveryBegun).await[..] else { panic!("one line") };
    assert!(matches!(&begun.actor, Actor::Account { email, .. } if email.as_str() == ANA));
    assert_eq!((begun.subject.as_str(), begun.after.clone()), (ANA, Some(recovery.due_at.rfc3339())));
    assert!(begun.client.is_some() && begun.request_id.is_some());
    nearly_a_day_later(&app, recovery.asked_at);
    app.clock.advance(Lifetime::seconds(1));
    tidy(&app).await;
    assert!(app.mail_to(ANA).await.subject.contains("Your second factors were removed"));
    let [done] = &lines(&app, Action::RecoveryDone).await[..] else { panic!("one line") };
    assert_eq!((&done.actor, done.subject.as_str()), (&Actor::Gatepost, ANA));
    assert!(!app.dump().await.contains(link_in(&mail, "/auth/recovery?token=").unwrap().split_once('=').unwrap().1));
}

#[rocket::async_test]
async fn nothing_is_removed_a_second_too_early_and_everything_in_time() {
    for by_housekeeping in [true, false] {
        let app = TestApp::new().await;
        let (mut ana, _) = ana_with_phone(&app).await;
        asks(&app).await;
        let begun_at = under_way(&app).await.unwrap().asked_at;
        nearly_a_day_later(&app, begun_at);
        tidy(&app).await;
        let mut waits = by_password(&app, GOOD).await;
        assert!(has_second_factor(&app).await && ana.is_signed_in_as(ANA).await);
        app.clock.advance(Lifetime::seconds(1));
        if by_housekeeping {
            tidy(&app).await;
            assert!(!has_second_factor(&app).await);
        }
        // A password alone, or a link alone, as before there was a second factor.
        shows_password(&mut app.browser(), GOOD).await.assert_leads_to("/account");
        assert!(!has_second_factor(&app).await);
        shows_mailbox(&mut app.browser()).await.assert_leads_to("/account");
        // Earlier sessions and waiting sign-ins have ended.
        assert!(ana.is_signed_out().await);
        waits.get("/login/second-factor").await.assert_leads_to("/login");
        assert_eq!(recoveries(&app).await[0].ended, Some((begun_at.plus(DAY), Outcome::Done)));
        assert_eq!(lines(&app, Action::RecoveryDone).await.len(), 1);
        assert_eq!(count_mails(&app, "were removed").await, 1);
    }
}

#[rocket::async_test]
async fn second_factors_go_and_nothing_else() {
    let app = TestApp::new().await;
    app.set("trusted_devices_enabled", "on").await;
    let (mut ana, phone) = ana_with_phone(&app).await;
    ana.post("/account/name", &[("name", "Ana María")]).await;
    let mut trusted = by_password(&app, GOOD).await;
    let fields = [("code", phone.next_code(&app)), ("trust", "on".to_owned())].map(|(name, value)| (name, value));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    trusted.post("/login/second-factor", &fields).await.assert_leads_to("/account");
    let id = account(&app).await.id.as_i64();
    app.write(move |connection| {
        run(connection, &format!("INSERT INTO totp_failures (account_id, wrong, paused_until) VALUES ({id}, 100, 0)"))?;
        let columns = "id, account_id, credential_id, name, aaguid, credential, added_at";
        run(connection, &format!("INSERT INTO passkeys ({columns}) VALUES (7, {id}, 'a', 'Key', '', '{{}}', 1)"))
    })
    .await;
    let tables = ["totp_authenticators", "totp_failures", "passkeys", "recovery_code", "trusted_devices", "sessions"];
    let has = |dump: &str, table: &str| dump.lines().any(|line| line.starts_with(table));
    let before = app.dump().await;
    tables.iter().for_each(|table| assert!(has(&before, table), "{table}"));
    let account_before = account(&app).await;
    begin(&app, AskedBy::CommandLine).await;
    app.clock.advance(DAY);
    tidy(&app).await;
    let after = app.dump().await;
    tables.iter().for_each(|table| assert!(!has(&after, table), "{table}"));
    let kept = |dump: &str, table: &str| dump.lines().find(|line| line.starts_with(table)).unwrap().to_owned();
    for table in ["passwords", "accounts"] {
        assert_eq!(kept(&after, table), kept(&before, table));
    }
    let after = account(&app).await;
    assert_eq!(
        (after.email, after.name, after.proven_at),
        (account_before.email, account_before.name, account_before.proven_at)
    );
    shows_password(&mut trusted, GOOD).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn where_a_second_factor_is_required_the_first_thing_to_do_is_to_set_up_another() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    app.set("second_factor_required", "everyone").await;
    asks(&app).await;
    app.clock.advance(DAY);
    let mut browser = app.browser();
    shows_password(&mut browser, GOOD).await.assert_leads_to("/account");
    browser.get("/account").await.assert_leads_to("/account/security");
    Phone::set_up_in(&mut browser).await;
    assert!(browser.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn a_second_request_neither_lengthens_nor_shortens_the_wait_and_mails_nothing() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    let mut first = asks(&app).await;
    let recovery = under_way(&app).await.unwrap();
    let presses = (0..20).map(|_| {
        let mut tab = Browser { cookies: first.cookies.clone(), ..app.browser() };
        async move { tab.post(LOST, &[]).await.assert_leads_to(LOST).status.code }
    });
    join_all(presses).await;
    first.post(LOST, &[]).await.assert_leads_to(LOST);
    app.clock.advance(Lifetime::hours(12));
    asks(&app).await;
    for asked_by in [AskedBy::Admin, AskedBy::CommandLine] {
        assert!(matches!(begin(&app, asked_by).await, people::Begun::Before(before) if before.id == recovery.id));
    }
    let still = under_way(&app).await.unwrap();
    assert_eq!((still.id, still.due_at, still.asked_by), (recovery.id, recovery.due_at, AskedBy::Owner));
    assert_eq!(count_mails(&app, "about to be removed").await, 1);
    assert_eq!(lines(&app, Action::RecoveryBegun).await.len(), 1);
}

#[rocket::async_test]
async fn of_many_requests_at_once_one_begins_it() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    let mut browser = by_password(&app, GOOD).await;
    shows_mailbox(&mut browser).await;
    let presses = (0..50).map(|_| {
        let mut tab = Browser { cookies: browser.cookies.clone(), ..app.browser() };
        async move { tab.post(LOST, &[]).await.status.code }
    });
    assert!(join_all(presses).await.into_iter().all(|code| code == 303));
    assert_eq!((recoveries(&app).await.len(), lines(&app, Action::RecoveryBegun).await.len()), (1, 1));
    assert_eq!(count_mails(&app, "about to be removed").await, 1);
}

#[rocket::async_test]
async fn of_many_who_finish_it_one_does() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    begin(&app, AskedBy::Admin).await;
    app.clock.advance(DAY);
    let all = join_all((0..50).map(|_| housekeeping::finish_recoveries(&app.services))).await;
    all.into_iter().for_each(|done| done.unwrap());
    assert_eq!(lines(&app, Action::RecoveryDone).await.len(), 1);
    assert_eq!(count_mails(&app, "were removed").await, 1);
}

/// Until the end it can be cancelled, completely or not at all.
#[rocket::async_test]
async fn a_no_at_the_very_end_and_the_end_itself_never_both_happen() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    begin(&app, AskedBy::Admin).await;
    app.clock.advance(DAY);
    let account = account(&app).await;
    let finish = || async {
        let account = account.clone();
        let finish = app.transact(move |tx| {
            tx.lock(&account.email)?;
            people::finish_recovery(tx, &account)
        });
        finish.await
    };
    let cancel = || async {
        let account = account.clone();
        app.transact(move |tx| people::cancel_recovery(tx, &account)).await
    };
    let all = (0..25).map(|_| rocket::futures::future::join(cancel(), finish()));
    let all = join_all(all).await;
    let cancelled = all.iter().filter(|(cancelled, _)| *cancelled).count();
    let finished = all.iter().filter(|(_, finished)| *finished).count();
    assert_eq!(cancelled + finished, 1);
    assert_eq!(has_second_factor(&app).await, cancelled == 1);
    assert_eq!(count_mails(&app, "were removed").await, finished);
    assert_eq!(count_mails(&app, "were kept").await, cancelled);
}

#[rocket::async_test]
async fn the_link_in_the_mail_ends_it_on_any_device_and_only_by_its_button() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    asks(&app).await;
    let link = last(&app, "/auth/recovery?token=").await;
    let mut elsewhere = app.browser().at("192.0.2.9");
    let before = app.dump().await;
    for method in [Method::Get, Method::Head, Method::Options] {
        elsewhere.request(method, &link, None).await;
        elsewhere.request(method, "/auth/recovery", None).await;
    }
    elsewhere.get(&link).await.assert_leads_to("/auth/recovery");
    elsewhere
        .get("/auth/recovery")
        .await
        .assert_status(200)
        .assert_shows("Keep your second factors?")
        .assert_shows(ANA);
    assert_eq!(app.dump().await, before, "a robot that opens links changes nothing");
    elsewhere.post("/auth/recovery", &[("recovery", "0123456789abcdef")]).await.assert_leads_to("/auth/recovery");
    assert_eq!(app.dump().await, before, "another page's button neither");
    elsewhere.submit("/auth/recovery", &[]).await.assert_status(200).assert_shows("Nothing was removed");
    assert!(under_way(&app).await.is_none());
    assert_eq!(recoveries(&app).await[0].ended.map(|(_, outcome)| outcome), Some(Outcome::Cancelled));
    assert!(app.mail_to(ANA).await.subject.contains("Your second factors were kept"));
    let [line] = &lines(&app, Action::RecoveryCancelled).await[..] else { panic!("one line") };
    assert_eq!((&line.actor, line.after.as_deref()), (&Actor::Visitor, Some("mailed link")));
    app.browser().open(&link).await.assert_status(410).assert_shows("Nothing was removed");
    elsewhere.post("/auth/recovery", &[]).await.assert_status(410).assert_shows("Nothing was removed");
    app.clock.advance(DAY);
    tidy(&app).await;
    assert!(has_second_factor(&app).await);
    by_password(&app, GOOD).await;
    app.clock.advance(Lifetime::days(7));
    tidy(&app).await;
    app.browser().open(&link).await.assert_status(404).assert_shows("isn’t valid");
}

/// A worker may die after the server accepted its email. The email is then sent again, and each
/// copy has to work.
#[rocket::async_test]
async fn each_link_of_a_mail_that_was_sent_twice_ends_it() {
    for first in [true, false] {
        let app = TestApp::new().await;
        ana_with_phone(&app).await;
        asks(&app).await;
        let link = last(&app, "/auth/recovery?token=").await;
        let (id, token) = (under_way(&app).await.unwrap().id, Token::issue(&*app.services.entropy));
        let hash = token.hash();
        assert!(app.write(move |connection| db::recoveries::mint_cancel(connection, id, &hash)).await);
        let second = format!("/auth/recovery?token={}", token.reveal());
        let mut browser = app.browser();
        browser.open(if first { &link } else { &second }).await.assert_shows("Keep your second factors?");
        browser.submit("/auth/recovery", &[]).await.assert_status(200);
        assert!(under_way(&app).await.is_none());
        let hash = Token::issue(&*app.services.entropy).hash();
        assert!(!app.write(move |connection| db::recoveries::mint_cancel(connection, id, &hash)).await);
    }
}

#[rocket::async_test]
async fn an_old_mails_link_ends_no_later_recovery() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    asks(&app).await;
    let old = last(&app, "/auth/recovery?token=").await;
    let mut browser = app.browser();
    browser.open(&old).await;
    browser.submit("/auth/recovery", &[]).await.assert_status(200);
    app.clock.advance(Lifetime::hours(1));
    asks(&app).await;
    browser.open(&old).await.assert_status(410);
    browser.post("/auth/recovery", &[]).await.assert_status(410);
    assert!(under_way(&app).await.is_some());
}

#[rocket::async_test]
async fn showing_the_second_factor_ends_it_and_a_browser_that_remembers_it_does_not() {
    let app = TestApp::new().await;
    app.set("trusted_devices_enabled", "on").await;
    let (mut ana, phone) = ana_with_phone(&app).await;
    let mut trusted = by_password(&app, GOOD).await;
    let code = phone.next_code(&app);
    trusted.post("/login/second-factor", &[("code", &code), ("trust", "on")]).await.assert_leads_to("/account");
    begin(&app, AskedBy::Admin).await;
    trusted.post("/logout", &[]).await;
    shows_password(&mut trusted, GOOD).await.assert_leads_to("/account");
    let mut waits = by_password(&app, GOOD).await;
    waits.post("/login/second-factor", &[("code", "000000")]).await.assert_status(422);
    assert!(under_way(&app).await.is_some());
    // At a sign-in.
    app.clock.advance(Lifetime::minutes(10));
    waits.post("/login/second-factor", &[("code", &phone.next_code(&app))]).await.assert_leads_to("/account");
    assert!(under_way(&app).await.is_none());
    // In a session that steps up, as the account page asks for.
    begin(&app, AskedBy::Admin).await;
    ana.get("/account").await.assert_shows("Someone wants to remove your second factors");
    ana.post("/account/recovery/cancel", &[]).await.assert_leads_to("/step-up?then=%2Faccount");
    assert!(under_way(&app).await.is_some());
    let code = phone.next_code(&app);
    ana.post("/step-up/second-factor", &[("code", &code), ("then", "/account")]).await.assert_leads_to("/account");
    assert!(under_way(&app).await.is_none());
    assert_eq!(count_mails(&app, "Your second factors were kept").await, 2);
    let said = lines(&app, Action::RecoveryCancelled).await.into_iter().filter_map(|line| line.after);
    let mut said: Vec<_> = said.collect();
    said.sort();
    assert_eq!(said, ["second factor shown", "second factor shown"]);
    app.clock.advance(DAY);
    tidy(&app).await;
    assert!(has_second_factor(&app).await);
}

/// The pages of an account, and an admin's own, on which its owner sees the alarm.
const ALARMED: [&str; 15] = [
    "/account",
    "/account/address",
    "/account/close",
    "/account/security",
    "/account/sessions",
    "/account/apps",
    "/account/activity",
    "/account/activity/not-me",
    "/account/your-data",
    "/step-up",
    "/account/totp",
    "/account/passkeys",
    "/account/recovery-codes",
    "/account/sessions/revoke-others",
    "/admin",
];

#[rocket::async_test]
async fn the_alarm_says_who_asked_when_and_where_on_every_page_of_the_account() {
    let app = TestApp::new().await;
    let (mut ana, _phone) = ana_with_phone(&app).await;
    let id = app.account_of(ANA).await.unwrap().id;
    app.write(move |connection| db::accounts::set_admin(connection, id, true)).await;
    app.a_second_later();
    for page in ALARMED {
        let shown = ana.get(page).await;
        assert_eq!(shown.status.code, 200, "{page}");
        shown.assert_hides("Someone wants to remove");
    }
    asks(&app).await;
    for page in ALARMED {
        let page = ana.get(page).await;
        page.assert_shows("Someone wants to remove your second factors").assert_shows("Keep my second factors");
        page.assert_shows("someone signed in two other ways").assert_shows("We’ll remove them on");
        page.assert_shows("Requested from: Firefox on Linux").assert_shows("203.0.113.7");
        assert!(page.body.contains("role=\"alert\" aria-labelledby=\"alarm\""), "{}", page.body);
    }
    for (path, status) in [("/account/unknown", 404), ("/admin/people/1", 404)] {
        ana.get(path).await.assert_status(status).assert_shows("Someone wants to remove your second factors");
    }
    // Its own page asks the same question.
    ana.open(&last(&app, "/auth/recovery?token=").await).await.assert_hides("Someone wants to remove");
    ana.post("/auth/recovery", &[]).await;
    ana.get("/account").await.assert_hides("Someone wants to remove");

    app.clock.advance(DAY);
    begin(&app, AskedBy::Admin).await;
    app.a_second_later();
    let page = ana.get("/account").await;
    page.assert_shows("an admin told us that you’ve lost them").assert_hides("Requested from:");
}

/// After the waiting period and before the removal, the factor said to be lost is still there.
#[rocket::async_test]
async fn a_code_that_was_on_its_way_when_the_time_was_over_still_keeps_everything() {
    let app = TestApp::new().await;
    let (_ana, phone) = ana_with_phone(&app).await;
    begin(&app, AskedBy::Admin).await;
    app.clock.advance(Lifetime::seconds(24 * 3600 - 31));
    let mut browser = by_password(&app, GOOD).await;
    app.clock.advance(Lifetime::seconds(2));
    browser.post("/login/second-factor", &[("code", &phone.next_code(&app))]).await.assert_leads_to("/account");
    tidy(&app).await;
    assert!(has_second_factor(&app).await && browser.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn an_admin_starts_and_ends_it_after_a_fresh_proof_and_cannot_shorten_it() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    app.add_admin(BEN).await;
    let mut ben = app.signed_in(BEN).await;
    let person = format!("/admin/people/{}", account(&app).await.id);
    let (start, cancel) = (format!("{person}/recovery/start"), format!("{person}/recovery/cancel"));
    ben.get(&person).await.assert_shows("Authenticator app: My phone").assert_shows("Start recovery");
    app.clock.advance(Lifetime::minutes(11));
    assert_eq!(ben.post(&start, &[]).await.then(), start);
    assert!(under_way(&app).await.is_none());
    ben.step_up(BEN).await;
    let done = person.clone();
    ben.post(&start, &[]).await.assert_leads_to(&done);
    let recovery = under_way(&app).await.unwrap();
    assert_eq!(recovery.asked_by, AskedBy::Admin);
    app.clock.advance(Lifetime::minutes(5));
    ben.post(&start, &[]).await.assert_leads_to(&done);
    assert_eq!(under_way(&app).await.unwrap().due_at, recovery.due_at);
    let page = ben.get(&person).await;
    page.assert_shows(&short(recovery.due_at))
        .assert_shows("An admin started a recovery")
        .assert_hides("Start recovery");
    let mail = app.mail_to(ANA).await;
    assert!(mail.subject.contains("about to be removed"));
    assert!(mail.text.contains("An admin told us") && !mail.text.contains("Firefox"), "{}", mail.text);
    let [begun] = &lines(&app, Action::RecoveryBegun).await[..] else { panic!("one line") };
    assert!(matches!(&begun.actor, Actor::Account { email, .. } if email.as_str() == BEN) && begun.subject == ANA);
    ben.post(&cancel, &[]).await.assert_leads_to(&person);
    ben.post(&cancel, &[]).await.assert_leads_to(&person);
    assert!(under_way(&app).await.is_none());
    assert_eq!(lines(&app, Action::RecoveryCancelled).await.len(), 1);
    assert_eq!(count_mails(&app, "were kept").await, 1);
    // No other user, no user for themself, and nothing if there is nothing to cancel.
    app.signed_in(ANA).await;
    let mut eve = app.browser();
    eve.post(&start, &[]).await.assert_status(303);
    let own = format!("/admin/people/{}/recovery/start", app.account_of(BEN).await.unwrap().id);
    ben.post(&own, &[]).await.assert_status(409).assert_shows("your own account");
    app.add_account("eve@example.com").await;
    let other = format!("/admin/people/{}", app.account_of("eve@example.com").await.unwrap().id);
    ben.get(&other).await.assert_hides("Start recovery");
    ben.post(&format!("{other}/recovery/start"), &[]).await.assert_status(409).assert_shows("no second factor");
    assert!(under_way(&app).await.is_none());
}

#[rocket::async_test]
async fn the_recovery_of_a_disabled_account_waits_and_starts_anew_when_it_is_enabled() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    app.add_admin(BEN).await;
    asks(&app).await;
    let mut ben = app.signed_in(BEN).await;
    let person = format!("/admin/people/{}", account(&app).await.id);
    let begun = under_way(&app).await.unwrap();
    ben.post(&format!("{person}/disable"), &[]).await.assert_status(303);
    ben.post(&format!("{person}/recovery/start"), &[]).await.assert_status(409);
    app.clock.advance(DAY);
    tidy(&app).await;
    assert_eq!(under_way(&app).await.map(|recovery| recovery.id), Some(begun.id), "neither ended nor done");
    let (account, now) = (account(&app).await, app.services.now());
    app.transact(move |tx| people::enable(tx, &account)).await;
    tidy(&app).await;
    by_password(&app, GOOD).await;
    assert!(has_second_factor(&app).await, "the owner has the whole waiting period again");
    assert_eq!(under_way(&app).await.map(|recovery| recovery.due_at), Some(now.plus(DAY)));
    assert_eq!(count_mails(&app, "about to be removed").await, 2);
    nearly_a_day_later(&app, now);
    app.clock.advance(Lifetime::seconds(1));
    tidy(&app).await;
    assert!(!has_second_factor(&app).await);
}

#[rocket::async_test]
async fn moving_the_account_ends_no_recovery_and_its_link_goes_to_the_former_mailbox() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let (mut ana, _) = with_phone(&app, ANA).await;
    // A factor set up at the very moment of the move would go with it.
    app.clock.advance(Lifetime::seconds(1));
    begin(&app, AskedBy::Admin).await;
    ana.post("/account/address", &[("new_email", "ana@new.example")]).await.assert_status(303);
    let link = app.mail_to("ana@new.example").await.link();
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_status(303);
    let moved = app.account_of("ana@new.example").await.unwrap();
    let id = moved.id;
    assert!(app.read(move |connection| db::recoveries::under_way(connection, id)).await.is_some());
    app.write(move |connection| db::recoveries::cancel(connection, id, moved.created_at)).await;
    let moved = app.account_of("ana@new.example").await.unwrap();
    app.transact(move |tx| people::begin_recovery(tx, &moved, AskedBy::Admin)).await;
    let told: Vec<_> =
        app.mails_to(ANA).await.iter().filter_map(|mail| link_in(mail, "/auth/recovery?token=")).collect();
    assert_eq!(told.len(), 2);
    let news = app.mail_to("ana@new.example").await;
    assert!(news.subject.contains("about to be removed") && !news.text.contains("/auth/recovery"), "{}", news.text);
    let undo = app.mails_to(ANA).await.iter().rev().find_map(|mail| link_in(mail, "/auth/undo?token=")).unwrap();
    let mut owner = app.browser();
    owner.open(&undo).await;
    owner.post("/auth/undo", &[]).await.assert_leads_to("/auth/undo");
    assert!(under_way(&app).await.is_some(), "an admin's recovery goes on");
    assert!(has_second_factor(&app).await);
}

#[rocket::async_test]
async fn nobody_can_flood_the_owner_and_a_thief_keeps_no_admin_from_helping() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let mut thief = by_password(&app, GOOD).await;
        shows_mailbox(&mut thief).await;
        statuses.push(thief.post(LOST, &[]).await.status.code);
        if let Some(recovery) = under_way(&app).await {
            assert_eq!(recovery.asked_by, AskedBy::Owner);
            let mut browser = app.browser();
            browser.open(&last(&app, "/auth/recovery?token=").await).await;
            browser.submit("/auth/recovery", &[]).await.assert_status(200);
        }
        app.clock.advance(Lifetime::minutes(10));
    }
    assert_eq!(statuses, [303, 303, 303, 429, 429]);
    assert_eq!(count_mails(&app, "about to be removed").await, 3);
    assert!(matches!(begin(&app, AskedBy::Admin).await, people::Begun::Now(_)));
    let of = account(&app).await;
    app.transact(move |tx| people::cancel_recovery(tx, &of)).await;
    app.clock.advance(DAY);
    asks(&app).await;
    assert!(under_way(&app).await.is_some());
}

/// A browser with only a password must not learn when the password will be enough.
#[rocket::async_test]
async fn a_password_alone_does_not_learn_that_a_recovery_is_under_way() {
    let app = TestApp::new().await;
    ana_with_phone(&app).await;
    let mut before = by_password(&app, GOOD).await;
    let unknowing = before.get(LOST).await.text();
    asks(&app).await;
    let mut after = by_password(&app, GOOD).await;
    assert_eq!(after.get(LOST).await.text(), unknowing);
    let mut mailbox = at_the_second_factor(&app, ANA).await;
    mailbox.get(LOST).await.assert_shows("Your second factors will be removed");
}

/// A token of one purpose is worthless for every other purpose.
#[rocket::async_test]
async fn the_link_of_a_recovery_is_worth_nothing_elsewhere_and_other_links_end_none() {
    let app = TestApp::new().await;
    let (mut ana, phone) = ana_with_phone(&app).await;
    let code = phone.next_code(&app);
    ana.post("/step-up/second-factor", &[("code", &code), ("then", "/account")]).await.assert_leads_to("/account");
    ana.post("/account/address", &[("new_email", "ana@new.example")]).await.assert_status(303);
    asks(&app).await;
    let link = last(&app, "/auth/recovery?token=").await;
    let token = link.split_once("token=").unwrap().1;
    let mut browser = app.browser();
    for path in ["/auth/verify", "/auth/cancel", "/auth/undo", "/auth/reset", "/setup"] {
        let page = browser.open(&format!("{path}?token={token}")).await;
        assert!([404, 410].contains(&page.status.code), "{path}: {}", page.text());
        let fields: &[(&str, &str)] = match path {
            "/setup" => &[("email", BEN)],
            "/auth/reset" => &[("new_password", OTHER)],
            _ => &[],
        };
        let page = browser.post(path, fields).await;
        assert!([404, 410].contains(&page.status.code), "{path}: {}", page.text());
    }
    app.clock.advance(Lifetime::minutes(16));
    browser.post("/login", &[("email", ANA)]).await;
    browser.post("/password/forgot", &[("email", ANA)]).await;
    let confirm = app.mail_to("ana@new.example").await.link();
    let others = [
        last(&app, "/auth/verify?token=").await,
        last(&app, "/auth/cancel?token=").await,
        last(&app, "/auth/reset?token=").await,
        confirm,
        crate::set_up::console_link(&app, ANA).await,
        format!("/auth/verify?token={}", Token::issue(&*app.services.entropy).reveal()),
    ];
    for link in others {
        let token = link.split_once("token=").unwrap().1;
        browser.open(&format!("/auth/recovery?token={token}")).await.assert_status(404).assert_shows("isn’t valid");
        browser.post("/auth/recovery", &[]).await.assert_status(404);
    }
    app.browser().post("/auth/recovery", &[]).await.assert_status(404);
    assert!(under_way(&app).await.is_some());
    assert!(app.account_of("ana@new.example").await.is_none() && app.account_of(BEN).await.is_none());
    assert_eq!(address(ANA), account(&app).await.email);
}

/// An attacker who once read the mailbox may have set a password there for later.
#[rocket::async_test]
async fn a_password_from_before_the_second_factor_is_no_other_thing_than_the_mailbox_until_used_beside_it() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    app.a_second_later();
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/password", &[("new_password", GOOD)]).await.assert_leads_to("/account");
    let phone = Phone::set_up_in(&mut ana).await;
    let mut thief = by_password(&app, GOOD).await;
    shows_mailbox(&mut thief).await.assert_leads_to("/login/second-factor");
    thief.get(LOST).await.assert_shows("or before you had a second factor").assert_hides("Remove my second factors in");
    thief.post(LOST, &[]).await.assert_leads_to(LOST);
    app.clock.advance(Lifetime::minutes(16));
    let mut owner = by_password(&app, GOOD).await;
    let code = phone.next_code(&app);
    owner.post("/login/second-factor", &[("code", &code)]).await.assert_leads_to("/account");
    app.clock.advance(Lifetime::minutes(16));
    let mut browser = by_password(&app, GOOD).await;
    shows_mailbox(&mut browser).await.assert_leads_to("/login/second-factor");
    browser.get(LOST).await.assert_shows("Remove my second factors in");
}

/// Housekeeping skips such an account, and every other caller finds it waiting, too.
#[rocket::async_test]
async fn nobody_finishes_the_recovery_of_a_disabled_account() {
    let app = TestApp::new().await;
    let id = app.add_account("ana@example.com").await.id;
    app.transact(move |tx| {
        crate::database::add_passkey(tx.connection, 901, id)?;
        let account = db::accounts::find(tx.connection, id)?.unwrap();
        people::begin_recovery(tx, &account, AskedBy::Admin)?;
        db::accounts::set_disabled(tx.connection, id, Some(tx.now))?;
        tx.now = tx.now.plus(Lifetime::hours(24));
        let disabled = db::accounts::find(tx.connection, id)?.unwrap();
        assert!(!people::finish_recovery(tx, &disabled)?);
        db::accounts::set_disabled(tx.connection, id, None)?;
        let enabled = db::accounts::find(tx.connection, id)?.unwrap();
        assert!(people::finish_recovery(tx, &enabled)?);
        Ok(())
    })
    .await;
}
