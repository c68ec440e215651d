//! Post, redirect, get: what a page says about the form that was sent before, for how long, and to
//! whom.

use crate::{
    browser::{Browser, is_flash},
    harness::{Setup, TestApp},
};
use gatepost::domain::Lifetime;
use rocket::http::Method;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const ZOE: &str = "zoe@example.org";

async fn app_with_ana() -> TestApp {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app
}

#[rocket::async_test]
async fn a_problem_stays_on_its_page_with_what_was_typed_until_a_form_is_sent_or_ten_minutes_pass() {
    let app = app_with_ana().await;
    let mut browser = app.browser();
    let fields = [("email", "ana@"), ("remember", "on"), ("return_to", "/account/close")];
    let answer = browser.post_only("/login", &fields).await;
    answer.assert_leads_to("/login?return_to=%2Faccount%2Fclose");
    assert!(answer.body.is_empty());
    for _ in 0..3 {
        let page = browser.get("/login?return_to=%2Faccount%2Fclose").await;
        page.assert_status(422).assert_shows("Enter an email address like");
        assert!(page.body.contains("value=\"ana@\"") && page.body.contains("value=\"on\" checked"), "{}", page.body);
    }
    browser.get("/password/forgot").await.assert_hides("value=\"ana@");
    app.clock.advance(Lifetime::minutes(10));
    browser.get("/login").await.assert_status(200).assert_hides("value=\"ana@");

    browser.post_only("/login", &fields).await;
    browser.get("/login").await.assert_status(422);
    browser.post_only("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    assert!(!browser.cookies.contains_key("gatepost_flash"));
    browser.get("/login").await.assert_status(200).assert_hides("value=\"ana@");
}

#[rocket::async_test]
async fn no_secret_is_carried_and_nothing_in_plain() {
    let app = app_with_ana().await;
    app.set("password_enabled", "on").await;
    let mut browser = app.browser();
    let fields = [("email", ANA), ("password", "a very secret password"), ("remember", "on")];
    let page = browser.post("/login/password", &fields).await;
    page.assert_status(422).assert_shows("Wrong email address or password").assert_hides("a very secret password");
    assert!(page.body.contains(ANA));
    let flash = &browser.cookies["gatepost_flash"];
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, flash).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains("ana") && !text.contains("secret") && !text.contains("login"));
}

/// The length is the same for every state of an address, and never more than a browser stores.
#[rocket::async_test]
async fn the_cookie_tells_nothing_by_its_length_and_fits_any_browser() {
    let app = app_with_ana().await;
    app.set("password_enabled", "on").await;
    let mut lengths = Vec::new();
    for email in [ANA, "bob@example.com"] {
        let mut browser = app.browser();
        browser.post_only("/login/password", &[("email", email), ("password", "not this one, sorry")]).await;
        lengths.push(browser.cookies["gatepost_flash"].len());
        browser.post_only("/login", &[("email", email)]).await;
        app.clock.advance(Lifetime::seconds(31));
        browser.post_only("/login/resend", &[]).await;
        lengths.push(browser.cookies["gatepost_flash"].len());
    }
    assert_eq!(lengths[..2], lengths[2..]);
    for length in [1, 500, 513, 2000, 5000] {
        let before = app.dump().await;
        let mut browser = app.browser();
        let answer = browser.post_only("/login", &[("email", &"<".repeat(length))]).await;
        let line = answer.set_cookies().into_iter().find(|line| is_flash(line)).unwrap().to_owned();
        assert!(line.len() < 4096, "{length}: {}", line.len());
        browser.get("/login").await.assert_status(422);
        assert_eq!(app.dump().await, before, "a stranger adds no row");
    }
}

/// Addresses that only take forms: typed, reloaded, or reached by going back.
#[rocket::async_test]
async fn the_address_of_every_form_leads_to_a_page() {
    let app = app_with_ana().await;
    app.add_admin(BEN).await;
    let mut ben = app.signed_in(BEN).await;
    let before = app.dump().await;
    let pages = |path: &str| !crate::gate::is_for_programs(&app, path);
    let routes = app.client.rocket().routes().filter(|route| route.method == Method::Post);
    for route in routes.filter(|route| pages(route.uri.path())) {
        let path = route.uri.path().replace("<id>", "0000000000000001").replace("<deed>", "disable");
        let path = path.replace("<account>", "0000000000000001");
        let page = ben.get(&path).await;
        assert!([200, 303, 404, 410].contains(&page.status.code), "{path}: {}", page.status);
        let mut stranger = app.browser();
        let page = stranger.get(&path).await;
        assert!([200, 303, 404, 410].contains(&page.status.code), "{path}: {}", page.status);
    }
    assert_eq!(app.dump().await, before);
}

#[rocket::async_test]
async fn too_often_leads_back_to_the_page_of_the_form() {
    let app = app_with_ana().await;
    let mut page = None;
    for n in 0..70 {
        let mut browser = app.browser();
        browser.post_only("/login", &[("email", &format!("p{n}@example.com"))]).await;
        let answer = browser.post_only("/login/code", &[("code", "000-000")]).await;
        answer.assert_leads_to("/login/sent");
        page = Some(browser.get("/login/sent").await);
    }
    let page = page.unwrap();
    page.assert_status(429).assert_shows("Too many attempts. Try again in");
    assert!(page.header("Retry-After").is_some());
}

#[rocket::async_test]
async fn after_signing_out_no_page_shows_the_last_persons_address() {
    let app = TestApp::new().await;
    // No other text of ours has it as an example.
    app.add_account(ZOE).await;
    let mut browser = app.signed_in(ZOE).await;
    app.clock.advance(Lifetime::minutes(16));
    browser.post("/step-up", &[]).await.assert_leads_to("/login/sent");
    let left: Vec<_> = browser.cookies.keys().cloned().collect();
    assert!(left.iter().any(|name| name == "gatepost_attempts"));
    browser.post("/logout", &[]).await.assert_leads_to("/login");
    // The flash says that the user is signed out.
    let left: Vec<_> = browser.cookies.keys().collect();
    assert_eq!(left, ["gatepost_device", "gatepost_flash", "gatepost_known"]);
    for path in ["/login/sent", "/login", "/auth/verify", "/login/second-factor", "/password/forgot", "/step-up"] {
        browser.open(path).await.assert_hides(ZOE);
    }
}

#[rocket::async_test]
async fn back_after_signing_in_says_so() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    for path in ["/auth/verify", "/auth/verify/this-device"] {
        let page = ana.get(path).await;
        page.assert_status(200).assert_shows("You’re signed in as ana@example.com");
        assert!(page.body.contains("href=\"/account\""));
    }
    ana.post_only("/auth/verify", &[]).await.assert_leads_to("/auth/verify");
    assert!(ana.open("/login/sent").await.text().contains("Your account"));
    app.browser().get("/auth/verify").await.assert_status(404);
}

#[rocket::async_test]
async fn asking_again_too_early_says_from_when() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    app.clock.advance(Lifetime::seconds(6));
    let page = ana.submit("/login/resend", &[]).await;
    page.assert_shows("You can ask for another email in 24 seconds.");
    // Beside the countdown, which is always there: the press is answered.
    assert!(page.body.contains("role=\"status\""), "{}", page.body);
    app.clock.advance(Lifetime::seconds(24));
    ana.get("/login/sent").await.assert_hides("role=\"status\"");
    ana.submit("/login/resend", &[]).await.assert_shows("You asked for another email. Use the newest one.");
    ana.get("/login/sent").await.assert_hides("You asked for another email");
}

#[rocket::async_test]
async fn a_password_of_an_ended_session_is_kept_nowhere_and_a_strangers_form_neither() {
    let app = app_with_ana().await;
    app.set("password_enabled", "on").await;
    let mut ana = app.signed_in(ANA).await;
    let owner = app.account_of(ANA).await.unwrap().id;
    app.write(move |connection| gatepost::db::sessions::delete_all(connection, owner)).await;
    app.a_second_later();
    ana.post_only("/account/password", &[("new_password", "a password, of course")]).await.assert_status(303);
    assert!(!ana.cookies.contains_key("gatepost_kept"));
    ana.get("/login").await.assert_shows("Your session has ended");
    // An unknown browser has no owner for whom it could wait.
    let mut stranger = app.browser();
    stranger.cookies.insert("gatepost_session".into(), ana.cookies["gatepost_session"].clone());
    stranger.post_only("/account/name", &[("name", "Eve")]).await.assert_status(303);
    assert!(!stranger.cookies.contains_key("gatepost_kept"));
    // After an hour it is gone.
    ana.post_only("/account/name", &[("name", "Late")]).await;
    app.clock.advance(Lifetime::hours(1));
    ana.sign_in(ANA).await;
    ana.get("/account").await.assert_hides("Late");
}

#[rocket::async_test]
async fn another_name_of_this_machine_leads_to_the_base_url() {
    let app = TestApp::new().await;
    for host in ["127.0.0.1:8000", "[::1]:8000", "127.0.0.2:8000"] {
        let page = app.browser().with(&[("Host", host)]).request(Method::Get, "/login?return_to=/account", None).await;
        page.assert_leads_to("http://localhost:8000/login?return_to=/account");
        // Path and query as they are, so that it can lead nowhere else.
        for path in ["//evil.example/", "/\\evil.example", "/@evil.example"] {
            let page = app.browser().with(&[("Host", host)]).request(Method::Get, path, None).await;
            assert!(page.location().is_none_or(|to| to.starts_with("http://localhost:8000/")), "{:?}", page.location());
        }
        let form =
            [("Host", host), ("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin")];
        app.browser()
            .with(&form)
            .request(Method::Post, "/login", Some("email=ana%40example.com"))
            .await
            .assert_status(421);
    }
    for host in ["127.0.0.1:9000", "evil.example", "evil.example:8000", "192.0.2.1:8000", "localhost.evil.example:8000"]
    {
        let page = app.browser().with(&[("Host", host)]).request(Method::Get, "/login", None).await;
        page.assert_status(421).assert_shows("Wrong address");
        assert!(page.body.contains("href=\"http://localhost:8000/\"") && !page.body.contains("evil"));
    }
    let public = Setup::new()
        .with("GATEPOST_BASE_URL", "https://login.example.com")
        .with("GATEPOST_MAIL_URL", "smtp://127.0.0.1:1?tls=none")
        .start()
        .await;
    let page = public.browser().with(&[("Host", "127.0.0.1")]).request(Method::Get, "/login", None).await;
    page.assert_status(421).assert_shows("https://login.example.com");
}

#[rocket::async_test]
async fn a_success_is_told_once() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let answer = ana.post_only("/account/name", &[("name", "Ana")]).await;
    answer.assert_leads_to("/account");
    ana.get("/account").await.assert_status(200).assert_shows("Your name is saved.");
    ana.get("/account").await.assert_status(200).assert_hides("Your name is saved.");
}

/// Neither a link nor another user's cookie makes a page claim something.
#[rocket::async_test]
async fn what_a_page_says_cannot_be_forged() {
    let app = app_with_ana().await;
    app.add_admin(BEN).await;
    app.set("password_enabled", "on").await;
    let (mut ana, mut ben) = (app.signed_in(ANA).await, app.signed_in(BEN).await);
    for (browser, paths) in [
        (&mut ana, vec!["/account", "/account/password", "/account/totp", "/account/security"]),
        (&mut ben, vec!["/admin/settings", "/admin/mail", "/admin/people", "/account/recovery-codes"]),
    ] {
        for path in paths {
            let usual = browser.open(path).await.text();
            for done in
                ["password", "confirmed", "saved", "added", "removed", "forgotten", "address", "invited", "test"]
            {
                assert_eq!(browser.open(&format!("{path}?done={done}")).await.text(), usual, "{path} {done}");
            }
        }
    }
    // Taken from one browser and planted in another.
    ben.post_only("/account/name", &[("name", "Ben")]).await.assert_leads_to("/account");
    let flash = ben.cookies["gatepost_flash"].clone();
    let mut thief = app.browser();
    thief.post_only("/login", &[("email", "evil words")]).await;
    for planted in [flash.clone(), thief.cookies["gatepost_flash"].clone(), format!("{flash}AA"), "AAAA".into()] {
        for path in ["/account", "/account/close", "/login"] {
            ana.cookies.insert("gatepost_flash".into(), planted.clone());
            ana.open(path).await.assert_hides("Your name is saved").assert_hides("evil words");
        }
    }
    ben.get("/account").await.assert_shows("Your name is saved.");
    // Nor does it count in Ben's own next session.
    ben.post("/logout", &[]).await;
    ben.sign_in(BEN).await;
    ben.cookies.insert("gatepost_flash".into(), flash);
    ben.get("/account").await.assert_hides("Your name is saved.");
}

/// A session ended in another tab. The form in this tab is kept, for its owner alone.
#[rocket::async_test]
async fn the_form_of_an_ended_session_waits_for_its_owner() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    let mut ana = app.signed_in(ANA).await;
    let owner = app.account_of(ANA).await.unwrap().id;
    app.write(move |connection| gatepost::db::sessions::delete_all(connection, owner)).await;
    app.a_second_later();
    let before = app.dump().await;
    let answer = ana.post_only("/account/name", &[("name", "Ana of the Hills")]).await;
    answer.assert_leads_to("/login?return_to=%2Faccount");
    assert_eq!(app.dump().await, before, "no row holds it");
    assert!(!ana.cookies["gatepost_kept"].contains("Hills"));
    ana.open("/login?return_to=%2Faccount").await.assert_shows("we’ve kept what you typed");

    // Another user signs in here and does not get it.
    let mut ben = Browser { cookies: ana.cookies.clone(), ..app.browser() };
    ben.sign_in(BEN).await;
    ben.get("/account").await.assert_hides("Hills");

    ana.sign_in(ANA).await;
    let page = ana.get("/account").await;
    assert!(page.body.contains("value=\"Ana of the Hills\""), "{}", page.body);
    ana.post_only("/account/name", &[("name", "Ana of the Hills")]).await;
    assert_eq!(app.account_of(ANA).await.unwrap().name.as_str(), "Ana of the Hills");
    assert!(!ana.cookies.contains_key("gatepost_kept"), "it is done with");
}
