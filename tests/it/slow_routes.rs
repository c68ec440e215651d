//! A limit is checked before the slow work that it is for. A refused request therefore costs no
//! core anything.

use crate::{harness::TestApp, passwords::asks_for_a_reset, totp::sets_up_an_app};
use gatepost::{
    db::{self, attempts::LinkKind, limits::Counted},
    domain::{Account, AccountId, ClientAddress, Token, limit::Decision, turns::Party},
    limits,
};
use rocket::futures::future::{join, join_all};
use std::{
    sync::{Arc, Mutex, mpsc},
    thread::available_parallelism,
    time::Duration,
};

const ANA: &str = "ana@example.com";

async fn use_up(app: &TestApp, counted: Vec<Counted>) {
    let now = app.services.now();
    app.write(move |connection| {
        while db::limits::take(connection, &counted, now)? == Decision::Allowed {}
        Ok(())
    })
    .await;
}

/// While another's work keeps every core busy, an answer that comes has cost none.
#[rocket::async_test]
async fn what_is_over_a_limit_costs_no_slow_work() {
    let app = TestApp::new().await;
    app.set("password_enabled", "on").await;
    let Account { id, .. } = app.add_account(ANA).await;
    app.a_second_later();
    let mut ana = app.signed_in(ANA).await;
    sets_up_an_app(&mut ana).await;
    let (mut resets, link) = asks_for_a_reset(&app, ANA).await;
    let token = Token::present(link.split_once("token=").unwrap().1).unwrap().hash();
    resets.open(&link).await.assert_status(200);
    let attempt = app.read(move |connection| db::attempts::find_by_link(connection, &token, LinkKind::Open)).await;
    let mut types = app.browser().at("198.51.100.9");
    types.post("/login", &[("email", "ben@example.com")]).await;
    use_up(&app, vec![limits::of_passwords_to_judge(id)]).await;
    use_up(&app, vec![limits::of_new_recovery_codes(id)]).await;
    use_up(&app, vec![limits::of_resets_to_judge(attempt.unwrap().id)]).await;
    use_up(&app, limits::of_codes(ClientAddress::new("198.51.100.9".parse().unwrap()))).await;

    let (release, released) = mpsc::channel::<()>();
    let released = Arc::new(Mutex::new(released));
    let busy = join_all((0..available_parallelism().unwrap().get()).map(|_| {
        let released = Arc::clone(&released);
        let party = Party::Account(AccountId::from_i64(99));
        app.services.slow_work.run_unless_busy(party, move || released.lock().unwrap().recv().is_err())
    }));
    let chosen = [("new_password", "another horse battery staple")];
    let asked = async {
        let statuses = [
            ana.post("/account/password", &chosen).await.status.code,
            ana.post("/account/recovery-codes", &[]).await.status.code,
            resets.post("/auth/reset", &chosen).await.status.code,
            types.post("/login/code", &[("code", "000-000")]).await.status.code,
        ];
        drop(release);
        statuses
    };
    let (_, statuses) = join(busy, tokio::time::timeout(Duration::from_secs(60), asked)).await;
    assert_eq!(statuses, Ok([429; 4]));
}
