//! The email about a sign-in in a browser not seen before: who gets it, and who does not. Also what
//! its button does.

use crate::{
    browser::Browser,
    harness::{Mail, Setup, TestApp, local},
    set_up::console_session,
};
use gatepost::{
    db,
    domain::{
        Account, AccountId, BrowserLabel, KnownBrowserId, LanguageTag, Lifetime, Method, Proof, Session, SessionId,
        Timestamp, Token,
        audit::{Action, Actor},
        mail::{MailKind, MailState, QueuedMail},
    },
    entropy::SystemEntropy,
    housekeeping,
    people::{self, SignIn},
};
use rocket::futures::future::join_all;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const PATH: &str = "/auth/new-browser";

async fn app_with_ana() -> TestApp {
    // The limits on emails are not what is looked at here.
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app
}

/// A browser of another make, in another place.
fn elsewhere(app: &TestApp) -> Browser<'_> {
    let mut browser = app.browser().at("198.51.100.77");
    browser.user_agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0.0.0".into();
    browser
}

fn link_in(mail: &Mail) -> String {
    local(mail.text.split_whitespace().find(|word| word.contains("/auth/new-browser?token=")).unwrap())
}

async fn told(app: &TestApp, email: &str) -> usize {
    app.new_browsers_told_to(email).await.len()
}

/// Ana in the browser that she always has, and a thief who reads her mailbox. Also the link that
/// signs the thief out.
async fn ana_and_a_thief(app: &TestApp) -> (Browser<'_>, Browser<'_>, String) {
    let ana = app.signed_in(ANA).await;
    let mut thief = elsewhere(app);
    thief.sign_in(ANA).await;
    let link = link_in(&app.new_browsers_told_to(ANA).await.pop().unwrap());
    (ana, thief, link)
}

#[rocket::async_test]
async fn a_sign_in_in_a_browser_not_seen_before_is_told_and_any_other_is_not() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    assert_eq!(told(&app, ANA).await, 0, "the very first one of an account");
    // An update and a journey make a browser no stranger.
    ana.user_agent = ana.user_agent.replace("140", "141");
    let mut ana = ana.at("192.0.2.9");
    for leaves in ["/logout", "", "/account/sessions/revoke-others"] {
        if !leaves.is_empty() {
            ana.post(leaves, &[]).await.assert_status(303);
        }
        app.clock.advance(Lifetime::days(50));
        ana.sign_in(ANA).await;
        assert_eq!(told(&app, ANA).await, 0, "after {leaves}");
    }
    let mut other = elsewhere(&app);
    other.sign_in(ANA).await;
    let mails = app.new_browsers_told_to(ANA).await;
    let mail = &mails[0];
    assert_eq!((mails.len(), mail.subject.as_str()), (1, "New sign-in to Gatepost"));
    for words in ["Browser: Chrome on Mac", "IP address: 198.51.100.77", "Signed in with: email link", "UTC"] {
        assert!(mail.text.contains(words) && mail.html.contains(words), "{words}: {}", mail.text);
    }
    assert_eq!(mail.text.matches("://").count(), 1, "one link: {}", mail.text);
    assert!(!mail.text.contains("/auth/undo"), "{}", mail.text);
    other.post("/logout", &[]).await.assert_status(303);
    other.sign_in(ANA).await;
    assert_eq!(told(&app, ANA).await, 1, "it is known now");
}

#[rocket::async_test]
async fn the_email_says_by_what_the_user_signed_in() {
    let app = app_with_ana().await;
    app.set("password_enabled", "on").await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/password", &[("new_password", "correct horse battery staple")]).await.assert_status(303);
    let phone = crate::phone::Phone::set_up_in(&mut ana).await;
    let mut other = elsewhere(&app);
    let typed = [("email", ANA), ("password", "correct horse battery staple")];
    other.post("/login/password", &typed).await.assert_leads_to("/login/second-factor");
    assert_eq!(told(&app, ANA).await, 0, "a sign-in that waits does not count");
    other.post("/login/second-factor", &[("code", &phone.next_code(&app))]).await.assert_status(303);
    let mail = app.new_browsers_told_to(ANA).await.pop().unwrap();
    assert!(mail.words().contains("Signed in with: password and authenticator app"), "{}", mail.text);
}

#[rocket::async_test]
async fn accounts_that_share_a_browser_raise_no_false_alarm() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    for email in [ANA, BEN] {
        app.signed_in(email).await;
    }
    let mut shared = elsewhere(&app);
    for email in [ANA, BEN, ANA, BEN, ANA] {
        shared.sign_in(email).await;
        shared.post("/logout", &[]).await;
    }
    assert_eq!((told(&app, ANA).await, told(&app, BEN).await), (1, 1));
}

#[rocket::async_test]
async fn the_first_proof_of_a_mailbox_is_no_news() {
    let app = app_with_ana().await;
    // By a link of the operator's, which proves no mailbox.
    let mut ana = console_session(&app, ANA).await;
    ana.post("/logout", &[]).await;
    let mut hers = elsewhere(&app);
    hers.sign_in(ANA).await;
    assert_eq!(told(&app, ANA).await, 0);
    ana.sign_in(ANA).await;
    assert_eq!(told(&app, ANA).await, 1, "the first proof forgot what was known before");
}

#[rocket::async_test]
async fn a_secret_that_was_planted_makes_no_browser_known() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    let mut thief = app.signed_in(BEN).await;
    let mut ana = elsewhere(&app);
    let planted = thief.cookies["gatepost_known"].clone();
    ana.cookies.insert("gatepost_known".into(), planted.clone());
    ana.sign_in(ANA).await;
    assert_ne!(ana.cookies["gatepost_known"], planted, "the browser gets another secret");
    thief.post("/logout", &[]).await;
    thief.sign_in(ANA).await;
    assert_eq!(told(&app, ANA).await, 1);
}

#[rocket::async_test]
async fn its_secret_is_kept_as_a_hash_and_out_of_reach_of_scripts() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    let page = ana.sign_in_to(ANA, &[]).await;
    // That each cookie is `__Host-` on https is looked at where all of them are.
    let cookie = page.set_cookies().into_iter().find(|cookie| cookie.starts_with("gatepost_known=")).unwrap();
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=34560000"] {
        assert!(cookie.contains(attribute), "{attribute}: {cookie}");
    }
    let secret = ana.cookies["gatepost_known"].clone();
    let mut thief = elsewhere(&app);
    thief.sign_in(ANA).await;
    let link = link_in(&app.new_browsers_told_to(ANA).await.pop().unwrap());
    let dump = app.dump().await;
    assert!(!dump.contains(&secret) && !dump.contains(link.split_once("token=").unwrap().1));
    assert!(dump.contains("known_browser_links: "));
}

#[rocket::async_test]
async fn its_button_signs_that_browser_out_and_no_other() {
    let app = app_with_ana().await;
    let (mut ana, mut thief, link) = ana_and_a_thief(&app).await;
    let mut phone = app.browser();
    phone.sign_in(ANA).await;
    // A second session in the thief's browser does not escape.
    thief.post("/logout", &[]).await;
    thief.sign_in(ANA).await;
    let before = app.dump().await;
    let page = ana.open(&link).await;
    page.assert_status(200).assert_shows("Sign out the new browser?").assert_shows("Chrome on Mac");
    page.assert_shows("198.51.100.77").assert_shows(ANA);
    assert_eq!(app.dump().await, before, "looking changes nothing");
    let shown = page.hidden("browser").to_owned();
    ana.post(PATH, &[("browser", &shown)]).await.assert_leads_to("/account/security");
    ana.get("/account/security").await.assert_status(200).assert_shows("That browser is signed out.");
    app.a_second_later();
    assert!(thief.is_signed_out().await);
    assert!(ana.is_signed_in_as(ANA).await && phone.is_signed_in_as(ANA).await);
    let line = app.audit().await.into_iter().find(|line| line.action == Action::SessionRevoked).unwrap();
    assert_eq!((line.subject.as_str(), line.after.as_deref()), (ANA, Some("mailed link")));

    // It ends nothing later.
    let dump = app.dump().await;
    ana.open(&link).await.assert_status(200).assert_shows("The new browser is signed out");
    ana.post(PATH, &[]).await.assert_leads_to(PATH);
    assert_eq!(app.dump().await, dump);
    let before = told(&app, ANA).await;
    thief.sign_in(ANA).await;
    assert_eq!(told(&app, ANA).await, before + 1, "it counts as new again");
    ana.post(PATH, &[]).await.assert_leads_to(PATH);
    assert!(thief.is_signed_in_as(ANA).await, "the link in the newer email is for that");
}

#[rocket::async_test]
async fn the_link_works_in_any_browser_for_seven_days() {
    let app = app_with_ana().await;
    let (_, _, link) = ana_and_a_thief(&app).await;
    let mut stranger = app.browser();
    app.clock.advance(Lifetime::millis(Lifetime::days(7).as_millis() - 1));
    stranger.open(&link).await.assert_status(200).assert_shows("Sign out the new browser?");
    app.clock.advance(Lifetime::millis(1));
    stranger.open(&link).await.assert_status(410).assert_shows("This link has expired");
    stranger.post(PATH, &[]).await.assert_status(410);
    assert_eq!(app.count_sessions().await, 2, "a late press ends nothing");
    stranger.open("/auth/new-browser?token=cat").await.assert_status(410).assert_shows("This link isn’t valid");

    let app = app_with_ana().await;
    let (_, mut other, link) = ana_and_a_thief(&app).await;
    let mut stranger = app.browser();
    stranger.open(&link).await.assert_status(200);
    let page = stranger.submit(PATH, &[]).await;
    page.assert_status(200).assert_shows("The new browser is signed out").assert_shows("Check my sign-in methods");
    assert!(page.body.contains("href=\"/account/security\""));
    app.a_second_later();
    assert!(other.is_signed_out().await);
    let line = app.audit().await.into_iter().find(|line| line.action == Action::SessionRevoked).unwrap();
    assert_eq!(line.actor, Actor::Visitor);
}

#[rocket::async_test]
async fn the_browser_that_presses_can_be_the_one_that_is_signed_out() {
    let app = app_with_ana().await;
    let (_, mut thief, link) = ana_and_a_thief(&app).await;
    thief.post("/step-up", &[("then", "/account")]).await.assert_leads_to("/login/sent");
    thief.open(&link).await.assert_status(200);
    thief.submit(PATH, &[]).await.assert_shows("The new browser is signed out");
    assert!(!thief.cookies.contains_key("gatepost_attempts"), "nothing shows what was under way");
    assert!(!thief.cookies.contains_key("gatepost_session"));
    assert!(thief.is_signed_out().await);
}

#[rocket::async_test]
async fn what_has_ended_already_and_what_is_gone_is_said() {
    let app = app_with_ana().await;
    let (mut ana, thief, link) = ana_and_a_thief(&app).await;
    let session = crate::acting::session_of(&app, &thief.cookies).await.session.id.to_string();
    ana.post("/account/sessions/revoke", &[("session", &session)]).await.assert_leads_to("/account/sessions");
    app.browser().open(&link).await.assert_status(200).assert_shows("The new browser is signed out");
    ana.submit("/account/close", &[("sure", "yes")]).await.assert_status(200);
    app.browser().open(&link).await.assert_status(410);
    let dump = app.dump().await;
    assert!(!dump.contains("known_browsers: ") && !dump.contains("known_browser_links: "), "{dump}");
}

#[rocket::async_test]
async fn a_browser_that_its_owner_signs_out_counts_as_new_again() {
    for route in ["/account/sessions/revoke", "/account/sessions/revoke-others"] {
        let app = app_with_ana().await;
        let (mut ana, mut thief, _) = ana_and_a_thief(&app).await;
        let session = crate::acting::session_of(&app, &thief.cookies).await.session.id.to_string();
        let fields = [("session", session.as_str())];
        ana.post(route, if route.ends_with("others") { &[] } else { &fields }).await;
        thief.sign_in(ANA).await;
        assert_eq!(told(&app, ANA).await, 2, "{route}");
        ana.post("/logout", &[]).await;
        ana.sign_in(ANA).await;
        assert_eq!(told(&app, ANA).await, 2, "{route}: the owner's own stays known");
    }
}

#[rocket::async_test]
async fn an_admin_turns_the_email_off() {
    let app = app_with_ana().await;
    app.signed_in(ANA).await;
    // One that waits when it is turned off is not sent either.
    let mut waits = elsewhere(&app);
    waits.sign_in(ANA).await;
    app.set("browser_emails_enabled", "off").await;
    app.a_second_later();
    let mut other = app.browser();
    other.sign_in(ANA).await;
    assert_eq!(told(&app, ANA).await, 0);
    app.set("browser_emails_enabled", "on").await;
    app.a_second_later();
    other.post("/logout", &[]).await;
    other.sign_in(ANA).await;
    assert_eq!(told(&app, ANA).await, 0, "a browser that became known while the email waited is known");
    elsewhere(&app).sign_in(ANA).await;
    assert_eq!(told(&app, ANA).await, 1);
}

#[rocket::async_test]
async fn browsers_of_the_version_before_are_known_by_the_secret_that_they_have() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    // As the migration leaves it.
    app.write(|connection| {
        use diesel::connection::SimpleConnection;
        connection.batch_execute(
            "UPDATE known_browsers SET secret_hash = (SELECT secret_hash FROM devices LIMIT 1), browser = ''",
        )?;
        Ok(())
    })
    .await;
    ana.cookies.remove("gatepost_known");
    ana.post("/logout", &[]).await;
    ana.sign_in(ANA).await;
    assert_eq!(told(&app, ANA).await, 0);
    // Once: from then on its own secret counts.
    ana.cookies.remove("gatepost_known");
    ana.sign_in(ANA).await;
    assert_eq!(told(&app, ANA).await, 1);
}

#[rocket::async_test]
async fn of_many_who_press_on_two_nodes_one_signs_out() {
    let app = app_with_ana().await;
    let other = Setup::new().beside(&app).start().await;
    let (_, _, link) = ana_and_a_thief(&app).await;
    let all = (0..12).map(|n| {
        let (node, link) = (if n % 2 == 0 { &app } else { &other }, link.clone());
        async move {
            let mut browser = node.browser();
            browser.get(&link).await;
            browser.post_only(PATH, &[]).await.status.code
        }
    });
    let codes = join_all(all).await;
    assert!(codes.iter().all(|code| [303, 503].contains(code)), "{codes:?}");
    let lines = app.audit().await.into_iter().filter(|line| line.action == Action::SessionRevoked).count();
    assert_eq!((lines, app.count_sessions().await), (1, 1));
}

#[rocket::async_test]
async fn the_browsers_of_an_account_are_bounded_and_forgotten_in_time_and_in_its_export() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let export: serde_json::Value = serde_json::from_str(&ana.get("/account/data").await.body).unwrap();
    let seen = export["seen_browsers"].as_array().unwrap();
    assert_eq!((seen.len(), seen[0]["browser"].as_str()), (1, Some("Firefox on Linux")));
    let id = app.account_of(ANA).await.unwrap().id;
    let start = app.services.now();
    app.write(move |connection| (0..150).try_for_each(|n| add(connection, id, start.plus(Lifetime::seconds(n))))).await;
    let all = app.read(move |connection| db::known_browsers::of_account(connection, id)).await;
    assert_eq!((all.len(), all[0].last_used_at), (100, start.plus(Lifetime::seconds(149))));
    app.clock.advance(Lifetime::days(399));
    housekeeping::tidy(&app.services).await.unwrap();
    assert_eq!(app.read(move |connection| db::known_browsers::of_account(connection, id)).await.len(), 100);
    app.clock.advance(Lifetime::days(2));
    housekeeping::tidy(&app.services).await.unwrap();
    assert!(app.read(move |connection| db::known_browsers::of_account(connection, id)).await.is_empty());
}

fn add(connection: &mut db::DbConnection, account_id: AccountId, now: Timestamp) -> Result<(), db::Error> {
    let browser = gatepost::domain::known_browser::KnownBrowser {
        id: KnownBrowserId::issue(&SystemEntropy),
        account_id,
        browser: gatepost::domain::BrowserLabel::from_user_agent(""),
        client: None,
        first_used_at: now,
        last_used_at: now,
        signed_out_at: None,
    };
    let (secret, device) = (Token::issue(&SystemEntropy).hash(), Token::issue(&SystemEntropy).hash());
    db::known_browsers::insert(connection, &browser, (&secret, &device))
}

/// An attacker could sign in again and again, so that the browser is forgotten that the owner wants
/// out.
#[rocket::async_test]
async fn a_browser_that_is_signed_in_is_never_forgotten_for_others() {
    let app = app_with_ana().await;
    let (mut ana, mut thief, link) = ana_and_a_thief(&app).await;
    let (id, start) = (app.account_of(ANA).await.unwrap().id, app.services.now());
    app.write(move |connection| (1..150).try_for_each(|n| add(connection, id, start.plus(Lifetime::seconds(n))))).await;
    let all = app.read(move |connection| db::known_browsers::of_account(connection, id)).await;
    assert_eq!(all.len(), 100);
    ana.open(&link).await.assert_status(200).assert_shows("Sign out the new browser?");
    ana.submit(PATH, &[]).await.assert_shows("That browser is signed out");
    app.a_second_later();
    assert!(thief.is_signed_out().await);
}

#[rocket::async_test]
async fn a_browser_that_no_email_has_told_yet_is_not_forgotten_for_others() {
    let app = app_with_ana().await;
    let ana = app.account_of(ANA).await.unwrap();
    for n in 0..10 {
        let ana = ana.clone();
        app.transact(move |tx| sign_in(tx, &ana, n)).await;
    }
    let (id, start) = (ana.id, app.services.now());
    app.write(move |connection| {
        db::sessions::delete_all(connection, id)?;
        (1..150).try_for_each(|n| add(connection, id, start.plus(Lifetime::seconds(n))))
    })
    .await;
    for _ in 0..3 {
        app.deliver().await;
        app.clock.advance(Lifetime::minutes(10));
    }
    let mails = app.new_browsers_told_to(ANA).await;
    let told: usize = mails.iter().map(|mail| mail.words().matches("Browser number ").count()).sum();
    assert_eq!(told, 10);
}

/// A script signs in without cookies, so that it is a new browser each time.
#[rocket::async_test]
async fn a_script_that_keeps_no_cookies_gets_few_emails_and_each_sign_in_is_told() {
    let app = app_with_ana().await;
    let ana = app.account_of(ANA).await.unwrap();
    for n in 0..40 {
        let ana = ana.clone();
        app.transact(move |tx| sign_in(tx, &ana, n)).await;
        app.clock.advance(Lifetime::seconds(20));
        app.deliver().await;
        if n < 6 {
            assert_eq!(told(&app, ANA).await, n + 1, "the first ones leave at once");
        }
    }
    let added = QueuedMail {
        account_id: Some(ana.id),
        note: "totp_added".into(),
        ..QueuedMail::new(&SystemEntropy, MailKind::SecurityChanged, ana.email, app.services.now())
    };
    app.write(move |connection| db::outbox::enqueue(connection, &added)).await;
    let waiting = app.read(|connection| db::outbox::count(connection, MailState::Waiting)).await;
    assert!(waiting > 1, "sign-ins wait");
    assert_eq!(app.mails_to(ANA).await.len(), 1, "news of changes do not wait for them");
    for _ in 0..3 {
        app.clock.advance(Lifetime::minutes(10));
        app.deliver().await;
    }
    let mails = app.new_browsers_told_to(ANA).await;
    assert!(mails.len() <= 9, "{} emails", mails.len());
    let total: usize = mails.iter().map(|mail| mail.words().matches("Browser number ").count()).sum();
    assert_eq!(total, 40, "each is told once");
    let last = mails.last().unwrap();
    let words = "More sign-ins in new browsers since the last email:";
    assert!(last.words().contains(words) && last.html.contains(words), "{}", last.text);
    assert_eq!(last.text.matches("://").count(), 1, "one link: {}", last.text);
    // Its button signs out the first one that it tells.
    let (_, first) = last.text.split_once("Browser: ").unwrap();
    let first = first.lines().next().unwrap();
    let mut other = elsewhere(&app);
    other.open(&link_in(last)).await.assert_status(200).assert_shows(first);
    other.submit(PATH, &[]).await.assert_shows("The new browser is signed out");
    assert_eq!(app.count_sessions().await, 39);
    other.open(&link_in(last)).await.assert_status(200).assert_shows("The new browser is signed out");
}

fn sign_in(tx: &mut db::Tx<'_>, account: &Account, n: usize) -> Result<(), db::Error> {
    let now = tx.now;
    let session = Session {
        id: SessionId::issue(&SystemEntropy),
        account_id: account.id,
        remember: false,
        created_at: now,
        last_seen_at: now,
        ends_at: now.plus(Lifetime::hours(12)),
        browser: BrowserLabel::from_stored(format!("Browser number {n}.")),
        client: None,
        proofs: vec![Proof { method: Method::Password, at: now }],
    };
    let language = LanguageTag::english();
    let sign_in = SignIn {
        account,
        session: &session,
        secret: None,
        former: None,
        device: Token::issue(&SystemEntropy).hash(),
        language: &language,
        tells: true,
    };
    let (browser, _) = people::note_browser(tx, &sign_in)?;
    db::sessions::insert(tx.connection, &session, &Token::issue(&SystemEntropy).hash(), (None, Some(browser)))
}

#[rocket::async_test]
async fn an_admin_sees_the_email_among_those_sent_and_as_a_preview() {
    let app = app_with_ana().await;
    app.add_admin(BEN).await;
    ana_and_a_thief(&app).await;
    let mut ben = app.signed_in(BEN).await;
    ben.get("/admin/mail").await.assert_shows("Sign-in in a new browser");
    let preview = ben.get("/admin/mail/preview/new_browser").await;
    preview.assert_status(200).assert_shows("Sign out the new browser");
}
