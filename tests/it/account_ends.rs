//! Accounts that end on a date: from that moment nothing acts for them, and their users know
//! before.

use crate::harness::{TestApp, address};
use gatepost::{
    db::{self, Tx},
    domain::{
        Account, AccountId, Clock, Lifetime, Timestamp,
        account::{END_NOTICE, last_day},
        audit::{Action, Actor},
        recovery::AskedBy,
    },
    housekeeping,
    people::{self, EndSet, Giver},
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

/// Returns the last day of an account that ends within so many days, as a form sends it.
fn in_days(app: &TestApp, days: i64) -> String {
    last_day(app.clock.now().plus(Lifetime::days(days)))
}

async fn end_of(app: &TestApp, email: &str) -> Option<Timestamp> {
    account(app, email).await.ends_at
}

async fn account(app: &TestApp, email: &str) -> Account {
    app.account_of(email).await.unwrap()
}

/// Sets an end by the user's page.
async fn ends_in(app: &TestApp, days: i64) -> Timestamp {
    let mut ana = app.signed_in(ANA).await;
    let page = format!("/admin/people/{}", account(app, BEN).await.id);
    ana.post(&format!("{page}/end/save"), &[("ends_on", &in_days(app, days))]).await.assert_leads_to(&page);
    end_of(app, BEN).await.unwrap()
}

async fn scene() -> TestApp {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    app.add_account(BEN).await;
    app
}

#[rocket::async_test]
async fn an_account_that_ends_is_out_at_that_moment_before_any_housekeeping() {
    let app = scene().await;
    let mut ben = app.signed_in(BEN).await;
    let (subject, end) = (account(&app, BEN).await, app.clock.now().plus(Lifetime::hours(1)));
    assert_eq!(app.transact(move |tx| people::set_end(tx, &subject, Some(end), Giver::Operator)).await, EndSet::Done);
    app.a_second_later();
    ben.get("/account").await.assert_status(200).assert_shows("Your account ends on");
    app.clock.advance(Lifetime::millis(end.since(app.clock.now()).as_millis() - 1));
    assert!(ben.is_signed_in_as(BEN).await);
    app.clock.advance(Lifetime::millis(1));
    ben.get("/account").await.assert_status(303);
    ben.post("/account/name", &[("name", "Ben")]).await;
    assert_eq!(account(&app, BEN).await.name.as_str(), "");
    // No way of signing in is left, and the answer is that for any address.
    let before = app.mails_to(BEN).await.len();
    app.browser().post("/login", &[("email", BEN)]).await.assert_status(303);
    assert_eq!(app.mails_to(BEN).await.len(), before);
}

#[rocket::async_test]
async fn housekeeping_ends_what_is_left_once_and_says_so() {
    let app = scene().await;
    let _ben = app.signed_in(BEN).await;
    let end = ends_in(&app, 3).await;
    housekeeping::end_accounts(&app.services).await.unwrap();
    assert!(app.audit().await.iter().all(|line| line.action != Action::AccountEnded));
    app.clock.advance(end.since(app.clock.now()));
    for _ in 0..2 {
        housekeeping::end_accounts(&app.services).await.unwrap();
    }
    let lines = app.audit().await;
    assert_eq!(lines.iter().filter(|line| line.action == Action::AccountEnded).count(), 1);
    // Another date brings it back.
    let mut ana = app.signed_in(ANA).await;
    let page = format!("/admin/people/{}", account(&app, BEN).await.id);
    ana.get(&page).await.assert_shows("Ended");
    ana.post(&format!("{page}/end/save"), &[("ends_on", "")]).await.assert_leads_to(&page);
    assert!(app.signed_in(BEN).await.is_signed_in_as(BEN).await);
}

#[rocket::async_test]
async fn its_user_is_told_when_it_is_set_and_again_a_week_before() {
    let app = scene().await;
    let _ben = app.signed_in(BEN).await;
    let end = ends_in(&app, 30).await;
    let mail = app.mail_to(BEN).await;
    assert!(mail.text.contains("Your account has an end date") && mail.text.contains("It ends on"), "{}", mail.text);
    let told = || async {
        housekeeping::end_accounts(&app.services).await.unwrap();
        app.mails_to(BEN).await.iter().filter(|mail| mail.text.contains("It ends on")).count()
    };
    assert_eq!(told().await, 1);
    app.clock.advance(end.since(app.clock.now().plus(END_NOTICE)));
    assert_eq!((told().await, told().await), (2, 2));
}

#[rocket::async_test]
async fn an_admin_has_no_end_and_a_new_admin_loses_it() {
    let app = scene().await;
    ends_in(&app, 30).await;
    let mut ana = app.signed_in(ANA).await;
    let page = format!("/admin/people/{}", account(&app, BEN).await.id);
    ana.post(&format!("{page}/make-admin"), &[]).await.assert_leads_to(&page);
    assert_eq!(end_of(&app, BEN).await, None);
    let refused = ana.post(&format!("{page}/end/save"), &[("ends_on", &in_days(&app, 3))]).await;
    refused.assert_status(409).assert_shows("Admins have no end date");
    assert_eq!(end_of(&app, BEN).await, None);
}

#[rocket::async_test]
async fn an_end_is_set_with_an_invitation_and_for_several_at_once() {
    let app = scene().await;
    let mut ana = app.signed_in(ANA).await;
    let day = in_days(&app, 10);
    ana.post("/admin/people", &[("email", "eve@example.com"), ("ends_on", &day)]).await.assert_status(303);
    ana.post("/admin/people/invitations", &[("emails", "fay@example.com"), ("ends_on", &day)]).await.assert_status(303);
    for email in ["eve@example.com", "fay@example.com"] {
        assert_eq!(end_of(&app, email).await.map(last_day).as_deref(), Some(day.as_str()), "{email}");
    }
    let refused = ana.post("/admin/people", &[("email", "gus@example.com"), ("ends_on", "2020-01-01")]).await;
    refused.assert_status(422).assert_shows("Choose a day that isn’t over yet.");
    let users = format!("{} {}", account(&app, BEN).await.id, account(&app, "eve@example.com").await.id);
    let later = in_days(&app, 20);
    let several = [("deed", "end"), ("users", users.as_str()), ("ends_on", &later)];
    ana.submit("/admin/people/several", &several).await.assert_shows("The end dates of 2 accounts are set.");
    for email in [BEN, "eve@example.com"] {
        assert_eq!(end_of(&app, email).await.map(last_day).as_deref(), Some(later.as_str()), "{email}");
    }
    let wrong = ana.post("/admin/people/several", &[("deed", "end"), ("users", &users), ("ends_on", "soon")]).await;
    wrong.assert_status(422).assert_shows("Enter a date such as");
}

/// Its owner could not end it in that time: the links in its emails need an account that is usable.
#[rocket::async_test]
async fn the_recovery_of_an_ended_account_starts_anew_when_the_end_goes() {
    for becomes_admin in [false, true] {
        let app = scene().await;
        let id = account(&app, BEN).await.id;
        let end = app.clock.now().plus(Lifetime::hours(1));
        app.transact(move |tx| {
            crate::database::add_passkey(tx.connection, 901, id)?;
            let ben = db::accounts::find(tx.connection, id)?.unwrap();
            people::begin_recovery(tx, &ben, AskedBy::Admin)?;
            people::set_end(tx, &ben, Some(end), Giver::Operator).map(drop)
        })
        .await;
        app.clock.advance(Lifetime::days(3));
        app.transact(move |tx| {
            let ben = db::accounts::find(tx.connection, id)?.unwrap();
            if becomes_admin {
                people::make_admin(tx, &ben, Giver::Operator)?;
            } else {
                people::set_end(tx, &ben, None, Giver::Operator)?;
            }
            waits_anew(tx, id)
        })
        .await;
        let told = app.mails_to(BEN).await;
        assert_eq!(told.iter().filter(|mail| mail.subject.contains("about to be removed")).count(), 2);
    }
}

fn waits_anew(tx: &mut Tx<'_>, id: AccountId) -> Result<(), db::Error> {
    let account = db::accounts::find(tx.connection, id)?.unwrap();
    assert!(account.is_usable(tx.now) && !people::finish_recovery(tx, &account)?);
    let due_at = db::recoveries::under_way(tx.connection, id)?.unwrap().due_at;
    assert_eq!(due_at, tx.now.plus(Lifetime::hours(24)));
    Ok(())
}

/// A guest's day counts like any other end.
#[rocket::async_test]
async fn the_recovery_of_a_guest_whose_day_is_over_starts_anew_when_the_guest_stays() {
    for becomes_admin in [false, true] {
        let app = scene().await;
        let (ana, ben) = (account(&app, ANA).await, account(&app, BEN).await.id);
        let invites = move |tx: &mut Tx<'_>, until| people::invite_guest(tx, &address(BEN), &ana, until).map(drop);
        let first = invites.clone();
        app.transact(move |tx| {
            db::accounts::set_guest(tx.connection, ben, Some(tx.now))?;
            first(tx, tx.now.plus(Lifetime::hours(1)))?;
            crate::database::add_passkey(tx.connection, 901, ben)?;
            let guest = db::accounts::find(tx.connection, ben)?.unwrap();
            people::begin_recovery(tx, &guest, AskedBy::Admin).map(drop)
        })
        .await;
        app.clock.advance(Lifetime::days(3));
        app.transact(move |tx| {
            let guest = db::accounts::find(tx.connection, ben)?.unwrap();
            assert!(!guest.is_usable(tx.now));
            if becomes_admin {
                people::make_admin(tx, &guest, Giver::Operator)?;
            } else {
                invites(tx, tx.now.plus(Lifetime::days(1)))?;
            }
            waits_anew(tx, ben)
        })
        .await;
    }
}

#[rocket::async_test]
async fn a_guest_is_told_once_by_all_nodes_and_not_of_an_end_that_has_moved() {
    let app = TestApp::new().await;
    let (ben, now) = (app.add_account(BEN).await.id, app.clock.now());
    let ends = async |days: i64| {
        let end = now.plus(Lifetime::days(days));
        app.write(move |connection| db::accounts::set_guest(connection, ben, Some(end))).await;
    };
    let told = async || {
        let before = now.plus(Lifetime::days(2));
        app.write(move |connection| db::accounts::note_guest_told(connection, ben, (now, before))).await
    };
    ends(1).await;
    assert_eq!((told().await, told().await), (true, false));
    ends(9).await;
    assert!(!told().await, "an admin has just let the guest stay");
}

/// The lock of an admin's form is that of the address that the form was made for.
#[rocket::async_test]
async fn an_account_that_has_just_moved_gets_no_end() {
    let app = scene().await;
    let (before, end) = (account(&app, BEN).await, app.clock.now().plus(Lifetime::days(1)));
    let (id, now) = (before.id, app.clock.now());
    app.write(move |connection| {
        let (from, to) = (address(BEN), address("moved@example.com"));
        db::accounts::move_address(connection, id, (&from, &to), now).map(drop)
    })
    .await;
    let set =
        app.services.transact(Actor::Gatepost, move |tx| people::set_end(tx, &before, Some(end), Giver::Operator));
    assert!(set.await.is_err());
    assert_eq!(end_of(&app, "moved@example.com").await, None);
}
