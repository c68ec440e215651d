//! Reads SECURITY.md's tables of lifetimes and of what is kept as data. Each row has a test, and
//! each test has a row.

use crate::{acting::session_of, harness::TestApp, oidc_app::Wanted, passkey_pages::asks};
use diesel::connection::SimpleConnection;
use gatepost::{
    db::{self, admin_acts::NewAct},
    domain::{
        AccountId, Attempt, AttemptId, BrowserLabel, Destination, EmailAddress, Gain, HashMemory, HeldFormId, Lifetime,
        Password, Pending, PendingId, Purpose, ReturnTo, Timestamp, Token, TrustedDeviceId,
        admin_act::AdminActKind,
        apps::{AppId, trouble::Trouble},
        attempt::Printed,
        mail::MailState,
        oidc::refusal::{MAX_OF_APP, RefusedRequest, Why},
        recovery::AskedBy,
        session::HeldForm,
        trusted_device::TrustedDevice,
    },
    entropy::SystemEntropy,
    housekeeping, people,
};
use serde_json::json;
use std::fs;

const ANA: &str = "ana@example.com";
const NEW: &str = "new@example.com";
const STRANGER: &str = "stranger@elsewhere.example";

/// Beginning of each row of "Lifetimes", and the test that reaches its end.
const ENDS: [(&str, &str); 28] = [
    ("a link, a code", "a_link_lives_ten_minutes_from_the_mail_servers_acceptance"),
    ("an invitation", "an_invitation_expires_by_its_setting_from_the_moment_of_acceptance"),
    ("a console link", "a_console_link_signs_in_once_also_while_email_links_are_off"),
    ("a set-up link", "the_set_up_link_works_once_and_for_a_day"),
    ("a sign-in that waits for its email", "tries_come_with_growing_pauses_until_the_attempt_is_too_old"),
    ("a remembered session", "a_kept_session_ends_after_ninety_days_however_busy"),
    ("a browser session", "a_browser_session_ends_after_twelve_hours_whatever_happens"),
    ("a fresh proof", "a_proof_is_fresh_for_ten_minutes"),
    ("a sign-in that waits for a second factor", "what_waits_ends_with_its_time_its_account_and_a_sign_out_everywhere"),
    ("an authenticator app that was begun", "nothing_counts_before_the_first_code_and_a_late_one_begins_anew"),
    ("a challenge for a passkey", "a_challenge_lasts_ten_minutes_and_is_then_forgotten"),
    ("a form that waits for a proof", "a_form_waits_for_a_proof_for_an_hour"),
    ("the form of a session that has ended", "the_form_of_an_ended_session_waits_for_an_hour"),
    ("a second factor remembered", "a_browser_remembers_it_for_thirty_days_where_an_admin_allows_it"),
    ("recovery codes", "making_new_ones_kills_the_old_and_removing_them_kills_all"),
    ("a browser that an account knows", "what_is_kept_goes_when_its_time_is_over_and_not_before"),
    ("signing a new browser out", "the_link_works_in_any_browser_for_seven_days"),
    ("undoing a gain", "a_link_undoes_for_seven_days_and_once"),
    ("the wait before lost second factors", "nothing_is_removed_a_second_too_early_and_everything_in_time"),
    ("the link that ends it", "the_link_in_the_mail_ends_it_on_any_device_and_only_by_its_button"),
    ("the way into an app", "a_code_counts_only_in_the_browser_that_began_at_its_host_and_for_half_a_minute"),
    ("a code that an app redeems", "a_code_is_for_one_client_one_address_and_one_verifier"),
    ("an access token of an app", "a_signed_token_counts_here_only_as_long_as_its_row_and_its_session_do"),
    ("a refresh token of an app", "a_refresh_token_ends_unused_and_in_all"),
    ("a code that a device shows", "a_device_hears_what_the_standard_says_and_hurrying_costs_it_time"),
    ("a key that signs tokens", "a_new_key_is_shown_before_it_signs_and_an_old_one_after"),
    ("telling an app of a sign-out", "an_app_that_never_answers_is_given_up_after_a_day_and_forgotten_later"),
    ("an app's cookie", "what_ends_a_session_ends_it_at_apps_within_a_second_on_every_node"),
];

/// Beginning of each row of what is kept that names a span, and the test that reaches its end.
const KEPT: [(&str, &str); 24] = [
    ("sealed secrets", "a_new_key_is_shown_before_it_signs_and_an_old_one_after"),
    ("contact", "what_is_kept_goes_when_its_time_is_over_and_not_before"),
    ("invitations", "invitations_whose_users_signed_in_long_ago_are_forgotten"),
    ("emails", "what_is_kept_goes_when_its_time_is_over_and_not_before"),
    ("remembered browsers", "what_is_kept_goes_when_its_time_is_over_and_not_before"),
    ("browsers that signed in", "what_is_kept_goes_when_its_time_is_over_and_not_before"),
    ("requests of apps that were refused", "what_apps_and_unfinished_steps_leave_goes_in_its_time_and_not_before"),
    ("checks of proxies that were refused", "what_apps_and_unfinished_steps_leave_goes_in_its_time_and_not_before"),
    ("requests for access to apps", "a_no_counts_for_its_week_and_an_ask_waits_however_old_it_is"),
    ("what apps were given", "what_apps_and_unfinished_steps_leave_goes_in_its_time_and_not_before"),
    ("sign-outs that apps hear of", "what_apps_and_unfinished_steps_leave_goes_in_its_time_and_not_before"),
    ("devices that wait for their user", "what_apps_and_unfinished_steps_leave_goes_in_its_time_and_not_before"),
    ("challenges for passkeys", "what_is_kept_goes_when_its_time_is_over_and_not_before"),
    ("address changes", "what_is_kept_goes_when_its_time_is_over_and_not_before"),
    ("gains", "what_is_kept_goes_when_its_time_is_over_and_not_before"),
    ("removed passwords and recovery codes", "what_is_kept_goes_when_its_time_is_over_and_not_before"),
    ("acts of admins", "what_is_kept_goes_when_its_time_is_over_and_not_before"),
    ("recoveries", "what_is_kept_goes_when_its_time_is_over_and_not_before"),
    ("held forms", "what_is_kept_goes_when_its_time_is_over_and_not_before"),
    ("limits", "a_limit_that_looks_back_for_a_week_is_kept_for_a_week"),
    ("opened email links", "what_apps_and_unfinished_steps_leave_goes_in_its_time_and_not_before"),
    ("numbers of sign-ins", "what_apps_and_unfinished_steps_leave_goes_in_its_time_and_not_before"),
    ("audit", "what_is_kept_goes_when_its_time_is_over_and_not_before"),
    // Its span is that of the assertion.
    ("assertions of apps", "what_apps_and_unfinished_steps_leave_goes_in_its_time_and_not_before"),
];

/// Returns the rows of a table, each from its first cell on.
fn lines(heading: &str) -> Vec<String> {
    let security = fs::read_to_string("SECURITY.md").unwrap();
    let table = security.split(&format!("\n## {heading}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| row.trim_start_matches("| ").to_owned()).collect()
}

fn rows(heading: &str) -> Vec<String> {
    lines(heading).iter().map(|row| row.split(" | ").next().unwrap().to_owned()).collect()
}

/// Returns every test of this folder as one text.
fn tests() -> String {
    let files = fs::read_dir("tests/it").unwrap().map(|file| file.unwrap().path());
    files.filter_map(|path| fs::read_to_string(path).ok()).collect()
}

#[test]
fn every_lifetime_has_a_test() {
    let (tests, rows) = (tests(), rows("Lifetimes"));
    for row in &rows {
        let test = ENDS.iter().filter(|(beginning, _)| row.starts_with(beginning)).max_by_key(|(row, _)| row.len());
        let (_, test) = test.unwrap_or_else(|| panic!("no test is known to reach the end of: {row}"));
        assert!(tests.contains(&format!("fn {test}()")), "there is no test {test}, for: {row}");
    }
    for (beginning, _) in ENDS {
        assert!(rows.iter().any(|row| row.starts_with(beginning)), "SECURITY.md has no row that begins: {beginning}");
    }
}

#[test]
fn every_class_that_goes_by_time_is_looked_at() {
    let (tests, rows) = (tests(), lines("What is kept, and how long"));
    let spans = ["minutes", "hour", "hours", "day", "days", "week"];
    let names_a_span = |row: &&String| {
        let kept = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        kept.split(|c: char| !c.is_alphanumeric()).any(|word| spans.contains(&word))
    };
    assert_eq!(rows.iter().filter(names_a_span).count(), KEPT.len() - 1);
    for row in rows.iter().filter(names_a_span) {
        assert!(KEPT.iter().any(|(beginning, _)| row.starts_with(beginning)), "no test is known to look at: {row}");
    }
    for (beginning, test) in KEPT {
        assert!(rows.iter().any(|row| row.starts_with(beginning)), "SECURITY.md has no row that begins: {beginning}");
        assert!(tests.contains(&format!("fn {test}()")), "there is no test {test}, for: {beginning}");
    }
}

#[rocket::async_test]
async fn a_form_waits_for_a_proof_for_an_hour() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(11));
    let held = ana.post("/account/address", &[("new_email", NEW)]).await.then();
    app.clock.advance(Lifetime::minutes(59));
    assert!(ana.get(&held).await.body.contains(NEW));
    app.clock.advance(Lifetime::minutes(1));
    assert!(!ana.get(&held).await.body.contains(NEW));
}

#[rocket::async_test]
async fn the_form_of_an_ended_session_waits_for_an_hour() {
    let app = TestApp::new().await;
    let id = app.add_account(ANA).await.id;
    let mut ana = app.signed_in(ANA).await;
    app.write(move |connection| db::sessions::delete_all(connection, id)).await;
    app.a_second_later();
    ana.post_only("/account/name", &[("name", "Ana of the Hills")]).await;
    ana.sign_in(ANA).await;
    app.clock.advance(Lifetime::minutes(59));
    assert!(ana.get("/account").await.body.contains("Ana of the Hills"));
    app.clock.advance(Lifetime::minutes(1));
    assert!(!ana.get("/account").await.body.contains("Ana of the Hills"));
}

#[rocket::async_test]
async fn a_proof_is_fresh_for_ten_minutes() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(10));
    ana.get("/account/data").await.assert_status(200);
    app.clock.advance(Lifetime::millis(1));
    ana.get("/account/data").await.then();
}

/// The classes of the table "What is kept, and how long" that depend on time. Each is seen a moment
/// before its end and a moment after.
#[rocket::async_test]
async fn what_is_kept_goes_when_its_time_is_over_and_not_before() {
    let app = TestApp::new().await;
    let account = app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/address", &[("new_email", NEW)]).await.assert_status(303);
    ana.open(&app.mail_to(NEW).await.link()).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    asks(&mut app.browser(), "/login/passkey", &json!({})).await;
    app.browser().post("/login", &[("email", STRANGER)]).await.assert_leads_to("/login/sent");
    app.deliver().await;
    let start = app.services.now();
    let id = account.id;
    let password = Password::present("correct horse battery staple").unwrap();
    let hash = password.hash(&SystemEntropy, &HashMemory::default()).unwrap();
    app.write(move |connection| {
        let session = db::sessions::of_account(connection, id)?.remove(0).id;
        let form = HeldForm {
            id: HeldFormId::issue(&SystemEntropy),
            session_id: session,
            destination: ReturnTo::parse("/account/address").into(),
            fields: Vec::new(),
        };
        db::held_forms::insert(connection, &form, start)?;
        let device = TrustedDevice {
            id: TrustedDeviceId::issue(&SystemEntropy),
            account_id: id,
            browser: BrowserLabel::from_user_agent(""),
            client: None,
            trusted_at: start,
            last_used_at: start,
        };
        db::trusted_devices::insert(connection, &device, &Token::issue(&SystemEntropy).hash())?;
        crate::database::add_passkey(connection, 901, id)?;
        db::passwords::set(connection, id, &hash, start)?;
        db::former::set_aside(connection, id, Gain::Password, start)?;
        let act = NewAct { deed: AdminActKind::Disabled, by: None, account: id, gain: None, done_at: start };
        db::admin_acts::insert(connection, &act)
    })
    .await;
    app.transact(move |tx| {
        let account = db::accounts::find(tx.connection, id)?.unwrap();
        people::begin_recovery(tx, &account, AskedBy::CommandLine)?;
        people::cancel_recovery(tx, &account)
    })
    .await;
    // By how long they are kept, shortest first.
    let classes: [(Lifetime, &[&str]); 10] = [
        (Lifetime::minutes(10), &["passkey_ceremonies: "]),
        (Lifetime::hours(1), &["held_forms: "]),
        (Lifetime::hours(24), &["attempts: ", "outbox: dropped"]),
        (Lifetime::days(7), &["recoveries: ", "set_aside: ", "outbox: sent"]),
        (Lifetime::days(8), &["address_changes: "]),
        (Lifetime::days(9), &["gains: "]),
        (Lifetime::days(15), &["admin_acts: "]),
        (Lifetime::days(30), &["trusted_devices: "]),
        (Lifetime::days(365), &["audit: "]),
        (Lifetime::days(400), &["known_browsers: "]),
    ];
    each_goes_in_its_time(&app, start, &classes).await;
}

/// Looks at the rows of each class a second before the end of its time, and a second after.
async fn each_goes_in_its_time(app: &TestApp, start: Timestamp, classes: &[(Lifetime, &[&str])]) {
    let moment = Lifetime::seconds(1);
    for (kept, classes) in classes {
        let end = start.plus(*kept);
        for (at, expected) in [(end.minus(moment), true), (end.plus(moment), false)] {
            app.clock.advance(at.since(app.services.now()));
            housekeeping::tidy(&app.services).await.unwrap();
            for rows in *classes {
                assert_eq!(holds(app, rows).await, expected, "{rows}");
            }
        }
    }
}

/// Adds rows that only requests of apps and strangers make, or counts. The app's only secret ends
/// in a day.
async fn add_rows_of_apps_and_steps(app: &TestApp, (client, account): (AppId, AccountId)) {
    let start = app.services.now();
    app.write(move |connection| {
        let pending = Pending {
            id: PendingId::issue(&SystemEntropy),
            account_id: account,
            attempt: None,
            remember: false,
            destination: Destination::home(),
            begun_at: start,
            proofs: Vec::new(),
        };
        db::pending_sign_ins::insert(connection, &pending, &Token::issue(&SystemEntropy).hash())?;
        let assertion = (client, &[7; 32]);
        assert!(db::oidc_reach::use_assertion(connection, assertion, start.plus(Lifetime::minutes(5)))?);
        db::oidc_clients::end_secrets(connection, client, start.plus(Lifetime::hours(24)))?;
        db::apps::note_trouble(connection, (None, Trouble::NoHost), start)?;
        let refused = [RefusedRequest { why: Why::Code, last: start, count: 1 }];
        db::apps::note_refusals(connection, client, (&refused, MAX_OF_APP))?;
        db::sign_in_hours::add_failed(connection, start, 1)?;
        let (client, account, at) = (client.as_i64(), account.as_i64(), start.as_millis());
        let rows = format!(
            "INSERT INTO logout_notices \
             (grant_id, app_id, account_id, state, tries, due_at, give_up_at, reply, settled_at) \
             VALUES (9, {client}, {account}, 'ended', 1, {at}, {at}, '', {at}); \
             INSERT INTO domain_openings (domain, since_at, opened, scanned) VALUES ('acme.example', {at}, 1, 0)"
        );
        connection.batch_execute(&rows).map_err(db::Error::from)
    })
    .await;
}

/// The session behind the grant ends after twelve hours. The grant stays for the rest of its day.
#[rocket::async_test]
async fn what_apps_and_unfinished_steps_leave_goes_in_its_time_and_not_before() {
    let app = TestApp::new().await;
    let account = app.add_account(ANA).await.id;
    let own = Wanted::default().register(&app).await;
    let client = own.id;
    app.write(move |connection| db::oidc_devices::allow(connection, client, true)).await;
    let mut ana = app.signed_in(ANA).await;
    own.tokens(&mut ana, &[]).await;
    ana.post("/account/totp", &[]).await.assert_status(303);
    assert_eq!(own.post(&app, "/oidc/device_authorization", &[("scope", "openid")]).await.0, 200);
    add_rows_of_apps_and_steps(&app, (client, account)).await;
    let (start, hour) = (app.services.now(), Lifetime::hours(1).as_millis());
    // Sign-ins are counted by whole hours.
    let rest_of_the_hour = Lifetime::millis(hour - start.as_millis() % hour);
    let counted = start.plus(Lifetime::days(90)).plus(rest_of_the_hour).since(start);
    // By how long they are kept, shortest first.
    let classes: [(Lifetime, &[&str]); 10] = [
        (Lifetime::minutes(5), &["oidc_assertions: "]),
        (Lifetime::minutes(15), &["pending_sign_ins: "]),
        (Lifetime::minutes(30), &["totp_authenticators: "]),
        (Lifetime::hours(1), &["oidc_access_tokens: "]),
        (Lifetime::hours(24), &["oidc_grants: "]),
        (Lifetime::minutes(24 * 60 + 10), &["oidc_device_codes: "]),
        (Lifetime::hours(48), &["oidc_secrets: "]),
        (Lifetime::days(7), &["app_troubles: ", "app_refusals: ", "logout_notices: "]),
        (Lifetime::days(30), &["domain_openings: "]),
        (counted, &["sign_in_hours: "]),
    ];
    each_goes_in_its_time(&app, start, &classes).await;
}

/// A reader finds what is over, and the writer deletes it a moment later.
#[rocket::async_test]
async fn what_housekeeping_found_and_is_in_use_again_stays() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let ana = app.signed_in(ANA).await;
    let session = session_of(&app, &ana.cookies).await.session;
    let (id, account, now) = (session.id, session.account_id, app.services.now());
    let later = now.plus(Lifetime::hours(1));
    app.write(move |connection| {
        db::sessions::note_seen(connection, &[(id, later)])?;
        db::sessions::note_seen(connection, &[(id, now)])?;
        let seen = db::sessions::of_account(connection, account)?.remove(0).last_seen_at;
        assert_eq!(seen, later, "another node saw it later");
        assert_eq!(db::sessions::purge(connection, (now, now), &[id])?, 0);
        let attempt = db::sessions::attempt_of(connection, id)?.unwrap();
        assert_eq!(db::attempts::purge(connection, &[attempt])?, 0);
        Ok(())
    })
    .await;
}

/// Those of now are in time order, and found by it.
#[rocket::async_test]
async fn an_attempt_with_a_random_id_is_deleted_at_its_age_too() {
    let app = TestApp::new().await;
    let start = app.services.now();
    let ids = [1, AttemptId::first_at(start.minus(Lifetime::hours(1))).as_i64(), i64::MAX];
    app.write(move |connection| {
        ids.into_iter().try_for_each(|id| {
            let printed = Printed {
                purpose: Purpose::ConsoleLink,
                email: EmailAddress::parse(STRANGER).unwrap(),
                account_id: None,
                token: Token::issue(&SystemEntropy).hash(),
                lifetime: Lifetime::minutes(10),
                destination: Destination::home(),
            };
            db::attempts::insert(connection, &Attempt::printed(AttemptId::from_i64(id), printed, start))
        })
    })
    .await;
    let left = async || app.dump().await.lines().filter(|line| line.starts_with("attempts: ")).count();
    for (passed, expected) in [(Lifetime::seconds(24 * 3600 - 1), 3), (Lifetime::seconds(2), 0)] {
        app.clock.advance(passed);
        housekeeping::tidy(&app.services).await.unwrap();
        assert_eq!(left().await, expected);
    }
}

/// Returns whether the database has such rows. Of attempts only the stranger's counts, because the
/// others made sessions.
async fn holds(app: &TestApp, rows: &str) -> bool {
    let state = match rows {
        "outbox: sent" => MailState::Sent,
        "outbox: dropped" => MailState::Dropped,
        _ => {
            let dump = app.dump().await;
            return dump
                .lines()
                .any(|line| line.starts_with(rows) && (rows != "attempts: " || line.contains(STRANGER)));
        }
    };
    app.read(move |connection| db::outbox::count(connection, state)).await > 0
}
