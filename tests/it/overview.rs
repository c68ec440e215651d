//! The admins' overview: what is left to set up, what needs attention, and numbers.

use crate::{
    browser::Browser,
    harness::{Setup, TestApp},
    smtp_sink::{Misbehaviour, Security, SmtpSink, Step},
};
use gatepost::{
    db::{self, last_times::Noted},
    domain::{Lifetime, sign_ins::Kind},
    housekeeping,
};
use std::{fs, os::unix::fs::PermissionsExt};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

async fn app_with_ana() -> TestApp {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    app
}

#[rocket::async_test]
async fn the_checklist_is_shown_until_all_is_done() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    // Gatepost cannot see whether a PostgreSQL server is backed up.
    let steps = if db::disk::is_here(&app.services.config.database_url) { 6 } else { 5 };
    ana.get("/admin")
        .await
        .assert_shows(&format!("Finish setting up 0 of {steps} done"))
        .assert_shows("Choose a name , so that users know where they’re signing in (to do)");
    app.set("product_name", "Acme").await;
    app.a_second_later();
    ana.get("/admin").await.assert_shows("Choose a name , so that users know where they’re signing in (done)");
}

#[rocket::async_test]
async fn the_checklist_goes_once_all_is_done() {
    let app = Setup::new().with("GATEPOST_MAIL_URL", "smtp://127.0.0.1:1?tls=none").start().await;
    let id = app.add_admin(ANA).await.id;
    app.add_admin(BEN).await;
    let now = app.services.now();
    app.write(move |connection| {
        db::accounts::mark_proven(connection, id, now)?;
        db::last_times::note(connection, Noted::TestEmailOpened, now)
    })
    .await;
    app.set("product_name", "Acme").await;
    app.a_second_later();
    let mut ana = app.browser();
    let link = crate::set_up::console_link(&app, ANA).await;
    open(&mut ana, &link).await;
    crate::passkey_pages::adds_a_passkey(&mut ana).await;
    let is_file = db::disk::is_here(&app.services.config.database_url);
    let left = ana.get("/admin").await;
    left.assert_shows(if is_file { "Finish setting up 4 of 6 done" } else { "Finish setting up 4 of 5 done" });
    left.assert_shows("Add a logo (to do)")
        .assert_shows("Make someone else an admin , so that you aren’t the only one (done)");
    app.write(move |connection| db::last_times::note(connection, Noted::Backup, now)).await;
    ana.upload("/admin/settings/logo", "logo", include_bytes!("../../static/icon.png")).await.assert_status(303);
    app.a_second_later();
    ana.get("/admin").await.assert_status(200).assert_hides("Finish setting up").assert_hides("(to do)");
}

#[rocket::async_test]
async fn emails_that_wait_for_five_minutes_and_a_backup_of_seven_days_are_fine_and_a_second_more_is_not() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/admin/mail/test", &[]).await.assert_status(303);
    app.clock.advance(Lifetime::minutes(5));
    ana.get("/admin").await.assert_hides("Emails have been waiting since");
    app.clock.advance(Lifetime::seconds(1));
    ana.get("/admin").await.assert_shows("Emails have been waiting since");
    app.deliver().await;
    ana.get("/admin").await.assert_hides("Emails have been waiting since");
    let now = app.services.now();
    let backup =
        |age: Lifetime| app.write(move |connection| db::last_times::note(connection, Noted::Backup, now.minus(age)));
    backup(Lifetime::days(7)).await;
    ana.get("/admin").await.assert_hides("The last backup");
    backup(Lifetime::seconds(7 * 86_400 + 1)).await;
    ana.get("/admin").await.assert_shows("The last backup");
}

/// The link may have come from the console, or before there was an email server.
#[rocket::async_test]
async fn a_sign_in_by_email_does_not_count_as_working_email_but_an_opened_test_email_does() {
    let app = Setup::new().with("GATEPOST_MAIL_URL", "smtp://127.0.0.1:1?tls=none").start().await;
    let id = app.add_admin(ANA).await.id;
    let now = app.services.now();
    app.write(move |connection| db::accounts::mark_proven(connection, id, now)).await;
    let mut ana = app.browser();
    let link = crate::set_up::console_link(&app, ANA).await;
    open(&mut ana, &link).await;
    assert!(app.account_of(ANA).await.unwrap().proven_at.is_some());
    let step = async |ana: &mut Browser<'_>| {
        let page = ana.get("/admin").await;
        let steps = page.body.split("href=\"/admin/mail\"");
        let done = |part: &str| part.split("</li>").next().unwrap_or_default().contains("(done)");
        steps.skip(1).any(done)
    };
    assert!(!step(&mut ana).await);
    app.write(move |connection| db::last_times::note(connection, Noted::TestEmailOpened, now)).await;
    assert!(step(&mut ana).await);
}

/// Before emails work, the list of steps says so, and one note about emails is enough.
#[rocket::async_test]
async fn an_admin_is_told_to_verify_their_address_once_an_email_can_reach_them() {
    let app = Setup::new().with("GATEPOST_MAIL_URL", "smtp://127.0.0.1:1?tls=none").start().await;
    app.add_admin(ANA).await;
    let mut ana = app.browser();
    let link = crate::set_up::console_link(&app, ANA).await;
    open(&mut ana, &link).await;
    let now = app.services.now();
    ana.get("/admin").await.assert_hides("isn’t verified yet");
    app.write(move |connection| db::last_times::note(connection, Noted::TestEmailOpened, now)).await;
    ana.get("/admin").await.assert_shows("Your email address isn’t verified yet. Verify it now");
    app.set("email_link_enabled", "off").await;
    app.a_second_later();
    ana.get("/admin").await.assert_hides("isn’t verified yet");
}

#[rocket::async_test]
async fn what_needs_attention_is_said_gravest_first_and_nothing_when_all_is_well() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/admin").await;
    for quiet in ["No admin can sign in", "have been waiting since", "key file", "The last backup", "been no backup"] {
        assert!(!page.text().contains(quiet), "{quiet}: {}", page.text());
    }
    fs::set_permissions(app.services.keys.path(), fs::Permissions::from_mode(0o644)).unwrap();
    ana.post("/admin/mail/test", &[]).await.assert_status(303);
    let now = app.services.now();
    app.write(move |connection| db::last_times::note(connection, Noted::Backup, now)).await;
    app.clock.advance(Lifetime::days(8));
    app.set("email_link_enabled", "off").await;
    let mut ana = app.browser();
    let link = crate::set_up::console_link(&app, ANA).await;
    open(&mut ana, &link).await;
    let page = ana.get("/admin").await.text();
    let places: Vec<_> =
        ["No admin can sign in any more", "Emails have been waiting since", "can read the key file", "The last backup"]
            .map(|words| page.find(words).unwrap_or_else(|| panic!("{words}: {page}")))
            .into();
    assert!(places.is_sorted(), "{page}");
}

async fn open(browser: &mut Browser<'_>, link: &str) {
    let page = browser.get(link).await;
    page.assert_status(303);
    browser.post("/auth/verify", &[]).await.assert_status(303);
}

#[rocket::async_test]
async fn sign_ins_are_counted_by_day_and_method_before_and_after_housekeeping() {
    let app = app_with_ana().await;
    app.signed_in(ANA).await;
    app.clock.advance(Lifetime::days(1));
    for _ in 0..2 {
        app.signed_in(ANA).await;
    }
    app.set("password_enabled", "on").await;
    app.a_second_later();
    app.browser()
        .post("/login/password", &[("email", ANA), ("password", "a wrong password"), ("return_to", "/")])
        .await;
    let numbers = async || {
        let now = app.services.now();
        let days = app.read(move |connection| db::sign_in_hours::of_days(connection, now, 30)).await;
        assert_eq!(days.len(), 30);
        days.into_iter().rev().take(3).map(|(_, day)| (day.all(), day.failed())).collect::<Vec<_>>()
    };
    assert_eq!(numbers().await, [(2, 0), (1, 0), (0, 0)], "the failed one is in memory until housekeeping");
    for _ in 0..20 {
        housekeeping::round(&app.services).await.unwrap();
    }
    assert_eq!(numbers().await, [(2, 1), (1, 0), (0, 0)]);
    app.clock.advance(Lifetime::hours(2));
    housekeeping::round(&app.services).await.unwrap();
    // The lines may go: what is over has been counted.
    app.write(|connection| Ok(diesel::connection::SimpleConnection::batch_execute(connection, "DELETE FROM audit")?))
        .await;
    assert_eq!(numbers().await[1..], [(1, 0), (0, 0)]);
    assert_eq!(Kind::of("email_link"), Kind::Email);
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/admin").await;
    page.assert_shows("Sign-ins in the last 30 days").assert_shows("Most on one day");
    assert!(
        page.body.contains("<rect class=\"bar-email\"") && page.body.contains("<th scope=\"row\">"),
        "{}",
        page.body
    );
}

#[rocket::async_test]
async fn delivery_tells_how_long_half_of_the_emails_took() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    ana.get("/admin")
        .await
        .assert_shows("Emails in the last 24 hours")
        .assert_shows("In the test mailbox 1 Waiting 0")
        .assert_shows("It was accepted within")
        .assert_hides("Accepted by the email server");
    for (wait, email) in [(9, BEN), (1, "carl@example.com"), (4, "dan@example.com")] {
        app.add_account(email).await;
        app.browser().post_only("/login", &[("email", email), ("return_to", "/")]).await.assert_status(303);
        app.clock.advance(Lifetime::seconds(wait));
        app.deliver().await;
    }
    // With the sign-in of this admin, whose email did not wait.
    ana.get("/admin").await.assert_shows("Half of them were accepted within 4 seconds");
    // More than two minutes read better in minutes.
    for email in ["eve@example.com", "fay@example.com"] {
        app.add_account(email).await;
    }
    for email in [BEN, "carl@example.com", "dan@example.com", "eve@example.com", "fay@example.com"] {
        app.browser().post_only("/login", &[("email", email), ("return_to", "/")]).await.assert_status(303);
    }
    app.clock.advance(Lifetime::seconds(130));
    app.deliver().await;
    ana.get("/admin").await.assert_shows("Half of them were accepted within 3 minutes");
}

#[rocket::async_test]
async fn delivery_tells_what_the_email_server_accepted_and_what_failed_within_a_day() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = Setup::new().with("GATEPOST_MAIL_URL", &sink.url("?tls=none")).start().await;
    app.add_admin(ANA).await;
    let mut ana = crate::set_up::console_session(&app, ANA).await;
    let asks = async || {
        app.browser().post_only("/login", &[("email", ANA), ("return_to", "/")]).await.assert_status(303);
        app.deliver().await;
    };
    sink.misbehave(Step::Rcpt, Misbehaviour::Say("550 5.1.1 no such user"), "");
    asks().await;
    sink.behave();
    let failed = ana.get("/admin").await;
    failed.assert_shows("Accepted by the email server 0 Waiting 0").assert_shows("Emails failed 1");
    failed.assert_shows("email couldn’t be");
    asks().await;
    ana.get("/admin").await.assert_shows("Accepted by the email server 1 Waiting 0");
    app.clock.advance(Lifetime::hours(25));
    let mut later = crate::set_up::console_session(&app, ANA).await;
    // What failed earlier still needs an admin, as the tile says.
    let page = later.get("/admin").await;
    page.assert_shows("Emails failed 1").assert_shows("Accepted by the email server 0 Waiting 1 Failed 0");
    // The email about a new browser.
    app.deliver().await;
    later.get("/admin").await.assert_shows("Accepted by the email server 1 Waiting 0 Failed 0");
}

#[rocket::async_test]
async fn the_overview_names_who_changed_a_setting_last() {
    let app = Setup::new().start().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    ana.submit("/admin/settings", &[("email_link_enabled", "on"), ("product_name", "Acme")]).await;
    app.a_second_later();
    ana.get("/admin").await.assert_shows("Last change: ana@example.com").assert_hides("Settings changed on");
    // Another admin is told among what needs attention.
    app.add_admin(BEN).await;
    let mut ben = app.signed_in(BEN).await;
    ben.get("/admin").await.assert_shows("Settings changed on").assert_hides("Last change");
    app.clock.advance(Lifetime::days(8));
    app.signed_in(BEN).await.get("/admin").await.assert_hides("Settings changed on").assert_shows("Last change: ana");
}
