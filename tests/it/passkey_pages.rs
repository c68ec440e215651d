//! Passkeys on the pages: through the real routes, with a software authenticator in place of a
//! browser's.

use crate::{
    authenticator::{Answer, Authenticator, BE, BS, Key, UP, UV, base64url, from_base64url},
    browser::{Browser, Page},
    harness::{Setup, TestApp},
    totp::{sets_up_an_app, waits_after_a_link},
};
use gatepost::{
    db,
    domain::{Lifetime, audit::Action},
};
use rocket::http::Method;
use serde_json::{Value, json};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const EVE: &str = "eve@example.com";

/// Path to which an answer is sent. For the options, `/options` is appended.
const SIGN_IN: &str = "/login/passkey";
const SECOND: &str = "/login/second-factor/passkey";
const STEP_UP: &str = "/step-up/passkey";
const ADD: &str = "/account/passkeys";

/// Some of these tests ask for more emails than users do.
async fn app_with_ana() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app
}

/// Sends what a script of ours sends.
pub async fn sends(browser: &mut Browser<'_>, path: &str, body: &Value) -> Page {
    let headers = [("Content-Type", "application/json"), ("Sec-Fetch-Site", "same-origin")];
    browser.with(&headers).request(Method::Post, path, Some(&body.to_string())).await
}

pub fn said(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{}: {}", page.status, page.body))
}

#[track_caller]
pub fn leads_to(page: &Page, to: &str) {
    assert_eq!((page.status.code, said(page)), (200, json!({ "location": to })));
}

#[track_caller]
pub fn is_refused(page: &Page, word: &str) {
    let code = if word == "off" { 403 } else { 422 };
    assert_eq!((page.status.code, said(page)), (code, json!({ "problem": word })));
}

/// Asks for the options of a ceremony.
pub async fn asks(browser: &mut Browser<'_>, path: &str, body: &Value) -> Value {
    let page = sends(browser, &format!("{path}/options"), body).await;
    assert_eq!(page.status.code, 200, "{}", page.body);
    let options = said(&page);
    assert!(options["publicKey"].is_object(), "{options}");
    options
}

pub fn authenticator(app: &TestApp) -> Authenticator {
    Authenticator::at(&app.base_url)
}

/// Adds a passkey on the account's page.
pub async fn adds_a_passkey(browser: &mut Browser<'_>) -> Key {
    adds(browser, &authenticator(browser.app), "").await
}

async fn adds(browser: &mut Browser<'_>, with: &Authenticator, name: &str) -> Key {
    let options = asks(browser, ADD, &json!({ "name": name })).await;
    let (key, answer) = with.create(&options);
    let page = sends(browser, ADD, &json!({ "name": name, "credential": answer.registration() })).await;
    assert!(page.status.code == 200 && said(&page)["location"].is_string(), "{}: {}", page.status, page.body);
    key
}

/// Shows a passkey in a ceremony, with an answer changed by `change`.
pub async fn shows(browser: &mut Browser<'_>, path: &str, key: &mut Key, change: impl Fn(&mut Answer)) -> Page {
    let options = asks(browser, path, &json!({})).await;
    let credential = signed(browser.app, key, &options, change);
    sends(browser, path, &credential).await
}

/// Returns the answer of a passkey to a challenge, changed by `change`.
pub fn signed(app: &TestApp, key: &mut Key, options: &Value, change: impl Fn(&mut Answer)) -> Value {
    let mut answer = authenticator(app).get(options, key);
    change(&mut answer);
    json!({ "credential": answer.signed_by(key) })
}

pub async fn signs_in(browser: &mut Browser<'_>, key: &mut Key) -> Page {
    shows(browser, SIGN_IN, key, |_| {}).await
}

async fn signed_in_by<'a>(app: &'a TestApp, key: &mut Key) -> Browser<'a> {
    let mut browser = app.browser();
    leads_to(&signs_in(&mut browser, key).await, "/account");
    browser
}

async fn actions(app: &TestApp) -> Vec<Action> {
    app.audit().await.into_iter().map(|line| line.action).collect()
}

#[rocket::async_test]
async fn password_managers_are_told_where_passkeys_are_added_while_they_are_on() {
    const PATH: &str = "/.well-known/passkey-endpoints";
    let app = TestApp::new().await;
    let page = app.browser().get(PATH).await;
    assert_eq!((page.status.code, page.header("Content-Type")), (200, Some("application/json")));
    let to = format!("{}/account/passkeys", app.base_url);
    assert_eq!(said(&page), json!({ "enroll": to, "manage": to }));
    app.set("passkey_enabled", "off").await;
    app.a_second_later();
    app.browser().get(PATH).await.assert_status(404);
    // Nor where browsers know none: there is no name that they would belong to.
    let app = Setup::new().with("GATEPOST_BASE_URL", "http://127.0.0.1:8000").start().await;
    app.browser().get(PATH).await.assert_status(404);
}

#[rocket::async_test]
async fn a_passkey_is_added_and_signs_in_with_nothing_typed() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::seconds(31));
    let mut other = app.signed_in(ANA).await;
    ana.get(ADD).await.assert_status(200).assert_shows("Add a passkey");
    let options = asks(&mut ana, ADD, &json!({})).await;
    let mut with = authenticator(&app);
    with.aaguid = *b"\xd5\x48\x82\x6e\x79\xb4\xdb\x40\xa3\xd8\x11\x11\x6f\x7e\x83\x49";
    let (mut key, answer) = with.create(&options);
    let before = ana.cookies["gatepost_session"].clone();
    let page = sends(&mut ana, ADD, &json!({ "credential": answer.registration() })).await;
    assert_eq!((page.status.code, &said(&page)["location"]), (200, &json!("/account/recovery-codes/made")));
    assert_ne!(ana.cookies["gatepost_session"], before, "the session goes on under a new secret");
    assert!(!ana.cookies.contains_key("gatepost_ceremony"));
    app.a_second_later();
    assert!(other.is_signed_out().await && ana.is_signed_in_as(ANA).await);
    ana.get(ADD).await.assert_shows("Bitwarden").assert_shows("Synced between devices");
    let mail = app.mail_to(ANA).await;
    assert_eq!(mail.subject, "A passkey was added at Gatepost");
    assert!(mail.says_where(), "{}", mail.text);
    assert!(!mail.text.contains("Bitwarden"), "{}", mail.text);

    let mut browser = signed_in_by(&app, &mut key).await;
    assert!(browser.is_signed_in_as(ANA).await && !browser.cookies.contains_key("gatepost_ceremony"));
    browser.get("/account/sessions").await.assert_shows("(passkey)");
    // It is the strongest proof, and so fresh enough for everything.
    let data = browser.get("/account/data").await;
    data.assert_status(200);
    assert_eq!(said(&data)["passkeys"][0]["name"], "Bitwarden");
    browser.get(ADD).await.assert_shows("Last used");
    let lines = app.audit().await;
    let signed_in = lines.iter().find(|line| line.action == Action::SignedIn).unwrap();
    assert_eq!(signed_in.after.as_deref(), Some("passkey"));
    assert!(lines.iter().any(|line| line.action == Action::PasskeyAdded && line.after.as_deref() == Some("Bitwarden")));
}

#[rocket::async_test]
async fn another_passkey_signs_nobody_out() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let mut key = adds_a_passkey(&mut ana).await;
    let mut other = signed_in_by(&app, &mut key).await;
    adds(&mut ana, &authenticator(&app), "My key ring").await;
    app.a_second_later();
    assert!(other.is_signed_in_as(ANA).await);
    other.get(ADD).await.assert_shows("My key ring").assert_shows("Add another passkey");
}

#[rocket::async_test]
async fn it_signs_in_with_an_address_too_and_keeps_what_was_ticked() {
    let app = app_with_ana().await;
    let mut key = adds_a_passkey(&mut app.signed_in(ANA).await).await;
    let mut browser = app.browser();
    let form = json!({ "email": "Ana@example.com", "return_to": "/account/close", "remember": "on" });
    let options = asks(&mut browser, SIGN_IN, &form).await;
    assert_eq!(options["publicKey"]["allowCredentials"][0]["id"], base64url(&key.id));
    let mut answer = authenticator(&app).get(&options, &mut key);
    // A security key that stores no address names no owner.
    answer.user_handle = None;
    let mut body = form.clone();
    body["credential"] = answer.signed_by(&key);
    let page = sends(&mut browser, SIGN_IN, &body).await;
    leads_to(&page, "/account/close");
    let cookie = page.set_cookies().into_iter().find(|line| line.starts_with("gatepost_session")).unwrap().to_owned();
    assert!(cookie.contains("Max-Age"), "{cookie}");
    for typed in ["ana@localhost", "x"] {
        is_refused(&sends(&mut browser, "/login/passkey/options", &json!({ "email": typed })).await, "address");
    }
    // Only a path of ours.
    let mut elsewhere = app.browser();
    let options = asks(&mut elsewhere, SIGN_IN, &json!({})).await;
    let answer = authenticator(&app).get(&options, &mut key).signed_by(&key);
    let body = json!({ "credential": answer, "return_to": "https://evil.example/" });
    leads_to(&sends(&mut elsewhere, SIGN_IN, &body).await, "/account");
}

#[rocket::async_test]
async fn its_button_comes_first_where_one_has_signed_in() {
    let app = app_with_ana().await;
    let mut key = adds_a_passkey(&mut app.signed_in(ANA).await).await;
    let comes_first = |page: &Page| {
        let place = |part: &str| page.body.find(part).unwrap();
        place("data-passkey=\"sign-in\"") < place("id=\"email\"")
    };
    let mut browser = app.browser();
    assert!(!comes_first(&browser.get("/login").await));
    let options = asks(&mut browser, SIGN_IN, &json!({})).await;
    let credential = authenticator(&app).get(&options, &mut key).signed_by(&key);
    leads_to(&sends(&mut browser, SIGN_IN, &json!({ "credential": credential })).await, "/account");
    browser.post("/logout", &[]).await;
    let page = browser.get("/login").await;
    assert!(comes_first(&page) && page.body.matches("data-passkey=").count() == 1);
    assert!(!page.body.contains(&format!("value=\"{ANA}\"")));
    assert!(!comes_first(&app.browser().get("/login").await), "none was used elsewhere");
    app.set("passkey_enabled", "off").await;
    app.a_second_later();
    browser.get("/login").await.assert_hides("data-passkey").assert_hides("Forget me");
    app.set("passkey_enabled", "on").await;
    app.a_second_later();
    browser.post("/login/forget", &[]).await.assert_leads_to("/login");
    assert!(!comes_first(&browser.get("/login").await));
}

#[rocket::async_test]
async fn it_is_the_second_factor_after_a_link() {
    let app = app_with_ana().await;
    let mut key = adds_a_passkey(&mut app.signed_in(ANA).await).await;
    let mut browser = waits_after_a_link(&app, ANA).await;
    assert!(browser.is_signed_out().await);
    let page = browser.get("/login/second-factor").await;
    page.assert_shows("Use a passkey").assert_hides("Code from your authenticator app");
    leads_to(&shows(&mut browser, SECOND, &mut key, |_| {}).await, "/account");
    assert!(browser.is_signed_in_as(ANA).await && !browser.cookies.contains_key("gatepost_pending"));
    let line = app.audit().await.into_iter().find(|line| line.action == Action::SignedIn).unwrap();
    assert_eq!(line.after.as_deref(), Some("email_link + passkey"));
    // Nothing waits any more.
    leads_to(&sends(&mut browser, "/login/second-factor/passkey/options", &json!({})).await, "/login");
    leads_to(&sends(&mut app.browser(), "/login/second-factor/passkey/options", &json!({})).await, "/login");
}

#[rocket::async_test]
async fn where_both_are_there_the_passkey_comes_first_and_either_will_do() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    let mut key = adds_a_passkey(&mut ana).await;
    for path in ["/login/second-factor", "/step-up"] {
        let mut browser = waits_after_a_link(&app, ANA).await;
        if path == "/step-up" {
            leads_to(&shows(&mut browser, SECOND, &mut key, |_| {}).await, "/account");
            app.clock.advance(Lifetime::minutes(11));
        }
        let body = browser.get(path).await.body;
        let passkey = body.find("data-passkey=").expect("a button");
        assert!(passkey < body.find("inputmode=\"numeric\"").expect("a field"), "{path}");
    }
    let mut browser = waits_after_a_link(&app, ANA).await;
    let code = phone.shows(&app);
    browser.post("/login/second-factor", &[("code", &code)]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn it_steps_up_and_nothing_weaker_does() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let mut key = adds_a_passkey(&mut ana).await;
    app.clock.advance(Lifetime::minutes(11));
    assert_eq!(ana.get("/account/data").await.then(), "/account/your-data");
    let page = ana.get("/step-up?then=/account/data").await;
    page.assert_shows("Use a passkey").assert_hides("Email a link");
    ana.submit("/step-up", &[("then", "/account")])
        .await
        .assert_hides("Check your inbox")
        .assert_shows("Use a passkey");
    let options = asks(&mut ana, STEP_UP, &json!({ "then": "/account/data" })).await;
    assert_eq!(options["publicKey"]["allowCredentials"][0]["id"], base64url(&key.id));
    let answer = authenticator(&app).get(&options, &mut key).signed_by(&key);
    let before = ana.cookies["gatepost_session"].clone();
    leads_to(
        &sends(&mut ana, STEP_UP, &json!({ "credential": answer, "then": "/account/data" })).await,
        "/account/data",
    );
    assert_ne!(ana.cookies["gatepost_session"], before);
    ana.get("/account/data").await.assert_status(200);
    let line = app.audit().await.into_iter().find(|line| line.action == Action::SteppedUp).unwrap();
    assert_eq!(line.after.as_deref(), Some("passkey"));
}

#[rocket::async_test]
async fn adding_one_needs_a_fresh_proof_and_keeps_the_name_meanwhile() {
    let app = app_with_ana().await;
    leads_to(
        &sends(&mut app.browser(), "/account/passkeys/options", &json!({})).await,
        "/login?return_to=%2Faccount%2Fpasskeys",
    );
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(11));
    let page = sends(&mut ana, "/account/passkeys/options", &json!({ "name": "My phone" })).await;
    let to = said(&page)["location"].as_str().unwrap().to_owned();
    assert!(to.starts_with("/step-up?then=%2Faccount%2Fpasskeys%3Fheld%3D"), "{to}");
    ana.step_up(ANA).await;
    let held = url::form_urlencoded::parse(to.split_once('?').unwrap().1.as_bytes()).next().unwrap().1.into_owned();
    let page = ana.get(&held).await;
    page.assert_shows("Nothing has changed yet");
    assert!(page.body.contains("value=\"My phone\""));
    // The mailbox alone does not allow a second one.
    adds(&mut ana, &authenticator(&app), "My phone").await;
    let mut thief = waits_after_a_link(&app, ANA).await;
    let page = sends(&mut thief, "/account/passkeys/options", &json!({})).await;
    assert!(said(&page)["location"].as_str().unwrap().starts_with("/login"), "{}", page.body);
}

#[rocket::async_test]
async fn a_name_typed_for_one_is_found_again_after_the_session_has_ended() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    app.signed_in(ANA).await.post("/account/sessions/revoke-others", &[]).await;
    app.a_second_later();
    let page = sends(&mut ana, "/account/passkeys/options", &json!({ "name": "My phone" })).await;
    leads_to(&page, "/login?return_to=%2Faccount%2Fpasskeys");
    ana.get("/login?return_to=/account/passkeys").await.assert_shows("we’ve kept what you typed");
    ana.sign_in(ANA).await;
    let page = ana.get("/account/passkeys").await;
    assert!(page.body.contains("value=\"My phone\""), "{}", page.text());
    // For its owner alone.
    app.add_account(BEN).await;
    let mut other = app.signed_in(BEN).await;
    other.cookies.extend(ana.cookies.get("gatepost_kept").map(|kept| ("gatepost_kept".to_owned(), kept.clone())));
    assert!(!other.get("/account/passkeys").await.body.contains("value=\"My phone\""));
}

/// The flag says whether a passkey can be on more than one device. By the standard it never
/// changes, but some providers change it.
#[rocket::async_test]
async fn an_owner_whose_passkey_changed_is_told_what_helps_and_a_stranger_is_told_nothing() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let mut key = adds_a_passkey(&mut ana).await;
    ana.get("/step-up?then=/account").await;
    let flips = |answer: &mut Answer| answer.flags &= !(BE | BS);
    for (path, word) in [(SECOND, "changed"), (STEP_UP, "changed"), (SIGN_IN, "refused")] {
        let mut browser = match path {
            SIGN_IN => app.browser(),
            SECOND => waits_after_a_link(&app, ANA).await,
            _ => signed_in_by(&app, &mut key).await,
        };
        is_refused(&shows(&mut browser, path, &mut key, flips).await, word);
        // Without its signature nothing shows that it is the owner's.
        let forged = |answer: &mut Answer| {
            flips(answer);
            answer.signature = |mut signature| {
                *signature.last_mut().unwrap() ^= 1;
                signature
            };
        };
        is_refused(&shows(&mut browser, path, &mut key, forged).await, "refused");
    }
    let page = waits_after_a_link(&app, ANA).await.get("/login/second-factor").await;
    assert!(page.body.contains("data-changed=\"This passkey has changed since you added it"), "{}", page.body);
    assert!(page.body.contains("remove the passkey on your security page and add it again"), "{}", page.body);
    leads_to(&signs_in(&mut app.browser(), &mut key).await, "/account");
}

#[rocket::async_test]
async fn nobody_has_one_before_the_mailbox_is_proven_and_what_was_there_goes_then() {
    let app = TestApp::new().await;
    let ana = app.add_account(ANA).await;
    let mut stranger = crate::set_up::console_session(&app, ANA).await;
    stranger.get(ADD).await.assert_shows("Your email address isn’t verified yet").assert_hides("data-passkey=");
    sends(&mut stranger, "/account/passkeys/options", &json!({})).await.assert_status(403);
    app.write(move |connection| crate::database::add_passkey(connection, 7, ana.id)).await;
    app.signed_in(ANA).await;
    assert!(!app.dump().await.contains("credential 7"));
    app.a_second_later();
    assert!(stranger.is_signed_out().await);
}

#[rocket::async_test]
async fn whoever_has_to_have_a_second_factor_can_add_a_passkey() {
    let app = app_with_ana().await;
    app.set("second_factor_required", "everyone").await;
    app.a_second_later();
    let mut ana = app.browser();
    ana.sign_in_to(ANA, &[]).await;
    ana.get("/account").await.assert_leads_to("/account/security");
    ana.get(ADD).await.assert_status(200);
    app.clock.advance(Lifetime::minutes(11));
    let page = sends(&mut ana, "/account/passkeys/options", &json!({})).await;
    assert!(said(&page)["location"].as_str().unwrap().starts_with("/step-up"), "{}", page.body);
    app.clock.set_back(Lifetime::minutes(11));
    adds_a_passkey(&mut ana).await;
    app.a_second_later();
    assert!(ana.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn the_options_tell_nobody_who_has_an_account() {
    let app = app_with_ana().await;
    for email in [BEN, EVE] {
        app.add_account(email).await;
    }
    adds_a_passkey(&mut app.signed_in(ANA).await).await;
    adds_a_passkey(&mut app.signed_in(EVE).await).await;
    let (eve, now) = (app.account_of(EVE).await.unwrap().id, app.services.now());
    app.write(move |connection| db::accounts::set_disabled(connection, eve, Some(now))).await;
    let mut shapes = Vec::new();
    for email in [ANA, BEN, EVE, "nobody@example.com", "nobody@nowhere.example"] {
        let mut ids = Vec::new();
        for _ in 0..2 {
            let page = sends(&mut app.browser(), "/login/passkey/options", &json!({ "email": email })).await;
            let mut options = said(&page)["publicKey"].clone();
            let allowed = options["allowCredentials"].take();
            let first = allowed[0].clone();
            assert!(from_base64url(&first["id"]).len() >= 16);
            options["challenge"].take();
            let members: Vec<_> = first.as_object().unwrap().keys().cloned().collect();
            let headers: Vec<_> = page.headers.iter().map(|(name, _)| name.to_lowercase()).collect();
            shapes.push((page.status, members, options, headers));
            ids.push(allowed);
        }
        assert_eq!(ids[0], ids[1], "{email} has the same ones today and tomorrow");
    }
    assert!(shapes.windows(2).all(|two| two[0] == two[1]), "{shapes:#?}");
    // Not even after a restart.
    let of = |app| async move { asks(&mut Browser::new(app), SIGN_IN, &json!({ "email": BEN })).await };
    let again = Setup::new().beside(&app).start().await;
    let (one, other) = (of(&app).await, of(&again).await);
    assert_eq!(one["publicKey"]["allowCredentials"], other["publicKey"]["allowCredentials"]);
}

#[rocket::async_test]
async fn a_refusal_does_not_tell_why() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    let mut anas = adds_a_passkey(&mut app.signed_in(ANA).await).await;
    let mut bens = adds_a_passkey(&mut app.signed_in(BEN).await).await;
    let (ben, now) = (app.account_of(BEN).await.unwrap().id, app.services.now());
    app.write(move |connection| db::accounts::set_disabled(connection, ben, Some(now))).await;
    let spoilt = |answer: &mut Answer| answer.signature = |_| vec![0x30, 6, 2, 1, 1, 2, 1, 1];
    let mut answers = Vec::new();
    // A disabled account; another user's passkey; a real id without its key; a decoy id. Each with
    // and without the address.
    answers.push(signs_in(&mut app.browser(), &mut bens).await);
    let mut browser = app.browser();
    let options = asks(&mut browser, SIGN_IN, &json!({ "email": ANA })).await;
    answers.push(sends(&mut browser, SIGN_IN, &signed(&app, &mut bens, &options, |_| {})).await);
    for email in [ANA, "nobody@example.com"] {
        for asked in [json!({}), json!({ "email": email })] {
            let mut browser = app.browser();
            let ids = asks(&mut browser, SIGN_IN, &json!({ "email": email })).await;
            let id = from_base64url(&ids["publicKey"]["allowCredentials"][0]["id"]);
            let change = |answer: &mut Answer| {
                spoilt(answer);
                answer.id = id.clone();
            };
            let mut browser = app.browser();
            let options = asks(&mut browser, SIGN_IN, &asked).await;
            answers.push(sends(&mut browser, SIGN_IN, &signed(&app, &mut anas, &options, change)).await);
        }
    }
    for page in &answers {
        is_refused(page, "refused");
        let strip = |page: &Page| {
            let mut headers = page.headers.clone();
            headers.retain(|(name, _)| name != "x-request-id" && name != "X-Request-Id");
            headers
        };
        assert_eq!(strip(page), strip(&answers[0]));
    }
    assert!(!app.audit().await.iter().any(|line| line.action == Action::SignedIn
        && line.subject == BEN
        && line.after.as_deref() == Some("passkey")));
}

type Change = fn(&mut Answer);

/// A sample; the whole list is tried below the pages.
#[rocket::async_test]
async fn a_changed_answer_is_refused_wherever_it_is_sent() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let mut key = adds_a_passkey(&mut ana).await;
    let changes: [(&str, Change); 7] = [
        ("without a verified user", |answer| answer.flags = UP),
        ("without a present user", |answer| answer.flags &= !(UP | UV)),
        ("from another origin", |answer| answer.client_data["origin"] = json!("http://localhost:8001")),
        ("from a sibling", |answer| answer.client_data["origin"] = json!("http://evil.localhost:8000")),
        ("framed", |answer| answer.client_data["crossOrigin"] = json!(true)),
        ("for another server", |answer| answer.rp_id_hash = [7; 32]),
        ("with another challenge", |answer| answer.client_data["challenge"] = json!(base64url(&[7; 32]))),
    ];
    for (what, change) in changes {
        for path in [SIGN_IN, SECOND, STEP_UP] {
            let mut browser = match path {
                SIGN_IN => app.browser(),
                SECOND => waits_after_a_link(&app, ANA).await,
                _ => signed_in_by(&app, &mut key).await,
            };
            let before = browser.cookies.get("gatepost_session").cloned();
            let page = shows(&mut browser, path, &mut key, change).await;
            assert_eq!((page.status.code, said(&page)["problem"].as_str()), (422, Some("refused")), "{path} {what}");
            assert_eq!(browser.cookies.get("gatepost_session").cloned(), before, "{path} {what}");
        }
        let mut ana = signed_in_by(&app, &mut key).await;
        let options = asks(&mut ana, ADD, &json!({})).await;
        let (_, mut answer) = authenticator(&app).create(&options);
        change(&mut answer);
        if what == "without a verified user" {
            answer.flags |= crate::authenticator::AT;
        }
        let page = sends(&mut ana, ADD, &json!({ "credential": answer.registration() })).await;
        assert_eq!((page.status.code, said(&page)["problem"].as_str()), (422, Some("refused")), "add {what}");
    }
    let account = app.account_of(ANA).await.unwrap().id;
    assert_eq!(app.read(move |connection| db::passkeys::of_account(connection, account)).await.len(), 1);
}

#[rocket::async_test]
async fn an_answer_counts_once_in_its_own_browser_and_for_its_own_purpose() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let mut key = adds_a_passkey(&mut ana).await;
    let with = authenticator(&app);
    // Again, in the same browser, with the cookie restored.
    let mut browser = app.browser();
    let options = asks(&mut browser, SIGN_IN, &json!({})).await;
    let cookie = browser.cookies["gatepost_ceremony"].clone();
    let body = json!({ "credential": with.get(&options, &mut key).signed_by(&key) });
    leads_to(&sends(&mut browser, SIGN_IN, &body).await, "/account");
    is_refused(&sends(&mut browser, SIGN_IN, &body).await, "late");
    browser.cookies.insert("gatepost_ceremony".into(), cookie);
    is_refused(&sends(&mut browser, SIGN_IN, &body).await, "late");
    // In another browser, and in one with its own ceremony.
    let options = asks(&mut browser, SIGN_IN, &json!({})).await;
    let body = json!({ "credential": with.get(&options, &mut key).signed_by(&key) });
    is_refused(&sends(&mut app.browser(), SIGN_IN, &body).await, "late");
    let mut other = app.browser();
    asks(&mut other, SIGN_IN, &json!({})).await;
    is_refused(&sends(&mut other, SIGN_IN, &body).await, "refused");
    // Each purpose's answer at every other's route, and each session's at another's.
    for made_at in [SIGN_IN, SECOND, STEP_UP] {
        for shown_at in [SIGN_IN, SECOND, STEP_UP, ADD] {
            if made_at == shown_at {
                continue;
            }
            let mut browser = signed_in_by(&app, &mut key).await;
            let pending = waits_after_a_link(&app, ANA).await.cookies["gatepost_pending"].clone();
            browser.cookies.insert("gatepost_pending".into(), pending);
            let options = asks(&mut browser, made_at, &json!({})).await;
            let body = json!({ "credential": with.get(&options, &mut key).signed_by(&key) });
            is_refused(&sends(&mut browser, shown_at, &body).await, "late");
            // It is over for good.
            is_refused(&sends(&mut browser, made_at, &body).await, "late");
        }
    }
    let (mut one, mut other) = (signed_in_by(&app, &mut key).await, signed_in_by(&app, &mut key).await);
    let options = asks(&mut one, STEP_UP, &json!({})).await;
    let body = json!({ "credential": with.get(&options, &mut key).signed_by(&key) });
    other.cookies.insert("gatepost_ceremony".into(), one.cookies["gatepost_ceremony"].clone());
    is_refused(&sends(&mut other, STEP_UP, &body).await, "late");
    let options = asks(&mut one, ADD, &json!({})).await;
    let body = json!({ "credential": with.create(&options).1.registration() });
    other.cookies.insert("gatepost_ceremony".into(), one.cookies["gatepost_ceremony"].clone());
    is_refused(&sends(&mut other, ADD, &body).await, "late");
    // And none is older than ten minutes.
    let mut browser = app.browser();
    let options = asks(&mut browser, SIGN_IN, &json!({})).await;
    app.clock.advance(Lifetime::minutes(10));
    let body = json!({ "credential": with.get(&options, &mut key).signed_by(&key) });
    is_refused(&sends(&mut browser, SIGN_IN, &body).await, "late");
}

#[rocket::async_test]
async fn what_changes_while_somebody_looks_for_their_finger_counts() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let mut key = adds_a_passkey(&mut ana).await;
    let with = authenticator(&app);
    // Turned off.
    for path in [SIGN_IN, SECOND, STEP_UP, ADD] {
        let mut browser = match path {
            SECOND => waits_after_a_link(&app, ANA).await,
            SIGN_IN => app.browser(),
            _ => signed_in_by(&app, &mut key).await,
        };
        let options = asks(&mut browser, path, &json!({})).await;
        let body = match path {
            ADD => json!({ "credential": with.create(&options).1.registration() }),
            _ => json!({ "credential": with.get(&options, &mut key).signed_by(&key) }),
        };
        app.set("passkey_enabled", "off").await;
        is_refused(&sends(&mut browser, path, &body).await, "off");
        is_refused(&sends(&mut browser, &format!("{path}/options"), &json!({})).await, "off");
        app.set("passkey_enabled", "on").await;
        app.a_second_later();
    }
    // Removed; its owner's account disabled; and both for ended sessions.
    let mut browser = app.browser();
    let options = asks(&mut browser, SIGN_IN, &json!({})).await;
    let body = json!({ "credential": with.get(&options, &mut key).signed_by(&key) });
    let mut steps_up = signed_in_by(&app, &mut key).await;
    let step_up_options = asks(&mut steps_up, STEP_UP, &json!({})).await;
    let step_up = json!({ "credential": with.get(&step_up_options, &mut key).signed_by(&key) });
    let mut waits = waits_after_a_link(&app, ANA).await;
    let options = asks(&mut waits, SECOND, &json!({})).await;
    let second = json!({ "credential": with.get(&options, &mut key).signed_by(&key) });
    let (account, now) = (app.account_of(ANA).await.unwrap().id, app.services.now());
    app.write(move |connection| db::passkeys::remove_all(connection, account, None)).await;
    is_refused(&sends(&mut browser, SIGN_IN, &body).await, "refused");
    is_refused(&sends(&mut steps_up, STEP_UP, &step_up).await, "refused");
    // With nothing left to ask for, there is nothing to wait for.
    leads_to(&sends(&mut waits, SECOND, &second).await, "/login");

    let mut ana = app.signed_in(ANA).await;
    let mut key = adds_a_passkey(&mut ana).await;
    let mut waits = waits_after_a_link(&app, ANA).await;
    let options = asks(&mut waits, SECOND, &json!({})).await;
    let second = json!({ "credential": with.get(&options, &mut key).signed_by(&key) });
    let mut steps_up = signed_in_by(&app, &mut key).await;
    let options = asks(&mut steps_up, STEP_UP, &json!({})).await;
    let step_up = json!({ "credential": with.get(&options, &mut key).signed_by(&key) });
    app.write(move |connection| db::accounts::set_disabled(connection, account, Some(now))).await;
    leads_to(&sends(&mut waits, SECOND, &second).await, "/login");
    leads_to(&sends(&mut steps_up, STEP_UP, &step_up).await, "/login?return_to=%2Fstep-up");
    assert!(waits.is_signed_out().await);
    is_refused(&signs_in(&mut app.browser(), &mut key).await, "refused");
}

#[rocket::async_test]
async fn a_counter_that_went_back_is_refused_and_its_owner_is_told_once_an_hour() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let with = Authenticator { counts: true, ..authenticator(&app) };
    let mut key = adds(&mut ana, &with, "My key").await;
    let counted = |n: u32| move |answer: &mut Answer| answer.counter = n;
    leads_to(&shows(&mut app.browser(), SIGN_IN, &mut key, counted(5)).await, "/account");
    let told = app.mails_to(ANA).await.len();
    for counter in [5, 4, 0] {
        let page = shows(&mut app.browser(), SIGN_IN, &mut key, counted(counter)).await;
        is_refused(&page, "refused");
    }
    let mut waits = waits_after_a_link(&app, ANA).await;
    is_refused(&shows(&mut waits, SECOND, &mut key, counted(5)).await, "refused");
    let mails = app.mails_to(ANA).await;
    let copied: Vec<_> = mails[told..].iter().filter(|mail| mail.subject.contains("A passkey may")).collect();
    assert_eq!(copied.len(), 1, "who has a copy fills no mailbox");
    let lines = app.audit().await;
    let lines: Vec<_> = lines.iter().filter(|line| line.action == Action::PasskeyCounterWentBack).collect();
    assert_eq!(lines.len(), 4);
    assert!(lines.iter().all(|line| line.subject == ANA && line.after.as_deref() == Some("My key")));
    app.clock.advance(Lifetime::hours(1));
    is_refused(&shows(&mut app.browser(), SIGN_IN, &mut key, counted(5)).await, "refused");
    let mail = app.mail_to(ANA).await;
    assert_eq!(mail.subject, "A passkey may have been copied at Gatepost");
    assert!(mail.says_where(), "{}", mail.text);
    leads_to(&shows(&mut app.browser(), SIGN_IN, &mut key, counted(6)).await, "/account");
}

fn remove_path(page: &Page) -> String {
    let link = page.body.split("href=\"").find(|part| part.contains("/remove\"")).expect("a link");
    link.split('"').next().unwrap().to_owned()
}

#[rocket::async_test]
async fn it_is_renamed_and_removed() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    let mut ana = app.signed_in(ANA).await;
    let mut key = adds_a_passkey(&mut ana).await;
    let mut other = signed_in_by(&app, &mut key).await;
    let remove = remove_path(&ana.get(ADD).await);
    let rename = remove.replace("/remove", "/rename");
    ana.post(&rename, &[("name", "Key ring")]).await.assert_leads_to("/account/passkeys");
    ana.get(ADD).await.assert_shows("Key ring");
    for (typed, words) in [("", "Enter a name"), ("a\u{202e}b", "invisible character"), (&"é".repeat(51), "at most 50")]
    {
        ana.post(&rename, &[("name", typed)]).await.assert_status(422).assert_shows(words);
    }
    let mut ben = app.signed_in(BEN).await;
    ben.post(&rename, &[("name", "Mine")]).await.assert_status(404);
    ben.post(&remove, &[]).await.assert_status(404);
    ana.get(ADD).await.assert_shows("Key ring");

    app.clock.advance(Lifetime::minutes(11));
    assert_eq!(ana.post(&remove, &[]).await.then(), remove);
    leads_to(&shows(&mut ana, STEP_UP, &mut key, |_| {}).await, "/account");
    ana.post(&remove, &[]).await.assert_leads_to("/account/passkeys");
    app.a_second_later();
    assert!(other.is_signed_out().await && ana.is_signed_in_as(ANA).await);
    ana.get(ADD).await.assert_hides("Key ring");
    assert_eq!(app.mail_to(ANA).await.subject, "A passkey was removed at Gatepost");
    for action in [Action::PasskeyRenamed, Action::PasskeyRemoved] {
        assert!(actions(&app).await.contains(&action), "{action:?}");
    }
    is_refused(&signs_in(&mut app.browser(), &mut key).await, "refused");
    ana.post(&remove, &[]).await.assert_status(404);
    // An email link is enough again.
    app.clock.advance(Lifetime::seconds(31));
    app.browser().sign_in_to(ANA, &[]).await.assert_leads_to("/account");
}

/// While passkeys are turned off, an email link is enough to sign in. An attacker who got one
/// must not weaken the account for later.
#[rocket::async_test]
async fn while_passkeys_are_off_none_is_removed_or_renamed_with_less() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    adds_a_passkey(&mut ana).await;
    let remove = remove_path(&ana.get(ADD).await);
    app.set("passkey_enabled", "off").await;
    app.clock.advance(Lifetime::minutes(1));
    let mut thief = app.signed_in(ANA).await;
    thief.post(&remove, &[]).await.assert_status(403);
    thief.post(&remove.replace("/remove", "/rename"), &[("name", "Mine")]).await.assert_status(403);
    app.set("passkey_enabled", "on").await;
    app.a_second_later();
    app.browser().sign_in_to(ANA, &[]).await.assert_leads_to("/login/second-factor");
}

#[rocket::async_test]
async fn the_last_admins_passkey_stays_where_it_is_the_last_way_in() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let mut key = adds_a_passkey(&mut ana).await;
    ana.post("/admin/settings", &[("passkey_enabled", "on"), ("totp_enabled", "on")])
        .await
        .assert_leads_to("/admin/settings");
    let mut ana = signed_in_by(&app, &mut key).await;
    let remove = remove_path(&ana.get(ADD).await);
    ana.post(&remove, &[]).await.assert_status(409).assert_shows("the last way an admin can sign in");
    ana.post("/admin/settings", &[("totp_enabled", "on")]).await.assert_status(409);
    let page = app.browser().get("/login").await;
    page.assert_shows("Sign in with a passkey").assert_hides("Email me a link");
    adds_a_passkey(&mut ana).await;
    ana.post(&remove, &[]).await.assert_leads_to("/account/passkeys");
    assert_eq!(ana.get(ADD).await.body.matches("/remove\"").count(), 1);
}

#[rocket::async_test]
async fn taking_an_address_back_takes_the_passkeys_that_were_added_since() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let mut hers = adds_a_passkey(&mut ana).await;
    app.a_second_later();
    ana.post("/account/address", &[("new_email", "mallory@example.com")]).await.assert_status(303);
    let link = app.mail_to("mallory@example.com").await.link();
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_status(303);
    app.a_second_later();
    let mut theirs = adds_a_passkey(&mut ana).await;
    let mails = app.mails_to(ANA).await;
    let undo = mails.iter().rfind(|mail| mail.text.contains("/auth/undo")).unwrap().undo_link();
    let mut owner = app.browser();
    owner.open(&undo).await;
    owner.post("/auth/undo", &[]).await.assert_leads_to("/auth/undo");
    is_refused(&signs_in(&mut app.browser(), &mut theirs).await, "refused");
    leads_to(&signs_in(&mut owner, &mut hers).await, "/account");
}

#[rocket::async_test]
async fn the_secret_of_a_ceremony_is_in_a_cookie_and_nowhere_else() {
    let app = app_with_ana().await;
    let mut browser = app.browser();
    let page = sends(&mut browser, "/login/passkey/options", &json!({})).await;
    let cookie = page.set_cookies().into_iter().find(|line| line.starts_with("gatepost_ceremony=")).unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let (_, secret) = browser.cookies["gatepost_ceremony"].split_once('.').unwrap();
    let secret = secret.to_owned();
    let dump = app.dump().await;
    let rows = |dump: &str| dump.lines().filter(|line| line.starts_with("passkey_ceremonies:")).count();
    assert!(rows(&dump) == 1 && !dump.contains(&secret));
    assert!(!page.body.contains(&secret));
    // Each window has its own, under another secret. The oldest of five gives way.
    for most in [2, 3, 4, 4, 4] {
        asks(&mut browser, SIGN_IN, &json!({})).await;
        assert_eq!(rows(&app.dump().await), most);
    }
    assert!(!browser.cookies["gatepost_ceremony"].contains(&secret));
}

/// Two sign-in pages, each with a challenge that waits under its address field.
#[rocket::async_test]
async fn two_windows_with_a_challenge_each_are_both_answered_and_each_once() {
    let app = app_with_ana().await;
    let mut key = adds_a_passkey(&mut app.signed_in(ANA).await).await;
    let mut browser = app.browser();
    let older = asks(&mut browser, SIGN_IN, &json!({})).await;
    let newer = asks(&mut browser, SIGN_IN, &json!({})).await;
    let mut answers = Vec::new();
    for options in [&older, &newer] {
        answers.push(json!({ "credential": authenticator(&app).get(options, &mut key).signed_by(&key) }));
    }
    for answer in &answers {
        leads_to(&sends(&mut browser, SIGN_IN, answer).await, "/account");
    }
    for answer in &answers {
        is_refused(&sends(&mut browser, SIGN_IN, answer).await, "late");
    }
}

#[rocket::async_test]
async fn the_routes_for_scripts_read_small_json_of_our_own_and_nothing_else() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    adds_a_passkey(&mut ana).await;
    let pending = waits_after_a_link(&app, ANA).await.cookies["gatepost_pending"].clone();
    ana.cookies.insert("gatepost_pending".into(), pending);
    let before = app.dump().await;
    let large = json!({ "credential": "x".repeat(70_000) }).to_string();
    let ours = ("Sec-Fetch-Site", "same-origin");
    for path in [SIGN_IN, SECOND, STEP_UP, ADD] {
        for path in [path.to_owned(), format!("{path}/options")] {
            let json = ("Content-Type", "application/json");
            let form = ("Content-Type", "application/x-www-form-urlencoded");
            for (headers, body, status) in [
                (vec![ours, form], "email=ana%40example.com", 415),
                (vec![ours, ("Content-Type", "text/plain")], "{}", 415),
                (vec![ours], "{}", 415),
                (vec![json, ("Sec-Fetch-Site", "cross-site")], "{}", 403),
                (vec![json, ("Sec-Fetch-Site", "same-site")], "{}", 403),
                (vec![json], "{}", 403),
                (vec![ours, json], &large, 413),
                (vec![ours, json], "[]", 422),
                (vec![ours, json], r#"{"is_admin":"on"}"#, 422),
                (vec![ours, json], r#"{"email":["ana@example.com"]}"#, 422),
                (vec![ours, json], r#"{"then":1,"name":1,"credential":{}}"#, 422),
            ] {
                let page = ana.with(&headers).request(Method::Post, &path, Some(body)).await;
                assert_eq!(page.status.code, status, "{path} {headers:?} {body:.40}");
            }
        }
        sends(&mut ana, path, &json!({})).await.assert_status(422);
        // Anything that an authenticator may have said.
        for credential in [json!(null), json!("x"), json!({}), json!({ "id": 1 }), json!([[[[]]]])] {
            let page = sends(&mut ana, path, &json!({ "credential": credential })).await;
            assert_eq!(page.status.code, 422, "{path} {credential}");
        }
    }
    assert_eq!(app.dump().await, before);
}

#[rocket::async_test]
async fn challenges_are_limited_and_a_flood_of_them_keeps_nobody_from_a_second_factor() {
    let app = app_with_ana().await;
    let mut key = adds_a_passkey(&mut app.signed_in(ANA).await).await;
    let mut flood = app.browser();
    for _ in 0..240 {
        asks(&mut flood, SIGN_IN, &json!({})).await;
    }
    let page = sends(&mut app.browser(), "/login/passkey/options", &json!({})).await;
    page.assert_status(429);
    assert!(page.header("Retry-After").is_some());
    let mut ana = waits_after_a_link(&app, ANA).await;
    leads_to(&shows(&mut ana, SECOND, &mut key, |_| {}).await, "/account");
}

#[rocket::async_test]
async fn without_a_host_name_there_are_no_passkeys_and_the_settings_say_why() {
    let app = Setup::new().with("GATEPOST_BASE_URL", "http://127.0.0.1:8000").start().await;
    app.add_admin(ANA).await;
    app.set("passkey_enabled", "on").await;
    assert!(!app.stored_settings().await.passkey_enabled);
    let mut ana = app.signed_in(ANA).await;
    ana.get(ADD).await.assert_status(404);
    is_refused(&sends(&mut app.browser(), "/login/passkey/options", &json!({})).await, "off");
    app.browser().get("/login").await.assert_hides("passkey");
    ana.get("/admin/settings").await.assert_shows("passkeys need a host name");
    let form = [("email_link_enabled", "on"), ("totp_enabled", "on")];
    ana.post("/admin/settings", &form).await.assert_leads_to("/admin/settings");
    let page = ana.post("/admin/settings", &[("email_link_enabled", "on"), ("passkey_enabled", "on")]).await;
    page.assert_status(422).assert_shows("Passkeys need a host name");
}

#[rocket::async_test]
async fn the_sign_in_page_stays_calm() {
    let app = app_with_ana().await;
    let page = app.browser().get("/login").await;
    let link = page.body.find("Email me a link").unwrap();
    let passkey = page.body.find("data-passkey=\"sign-in\"").unwrap();
    assert!(link < passkey && page.body.contains("autocomplete=\"username webauthn\""));
    app.set("passkey_enabled", "off").await;
    app.a_second_later();
    app.browser().get("/login").await.assert_hides("passkey").assert_hides("webauthn");
    app.set("passkey_enabled", "on").await;
    app.set("email_link_enabled", "off").await;
    app.a_second_later();
    let page = app.browser().get("/login?return_to=/account/close").await;
    page.assert_shows("To use a passkey, turn on JavaScript");
    assert!(page.body.contains("name=\"return_to\" value=\"/account/close\""));
    assert!(!page.body.contains("<form"), "nothing that another way would need");
}

/// Each is an email to the owner, a row and a line. A script that drops its cookies makes as many
/// as it may.
#[rocket::async_test]
async fn strange_browsers_sign_in_by_a_passkey_sixty_times_and_no_more() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut known = app.signed_in(ANA).await;
    let mut key = adds_a_passkey(&mut known).await;
    for n in 0..60 {
        app.clock.advance(Lifetime::millis(1));
        leads_to(&signs_in(&mut app.browser().at(&format!("198.51.100.{n}")), &mut key).await, "/account");
    }
    signs_in(&mut app.browser().at("198.51.100.99"), &mut key).await.assert_status(429);
    known.post_only("/logout", &[]).await.assert_status(303);
    leads_to(&signs_in(&mut known, &mut key).await, "/account");
    app.clock.advance(Lifetime::minutes(15));
    leads_to(&signs_in(&mut app.browser().at("198.51.100.99"), &mut key).await, "/account");
}
