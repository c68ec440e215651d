//! Floods: however often one account or client acts, it leaves room for the others.

use crate::harness::{Setup, TestApp};
use gatepost::{
    db,
    domain::{AccountId, Token, audit::Action, turns::Party},
    entropy::SystemEntropy,
    live::Source,
};
use rocket::futures::future::{join, join_all};
use std::sync::{Arc, Mutex, mpsc};

fn account(n: i64) -> Party {
    Party::Account(AccountId::from_i64(n))
}

#[rocket::async_test]
async fn a_write_whose_caller_was_told_unavailable_keeps_nothing() {
    let app = Setup::new().impatient().start().await;
    let now = app.services.now();
    let (go, wait) = mpsc::channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let (is_there, ended) = mpsc::channel::<()>();
    let told = app
        .services
        .db
        .write(move |connection| {
            db::settings::store(connection, "support_address", "help@example.com", now)?;
            let _ = &is_there;
            // Until the caller has been told, and a little longer.
            let _ = wait.lock().unwrap().recv();
            Ok(())
        })
        .await;
    assert!(told.is_err_and(|error| error.is_unavailable()));
    go.send(()).unwrap();
    // The job is dropped once its transaction has ended.
    let dropped = tokio::task::spawn_blocking(move || ended.recv()).await.unwrap();
    assert!(dropped.is_err());
    let other = Setup::new().beside(&app).start().await;
    assert_eq!(other.stored_settings().await.support_address, app.services.settings.start().support_address);
}

#[rocket::async_test]
async fn a_party_that_fills_a_lane_leaves_room_and_a_turn_for_another() {
    let app = TestApp::new().await;
    let (go, wait) = mpsc::channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    // Both readers are busy until all the others wait. Then only one goes on, because two may swap
    // the order of what they serve.
    let busy = join_all((0..2).map(|_| {
        let wait = Arc::clone(&wait);
        app.services.db.of(account(1)).read(move |_| Ok(wait.lock().unwrap().recv().is_ok()))
    }));
    let served = Arc::new(Mutex::new(Vec::new()));
    let read = |party, n: usize| {
        let served = Arc::clone(&served);
        app.services.db.of(party).read(move |_| {
            served.lock().unwrap().push(n);
            Ok(())
        })
    };
    let flood = join_all((1..=5000).map(|n| read(account(1), n)));
    let others = async {
        let free_one = async { go.send(()).unwrap() };
        let other = join(read(account(2), 0), free_one).await.0;
        go.send(()).unwrap();
        other
    };
    let ((_, flood), other) = join(join(busy, flood), others).await;
    assert!(other.is_ok(), "{other:?}");
    assert!(flood.iter().any(Result::is_err), "more were asked for than there is room");
    let place = served.lock().unwrap().iter().position(|n| *n == 0).unwrap();
    assert!(place < 10, "served after {place} of the flood");
}

/// The database may well answer others.
#[rocket::async_test]
async fn a_session_that_waits_behind_a_flood_of_its_party_makes_the_database_away_for_no_other() {
    let app = Setup::new().impatient().start().await;
    let (go, wait) = mpsc::channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let busy = join_all((0..2).map(|_| {
        let wait = Arc::clone(&wait);
        app.services.db.of(account(1)).read(move |_| Ok(wait.lock().unwrap().recv().is_ok()))
    }));
    let settings = app.services.settings().await.unwrap();
    let breaker = &app.services.breaker;
    let source = Source { db: app.services.db.of(account(1)), breaker, now: app.services.now() };
    let secret = Token::issue(&SystemEntropy).hash();
    let (_, found) = join(busy, app.services.sessions.find(source, &secret, &settings)).await;
    drop(go);
    let error = found.err().unwrap();
    assert!(error.is_unavailable() && error.is_busy(), "{error:?}");
    assert!(!breaker.is_away());
}

const PASSWORD: &str = "correct horse battery";

/// An account with a password, signed in and fresh.
async fn flooder(app: &TestApp) -> crate::browser::Browser<'_> {
    app.set("password_enabled", "on").await;
    app.add_account("flood@example.com").await;
    let mut flooder = app.signed_in("flood@example.com").await;
    flooder.post("/account/password", &[("new_password", PASSWORD)]).await.assert_status(303);
    flooder
}

#[rocket::async_test]
async fn sixty_connections_of_one_account_on_each_slow_route_leave_others_their_turn() {
    let app = TestApp::new().await;
    let flooder = flooder(&app).await;
    app.add_account("ana@example.com").await;
    let mut ana = app.browser().at("198.51.100.9");
    ana.sign_in("ana@example.com").await;
    ana.post("/account/password", &[("new_password", PASSWORD)]).await.assert_status(303);
    let slow: [(&str, &[(&str, &str)]); 6] = [
        ("/account/password", &[("new_password", "another horse battery")]),
        ("/step-up/password", &[("password", "not that horse battery")]),
        ("/login/password", &[("email", "flood@example.com"), ("password", "not that horse battery")]),
        ("/login/code", &[("code", "AAA-AAA")]),
        ("/account/recovery-codes", &[]),
        ("/account/name", &[("name", "Flood")]),
    ];
    for (n, (path, fields)) in slow.into_iter().enumerate() {
        let flood = join_all((0..60).map(|_| {
            let mut browser = app.browser();
            browser.cookies.clone_from(&flooder.cookies);
            async move { browser.post(path, fields).await.status.code }
        }));
        let mut phone = app.browser().at(&format!("198.51.100.{}", 20 + n));
        let signs_in = async {
            phone.post("/login/password", &[("email", "ana@example.com"), ("password", PASSWORD)]).await.status.code
        };
        let (flood, signed_in) = join(flood, signs_in).await;
        assert_eq!(signed_in, 303, "beside {path}: {flood:?}");
    }
}

#[rocket::async_test]
async fn every_way_to_an_email_and_to_an_audit_line_has_an_end() {
    let app = TestApp::new().await;
    let mut flooder = flooder(&app).await;
    let before = app.audit().await.len();
    // Each a hundred times, including cheap acts up to their own limit.
    for n in 0..100 {
        let address = format!("away{n}@elsewhere{n}.example");
        flooder.post("/account/address", &[("new_email", &address)]).await;
        flooder.post("/account/password", &[("new_password", PASSWORD)]).await;
        flooder.post("/account/password/remove", &[]).await;
        flooder.post("/account/recovery-codes", &[]).await;
        flooder.post("/account/sessions/revoke-others", &[]).await;
        flooder.post("/account/security/forget-all", &[]).await;
        flooder.post("/step-up", &[]).await;
        app.browser().post("/login", &[("email", "flood@example.com")]).await;
        app.browser().post("/password/forgot", &[("email", "flood@example.com")]).await;
    }
    for n in 0..600 {
        flooder.post("/account/name", &[("name", &format!("n{n}"))]).await;
    }
    let lines = app.read(|connection| db::audit::newest(connection, 10_000)).await;
    assert_eq!(lines.iter().filter(|line| line.action == Action::NameChanged).count(), 500);
    let own = app.mails_to("flood@example.com").await.len();
    let all = app.services.dev_mailbox.mails().len();
    // Thirty acts with an email, one of which happened before. Ten passwords were removed, as many
    // as were set. Three attempts each for a known and an unknown browser.
    assert!(own <= 30 + 10 + 2 + 3 + 3, "{own}");
    assert!(all <= own + 30, "{all}");
    let lines = app.read(|connection| db::audit::newest(connection, 10_000)).await.len() - before;
    assert!(lines <= 30 + 10 + 500, "{lines}");
}

/// Strangers can add any number of those. Redeeming used to end them all, and took longer than its
/// caller waits.
#[rocket::async_test]
async fn signing_in_touches_nothing_that_was_asked_for_over_a_limit() {
    let app = TestApp::new().await;
    app.add_account("ana@example.com").await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", "ana@example.com")]).await;
    let link = app.mail_to("ana@example.com").await.link();
    for n in 0..6 {
        app.browser().at(&format!("198.51.100.{n}")).post("/login", &[("email", "ana@example.com")]).await;
    }
    let muted = app.read(db::attempts::count_muted).await;
    assert!(muted > 0);
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    let dump = app.dump().await;
    let open = dump.lines().filter(|line| line.starts_with("attempts: ") && line.contains(" ended_at=NULL"));
    assert_eq!(open.count(), usize::try_from(muted).unwrap(), "{dump}");
    assert_eq!(app.read(db::attempts::count_muted).await, muted);
}
