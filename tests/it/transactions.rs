//! Promises of a transaction.

use crate::harness::{TestApp, address};
use gatepost::{
    db::{self, Error, Stop, Tx},
    domain::{
        account::AccountOrigin,
        audit::{Action, Actor},
    },
    people,
};
use rocket::futures::future::join;
use std::sync::{Mutex, mpsc};

const ANA: &str = "ana@example.com";

/// Adds an account, and then stops.
fn add_and_stop(tx: &mut Tx<'_>, stop: fn() -> Stop<&'static str>) -> Result<(), Stop<&'static str>> {
    people::add(tx, &address(ANA), None, AccountOrigin::Invited)?;
    tx.log(&tx.line(Action::AccountAdded, ANA))?;
    Err(stop())
}

#[rocket::async_test]
async fn a_refusal_commits_and_a_fault_rolls_back() {
    let app = TestApp::new().await;
    let fault = || Stop::Fault(Error::fault("on purpose"));
    let end = app.services.transact(Actor::Gatepost, move |tx| Stop::commit(add_and_stop(tx, fault))).await;
    assert!(end.is_err());
    assert!(app.account_of(ANA).await.is_none() && app.audit().await.is_empty());
    let refusal = || Stop::Refused("too late");
    let end = app.services.transact(Actor::Gatepost, move |tx| Stop::commit(add_and_stop(tx, refusal))).await;
    assert_eq!(end.unwrap(), Err("too late"));
    assert!(app.account_of(ANA).await.is_some());
    assert_eq!(app.audit().await.len(), 1);
}

/// A transaction may wait for a lock while an admin saves the settings.
#[rocket::async_test]
async fn settings_read_before_a_lock_are_read_again_after_it() {
    let app = TestApp::new().await;
    let names = app.transact(|tx| {
        let mut names = Vec::new();
        for name in ["First", "Second", "Third"] {
            db::settings::store(tx.connection, "product_name", name, tx.now)?;
            names.push(tx.settings()?.product_name.clone());
            tx.lock(&address(ANA))?;
        }
        names.push(tx.settings()?.product_name.clone());
        Ok(names)
    });
    // The second and the third time, the transaction holds the lock already.
    assert_eq!(names.await, ["First", "Second", "Second", "Second"]);
}

/// A file may set the lifetimes of tokens before it adds an app.
#[rocket::async_test]
async fn a_setting_that_a_transaction_stores_is_in_force_for_its_further_work() {
    let app = TestApp::new().await;
    let names = app.transact(|tx| {
        let before = tx.settings()?.product_name.clone();
        tx.store_setting("product_name", "Acme")?;
        Ok((before, tx.settings()?.product_name.clone()))
    });
    let (before, after) = names.await;
    assert!(before != after && after == "Acme", "{before} {after}");
}

/// Settings, groups and apps of a file are applied as a whole. `--dry-run` only tells.
#[rocket::async_test]
async fn a_rehearsal_and_a_refusal_of_the_whole_leave_no_trace() {
    let app = TestApp::new().await;
    let before = app.stored_settings().await.product_name;
    for (is_rehearsal, refuses) in [(true, false), (false, true), (true, true), (false, false)] {
        let work = move |tx: &mut Tx<'_>| {
            let ended = tx.all_or_nothing(is_rehearsal, |tx| {
                people::add(tx, &address(ANA), None, AccountOrigin::Invited)?;
                tx.log(&tx.line(Action::AccountAdded, ANA))?;
                tx.store_setting("product_name", "Acme")?;
                if refuses { Err(Stop::Refused("too late")) } else { Ok("done") }
            });
            Ok((Stop::commit(ended)?, tx.settings()?.product_name.clone()))
        };
        let (ended, name) = app.services.transact(Actor::Gatepost, work).await.unwrap();
        assert_eq!(ended, if refuses { Err("too late") } else { Ok("done") });
        let is_kept = !is_rehearsal && !refuses;
        assert_eq!(name, if is_kept { "Acme" } else { before.as_str() });
        assert_eq!(app.account_of(ANA).await.is_some(), is_kept);
        assert_eq!(app.audit().await.len(), usize::from(is_kept));
    }
}

/// Jobs that share a commit have a savepoint each once one of them has failed.
#[rocket::async_test]
async fn a_fault_in_a_part_of_a_job_undoes_what_the_job_wrote_before() {
    let app = TestApp::new().await;
    let (go, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    // Keeps the writer busy until the others wait for it together.
    let holds = app.services.db.write(move |_| Ok(wait.lock().unwrap().recv().is_err()));
    let fails = app.services.transact(Actor::Gatepost, |tx| {
        tx.store_setting("product_name", "Acme")?;
        let part = tx.all_or_nothing(false, |_| Err::<(), Stop<()>>(Error::fault("on purpose").into()));
        Stop::commit(part)
    });
    let other = app.services.db.write(|_| Ok(()));
    let release = async move { drop(go) };
    let ((held, failed), (other, ())) = join(join(holds, fails), join(other, release)).await;
    assert!(held.is_ok() && other.is_ok() && failed.is_err());
    assert_eq!(app.stored_settings().await.product_name, "Gatepost");
}
