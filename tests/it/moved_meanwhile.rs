//! An account that moves to another address after a request has read it, and before the request's
//! transaction. The lock, the email and the audit log would be those of the former address.

use crate::{
    browser::{Browser, Page},
    harness::{TestApp, address, local},
    outage::until,
    phone::with_phone,
};
use gatepost::{
    db,
    domain::{Account, audit::Actor, recovery::AskedBy},
    people,
};
use rocket::futures::future::{Either, join, select};
use std::{
    pin::pin,
    sync::{Mutex, PoisonError, mpsc},
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

async fn account(app: &TestApp, email: &str) -> Account {
    app.account_of(email).await.unwrap()
}

/// Posts a form while another transaction holds the account's lock and moves it.
async fn posts_while_it_moves(browser: &mut Browser<'_>, path: &str, form: &[(&str, &str)], moving: Account) -> Page {
    let app = browser.app;
    let (writes, now) = (|| app.services.db.writes(), app.services.now());
    let (go, wait) = mpsc::channel::<()>();
    let (wait, before) = (Mutex::new(wait), writes());
    let moves = app.services.db.transact_at_leisure(app.services.context(Actor::Gatepost), move |tx| {
        tx.lock(&moving.email)?;
        // It ends with an error if the job runs twice.
        let _ = wait.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let to = address(&format!("moved.{}", moving.email.as_str()));
        db::accounts::move_address(tx.connection, moving.id, (&moving.email, &to), now).map(drop)
    });
    let posts = async {
        until("the move has begun", async || {
            tokio::task::yield_now().await;
            writes() > before
        })
        .await;
        let waits = async move {
            until("the request waits for the database", async || {
                tokio::task::yield_now().await;
                writes() > before + 1
            })
            .await;
            go.send(()).unwrap();
        };
        match select(pin!(browser.post_only(path, form)), pin!(waits)).await {
            Either::Left((page, _)) => panic!("answered without a transaction: {}", page.status),
            Either::Right(((), post)) => post.await,
        }
    };
    let (moved, page) = join(moves, posts).await;
    moved.unwrap();
    page
}

/// Returns all rows but those that the move itself changes.
async fn rows(app: &TestApp) -> String {
    let rows = app.dump().await;
    let is_kept = |row: &&str| !row.starts_with("accounts: ") && !row.starts_with("change_log: ");
    rows.lines().filter(is_kept).collect::<Vec<_>>().join("\n")
}

#[rocket::async_test]
async fn an_admin_changes_nothing_of_an_account_that_moves_meanwhile() {
    for (act, form) in [
        ("username/save", &[("handle", "benjamin")][..]),
        ("sign-out", &[]),
        ("recovery/cancel", &[]),
        ("end/save", &[("ends_on", "2031-03-31")]),
    ] {
        let app = TestApp::new().await;
        app.add_admin(ANA).await;
        app.add_account(BEN).await;
        with_phone(&app, BEN).await;
        let ben = account(&app, BEN).await;
        let of_recovery = ben.clone();
        app.transact(move |tx| people::begin_recovery(tx, &of_recovery, AskedBy::CommandLine)).await;
        let mut ana = app.signed_in(ANA).await;
        let page = format!("/admin/people/{}", ben.id);
        ana.get(&page).await.assert_status(200);
        let before = rows(&app).await;
        let answer = posts_while_it_moves(&mut ana, &format!("{page}/{act}"), form, ben).await;
        assert_eq!(answer.status.code, 503, "{act}");
        assert_eq!(rows(&app).await, before, "{act}");
    }
}

#[rocket::async_test]
async fn a_link_cancels_no_recovery_of_an_account_that_moves_meanwhile() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    with_phone(&app, ANA).await;
    let ana = account(&app, ANA).await;
    let of_recovery = ana.clone();
    app.transact(move |tx| people::begin_recovery(tx, &of_recovery, AskedBy::CommandLine)).await;
    let link = local(&app.mail_to(ANA).await.url("/auth/recovery?token="));
    let mut mailbox = app.browser();
    let page = mailbox.open(&link).await;
    let recovery = page.hidden("recovery").to_owned();
    let before = rows(&app).await;
    let answer = posts_while_it_moves(&mut mailbox, "/auth/recovery", &[("recovery", &recovery)], ana).await;
    assert_eq!(answer.status.code, 503);
    assert_eq!(rows(&app).await, before);
}

#[rocket::async_test]
async fn a_second_factor_of_an_account_that_moves_meanwhile_is_not_used_up() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let (_ana, phone) = with_phone(&app, ANA).await;
    let mut browser = app.browser();
    browser.sign_in_to(ANA, &[]).await.assert_leads_to("/login/second-factor");
    let code = phone.next_code(&app);
    browser.get("/login/second-factor").await.assert_status(200);
    let (before, ana) = (rows(&app).await, account(&app, ANA).await);
    let answer = posts_while_it_moves(&mut browser, "/login/second-factor", &[("code", &code)], ana).await;
    assert_eq!(answer.status.code, 503);
    assert_eq!(rows(&app).await, before);
}
