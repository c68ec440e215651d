//! Passwords: set, used, forgotten, removed; and what they must never do.

use crate::{
    alike::{chooses, masked, spoken},
    browser::{Browser, Page},
    harness::{Mail, TestApp, local},
    phone::Phone,
};
use gatepost::{
    db,
    domain::{AuthenticatorId, Lifetime, audit::Action, factor_name::FactorName, totp::Authenticator},
    entropy::SystemEntropy,
};
use rocket::futures::future::join_all;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const GOOD: &str = "correct horse battery";
const OTHER: &str = "staple every other word";

async fn app_with_ana() -> TestApp {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    app
}

/// Ana, signed in by email link, with a password.
async fn with_password(app: &TestApp) -> Browser<'_> {
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/password", &[("new_password", GOOD)]).await.assert_leads_to("/account");
    ana
}

pub async fn tries(browser: &mut Browser<'_>, email: &str, password: &str) -> Page {
    browser.post("/login/password", &[("email", email), ("password", password)]).await
}

pub fn reset_link(mail: &Mail) -> String {
    local(mail.text.split_whitespace().find(|word| word.contains("/auth/reset?token=")).unwrap())
}

pub async fn asks_for_a_reset<'a>(app: &'a TestApp, email: &str) -> (Browser<'a>, String) {
    app.clock.advance(Lifetime::seconds(1));
    let mut browser = app.browser();
    browser.post("/password/forgot", &[("email", email)]).await.assert_leads_to("/login/sent");
    let mails = app.mails_to(email).await;
    let link = reset_link(mails.iter().rfind(|mail| mail.text.contains("/auth/reset?token=")).unwrap());
    (browser, link)
}

#[rocket::async_test]
async fn a_password_signs_in_and_a_wrong_one_does_not() {
    let app = app_with_ana().await;
    with_password(&app).await;
    let mut browser = app.browser();
    browser.get("/login").await.assert_shows("Sign in with a password");
    browser.submit("/login/password", &[("email", ANA)]).await.assert_status(200).assert_shows("Forgot your password?");
    let page = tries(&mut browser, ANA, OTHER).await;
    page.assert_status(422).assert_shows("Wrong email address or password");
    assert!(page.body.contains("value=\"ana@example.com\"") && !page.body.contains(OTHER));
    assert!(browser.is_signed_out().await);
    tries(&mut browser, "Ana@Example.com", GOOD).await.assert_leads_to("/account");
    assert!(browser.is_signed_in_as(ANA).await);
    let entry = app.audit().await.into_iter().rfind(|entry| entry.after.as_deref() == Some("password"));
    assert!(entry.is_some_and(|entry| entry.action == Action::SignedIn));
}

#[rocket::async_test]
async fn where_somebody_goes_and_how_long_they_stay_is_as_with_a_link() {
    let app = app_with_ana().await;
    with_password(&app).await;
    let mut browser = app.browser();
    let fields = [("email", ANA), ("password", GOOD), ("return_to", "/account/close"), ("remember", "on")];
    let page = browser.post("/login/password", &fields).await;
    page.assert_leads_to("/account/close");
    let cookie = page.set_cookies().into_iter().find(|line| line.starts_with("gatepost_session")).unwrap().to_owned();
    assert!(cookie.contains("Max-Age"), "{cookie}");
}

#[rocket::async_test]
async fn with_passwords_switched_off_none_is_taken_or_set_or_reset() {
    let app = app_with_ana().await;
    let mut ana = with_password(&app).await;
    let (mut asked, link) = asks_for_a_reset(&app, ANA).await;
    app.set("password_enabled", "off").await;
    app.a_second_later();
    let mut browser = app.browser();
    browser.get("/login").await.assert_hides("/login/password");
    browser.get("/login/password").await.assert_leads_to("/login");
    tries(&mut browser, ANA, GOOD).await.assert_status(403);
    browser.post("/password/forgot", &[("email", ANA)]).await.assert_status(403);
    asked.open(&link).await.assert_status(410);
    asked.post("/auth/reset", &[("new_password", OTHER)]).await.assert_status(410);
    ana.get("/account/password").await.assert_status(404);
    ana.post("/account/password", &[("new_password", OTHER)]).await.assert_status(403);
    app.set("password_enabled", "on").await;
    app.a_second_later();
    tries(&mut browser, ANA, GOOD).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn nobody_has_a_password_before_the_mailbox_is_proven() {
    let app = app_with_ana().await;
    let mut console = crate::set_up::console_session(&app, ANA).await;
    console.get("/account/password").await.assert_shows("Your email address isn’t verified yet");
    console.post("/account/password", &[("new_password", GOOD)]).await.assert_status(403);
    tries(&mut app.browser(), ANA, GOOD).await.assert_status(422);
}

#[rocket::async_test]
async fn setting_a_password_needs_a_fresh_proof_and_what_was_typed_waits_nowhere() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(11));
    assert_eq!(ana.get("/account/password").await.then(), "/account/password");
    assert_eq!(ana.post("/account/password", &[("new_password", GOOD)]).await.then(), "/account/password");
    assert!(!app.dump().await.contains("correct horse"));
    assert!(app.dump().await.lines().all(|line| !line.starts_with("held_forms")));
}

#[rocket::async_test]
async fn a_weak_password_comes_back_with_a_sentence_and_changes_nothing() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let before = app.dump_but_judgements().await;
    for (password, words) in [
        ("short", "at least 15 characters"),
        ("passwordpassword", "This password is too common"),
        ("ana is example.com's", "Don’t use your email address"),
        ("my own gatepost here", "Don’t use this site’s name"),
    ] {
        let page = ana.post("/account/password", &[("new_password", password)]).await;
        page.assert_status(422).assert_shows(words);
        assert!(!page.body.contains(password));
    }
    assert_eq!(app.dump_but_judgements().await, before);
}

#[rocket::async_test]
async fn a_new_password_ends_every_other_session_and_tells_the_owner() {
    let app = app_with_ana().await;
    let mut ana = with_password(&app).await;
    let mut other = app.browser();
    tries(&mut other, ANA, GOOD).await.assert_leads_to("/account");
    app.clock.advance(Lifetime::minutes(1));
    ana.post("/account/password", &[("new_password", OTHER)]).await.assert_status(303);
    app.a_second_later();
    assert!(other.is_signed_out().await && ana.is_signed_in_as(ANA).await);
    tries(&mut other, ANA, GOOD).await.assert_status(422);
    tries(&mut other, ANA, OTHER).await.assert_leads_to("/account");
    let mail = app.mail_to(ANA).await;
    assert!(mail.subject.contains("A new password was set at Gatepost"), "{}", mail.subject);
    assert!(mail.says_where(), "{}", mail.text);
    assert!(!mail.source.contains("staple"));
    assert!(app.audit().await.iter().any(|entry| entry.action == Action::PasswordSet));
}

#[rocket::async_test]
async fn guessing_is_limited_for_everybody_alike_and_never_keeps_the_owner_out() {
    let app = app_with_ana().await;
    let mut ana = with_password(&app).await;
    for email in [ANA, "nobody@example.com"] {
        let mut statuses = Vec::new();
        for n in 0..12 {
            let mut attacker = app.browser().at(&format!("198.51.100.{n}"));
            statuses.push(tries(&mut attacker, email, OTHER).await.status.code);
        }
        assert_eq!(statuses, [vec![422; 10], vec![429; 2]].concat(), "{email}");
        let mut attacker = app.browser().at("198.51.100.200");
        tries(&mut attacker, email, OTHER).await.assert_status(429).assert_shows("Try again in 15 minutes.");
    }
    // The owner's browser has its own tries, and the email link keeps working.
    ana.post("/logout", &[]).await;
    tries(&mut ana, ANA, GOOD).await.assert_leads_to("/account");
    app.clock.advance(Lifetime::seconds(1));
    app.signed_in(ANA).await;
    // One client gets a limited number, for any accounts.
    let mut attacker = app.browser().at("192.0.2.9");
    let mut refused = 0;
    for n in 0..35 {
        refused += i32::from(tries(&mut attacker, &format!("p{n}@example.com"), OTHER).await.status.code == 429);
    }
    assert_eq!(refused, 5);
}

#[rocket::async_test]
async fn a_wrong_password_an_unknown_address_and_one_without_a_password_look_alike() {
    for (language, own) in spoken() {
        let app = app_with_ana().await;
        with_password(&app).await;
        app.add_account(BEN).await;
        app.signed_in(BEN).await;
        for email in [ANA, BEN] {
            chooses(&app, email, own).await;
        }
        let mut pages = Vec::new();
        for email in [ANA, BEN, "eve@example.com"] {
            let mut browser = app.browser().speaking(language);
            let refused = browser.post_only("/login/password", &[("email", email), ("password", OTHER)]).await;
            let page = browser.get(refused.location().unwrap()).await;
            page.assert_status(422);
            assert!(page.body.contains(&format!("<html lang=\"{language}\"")), "{}", page.body);
            pages.push([masked(&refused, email), masked(&page, email)]);
        }
        assert_eq!(pages[0], pages[1], "in {language}, the account in {own:?}");
        assert_eq!(pages[0], pages[2], "in {language}, the account in {own:?}");
    }
}

#[rocket::async_test]
async fn a_forgotten_password_is_chosen_anew_by_mail_and_signs_nobody_in() {
    let app = app_with_ana().await;
    let mut ana = with_password(&app).await;
    let (mut browser, link) = asks_for_a_reset(&app, ANA).await;
    browser.get("/login/sent").await.assert_shows("Look for our newest email to ana@example.com about a new password,");
    // Opening changes nothing, however often.
    let before = app.dump().await;
    for _ in 0..3 {
        browser.open(&link).await.assert_status(200).assert_shows("Choose a new password").assert_shows(ANA);
    }
    assert_eq!(app.dump().await, before);
    browser.post("/auth/reset", &[("new_password", "too short")]).await.assert_status(422);
    browser.submit("/auth/reset", &[("new_password", OTHER)]).await.assert_status(200).assert_shows("is set");
    assert!(browser.is_signed_out().await, "it makes no session");
    app.a_second_later();
    assert!(ana.is_signed_out().await, "and everybody out");
    tries(&mut browser, ANA, GOOD).await.assert_status(422);
    tries(&mut browser, ANA, OTHER).await.assert_leads_to("/account");
    let told = app.mail_to(ANA).await;
    assert!(told.subject.contains("was reset"));
    for body in [told.words(), told.html] {
        assert!(body.contains("All browsers are signed out."), "{body}");
    }
    // Once.
    let mut again = app.browser();
    again.open(&link).await.assert_status(410);
    again.post("/auth/reset", &[("new_password", GOOD)]).await.assert_status(410);
    assert!(app.audit().await.iter().any(|entry| entry.action == Action::PasswordReset));
}

#[rocket::async_test]
async fn after_a_reset_the_address_is_there_and_the_password_is_asked_for() {
    let app = app_with_ana().await;
    with_password(&app).await;
    let (mut browser, link) = asks_for_a_reset(&app, ANA).await;
    let focused = |page: &Page, id: &str| {
        let field = page.body.split(&format!("<input id=\"{id}\"")).nth(1).unwrap().split('>').next().unwrap();
        field.contains(" autofocus")
    };
    assert!(focused(&browser.open(&link).await, "new_password"));
    let page = browser.submit("/auth/reset", &[("new_password", OTHER)]).await;
    page.assert_status(200).assert_shows("is set");
    assert!(page.body.contains("value=\"ana@example.com\""), "{}", page.body);
    assert!(focused(&page, "password") && !focused(&page, "email"));
    // Said once, so another user of this browser does not find it.
    browser.get("/login/password").await.assert_hides(ANA);
}

#[rocket::async_test]
async fn of_many_resets_at_once_one_counts() {
    let app = app_with_ana().await;
    with_password(&app).await;
    let (mut browser, link) = asks_for_a_reset(&app, ANA).await;
    browser.open(&link).await;
    let presses = (0..20).map(|n| {
        let mut tab = Browser { cookies: browser.cookies.clone(), ..app.browser() };
        let password = format!("password number {n} of twenty");
        async move {
            let answer = tab.post("/auth/reset", &[("new_password", &password)]).await;
            (answer.location() == Some("/login/password")).then_some(password)
        }
    });
    let chosen: Vec<_> = join_all(presses).await.into_iter().flatten().collect();
    assert_eq!(chosen.len(), 1);
    tries(&mut app.browser(), ANA, &chosen[0]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn asking_for_a_reset_tells_nobody_who_has_an_account() {
    let app = app_with_ana().await;
    let mut pages = Vec::new();
    for email in [ANA, "eve@example.com"] {
        let mut browser = app.browser();
        let answer = browser.post("/password/forgot", &[("email", email)]).await;
        let sent = browser.get("/login/sent").await;
        pages.push((
            answer.status.code,
            answer.location().map(str::to_owned),
            sent.body.replace(email, "").replace(sent.hidden("attempt"), ""),
        ));
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(app.mails_to(ANA).await.len(), 1);
    assert!(app.mails_to("eve@example.com").await.is_empty());
}

/// A token of one purpose is worthless for every other purpose.
#[rocket::async_test]
async fn a_reset_link_is_worth_nothing_elsewhere_and_other_links_reset_nothing() {
    let app = app_with_ana().await;
    with_password(&app).await;
    let (mut browser, reset) = asks_for_a_reset(&app, ANA).await;
    let token = reset.split_once("token=").unwrap().1;
    for path in ["/auth/verify", "/auth/cancel", "/auth/undo", "/auth/recovery", "/setup"] {
        let page = browser.open(&format!("{path}?token={token}")).await;
        assert!([404, 410].contains(&page.status.code), "{path}: {}", page.text());
        let page = browser.post(path, if path == "/setup" { &[("email", BEN)] } else { &[] }).await;
        assert!([404, 410].contains(&page.status.code), "{path}: {}", page.text());
    }
    browser.post("/login/code", &[("code", "000-000")]).await.assert_leads_to("/login/sent");
    app.clock.advance(Lifetime::minutes(1));
    browser.post("/login", &[("email", ANA)]).await;
    let sign_in = app.mail_to(ANA).await;
    for link in [sign_in.link(), sign_in.cancel_link()] {
        let token = link.split_once("token=").unwrap().1;
        browser.open(&format!("/auth/reset?token={token}")).await.assert_status(410);
        browser.post("/auth/reset", &[("new_password", OTHER)]).await.assert_status(410);
    }
    assert!(browser.is_signed_out().await);
    tries(&mut app.browser(), ANA, GOOD).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn this_wasnt_me_ends_a_reset_too() {
    let app = app_with_ana().await;
    with_password(&app).await;
    app.deliver().await;
    app.clock.advance(Lifetime::seconds(1));
    let mut stranger = app.browser();
    stranger.post("/password/forgot", &[("email", ANA)]).await;
    let mail = app.mail_to(ANA).await;
    let mut ana = app.browser();
    ana.open(&mail.cancel_link()).await.assert_shows("Cancel this request?");
    ana.submit("/auth/cancel", &[]).await.assert_status(200);
    stranger.open(&reset_link(&mail)).await.assert_status(410);
}

#[rocket::async_test]
async fn a_password_can_be_removed_unless_it_is_the_last_admins_last_way_in() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    app.set("password_enabled", "on").await;
    let mut ana = with_password(&app).await;
    // Once an admin has a password, email links may be turned off without a second page. The
    // password then has to stay.
    ana.post("/admin/settings", &[("password_enabled", "on")]).await.assert_leads_to("/admin/settings");
    app.a_second_later();
    ana.post("/account/password/remove", &[]).await.assert_status(409).assert_shows("last way");
    ana.post("/admin/settings", &[]).await.assert_status(409).assert_shows("No admin will be able to sign in");
    tries(&mut app.browser(), ANA, GOOD).await.assert_leads_to("/account");
    app.set("email_link_enabled", "on").await;
    app.a_second_later();
    ana.post("/account/password/remove", &[]).await.assert_leads_to("/account");
    tries(&mut app.browser(), ANA, GOOD).await.assert_status(422);
    assert!(app.mail_to(ANA).await.subject.contains("was removed"));
}

#[rocket::async_test]
async fn a_password_freshens_the_session_for_a_sensitive_change() {
    let app = app_with_ana().await;
    let mut ana = with_password(&app).await;
    app.clock.advance(Lifetime::minutes(11));
    let then = ana.post("/account/address", &[("new_email", "ana@new.example")]).await.then();
    ana.get(&format!("/step-up?then={then}")).await.assert_shows("Password").assert_shows("Email a link");
    let secret = ana.cookies["gatepost_session"].clone();
    ana.post("/step-up/password", &[("password", OTHER), ("then", &then)]).await.assert_status(422);
    ana.post("/step-up/password", &[("password", GOOD), ("then", &then)]).await.assert_leads_to(&then);
    assert_ne!(ana.cookies["gatepost_session"], secret);
    ana.get(&then).await.assert_shows("Nothing has changed yet");
}

#[rocket::async_test]
async fn taking_an_account_back_takes_away_the_password_that_somebody_set_meanwhile() {
    let app = app_with_ana().await;
    let mut thief = app.signed_in(ANA).await;
    thief.post("/account/address", &[("new_email", "thief@example.com")]).await;
    let link = app.mail_to("thief@example.com").await.link();
    thief.open(&link).await;
    thief.post("/auth/verify", &[]).await.assert_status(303);
    thief.post("/account/password", &[("new_password", GOOD)]).await.assert_status(303);
    let undo = app.mail_to(ANA).await.undo_link();
    let mut ana = app.browser();
    ana.open(&undo).await;
    ana.submit("/auth/undo", &[]).await.assert_status(200).assert_shows("Your account is restored");
    for email in [ANA, "thief@example.com"] {
        tries(&mut app.browser(), email, GOOD).await.assert_status(422);
    }
}

#[rocket::async_test]
async fn no_password_is_in_the_database_and_disabled_accounts_have_none_that_counts() {
    let app = app_with_ana().await;
    with_password(&app).await;
    let dump = app.dump().await;
    assert!(dump.contains("$argon2id$v=19$m=19456,t=2,p=1$") && !dump.contains(GOOD));
    let (account, now) = (app.account_of(ANA).await.unwrap(), app.services.now());
    app.write(move |connection| gatepost::db::accounts::set_disabled(connection, account.id, Some(now))).await;
    tries(&mut app.browser(), ANA, GOOD).await.assert_status(422).assert_shows("Wrong email address or password");
}

/// The page that asks for a password has a button for an email instead, in the same form.
#[rocket::async_test]
async fn a_mail_can_be_asked_for_from_the_page_of_the_password() {
    let app = app_with_ana().await;
    let mut browser = app.browser();
    let page = browser.submit("/login/password", &[("email", ANA), ("return_to", "/account/close")]).await;
    assert!(page.body.contains("formaction=\"/login\""));
    let fields = [("email", ANA), ("password", "whatever"), ("return_to", "/account/close")];
    browser.post("/login", &fields).await.assert_leads_to("/login/sent");
    let link = app.mail_to(ANA).await.link();
    browser.open(&link).await;
    browser.post("/auth/verify", &[]).await.assert_leads_to("/account/close");
}

/// An attacker who knows the old password must not be able to keep its owner from choosing another.
#[rocket::async_test]
async fn signing_in_by_a_password_ends_no_reset_and_no_email_link() {
    let app = app_with_ana().await;
    with_password(&app).await;
    let (mut owner, link) = asks_for_a_reset(&app, ANA).await;
    let mut thief = app.browser();
    tries(&mut thief, ANA, GOOD).await.assert_leads_to("/account");
    owner.open(&link).await.assert_status(200);
    owner.submit("/auth/reset", &[("new_password", OTHER)]).await.assert_status(200);
    app.a_second_later();
    assert!(thief.is_signed_out().await);
}

/// A form that the thief opened before the owner's reset must not set the thief's password. Memory
/// knows the session for a second more, although the row is gone.
#[rocket::async_test]
async fn a_new_password_is_not_set_by_a_session_that_a_reset_has_ended() {
    let app = app_with_ana().await;
    let mut thief = with_password(&app).await;
    let (mut owner, link) = asks_for_a_reset(&app, ANA).await;
    assert!(thief.is_signed_in_as(ANA).await);
    owner.open(&link).await;
    owner.submit("/auth/reset", &[("new_password", OTHER)]).await.assert_status(200);
    let page = thief.post("/account/password", &[("new_password", "the password of the thief")]).await;
    assert!(page.location().is_some_and(|to| to.starts_with("/login")), "{:?}", page.location());
    thief.post("/account/password/remove", &[]).await;
    tries(&mut app.browser(), ANA, OTHER).await.assert_leads_to("/account");
}

const SHORT: &str = "zw4 Kühe";

#[rocket::async_test]
async fn beside_a_second_factor_eight_characters_are_enough() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/account/password").await;
    assert!(page.body.contains("minlength=\"15\"") && page.text().contains("At least 15 characters"));
    let page = ana.post("/account/password", &[("new_password", SHORT)]).await;
    page.assert_status(422).assert_shows("at least 15 characters");
    let phone = Phone::set_up_in(&mut ana).await;
    let page = ana.get("/account/password").await;
    assert!(page.body.contains("minlength=\"8\"") && page.text().contains("At least 8 characters"));
    let page = ana.post("/account/password", &[("new_password", &SHORT[..7])]).await;
    page.assert_status(422).assert_shows("at least 8 characters");
    ana.post("/account/password", &[("new_password", "password1")]).await.assert_shows("This password is too common");
    ana.post("/account/password", &[("new_password", SHORT)]).await.assert_leads_to("/account");
    let mut browser = app.browser();
    tries(&mut browser, ANA, SHORT).await.assert_leads_to("/login/second-factor");
    let code = phone.next_code(&app);
    browser.post("/login/second-factor", &[("code", &code)]).await.assert_leads_to("/account");
}

/// No stored value tells that it is short. An attacker who types it learns no more than from a
/// wrong one.
#[rocket::async_test]
async fn a_short_password_counts_for_nothing_once_the_second_factor_is_gone() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    Phone::set_up_in(&mut ana).await;
    ana.post("/account/password", &[("new_password", SHORT)]).await.assert_status(303);
    // Turned off by an admin …
    app.set("totp_enabled", "off").await;
    app.a_second_later();
    let right = tries(&mut app.browser(), ANA, SHORT).await;
    right.assert_status(422).assert_shows("fewer than 15 characters works only together with a second factor");
    let wrong = tries(&mut app.browser(), ANA, "zw5 Kühe").await;
    let unknown = tries(&mut app.browser(), "eve@example.com", SHORT).await;
    assert_eq!(right.body, wrong.body);
    assert_eq!(right.body, unknown.body.replace("eve@example.com", ANA));
    app.set("totp_enabled", "on").await;
    app.a_second_later();
    tries(&mut app.browser(), ANA, SHORT).await.assert_leads_to("/login/second-factor");
    // … or removed.
    let page = ana.get("/account/totp").await;
    let id = page.body.split_once("/account/totp/").unwrap().1.split_once('/').unwrap().0.to_owned();
    ana.post(&format!("/account/totp/{id}/remove"), &[]).await.assert_leads_to("/account/totp");
    let mail = app.mail_to(ANA).await;
    assert!(mail.words().contains("shorter than 15 characters no longer signs you in"), "{}", mail.text);
    assert!(mail.html.contains("shorter than 15 characters no longer signs you in"));
    ana.get("/account/security").await.assert_shows("works only if it has at least 15 characters");
    tries(&mut app.browser(), ANA, SHORT).await.assert_status(422);
    app.clock.advance(Lifetime::minutes(16));
    ana.post("/step-up/password", &[("password", SHORT)]).await.assert_status(422);
    // The way out: a longer one, by email.
    let (mut browser, link) = asks_for_a_reset(&app, ANA).await;
    assert!(browser.open(&link).await.body.contains("minlength=\"15\""));
    browser.post("/auth/reset", &[("new_password", SHORT)]).await.assert_status(422);
    browser.submit("/auth/reset", &[("new_password", GOOD)]).await.assert_status(200);
    tries(&mut app.browser(), ANA, GOOD).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn a_reset_asks_for_as_many_characters_as_the_account_needs() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    Phone::set_up_in(&mut ana).await;
    let (mut browser, link) = asks_for_a_reset(&app, ANA).await;
    assert!(browser.open(&link).await.body.contains("minlength=\"8\""));
    let page = browser.post("/auth/reset", &[("new_password", &SHORT[..7])]).await;
    page.assert_status(422).assert_shows("at least 8 characters");
    browser.submit("/auth/reset", &[("new_password", SHORT)]).await.assert_status(200);
    tries(&mut browser, ANA, SHORT).await.assert_leads_to("/login/second-factor");
    // The page that asks for the email is the same for every user.
    let page = app.browser().get("/password/forgot").await;
    assert!(!page.text().contains("characters"));
}

#[rocket::async_test]
async fn a_reset_that_proves_a_mailbox_for_the_first_time_counts_no_factor_of_whoever_came_before() {
    let app = app_with_ana().await;
    let (account, now) = (app.account_of(ANA).await.unwrap().id, app.services.now());
    app.write(move |connection| {
        let planted = Authenticator {
            id: AuthenticatorId::issue(&SystemEntropy),
            account_id: account,
            name: FactorName::of("planted", &[]),
            added_at: now,
            confirmed_at: None,
            last_used_at: None,
        };
        db::totp::insert(connection, &planted, b"sealed")?;
        db::totp::confirm(connection, planted.id, now)
    })
    .await;
    let (mut browser, link) = asks_for_a_reset(&app, ANA).await;
    assert!(browser.open(&link).await.body.contains("minlength=\"15\""));
    browser.post("/auth/reset", &[("new_password", SHORT)]).await.assert_status(422);
    browser.submit("/auth/reset", &[("new_password", GOOD)]).await.assert_status(200);
    tries(&mut browser, ANA, GOOD).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn a_hundred_wrong_passwords_in_a_row_pause_it_for_strangers_and_not_for_its_owner() {
    let app = app_with_ana().await;
    let mut laptop = with_password(&app).await;
    laptop.post("/logout", &[]).await;
    for n in 0..100 {
        if n % 10 == 0 {
            app.clock.advance(Lifetime::minutes(15));
        }
        let mut stranger = app.browser().at(&format!("198.51.100.{n}"));
        tries(&mut stranger, ANA, OTHER).await.assert_status(422);
        // As many at an address that has no account.
        tries(&mut stranger, BEN, OTHER).await.assert_status(422);
    }
    app.clock.advance(Lifetime::minutes(15));
    let mut stranger = app.browser().at("198.51.100.200");
    // The right one gets the answer of a wrong one. Another would tell when the pause ends, which
    // only an owner can cause.
    let of_ana = tries(&mut stranger, ANA, GOOD).await;
    of_ana.assert_status(422).assert_shows("Wrong email address or password.");
    let of_ben = tries(&mut app.browser().at("198.51.100.201"), BEN, GOOD).await;
    assert_eq!(
        (of_ben.status, of_ben.text().len()),
        (of_ana.status, of_ana.text().len()),
        "whether there is one or not"
    );
    // Tries during the pause count for the other limits, and are answered the same after it.
    for n in 0..9 {
        tries(&mut app.browser().at(&format!("198.51.100.{n}")), ANA, OTHER).await.assert_status(422);
    }
    tries(&mut stranger, ANA, GOOD).await.assert_status(429).assert_hides("paused");
    // Her known browser has a separate count. Her success makes the password count everywhere.
    tries(&mut laptop, ANA, GOOD).await.assert_status(303);
    app.clock.advance(Lifetime::minutes(15));
    tries(&mut stranger, ANA, OTHER).await.assert_status(422).assert_shows("Wrong email address or password.");
    tries(&mut stranger, ANA, GOOD).await.assert_status(303);
}

/// The count lasts longer than any other limit, so that it looks like one of a clock that was
/// ahead.
#[rocket::async_test]
async fn housekeeping_forgets_no_wrong_passwords_in_a_row() {
    let app = app_with_ana().await;
    with_password(&app).await;
    for n in 0..100 {
        if n % 10 == 0 {
            app.clock.advance(Lifetime::minutes(15));
            gatepost::housekeeping::round(&app.services).await.unwrap();
        }
        let mut stranger = app.browser().at(&format!("198.51.100.{n}"));
        tries(&mut stranger, ANA, OTHER).await.assert_status(422);
    }
    app.clock.advance(Lifetime::minutes(15));
    gatepost::housekeeping::round(&app.services).await.unwrap();
    let mut stranger = app.browser().at("198.51.100.200");
    tries(&mut stranger, ANA, GOOD).await.assert_status(422);
}

#[rocket::async_test]
async fn a_browser_that_the_account_has_signed_in_with_is_told_that_the_password_pauses() {
    let app = app_with_ana().await;
    let mut laptop = with_password(&app).await;
    laptop.post("/logout", &[]).await;
    for n in 0..100 {
        if n % 10 == 0 {
            app.clock.advance(Lifetime::minutes(15));
        }
        tries(&mut laptop, ANA, OTHER).await.assert_status(422);
    }
    app.clock.advance(Lifetime::minutes(15));
    tries(&mut laptop, ANA, GOOD).await.assert_status(429).assert_shows("Your password is paused");
}

/// A wrong password too many is no dead end, and tells nothing of who has an account.
#[rocket::async_test]
async fn ten_wrong_passwords_leave_the_form_and_a_button_that_sends_a_link() {
    let app = app_with_ana().await;
    with_password(&app).await;
    app.clock.advance(Lifetime::hours(1));
    let mut seen = Vec::new();
    for (n, email) in [ANA, "eve@example.com"].into_iter().enumerate() {
        let mut browser = app.browser().at(&format!("198.51.100.{n}"));
        for _ in 0..10 {
            tries(&mut browser, email, OTHER).await.assert_status(422);
        }
        let fields = [("email", email), ("password", OTHER), ("return_to", "/account/close"), ("remember", "on")];
        let page = browser.submit("/login/password", &fields).await;
        page.assert_status(429).assert_shows("Too many attempts. Try again in").assert_shows("we’ll email you a link");
        assert!(page.body.contains(&format!("value=\"{email}\"")) && page.body.contains("value=\"on\" checked"));
        assert_eq!(page.hidden("return_to"), "/account/close");
        let first = page.body.split("<button class=\"full\"").nth(1).unwrap();
        assert!(first.starts_with(" formaction=\"/login\" autofocus>Email me a link instead"), "{first}");
        browser.post("/login", &fields).await.assert_leads_to("/login/sent");
        let sent = browser.get("/login/sent").await;
        let sent = sent.body.replace(sent.hidden("attempt"), "ATTEMPT");
        seen.push((page.status, page.body.replace(email, "EMAIL"), sent.replace(email, "EMAIL")));
    }
    assert_eq!(seen[0], seen[1]);
    let links = app.mails_to(ANA).await.into_iter().filter(|mail| mail.text.contains("/auth/verify?token="));
    assert_eq!(links.count(), 2, "one from before");
    assert!(app.mails_to("eve@example.com").await.is_empty());
}

#[rocket::async_test]
async fn who_forgot_the_password_finds_the_typed_address_again() {
    let app = app_with_ana().await;
    let mut browser = app.browser();
    let page = browser.get("/login/password").await;
    assert!(page.body.contains("formaction=\"/password/forgot\" name=\"typed\" value=\"yes\">Forgot your password?"));
    for typed in [ANA, "", "ana@"] {
        let fields = [("email", typed), ("password", "half"), ("return_to", "/account/close"), ("typed", "yes")];
        browser.post_only("/password/forgot", &fields).await.assert_leads_to("/password/forgot");
        let page = browser.get("/password/forgot").await;
        page.assert_status(200).assert_shows("Reset your password").assert_hides("half");
        assert!(page.body.contains(&format!("value=\"{typed}\"")), "{}", page.body);
    }
    assert!(app.mails_to(ANA).await.is_empty(), "nothing is sent before the address has been looked at");
}
