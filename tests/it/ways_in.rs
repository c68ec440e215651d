//! The last way in. No change takes it from the last admin who has it, in any order or at any
//! moment.

use crate::{browser::Browser, harness::TestApp};
use gatepost::{
    db,
    domain::{
        AccountId, Lifetime, PasskeyId,
        ways_in::{Admin, LockOut, Loss, WaysIn, WaysOn},
    },
    people,
};
use rocket::futures::future::join;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const GOOD: &str = "correct horse battery";

async fn person_path(app: &TestApp, email: &str) -> String {
    format!("/admin/people/{}", app.account_of(email).await.unwrap().id)
}

/// Two admins, of whom Ana has a password and Ben has none.
async fn app_with_two_admins() -> (TestApp, AccountId, AccountId) {
    let app = TestApp::new().await;
    let (ana, ben) = (app.add_admin(ANA).await, app.add_admin(BEN).await);
    app.set("password_enabled", "on").await;
    let mut browser = app.signed_in(ANA).await;
    browser.post("/account/password", &[("new_password", GOOD)]).await.assert_leads_to("/account");
    (app, ana.id, ben.id)
}

#[rocket::async_test]
async fn the_last_admin_who_can_sign_in_stays_one_though_there_are_others() {
    let (app, ..) = app_with_two_admins().await;
    app.set("email_link_enabled", "off").await;
    let mut ben = crate::set_up::console_session(&app, BEN).await;
    let ana = person_path(&app, ANA).await;
    for deed in ["disable", "remove-admin"] {
        ben.post(&format!("{ana}/{deed}"), &[]).await.assert_status(409).assert_shows("the last admin who can sign in");
    }
    let mut own = app.browser();
    own.post("/login/password", &[("email", ANA), ("password", GOOD)]).await.assert_leads_to("/account");
    own.post("/account/close", &[("sure", "yes")]).await.assert_status(409).assert_shows("who can sign in");
    own.post("/account/password/remove", &[]).await.assert_status(409).assert_shows("last way");
    let account = app.account_of(ANA).await.unwrap();
    assert!(account.is_active() && account.is_admin);
    // Ben has nothing that is on, so that removing him is no loss.
    own.post(&format!("{}/remove-admin", person_path(&app, BEN).await), &[]).await.assert_status(303);
}

#[rocket::async_test]
async fn with_email_links_on_any_other_admin_will_do() {
    let (app, ..) = app_with_two_admins().await;
    let mut ben = app.signed_in(BEN).await;
    let ana = person_path(&app, ANA).await;
    ben.post(&format!("{ana}/disable"), &[]).await.assert_status(303);
    ben.post("/account/close", &[("sure", "yes")]).await.assert_status(409).assert_shows("You’re the last admin.");
}

#[rocket::async_test]
async fn what_admins_have_is_counted_and_what_others_have_is_not() {
    let (app, ana, ben) = app_with_two_admins().await;
    app.add_account("eve@example.com").await;
    app.signed_in("eve@example.com").await.post("/account/password", &[("new_password", GOOD)]).await;
    for (id, owner) in [(7, ana), (8, ben), (9, ben)] {
        app.write(move |connection| crate::database::add_passkey(connection, id, owner)).await;
    }
    let passkeys = |ids: &[i64]| ids.iter().copied().map(PasskeyId::from_i64).collect::<Vec<_>>();
    let mut admins = app.read(db::ways_in::of_admins).await;
    admins.iter_mut().for_each(|admin| admin.passkeys.sort_by_key(|passkey| passkey.as_i64()));
    admins.sort_by_key(|admin| admin.id != ana);
    assert_eq!(
        admins,
        [
            Admin { id: ana, has_password: true, passkeys: passkeys(&[7]) },
            Admin { id: ben, has_password: false, passkeys: passkeys(&[8, 9]) },
        ]
    );
    let on = WaysOn { email_link: false, password: false, passkey: true };
    assert_eq!(WaysIn { on, admins }.locked_by(Loss::Admin(ana)), None);
    let now = app.services.now();
    app.write(move |connection| db::accounts::set_disabled(connection, ben, Some(now))).await;
    let admins = app.read(db::ways_in::of_admins).await;
    assert_eq!(admins.len(), 1, "a disabled user cannot sign in");
    let loss = Loss::Passkey(ana, PasskeyId::from_i64(7));
    assert_eq!(WaysIn { on, admins }.locked_by(loss), Some(LockOut::NoWayIn));
}

/// One admin turns email links off because there is a password. The other removes the password
/// because there are email links.
#[rocket::async_test]
async fn a_switch_and_a_password_that_go_at_once_do_not_both_go() {
    let app = TestApp::new().await;
    let ana = app.add_admin(ANA).await.id;
    app.set("password_enabled", "on").await;
    let mut browser = app.signed_in(ANA).await;
    browser.post("/account/password", &[("new_password", GOOD)]).await.assert_status(303);
    let (hash, _) = app.read(move |connection| db::passwords::find(connection, ana)).await.unwrap();
    for round in 0..10 {
        let mut tab = Browser { cookies: browser.cookies.clone(), ..app.browser() };
        let saving = browser.post("/admin/settings", &[("password_enabled", "on")]);
        let removing = tab.post("/account/password/remove", &[]);
        // Each of the two is first in turn.
        let (saved, removed) = if round % 2 == 0 {
            join(saving, removing).await
        } else {
            let (removed, saved) = join(removing, saving).await;
            (saved, removed)
        };
        let links = app.stored_settings().await.email_link_enabled;
        let password = app.read(move |connection| db::passwords::find(connection, ana)).await;
        assert!(links || password.is_some(), "round {round}: {} {}", saved.status, removed.status);
        // Back to the start, after either outcome.
        let (hash, now) = (hash.clone(), app.services.now());
        app.set("email_link_enabled", "on").await;
        app.write(move |connection| db::passwords::set(connection, ana, &hash, now)).await;
        app.a_second_later();
    }
}

/// A thief who may still be in is worse than having to ask for a console link.
#[rocket::async_test]
async fn taking_an_account_back_takes_the_password_even_of_the_last_admin() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    app.set("password_enabled", "on").await;
    let mut thief = app.signed_in(ANA).await;
    thief.post("/account/address", &[("new_email", "thief@example.com")]).await;
    let link = app.mail_to("thief@example.com").await.link();
    thief.open(&link).await;
    thief.post("/auth/verify", &[]).await.assert_status(303);
    thief.post("/account/password", &[("new_password", GOOD)]).await.assert_status(303);
    thief.post("/admin/settings", &[("password_enabled", "on")]).await.assert_leads_to("/admin/settings");
    let undo = app.mail_to(ANA).await.undo_link();
    let mut ana = app.browser();
    ana.open(&undo).await;
    ana.post("/auth/undo", &[]).await.assert_leads_to("/auth/undo");
    app.a_second_later();
    assert!(thief.is_signed_out().await);
    ana.post("/login/password", &[("email", ANA), ("password", GOOD)]).await.assert_status(422);
    crate::set_up::console_session(&app, ANA).await.get("/admin/settings").await.assert_status(200);
}

#[rocket::async_test]
async fn of_two_admins_with_passwords_who_leave_at_once_one_stays() {
    for round in 0..5 {
        let app = TestApp::new().await;
        app.set("password_enabled", "on").await;
        let (ana, ben, eve) =
            (app.add_admin(ANA).await, app.add_admin(BEN).await, app.add_admin("eve@example.com").await);
        let mut browsers = Vec::new();
        for email in [ANA, BEN] {
            let mut browser = app.signed_in(email).await;
            browser.post("/account/password", &[("new_password", GOOD)]).await.assert_status(303);
            browsers.push(browser);
        }
        app.set("email_link_enabled", "off").await;
        app.clock.advance(Lifetime::seconds(2));
        let [first, second] = &mut browsers[..] else { unreachable!() };
        join(first.post("/account/close", &[("sure", "yes")]), second.post("/account/password/remove", &[])).await;
        let admins = app.read(db::ways_in::of_admins).await;
        assert!(admins.iter().any(|admin| admin.has_password), "round {round}: {admins:?} of {ana:?} {ben:?} {eve:?}");
    }
}

#[rocket::async_test]
async fn a_way_in_that_is_off_anyway_may_go_but_the_last_admin_may_not() {
    let app = TestApp::new().await;
    let ana = app.add_admin(ANA).await.id;
    app.set("email_link_enabled", "off").await;
    for (loss, expected) in [(Loss::Password(ana), None), (Loss::Admin(ana), Some(LockOut::NoAdmin))] {
        assert_eq!(app.transact(move |tx| people::locked_by(tx, loss)).await, expected);
    }
}
