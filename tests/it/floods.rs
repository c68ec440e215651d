//! Floods: what one account or client does, as often as it likes, leaves room for the others.

use crate::harness::TestApp;
use gatepost::{
    db,
    domain::{AccountId, turns::Party},
};
use rocket::futures::future::{join, join_all};
use std::sync::{Arc, Mutex, mpsc};

fn account(n: i64) -> Party {
    Party::Account(AccountId::from_i64(n))
}

#[rocket::async_test]
async fn a_write_whose_caller_was_told_unavailable_keeps_nothing() {
    let app = TestApp::new().await;
    let now = app.services.now();
    let (go, wait) = mpsc::channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let told = app
        .services
        .db
        .write(move |connection| {
            db::settings::store(connection, "support_address", "help@example.com", now)?;
            // Until the caller has been told, and a little longer.
            let _ = wait.lock().unwrap().recv();
            Ok(())
        })
        .await;
    assert!(told.is_err_and(|error| error.is_unavailable()));
    go.send(()).unwrap();
    // On SQLite behind it, in the line of the one writer; on PostgreSQL beside it or behind it.
    app.write(|_| Ok(())).await;
    assert_eq!(app.stored_settings().await.support_address, app.services.settings.start().support_address);
}

#[rocket::async_test]
async fn a_party_that_fills_a_lane_leaves_room_and_a_turn_for_another() {
    let app = TestApp::new().await;
    let (go, wait) = mpsc::channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    // Every reader is kept busy until all the others wait.
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
        let other = read(account(2), 0);
        let release = async {
            (0..2).for_each(|_| go.send(()).unwrap());
        };
        join(other, release).await.0
    };
    let ((_, flood), other) = join(join(busy, flood), others).await;
    assert!(other.is_ok(), "{other:?}");
    assert!(flood.iter().any(Result::is_err), "more were asked for than there is room");
    let place = served.lock().unwrap().iter().position(|n| *n == 0).unwrap();
    assert!(place < 10, "served after {place} of the flood");
}
