//! Email links, opened where they were not asked for: by robots, on other devices, by another
//! user.

use crate::{browser::Browser, chromedriver::Traits, patience, stage::Stage};
use serde_json::{Value, json};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

/// Mail scanners open every link in a browser without cookies, let its scripts run, and some press
/// buttons.
#[tokio::test]
async fn a_robot_that_presses_the_first_button_gets_no_session() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let ana = stage.browser().await;
    ana.asks_for_mail(ANA).await;
    let mail = stage.gatepost.mail_to(ANA, 1).await;

    let robot = stage.browser().await;
    hurry_timers(&robot).await;
    robot.open(&mail.link()).await;
    robot.reads_heading("This email was requested in another browser").await;
    all_timers_have_run(&robot).await;
    robot.reads_heading("This email was requested in another browser").await;
    assert!(!robot.has_session().await, "opening the link and running all scripts makes no session");

    robot.find("button").await.click().await.unwrap();
    robot.reads_heading("Sign in on this device?").await;
    all_timers_have_run(&robot).await;
    assert!(!robot.has_session().await, "pressing the first button makes no session");
    robot.open("/account").await;
    robot.reads_heading("Sign in to Gatepost").await;

    ana.open(&mail.link()).await;
    ana.presses("Sign in as ana@example.com").await;
    ana.reads_heading("Your account").await;
}

/// From the next page on, timers do not wait, and their runs are counted.
async fn hurry_timers(browser: &Browser) {
    let script = "
        window.timersToCome = 0;
        const later = window.setTimeout.bind(window);
        window.setTimeout = window.setInterval = (work, pause, ...rest) => {
            window.timersToCome += 1;
            return later(() => { window.timersToCome -= 1; work(...rest); }, 0);
        };
        window.requestIdleCallback = (work) => window.setTimeout(work);";
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
}

async fn all_timers_have_run(browser: &Browser) {
    patience::until("the timers to run", async || {
        let left = browser.run("return document.readyState === 'complete' ? window.timersToCome : null").await;
        (left == json!(0)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_mail_read_on_the_phone_signs_in_the_computer_by_its_code() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let computer = stage.browser().await;
    computer.asks_for_mail(ANA).await;
    let mail = stage.gatepost.mail_to(ANA, 1).await;

    let phone = phone(&stage).await;
    phone.open(&mail.link()).await;
    phone.reads_heading("This email was requested in another browser").await;
    phone.reads("Chrome on Linux (IP address 127.0.0.1) asked to sign in as ana@example.com").await;
    assert!(!phone.has("input:not([type=hidden])").await, "there is nothing to type here");

    computer.enters_code("Code from the email", &mail.code()).await;
    computer.reads_heading("Your account").await;
    assert!(!phone.has_session().await);
    phone.reload().await;
    phone.reads_heading("This link no longer works").await;
}

#[tokio::test]
async fn a_mail_read_on_the_phone_can_sign_in_the_phone_and_never_the_computer() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let computer = stage.browser().await;
    computer.asks_for_mail(ANA).await;
    let mail = stage.gatepost.mail_to(ANA, 1).await;

    let phone = phone(&stage).await;
    phone.open(&mail.link()).await;
    phone.presses("Sign in on this device instead").await;
    phone.reads_heading("Sign in on this device?").await;
    phone.presses("Sign in as ana@example.com").await;
    phone.reads_heading("Your account").await;
    phone.open("/account/sessions").await;
    phone.reads("Safari on iPhone This browser").await;

    // The waiting page has asked twice more, and still waits.
    let before = times_asked(&computer).await;
    let what = "the waiting page to ask again";
    patience::until(what, async || (times_asked(&computer).await >= before + 2).then_some(())).await;
    computer.reads_heading("Check your inbox").await;
    assert!(!computer.has_session().await);
    computer.open("/account").await;
    computer.reads_heading("Sign in to Gatepost").await;
}

/// Returns how often the waiting page has asked whether it can continue.
async fn times_asked(browser: &Browser) -> u64 {
    let script = "return performance.getEntriesByType('resource').filter(e => e.name.endsWith('/login/state')).length";
    browser.run(script).await.as_u64().unwrap()
}

async fn phone(stage: &Stage) -> Browser {
    let user_agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/18.5 Mobile/15E148 Safari/604.1";
    stage.browser_with(&Traits { user_agent: Some(user_agent), ..Traits::default() }).await
}

#[tokio::test]
async fn somebody_elses_link_changes_nothing_until_they_agree() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    stage.gatepost.add_account(BEN);
    // Ana asked on the family's computer, and then Ben signed in there.
    let shared = stage.browser().await;
    shared.asks_for_mail(ANA).await;
    let mail = stage.gatepost.mail_to(ANA, 1).await;
    stage.signs_in(&shared, BEN).await;

    shared.open(&mail.link()).await;
    shared.reads_heading("You’re signed in as someone else").await;
    shared.presses("Stay signed in as ben@example.com").await;
    shared.reads_heading("Your account").await;
    assert!(shared.is_signed_in_as(BEN).await);

    shared.open(&mail.link()).await;
    shared.presses("Switch to ana@example.com").await;
    shared.reads_heading("Your account").await;
    assert!(shared.is_signed_in_as(ANA).await);
}

/// The attacker's own link, emailed to a victim who is signed in.
#[tokio::test]
async fn a_link_from_elsewhere_says_whose_session_would_end() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    stage.gatepost.add_account(BEN);
    let ana = stage.browser().await;
    ana.asks_for_mail(ANA).await;
    let mail = stage.gatepost.mail_to(ANA, 1).await;

    let ben = stage.signed_in(BEN).await;
    ben.open(&mail.link()).await;
    ben.presses("Sign in on this device instead").await;
    ben.reads("You’re signed in here as ben@example.com. If you continue, that session will end.").await;
    assert!(ben.is_signed_in_as(BEN).await);
    ben.open("/auth/verify/this-device").await;
    ben.presses("Sign in as ana@example.com").await;
    ben.reads_heading("Your account").await;
    assert!(ben.is_signed_in_as(ANA).await);
}

#[tokio::test]
async fn the_token_is_in_no_later_address_and_no_referer() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let ana = stage.browser().await;
    ana.asks_for_mail(ANA).await;
    let link = stage.gatepost.mail_to(ANA, 1).await.link();
    let token = crate::gatepost::token(&link).to_owned();
    ana.open(&link).await;
    ana.reads_heading("Sign in to Gatepost").await;
    assert_eq!(ana.run("return location.href").await, format!("{}/auth/verify", stage.gatepost.origin));
    let history = ana.devtools("Page.getNavigationHistory", json!({})).await;
    for entry in history["entries"].as_array().unwrap() {
        assert!(!entry["url"].as_str().unwrap().contains(&token), "{entry}");
    }
    ana.presses("Sign in as ana@example.com").await;
    ana.reads_heading("Your account").await;
    ana.presses("Sign out").await;
    ana.reads_heading("Sign in to Gatepost").await;

    // Every request on the wire: one had the token, in its own address, and in none of its headers.
    let log = ana.log("performance").await;
    let events: Vec<Value> = log.iter().map(crate::traffic::event).collect();
    let named = |method: &'static str| events.iter().filter(move |event| event["method"] == method);
    let asked: Vec<&Value> =
        named("Network.requestWillBeSent").filter(|event| event["params"]["redirectResponse"].is_null()).collect();
    assert!(asked.len() > 10, "the log has seen the journey");
    let holding = asked.iter().filter(|event| event["params"]["request"]["url"].as_str().unwrap().contains(&token));
    assert_eq!(holding.count(), 1);
    for event in named("Network.requestWillBeSentExtraInfo") {
        let headers = event["params"]["headers"].as_object().unwrap();
        for (name, value) in headers {
            let is_cookie = name.eq_ignore_ascii_case("cookie");
            let is_own_address = name == ":path";
            assert!(is_cookie || is_own_address || !value.as_str().unwrap().contains(&token), "{name}: {value}");
        }
    }
    let referers =
        named("Network.requestWillBeSentExtraInfo").filter(|event| !event["params"]["headers"]["Referer"].is_null());
    assert!(referers.count() > 3, "the log has seen Referers");
}
