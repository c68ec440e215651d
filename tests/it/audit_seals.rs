//! The chain of seals over the audit log: what it covers, and what it notices. It survives the
//! deletion of old lines.

use crate::harness::{Setup, TestApp};
use diesel::connection::SimpleConnection;
use gatepost::{
    db::audit_seals::Finding,
    domain::{
        Lifetime,
        audit::{Action, Actor},
        audit_seal::SealHash,
    },
    housekeeping::{self, Checked, verify_audit, verify_audit_kept_for},
};

async fn add_lines(app: &TestApp, count: i64) {
    app.transact(move |tx| {
        (0..count).try_for_each(|n| tx.log(&tx.line_by(Actor::Gatepost, Action::NameChanged, format!("line {n}"))))
    })
    .await;
}

async fn tidies(app: &TestApp) -> Checked {
    housekeeping::tidy(&app.services).await.unwrap();
    verify_audit(&app.services, None).await.unwrap()
}

#[rocket::async_test]
async fn finished_lines_are_sealed_and_hold() {
    let app = TestApp::new().await;
    add_lines(&app, 3).await;
    let checked = tidies(&app).await;
    assert_eq!((checked.seals, checked.lines, checked.unsealed), (0, 0, 3), "lines of the last hour are not finished");
    app.clock.advance(Lifetime::hours(2));
    let checked = tidies(&app).await;
    assert_eq!((checked.seals, checked.lines, checked.unsealed), (1, 3, 0));
    assert_eq!(tidies(&app).await.seals, 1, "there is nothing new to seal");
    for _ in 0..30 {
        // Ids of one moment have few bits that differ.
        add_lines(&app, 50).await;
        app.clock.advance(Lifetime::seconds(1));
    }
    app.clock.advance(Lifetime::days(1));
    add_lines(&app, 2).await;
    app.clock.advance(Lifetime::hours(2));
    let checked = tidies(&app).await;
    assert_eq!((checked.seals, checked.lines, checked.broken), (4, 1505, None), "at most 1000 lines, of one day");
    let newest = checked.newest.unwrap().hash;
    assert!(verify_audit(&app.services, Some(newest)).await.unwrap().has_asked);
    assert!(!verify_audit(&app.services, Some(SealHash::FIRST)).await.unwrap().has_asked);
}

#[rocket::async_test]
async fn a_line_that_is_changed_removed_or_added_breaks_its_seal() {
    for (deed, finding) in [
        ("UPDATE audit SET subject = 'x' WHERE subject = 'line 1'", Finding::Hash),
        ("UPDATE audit SET value_after = '' WHERE subject = 'line 1'", Finding::Hash),
        ("UPDATE audit SET browser = 'x' WHERE subject = 'line 1'", Finding::Hash),
        ("DELETE FROM audit WHERE subject = 'line 1'", Finding::Lines { sealed: 3, found: 2 }),
        (
            "INSERT INTO audit (id, at, actor, action, subject) SELECT min(id) - 1, min(at), 'x', 'x', 'x' FROM audit",
            Finding::Lines { sealed: 3, found: 4 },
        ),
        ("UPDATE audit_seals SET lines = 2", Finding::Lines { sealed: 2, found: 3 }),
        ("UPDATE audit_seals SET number = 7", Finding::Order),
    ] {
        let app = TestApp::new().await;
        add_lines(&app, 3).await;
        app.clock.advance(Lifetime::hours(2));
        assert_eq!(tidies(&app).await.broken, None);
        app.write(move |connection| Ok(connection.batch_execute(deed)?)).await;
        let broken = verify_audit(&app.services, None).await.unwrap().broken;
        assert_eq!(broken.map(|(_, found)| found), Some(finding), "{deed}");
    }
}

#[rocket::async_test]
async fn a_seal_that_is_made_anew_breaks_the_next_one() {
    let app = TestApp::new().await;
    for _ in 0..2 {
        add_lines(&app, 2).await;
        app.clock.advance(Lifetime::days(1));
        tidies(&app).await;
    }
    // Its lines have just expired, so that it could say that they are gone.
    app.clock.advance(Lifetime::days(364));
    app.write(|connection| {
        Ok(connection.batch_execute("UPDATE audit_seals SET deleted_at = until_at + 31536000000, hash = (SELECT hash FROM audit_seals WHERE number = 2) WHERE number = 1")?)
    })
    .await;
    let checked = verify_audit(&app.services, None).await.unwrap();
    assert_eq!(checked.broken, Some((2, Finding::Hash)));
}

#[rocket::async_test]
async fn the_chain_holds_when_its_oldest_lines_have_expired() {
    let app = TestApp::new().await;
    for _ in 0..3 {
        add_lines(&app, 2).await;
        app.clock.advance(Lifetime::days(150));
        tidies(&app).await;
    }
    let checked = tidies(&app).await;
    assert_eq!((checked.seals, checked.lines, checked.deleted, checked.broken), (3, 4, 2, None));
    assert_eq!(app.audit().await.len(), 4);
    app.write(|connection| Ok(connection.batch_execute("DELETE FROM audit_seals WHERE number = 1")?)).await;
    assert_eq!(verify_audit(&app.services, None).await.unwrap().broken, Some((2, Finding::Order)));
}

#[rocket::async_test]
async fn two_nodes_make_one_chain() {
    let app = TestApp::new().await;
    let other = Setup::new().beside(&app).start().await;
    for _ in 0..3 {
        add_lines(&app, 2).await;
        app.clock.advance(Lifetime::hours(30));
        other.clock.advance(Lifetime::hours(30));
        let (one, two) = rocket::tokio::join!(housekeeping::tidy(&app.services), housekeeping::tidy(&other.services));
        one.unwrap();
        two.unwrap();
    }
    let checked = tidies(&app).await;
    assert_eq!((checked.lines, checked.broken), (6, None));
}

/// No hash covers what says that lines have expired.
#[rocket::async_test]
async fn a_seal_that_says_too_early_that_its_lines_have_expired_does_not_hold() {
    for (deed, finding) in [
        ("deleted_at = 1 WHERE number = 1", Finding::Early { age: Lifetime::ZERO }),
        ("deleted_at = until_at + 86400000 WHERE number = 1", Finding::Early { age: Lifetime::days(1) }),
        // One from the future counts as one of now.
        ("deleted_at = until_at + 31536000000", Finding::Early { age: Lifetime::days(200) }),
    ] {
        let app = TestApp::new().await;
        for _ in 0..2 {
            add_lines(&app, 2).await;
            app.clock.advance(Lifetime::days(100));
            assert_eq!(tidies(&app).await.broken, None);
        }
        let noted = tidies(&app).await.newest.unwrap().hash;
        let deed = format!("DELETE FROM audit WHERE id = (SELECT min(id) FROM audit); UPDATE audit_seals SET {deed}");
        app.write(move |connection| Ok(connection.batch_execute(&deed)?)).await;
        let checked = verify_audit(&app.services, Some(noted)).await.unwrap();
        assert_eq!((checked.broken, checked.has_asked), (Some((1, finding)), true), "{finding:?}");
    }
    let app = TestApp::new().await;
    for _ in 0..2 {
        add_lines(&app, 2).await;
        app.clock.advance(Lifetime::days(1));
        tidies(&app).await;
    }
    app.clock.advance(Lifetime::days(370));
    app.write(|connection| {
        Ok(connection.batch_execute("UPDATE audit_seals SET deleted_at = until_at + 31536000000 WHERE number = 2")?)
    })
    .await;
    let checked = verify_audit(&app.services, None).await.unwrap();
    assert_eq!(checked.broken, Some((2, Finding::Gap)), "lines expire in their order");
}

#[rocket::async_test]
async fn lines_that_were_once_kept_for_a_shorter_time_hold_if_the_operator_says_so() {
    let app = Setup::new().with("GATEPOST_AUDIT_LIFETIME", "30d").start().await;
    add_lines(&app, 2).await;
    app.clock.advance(Lifetime::days(32));
    let checked = tidies(&app).await;
    assert_eq!((checked.seals, checked.deleted, checked.broken), (1, 2, None));
    let longer = Setup::new().beside(&app).start().await;
    let early = Finding::Early { age: Lifetime::days(32) };
    assert_eq!(verify_audit(&longer.services, None).await.unwrap().broken, Some((1, early)));
    let noted = checked.newest.map(|seal| seal.hash);
    let kept = verify_audit_kept_for(&longer.services, noted, Lifetime::days(30)).await.unwrap();
    assert_eq!((kept.broken, kept.has_asked, kept.is_asked_expired), (None, true, true));
}
