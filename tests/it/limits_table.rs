//! Reads SECURITY.md's table of limits as data: an existing test reaches each row, and each test
//! has a row.

use crate::harness::{Setup, TestApp};
use gatepost::{
    db::{self, attempts::LinkKind},
    domain::{
        AccountId, BrowserLabel, HeldFormId, KnownBrowserId, Lifetime, ReturnTo, Session, SessionId, Timestamp, Token,
        TrustedDeviceId, known_browser::KnownBrowser, limit::Decision, session::HeldForm,
        trusted_device::TrustedDevice,
    },
    entropy::SystemEntropy,
    housekeeping,
};
use std::{fs, slice};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

/// Beginning of each row, and the test that reaches its limit.
const REACHED: [(&str, &str); 47] = [
    ("emails to one mailbox", "a_mailbox_gets_at_most_three_mails_in_fifteen_minutes"),
    ("… asked for in a browser", "a_flood_does_not_lock_its_victim_out"),
    ("emails for one client", "an_ipv6_site_has_more_than_a_household_and_an_end"),
    ("emails to the addresses of one domain", "newcomers_of_one_domain_and_all_together_have_limits_too"),
    ("emails in total", "newcomers_of_one_domain_and_all_together_have_limits_too"),
    ("emails of one attempt", "an_attempt_has_its_share_of_mails_and_then_says_so"),
    ("wrong codes of one attempt", "four_wrong_codes_are_forgiven_and_the_fifth_is_the_end"),
    ("news to one mailbox that give no power", "many_news_to_one_mailbox_become_few_emails_and_none_is_lost"),
    ("wrong codes for one mailbox", "guessing_for_a_whole_day_gets_thirty_guesses"),
    ("codes from one client", "one_client_types_sixty_codes_and_no_more"),
    ("challenges for passkeys", "challenges_are_limited_and_a_flood_of_them_keeps_nobody_from_a_second_factor"),
    ("… and for one account", "challenges_are_limited_and_a_flood_of_them_keeps_nobody_from_a_second_factor"),
    ("sign-ins to one account by a passkey alone", "strange_browsers_sign_in_by_a_passkey_sixty_times_and_no_more"),
    ("emails about a copy", "a_counter_that_went_back_is_refused_and_its_owner_is_told_once_an_hour"),
    (
        "emails that tell of one move once more",
        "a_newcomer_whom_the_account_that_moved_has_disabled_gives_way_to_a_new_link_to_the_mailbox",
    ),
    ("passkeys of one account", "an_account_has_a_bounded_number_of_passkeys"),
    ("tries at one mailbox's password", "guessing_is_limited_for_everybody_alike_and_never_keeps_the_owner_out"),
    ("tries at passwords from one client", "one_client_tries_thirty_passwords_and_no_more"),
    ("wrong passwords in a row", "a_hundred_wrong_passwords_in_a_row_pause_it_for_strangers_and_not_for_its_owner"),
    ("new passwords typed for one email link", "one_email_link_has_ten_passwords_hashed_and_no_more"),
    ("passwords judged for one account", "what_is_over_a_limit_costs_no_slow_work"),
    ("tries at one account's recovery codes", "guessing_is_limited_and_the_right_one_has_to_wait_too"),
    ("codes of authenticator apps", "after_a_hundred_wrong_codes_none_counts_any_more"),
    ("authenticator apps of one account", "five_apps_are_enough_and_an_enrolment_left_lying_gives_way"),
    ("new passwords chosen on the account page", "every_way_to_an_email_and_to_an_audit_line_has_an_end"),
    ("acts of one account that send an email", "every_way_to_an_email_and_to_an_audit_line_has_an_end"),
    ("other acts of one account", "every_way_to_an_email_and_to_an_audit_line_has_an_end"),
    ("sign-ins of one account at apps", "a_loop_of_sign_ins_at_an_app_keeps_few_of_them_and_has_an_end"),
    ("sign-ins that count of one session", "a_loop_of_sign_ins_at_an_app_keeps_few_of_them_and_has_an_end"),
    ("sign-ins of one account at one app", "a_loop_of_sign_ins_at_an_app_keeps_few_of_them_and_has_an_end"),
    ("access tokens of one sign-in", "a_loop_of_refreshes_keeps_few_access_tokens"),
    ("asks of one user for access", "asks_are_limited_by_user_and_admins_get_no_flood"),
    ("emails to admins about such asks", "asks_are_limited_by_user_and_admins_get_no_flood"),
    ("wrong secrets of one app", "wrong_secrets_are_limited_and_no_stranger_locks_an_app_out"),
    ("codes of devices typed", "guessing_codes_of_devices_is_limited_for_a_user_and_for_a_network"),
    ("devices that ask for their user", "guessing_codes_of_devices_is_limited_for_a_user_and_for_a_network"),
    ("refused requests kept of one app", "a_flood_of_refusals_keeps_few_places_and_the_same_one_is_counted"),
    ("redirect URIs of one app, typed on its page", "a_client_has_at_most_twenty_redirect_uris"),
    ("downloads of one account's data", "exports_are_bounded_in_size_and_number"),
    ("asks over a limit", "asking_on_and_on_takes_no_more_room"),
    ("browsers in which one account's second factor", "what_an_account_or_a_session_has_many_of_gives_way"),
    ("recoveries of one account", "nobody_can_flood_the_owner_and_a_thief_keeps_no_admin_from_helping"),
    ("sessions of one account", "an_account_has_at_most_fifty_sessions"),
    ("browsers known to one account", "what_an_account_or_a_session_has_many_of_gives_way"),
    ("forms held for one session", "what_an_account_or_a_session_has_many_of_gives_way"),
    ("bodies of requests under way", "bodies_that_wait_have_an_end_in_memory_and_in_time"),
    ("a form; what a script sends", "bodies_that_are_no_forms_of_ours_get_a_clear_word_and_change_nothing"),
];

fn rows() -> Vec<String> {
    let security = fs::read_to_string("SECURITY.md").unwrap();
    let table = security.split("\n## Limits\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| row.trim_start_matches("| ").split(" | ").next().unwrap().to_owned()).collect()
}

#[test]
fn every_limit_has_a_test() {
    let folders = ["tests/it", "tests/process", "src/live"].map(|folder| fs::read_dir(folder).unwrap());
    let files = folders.into_iter().flatten().map(|file| file.unwrap().path());
    let tests = files.filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let tests: String = tests.map(|path| fs::read_to_string(path).unwrap()).collect();
    let rows = rows();
    for row in &rows {
        let test = REACHED.iter().find(|(beginning, _)| row.starts_with(beginning));
        let (_, test) = test.unwrap_or_else(|| panic!("no test is known to reach: {row}"));
        assert!(tests.contains(&format!("fn {test}()")), "there is no test {test}, which reaches: {row}");
    }
    for (beginning, _) in REACHED {
        assert!(rows.iter().any(|row| row.starts_with(beginning)), "SECURITY.md has no row that begins: {beginning}");
    }
}

#[rocket::async_test]
async fn one_client_types_sixty_codes_and_no_more() {
    let app = TestApp::new().await;
    app.set("limits_per_client", "1000/15m").await;
    let mut typed = Vec::new();
    // Another mailbox each time, so that no other limit is reached.
    for n in 0..61 {
        let mut browser = app.browser();
        browser.post("/login", &[("email", &format!("p{n}@example{n}.com"))]).await;
        app.clock.advance(Lifetime::millis(100));
        typed.push(browser.post("/login/code", &[("code", "000-000")]).await.status.code);
    }
    assert!(typed.iter().take(60).all(|status| *status != 429), "{typed:?}");
    assert_eq!(typed.last(), Some(&429));
}

#[rocket::async_test]
async fn one_client_tries_thirty_passwords_and_no_more() {
    let app = TestApp::new().await;
    app.set("password_enabled", "on").await;
    let mut typed = Vec::new();
    for n in 0..31 {
        let email = format!("p{n}@example{n}.com");
        let fields = [("email", email.as_str()), ("password", "staple every other word")];
        typed.push(app.browser().post("/login/password", &fields).await.status.code);
    }
    assert!(typed.iter().take(30).all(|status| *status == 422), "{typed:?}");
    assert_eq!(typed.last(), Some(&429));
}

#[rocket::async_test]
async fn one_email_link_has_ten_passwords_hashed_and_no_more() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    let (_, link) = crate::passwords::asks_for_a_reset(&app, ANA).await;
    let (token, now) = (Token::present(link.split_once("token=").unwrap().1).unwrap().hash(), app.services.now());
    app.write(move |connection| {
        let attempt = db::attempts::find_by_link(connection, &token, LinkKind::Open)?.unwrap();
        let counted = [gatepost::limits::of_resets(attempt.id)];
        for _ in 0..10 {
            assert_eq!(db::limits::take(connection, &counted, now)?, Decision::Allowed);
        }
        Ok(())
    })
    .await;
    let mut browser = app.browser();
    browser.open(&link).await.assert_status(200);
    let chosen = [("new_password", "correct horse battery")];
    browser.post("/auth/reset", &chosen).await.assert_status(429);
    // The link was not used up.
    app.browser().open(&link).await.assert_status(200);
}

#[rocket::async_test]
async fn what_an_account_or_a_session_has_many_of_gives_way() {
    let app = TestApp::new().await;
    let ana = app.add_account(ANA).await;
    app.signed_in(ANA).await;
    let start = app.services.now();
    app.write(move |connection| {
        let session = db::sessions::of_account(connection, ana.id)?.remove(0);
        let (mut remembered, mut held) = (Vec::new(), Vec::new());
        for n in 0..40 {
            let now = start.plus(Lifetime::seconds(n));
            let secret = Token::issue(&SystemEntropy).hash();
            db::devices::note(connection, &secret, ana.id, now)?;
            let device = TrustedDevice {
                id: TrustedDeviceId::issue(&SystemEntropy),
                account_id: ana.id,
                browser: BrowserLabel::from_user_agent(""),
                client: None,
                trusted_at: now,
                last_used_at: now,
            };
            db::trusted_devices::insert(connection, &device, &secret)?;
            remembered.push(device.id);
            let form = HeldForm {
                id: HeldFormId::issue(&SystemEntropy),
                session_id: session.id,
                destination: ReturnTo::parse("/account/address").into(),
                fields: Vec::new(),
            };
            db::held_forms::insert(connection, &form, now)?;
            held.push((form.id, now));
        }
        assert_eq!(db::devices::of_account(connection, ana.id)?.len(), 30);
        let left: Vec<_> =
            db::trusted_devices::of_account(connection, ana.id)?.iter().map(|device| device.id).collect();
        assert_eq!(left.len(), 20);
        assert!(remembered.iter().rev().take(20).all(|id| left.contains(id)), "the newest stay");
        let mut found = 0;
        for (id, now) in held {
            found += i32::from(db::held_forms::find(connection, id, session.id, now)?.is_some());
        }
        assert_eq!(found, 8);
        Ok(())
    })
    .await;
}

fn held_form(session_id: SessionId) -> HeldForm {
    let destination = ReturnTo::parse("/account/address").into();
    HeldForm { id: HeldFormId::issue(&SystemEntropy), session_id, destination, fields: Vec::new() }
}

fn trusted_device(account_id: AccountId, at: Timestamp) -> TrustedDevice {
    TrustedDevice {
        id: TrustedDeviceId::issue(&SystemEntropy),
        account_id,
        browser: BrowserLabel::from_user_agent(""),
        client: None,
        trusted_at: at,
        last_used_at: at,
    }
}

fn known_browser(account_id: AccountId, at: Timestamp) -> KnownBrowser {
    KnownBrowser {
        id: KnownBrowserId::issue(&SystemEntropy),
        account_id,
        browser: BrowserLabel::from_user_agent(""),
        client: None,
        first_used_at: at,
        last_used_at: at,
        signed_out_at: None,
    }
}

/// Ben's rows are older than all of Ana's.
#[rocket::async_test]
async fn what_one_account_has_too_many_of_takes_no_place_of_another() {
    let app = TestApp::new().await;
    let (ana, ben) = (app.add_account(ANA).await.id, app.add_account(BEN).await.id);
    app.signed_in(BEN).await;
    app.clock.advance(Lifetime::minutes(1));
    app.signed_in(ANA).await;
    let start = app.services.now();
    app.write(move |connection| {
        let secret = || Token::issue(&SystemEntropy).hash();
        let hers = db::sessions::of_account(connection, ana)?.remove(0);
        let his = db::sessions::of_account(connection, ben)?.remove(0);
        let form = held_form(his.id);
        db::held_forms::insert(connection, &form, start)?;
        db::trusted_devices::insert(connection, &trusted_device(ben, start), &secret())?;
        let (devices, browsers) =
            (db::devices::of_account(connection, ben)?, db::known_browsers::of_account(connection, ben)?);
        assert_eq!((devices.len(), browsers.len()), (1, 1));
        for n in 1..=110 {
            let now = start.plus(Lifetime::millis(n));
            db::held_forms::insert(connection, &held_form(hers.id), now)?;
            db::trusted_devices::insert(connection, &trusted_device(ana, now), &secret())?;
            db::devices::note(connection, &secret(), ana, now)?;
            db::known_browsers::insert(connection, &known_browser(ana, now), (&secret(), &secret()))?;
        }
        for n in 1..60 {
            let last_seen_at = start.plus(Lifetime::millis(n));
            let session = Session { id: SessionId::issue(&SystemEntropy), last_seen_at, ..hers.clone() };
            db::sessions::insert(connection, &session, &secret(), (None, None))?;
        }
        db::sessions::make_room(connection, ana, 49)?;
        assert_eq!(db::sessions::of_account(connection, ana)?.len(), 49);
        assert_eq!(db::sessions::of_account(connection, ben)?, slice::from_ref(&his));
        assert!(db::held_forms::find(connection, form.id, his.id, start)?.is_some());
        assert_eq!(db::trusted_devices::of_account(connection, ben)?.len(), 1);
        assert_eq!(db::devices::of_account(connection, ben)?, devices);
        assert_eq!(db::known_browsers::of_account(connection, ben)?.len(), 1);
        Ok(())
    })
    .await;
}

#[rocket::async_test]
async fn a_limit_that_looks_back_for_a_week_is_kept_for_a_week() {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "1/7d").start().await;
    app.add_account(ANA).await;
    app.browser().post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    assert_eq!(app.mails_to(ANA).await.len(), 1);
    for _ in 0..12 {
        app.clock.advance(Lifetime::hours(12));
        housekeeping::round(&app.services).await.unwrap();
    }
    app.browser().post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    assert_eq!(app.mails_to(ANA).await.len(), 1, "after six days");
    app.clock.advance(Lifetime::days(1));
    app.browser().post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    assert_eq!(app.mails_to(ANA).await.len(), 2, "after seven");
}
