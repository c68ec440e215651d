//! Counts of wrong guesses after an undo, and after a sign-in that waits. An attacker who reads the
//! mailbox can cause both as often as they like.

use crate::{
    browser::Browser,
    harness::{Mail, Setup, TestApp, address, local},
    passkey_pages::adds_a_passkey,
    phone::{Phone, at_the_second_factor},
};
use gatepost::{
    db,
    domain::{Clock, Lifetime, totp::Failures},
    limits,
};

const ANA: &str = "ana@example.com";
const FIRST: &str = "correct horse battery";
const SECOND: &str = "staple every other word";

async fn app_with_ana() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    app.a_second_later();
    app
}

fn link_in(mail: &Mail, path: &str) -> Option<String> {
    mail.text.split_whitespace().find(|word| word.contains(path)).map(local)
}

async fn newest(app: &TestApp, path: &str) -> String {
    app.mails_to(ANA).await.iter().rev().find_map(|mail| link_in(mail, path)).unwrap()
}

async fn resets(app: &TestApp, password: &str) {
    let mut reader = app.browser().at("198.51.100.66");
    reader.post("/password/forgot", &[("email", ANA)]).await;
    reader.open(&newest(app, "/auth/reset").await).await;
    reader.post("/auth/reset", &[("new_password", password)]).await.assert_leads_to("/login/password");
}

/// Presses the button behind the newest link that undoes something.
async fn undoes(app: &TestApp) {
    let mut reader = app.browser().at("198.51.100.66");
    reader.open(&newest(app, "/auth/undo?token=").await).await.assert_status(200);
    reader.submit("/auth/undo", &[]).await.assert_shows("undone");
    app.a_second_later();
}

async fn by_password(app: &TestApp, password: &str) -> u16 {
    app.browser().post("/login/password", &[("email", ANA), ("password", password)]).await.status.code
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gained {
    Reset,
    Password,
    Passkey,
    Codes,
    SecondApp,
    /// Nothing after the app, so that the undo takes the app itself.
    OnlyApp,
}

async fn gains(browser: &mut Browser<'_>, gained: Gained) {
    match gained {
        Gained::Reset => resets(browser.app, SECOND).await,
        Gained::Password => {
            browser.post("/account/password", &[("new_password", SECOND)]).await.assert_status(303);
        }
        Gained::Passkey => drop(adds_a_passkey(browser).await),
        Gained::Codes => {
            browser.post("/account/recovery-codes", &[]).await.assert_leads_to("/account/recovery-codes/made");
        }
        Gained::SecondApp => drop(Phone::set_up_in(browser).await),
        Gained::OnlyApp => {}
    }
}

/// The app may be young, because a user who has just set one up is no easier to guess at.
#[rocket::async_test]
async fn an_undo_forgives_no_wrong_codes_where_an_app_stays() {
    for gained in [Gained::Reset, Gained::Password, Gained::Passkey, Gained::Codes, Gained::SecondApp, Gained::OnlyApp]
    {
        let app = app_with_ana().await;
        let mut ana = app.signed_in(ANA).await;
        Phone::set_up_in(&mut ana).await;
        let (id, now) = (app.account_of(ANA).await.unwrap().id, app.clock.now());
        let failures = Failures { wrong: 7, paused_until: now };
        app.write(move |connection| db::totp::note_failures(connection, id, &failures)).await;
        app.clock.advance(Lifetime::seconds(1));
        gains(&mut ana, gained).await;
        undoes(&app).await;
        let left = app.read(move |connection| db::totp::failures(connection, id)).await;
        assert_eq!(left.wrong, if gained == Gained::OnlyApp { 0 } else { 7 }, "{gained:?}");
    }
}

/// The attack itself: a reset, guesses, an undo, and again.
#[rocket::async_test]
async fn resets_and_undos_give_no_free_guesses_at_an_app() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    Phone::set_up_in(&mut ana).await;
    let mut looked_at = 0;
    for _ in 0..2 {
        resets(&app, SECOND).await;
        let mut reader = app.browser();
        reader.post("/login/password", &[("email", ANA), ("password", SECOND)]).await;
        for _ in 0..6 {
            let page = reader.post("/login/second-factor", &[("code", "000000")]).await;
            looked_at += usize::from(page.status.code == 422);
        }
        undoes(&app).await;
    }
    assert!(looked_at <= 6, "{looked_at}: five are free, and one more after the pause");
}

/// Uses up the tries at the password of an address that strangers have.
async fn guesses_a_hundred_times(app: &TestApp, email: &str) {
    let (email, now) = (address(email), app.clock.now());
    app.write(move |connection| {
        let set_at = db::passwords::set_at(connection, &email)?;
        for _ in 0..limits::MAX_PASSWORDS_IN_A_ROW {
            db::limits::take(connection, &[limits::of_passwords_in_a_row(&email, false, set_at)], now)?;
        }
        Ok(())
    })
    .await;
}

#[rocket::async_test]
async fn a_reset_and_its_undo_leave_the_count_of_wrong_passwords_as_it_was() {
    let app = app_with_ana().await;
    app.signed_in(ANA).await.post("/account/password", &[("new_password", FIRST)]).await.assert_status(303);
    app.a_second_later();
    guesses_a_hundred_times(&app, ANA).await;
    assert_eq!(by_password(&app, FIRST).await, 422, "paused");
    resets(&app, SECOND).await;
    assert_eq!(by_password(&app, SECOND).await, 303, "a new password has a separate count");
    undoes(&app).await;
    assert_eq!((by_password(&app, SECOND).await, by_password(&app, FIRST).await), (422, 422));
    // Her mailbox alone signs her in, as there is no second factor. That forgives.
    app.signed_in(ANA).await;
    assert_eq!(by_password(&app, FIRST).await, 303);
}

#[rocket::async_test]
async fn a_sign_in_by_email_that_waits_forgives_no_wrong_passwords() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = Phone::set_up_in(&mut ana).await;
    ana.post("/account/password", &[("new_password", FIRST)]).await.assert_status(303);
    app.a_second_later();
    guesses_a_hundred_times(&app, ANA).await;
    let mut browser = at_the_second_factor(&app, ANA).await;
    assert_eq!(by_password(&app, FIRST).await, 422, "paused");
    let code = phone.next_code(&app);
    browser.post("/login/second-factor", &[("code", &code)]).await.assert_leads_to("/account");
    assert_eq!(by_password(&app, FIRST).await, 303);
}

/// Otherwise the paused count of an address that no account has would show on its neighbour.
#[rocket::async_test]
async fn the_count_of_one_address_tells_nothing_of_another_one_of_its_mailbox() {
    let app = app_with_ana().await;
    app.signed_in(ANA).await.post("/account/password", &[("new_password", FIRST)]).await.assert_status(303);
    let wrong = |email: &'static str| {
        let app = &app;
        async move { app.browser().post("/login/password", &[("email", email), ("password", SECOND)]).await.status.code }
    };
    for (beside, email) in [("ana+x@example.com", ANA), ("eve+x@example.com", "eve@example.com")] {
        guesses_a_hundred_times(&app, beside).await;
        assert_eq!((wrong(beside).await, wrong(email).await), (422, 422), "{email}");
    }
    assert_eq!(by_password(&app, FIRST).await, 303, "the password of her address does not pause");
}
