//! One's own account: name, address, data, and closing it.

use crate::{browser::Browser, harness::TestApp};
use gatepost::domain::{Lifetime, audit::Action};

const ANA: &str = "ana@example.com";
const NEW: &str = "ana@new.example";

async fn app_with_ana() -> TestApp {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app
}

/// Moves Ana to her new address. Returns the browser in which she did it.
async fn moved(app: &TestApp) -> Browser<'_> {
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/address", &[("new_email", NEW)]).await.assert_leads_to("/account");
    let link = app.mail_to(NEW).await.link();
    ana.open(&link).await.assert_shows("Use ana@new.example");
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    ana
}

#[rocket::async_test]
async fn a_name_is_kept_and_a_wrong_one_comes_back_as_typed() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    ana.submit("/account/name", &[("name", " Ana <b>María</b> ")]).await.assert_shows("Your name is saved.");
    let page = ana.get("/account").await;
    assert!(page.body.contains("value=\"Ana &#60;b&#62;María&#60;/b&#62;\""), "escaped: {}", page.body);
    let long = "x".repeat(101);
    ana.post("/account/name", &[("name", &long)]).await.assert_status(422).assert_shows("at most 100");
    ana.post("/account/name", &[("name", "a\u{202e}b")]).await.assert_status(422).assert_shows("invisible character");
    let names: Vec<_> = app.audit().await.into_iter().filter(|entry| entry.action == Action::NameChanged).collect();
    assert_eq!((names.len(), names[0].before.as_deref()), (1, Some("")));
}

#[rocket::async_test]
async fn an_address_moves_only_after_the_new_mailbox_says_so() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let mut elsewhere = app.signed_in(ANA).await;
    ana.post("/account/address", &[("new_email", NEW)]).await;
    assert!(ana.is_signed_in_as(ANA).await, "the old address stays until then");
    let link = app.mail_to(NEW).await.link();
    app.browser().open(&link).await.assert_status(409).assert_shows("Open this link where you’re signed in");
    elsewhere.open(&link).await.assert_shows("Use ana@new.example");
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    app.a_second_later();
    assert!(ana.is_signed_in_as(NEW).await);
    assert!(elsewhere.is_signed_out().await, "other sessions have ended");
    let mail = app.mail_to(ANA).await;
    assert!(mail.text.contains("Your account at Gatepost now uses ") && mail.says_where(), "{}", mail.text);
    app.signed_in(NEW).await;
    app.browser().post("/login", &[("email", ANA)]).await;
    assert!(!app.mail_to(ANA).await.text.contains("/auth/verify"), "the old address signs in no more");
}

#[rocket::async_test]
async fn changing_the_address_needs_a_fresh_proof_and_loses_nothing() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(11));
    let page = ana.post("/account/address", &[("new_email", NEW)]).await;
    assert!(page.location().unwrap().starts_with("/step-up?then="));
    assert!(app.mails_to(NEW).await.is_empty());
    let then = page.location().unwrap().to_owned();
    ana.open(&then).await.assert_shows("Verify it’s you").assert_shows("We’ve kept what you filled in");
    let then = url::form_urlencoded::parse(then.split_once('?').unwrap().1.as_bytes()).next().unwrap().1.into_owned();
    ana.post("/step-up", &[("then", &then)]).await.assert_leads_to("/login/sent");
    let old_secret = ana.cookies["gatepost_session"].clone();
    let code = app.mail_to(ANA).await.code();
    ana.post("/login/code", &[("code", &code)]).await.assert_leads_to(&then);
    assert_ne!(ana.cookies["gatepost_session"], old_secret, "the session has a new secret");
    ana.get(&then).await.assert_shows("Nothing has changed yet").assert_status(200);
    assert!(ana.get(&then).await.body.contains("value=\"ana@new.example\""), "and the form is as it was");
    ana.post("/account/address", &[("new_email", NEW)]).await.assert_leads_to("/account");
    assert_eq!(app.mails_to(NEW).await.len(), 1);
}

#[rocket::async_test]
async fn a_step_up_is_for_one_session_only() {
    let app = app_with_ana().await;
    let (mut one, mut two) = (app.signed_in(ANA).await, app.signed_in(ANA).await);
    app.clock.advance(Lifetime::minutes(15));
    one.post("/step-up", &[]).await.assert_leads_to("/login/sent");
    let mail = app.mail_to(ANA).await;
    two.open(&mail.link()).await.assert_status(409);
    two.post("/auth/verify", &[("this_device", "yes"), ("switch", "yes")]).await.assert_status(409);
    let mut stranger = app.browser();
    stranger.open(&mail.link()).await.assert_status(409);
    stranger.post("/auth/verify", &[("this_device", "yes"), ("switch", "yes")]).await.assert_status(409);
    assert!(stranger.is_signed_out().await, "it never makes a session");
    one.open(&mail.link()).await;
    one.post("/auth/verify", &[]).await.assert_status(303);
    one.get("/account/data").await.assert_status(200);
    let page = two.get("/account/data").await;
    assert!(page.location().is_some_and(|to| to.starts_with("/step-up")), "the other session is as stale as before");
}

#[rocket::async_test]
async fn asking_for_an_address_that_somebody_has_looks_the_same_and_does_nothing() {
    let app = app_with_ana().await;
    app.add_account("ben@example.com").await;
    let mut ana = app.signed_in(ANA).await;
    let free = ana.post("/account/address", &[("new_email", NEW)]).await;
    let taken = ana.post("/account/address", &[("new_email", "ben@example.com")]).await;
    assert_eq!((free.status, free.location()), (taken.status, taken.location()));
    assert!(app.mails_to("ben@example.com").await.is_empty());
    ana.post("/account/address", &[("new_email", ANA)]).await.assert_status(422).assert_shows("already your address");
    ana.post("/account/address", &[("new_email", "x@")]).await.assert_status(422);
}

#[rocket::async_test]
async fn two_accounts_cannot_move_to_one_address() {
    let app = app_with_ana().await;
    app.add_account("ben@example.com").await;
    let (mut ana, mut ben) = (app.signed_in(ANA).await, app.signed_in("ben@example.com").await);
    ana.post("/account/address", &[("new_email", NEW)]).await;
    let first = app.mail_to(NEW).await.link();
    app.clock.advance(Lifetime::minutes(1));
    ben.post("/account/address", &[("new_email", NEW)]).await;
    let second = app.mail_to(NEW).await.link();
    assert_ne!(first, second);
    ana.open(&first).await;
    ben.open(&second).await;
    ben.post("/auth/verify", &[]).await.assert_leads_to("/account");
    ana.post("/auth/verify", &[]).await.assert_status(410);
    assert!(ana.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn the_old_mailbox_can_take_the_account_back_for_a_week() {
    let app = app_with_ana().await;
    let mut thief = moved(&app).await;
    let undo = app.mail_to(ANA).await.undo_link();
    let mut owner = app.browser();
    let before = app.dump().await;
    owner.open(&undo).await.assert_shows("Undo the address change?").assert_shows(NEW);
    assert_eq!(app.dump().await, before, "opening it changes nothing");
    owner.submit("/auth/undo", &[]).await.assert_status(200).assert_shows("Your account is restored");
    app.a_second_later();
    assert!(thief.is_signed_out().await);
    app.signed_in(ANA).await;
    owner.open(&undo).await.assert_status(200).assert_shows("Your account is restored");
}

#[rocket::async_test]
async fn after_a_week_it_is_too_late_to_take_it_back() {
    let app = app_with_ana().await;
    moved(&app).await;
    let undo = app.mail_to(ANA).await.undo_link();
    app.clock.advance(Lifetime::days(7));
    app.browser().open(&undo).await.assert_status(410);
}

#[rocket::async_test]
async fn taking_back_the_first_of_two_moves_takes_back_both() {
    let app = app_with_ana().await;
    let mut thief = moved(&app).await;
    let undo = app.mail_to(ANA).await.undo_link();
    thief.post("/account/address", &[("new_email", "far@away.example")]).await.assert_leads_to("/account");
    let link = app.mail_to("far@away.example").await.link();
    thief.open(&link).await;
    thief.post("/auth/verify", &[]).await.assert_leads_to("/account");
    let second_undo = app.mail_to(NEW).await.undo_link();
    let mut owner = app.browser();
    owner.open(&undo).await;
    owner.submit("/auth/undo", &[]).await.assert_shows("ana@example.com");
    assert_eq!(app.account_of(ANA).await.map(|account| account.email.as_str().to_owned()).as_deref(), Some(ANA));
    app.browser().open(&second_undo).await.assert_shows("account is restored");
}

#[rocket::async_test]
async fn my_data_is_a_file_and_needs_a_fresh_proof() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/account/data").await;
    page.assert_status(200);
    assert_eq!(page.header("Content-Disposition"), Some("attachment; filename=\"gatepost-account.json\""));
    let data: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(data["account"]["email"], ANA);
    assert_eq!(data["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(data["audit"][0]["action"], "signed_in");
    assert!(!page.body.contains("hash") && !page.body.contains("secret"));
    app.clock.advance(Lifetime::minutes(11));
    assert!(ana.get("/account/data").await.location().is_some_and(|to| to.starts_with("/step-up")));
}

#[rocket::async_test]
async fn closing_an_account_removes_it_and_says_so() {
    let app = app_with_ana().await;
    let id = app.account_of(ANA).await.unwrap().id;
    let mut ana = app.signed_in(ANA).await;
    // As long as the operator keeps it.
    ana.get("/account/close").await.assert_shows("Close your account").assert_shows("for 365 days");
    let page = ana.post("/account/close", &[]).await;
    page.assert_status(422).assert_shows("Tick the box");
    assert!(page.body.contains("aria-invalid=\"true\" aria-describedby=\"sure-problem\" autofocus"), "{}", page.body);
    ana.submit("/account/close", &[("sure", "yes")]).await.assert_status(200).assert_shows("Your account is closed");
    assert!(ana.is_signed_out().await);
    assert!(app.account_of(ANA).await.is_none());
    let mail = app.mail_to(ANA).await;
    assert!(mail.text.contains("Your account at Gatepost is closed.") && mail.says_where(), "{}", mail.text);
    // A later account at the address is a different one.
    assert_ne!(app.add_account(ANA).await.id, id);
}

#[rocket::async_test]
async fn the_last_admin_cannot_leave() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/close", &[("sure", "yes")]).await.assert_status(409).assert_shows("last admin");
    app.add_admin("ben@example.com").await;
    ana.submit("/account/close", &[("sure", "yes")]).await.assert_status(200);
}

#[rocket::async_test]
async fn my_data_has_a_row_of_every_table_that_knows_me() {
    let app = app_with_ana().await;
    app.add_admin("boss@example.com").await;
    let mut ana = moved(&app).await;
    let id = app.account_of(NEW).await.unwrap().id;
    let mut boss = app.signed_in("boss@example.com").await;
    boss.post(&format!("/admin/people/{id}/make-admin"), &[]).await.assert_status(303);
    let page = ana.get("/account/data").await;
    let data: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    for (part, rows) in [("sessions", 1), ("known_browsers", 1), ("address_changes", 1)] {
        assert_eq!(data[part].as_array().unwrap().len(), rows, "{part}: {}", page.body);
    }
    assert!(data["attempts"].as_array().unwrap().iter().any(|row| row["purpose"] == "confirm_address"));
    assert!(data["mails"].as_array().unwrap().iter().any(|row| row["kind"] == "confirm_address"));
    assert_eq!(data["address_changes"][0]["from"], ANA);
    // The page shows what the admin did, but not who the admin was.
    assert!(!page.body.contains("boss@example.com") && page.body.contains("another user"), "{}", page.body);
}

/// A thief moves Ana's account away. She signs in as usual, which makes a new account where every
/// address may join. The undo link must still return the old account.
#[rocket::async_test]
async fn an_account_can_be_taken_back_although_its_owner_has_signed_in_since() {
    let app = app_with_ana().await;
    app.set("join_policy", "anyone").await;
    let mut thief = moved(&app).await;
    let undo = app.mail_to(ANA).await.undo_link();
    let stolen = app.account_of(NEW).await.unwrap().id;
    app.clock.advance(Lifetime::minutes(1));
    let mut ana = app.signed_in(ANA).await;
    assert_ne!(app.account_of(ANA).await.unwrap().id, stolen);
    ana.open(&undo).await.assert_shows("Since then, a new account uses ana@example.com");
    ana.submit("/auth/undo", &[]).await.assert_status(200).assert_shows("account is restored");
    assert_eq!(app.account_of(ANA).await.unwrap().id, stolen);
    app.a_second_later();
    assert!(thief.is_signed_out().await && ana.is_signed_out().await);
}

/// The account that had that address before the move is another one.
#[rocket::async_test]
async fn an_undo_page_is_about_one_change_and_its_button_undoes_no_other() {
    let app = app_with_ana().await;
    let _ana = moved(&app).await;
    let undo = app.mail_to(ANA).await.undo_link();
    let mut owner = app.browser();
    let page = owner.open(&undo).await;
    let gain = page.hidden("gain").to_owned();
    owner.post("/auth/undo", &[("gain", "0123456789abcdef")]).await.assert_leads_to("/auth/undo");
    assert!(app.account_of(NEW).await.is_some());
    owner.post("/auth/undo", &[("gain", &gain)]).await.assert_leads_to("/auth/undo");
    assert!(app.account_of(ANA).await.is_some());
}

#[rocket::async_test]
async fn with_email_links_switched_off_no_address_is_changed_by_one() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/address", &[("new_email", NEW)]).await.assert_status(303);
    let link = app.mail_to(NEW).await.link();
    app.set("email_link_enabled", "off").await;
    app.a_second_later();
    ana.open(&link).await.assert_status(403).assert_shows("turned off");
    ana.post("/auth/verify", &[]).await.assert_status(403);
    ana.post("/account/address", &[("new_email", NEW)]).await.assert_status(403).assert_shows("turned off");
    assert!(app.account_of(ANA).await.is_some() && app.account_of(NEW).await.is_none());
}
