//! Places at which two rules meet. A waiting sign-in meets changes while it waits. A recovery meets
//! what counted only beside the factor that it removes.

use crate::{
    authenticator::from_base64url,
    browser::Browser,
    harness::{Setup, TestApp},
    passkey_pages::{adds_a_passkey, asks, authenticator, is_refused, leads_to, sends, shows},
    phone::{Phone, at_the_second_factor, with_phone},
    smtp_sink::{Security, SmtpSink},
};
use diesel::connection::SimpleConnection;
use gatepost::{
    db::{self, Tx},
    domain::{AccountId, Lifetime, audit::Actor, recovery::AskedBy},
    entropy::SystemEntropy,
    outbox::Worker,
    people,
    sealing::{KeyRing, Keys, place_of},
};
use serde_json::json;
use std::sync::{Arc, mpsc};
use tokio::task::{JoinHandle, spawn_blocking};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const LONG: &str = "correct horse battery";
const SHORT: &str = "kx7 trwq";

async fn app_with_ana() -> TestApp {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    app.a_second_later();
    app
}

async fn types_password(browser: &mut Browser<'_>, password: &str) -> crate::browser::Page {
    browser.post("/login/password", &[("email", ANA), ("password", password)]).await
}

async fn answers(browser: &mut Browser<'_>, code: &str) -> crate::browser::Page {
    browser.post("/login/second-factor", &[("code", code)]).await
}

async fn newest_cancel_link(app: &TestApp) -> String {
    let mails = app.mails_to(ANA).await;
    mails.iter().rfind(|mail| mail.text.contains("/auth/cancel")).unwrap().cancel_link()
}

#[rocket::async_test]
async fn a_short_password_signs_nobody_in_at_the_moment_at_which_it_has_become_all_that_is_asked_for() {
    let app = app_with_ana().await;
    let (mut ana, _phone) = with_phone(&app, ANA).await;
    ana.post("/account/password", &[("new_password", SHORT)]).await.assert_leads_to("/account");
    let account = app.account_of(ANA).await.unwrap();
    app.transact(move |tx| people::begin_recovery(tx, &account, AskedBy::Admin)).await;
    types_password(&mut app.browser(), SHORT).await.assert_leads_to("/login/second-factor");
    // Housekeeping has not run yet: this sign-in finds that the waiting period has ended.
    app.clock.advance(Lifetime::hours(24));
    let mut browser = app.browser();
    types_password(&mut browser, SHORT).await.assert_status(422);
    assert!(browser.is_signed_out().await);
}

#[rocket::async_test]
async fn this_wasnt_me_ends_a_sign_in_that_waits_also_when_a_password_was_added_to_the_link() {
    for then in ["waits", "is signed in"] {
        let app = app_with_ana().await;
        let (mut ana, phone) = with_phone(&app, ANA).await;
        ana.post("/account/password", &[("new_password", LONG)]).await.assert_status(303);
        let mut browser = at_the_second_factor(&app, ANA).await;
        let cancel = newest_cancel_link(&app).await;
        types_password(&mut browser, LONG).await.assert_leads_to("/login/second-factor");
        if then == "is signed in" {
            answers(&mut browser, &phone.next_code(&app)).await.assert_leads_to("/account");
        }
        let mut owner = app.browser();
        owner.open(&cancel).await;
        owner.submit("/auth/cancel", &[]).await.assert_status(200);
        app.a_second_later();
        browser.get("/login/second-factor").await.assert_leads_to("/login");
        assert!(browser.is_signed_out().await, "{then}");
    }
}

#[rocket::async_test]
async fn whoever_has_to_enrol_first_is_still_asked_before_somebody_elses_link_swaps_them() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    let mut browser = app.signed_in(BEN).await;
    app.set("second_factor_required", "everyone").await;
    app.a_second_later();
    app.browser().post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    let link = app.mail_to(ANA).await.link();
    // On the first page or on the second one, as for every user who asked in another browser.
    browser.open(&link).await;
    browser.get("/auth/verify/this-device").await.assert_status(200).assert_shows(BEN);
    let page = browser.submit("/auth/verify", &[("this_device", "yes")]).await;
    page.assert_status(200).assert_shows(BEN).assert_shows(ANA);
}

#[rocket::async_test]
async fn nobody_is_left_before_a_page_without_a_field_when_factors_are_switched_off_meanwhile() {
    let app = app_with_ana().await;
    let (_ana, _phone) = with_phone(&app, ANA).await;
    let mut browser = at_the_second_factor(&app, ANA).await;
    app.set("totp_enabled", "off").await;
    app.a_second_later();
    browser.get("/login/second-factor").await.assert_leads_to("/login");
    browser.get("/login/second-factor/lost").await.assert_leads_to("/login");
    app.clock.advance(Lifetime::minutes(6));
    browser.sign_in_to(ANA, &[]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn a_first_method_that_was_switched_off_while_the_sign_in_waited_counts_no_more() {
    let app = app_with_ana().await;
    let (mut ana, phone) = with_phone(&app, ANA).await;
    ana.post("/account/password", &[("new_password", LONG)]).await.assert_status(303);
    let mut by_link = at_the_second_factor(&app, ANA).await;
    let mut by_password = app.browser();
    types_password(&mut by_password, LONG).await.assert_leads_to("/login/second-factor");
    app.set("email_link_enabled", "off").await;
    let code = phone.next_code(&app);
    answers(&mut by_link, &code).await.assert_leads_to("/login");
    assert!(by_link.is_signed_out().await);
    // And the code is not used up by it.
    answers(&mut by_password, &code).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn whoever_knows_the_password_cannot_keep_the_owners_browser_from_its_recovery_codes() {
    let app = app_with_ana().await;
    let (mut ana, _phone) = with_phone(&app, ANA).await;
    ana.post("/account/password", &[("new_password", LONG)]).await.assert_status(303);
    let page = ana.submit("/account/recovery-codes", &[]).await;
    let codes = crate::recovery_codes::codes_on(&page);
    ana.post("/logout", &[]).await.assert_status(303);
    let mut thief = app.browser().at("203.0.113.9");
    types_password(&mut thief, LONG).await.assert_leads_to("/login/second-factor");
    for n in 0..10 {
        answers(&mut thief, &format!("AAAA-AAAA-AAAA-AAA{n}")).await.assert_status(422);
    }
    answers(&mut thief, &codes[0]).await.assert_status(429);
    types_password(&mut ana, LONG).await.assert_leads_to("/login/second-factor");
    answers(&mut ana, &codes[0]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn an_app_that_was_begun_before_an_address_change_and_confirmed_after_it_goes_with_the_change() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    // An attacker at her unlocked computer begins to set up an app, and moves the account away.
    // Only then does the attacker show the app's first code.
    let begun = ana.post("/account/totp", &[]).await;
    let at = begun.location().unwrap().to_owned();
    let mallory = Phone::reading(&ana.get(&at).await);
    app.clock.advance(Lifetime::seconds(1));
    ana.post("/account/address", &[("new_email", "mallory@example.com")]).await.assert_status(303);
    let link = app.mail_to("mallory@example.com").await.link();
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_status(303);
    app.a_second_later();
    ana.post(&at, &[("code", &mallory.next_code(&app))]).await.assert_status(303);
    let id = app.account_of("mallory@example.com").await.unwrap().id;
    assert!(app.read(move |connection| db::enrolled::of(connection, id)).await.totp);
    let mails = app.mails_to(ANA).await;
    let undo = mails.iter().rfind(|mail| mail.text.contains("/auth/undo")).unwrap().undo_link();
    let mut owner = app.browser();
    owner.open(&undo).await;
    owner.post("/auth/undo", &[]).await.assert_leads_to("/auth/undo");
    app.clock.advance(Lifetime::minutes(6));
    app.browser().sign_in_to(ANA, &[]).await.assert_leads_to("/account");
}

async fn id_of(app: &TestApp, email: &str) -> AccountId {
    app.account_of(email).await.unwrap().id
}

/// A requester who types an address gets credential ids, and may try in their own account whether
/// one is taken.
#[rocket::async_test]
async fn registering_an_id_that_was_handed_out_for_an_address_does_not_tell_whether_it_is_real() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    adds_a_passkey(&mut app.signed_in(ANA).await).await;
    let mut ben = app.signed_in(BEN).await;
    for email in [ANA, "nobody@example.com", "somebody@example.com", "else@example.com"] {
        let options = asks(&mut app.browser(), "/login/passkey", &json!({ "email": email })).await;
        for handed_out in options["publicKey"]["allowCredentials"].as_array().unwrap() {
            let options = asks(&mut ben, "/account/passkeys", &json!({})).await;
            let (_, mut answer) = authenticator(&app).create(&options);
            answer.id = from_base64url(&handed_out["id"]);
            let page = sends(&mut ben, "/account/passkeys", &json!({ "credential": answer.registration() })).await;
            is_refused(&page, "known");
        }
    }
    // The same answer as for ids that were never handed out.
    adds_a_passkey(&mut ben).await;
}

/// While it is turned off, an email link is enough to sign in. That link must not be enough to
/// remove it for when it is on again.
#[rocket::async_test]
async fn whoever_reads_the_mailbox_cannot_remove_what_an_admin_has_switched_off() {
    let app = app_with_ana().await;
    let (mut ana, _phone) = with_phone(&app, ANA).await;
    adds_a_passkey(&mut ana).await;
    ana.submit("/account/recovery-codes", &[]).await.assert_status(200);
    let id = id_of(&app, ANA).await;
    let passkey = app.read(move |connection| db::passkeys::of_account(connection, id)).await.remove(0).id;
    app.set("totp_enabled", "off").await;
    app.set("passkey_enabled", "off").await;
    app.clock.advance(Lifetime::minutes(6));
    let mut thief = app.signed_in(ANA).await;
    thief.post(&format!("/account/passkeys/{passkey}/remove"), &[]).await.assert_status(403);
    thief.post("/account/recovery-codes/remove", &[]).await.assert_status(409);
    let left = app.read(move |connection| db::enrolled::numbers(connection, id)).await;
    assert_eq!((left.authenticators, left.passkeys, left.recovery_codes), (1, 1, 10));
}

#[rocket::async_test]
async fn a_password_set_while_the_second_factor_was_switched_off_is_no_other_thing_than_the_mailbox() {
    let app = app_with_ana().await;
    with_phone(&app, ANA).await;
    app.set("totp_enabled", "off").await;
    app.clock.advance(Lifetime::minutes(6));
    let mut thief = app.signed_in(ANA).await;
    thief.post("/account/password", &[("new_password", LONG)]).await.assert_leads_to("/account");
    app.set("totp_enabled", "on").await;
    let mut thief = at_the_second_factor(&app, ANA).await;
    types_password(&mut thief, LONG).await.assert_leads_to("/login/second-factor");
    thief.post("/login/second-factor/lost", &[]).await.assert_status(303);
    let id = id_of(&app, ANA).await;
    assert!(app.read(move |connection| db::recoveries::under_way(connection, id)).await.is_none());
}

#[rocket::async_test]
async fn whoever_knows_the_password_cannot_keep_the_owners_browser_from_its_passkey() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let mut key = adds_a_passkey(&mut ana).await;
    ana.post("/account/password", &[("new_password", LONG)]).await.assert_status(303);
    let mut thief = app.browser().at("198.51.100.9");
    types_password(&mut thief, LONG).await.assert_leads_to("/login/second-factor");
    let (second, step_up) = ("/login/second-factor/passkey", "/step-up/passkey");
    for _ in 0..60 {
        asks(&mut thief, second, &json!({})).await;
    }
    sends(&mut thief, &format!("{second}/options"), &json!({})).await.assert_status(429);
    leads_to(&shows(&mut ana, step_up, &mut key, |_| {}).await, "/account");
    ana.post("/logout", &[]).await.assert_status(303);
    types_password(&mut ana, LONG).await.assert_leads_to("/login/second-factor");
    leads_to(&shows(&mut ana, second, &mut key, |_| {}).await, "/account");
}

/// As after a key file was lost for good: what it sealed stays, and can no longer be unsealed.
#[rocket::async_test]
async fn an_app_whose_secret_does_not_open_any_more_keeps_nobody_from_the_next_one() {
    let app = app_with_ana().await;
    let (mut ana, old) = with_phone(&app, ANA).await;
    let id = id_of(&app, ANA).await;
    let (its, _) = app.read(move |connection| db::totp::of_account(connection, id)).await.remove(0);
    let folder = tempfile::tempdir().unwrap();
    let lost = KeyRing::at(&folder.path().join("lost.key"));
    lost.load_or_make(&Keys::make(&SystemEntropy)).unwrap();
    let sealed = lost.seal(&SystemEntropy, &[7; 20], place_of(id, its.id)).unwrap();
    let hex: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
    let blob = if app.database.is_sqlite() { format!("X'{hex}'") } else { format!("'\\x{hex}'") };
    let put = format!("UPDATE totp_authenticators SET sealed_secret = {blob}");
    app.write(move |connection| Ok(connection.batch_execute(&put)?)).await;
    // Alone it is a fault of ours and never "wrong".
    let mut waiting = at_the_second_factor(&app, ANA).await;
    answers(&mut waiting, &old.next_code(&app)).await.assert_status(500);
    let new = Phone::set_up_in(&mut ana).await;
    let mut waiting = at_the_second_factor(&app, ANA).await;
    // Wrong ones are counted as usual.
    for _ in 0..5 {
        answers(&mut waiting, "000000").await.assert_status(422);
    }
    answers(&mut waiting, "000000").await.assert_status(429);
    app.clock.advance(Lifetime::minutes(1));
    answers(&mut waiting, &new.next_code(&app)).await.assert_leads_to("/account");
}

/// After an hour without a mail server, the first email and the second one leave together.
#[rocket::async_test]
async fn of_two_mails_of_one_attempt_that_leave_together_the_second_can_be_opened_at_once_too() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = Setup::new().with("GATEPOST_MAIL_URL", &sink.url("?tls=none")).start().await;
    app.add_account(ANA).await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    app.clock.advance(Lifetime::seconds(31));
    ana.post("/login/resend", &[]).await.assert_leads_to("/login/sent");
    let first = sink.hold();
    let services = Arc::clone(&app.services);
    let working = tokio::spawn(async move { Worker::new(services).unwrap().round().await.unwrap() });
    first.reached().await;
    let second = sink.hold();
    first.release();
    second.reached().await;
    let mail = sink.offered().pop().unwrap();
    ana.open(&mail.link()).await.assert_status(200).assert_shows("Sign in as");
    second.release();
    assert_eq!(working.await.unwrap(), 2);
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
}

/// Waits until another transaction needs a lock that this one has, but not forever. SQLite has one
/// writer anyway.
const UNTIL_SOMEBODY_WAITS: &str = "DO $$ BEGIN FOR n IN 1..2000 LOOP \
     EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))); \
     PERFORM pg_sleep(0.005); END LOOP; END $$";

/// Begins what the door does when a second factor is shown, and takes its time. Other work must not
/// miss the session that does not exist yet.
async fn shows_slowly(app: &TestApp) -> JoinHandle<()> {
    let (services, now) = (Arc::clone(&app.services), app.services.now());
    let (begun, has_begun) = mpsc::channel();
    let showing = tokio::spawn(async move {
        let work = move |tx: &mut Tx<'_>| {
            tx.lock_name(ANA)?;
            let now = now.as_millis();
            tx.connection.batch_execute(&format!(
                "INSERT INTO sessions (id, secret_hash, account_id, attempt_id, remember, created_at, last_seen_at, ends_at, browser) \
                 SELECT 99, secret_hash, account_id, attempt_id, false, {now}, {now}, {now} + 3600000, '' FROM pending_sign_ins; \
                 DELETE FROM pending_sign_ins"
            ))?;
            let _ = begun.send(());
            if matches!(tx.connection, db::DbConnection::Postgres(_)) {
                tx.connection.batch_execute(UNTIL_SOMEBODY_WAITS)?;
            }
            Ok(())
        };
        services.transact(Actor::Gatepost, work).await.unwrap();
    });
    spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
    showing
}

#[rocket::async_test]
async fn this_wasnt_me_waits_for_a_second_factor_that_is_being_shown_and_ends_what_came_of_it() {
    let app = app_with_ana().await;
    let (_ana, _phone) = with_phone(&app, ANA).await;
    at_the_second_factor(&app, ANA).await;
    let before = app.count_sessions().await;
    let link = newest_cancel_link(&app).await;
    let mut owner = app.browser();
    owner.open(&link).await.assert_status(200);
    let showing = shows_slowly(&app).await;
    owner.submit("/auth/cancel", &[]).await.assert_status(200);
    showing.await.unwrap();
    assert_eq!(app.count_sessions().await, before, "the session that came of it is gone");
}

#[rocket::async_test]
async fn signing_somebody_out_everywhere_waits_for_a_second_factor_that_is_being_shown() {
    let app = app_with_ana().await;
    app.add_admin(BEN).await;
    let mut ben = app.signed_in(BEN).await;
    let (_ana, _phone) = with_phone(&app, ANA).await;
    at_the_second_factor(&app, ANA).await;
    let (id, showing) = (id_of(&app, ANA).await, shows_slowly(&app).await);
    let page = ben.post(&format!("/admin/people/{id}/sign-out"), &[]).await;
    page.assert_leads_to(&format!("/admin/people/{id}"));
    showing.await.unwrap();
    assert_eq!(app.count_sessions().await, 1, "Ben's own");
}

/// It was turned on, and required, while users came by a host name.
#[rocket::async_test]
async fn where_nobody_could_have_the_second_factor_that_is_required_the_start_is_refused() {
    let app = TestApp::new().await;
    app.set("totp_enabled", "off").await;
    let start = || Setup::new().beside(&app).with("GATEPOST_BASE_URL", "http://127.0.0.1:8000").try_start();
    assert!(start().await.is_ok());
    app.set("second_factor_required", "admins").await;
    let refusal = start().await.err().expect("a refusal");
    assert!(
        refusal.contains("second_factor_required is admins") && refusal.contains("http://127.0.0.1:8000"),
        "{refusal}"
    );
    app.set("totp_enabled", "on").await;
    assert!(start().await.is_ok());
}
