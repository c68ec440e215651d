//! An admin is dismissed on one node during a loop of requests on another.

use crate::{
    browser::Browser,
    harness::{Setup, TestApp, address},
};
use gatepost::{
    db::{self, DbConnection, Error, Tx},
    domain::{AccountId, Lifetime, audit::Actor},
    people::{self, Change, Giver},
};
use rocket::tokio::runtime::Runtime;
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const EVE: &str = "eve@example.com";

fn node() -> Setup {
    Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").with("GATEPOST_LIMITS_GLOBAL", "1000/1s")
}

/// Way in which an admin stops being one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dismissal {
    Disabled,
    Demoted,
}

#[derive(Clone, Copy)]
struct Ids {
    ana: AccountId,
    ben: AccountId,
}

fn lines_by(connection: &mut DbConnection, admin: AccountId) -> Result<usize, Error> {
    let lines = db::audit::newest(connection, 10_000)?;
    Ok(lines.iter().filter(|line| matches!(line.actor, Actor::Account { id, .. } if id == admin)).count())
}

/// Counts lines from outside. During a flood, a read may find the database busy.
async fn count_lines(app: &TestApp, admin: AccountId) -> usize {
    loop {
        match app.services.db.read(move |connection| lines_by(connection, admin)).await {
            Ok(lines) => return lines,
            Err(error) => assert!(error.is_unavailable(), "{error}"),
        }
    }
}

/// Sends an admin's writes in a loop, and continues for a while after the dismissal.
async fn loops(app: &TestApp, cookies: BTreeMap<String, String>, (nth, is_over): (usize, &AtomicBool), ids: Ids) {
    let Ids { ana, ben } = ids;
    let paths = match nth {
        0 => [format!("/admin/people/{ana}/enable"), format!("/admin/people/{ana}/make-admin")],
        1 => [format!("/admin/people/{ben}/disable"), format!("/admin/people/{ben}/enable")],
        2 => [format!("/admin/people/{ben}/sign-out"), format!("/admin/people/{ben}/sign-out")],
        _ => ["/admin/settings".to_owned(), "/admin/settings".to_owned()],
    };
    let mut left = 12;
    for turn in 0.. {
        let mut browser = Browser { cookies: cookies.clone(), ..app.browser() };
        let name = format!("Name {turn}");
        let fields: &[(&str, &str)] =
            if nth < 3 { &[] } else { &[("email_link_enabled", "on"), ("product_name", &name)] };
        browser.post_only(&paths[turn % 2], fields).await;
        left -= i32::from(is_over.load(Ordering::SeqCst));
        if left == 0 {
            return;
        }
    }
}

/// Repeats the attack: requests without a pause, while another node ends what they may do.
#[test]
fn no_write_of_a_dismissed_admin_follows_the_dismissal() {
    let runtime = Runtime::new().unwrap();
    for dismissal in [Dismissal::Disabled, Dismissal::Demoted] {
        let app = runtime.block_on(node().start());
        let other = runtime.block_on(node().beside(&app).start());
        let ids = runtime.block_on(async {
            app.add_admin(EVE).await;
            app.signed_in(EVE).await;
            Ids { ana: app.add_admin(ANA).await.id, ben: app.add_account(BEN).await.id }
        });
        for round in 0..4 {
            let cookies = runtime.block_on(app.signed_in(ANA)).cookies;
            let is_over = AtomicBool::new(false);
            let before = runtime.block_on(count_lines(&app, ids.ana));
            let at_the_end = thread::scope(|scope| {
                for nth in 0..4 {
                    let (runtime, app, cookies, is_over) = (&runtime, &app, cookies.clone(), &is_over);
                    scope.spawn(move || runtime.block_on(loops(app, cookies, (nth, is_over), ids)));
                }
                let _ends = Ends(&is_over);
                while runtime.block_on(count_lines(&app, ids.ana)) < before + 3 {
                    thread::yield_now();
                }
                runtime.block_on(dismiss(&other, dismissal))
            });
            let what = format!("{dismissal:?}, round {round}");
            let lines = runtime.block_on(count_lines(&app, ids.ana));
            assert_eq!(lines, at_the_end, "{what}: lines of the audit log after the dismissal");
            let now = runtime.block_on(app.account_of(ANA)).unwrap();
            assert_eq!(
                (now.is_active(), now.is_admin),
                (dismissal != Dismissal::Disabled, dismissal != Dismissal::Demoted),
                "{what}"
            );
            runtime.block_on(reinstate(&app, ids.ana));
        }
    }
}

/// Dismisses Ana. Returns how many lines by her there are at that moment. Her writes take the same
/// locks, so that each is counted or has not begun.
async fn dismiss(node: &TestApp, dismissal: Dismissal) -> usize {
    let dismiss = move |tx: &mut Tx<'_>| {
        let ana = db::accounts::find_by_email(tx.connection, &address(ANA))?.unwrap();
        let change = match dismissal {
            Dismissal::Disabled => people::disable(tx, &ana, Giver::Operator)?,
            Dismissal::Demoted => people::remove_admin(tx, &ana, Giver::Operator)?,
        };
        assert_eq!(change, Change::Done);
        lines_by(tx.connection, ana.id)
    };
    // During a flood any admin may find the database busy. Nothing was kept then.
    loop {
        match node.services.transact(Actor::CommandLine, dismiss).await {
            Ok(lines) => return lines,
            Err(error) => assert!(error.is_unavailable(), "{error}"),
        }
    }
}

/// Ends the loops, even if the test fails.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

async fn reinstate(app: &TestApp, ana: AccountId) {
    app.write(move |connection| {
        db::accounts::set_admin(connection, ana, true)?;
        db::accounts::set_disabled(connection, ana, None)?;
        let ben = db::accounts::find_by_email(connection, &address(BEN))?.unwrap();
        db::accounts::set_disabled(connection, ben.id, None)
    })
    .await;
    app.clock.advance(Lifetime::hours(1));
}
