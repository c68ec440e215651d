//! Undoes admin rights that an attacker gave with a stolen session. Covers chains of admins, closed
//! accounts and acts at the same moment.

use crate::{
    browser::Browser,
    database::add_passkey,
    harness::{Setup, TestApp, address, local},
    passkey_pages::adds_a_passkey,
};
use gatepost::{
    db::{
        self, DbConnection,
        limits::{self, Counted},
    },
    domain::{
        Account, AccountId, Lifetime,
        account::last_day,
        audit::{Action, Actor, Budget},
        gain::UNDO_LIFETIME,
        limit::Decision,
        recovery::AskedBy,
    },
    people::{self, Giver},
};
use rocket::futures::future::join_all;
use std::slice;

const OWNER: &str = "owner@example.com";
const SETTLED: &str = "settled@example.com";
const X: &str = "x@example.com";
const Y: &str = "y@example.com";
const Z: &str = "z@example.com";

fn node() -> Setup {
    Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").with("GATEPOST_LIMITS_GLOBAL", "1000/1s")
}

/// A server with an owner, who is an admin for long, and no other admin.
async fn app_with_owner() -> TestApp {
    let app = node().start().await;
    app.add_admin(OWNER).await;
    app.clock.advance(Lifetime::days(30));
    app
}

async fn account(app: &TestApp, email: &str) -> Account {
    app.account_of(email).await.unwrap()
}

async fn is_admin(app: &TestApp, email: &str) -> bool {
    app.account_of(email).await.is_some_and(|account| account.is_admin)
}

/// Makes an account an admin, by invitation, and signs in to it.
async fn makes<'a>(admin: &mut Browser<'a>, email: &str) -> Browser<'a> {
    admin.app.a_second_later();
    admin.post("/admin/people", &[("email", email), ("is_admin", "on")]).await.assert_status(303);
    admin.app.a_second_later();
    admin.app.signed_in(email).await
}

async fn does(admin: &mut Browser<'_>, deed: &str, email: &str) {
    admin.app.a_second_later();
    let id = account(admin.app, email).await.id;
    admin.post_only(&format!("/admin/people/{id}/{deed}"), &[]).await.assert_status(303);
}

/// Asks to close the account. Returns where the answer leads.
async fn closes(admin: &mut Browser<'_>) -> String {
    admin.app.a_second_later();
    let answer = admin.post_only("/account/close", &[("sure", "yes")]).await;
    answer.location().unwrap().to_owned()
}

/// Returns the link of the owner's email about an admin whom they made.
async fn link_about(app: &TestApp, admin: &str) -> String {
    let mails = app.mails_to(OWNER).await;
    let mail =
        mails.iter().find(|mail| mail.subject.contains("another account an admin") && mail.words().contains(admin));
    mail.unwrap().text.split_whitespace().find(|word| word.contains("/auth/undo?token=")).map(local).unwrap()
}

/// Presses the button of that email, in a new browser. Returns the status of the page afterwards.
async fn undoes(app: &TestApp, admin: &str) -> u16 {
    let link = link_about(app, admin).await;
    let mut browser = app.browser().at("192.0.2.9");
    let page = browser.open(&link).await;
    page.assert_status(if page.status.code == 409 { 409 } else { 200 });
    let status = browser.submit("/auth/undo", &[]).await.status.code;
    app.a_second_later();
    status
}

async fn became_admin_lately(app: &TestApp, email: &str) -> bool {
    let (id, young) = (account(app, email).await.id, app.services.now().minus(UNDO_LIFETIME));
    app.read(move |connection| db::admin_acts::became_admin_since(connection, id, young)).await
}

async fn delete(app: &TestApp, email: &str) {
    let id = account(app, email).await.id;
    app.write(move |connection| db::accounts::delete(connection, id)).await;
}

/// Way in which the links in the middle of the chain go.
#[derive(Clone, Copy, Debug)]
enum Gone {
    Stay,
    /// As a newcomer who gives way, or closed by a version before.
    Deleted,
    Resign,
}

#[rocket::async_test]
async fn admin_rights_are_undone_down_the_chain_whatever_became_of_its_links() {
    for gone in [Gone::Stay, Gone::Deleted, Gone::Resign] {
        let app = app_with_owner().await;
        let mut thief = app.signed_in(OWNER).await;
        let mut x = makes(&mut thief, X).await;
        let mut y = makes(&mut x, Y).await;
        let mut z = makes(&mut y, Z).await;
        for (email, browser) in [(X, &mut x), (Y, &mut y)] {
            match gone {
                Gone::Stay => {}
                Gone::Deleted => delete(&app, email).await,
                Gone::Resign => does(browser, "remove-admin", email).await,
            }
        }
        assert!(became_admin_lately(&app, Z).await, "{gone:?}: no act makes rights old");
        z.get("/admin").await.assert_status(200);
        assert_eq!(undoes(&app, X).await, 200, "{gone:?}");
        for email in [X, Y, Z] {
            assert!(!is_admin(&app, email).await, "{gone:?} {email}");
        }
        assert!(is_admin(&app, OWNER).await, "{gone:?}");
        z.get("/admin").await.assert_status(404);
        assert!(!became_admin_lately(&app, Z).await, "{gone:?}");
    }
}

/// Each way in which the owner is dismissed after the attacker’s first admin, by each of those who
/// can.
#[rocket::async_test]
async fn an_owner_whom_the_chain_dismissed_gets_back_what_it_took() {
    for deeds in [&["disable"][..], &["remove-admin"], &["remove-admin", "disable"], &["disable", "remove-admin"]] {
        for by in 0..3 {
            let app = app_with_owner().await;
            let mut thief = app.signed_in(OWNER).await;
            let mut x = makes(&mut thief, X).await;
            let y = makes(&mut x, Y).await;
            // The stolen session itself does one thing at most.
            if by == 2 && deeds.len() > 1 {
                continue;
            }
            let mut all = [x, y, thief];
            for deed in deeds {
                does(&mut all[by], deed, OWNER).await;
            }
            assert_eq!(undoes(&app, X).await, 200, "{deeds:?} {by}");
            let owner = account(&app, OWNER).await;
            assert!(owner.is_active() && owner.is_admin, "{deeds:?} {by}");
            assert!(!is_admin(&app, X).await && !is_admin(&app, Y).await, "{deeds:?} {by}");
            app.clock.advance(Lifetime::minutes(16));
            app.signed_in(OWNER).await.get("/admin").await.assert_status(200);
            let lines: Vec<_> = app.audit().await.into_iter().filter(|line| line.subject == OWNER).collect();
            for (deed, action) in [("disable", Action::AccountEnabled), ("remove-admin", Action::AdminGranted)] {
                let is_logged = lines.iter().any(|line| line.action == action);
                assert_eq!(is_logged, deeds.contains(&deed), "{deeds:?} {by} {action:?}");
            }
        }
    }
}

#[rocket::async_test]
async fn a_giver_whom_a_settled_admin_dismissed_takes_no_rights_away_until_they_are_an_admin_again() {
    for (deed, back) in [("disable", "enable"), ("remove-admin", "make-admin")] {
        let app = app_with_owner().await;
        app.add_admin(SETTLED).await;
        let mut owner = app.signed_in(OWNER).await;
        makes(&mut owner, X).await;
        let mut settled = app.signed_in(SETTLED).await;
        does(&mut settled, deed, OWNER).await;
        assert_eq!(undoes(&app, X).await, 409, "{deed}");
        let page = app.browser().open(&link_about(&app, X).await).await;
        page.assert_status(409)
            .assert_shows("These admin rights can’t be taken back here")
            .assert_shows("has since been disabled or lost its admin rights");
        let owner = account(&app, OWNER).await;
        assert_eq!((owner.is_active(), owner.is_admin), (deed != "disable", deed != "remove-admin"));
        assert!(is_admin(&app, X).await, "{deed}");
        does(&mut settled, back, OWNER).await;
        assert_eq!(undoes(&app, X).await, 200, "{deed}");
        assert!(!is_admin(&app, X).await, "{deed}");
    }
}

/// A settled admin may set one for many users at once, and know nothing of the attack.
#[rocket::async_test]
async fn an_end_that_is_ahead_dismisses_no_owner_whom_the_chain_disabled() {
    for goes_again in [false, true] {
        let app = app_with_owner().await;
        app.add_admin(SETTLED).await;
        let mut thief = app.signed_in(OWNER).await;
        let mut x = makes(&mut thief, X).await;
        does(&mut x, "remove-admin", OWNER).await;
        does(&mut x, "disable", OWNER).await;
        let mut settled = app.signed_in(SETTLED).await;
        let form = format!("/admin/people/{}/end/save", account(&app, OWNER).await.id);
        let day = last_day(app.services.now().plus(Lifetime::days(365)));
        let days = [&*day, ""];
        for ends_on in &days[..1 + usize::from(goes_again)] {
            settled.post(&form, &[("ends_on", ends_on)]).await.assert_status(303);
        }
        assert_eq!(account(&app, OWNER).await.ends_at.is_some(), !goes_again);
        assert_eq!(undoes(&app, X).await, 200, "goes again: {goes_again}");
        let owner = account(&app, OWNER).await;
        assert!(owner.is_active() && owner.is_admin && !is_admin(&app, X).await);
    }
}

/// The chain takes the owner's rights and lets the account end, with a recovery under way.
#[rocket::async_test]
async fn the_recovery_of_an_owner_who_is_an_admin_again_starts_anew() {
    let app = app_with_owner().await;
    let mut thief = app.signed_in(OWNER).await;
    let mut x = makes(&mut thief, X).await;
    does(&mut x, "remove-admin", OWNER).await;
    let owner = account(&app, OWNER).await;
    let (id, end) = (owner.id, app.services.now().plus(Lifetime::hours(1)));
    app.transact(move |tx| {
        add_passkey(tx.connection, 901, id)?;
        people::begin_recovery(tx, &owner, AskedBy::Admin)?;
        people::set_end(tx, &owner, Some(end), Giver::Operator).map(drop)
    })
    .await;
    app.clock.advance(Lifetime::days(3));
    assert_eq!(undoes(&app, X).await, 200);
    assert!(is_admin(&app, OWNER).await);
    let recovery = app.read(move |connection| db::recoveries::under_way(connection, id)).await.unwrap();
    assert!(recovery.due_at > app.services.now().plus(Lifetime::hours(23)));
}

/// A version before this one dismissed the owner, so that it is unknown who did.
#[rocket::async_test]
async fn an_undone_grant_leaves_an_admin() {
    for has_other in [false, true] {
        let app = app_with_owner().await;
        let mut owner = app.signed_in(OWNER).await;
        makes(&mut owner, X).await;
        if has_other {
            app.add_admin(SETTLED).await;
        }
        let id = account(&app, OWNER).await.id;
        app.write(move |connection| db::accounts::set_admin(connection, id, false)).await;
        if !has_other {
            let page = app.browser().open(&link_about(&app, X).await).await;
            page.assert_status(409).assert_shows("this server would have no admin who can sign in");
        }
        assert_eq!(undoes(&app, X).await, if has_other { 200 } else { 409 });
        assert_eq!(is_admin(&app, X).await, !has_other);
        assert!(!is_admin(&app, OWNER).await);
    }
}

/// The link of an older gain takes later ones along, but not rights that stay.
#[rocket::async_test]
async fn undoing_an_older_gain_leaves_rights_that_stay() {
    let app = app_with_owner().await;
    app.add_admin(SETTLED).await;
    let mut owner = app.signed_in(OWNER).await;
    adds_a_passkey(&mut owner).await;
    makes(&mut owner, X).await;
    let mut settled = app.signed_in(SETTLED).await;
    does(&mut settled, "remove-admin", OWNER).await;
    let mails = app.mails_to(OWNER).await;
    let mail = mails.iter().find(|mail| mail.subject.contains("A passkey was added")).unwrap();
    let link = mail.text.split_whitespace().find(|word| word.contains("/auth/undo?token=")).map(local).unwrap();
    let mut browser = app.browser();
    browser.open(&link).await.assert_status(200);
    browser.submit("/auth/undo", &[]).await.assert_status(200);
    let id = account(&app, OWNER).await.id;
    assert_eq!(app.read(move |connection| db::enrolled::numbers(connection, id)).await.passkeys, 0);
    assert!(is_admin(&app, X).await && !is_admin(&app, OWNER).await);
}

/// Event between the grant and the closing of the giver's account.
#[derive(Clone, Copy, Debug)]
enum Between {
    Nothing,
    AlmostSevenDays,
    SevenDays,
    /// The new admin makes another one and goes.
    NewAdminGoes,
    RightsAreTaken,
    SettledAdminGivesThemAnew,
    /// The giver's stolen session takes the giver's own rights.
    GiverResigns,
    SettledAdminDismissesTheGiver,
    IsUndone,
}

/// Otherwise the links in the giver's mailbox would go, and the admin whom an attacker made stays.
#[rocket::async_test]
async fn an_account_that_gave_admin_rights_closes_once_no_link_can_take_them() {
    use Between::*;
    for (between, may_close) in [
        (Nothing, false),
        (AlmostSevenDays, false),
        (SevenDays, true),
        (NewAdminGoes, false),
        (RightsAreTaken, true),
        (SettledAdminGivesThemAnew, true),
        (GiverResigns, false),
        (SettledAdminDismissesTheGiver, true),
        (IsUndone, true),
    ] {
        let app = app_with_owner().await;
        app.add_admin(SETTLED).await;
        app.clock.advance(Lifetime::days(30));
        let mut owner = app.signed_in(OWNER).await;
        let mut x = makes(&mut owner, X).await;
        let mut settled = app.signed_in(SETTLED).await;
        match between {
            Nothing => {}
            AlmostSevenDays => app.clock.advance(Lifetime::millis(UNDO_LIFETIME.as_millis() - 60_000)),
            SevenDays => app.clock.advance(UNDO_LIFETIME),
            NewAdminGoes => {
                makes(&mut x, Y).await;
                does(&mut x, "remove-admin", X).await;
            }
            RightsAreTaken => does(&mut settled, "remove-admin", X).await,
            SettledAdminGivesThemAnew => {
                does(&mut settled, "remove-admin", X).await;
                does(&mut settled, "make-admin", X).await;
            }
            GiverResigns => does(&mut owner, "remove-admin", OWNER).await,
            SettledAdminDismissesTheGiver => does(&mut settled, "remove-admin", OWNER).await,
            IsUndone => assert_eq!(undoes(&app, X).await, 200),
        }
        app.clock.advance(Lifetime::seconds(30));
        let mut owner = app.signed_in(OWNER).await;
        let leads_to = closes(&mut owner).await;
        assert_eq!(leads_to, if may_close { "/login" } else { "/account/close" }, "{between:?}");
        assert_eq!(app.account_of(OWNER).await.is_none(), may_close, "{between:?}");
        if !may_close {
            owner.get("/account/close").await.assert_status(409).assert_shows("Only your account can undo that");
            assert_eq!(undoes(&app, X).await, 200, "{between:?}: the link still works");
            assert!(!is_admin(&app, X).await && app.account_of(OWNER).await.is_some(), "{between:?}");
        }
    }
}

/// An attacker moves the giver's account to an address that the attacker's own account has left.
/// The attacker then takes that address back.
#[rocket::async_test]
async fn an_account_that_gave_admin_rights_gives_no_address_up() {
    const MINE: &str = "mine@example.com";
    let app = app_with_owner().await;
    app.add_account(MINE).await;
    app.clock.advance(Lifetime::days(30));
    let mut own = app.signed_in(MINE).await;
    moves(&mut own, "mine-too@example.com").await;
    let back = undo_link_to(&app, MINE).await;
    let mut thief = app.signed_in(OWNER).await;
    makes(&mut thief, X).await;
    moves(&mut thief, MINE).await;
    let stolen = account(&app, MINE).await.id;
    thief.open(&back).await;
    thief.submit("/auth/undo", &[]).await;
    assert_eq!(account(&app, MINE).await.id, stolen);
    assert_eq!(undoes(&app, X).await, 200);
    assert!(!is_admin(&app, X).await);
}

async fn moves(browser: &mut Browser<'_>, to: &str) {
    browser.app.clock.advance(Lifetime::minutes(1));
    browser.post("/account/address", &[("new_email", to)]).await.assert_leads_to("/account");
    browser.open(&browser.app.mail_to(to).await.link()).await;
    browser.post("/auth/verify", &[]).await.assert_leads_to("/account");
}

async fn undo_link_to(app: &TestApp, email: &str) -> String {
    app.mail_to(email).await.undo_link()
}

/// An admin whom the chain dismissed and reinstated stays what they were.
#[rocket::async_test]
async fn an_admin_to_whom_the_chain_gave_rights_back_keeps_them() {
    let app = app_with_owner().await;
    app.add_admin(SETTLED).await;
    let mut thief = app.signed_in(OWNER).await;
    let mut x = makes(&mut thief, X).await;
    does(&mut x, "remove-admin", SETTLED).await;
    does(&mut x, "make-admin", SETTLED).await;
    assert_eq!(undoes(&app, X).await, 200);
    assert!(is_admin(&app, SETTLED).await && !is_admin(&app, X).await);
    assert!(!became_admin_lately(&app, SETTLED).await);
}

/// Admins about to lose their rights make others as fast as they can, on two nodes.
#[rocket::async_test]
async fn no_admin_made_at_that_moment_outlives_an_undone_grant() {
    let app = app_with_owner().await;
    let other = node().beside(&app).start().await;
    let mut thief = app.signed_in(OWNER).await;
    for round in 0..6 {
        let email = format!("x{round}@example.com");
        let mut x = makes(&mut thief, &email).await;
        let y = makes(&mut x, &format!("y{round}@example.com")).await;
        let link = link_about(&app, &email).await;
        let cookies = [&x, &y].map(|browser| browser.cookies.clone());
        let floods = (0..12).map(|n| {
            let node = if n % 2 == 0 { &app } else { &other };
            let mut browser = Browser { cookies: cookies[n / 2 % 2].clone(), ..node.browser() };
            async move {
                for turn in 0..3 {
                    let email = format!("more-{round}-{n}-{turn}@example.com");
                    browser.post_only("/admin/people", &[("email", &email), ("is_admin", "on")]).await;
                }
            }
        });
        let press = async {
            let mut browser = other.browser().at("192.0.2.9");
            browser.get(&link).await;
            // The floods make the database busy. Nothing was kept then, and the button works again.
            while browser.post("/auth/undo", &[]).await.status.code == 503 {}
        };
        rocket::futures::future::join(join_all(floods), press).await;
        let admins: Vec<_> = app.read(|connection| db::accounts::search(connection, "", 0, 10_000)).await.0;
        let admins: Vec<_> =
            admins.iter().filter(|account| account.is_admin).map(|account| account.email.as_str()).collect();
        assert_eq!(admins, [OWNER], "round {round}");
        app.clock.advance(Lifetime::minutes(16));
        thief = app.signed_in(OWNER).await;
    }
}

/// The giver's role counts at the moment of the grant.
#[rocket::async_test]
async fn an_admin_dismissed_a_moment_ago_gives_no_rights() {
    let app = app_with_owner().await;
    for rights_are_lost in [true, false] {
        let (giver, now) = (account(&app, OWNER).await, app.services.now());
        let id: AccountId = giver.id;
        app.write(move |connection| {
            db::accounts::set_admin(connection, id, !rights_are_lost)?;
            db::accounts::set_disabled(connection, id, (!rights_are_lost).then_some(now))
        })
        .await;
        let grant = app.services.transact(Actor::Gatepost, move |tx| {
            let (rights, origin) = (Some(Giver::Admin(&giver)), gatepost::domain::account::AccountOrigin::Invited);
            people::add(tx, &address(X), rights, origin)
        });
        assert!(grant.await.is_err());
        assert!(app.account_of(X).await.is_none());
    }
}

/// A thief with a copied session could use up all that its user may do within the hour.
#[rocket::async_test]
async fn no_number_of_acts_keeps_an_owner_from_taking_admin_rights_away() {
    let app = app_with_owner().await;
    let mut owner = app.signed_in(OWNER).await;
    makes(&mut owner, X).await;
    makes(&mut owner, Y).await;
    let (id, now, (_, limit)) = (account(&app, OWNER).await.id, app.services.now(), Budget::Acts.limit().unwrap());
    let acts = Counted { name: format!("acts of {id}"), limit };
    let use_up = move |connection: &mut DbConnection| {
        while limits::take(connection, slice::from_ref(&acts), now)? == Decision::Allowed {}
        Ok(())
    };
    app.write(use_up).await;
    owner.post_only("/account/name", &[("name", "Ana")]).await;
    assert!(app.audit().await.iter().all(|line| line.action != Action::NameChanged), "the hour's acts are used up");
    does(&mut owner, "remove-admin", X).await;
    assert!(!is_admin(&app, X).await);
    let link = link_about(&app, Y).await;
    owner.open(&link).await.assert_status(200);
    owner.submit("/auth/undo", &[]).await.assert_status(200);
    assert!(!is_admin(&app, Y).await);
}
