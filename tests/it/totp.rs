//! Authenticator apps: set up, asked for, guessed at, removed.

use crate::{
    browser::{Browser, Page},
    first_version,
    harness::{Setup, TestApp, address},
    phone::with_phone,
};
use gatepost::{
    db::{
        self,
        sealed::{SealedKind, SealedRow},
        totp::Secrets,
    },
    domain::{AuthenticatorId, Clock, Lifetime, audit::Action},
    sealing::place_of,
};
use rocket::futures::future::join_all;
use std::process::Command;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const GOOD: &str = "correct horse battery";
/// The button that begins to set up an app.
const BEGINS: &str = "<form method=\"post\" action=\"/account/totp\">";

/// A phone with an authenticator app, whose clock is the server's.
pub struct Phone {
    secret: String,
}

impl Phone {
    /// Reads the secret off the page, as a user does who types it.
    pub fn reading(page: &Page) -> Self {
        let (_, rest) = page.body.split_once("<code class=\"key\">").expect("a key");
        Self { secret: rest.split('<').next().unwrap().replace(' ', "") }
    }

    /// Returns the six digits that it shows now.
    pub fn shows(&self, app: &TestApp) -> String {
        self.at(app.clock.now().as_millis() / 1000)
    }

    fn at(&self, seconds: i64) -> String {
        let secret = totp_rs::Secret::try_from_base32(&self.secret).unwrap();
        let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
        totp.generate(u64::try_from(seconds).unwrap()).to_string()
    }

    /// Returns six digits that stay wrong for a while.
    pub fn wrong(&self, app: &TestApp) -> String {
        let now = app.clock.now().as_millis() / 1000;
        let right: Vec<_> = (-3..=3).map(|steps| self.at(now + steps * 30)).collect();
        (0..).map(|n| format!("{n:06}")).find(|code| !right.contains(code)).unwrap()
    }
}

/// Sets an app up on the account pages, and lets its first code pass.
pub async fn sets_up_an_app(browser: &mut Browser<'_>) -> Phone {
    let (phone, at) = begins_to_set_up(browser).await;
    let code = phone.shows(browser.app);
    browser.post(&at, &[("code", &code), ("name", "Pocket one")]).await.assert_status(303);
    browser.app.clock.advance(Lifetime::seconds(30));
    phone
}

async fn begins_to_set_up(browser: &mut Browser<'_>) -> (Phone, String) {
    let page = browser.post("/account/totp", &[]).await;
    let at = page.location().unwrap_or_else(|| panic!("{}", page.text())).to_owned();
    assert!(at.starts_with("/account/totp/"), "{at}");
    let page = browser.get(&at).await;
    page.assert_status(200).assert_shows("Set up an authenticator app");
    (Phone::reading(&page), at)
}

async fn app_with_ana() -> TestApp {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app
}

#[rocket::async_test]
async fn apps_that_nobody_named_are_told_apart() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    for (typed, name) in [("", "Authenticator app"), (" ", "Authenticator app 2")] {
        let (phone, at) = begins_to_set_up(&mut ana).await;
        let code = phone.shows(&app);
        ana.post(&at, &[("code", &code), ("name", typed)]).await.assert_status(303);
        let list = ana.get("/account/totp").await.body;
        assert!(list.contains(&format!("<bdi>{name}</bdi>")), "{list}");
        // A user who goes back is not told that they were late.
        ana.get(&at).await.assert_leads_to("/account/totp");
        ana.post(&at, &[("code", &code)]).await.assert_leads_to("/account/totp");
        app.clock.advance(Lifetime::seconds(30));
    }
}

#[rocket::async_test]
async fn one_press_on_the_security_page_leads_to_the_picture_and_the_name_stays_when_the_code_is_wrong() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let security = ana.get("/account/security").await;
    assert!(security.body.contains(BEGINS), "{}", security.body);
    let page = ana.submit("/account/totp", &[]).await;
    page.assert_status(200).assert_shows("Code shown in the app").assert_shows("Name of the app");
    assert!(page.body.contains("<svg class=\"qr\""), "{}", page.body);
    let (phone, at) = begins_to_set_up(&mut ana).await;
    let typed = "value=\"My phone\"";
    let wrong = phone.wrong(&app);
    let page = ana.submit(&at, &[("code", &wrong), ("name", "My phone")]).await;
    page.assert_shows("Wrong code.");
    assert!(page.body.contains(typed) && !page.body.contains(&format!("value=\"{wrong}\"")), "{}", page.body);
    let code = phone.shows(&app);
    let page = ana.submit(&at, &[("code", &code), ("name", "a\u{202e}b")]).await;
    page.assert_shows("invisible character");
    ana.post(&at, &[("code", &code), ("name", "My phone")]).await.assert_status(303);
    ana.get("/account/totp").await.assert_shows("My phone").assert_hides("Authenticator app 1");
    let line = app.audit().await.into_iter().find(|entry| entry.action == Action::TotpAdded).unwrap();
    assert_eq!(line.after.as_deref(), Some("My phone"));
    // From now on the page has something to choose.
    assert!(!ana.get("/account/security").await.body.contains(BEGINS));
}

#[rocket::async_test]
async fn an_account_that_is_not_verified_has_a_link_that_says_why_instead_of_the_button() {
    let app = app_with_ana().await;
    let mut console = crate::set_up::console_session(&app, ANA).await;
    let page = console.get("/account/security").await;
    assert!(!page.body.contains(BEGINS) && page.body.contains("href=\"/account/totp\""), "{}", page.body);
}

/// Redeems an email link in a new browser, up to the page for the second factor.
pub async fn waits_after_a_link<'a>(app: &'a TestApp, email: &str) -> Browser<'a> {
    app.clock.advance(Lifetime::seconds(31));
    let mut browser = app.browser();
    browser.sign_in_to(email, &[]).await.assert_leads_to("/login/second-factor");
    browser
}

async fn answers(browser: &mut Browser<'_>, code: &str) -> Page {
    browser.post("/login/second-factor", &[("code", code)]).await
}

#[rocket::async_test]
async fn once_set_up_its_code_is_asked_for_after_an_email_link() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    assert!(ana.is_signed_in_as(ANA).await, "who set it up goes on");

    let mut browser = waits_after_a_link(&app, ANA).await;
    assert!(!browser.cookies.contains_key("gatepost_session"));
    for path in ["/account", "/account/security", "/account/totp", "/account/data", "/step-up", "/admin"] {
        let page = browser.get(path).await;
        assert!(page.location().is_some_and(|to| to.starts_with("/login")), "{path}: {}", page.status);
    }
    browser.get("/login/second-factor").await.assert_status(200).assert_shows("Code from your authenticator app");
    let wrong = phone.wrong(&app);
    answers(&mut browser, &wrong).await.assert_status(422).assert_shows("That code is wrong or ");
    answers(&mut browser, "12345").await.assert_status(422).assert_shows("code is incomplete");
    let code = phone.shows(&app);
    answers(&mut browser, &code).await.assert_leads_to("/account");
    assert!(browser.is_signed_in_as(ANA).await);
    assert!(!browser.cookies.contains_key("gatepost_pending"), "what waited is over");
    browser.get("/account/sessions").await.assert_shows("(email link and authenticator app)");
    let line = app.audit().await.into_iter().find(|entry| entry.action == Action::SignedIn).unwrap();
    assert_eq!(line.after.as_deref(), Some("email_link + totp"));
}

#[rocket::async_test]
async fn it_is_asked_for_after_a_code_a_password_and_a_console_link_too() {
    let app = app_with_ana().await;
    app.set("password_enabled", "on").await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/password", &[("new_password", GOOD)]).await.assert_status(303);
    let phone = sets_up_an_app(&mut ana).await;
    // Emails about both. From here the newest email is the expected one.
    app.deliver().await;

    let mut by_code = app.browser();
    by_code.post("/login", &[("email", ANA)]).await;
    let code = app.mail_to(ANA).await.code();
    by_code.post("/login/code", &[("code", &code)]).await.assert_leads_to("/login/second-factor");
    let mut by_password = app.browser();
    let fields = [("email", ANA), ("password", GOOD), ("return_to", "/account/close"), ("remember", "on")];
    by_password.post("/login/password", &fields).await.assert_leads_to("/login/second-factor");
    let mut by_console = app.browser();
    let link = crate::set_up::console_link(&app, ANA).await;
    by_console.open(&link).await;
    by_console.post("/auth/verify", &[]).await.assert_leads_to("/login/second-factor");
    for browser in [&mut by_code, &mut by_password, &mut by_console] {
        assert!(browser.is_signed_out().await);
    }
    let code = phone.shows(&app);
    let page = answers(&mut by_password, &code).await;
    page.assert_leads_to("/account/close");
    let cookie = page.set_cookies().into_iter().find(|line| line.starts_with("gatepost_session")).unwrap().to_owned();
    assert!(cookie.contains("Max-Age"), "kept signed in, as ticked at the beginning: {cookie}");
}

#[rocket::async_test]
async fn a_reset_password_does_not_get_round_it() {
    let app = app_with_ana().await;
    app.set("password_enabled", "on").await;
    let mut ana = app.signed_in(ANA).await;
    sets_up_an_app(&mut ana).await;
    let mut browser = app.browser();
    browser.post("/password/forgot", &[("email", ANA)]).await.assert_status(303);
    let mails = app.mails_to(ANA).await;
    let mail = mails.iter().rfind(|mail| mail.text.contains("/auth/reset?token=")).unwrap();
    let link = mail.text.split_whitespace().find(|word| word.contains("/auth/reset?token=")).unwrap();
    browser.open(&crate::harness::local(link)).await;
    browser.submit("/auth/reset", &[("new_password", GOOD)]).await.assert_status(200);
    assert!(browser.is_signed_out().await);
    let page = browser.post("/login/password", &[("email", ANA), ("password", GOOD)]).await;
    page.assert_leads_to("/login/second-factor");
    assert!(browser.is_signed_out().await);
}

#[rocket::async_test]
async fn nothing_counts_before_the_first_code_and_a_late_one_begins_anew() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let (phone, at) = begins_to_set_up(&mut ana).await;
    app.clock.advance(Lifetime::seconds(31));
    let mut other = app.browser();
    other.sign_in_to(ANA, &[]).await.assert_leads_to("/account");
    let wrong = phone.wrong(&app);
    ana.post(&at, &[("code", &wrong)]).await.assert_status(422).assert_shows("Wrong code.");
    ana.post(&at, &[("code", "x")]).await.assert_status(422);
    app.clock.advance(Lifetime::minutes(30));
    ana.step_up(ANA).await;
    let code = phone.shows(&app);
    ana.post(&at, &[("code", &code)]).await.assert_leads_to("/account/totp");
    ana.get(&at).await.assert_leads_to("/account/totp");
    other.get("/account/totp").await.assert_hides("Pocket one");
}

#[rocket::async_test]
async fn setting_it_up_signs_out_the_others_and_tells_the_owner() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::seconds(31));
    let mut other = app.signed_in(ANA).await;
    sets_up_an_app(&mut ana).await;
    app.a_second_later();
    assert!(other.is_signed_out().await && ana.is_signed_in_as(ANA).await);
    let mail = app.mail_to(ANA).await;
    assert_eq!(mail.subject, "An authenticator app was added at Gatepost");
    assert!(mail.says_where(), "{}", mail.text);
    assert!(mail.text.contains("/account/security") && !mail.text.contains("Pocket one"), "{}", mail.text);
    assert!(app.audit().await.iter().any(|entry| entry.action == Action::TotpAdded));
}

#[rocket::async_test]
async fn somebody_with_the_mailbox_alone_can_neither_add_nor_remove_one() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let page = ana.get("/account/totp").await;
    let remove = page.body.split("href=\"").find(|part| part.contains("/remove\"")).unwrap();
    let remove = remove.split('"').next().unwrap().to_owned();
    app.clock.advance(Lifetime::minutes(11));
    // The session is Ana's. Its proofs are stale, and an email does not freshen them.
    ana.post("/account/totp", &[]).await.then();
    ana.post(&remove, &[]).await.then();
    ana.get("/step-up").await.assert_shows("authenticator app").assert_hides("Email a link");
    ana.submit("/step-up", &[]).await.assert_hides("Check your inbox");
    let wrong = phone.wrong(&app);
    ana.post("/step-up/second-factor", &[("code", &wrong)]).await.assert_status(422);
    ana.post(&remove, &[]).await.then();
    let code = phone.shows(&app);
    ana.post("/step-up/second-factor", &[("code", &code), ("then", "/account/totp")])
        .await
        .assert_leads_to("/account/totp");
    ana.post(&remove, &[]).await.assert_leads_to("/account/totp");
    assert!(ana.is_signed_in_as(ANA).await);
    let mail = app.mail_to(ANA).await;
    assert_eq!(mail.subject, "An authenticator app was removed at Gatepost");
    assert!(mail.says_where(), "{}", mail.text);
    app.clock.advance(Lifetime::seconds(31));
    let mut browser = app.browser();
    browser.sign_in_to(ANA, &[]).await.assert_leads_to("/account");
}

/// Returns three browsers of Ana's that wait for her second factor.
async fn three_wait(app: &TestApp) -> Vec<Browser<'_>> {
    let mut browsers = Vec::new();
    for _ in 0..3 {
        app.clock.advance(Lifetime::minutes(6));
        browsers.push(waits_after_a_link(app, ANA).await);
    }
    browsers
}

#[rocket::async_test]
async fn a_step_counts_once_however_often_it_is_shown() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let mut browsers = three_wait(&app).await;
    let code = phone.shows(&app);
    answers(&mut browsers[1], &code).await.assert_leads_to("/account");
    answers(&mut browsers[2], &code).await.assert_status(422);
    // Nor an earlier one, though it is still within its time.
    let older = phone.at(app.clock.now().as_millis() / 1000 - 30);
    answers(&mut browsers[2], &older).await.assert_status(422);
    // Nor on another node, nor for a step-up.
    let node = Setup::new().beside(&app).start().await;
    let mut there = Browser::new(&node);
    there.cookies = browsers[2].cookies.clone();
    answers(&mut there, &code).await.assert_status(422);
    browsers[1].post("/step-up/second-factor", &[("code", &code)]).await.assert_status(422);
    // Refused with the words of a wrong code, but a doubled form is not a guess.
    let account = app.account_of(ANA).await.unwrap().id;
    assert_eq!(app.read(move |connection| db::totp::failures(connection, account)).await.wrong, 0);
}

#[rocket::async_test]
async fn of_fifty_at_once_with_one_code_one_is_signed_in() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    app.set("password_enabled", "on").await;
    ana.post("/account/password", &[("new_password", GOOD)]).await.assert_status(303);
    app.a_second_later();
    let mut browsers = Vec::new();
    for n in 0..50 {
        // Known to the account, so that no stranger's limit applies.
        let mut browser = app.browser().at(&format!("198.51.100.{n}"));
        if n % 9 == 0 {
            app.clock.advance(Lifetime::minutes(16));
        }
        browser
            .post("/login/password", &[("email", ANA), ("password", GOOD)])
            .await
            .assert_leads_to("/login/second-factor");
        browsers.push(browser);
    }
    let alive = browsers.len() - 45;
    assert!(alive > 0);
    let before = app.count_sessions().await;
    let code = phone.shows(&app);
    let pages = join_all(browsers.iter_mut().map(|browser| answers(browser, &code))).await;
    let signed_in = pages.iter().filter(|page| page.location() == Some("/account")).count();
    assert_eq!((signed_in, app.count_sessions().await), (1, before + 1));
}

#[rocket::async_test]
async fn one_pending_sign_in_makes_one_session_however_often_its_code_is_sent() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let browser = waits_after_a_link(&app, ANA).await;
    let before = app.count_sessions().await;
    let code = phone.shows(&app);
    let mut copies: Vec<_> = (0..50)
        .map(|_| {
            let mut copy = app.browser();
            copy.cookies = browser.cookies.clone();
            copy
        })
        .collect();
    let pages = join_all(copies.iter_mut().map(|browser| answers(browser, &code))).await;
    let signed_in = pages.iter().filter(|page| page.location() == Some("/account")).count();
    assert_eq!((signed_in, app.count_sessions().await), (1, before + 1));
}

#[rocket::async_test]
async fn guesses_are_counted_for_the_account_over_all_its_sign_ins() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let mut browsers = three_wait(&app).await;
    let wrong = phone.wrong(&app);
    for n in 0..5 {
        answers(&mut browsers[1 + n % 2], &wrong).await.assert_status(422);
    }
    let code = phone.shows(&app);
    answers(&mut browsers[2], &code).await.assert_status(429).assert_shows("Several codes were wrong");
    let account = app.account_of(ANA).await.unwrap().id;
    let counted = app.read(move |connection| db::totp::failures(connection, account)).await;
    assert_eq!(counted.wrong, 5, "what was not looked at is not counted");
    // A right first factor forgives nothing. Waiting does, and then the right code.
    app.clock.advance(Lifetime::seconds(31));
    let code = phone.shows(&app);
    answers(&mut browsers[2], &code).await.assert_leads_to("/account");
    let counted = app.read(move |connection| db::totp::failures(connection, account)).await;
    assert_eq!(counted.wrong, 0);
    assert!(app.audit().await.iter().any(|entry| entry.action == Action::TotpGuessedTooOften));
    let mut told = app.mails_to(ANA).await;
    told.retain(|mail| mail.subject.contains("Wrong codes were entered"));
    assert!(told.iter().all(|mail| mail.says_where()));
    assert_eq!(told.len(), 1, "the owner hears of it once, and not of each code");
}

#[rocket::async_test]
async fn where_the_codes_of_an_app_pause_the_page_leads_to_a_recovery_code() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    ana.post("/account/recovery-codes", &[]).await.assert_leads_to("/account/recovery-codes/made");
    let mut browser = waits_after_a_link(&app, ANA).await;
    let wrong = phone.wrong(&app);
    let focus = |page: &Page| page.body.split(" autofocus").next().unwrap().rsplit("<input").next().unwrap().to_owned();
    for _ in 0..5 {
        let page = answers(&mut browser, &wrong).await;
        assert!(focus(&page).contains("id=\"code\""), "{}", page.body);
        assert!(page.body.contains("<details>\n<summary>Use a recovery code"), "{}", page.body);
    }
    let page = answers(&mut browser, &wrong).await;
    page.assert_status(429).assert_shows("Several codes were wrong");
    assert!(focus(&page).contains("id=\"recovery-code\""), "{}", page.body);
    assert!(page.body.contains("<details open>\n<summary>Use a recovery code"), "{}", page.body);
    assert!(focus(&page).contains("aria-describedby=\"recovery-code-hint code-problem\""), "{}", page.body);
    assert!(page.body.contains("<button class=\"full\">Use this code"), "{}", page.body);
    assert!(page.body.contains("<button class=\"second full\">Continue"), "{}", page.body);
    // A slip in the recovery code does not lead back to the app.
    let page = answers(&mut browser, "AAAA-AAAA-AAAA-AAAA").await;
    page.assert_status(422);
    assert!(focus(&page).contains("id=\"recovery-code\""), "{}", page.body);
    assert!(!page.body.contains("recovery-code-hint code-problem"), "{}", page.body);
}

#[rocket::async_test]
async fn after_a_hundred_wrong_codes_none_counts_any_more() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let account = app.account_of(ANA).await.unwrap().id;
    let now = app.clock.now();
    app.write(move |connection| {
        let failures = gatepost::domain::totp::Failures { wrong: 99, paused_until: now };
        db::totp::note_failures(connection, account, &failures)
    })
    .await;
    let mut browser = waits_after_a_link(&app, ANA).await;
    let wrong = phone.wrong(&app);
    answers(&mut browser, &wrong).await.assert_status(422);
    app.clock.advance(Lifetime::days(30));
    let mut browser = waits_after_a_link(&app, ANA).await;
    let code = phone.shows(&app);
    answers(&mut browser, &code).await.assert_status(429).assert_shows("Too many wrong codes");
    assert!(browser.is_signed_out().await);
}

#[rocket::async_test]
async fn what_waits_ends_with_its_time_its_account_and_a_sign_out_everywhere() {
    let app = app_with_ana().await;
    app.add_admin(BEN).await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let mut late = waits_after_a_link(&app, ANA).await;
    app.clock.advance(Lifetime::minutes(15));
    let code = phone.shows(&app);
    answers(&mut late, &code).await.assert_leads_to("/login");
    late.get("/login/second-factor").await.assert_leads_to("/login");

    let mut ended = waits_after_a_link(&app, ANA).await;
    let mut ben = app.signed_in(BEN).await;
    let person = format!("/admin/people/{}", app.account_of(ANA).await.unwrap().id);
    ben.post(&format!("{person}/sign-out"), &[]).await.assert_status(303);
    let code = phone.shows(&app);
    answers(&mut ended, &code).await.assert_leads_to("/login");

    let mut disabled = waits_after_a_link(&app, ANA).await;
    ben.post(&format!("{person}/disable"), &[]).await.assert_status(303);
    let code = phone.shows(&app);
    answers(&mut disabled, &code).await.assert_leads_to("/login");
    assert!(disabled.is_signed_out().await);
}

#[rocket::async_test]
async fn this_wasnt_me_ends_a_sign_in_that_waits() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let mut browser = waits_after_a_link(&app, ANA).await;
    let mails = app.mails_to(ANA).await;
    let cancel = mails.iter().rfind(|mail| mail.text.contains("/auth/cancel")).unwrap().cancel_link();
    let mut owner = app.browser();
    owner.open(&cancel).await;
    owner.submit("/auth/cancel", &[]).await.assert_status(200);
    let code = phone.shows(&app);
    answers(&mut browser, &code).await.assert_leads_to("/login");
}

#[rocket::async_test]
async fn switched_off_it_is_neither_asked_for_nor_taken() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let mut waiting = waits_after_a_link(&app, ANA).await;
    app.set("totp_enabled", "off").await;
    app.a_second_later();
    let code = phone.shows(&app);
    answers(&mut waiting, &code).await.assert_leads_to("/login");
    ana.get("/account/totp").await.assert_status(404);
    ana.post("/account/totp", &[]).await.assert_status(403);
    ana.post("/account/totp/0123456789abcdef/remove", &[]).await.assert_status(403);
    app.clock.advance(Lifetime::seconds(31));
    app.browser().sign_in_to(ANA, &[]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn its_secret_is_sealed_bound_to_its_row_and_shown_to_nobody_later() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let plain = totp_rs::Secret::try_from_base32(&phone.secret).unwrap();
    let hex: String = plain.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let dump = app.dump().await;
    assert!(!dump.to_lowercase().contains(&hex) && !dump.contains(&phone.secret));
    let list = ana.get("/account/totp").await;
    list.assert_status(200).assert_shows("Pocket one");
    assert!(!list.body.contains(&phone.secret[..8]));
}

/// An attacker who writes the database, without a key, puts the row of their own app under another
/// account.
#[rocket::async_test]
async fn a_row_that_was_copied_or_moved_to_another_account_does_not_open() {
    for moved in [false, true] {
        let app = app_with_ana().await;
        let phone = sets_up_an_app(&mut app.signed_in(ANA).await).await;
        app.add_account(BEN).await;
        app.signed_in(BEN).await;
        let (ana_id, ben_id) = (app.account_of(ANA).await.unwrap().id, app.account_of(BEN).await.unwrap().id);
        app.write(move |connection| {
            let (mut stolen, sealed) = db::totp::of_account(connection, ana_id)?.remove(0);
            stolen.account_id = ben_id;
            if moved {
                db::totp::remove(connection, ana_id, stolen.id)?;
            } else {
                stolen.id = AuthenticatorId::from_i64(7);
            }
            db::totp::insert(connection, &stolen, &sealed)?;
            db::totp::confirm(connection, stolen.id, stolen.added_at)?;
            Ok(())
        })
        .await;
        let mut browser = waits_after_a_link(&app, BEN).await;
        let code = phone.shows(&app);
        // That is a fault of ours, and no way in.
        answers(&mut browser, &code).await.assert_status(500);
        assert!(browser.is_signed_out().await, "moved: {moved}");
    }
}

#[rocket::async_test]
async fn a_secret_of_the_first_version_still_opens_and_stays_readable_for_a_node_of_the_version_before() {
    let app = app_with_ana().await;
    let phone = sets_up_an_app(&mut app.signed_in(ANA).await).await;
    let account = app.account_of(ANA).await.unwrap().id;
    let row = move |connection: &mut db::DbConnection| Ok(db::totp::of_account(connection, account)?.remove(0));
    let (its, now_sealed) = app.read(row).await;
    let plain = totp_rs::Secret::try_from_base32(&phone.secret).unwrap();
    let first = first_version::seal(&app.database.key_file, plain.as_ref(), its.id);
    let put = first.clone();
    let was = SealedRow { id: its.id.as_i64(), place: place_of(account, its.id), sealed: now_sealed };
    assert!(app.write(move |connection| Secrets.reseal(connection, &was, &put)).await);
    for _ in 0..2 {
        let mut browser = waits_after_a_link(&app, ANA).await;
        let code = phone.shows(&app);
        answers(&mut browser, &code).await.assert_leads_to("/account");
        let opened = first_version::open(&app.database.key_file, &app.read(row).await.1, its.id);
        assert_eq!(opened.as_deref(), Some(plain.as_ref()), "the other node can read it");
    }
}

/// Otherwise a thief could use up the hour's emails, so that the owner cannot remove their app.
#[rocket::async_test]
async fn an_app_is_removed_even_after_all_acts_with_an_email_are_used_up() {
    let app = app_with_ana().await;
    let (mut ana, _) = with_phone(&app, ANA).await;
    let mut statuses = Vec::new();
    for n in 0..31 {
        let address = format!("away{n}@elsewhere{n}.example");
        statuses.push(ana.post("/account/address", &[("new_email", &address)]).await.status.code);
    }
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    let page = ana.get("/account/totp").await;
    let remove = page.body.split("href=\"").find(|part| part.contains("/remove\"")).unwrap();
    ana.post(remove.split('"').next().unwrap(), &[]).await.assert_leads_to("/account/totp");
    assert!(!app.dump().await.contains("totp_authenticators: "));
}

#[rocket::async_test]
async fn five_apps_are_enough_and_an_enrolment_left_lying_gives_way() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    for _ in 0..5 {
        begins_to_set_up(&mut ana).await;
        sets_up_an_app(&mut ana).await;
    }
    ana.post("/account/totp", &[]).await.assert_leads_to("/account/totp");
    let account = app.account_of(ANA).await.unwrap().id;
    assert_eq!(app.read(move |connection| db::totp::of_account(connection, account)).await.len(), 5);
}

#[rocket::async_test]
async fn one_set_up_before_the_mailbox_was_proven_is_gone_afterwards() {
    // By hand, because no page allows it.
    let app = app_with_ana().await;
    let mut console = crate::set_up::console_session(&app, ANA).await;
    console.post("/account/totp", &[]).await.assert_status(403);
    let (email, now) = (address(ANA), app.clock.now());
    let services = std::sync::Arc::clone(&app.services);
    app.write(move |connection| {
        let account = db::accounts::find_by_email(connection, &email)?.unwrap();
        let app = gatepost::domain::totp::Authenticator {
            id: gatepost::domain::AuthenticatorId::issue(&*services.entropy),
            account_id: account.id,
            name: gatepost::domain::factor_name::FactorName::of("Trojan", &[]),
            added_at: now,
            confirmed_at: None,
            last_used_at: None,
        };
        db::totp::insert(connection, &app, &[0; 40])?;
        db::totp::confirm(connection, app.id, now)?;
        Ok(())
    })
    .await;
    app.browser().sign_in_to(ANA, &[]).await.assert_leads_to("/account");
}

/// An independent implementation, if it is installed.
#[rocket::async_test]
async fn oathtool_shows_the_same_code() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let now = format!("@{}", app.clock.now().as_millis() / 1000);
    let output = Command::new("oathtool").args(["--totp", "--base32", "--now", &now, &phone.secret]).output();
    let output = output.expect("oathtool, which scripts/test installs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut browser = waits_after_a_link(&app, ANA).await;
    let now = format!("@{}", app.clock.now().as_millis() / 1000);
    let output = Command::new("oathtool").args(["--totp", "--base32", "--now", &now, &phone.secret]).output().unwrap();
    let code = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    answers(&mut browser, &code).await.assert_leads_to("/account");
}
