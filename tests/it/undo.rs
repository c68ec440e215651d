//! Undoing gains: an attacker has a copy of one fresh session, and the owner has a mailbox.

use crate::{
    browser::Browser,
    harness::{Mail, Setup, TestApp, local},
    passkey_pages::{adds_a_passkey, is_refused, leads_to, shows, signs_in},
    phone::Phone,
    recovery_codes::codes_on,
};
use gatepost::{
    db,
    domain::{Gain, Lifetime, audit::Action, recovery::AskedBy},
    housekeeping,
    people::{self, Giver},
};
use rocket::futures::future::join_all;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const FIRST: &str = "correct horse battery";
const SECOND: &str = "staple every other word";

async fn app_with_ana() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    app.set("trusted_devices_enabled", "on").await;
    app.a_second_later();
    app
}

/// Returns a browser with a copy of another one's session.
fn copy_of<'a>(owner: &Browser<'a>) -> Browser<'a> {
    let mut copy = owner.app.browser().at("198.51.100.66");
    copy.cookies = owner.cookies.clone();
    copy
}

/// Ana with an authenticator app that is old enough to count for everything. Her browser has just
/// shown it.
async fn ana_with_an_old_phone(app: &TestApp) -> (Browser<'_>, Phone) {
    let mut ana = app.browser();
    ana.sign_in_to(ANA, &[("remember", "on")]).await;
    let phone = Phone::set_up_in(&mut ana).await;
    app.clock.advance(Lifetime::days(8));
    shows_phone(&mut ana, &phone).await;
    (ana, phone)
}

async fn shows_phone(browser: &mut Browser<'_>, phone: &Phone) {
    let code = phone.next_code(browser.app);
    browser.post("/step-up/second-factor", &[("code", &code), ("then", "/account")]).await.assert_leads_to("/account");
}

/// Signs in by email, and returns where that leads.
async fn signs_in_by_email(browser: &mut Browser<'_>) -> String {
    browser.app.clock.advance(Lifetime::seconds(31));
    browser.sign_in_to(ANA, &[]).await.location().unwrap().to_owned()
}

async fn types(browser: &mut Browser<'_>, code: &str) -> u16 {
    browser.post("/login/second-factor", &[("code", code)]).await.status.code
}

async fn by_password(app: &TestApp, password: &str) -> u16 {
    app.browser().post("/login/password", &[("email", ANA), ("password", password)]).await.status.code
}

fn undo_in(mail: &Mail) -> Option<String> {
    mail.text.split_whitespace().find(|word| word.contains("/auth/undo?token=")).map(local)
}

/// Returns the link in the newest email that has one and these words in its subject.
async fn undo_of(app: &TestApp, email: &str, words: &str) -> String {
    let mails = app.mails_to(email).await;
    mails.iter().rev().filter(|mail| mail.subject.contains(words)).find_map(undo_in).expect("an email that undoes")
}

/// Presses the button that an email leads to, in a new browser.
async fn undoes(app: &TestApp, link: &str) {
    let mut browser = app.browser().at("192.0.2.9");
    let page = browser.open(link).await;
    page.assert_status(200).assert_shows("This wasn’t me: undo it");
    let gain = page.hidden("gain").to_owned();
    browser.post("/auth/undo", &[("gain", &gain)]).await.assert_leads_to("/auth/undo");
    app.a_second_later();
}

async fn enrolled(app: &TestApp) -> (i64, i64, i64, i64) {
    let id = app.account_of(ANA).await.unwrap().id;
    let numbers = app.read(move |connection| db::enrolled::numbers(connection, id)).await;
    (numbers.passkeys, numbers.authenticators, numbers.recovery_codes, numbers.trusted_devices)
}

async fn begin(app: &TestApp, asked_by: AskedBy) {
    let account = app.account_of(ANA).await.unwrap();
    app.transact(move |tx| people::begin_recovery(tx, &account, asked_by)).await;
    assert!(is_under_way(app).await);
}

async fn is_under_way(app: &TestApp) -> bool {
    let id = app.account_of(ANA).await.unwrap().id;
    app.read(move |connection| db::recoveries::under_way(connection, id)).await.is_some()
}

#[rocket::async_test]
async fn a_passkey_planted_in_one_fresh_minute_is_undone_from_any_browser() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let mut thief = copy_of(&ana);
    let mut planted = adds_a_passkey(&mut thief).await;
    app.a_second_later();
    assert!(ana.is_signed_out().await && thief.is_signed_in_as(ANA).await);
    // Her mailbox only leads to a passkey that she does not have.
    let mut owner = app.browser();
    assert_eq!(signs_in_by_email(&mut owner).await, "/login/second-factor");
    let undo = undo_of(&app, ANA, "A passkey was added").await;
    let mut elsewhere = app.browser().at("192.0.2.9");
    let before = app.dump().await;
    elsewhere.get(&undo).await.assert_leads_to("/auth/undo");
    elsewhere.get("/auth/undo").await.assert_status(200).assert_shows("Remove the new passkey?").assert_shows(ANA);
    assert_eq!(app.dump().await, before, "opening it changes nothing");
    elsewhere.submit("/auth/undo", &[]).await.assert_status(200).assert_shows("Change undone");
    app.a_second_later();
    assert!(thief.is_signed_out().await, "the copied session is over");
    is_refused(&signs_in(&mut app.browser(), &mut planted).await, "refused");
    owner.get("/login/second-factor").await.assert_leads_to("/login");
    assert_eq!(signs_in_by_email(&mut owner).await, "/account", "the mailbox alone is enough, as before");
    assert!(app.mails_to(ANA).await.iter().any(|mail| mail.subject.contains("was undone")));
    let line = app.audit().await.into_iter().find(|line| line.action == Action::GainUndone).unwrap();
    assert_eq!((line.subject.as_str(), line.before.as_deref()), (ANA, Some("passkey, recovery_codes")));
}

#[rocket::async_test]
async fn an_older_second_factor_stays_and_stays_asked_for() {
    let app = app_with_ana().await;
    let (ana, phone) = ana_with_an_old_phone(&app).await;
    let mut thief = copy_of(&ana);
    let mut planted = adds_a_passkey(&mut thief).await;
    undoes(&app, &undo_of(&app, ANA, "A passkey was added").await).await;
    assert_eq!(enrolled(&app).await, (0, 1, 10, 0));
    is_refused(&signs_in(&mut app.browser(), &mut planted).await, "refused");
    let mut owner = app.browser();
    assert_eq!(signs_in_by_email(&mut owner).await, "/login/second-factor");
    assert_eq!(types(&mut owner, &phone.next_code(&app)).await, 303);
    assert!(owner.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn a_planted_app_is_undone() {
    let app = app_with_ana().await;
    let mut thief = app.signed_in(ANA).await;
    let theirs = Phone::set_up_in(&mut thief).await;
    let mut owner = app.browser();
    assert_eq!(signs_in_by_email(&mut owner).await, "/login/second-factor");
    undoes(&app, &undo_of(&app, ANA, "An authenticator app was added").await).await;
    assert!(thief.is_signed_out().await);
    assert_eq!(signs_in_by_email(&mut owner).await, "/account");
    assert_eq!(types(&mut thief, &theirs.next_code(&app)).await, 303, "there is nothing to type it for");
    assert!(thief.is_signed_out().await);
}

#[rocket::async_test]
async fn the_former_recovery_codes_come_back_with_the_used_ones_used() {
    let app = app_with_ana().await;
    let (mut ana, phone) = ana_with_an_old_phone(&app).await;
    let hers = codes_on(&ana.submit("/account/recovery-codes", &[]).await);
    let mut browser = app.browser();
    signs_in_by_email(&mut browser).await;
    assert_eq!(types(&mut browser, &hers[0]).await, 303);
    app.clock.advance(Lifetime::days(8));
    shows_phone(&mut ana, &phone).await;
    let theirs = codes_on(&copy_of(&ana).submit("/account/recovery-codes", &[]).await);
    let mut browser = app.browser();
    signs_in_by_email(&mut browser).await;
    assert_eq!(types(&mut browser, &hers[1]).await, 422);
    undoes(&app, &undo_of(&app, ANA, "New recovery codes were created").await).await;
    assert_eq!(enrolled(&app).await, (0, 1, 9, 0));
    let mut browser = app.browser();
    signs_in_by_email(&mut browser).await;
    assert_eq!(types(&mut browser, &theirs[0]).await, 422);
    assert_eq!(types(&mut browser, &hers[0]).await, 422, "it was used before");
    assert_eq!(types(&mut browser, &hers[1]).await, 303);
    assert!(browser.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn a_remembered_browser_is_told_of_and_undone_and_an_older_one_stays() {
    let app = app_with_ana().await;
    let (_ana, phone) = ana_with_an_old_phone(&app).await;
    let remembered = || async {
        let mut browser = app.browser();
        signs_in_by_email(&mut browser).await;
        let code = phone.next_code(&app);
        browser.post("/login/second-factor", &[("code", &code), ("trust", "on")]).await.assert_status(303);
        browser.post("/logout", &[]).await;
        browser
    };
    let mut hers = remembered().await;
    let mut theirs = remembered().await;
    assert_eq!(signs_in_by_email(&mut theirs).await, "/account");
    undoes(&app, &undo_of(&app, ANA, "A browser no longer needs your second factor").await).await;
    assert_eq!(enrolled(&app).await, (0, 1, 10, 1));
    assert_eq!(signs_in_by_email(&mut theirs).await, "/login/second-factor");
    assert_eq!(signs_in_by_email(&mut hers).await, "/account");
}

#[rocket::async_test]
async fn the_former_password_comes_back_and_where_there_was_none_there_is_none() {
    for had_one in [true, false] {
        let app = app_with_ana().await;
        let mut ana = app.signed_in(ANA).await;
        if had_one {
            ana.post("/account/password", &[("new_password", FIRST)]).await.assert_status(303);
        }
        let mut thief = copy_of(&ana);
        for password in ["someone else has this one", SECOND] {
            app.deliver().await;
            thief.post("/account/password", &[("new_password", password)]).await.assert_status(303);
        }
        let mails = app.mails_to(ANA).await;
        let links: Vec<_> = mails.iter().filter_map(undo_in).collect();
        assert_eq!(links.len(), if had_one { 3 } else { 2 });
        // The first of the thief's.
        undoes(&app, &links[links.len() - 2]).await;
        assert!(thief.is_signed_out().await);
        assert_eq!(by_password(&app, SECOND).await, 422);
        assert_eq!(by_password(&app, FIRST).await, if had_one { 303 } else { 422 });
        // The link of a gain that went along says that it is undone, too.
        app.browser().open(&links[links.len() - 1]).await.assert_status(200).assert_shows("Change undone");
    }
}

#[rocket::async_test]
async fn a_reset_by_email_can_be_undone_as_well() {
    let app = app_with_ana().await;
    app.signed_in(ANA).await.post("/account/password", &[("new_password", FIRST)]).await.assert_status(303);
    let mut reader = app.browser();
    reader.post("/password/forgot", &[("email", ANA)]).await;
    let mails = app.mails_to(ANA).await;
    let link =
        mails.iter().rev().find_map(|mail| mail.text.split_whitespace().find(|word| word.contains("/auth/reset")));
    reader.open(&local(link.unwrap())).await;
    reader.post("/auth/reset", &[("new_password", SECOND)]).await;
    assert_eq!(by_password(&app, SECOND).await, 303);
    undoes(&app, &undo_of(&app, ANA, "was reset").await).await;
    assert_eq!((by_password(&app, SECOND).await, by_password(&app, FIRST).await), (422, 303));
}

#[rocket::async_test]
async fn what_came_before_stays_and_what_came_after_goes() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let mut hers = adds_a_passkey(&mut ana).await;
    ana.post("/account/password", &[("new_password", SECOND)]).await.assert_status(303);
    let mut theirs = adds_a_passkey(&mut ana).await;
    Phone::set_up_in(&mut ana).await;
    ana.post("/account/recovery-codes", &[]).await.assert_leads_to("/account/recovery-codes/made");
    let link = undo_of(&app, ANA, "A new password").await;
    let page = app.browser().open(&link).await;
    page.assert_shows("Anything added later is removed too: a passkey, an authenticator app and new recovery codes.");
    undoes(&app, &link).await;
    // The codes that came with hers are hers again.
    assert_eq!(enrolled(&app).await, (1, 0, 10, 0));
    is_refused(&signs_in(&mut app.browser(), &mut theirs).await, "refused");
    leads_to(&signs_in(&mut app.browser(), &mut hers).await, "/account");
    let line = app.audit().await.into_iter().find(|line| line.action == Action::GainUndone).unwrap();
    assert_eq!(line.before.as_deref(), Some("password, passkey, app, recovery_codes"));
}

#[rocket::async_test]
async fn admin_rights_are_undone_with_all_that_were_given_on() {
    let app = app_with_ana().await;
    for email in [BEN, "carl@example.com"] {
        app.add_account(email).await;
    }
    let ana = app.account_of(ANA).await.unwrap();
    app.transact(move |tx| people::make_admin(tx, &ana, Giver::Operator)).await;
    let mut thief = app.signed_in(ANA).await;
    let id = |email: &'static str| async { app.account_of(email).await.unwrap().id };
    let make = |id| format!("/admin/people/{id}/make-admin");
    thief.post(&make(id(BEN).await), &[]).await.assert_status(303);
    thief.post("/admin/people", &[("email", "mallory@example.com"), ("is_admin", "on")]).await.assert_status(303);
    app.a_second_later();
    let mut ben = app.signed_in(BEN).await;
    ben.post(&make(id("carl@example.com").await), &[]).await.assert_status(303);
    assert!(app.mails_to(BEN).await.iter().any(|mail| mail.subject.contains("You are an admin now")));
    let mails = app.mails_to(ANA).await;
    let told = |mail: &&Mail| mail.subject.contains("You made another account an admin") && mail.words().contains(BEN);
    let told = mails.iter().find(told).unwrap();
    let link = undo_in(told).unwrap();
    app.browser().open(&link).await.assert_shows("Take back the admin rights?").assert_shows(BEN);
    undoes(&app, &link).await;
    for email in [BEN, "carl@example.com", "mallory@example.com"] {
        assert!(!app.account_of(email).await.unwrap().is_admin, "{email}");
    }
    assert!(app.account_of(ANA).await.unwrap().is_admin, "what the operator gave stays");
    assert!(thief.is_signed_out().await);
    ben.get("/admin").await.assert_status(404);
}

#[rocket::async_test]
async fn a_link_undoes_for_seven_days_and_once() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    adds_a_passkey(&mut ana).await;
    let link = undo_of(&app, ANA, "A passkey was added").await;
    let mut early = app.browser();
    early.open(&link).await.assert_status(200);
    app.clock.advance(Lifetime::days(7));
    early.submit("/auth/undo", &[]).await.assert_status(410).assert_shows("too late to undo this here");
    app.browser().open(&link).await.assert_status(410);
    assert_eq!(enrolled(&app).await.0, 1);
    housekeeping::tidy(&app.services).await.unwrap();
    app.browser().open(&link).await.assert_status(410);
    // A link that no email has says what else may be wrong with it.
    let page = app.browser().open("/auth/undo?token=cat").await;
    page.assert_status(410).assert_shows("This link isn’t valid").assert_shows("may be incomplete");

    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    adds_a_passkey(&mut ana).await;
    let link = undo_of(&app, ANA, "A passkey was added").await;
    undoes(&app, &link).await;
    let mut again = app.browser();
    again.open(&link).await.assert_status(200).assert_shows("Change undone");
    // What the owner adds afterwards stays.
    let mut ana = app.signed_in(ANA).await;
    adds_a_passkey(&mut ana).await;
    again.post("/auth/undo", &[]).await.assert_leads_to("/auth/undo");
    assert_eq!(enrolled(&app).await.0, 1);
    app.browser().open("/auth/undo?token=cat").await.assert_status(410);
}

#[rocket::async_test]
async fn of_many_who_press_on_two_nodes_one_undoes() {
    let app = app_with_ana().await;
    let other = Setup::new().beside(&app).start().await;
    let mut ana = app.signed_in(ANA).await;
    adds_a_passkey(&mut ana).await;
    let link = undo_of(&app, ANA, "A passkey was added").await;
    let all = (0..20).map(|n| {
        let (node, link) = (if n % 2 == 0 { &app } else { &other }, link.clone());
        async move {
            let mut browser = node.browser();
            browser.get(&link).await;
            browser.post("/auth/undo", &[]).await.status.code
        }
    });
    let codes = join_all(all).await;
    assert!(codes.iter().all(|code| [303, 503].contains(code)), "{codes:?}");
    let lines = app.audit().await.into_iter().filter(|line| line.action == Action::GainUndone).count();
    let mails = app.mails_to(ANA).await.iter().filter(|mail| mail.subject.contains("was undone")).count();
    assert_eq!((lines, mails, enrolled(&app).await.0), (1, 1, 0));
}

#[rocket::async_test]
async fn disabling_and_enabling_leaves_the_link_good() {
    let app = app_with_ana().await;
    app.add_admin(BEN).await;
    let mut thief = app.signed_in(ANA).await;
    adds_a_passkey(&mut thief).await;
    let link = undo_of(&app, ANA, "A passkey was added").await;
    let mut ben = app.signed_in(BEN).await;
    let person = format!("/admin/people/{}", app.account_of(ANA).await.unwrap().id);
    ben.post(&format!("{person}/disable"), &[]).await.assert_status(303);
    ben.post(&format!("{person}/enable"), &[]).await.assert_status(303);
    undoes(&app, &link).await;
    assert_eq!(signs_in_by_email(&mut app.browser()).await, "/account");
}

/// The thief signs in with it, steps up with it, and presses the button on the account page.
#[rocket::async_test]
async fn a_planted_factor_ends_no_recovery_whoever_began_it() {
    for asked_by in [AskedBy::Owner, AskedBy::Admin, AskedBy::CommandLine] {
        let app = app_with_ana().await;
        let mut thief = app.signed_in(ANA).await;
        let mut planted = adds_a_passkey(&mut thief).await;
        app.clock.advance(Lifetime::days(6));
        begin(&app, asked_by).await;
        // On the next day it would be old enough, if the recovery had begun only then.
        app.clock.advance(Lifetime::hours(23));
        let mut browser = app.browser();
        leads_to(&signs_in(&mut browser, &mut planted).await, "/account");
        assert!(is_under_way(&app).await, "{asked_by:?}: by signing in");
        let stepped_up = shows(&mut browser, "/step-up/passkey", &mut planted, |_| {}).await;
        assert_eq!(stepped_up.status.code, 200, "{}", stepped_up.body);
        assert!(is_under_way(&app).await, "{asked_by:?}: by stepping up");
        browser
            .submit("/account/recovery/cancel", &[])
            .await
            .assert_shows("Your second factors are still going to be removed.");
        adds_a_passkey(&mut browser).await;
        assert!(is_under_way(&app).await, "{asked_by:?}: from the account page");
        app.clock.advance(Lifetime::hours(1));
        housekeeping::finish_recoveries(&app.services).await.unwrap();
        assert_eq!(enrolled(&app).await, (0, 0, 0, 0));
        app.a_second_later();
        assert!(browser.is_signed_out().await);
        let done = app.mail_to(ANA).await;
        assert!(done.words().contains("Removed: 2 passkeys and 10 recovery codes."), "{}", done.text);
        assert_eq!(signs_in_by_email(&mut app.browser()).await, "/account");
    }
}

#[rocket::async_test]
async fn an_admin_ends_neither_their_own_recovery_nor_with_young_rights_anybodys() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    let ana = app.account_of(ANA).await.unwrap();
    app.transact(move |tx| people::make_admin(tx, &ana, Giver::Operator)).await;
    let mut thief = app.signed_in(ANA).await;
    adds_a_passkey(&mut thief).await;
    thief.post(&format!("/admin/people/{}/make-admin", app.account_of(BEN).await.unwrap().id), &[]).await;
    app.a_second_later();
    begin(&app, AskedBy::CommandLine).await;
    let cancel = format!("/admin/people/{}/recovery/cancel", app.account_of(ANA).await.unwrap().id);
    thief.post(&cancel, &[]).await.assert_status(409).assert_shows("This is your own account");
    let mut ben = app.signed_in(BEN).await;
    ben.post(&cancel, &[]).await.assert_status(409).assert_shows("less than 7 days");
    assert!(is_under_way(&app).await);
}

#[rocket::async_test]
async fn giving_an_account_back_takes_a_young_password_and_says_what_it_removed() {
    for at_once in [false, true] {
        let app = app_with_ana().await;
        let mut ana = app.signed_in(ANA).await;
        ana.post("/account/password", &[("new_password", FIRST)]).await.assert_status(303);
        app.clock.advance(Lifetime::days(8));
        let mut thief = app.signed_in(ANA).await;
        adds_a_passkey(&mut thief).await;
        thief.post("/account/password", &[("new_password", SECOND)]).await.assert_status(303);
        if at_once {
            let ana = app.account_of(ANA).await.unwrap();
            assert!(app.transact(move |tx| people::recover_now(tx, &ana)).await);
        } else {
            begin(&app, AskedBy::Admin).await;
            app.clock.advance(Lifetime::hours(24));
            housekeeping::finish_recoveries(&app.services).await.unwrap();
        }
        app.a_second_later();
        assert!(thief.is_signed_out().await);
        assert_eq!((by_password(&app, SECOND).await, by_password(&app, FIRST).await), (422, 303));
        let done = app.mail_to(ANA).await;
        assert!(done.words().contains("Removed: 1 passkey, 10 recovery codes and the new password."), "{}", done.text);
    }
}

/// Otherwise an attacker could reset the count of wrong codes again and again. They could then
/// guess at the owner's app without end.
#[rocket::async_test]
async fn a_planted_factor_forgives_no_wrong_codes_of_an_older_app() {
    let app = app_with_ana().await;
    let (ana, _phone) = ana_with_an_old_phone(&app).await;
    let mut thief = copy_of(&ana);
    let mut planted = adds_a_passkey(&mut thief).await;
    for _ in 0..5 {
        let wrong = thief.post("/step-up/second-factor", &[("code", "000000"), ("then", "/account")]).await;
        assert!([422, 429].contains(&wrong.status.code));
    }
    leads_to(&signs_in(&mut app.browser(), &mut planted).await, "/account");
    let id = app.account_of(ANA).await.unwrap().id;
    let failures = app.read(move |connection| db::totp::failures(connection, id)).await;
    assert_eq!(failures.wrong, 5);
}

#[rocket::async_test]
async fn what_stood_there_before_is_kept_for_seven_days_and_as_hashes() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    for password in [FIRST, SECOND] {
        ana.post("/account/password", &[("new_password", password)]).await.assert_status(303);
    }
    let id = app.account_of(ANA).await.unwrap().id;
    let all = app.read(move |connection| db::gains::open_of(connection, id)).await;
    assert_eq!(all.iter().map(|gained| gained.kind).collect::<Vec<_>>(), [Gain::Password, Gain::Password]);
    assert!(all[0].gained_at < all[1].gained_at, "in order, though they fall together");
    let dump = app.dump().await;
    assert!(dump.contains("from_mail\":") && !dump.contains(FIRST) && !dump.contains(SECOND));
    app.clock.advance(Lifetime::days(7));
    app.a_second_later();
    housekeeping::tidy(&app.services).await.unwrap();
    assert!(!app.dump().await.contains("from_mail\":"));
    app.clock.advance(Lifetime::days(3));
    housekeeping::tidy(&app.services).await.unwrap();
    assert!(app.read(move |connection| db::gains::open_of(connection, id)).await.is_empty());
}
