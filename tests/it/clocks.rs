//! Clocks that jump, forward and back, and servers that were off for long. Some things wait until
//! the clock is believed, and some heal by themselves.

use crate::{
    browser::Browser,
    database::add_passkey,
    harness::{TestApp, address},
};
use gatepost::{
    config::DatabaseUrl,
    db::{self, limits::Counted},
    domain::{Lifetime, audit::Action, clock_jump::LastRun, limit::Decision, recovery::AskedBy},
    housekeeping, limits, people, rotation,
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

async fn round(app: &TestApp) {
    housekeeping::round(&app.services).await.unwrap();
}

async fn rounds(app: &TestApp, hours: i64) {
    for _ in 0..hours {
        app.clock.advance(Lifetime::hours(1));
        round(app).await;
    }
}

/// Begins a recovery for Ana, who has a passkey, as a thief does who has mailbox and password.
async fn begins_recovery(app: &TestApp) {
    let id = app.add_account(ANA).await.id;
    // The first proof of the mailbox removes what strangers left in the account.
    app.signed_in(ANA).await;
    app.transact(move |tx| {
        add_passkey(tx.connection, 901, id)?;
        let account = db::accounts::find(tx.connection, id)?.unwrap();
        people::begin_recovery(tx, &account, AskedBy::Owner).map(drop)
    })
    .await;
}

async fn has_passkey(app: &TestApp) -> bool {
    let id = app.account_of(ANA).await.unwrap().id;
    app.read(move |connection| Ok(db::enrolled::of(connection, id)?.has_second_factor())).await
}

/// Opens an email link, which shows the mailbox and nothing else.
async fn shows_mailbox(app: &TestApp) -> Browser<'_> {
    let mut browser = app.browser();
    browser.post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    let link = app.mails_to(ANA).await.iter().rev().find(|mail| mail.text.contains("/auth/verify")).unwrap().link();
    browser.open(&link).await;
    browser.post("/auth/verify", &[]).await;
    browser
}

#[rocket::async_test]
async fn a_sign_in_after_a_day_without_a_server_ends_no_recovery_before_another_day() {
    let app = TestApp::new().await;
    begins_recovery(&app).await;
    round(&app).await;
    app.clock.advance(Lifetime::hours(25));
    shows_mailbox(&app).await;
    assert!(has_passkey(&app).await, "the owner had no server to end it");
    round(&app).await;
    rounds(&app, 23).await;
    shows_mailbox(&app).await;
    assert!(has_passkey(&app).await);
    rounds(&app, 1).await;
    assert!(!has_passkey(&app).await, "the owner has had a day");
}

#[rocket::async_test]
async fn a_sign_in_under_a_clock_that_is_ahead_for_a_moment_ends_no_recovery() {
    let app = TestApp::new().await;
    begins_recovery(&app).await;
    round(&app).await;
    app.clock.advance(Lifetime::days(2));
    shows_mailbox(&app).await;
    round(&app).await;
    shows_mailbox(&app).await;
    assert!(has_passkey(&app).await);
    app.clock.set_back(Lifetime::days(2));
    rounds(&app, 23).await;
    assert!(has_passkey(&app).await);
    rounds(&app, 2).await;
    assert!(!has_passkey(&app).await, "in its own time");
}

#[rocket::async_test]
async fn the_command_line_recovers_an_account_at_once_whatever_the_clock_says_and_no_disabled_one() {
    let app = TestApp::new().await;
    begins_recovery(&app).await;
    round(&app).await;
    app.clock.advance(Lifetime::days(3));
    let id = app.account_of(ANA).await.unwrap().id;
    let now = app.services.now();
    app.write(move |connection| db::accounts::set_disabled(connection, id, Some(now))).await;
    let recover = || async {
        let ana = app.account_of(ANA).await.unwrap();
        app.transact(move |tx| people::recover_now(tx, &ana)).await
    };
    let before = app.dump().await;
    assert!(!recover().await);
    assert_eq!(app.dump().await, before, "it says that nothing was changed");
    app.write(move |connection| db::accounts::set_disabled(connection, id, None)).await;
    assert!(recover().await && !has_passkey(&app).await);
}

/// A battery that is empty brings a node to the year 2000.
#[rocket::async_test]
async fn a_clock_that_falls_back_for_a_moment_ends_no_session_and_forgets_no_count() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let count = || -> Counted { limits::of_passwords_in_a_row(&address(BEN), false, None) };
    for _ in 0..limits::MAX_PASSWORDS_IN_A_ROW {
        let (one, now) = (count(), app.services.now());
        app.write(move |connection| db::limits::take(connection, std::slice::from_ref(&one), now)).await;
    }
    round(&app).await;
    let (before, span) = (app.audit().await.len(), Lifetime::days(26 * 365));
    app.clock.set_back(span);
    for _ in 0..3 {
        round(&app).await;
        app.clock.advance(Lifetime::seconds(30));
    }
    assert_eq!((app.count_sessions().await, app.audit().await.len()), (1, before));
    app.clock.advance(span);
    round(&app).await;
    app.a_second_later();
    assert!(ana.is_signed_in_as(ANA).await);
    let (one, now) = (count(), app.services.now());
    let decision = app.read(move |connection| db::limits::peek(connection, std::slice::from_ref(&one), now)).await;
    assert!(matches!(decision, Decision::Limited { .. }), "{decision:?}");
}

#[rocket::async_test]
async fn a_session_that_was_seen_while_the_clock_was_ahead_goes_idle_in_its_time() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.browser();
    ana.sign_in_to(ANA, &[("remember", "on")]).await;
    round(&app).await;
    app.clock.advance(Lifetime::days(3));
    assert!(ana.is_signed_in_as(ANA).await);
    app.services.sessions.write_seen(&app.services.db).await.unwrap();
    app.clock.set_back(Lifetime::days(3));
    round(&app).await;
    let id = app.account_of(ANA).await.unwrap().id;
    let sessions = app.read(move |connection| db::sessions::of_account(connection, id)).await;
    assert!(sessions.iter().all(|session| session.last_seen_at <= app.services.now()));
}

#[rocket::async_test]
async fn a_start_under_a_wrong_clock_changes_no_signing_keys() {
    let app = TestApp::new().await;
    rotation::make_first(&app.services).await.unwrap();
    round(&app).await;
    let keys = || app.read(|connection| Ok(db::oidc_keys::all(connection)?.len()));
    let first = keys().await;
    assert!(first > 0);
    app.clock.advance(Lifetime::days(200));
    rotation::make_first(&app.services).await.unwrap();
    round(&app).await;
    assert_eq!(keys().await, first);
    app.clock.advance(Lifetime::hours(24));
    round(&app).await;
    assert!(keys().await > first, "the clock is believed now");
}

/// Strangers type any number of addresses.
#[rocket::async_test]
async fn a_single_wrong_password_is_counted_for_days_and_a_hundred_for_a_year() {
    let app = TestApp::new().await;
    let take = |email: &'static str, times: u16| {
        let (one, now) = (limits::of_passwords_in_a_row(&address(email), false, None), app.services.now());
        app.write(move |connection| {
            (0..times).try_for_each(|_| db::limits::take(connection, std::slice::from_ref(&one), now).map(drop))
        })
    };
    take(ANA, 1).await;
    take(BEN, 100).await;
    for (days, kept) in [(3, 2), (1, 1), (359, 1), (3, 0)] {
        app.clock.advance(Lifetime::days(days));
        housekeeping::tidy(&app.services).await.unwrap();
        let dump = app.dump().await;
        assert_eq!(dump.lines().filter(|line| line.contains(db::limits::IN_A_ROW)).count(), kept, "{days}");
    }
}

/// One table that cannot be read must not stop everything.
#[rocket::async_test]
async fn what_fails_in_a_round_keeps_nothing_else_from_its_turn() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.signed_in(ANA).await;
    round(&app).await;
    app.write(|connection| {
        use diesel::connection::SimpleConnection as _;
        Ok(connection.batch_execute("ALTER TABLE limits RENAME TO limits_away")?)
    })
    .await;
    app.clock.advance(Lifetime::days(400));
    let now = app.services.now();
    app.write(move |connection| {
        let run = LastRun { ran_at: now, jumped_at: None };
        db::housekeeping_runs::note(connection, run)
    })
    .await;
    let unfinished = housekeeping::round(&app.services).await.unwrap_err();
    assert_eq!(unfinished.names(), "dates in the future, limits");
    assert_eq!(app.count_sessions().await, 0, "the session is deleted nonetheless");
}

/// Otherwise, a recovery that its owner ended since the copy was made would be due at once.
#[rocket::async_test]
async fn a_recovery_of_a_backup_is_over_after_a_restore() {
    let app = TestApp::new().await;
    begins_recovery(&app).await;
    app.clock.advance(Lifetime::days(3));
    let url = DatabaseUrl::parse(&app.database.url).unwrap();
    let line = app.transact(|tx| Ok(tx.line(Action::DatabaseRestored, "a copy"))).await;
    rocket::tokio::task::spawn_blocking(move || db::finish_restore(&url, &line)).await.unwrap().unwrap();
    shows_mailbox(&app).await;
    round(&app).await;
    assert!(has_passkey(&app).await);
    let id = app.account_of(ANA).await.unwrap().id;
    assert!(app.read(move |connection| db::recoveries::under_way(connection, id)).await.is_none());
}
