//! Recovery codes: shown once, each usable once, and what pages and emails say of them.

use crate::{
    browser::{Browser, Page},
    harness::{TestApp, local},
    phone::{Phone, at_the_second_factor, with_phone},
};
use gatepost::{
    db,
    domain::{
        AuditEntry, HashMemory, Lifetime, Timestamp,
        audit::{Action, Actor},
        recovery_code::{HashedCodes, RecoveryCode, Salt},
    },
    entropy::SystemEntropy,
};
use rocket::futures::future::join_all;
use std::collections::BTreeSet;

const ANA: &str = "ana@example.com";

/// Returns the codes on a page.
pub fn codes_on(page: &Page) -> Vec<String> {
    let shown = page.body.split_once("data-codes>").unwrap().1.split_once('<').unwrap().0;
    shown.split_whitespace().map(str::to_owned).collect()
}

async fn makes(browser: &mut Browser<'_>) -> Vec<String> {
    let page = browser.submit("/account/recovery-codes", &[]).await;
    page.assert_status(200).assert_shows("Your recovery codes");
    codes_on(&page)
}

async fn app_with_ana() -> TestApp {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app
}

async fn with_codes(app: &TestApp) -> (Browser<'_>, Phone, Vec<String>) {
    let (mut ana, phone) = with_phone(app, ANA).await;
    let codes = makes(&mut ana).await;
    (ana, phone, codes)
}

async fn uses(browser: &mut Browser<'_>, code: &str) -> Page {
    browser.post("/login/second-factor", &[("code", code)]).await
}

#[rocket::async_test]
async fn ten_are_shown_once_to_copy_save_and_print_and_never_again() {
    let app = app_with_ana().await;
    let (mut ana, _) = with_phone(&app, ANA).await;
    let page = ana.submit("/account/recovery-codes", &[]).await;
    page.assert_status(200).assert_hides("Your second factor is set up");
    assert_eq!(page.header("Cache-Control"), Some("no-store"));
    let codes = codes_on(&page);
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 10);
    assert!(codes.iter().all(|code| code.len() == 19 && RecoveryCode::read(code).is_some()), "{codes:?}");
    // Saved without a script, and without the server, which no longer has them.
    let file = page.body.split_once("href=\"data:text/plain;charset=utf-8,").unwrap().1.split_once('"').unwrap().0;
    let file = percent_encoding::percent_decode_str(file).decode_utf8().unwrap().into_owned();
    assert!(page.body.contains("download=\"gatepost-recovery-codes.txt\""));
    for part in [ANA, "Gatepost", "http://localhost:8000", "22\u{a0}November 2026"] {
        assert!(file.contains(part), "{file}");
    }
    assert_eq!(file.lines().skip(3).collect::<Vec<_>>(), codes);
    for part in ["data-copy data-copied=\"Copied\"", "data-print hidden", "-gatepost.js\""] {
        assert!(page.body.contains(part), "{part}");
    }
    for inline in ["<script>", "onclick", "style="] {
        page.assert_hides(inline);
    }
    page.assert_shows("I’ve saved my codes");
    // What is printed names the server, too.
    let paper = page.body.split("class=\"on-paper\">").nth(1).unwrap().split("</p>").next().unwrap();
    assert!(paper.contains("http://localhost:8000") && paper.contains(ANA), "{paper}");

    let later = ana.get("/account/recovery-codes").await;
    later.assert_shows("You have 10 left of the 10 codes that you created on 22 Nov 2026");
    let (dump, mails) = (app.dump().await.to_uppercase(), app.mails_to(ANA).await);
    assert!(mails.iter().any(|mail| mail.subject.contains("New recovery codes were created")));
    for code in &codes {
        later.assert_hides(code);
        assert!(!dump.contains(code) && !dump.contains(&code.replace('-', "")));
        assert!(mails.iter().all(|mail| !mail.source.contains(code)));
    }
    let lines = app.audit().await;
    assert!(lines.iter().any(|line| line.action == Action::RecoveryCodesMade && line.after.is_none()));
}

const MADE: &str = "/account/recovery-codes/made";

#[rocket::async_test]
async fn the_first_factor_comes_with_codes_that_a_reload_and_back_neither_lose_nor_change() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let begun = ana.post("/account/totp", &[]).await;
    let path = begun.location().unwrap().to_owned();
    let phone = Phone::reading(&ana.get(&path).await);
    // A wrong code makes none.
    ana.post(&path, &[("code", "000000")]).await.assert_status(422);
    assert!(app.dump().await.lines().all(|line| !line.starts_with("recovery_code")));
    let code = phone.next_code(&app);
    ana.post_only(&path, &[("code", &code)]).await.assert_leads_to(MADE);
    let page = ana.get(MADE).await;
    page.assert_status(200).assert_shows("Your second factor is set up").assert_shows("http://localhost:8000");
    let (codes, before) = (codes_on(&page), app.dump().await);
    assert_eq!(codes.len(), 10);
    // The browser's Back leads to these, and Forward to the codes again.
    for back in [MADE, path.as_str(), "/account/totp", MADE, "/account/recovery-codes"] {
        ana.get(back).await;
        assert_eq!(codes_on(&ana.get(MADE).await), codes, "{back}");
    }
    ana.get("/account/recovery-codes").await.assert_shows("Show them again").assert_hides(&codes[0]);
    let mut other = app.browser();
    other.cookies = ana.cookies.clone();
    other.cookies.remove("gatepost_session");
    assert!(!other.get(MADE).await.body.contains(&codes[0]), "they are for one session");
    let tables = |dump: &str| dump.lines().filter(|line| line.starts_with("recovery_code")).count();
    assert_eq!(tables(&app.dump().await), tables(&before));
    assert!(!app.dump().await.contains(&codes[0]));
    // The email about the factor tells of both, and undoes both.
    let mails = app.mails_to(ANA).await;
    assert!(mails.iter().all(|mail| !mail.subject.contains("recovery codes")), "one email is enough");
    // "I've saved my codes" leads there.
    ana.get("/account/security").await.assert_shows("10 left");
    ana.get(MADE).await.assert_leads_to("/account/recovery-codes");
    let mut elsewhere = at_the_second_factor(&app, ANA).await;
    uses(&mut elsewhere, &codes[0]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn the_email_about_a_first_factor_undoes_its_codes_too() {
    let app = app_with_ana().await;
    with_phone(&app, ANA).await;
    let mail = app.mail_to(ANA).await;
    assert_eq!(mail.subject, "An authenticator app was added at Gatepost");
    let link = mail.text.split_whitespace().find(|word| word.contains("/auth/undo?token=")).unwrap();
    let mut owner = app.browser();
    let page = owner.open(&local(link)).await;
    page.assert_shows("new recovery codes");
    let gain = page.hidden("gain").to_owned();
    owner.submit("/auth/undo", &[("gain", &gain)]).await.assert_shows("Change undone");
    assert!(app.dump().await.lines().all(|line| !line.starts_with("recovery_code")));
}

#[rocket::async_test]
async fn new_codes_are_shown_for_ten_minutes_at_most() {
    let app = app_with_ana().await;
    let (mut ana, _) = with_phone(&app, ANA).await;
    app.clock.advance(Lifetime::seconds(599));
    ana.get(MADE).await.assert_status(200).assert_shows("Your recovery codes");
    app.clock.advance(Lifetime::seconds(1));
    ana.get(MADE).await.assert_leads_to("/account/recovery-codes");
    ana.get("/account/recovery-codes").await.assert_hides("Show them again");
}

#[rocket::async_test]
async fn a_second_factor_beside_codes_makes_no_others() {
    let app = app_with_ana().await;
    let (mut ana, _) = with_phone(&app, ANA).await;
    let before = codes_on(&ana.get(MADE).await);
    ana.get("/account").await;
    crate::passkey_pages::adds_a_passkey(&mut ana).await;
    ana.get("/account/passkeys").await.assert_shows("Your passkey is added");
    let mut elsewhere = at_the_second_factor(&app, ANA).await;
    uses(&mut elsewhere, &before[0]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn where_codes_are_turned_off_or_used_up_a_factor_is_added_without_them() {
    let app = app_with_ana().await;
    app.set("recovery_codes_enabled", "off").await;
    app.a_second_later();
    let (mut ana, _) = with_phone(&app, ANA).await;
    ana.get("/account/totp").await.assert_shows("Your app is set up");
    assert!(app.dump().await.lines().all(|line| !line.starts_with("recovery_code")));

    app.set("recovery_codes_enabled", "on").await;
    app.a_second_later();
    for _ in 0..10 {
        makes(&mut ana).await;
    }
    ana.post("/account/recovery-codes/remove", &[]).await.assert_leads_to("/account/recovery-codes");
    crate::passkey_pages::adds_a_passkey(&mut ana).await;
    ana.get("/account/recovery-codes").await.assert_shows("Now save your recovery codes").assert_shows("You have no");
    ana.get("/account/passkeys").await.assert_shows("Passkey");
}

#[rocket::async_test]
async fn each_signs_in_once_after_a_first_factor_and_the_owner_is_told_how_many_are_left() {
    let app = app_with_ana().await;
    let (mut ana, phone, codes) = with_codes(&app).await;
    for (at, code) in codes.iter().enumerate() {
        let left = 9 - at;
        // Six security emails an hour leave at once.
        app.clock.advance(Lifetime::minutes(11));
        let mut browser = at_the_second_factor(&app, ANA).await;
        // As users type.
        let typed = code.to_lowercase().replace('-', " ");
        uses(&mut browser, &typed).await.assert_leads_to("/account");
        assert!(browser.is_signed_in_as(ANA).await);
        // From the seventh in an hour on, such emails leave every ten minutes.
        app.clock.advance(Lifetime::minutes(10));
        let mail = app.mail_to(ANA).await;
        assert!(mail.subject.contains("A recovery code was used"), "{}", mail.subject);
        assert!(mail.says_where(), "{}", mail.text);
        let told = match left {
            0 => "It was the last one. Create new ones now.".to_owned(),
            1 => "Only 1 is left. Create new ones soon.".to_owned(),
            2..=3 => format!("Only {left} are left. Create new ones soon."),
            _ => format!("{left} are left."),
        };
        assert!(mail.words().contains(&told) && mail.html.contains(&told), "{told}: {}", mail.text);
        assert!(!mail.source.contains(code));
        if at == 0 {
            let mut again = at_the_second_factor(&app, ANA).await;
            let refused = uses(&mut again, code).await;
            refused.assert_status(422).assert_shows("That code is wrong or ").assert_shows("use another one");
            refused.assert_hides("app’s next one");
            assert!(again.is_signed_out().await);
        }
    }
    let used: Vec<_> = app.audit().await.into_iter().filter(|line| line.action == Action::RecoveryCodeUsed).collect();
    assert_eq!(used.len(), 10);
    let is_anas = |line: &AuditEntry| matches!(&line.actor, Actor::Account { email, .. } if email.as_str() == ANA);
    assert!(used.iter().all(is_anas), "{used:?}");
    let mut browser = at_the_second_factor(&app, ANA).await;
    browser.get("/login/second-factor").await.assert_hides("Use a recovery code");
    // Shown beside the only field.
    uses(&mut browser, &codes[3]).await.assert_status(422).assert_shows("That code is wrong or ");
    uses(&mut browser, &phone.next_code(&app)).await.assert_leads_to("/account");
    ana.get("/account/recovery-codes").await.assert_shows("none left").assert_shows("Create new codes.");
}

/// In ten sign-ins at once, five times each.
#[rocket::async_test]
async fn of_fifty_uses_of_one_code_at_once_one_makes_a_session() {
    let app = app_with_ana().await;
    let (_ana, _, codes) = with_codes(&app).await;
    app.set("limits_per_mailbox", "100/15m").await;
    app.a_second_later();
    let mut waiting = Vec::new();
    for _ in 0..10 {
        let mut browser = app.browser();
        app.clock.advance(Lifetime::seconds(1));
        browser.sign_in_to(ANA, &[]).await.assert_leads_to("/login/second-factor");
        waiting.push(browser);
    }
    let before = app.count_sessions().await;
    let presses = (0..50).map(|n| {
        let mut tab = Browser { cookies: waiting[n % 10].cookies.clone(), ..app.browser() };
        let code = codes[0].clone();
        async move { uses(&mut tab, &code).await }
    });
    let answers = join_all(presses).await;
    let came_in = answers.iter().filter(|page| page.location() == Some("/account")).count();
    assert_eq!((came_in, app.count_sessions().await - before), (1, 1));
    let mails = app.mails_to(ANA).await;
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("recovery code was used")).count(), 1);
}

/// Below the limits, directly on the rows.
#[rocket::async_test]
async fn of_fifty_that_burn_one_code_one_does() {
    let app = app_with_ana().await;
    let id = app.account_of(ANA).await.unwrap().id;
    let now = app.services.now();
    let salt = Salt::issue(&SystemEntropy);
    let hash = RecoveryCode::issue(&SystemEntropy).hash(&salt, &HashMemory::default()).unwrap();
    let codes = HashedCodes { salt, hashes: vec![hash.clone()] };
    app.write(move |connection| db::recovery_codes::replace(connection, id, &codes, now)).await;
    let burns = (0..50).map(|_| {
        let hash = hash.clone();
        app.write(move |connection| db::recovery_codes::burn(connection, id, &hash, now))
    });
    assert_eq!(join_all(burns).await.into_iter().filter(|burned| *burned).count(), 1);
}

/// Memory may still say that there is a second factor, for up to a second.
#[rocket::async_test]
async fn codes_of_a_factor_that_was_just_turned_off_are_not_removed() {
    let app = app_with_ana().await;
    let (mut ana, _, _) = with_codes(&app).await;
    ana.get("/account/recovery-codes").await.assert_status(200);
    app.write(|connection| db::settings::store(connection, "totp_enabled", "off", Timestamp::from_millis(0))).await;
    ana.post("/account/recovery-codes/remove", &[]).await;
    assert!(app.dump().await.contains("recovery_codes: "));
    assert!(app.audit().await.iter().all(|line| line.action != Action::RecoveryCodesRemoved));
}

#[rocket::async_test]
async fn making_new_ones_kills_the_old_and_removing_them_kills_all() {
    let app = app_with_ana().await;
    let (mut ana, phone, old) = with_codes(&app).await;
    let new = makes(&mut ana).await;
    assert!(old.iter().all(|code| !new.contains(code)));
    let mut browser = at_the_second_factor(&app, ANA).await;
    uses(&mut browser, &old[0]).await.assert_status(422);
    uses(&mut browser, &new[0]).await.assert_leads_to("/account");

    ana.post("/step-up/second-factor", &[("code", &phone.next_code(&app))]).await.assert_leads_to("/account");
    ana.post("/account/recovery-codes/remove", &[]).await.assert_leads_to("/account/recovery-codes");
    ana.get("/account/recovery-codes").await.assert_shows("are removed").assert_shows("You have no recovery codes");
    assert!(app.mail_to(ANA).await.subject.contains("Your recovery codes were removed"));
    assert!(app.audit().await.iter().any(|line| line.action == Action::RecoveryCodesRemoved));
    let mut browser = at_the_second_factor(&app, ANA).await;
    uses(&mut browser, &new[1]).await.assert_status(422);
    // Removing nothing causes no email.
    let lines = app.audit().await.len();
    ana.post("/step-up/second-factor", &[("code", &phone.next_code(&app))]).await.assert_status(303);
    ana.post("/account/recovery-codes/remove", &[]).await.assert_status(303);
    assert_eq!(app.audit().await.len(), lines + 1, "the step-up and nothing else");
}

#[rocket::async_test]
async fn they_go_with_the_last_second_factor() {
    let app = app_with_ana().await;
    let (mut ana, _, _) = with_codes(&app).await;
    let page = ana.get("/account/totp").await;
    let id = page.body.split_once("/account/totp/").unwrap().1.split_once('/').unwrap().0.to_owned();
    ana.post(&format!("/account/totp/{id}/remove"), &[]).await.assert_leads_to("/account/totp");
    ana.get("/account/recovery-codes")
        .await
        .assert_shows("you don’t have one yet. Set one up first")
        .assert_hides(" left of the");
    assert!(app.dump().await.lines().all(|line| !line.starts_with("recovery_code")));
}

#[rocket::async_test]
async fn guessing_is_limited_and_the_right_one_has_to_wait_too() {
    let app = app_with_ana().await;
    let (_ana, phone, codes) = with_codes(&app).await;
    let mut browser = at_the_second_factor(&app, ANA).await;
    for n in 0..10 {
        uses(&mut browser, &format!("AAAA-AAAA-AAAA-AAA{n}")).await.assert_status(422);
    }
    uses(&mut browser, &codes[0]).await.assert_status(429);
    // The app still works.
    uses(&mut browser, &phone.next_code(&app)).await.assert_leads_to("/account");
    app.clock.advance(Lifetime::minutes(15));
    let mut browser = at_the_second_factor(&app, ANA).await;
    uses(&mut browser, &codes[0]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn switched_off_none_is_made_shown_or_taken() {
    let app = app_with_ana().await;
    let (mut ana, phone, codes) = with_codes(&app).await;
    let mut browser = at_the_second_factor(&app, ANA).await;
    app.set("recovery_codes_enabled", "off").await;
    app.a_second_later();
    browser.get("/login/second-factor").await.assert_hides("recovery code");
    uses(&mut browser, &codes[0]).await.assert_status(422);
    ana.get("/account/recovery-codes").await.assert_status(404);
    ana.post("/step-up/second-factor", &[("code", &codes[0])]).await.assert_status(422);
    ana.post("/step-up/second-factor", &[("code", &phone.next_code(&app))]).await.assert_status(303);
    ana.post("/account/recovery-codes", &[]).await.assert_status(403);
    ana.post("/account/recovery-codes/remove", &[]).await.assert_status(403);
    // They are still there after recovery codes are turned on again.
    app.set("recovery_codes_enabled", "on").await;
    app.a_second_later();
    uses(&mut browser, &codes[0]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn making_and_removing_them_needs_a_fresh_second_factor() {
    let app = app_with_ana().await;
    let (mut ana, phone, codes) = with_codes(&app).await;
    app.clock.advance(Lifetime::minutes(11));
    // The first codes are made by a button that is pressed again.
    assert!(ana.post("/account/recovery-codes", &[]).await.then().starts_with("/account/recovery-codes?pressed="));
    for path in ["/account/recovery-codes/replace", "/account/recovery-codes/remove"] {
        assert_eq!(ana.post(path, &[]).await.then(), path);
    }
    // An email is not enough.
    ana.submit("/step-up", &[]).await.assert_hides("Check your inbox");
    let then = ("then", "/account/recovery-codes");
    let page = ana.post("/step-up/second-factor", &[("code", &phone.next_code(&app)), then]).await;
    page.assert_leads_to(then.1);
    ana.get(then.1).await.assert_shows("Nothing has been done yet").assert_shows("10 left of the 10");
    // A recovery code is enough, and is used up.
    app.clock.advance(Lifetime::minutes(11));
    ana.post("/step-up/second-factor", &[("code", &codes[0]), then]).await.assert_leads_to(then.1);
    ana.get("/account/recovery-codes").await.assert_shows("9 left of the 10");
    assert_eq!(makes(&mut ana).await.len(), 10);
}

#[rocket::async_test]
async fn without_a_second_factor_there_is_nothing_they_would_stand_in_for() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    ana.get("/account/recovery-codes").await.assert_shows("Set one up first").assert_hides("<button class=\"full\">");
    let before = app.dump().await;
    ana.post("/account/recovery-codes", &[]).await.assert_status(409).assert_shows("Set one up first");
    assert_eq!(app.dump().await, before);
}

#[rocket::async_test]
async fn nobody_has_new_ones_made_for_ever() {
    let app = app_with_ana().await;
    let (mut ana, _) = with_phone(&app, ANA).await;
    // The first ten came with the app.
    for _ in 0..9 {
        makes(&mut ana).await;
    }
    ana.post("/account/recovery-codes", &[]).await.assert_status(429);
    let page = ana.get("/account/recovery-codes").await;
    page.assert_shows("10 left of the 10");
}

#[rocket::async_test]
async fn a_session_that_has_ended_meanwhile_gets_none() {
    let app = app_with_ana().await;
    let (mut ana, _) = with_phone(&app, ANA).await;
    assert!(ana.is_signed_in_as(ANA).await);
    let id = app.account_of(ANA).await.unwrap().id;
    app.write(move |connection| db::sessions::delete_all(connection, id)).await;
    let kept =
        |dump: String| dump.lines().filter(|line| line.starts_with("recovery_code")).collect::<Vec<_>>().join("\n");
    let before = kept(app.dump().await);
    let page = ana.post("/account/recovery-codes", &[]).await;
    assert!(page.location().is_some_and(|to| to.starts_with("/login")), "{}", page.text());
    assert_eq!(kept(app.dump().await), before);
}

#[rocket::async_test]
async fn there_is_no_button_for_what_cannot_be_done_while_the_factor_is_switched_off() {
    let app = app_with_ana().await;
    let (mut ana, _, _) = with_codes(&app).await;
    ana.get("/account/recovery-codes").await.assert_shows("Remove my codes");
    app.set("totp_enabled", "off").await;
    app.a_second_later();
    ana.get("/account/recovery-codes").await.assert_shows("Set one up first").assert_hides("Remove my codes");
}
