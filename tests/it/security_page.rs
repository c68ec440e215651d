//! `/account/security`: the checklist, the way to a required second factor, and remembered
//! browsers.

use crate::{
    browser::Browser,
    harness::TestApp,
    phone::{Phone, at_the_second_factor, with_phone},
};
use gatepost::domain::{Lifetime, audit::Action};
use rocket::http::Method;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const PAGE: &str = "/account/security";

async fn app_with_ana() -> TestApp {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app
}

/// Signs in with an app's code, and has the browser remembered.
async fn remembered<'a>(app: &'a TestApp, phone: &Phone, email: &str, agent: &str) -> Browser<'a> {
    let mut browser = at_the_second_factor(app, email).await;
    browser.user_agent = agent.to_owned();
    let fields = [("code", phone.next_code(app)), ("trust", "on".to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post("/login/second-factor", &fields).await.assert_leads_to("/account");
    browser
}

fn devices_on(page: &crate::browser::Page) -> Vec<String> {
    let ids = page.body.split("name=\"device\" value=\"").skip(1);
    ids.map(|rest| rest.split_once('"').unwrap().0.to_owned()).collect()
}

#[rocket::async_test]
async fn it_tells_what_is_on_and_what_is_missing() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    ana.get("/account").await.assert_shows("Security");
    let page = ana.get(PAGE).await;
    page.assert_shows("Email address Verified ana@example.com")
        .assert_shows("Passkeys Not set up")
        .assert_shows("Authenticator apps Not set up")
        .assert_shows("You have no second factor")
        .assert_shows("Sign in on another device, then sign the phone out")
        .assert_hides("/account/password")
        .assert_hides("/account/recovery-codes")
        .assert_hides("Remembered");
    app.set("password_enabled", "on").await;
    app.a_second_later();
    ana.get(PAGE).await.assert_shows("Password Not set up").assert_shows("Set a password");
    ana.post("/account/password", &[("new_password", "correct horse battery")]).await.assert_status(303);
    ana.get(PAGE).await.assert_shows("Password On Set on 22 Nov 2026").assert_shows("or knows your password");

    Phone::set_up_in(&mut ana).await;
    let page = ana.get(PAGE).await;
    page.assert_shows("Authenticator apps 1")
        .assert_shows("Recovery codes 10 left")
        .assert_shows("Then ask us to remove your second factors")
        .assert_hides("You have no second factor");
    page.assert_shows("enter a recovery code");
    ana.post("/account/recovery-codes/remove", &[]).await.assert_status(303);
    ana.get(PAGE)
        .await
        .assert_shows("Recovery codes Not set up Create some")
        .assert_shows("You have none: create some now");

    for name in ["totp_enabled", "passkey_enabled", "recovery_codes_enabled", "password_enabled"] {
        app.set(name, "off").await;
    }
    app.a_second_later();
    let page = ana.get(PAGE).await;
    for path in ["/account/totp", "/account/passkeys", "/account/recovery-codes", "/account/password"] {
        page.assert_hides(path);
    }
}

#[rocket::async_test]
async fn few_recovery_codes_are_worth_a_warning() {
    let app = app_with_ana().await;
    let (mut ana, _) = with_phone(&app, ANA).await;
    let made = ana.submit("/account/recovery-codes", &[]).await;
    let codes = made.body.split_once("data-codes>").unwrap().1.split_once('<').unwrap().0.to_owned();
    for (at, code) in codes.split_whitespace().take(9).enumerate() {
        app.clock.advance(Lifetime::minutes(6));
        ana.post("/step-up/second-factor", &[("code", code)]).await.assert_status(303);
        let page = ana.get(PAGE).await;
        match 9 - at {
            left @ 4.. => page.assert_shows(&format!("{left} left")).assert_hides("Create new codes soon"),
            1 => page.assert_shows("Only one is left. Create new codes soon"),
            left => page.assert_shows(&format!("Only {left} are left. Create new codes soon")),
        };
    }
}

#[rocket::async_test]
async fn where_a_second_factor_is_required_nothing_else_is_open_before_there_is_one() {
    let app = app_with_ana().await;
    app.set("second_factor_required", "everyone").await;
    app.set("password_enabled", "on").await;
    app.a_second_later();
    let mut ana = app.signed_in(ANA).await;
    let before = app.dump().await;
    let open = ["/account/security", "/account/totp", "/account/recovery-codes", "/account/passkeys"];
    let mut closed = 0;
    for route in app.client.rocket().routes().filter(|route| !route.uri.path().contains('<')) {
        let path = route.uri.path();
        if !path.starts_with("/account") && !path.starts_with("/admin")
            || open.iter().any(|open| path.starts_with(open))
        {
            continue;
        }
        let page = match route.method {
            Method::Get => ana.get(path).await,
            _ if path.ends_with("/logo") => continue,
            _ => ana.post(path, &[]).await,
        };
        page.assert_leads_to(PAGE);
        closed += 1;
    }
    assert!(closed > 12, "{closed}");
    assert_eq!(app.dump().await, before);

    let page = ana.get(PAGE).await;
    page.assert_shows("Set up a second factor first").assert_shows("Gatepost requires one");
    for path in ["href=\"/account\"", "/account/password", "/account/address"] {
        assert!(
            !page
                .body
                .replace("<a class=\"name\" href=\"/account\"", "")
                .replace("<a href=\"/account\" aria-current=\"true\"", "")
                .contains(path),
            "{path}"
        );
    }
    ana.get("/account/recovery-codes").await.assert_shows("Set one up first");
    // The proof has grown old: the form waits for a new one, like every form.
    app.clock.advance(Lifetime::minutes(11));
    let then = ana.post("/account/totp", &[]).await.then();
    ana.step_up(ANA).await;
    ana.get(&then).await.assert_shows("Nothing has changed yet").assert_status(200);
    Phone::set_up_in(&mut ana).await;
    assert!(ana.is_signed_in_as(ANA).await);
    ana.get(PAGE).await.assert_hides("Set up a second factor first").assert_shows("Authenticator apps 1");
}

#[rocket::async_test]
async fn a_browser_that_remembers_is_shown_and_can_be_forgotten() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    app.set("trusted_devices_enabled", "on").await;
    app.a_second_later();
    let (mut ana, phone) = with_phone(&app, ANA).await;
    let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1";
    let firefox = ana.user_agent.clone();
    let mut one = remembered(&app, &phone, ANA, safari).await;
    let mut two = remembered(&app, &phone, ANA, &firefox).await;
    let page = two.get(PAGE).await;
    page.assert_shows("Remembered browsers")
        .assert_shows("Firefox on Linux This browser")
        .assert_shows("Safari on iPhone Remembered since")
        .assert_shows("203.0.113.7");
    let ids = devices_on(&page);
    assert_eq!(ids.len(), 2);

    // Another user's browser cannot be forgotten here.
    let mut ben = app.signed_in(BEN).await;
    ben.post("/account/security/forget", &[("device", &ids[0])]).await.assert_status(404);
    ben.post("/account/security/forget-all", &[]).await.assert_status(303);
    for device in ["x", ""] {
        ben.post("/account/security/forget", &[("device", device)]).await.assert_status(400);
    }

    // The newest first: the second one is the phone. No fresh proof is needed.
    app.clock.advance(Lifetime::minutes(11));
    let done = two.post("/account/security/forget", &[("device", &ids[1])]).await;
    done.assert_leads_to("/account/security");
    two.get("/account/security").await.assert_shows("ask for your second factor in that browser again");
    two.post("/account/security/forget", &[("device", &ids[1])]).await.assert_status(404);
    for (browser, leads_to) in [(&mut one, "/login/second-factor"), (&mut two, "/account")] {
        app.clock.advance(Lifetime::minutes(6));
        browser.post("/logout", &[]).await;
        browser.sign_in_to(ANA, &[]).await.assert_leads_to(leads_to);
    }
    two.post("/account/security/forget-all", &[]).await.assert_leads_to("/account/security");
    assert!(!two.cookies.contains_key("gatepost_trusted"));
    assert!(devices_on(&ana.get(PAGE).await).is_empty());
    let lines: Vec<_> = app.audit().await.into_iter().filter(|line| line.action == Action::DeviceDistrusted).collect();
    let of_ana: Vec<_> =
        lines.iter().filter(|line| line.subject == ANA).filter_map(|line| line.after.as_deref()).collect();
    assert_eq!(of_ana.len(), 2);
    assert!(of_ana.contains(&"Safari on iPhone") && of_ana.contains(&"1"), "{of_ana:?}");
}

#[rocket::async_test]
async fn an_address_that_nobody_has_proven_is_said_to_be_so() {
    let app = app_with_ana().await;
    let mut console = crate::set_up::console_session(&app, ANA).await;
    console.get(PAGE).await.assert_shows("Email address Not verified").assert_shows("Send verification email");
}

#[rocket::async_test]
async fn what_is_kept_of_second_factors_can_be_taken_along() {
    let app = app_with_ana().await;
    app.set("trusted_devices_enabled", "on").await;
    app.a_second_later();
    let (mut ana, phone) = with_phone(&app, ANA).await;
    remembered(&app, &phone, ANA, "Firefox").await;
    ana.post("/step-up/second-factor", &[("code", &phone.next_code(&app))]).await.assert_status(303);
    let made = ana.submit("/account/recovery-codes", &[]).await;
    let page = ana.get("/account/data").await;
    let data: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(data["authenticator_apps"][0]["name"], "My phone");
    assert_eq!(data["authenticator_apps"].as_array().unwrap().len(), 1);
    assert_eq!((&data["recovery_codes"]["left"], &data["password_set_at"]), (&10.into(), &serde_json::Value::Null));
    assert_eq!(data["remembered_browsers"].as_array().unwrap().len(), 1);
    let codes = made.body.split_once("data-codes>").unwrap().1.split_once('<').unwrap().0.to_owned();
    assert!(codes.split_whitespace().all(|code| !page.body.contains(code)));
}

#[rocket::async_test]
async fn whoever_cannot_step_up_without_a_lost_phone_finds_what_to_do() {
    let app = app_with_ana().await;
    app.set("password_enabled", "on").await;
    app.a_second_later();
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/password", &[("new_password", "correct horse battery")]).await.assert_status(303);
    let phone = Phone::set_up_in(&mut ana).await;
    // An email link was enough to choose it, so that it does not count for a recovery yet.
    ana.get(PAGE).await.assert_shows("Your password counts only after you’ve used it together with a second factor");
    app.clock.advance(Lifetime::minutes(11));
    let step_up = ana.get("/step-up?then=/account/close").await;
    assert!(step_up.body.contains("href=\"/account/security#lost\""));
    assert!(ana.get(PAGE).await.body.contains("id=\"lost\""));

    let mut browser = app.browser();
    let typed = [("email", ANA), ("password", "correct horse battery")];
    browser.post("/login/password", &typed).await.assert_leads_to("/login/second-factor");
    let code = phone.next_code(&app);
    browser.post("/login/second-factor", &[("code", &code)]).await.assert_leads_to("/account");
    browser.get(PAGE).await.assert_shows("Sign in two other ways").assert_hides("Your password counts only after");
}

#[rocket::async_test]
async fn nobody_is_warned_of_ways_in_that_are_switched_off() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    ana.get(PAGE).await.assert_shows("Anyone who can read your email can sign in as you");
    app.set("email_link_enabled", "off").await;
    app.a_second_later();
    ana.get(PAGE).await.assert_hides("can sign in as you");
    // Then an email still lets its reader choose a password.
    app.set("password_enabled", "on").await;
    app.a_second_later();
    ana.get(PAGE).await.assert_shows("Anyone who can read your email can sign in as you");
}
