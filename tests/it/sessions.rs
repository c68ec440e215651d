//! Sessions: how long they last, how they end, what the cookie looks like.

use crate::{
    acting::session_of,
    browser::Browser,
    harness::{Setup, TestApp},
    oidc_app::Wanted,
    source,
};
use gatepost::{
    db,
    domain::{Lifetime, audit::Action},
    housekeeping,
};
use rocket::futures::future::join;
use std::sync::mpsc;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

async fn app_with_ana() -> TestApp {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app
}

/// Visits regularly, so that only the absolute end can come.
async fn keep_busy(app: &TestApp, browser: &mut Browser<'_>, every: Lifetime, until: Lifetime) {
    let mut passed = Lifetime::ZERO;
    while passed < until {
        app.clock.advance(every);
        passed = Lifetime::millis(passed.as_millis() + every.as_millis());
        browser.get("/account").await;
        app.services.sessions.write_seen(&app.services.db).await.unwrap();
    }
}

#[rocket::async_test]
async fn a_browser_session_ends_after_twelve_hours_whatever_happens() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    keep_busy(&app, &mut ana, Lifetime::hours(1), Lifetime::hours(11)).await;
    assert!(ana.is_signed_in_as(ANA).await);
    app.clock.advance(Lifetime::hours(1));
    assert!(ana.is_signed_out().await);
}

#[rocket::async_test]
async fn a_kept_session_ends_after_thirty_idle_days() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.sign_in_to(ANA, &[("remember", "on")]).await;
    app.clock.advance(Lifetime::days(29));
    assert!(ana.is_signed_in_as(ANA).await);
    app.clock.advance(Lifetime::days(29));
    assert!(ana.is_signed_in_as(ANA).await, "being seen counts before it is written down");
    app.services.sessions.write_seen(&app.services.db).await.unwrap();
    app.clock.advance(Lifetime::days(30));
    assert!(ana.is_signed_out().await);
}

#[rocket::async_test]
async fn a_kept_session_ends_after_ninety_days_however_busy() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.sign_in_to(ANA, &[("remember", "on")]).await;
    keep_busy(&app, &mut ana, Lifetime::days(10), Lifetime::days(89)).await;
    assert!(ana.is_signed_out().await);
}

#[rocket::async_test]
async fn the_cookie_is_kept_only_where_that_was_asked_for() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    let page = ana.sign_in_to(ANA, &[]).await;
    let session = |page: &crate::browser::Page| {
        page.set_cookies()
            .iter()
            .find(|cookie| cookie.starts_with("gatepost_session="))
            .map(|cookie| (*cookie).to_owned())
            .unwrap()
    };
    assert!(!session(&page).contains("Max-Age"), "{}", session(&page));
    app.clock.advance(Lifetime::minutes(1));
    let page = ana.sign_in_to(ANA, &[("remember", "on")]).await;
    assert!(session(&page).contains("Max-Age=7776000"), "{}", session(&page));
}

#[rocket::async_test]
async fn every_cookie_has_every_attribute_also_when_it_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let app = Setup::new()
        .with("GATEPOST_BASE_URL", "https://login.example.com")
        .with("GATEPOST_MAIL_URL", &format!("file://{}", folder.path().display()))
        .start()
        .await;
    app.add_account(ANA).await;
    let mut ana = app.browser();
    let mut pages = vec![ana.post("/login", &[("email", ANA)]).await];
    app.deliver().await;
    let mail = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let text = source::decoded(&std::fs::read_to_string(mail).unwrap());
    let token = text.split("/auth/verify?token=").nth(1).unwrap();
    let token = &token[..43];
    pages.push(ana.get(&format!("/auth/verify?token={token}")).await);
    pages.push(ana.post("/auth/verify", &[]).await);
    pages.push(ana.post("/login/resend", &[]).await);
    pages.push(ana.post("/logout", &[]).await);
    let cookies: Vec<&str> = pages.iter().flat_map(|page| page.set_cookies()).collect();
    assert!(cookies.len() >= 6, "{cookies:?}");
    for cookie in &cookies {
        assert!(cookie.starts_with("__Host-gatepost_"), "{cookie}");
        for attribute in ["; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain") && cookie.len() < 4096, "{cookie}");
    }
    assert!(
        cookies.iter().any(|cookie| cookie.starts_with("__Host-gatepost_session=;") && cookie.contains("Max-Age=0"))
    );
    assert!(!ana.cookies.contains_key("__Host-gatepost_session"), "and the browser believes it");
    assert!(pages[2].header("Strict-Transport-Security").is_some_and(|value| value.contains("includeSubDomains")));
}

#[rocket::async_test]
async fn signing_out_really_ends_the_session() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let stolen = ana.cookies.clone();
    let page = ana.post("/logout", &[]).await;
    page.assert_leads_to("/login");
    assert!(page.header("Clear-Site-Data").is_some_and(|value| !value.contains("cookies")));
    assert!(!ana.cookies.contains_key("gatepost_session"));
    assert_eq!(app.count_sessions().await, 0);
    let mut thief = Browser { cookies: stolen, ..app.browser() };
    assert!(thief.is_signed_out().await, "at once on this node");
}

#[rocket::async_test]
async fn the_list_shows_each_browser_and_ends_any_of_them() {
    let app = app_with_ana().await;
    let mut laptop = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(1));
    let mut phone = app.browser().at("198.51.100.9");
    phone.user_agent =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1".into();
    phone.sign_in(ANA).await;
    let page = laptop.get("/account/sessions").await;
    page.assert_shows("Firefox on Linux This browser").assert_shows("Safari on iPhone").assert_shows("198.51.100.9");
    page.assert_shows("(email link)");
    let id = page.body.split("name=\"session\" value=\"").nth(1).unwrap()[..16].to_owned();
    laptop.post("/account/sessions/revoke", &[("session", &id)]).await.assert_leads_to("/account/sessions");
    app.a_second_later();
    assert!(phone.is_signed_out().await);
    assert!(laptop.is_signed_in_as(ANA).await);
    assert!(app.audit().await.iter().any(|entry| entry.action == Action::SessionRevoked));
}

#[rocket::async_test]
async fn signing_out_everywhere_else_leaves_this_one() {
    let app = app_with_ana().await;
    let mut here = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(10));
    let mut there = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(10));
    let mut elsewhere = app.signed_in(ANA).await;
    here.post("/account/sessions/revoke-others", &[]).await.assert_leads_to("/account/sessions");
    app.a_second_later();
    assert!(here.is_signed_in_as(ANA).await);
    assert!(there.is_signed_out().await && elsewhere.is_signed_out().await);
}

#[rocket::async_test]
async fn signing_out_everywhere_else_leaves_other_users_signed_in() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    let mut ben = app.signed_in(BEN).await;
    let mut there = app.signed_in(ANA).await;
    let mut here = app.signed_in(ANA).await;
    here.post("/account/sessions/revoke-others", &[]).await.assert_leads_to("/account/sessions");
    assert_eq!(app.count_sessions().await, 2);
    app.a_second_later();
    assert!(there.is_signed_out().await);
    assert!(here.is_signed_in_as(ANA).await && ben.is_signed_in_as(BEN).await);
}

#[rocket::async_test]
async fn naming_a_session_of_another_user_takes_nothing_from_their_apps() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    let own = Wanted::default().register(&app).await;
    let (mut ana, mut ben) = (app.signed_in(ANA).await, app.signed_in(BEN).await);
    own.tokens(&mut ben, &[]).await;
    let id = session_of(&app, &ben.cookies).await.session.id.to_string();
    let given = async || {
        let dump = app.dump().await;
        dump.lines().filter(|line| line.starts_with("oidc_")).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = given().await;
    ana.post("/account/sessions/revoke", &[("session", &id)]).await.assert_status(404);
    assert_eq!(given().await, before);
}

#[rocket::async_test]
async fn nobody_ends_a_session_of_somebody_else() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    let mut ana = app.signed_in(ANA).await;
    let mut ben = app.signed_in(BEN).await;
    let account = app.account_of(BEN).await.unwrap().id;
    let id = app.read(move |connection| db::sessions::of_account(connection, account)).await[0].id.to_string();
    ana.post("/account/sessions/revoke", &[("session", &id)]).await.assert_status(404);
    ana.post("/account/sessions/revoke", &[("session", "garbage")]).await.assert_status(400);
    app.a_second_later();
    assert!(ben.is_signed_in_as(BEN).await);
}

#[rocket::async_test]
async fn a_revocation_anywhere_is_seen_everywhere_within_a_second() {
    let app = app_with_ana().await;
    let other = Setup::new().beside(&app).start().await;
    let mut here = app.signed_in(ANA).await;
    let mut there = Browser { cookies: here.cookies.clone(), ..other.browser() };
    assert!(here.is_signed_in_as(ANA).await && there.is_signed_in_as(ANA).await);
    here.post("/logout", &[]).await;
    app.a_second_later();
    assert!(there.is_signed_out().await);
}

#[rocket::async_test]
async fn a_disabled_account_is_out_within_a_second() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let (id, now) = (app.account_of(ANA).await.unwrap().id, app.services.now());
    app.write(move |connection| db::accounts::set_disabled(connection, id, Some(now))).await;
    app.a_second_later();
    assert!(ana.is_signed_out().await);
}

#[rocket::async_test]
async fn a_shorter_setting_ends_sessions_that_are_older() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::hours(2));
    assert!(ana.is_signed_in_as(ANA).await);
    app.set("browser_session_lifetime", "1h").await;
    app.a_second_later();
    assert!(ana.is_signed_out().await);
}

#[rocket::async_test]
async fn housekeeping_ends_no_browser_session_because_remembered_ones_end_sooner() {
    let app = app_with_ana().await;
    app.set("session_idle_lifetime", "1h").await;
    app.a_second_later();
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::hours(2));
    housekeeping::tidy(&app.services).await.unwrap();
    app.a_second_later();
    assert!(ana.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn the_latest_use_of_a_session_counts_on_every_node() {
    let app = app_with_ana().await;
    app.set("session_idle_lifetime", "1h").await;
    app.a_second_later();
    let other = Setup::new().beside(&app).start().await;
    let mut here = app.browser();
    here.sign_in_to(ANA, &[("remember", "on")]).await;
    let mut there = Browser { cookies: here.cookies.clone(), ..other.browser() };
    app.clock.advance(Lifetime::minutes(50));
    assert!(here.is_signed_in_as(ANA).await);
    app.clock.advance(Lifetime::minutes(5));
    assert!(there.is_signed_in_as(ANA).await);
    other.services.sessions.write_seen(&other.services.db).await.unwrap();
    // The first node has yet to store its own, earlier one.
    app.clock.advance(Lifetime::minutes(57));
    assert!(here.is_signed_in_as(ANA).await);
}

/// Another transaction has the session's row, so that storing the earlier use waits for it.
#[rocket::async_test]
async fn a_use_that_comes_while_an_earlier_one_is_stored_is_stored_next() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let session = session_of(&app, &ana.cookies).await.session;
    app.clock.advance(Lifetime::minutes(2));
    ana.get("/account").await.assert_status(200);
    let (begun, has_begun) = mpsc::channel();
    let (go, wait) = mpsc::channel::<()>();
    let (id, first) = (session.id, app.services.now());
    let holds = app.services.db.write(move |connection| {
        db::sessions::note_seen(connection, &[(id, first)])?;
        let _ = begun.send(());
        // It ends with an error if the job runs twice.
        let _ = wait.recv();
        Ok(())
    });
    let stores = async {
        tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
        let visits = async {
            app.clock.advance(Lifetime::minutes(2));
            ana.get("/account").await.assert_status(200);
            drop(go);
        };
        join(app.services.sessions.write_seen(&app.services.db), visits).await.0.unwrap();
    };
    join(holds, stores).await.0.unwrap();
    app.services.sessions.write_seen(&app.services.db).await.unwrap();
    let account = session.account_id;
    let stored = app.read(move |connection| db::sessions::of_account(connection, account)).await;
    assert_eq!(stored[0].last_seen_at, app.services.now());
}

#[rocket::async_test]
async fn a_made_up_cookie_is_nobody() {
    let app = app_with_ana().await;
    for value in ["", "x", &"A".repeat(43), &"A".repeat(5000), "%00%ff", "__proto__"] {
        let mut browser = app.browser();
        browser.cookies.insert("gatepost_session".into(), value.to_owned());
        assert!(browser.is_signed_out().await, "{value:?}");
    }
}

#[rocket::async_test]
async fn an_account_has_at_most_fifty_sessions() {
    let app = app_with_ana().await;
    let mut first = app.browser();
    first.sign_in_to(ANA, &[("remember", "on")]).await;
    for _ in 0..51 {
        app.clock.advance(Lifetime::minutes(6));
        app.browser().sign_in(ANA).await;
    }
    assert_eq!(app.count_sessions().await, 50);
    assert!(first.is_signed_out().await, "the one longest unused gave way");
}

#[rocket::async_test]
async fn a_clock_that_is_set_back_does_not_keep_a_proof_fresh() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/address", &[("new_email", "new@example.com")]).await.assert_leads_to("/account");
    app.clock.set_back(Lifetime::hours(1));
    let page = ana.post("/account/address", &[("new_email", "new@example.com")]).await;
    assert!(page.location().is_some_and(|to| to.starts_with("/step-up")), "{:?}", page.location());
}

#[rocket::async_test]
async fn no_secret_is_in_the_database() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let mail = app.mail_to(ANA).await;
    ana.open(&mail.link()).await;
    let before = ana.cookies.clone();
    let during = app.dump().await;
    ana.post("/auth/verify", &[]).await;
    let after = app.dump().await;
    let mut secrets = vec![mail.code(), mail.code().replace('-', "")];
    for link in [mail.link(), mail.cancel_link()] {
        secrets.push(link.split('=').nth(1).unwrap().to_owned());
    }
    for value in before.values().chain(ana.cookies.values()) {
        secrets.extend(value.split(['.', '~']).filter(|part| part.len() == 43).map(str::to_owned));
    }
    assert!(secrets.len() >= 7, "{secrets:?}");
    for secret in secrets {
        assert!(!during.contains(&secret) && !after.contains(&secret), "{secret} is in the database");
        // Nor as the bytes that it encodes.
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        if let Ok(bytes) = URL_SAFE_NO_PAD.decode(&secret) {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(!after.to_lowercase().contains(&hex) && !during.to_lowercase().contains(&hex));
        }
    }
}

/// An attacker could have planted the secret that identifies a browser, to ask for emails in the
/// victim's name.
#[rocket::async_test]
async fn a_planted_device_secret_is_not_adopted() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let planted = ana.cookies["gatepost_device"].clone();
    app.clock.advance(Lifetime::minutes(16));
    ana.sign_in(ANA).await;
    assert_ne!(ana.cookies["gatepost_device"], planted);
    let devices = app.dump().await.lines().filter(|line| line.starts_with("devices")).count();
    assert_eq!(devices, 1, "the former one is forgotten");
}

#[rocket::async_test]
async fn revoking_ones_own_session_leaves_no_trace_of_what_was_under_way() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/step-up", &[("then", "/account")]).await.assert_leads_to("/login/sent");
    assert!(ana.cookies.contains_key("gatepost_attempts"));
    let session = session_of(&app, &ana.cookies).await.session.id.to_string();
    ana.post("/account/sessions/revoke", &[("session", &session)]).await.assert_leads_to("/login");
    assert!(!ana.cookies.contains_key("gatepost_attempts"));
}

/// The next user of the browser would find the link, the half sign-in or the typed form.
#[rocket::async_test]
async fn signing_out_drops_every_cookie_of_what_was_under_way() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let names = [
        "attempts",
        "link",
        "cancel",
        "set_up",
        "undo",
        "reset",
        "pending",
        "ceremony",
        "recovery",
        "new_browser",
        "invitation",
        "flash",
        "kept",
        "way_on",
        "lost",
    ]
    .map(|name| format!("gatepost_{name}"));
    for name in &names {
        ana.cookies.insert(name.clone(), "x".to_owned());
    }
    ana.post_only("/logout", &[]).await.assert_leads_to("/login");
    for name in &names {
        assert_ne!(ana.cookies.get(name).map(String::as_str), Some("x"), "{name}");
    }
}
