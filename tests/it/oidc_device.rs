//! OpenID Connect: devices without a browser (RFC 8628).

use crate::{
    browser::Browser,
    harness::{Setup, TestApp},
    oidc_app::{OidcApp, Wanted, claims, set_strength, text, userinfo, while_it_waits},
};
use gatepost::{
    db::{self, Tx},
    domain::{
        Lifetime,
        apps::Access,
        assurance::{Required, Strength},
        oidc::client::{ClientRules, Refreshes},
    },
    people::{self, Giver},
};
use rocket::futures::future::join;
use serde_json::{Value, json};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn setup() -> Setup {
    Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m")
}

async fn app_with_users() -> TestApp {
    let app = setup().start().await;
    app.add_account(ANA).await;
    app.add_account(BEN).await;
    app
}

async fn television(app: &TestApp, wanted: Wanted) -> OidcApp {
    let own = wanted.register(app).await;
    let id = own.id;
    app.write(move |connection| db::oidc_devices::allow(connection, id, true)).await;
    own
}

/// Knowledge of a device after it asked.
struct Device {
    code: String,
    shown: String,
}

async fn asks(app: &TestApp, own: &OidcApp, scope: &str) -> Device {
    let (status, body) = own.post(app, "/oidc/device_authorization", &[("scope", scope)]).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!((&body["expires_in"], &body["interval"]), (&json!(600), &json!(5)));
    assert_eq!(text(&body, "verification_uri"), "http://localhost:8000/device");
    let (code, shown) = (text(&body, "device_code").to_owned(), text(&body, "user_code").to_owned());
    assert_eq!(text(&body, "verification_uri_complete"), format!("http://localhost:8000/device?user_code={shown}"));
    Device { code, shown }
}

async fn polls(app: &TestApp, own: &OidcApp, device: &Device) -> (u16, Value) {
    own.post(app, "/oidc/token", &[("grant_type", GRANT), ("device_code", &device.code)]).await
}

async fn hears(app: &TestApp, own: &OidcApp, device: &Device) -> String {
    let (status, body) = polls(app, own, device).await;
    assert_eq!(status, 400, "{body}");
    text(&body, "error").to_owned()
}

/// Types the code, and returns the page with the question.
async fn types(browser: &mut Browser<'_>, device: &Device) -> String {
    let page = browser.post_only("/device", &[("code", &device.shown)]).await;
    let to = page.location().unwrap().to_owned();
    assert!(to.starts_with("/device/confirm?ticket="), "{to}");
    to
}

async fn answers(browser: &mut Browser<'_>, question: &str, answer: &str) -> String {
    let ticket = question.split_once("ticket=").unwrap().1;
    let page = browser.post_only("/device/decide", &[("ticket", ticket), ("answer", answer)]).await;
    page.location().unwrap_or_default().to_owned()
}

#[rocket::async_test]
async fn a_device_signs_in_once_its_user_has_typed_its_code_and_agreed() {
    let app = app_with_users().await;
    for wanted in [Wanted::default(), Wanted::public()] {
        let own = television(&app, wanted).await;
        let device = asks(&app, &own, "openid email unknown").await;
        assert_eq!(hears(&app, &own, &device).await, "authorization_pending");
        let mut ana = app.signed_in(ANA).await;
        app.clock.advance(Lifetime::minutes(2));
        let page = ana.get(&format!("/device?user_code={}", device.shown)).await;
        assert!(page.body.contains(&device.shown), "the code is filled in");
        let question = types(&mut ana, &device).await;
        let page = ana.get(&question).await;
        page.assert_shows("Grafana").assert_shows("203.0.113.7").assert_shows("Your email address");
        page.assert_shows("Only continue if you started this yourself");
        page.assert_shows("203.0.113.7, the same network as this browser").assert_shows("2 minutes ago");
        let mut far = app.browser().at("198.51.100.9");
        far.sign_in(ANA).await;
        let question_there = types(&mut far, &device).await;
        far.get(&question_there).await.assert_shows("203.0.113.7, not the same network as this browser");
        assert_eq!(answers(&mut ana, &question, "yes").await, question);
        ana.get(&question).await.assert_shows("The device is signed in");
        let (status, tokens) = polls(&app, &own, &device).await;
        assert_eq!(status, 200, "{tokens}");
        let told = claims(&app, &tokens).await;
        assert_eq!((text(&told, "email"), &told["amr"]), (ANA, &json!(["email"])));
        assert_eq!((text(&tokens, "scope"), told.get("nonce")), ("openid email", None));
        assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.0, 200);
        // It ends with the session that agreed.
        ana.post_only("/logout", &[]).await.assert_leads_to("/login");
        assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.0, 401);
    }
    let discovery: Value =
        serde_json::from_str(&app.browser().get("/.well-known/openid-configuration").await.body).unwrap();
    assert_eq!(text(&discovery, "device_authorization_endpoint"), "http://localhost:8000/oidc/device_authorization");
    assert!(discovery["grant_types_supported"].as_array().unwrap().contains(&json!(GRANT)));
}

/// Each row of the truth table for the token endpoint.
#[rocket::async_test]
async fn a_device_hears_what_the_standard_says_and_hurrying_costs_it_time() {
    let app = app_with_users().await;
    let own = television(&app, Wanted::default()).await;
    let other = television(&app, Wanted { slug: "wiki", ..Wanted::default() }).await;
    let device = asks(&app, &own, "openid").await;
    assert_eq!(hears(&app, &other, &device).await, "invalid_grant", "another client");
    assert_eq!(hears(&app, &own, &device).await, "authorization_pending");
    assert_eq!(hears(&app, &own, &device).await, "slow_down");
    app.clock.advance(Lifetime::seconds(9));
    assert_eq!(hears(&app, &own, &device).await, "slow_down", "the longer pause is kept");
    app.clock.advance(Lifetime::seconds(15));
    assert_eq!(hears(&app, &own, &device).await, "authorization_pending");
    for (fields, error) in [
        (vec![("grant_type", GRANT)], "invalid_request"),
        (vec![("grant_type", GRANT), ("device_code", "x")], "invalid_grant"),
        (vec![("grant_type", GRANT), ("device_code", &device.shown)], "invalid_grant"),
        (vec![("grant_type", "device_code"), ("device_code", &device.code)], "unsupported_grant_type"),
    ] {
        let (status, body) = own.post(&app, "/oidc/token", &fields).await;
        assert_eq!((status, text(&body, "error")), (400, error), "{fields:?}");
    }
    let mut ana = app.signed_in(ANA).await;
    let question = types(&mut ana, &device).await;
    answers(&mut ana, &question, "no").await;
    ana.get(&question).await.assert_shows("The device isn’t signed in");
    assert_eq!(hears(&app, &own, &device).await, "access_denied");
    answers(&mut ana, &question, "yes").await;
    assert_eq!(hears(&app, &own, &device).await, "access_denied", "the first answer counts");
    let late = asks(&app, &own, "openid").await;
    let question = types(&mut ana, &late).await;
    app.clock.advance(Lifetime::minutes(10));
    assert_eq!(hears(&app, &own, &late).await, "expired_token");
    answers(&mut ana, &question, "yes").await;
    ana.get(&question).await.assert_shows("This code has expired");
    assert_eq!(hears(&app, &own, &late).await, "expired_token");
    let page = ana.post_only("/device", &[("code", &late.shown)]).await;
    assert_eq!(page.location(), Some("/device"), "an expired code is like a wrong one");
}

#[rocket::async_test]
async fn an_app_signs_in_devices_only_if_it_may() {
    let app = app_with_users().await;
    let own = Wanted::default().register(&app).await;
    let (status, body) = own.post(&app, "/oidc/device_authorization", &[("scope", "openid")]).await;
    assert_eq!((status, text(&body, "error")), (400, "unauthorized_client"));
    let own = television(&app, Wanted { slug: "wiki", ..Wanted::default() }).await;
    let device = asks(&app, &own, "openid").await;
    let mut ana = app.signed_in(ANA).await;
    let question = types(&mut ana, &device).await;
    let id = own.id;
    app.write(move |connection| db::oidc_devices::allow(connection, id, false)).await;
    answers(&mut ana, &question, "yes").await;
    ana.get(&question).await.assert_shows("This code has expired");
    assert_eq!(hears(&app, &own, &device).await, "unauthorized_client", "the device need not ask again");
    let wrong = OidcApp { secret: Some("x".to_owned()), client_id: "wiki".to_owned(), id };
    assert_eq!(wrong.post(&app, "/oidc/device_authorization", &[]).await.0, 401);
}

/// An attacker's device, whose code or link reaches a victim.
#[rocket::async_test]
async fn no_link_agrees_for_a_user_and_an_answer_counts_in_one_session_with_a_fresh_proof() {
    let app = app_with_users().await;
    let own = television(&app, Wanted::default()).await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::hours(1));
    let device = asks(&app, &own, "openid").await;
    let before = app.dump().await;
    ana.get(&format!("/device?user_code={}", device.shown)).await.assert_status(200);
    for odd in ["", "x", &device.code] {
        ana.get(&format!("/device/confirm?ticket={odd}")).await.assert_shows("This code has expired");
    }
    assert_eq!(app.dump().await, before);
    let question = types(&mut ana, &device).await;
    ana.get(&question).await.assert_shows("Let this device sign in?");
    assert_eq!(hears(&app, &own, &device).await, "authorization_pending", "looking is not agreeing");
    let step_up = answers(&mut ana, &question, "yes").await;
    assert!(step_up.starts_with("/step-up?then="), "{step_up}");
    app.clock.advance(Lifetime::seconds(5));
    assert_eq!(hears(&app, &own, &device).await, "authorization_pending", "an old proof is not enough");
    // Another user, or the same in another browser, cannot use the ticket.
    for email in [BEN, ANA] {
        let mut other = app.signed_in(email).await;
        other.get(&question).await.assert_shows("This code has expired");
        answers(&mut other, &question, "yes").await;
        answers(&mut other, &question, "no").await;
    }
    app.clock.advance(Lifetime::seconds(5));
    assert_eq!(hears(&app, &own, &device).await, "authorization_pending");
    ana.step_up(ANA).await;
    answers(&mut ana, &question, "yes").await;
    assert_eq!(polls(&app, &own, &device).await.0, 200);
}

#[rocket::async_test]
async fn guessing_codes_of_devices_is_limited_for_a_user_and_for_a_network() {
    let app = app_with_users().await;
    let own = television(&app, Wanted::default()).await;
    let device = asks(&app, &own, "openid").await;
    let mut ana = app.signed_in(ANA).await;
    for n in 0..10 {
        let guess = if n % 2 == 0 { "BCDF-GHJK" } else { "nonsense" };
        let page = ana.post_only("/device", &[("code", guess)]).await;
        assert_eq!(page.location(), Some("/device"));
        ana.get("/device").await.assert_shows("That code is wrong or has expired.").assert_status(422);
    }
    let page = ana.post_only("/device", &[("code", &device.shown)]).await;
    assert!(!page.location().unwrap_or_default().starts_with("/device/confirm"), "{:?}", page.location());
    app.clock.advance(Lifetime::minutes(9));
    let (status, body) = {
        for _ in 0..29 {
            asks(&app, &own, "openid").await;
        }
        own.post(&app, "/oidc/device_authorization", &[("scope", "openid")]).await
    };
    assert_eq!((status, text(&body, "error")), (429, "temporarily_unavailable"));
}

/// Four users of one network, each below a limit of their own.
#[rocket::async_test]
async fn a_network_types_thirty_codes_of_devices_in_a_quarter_of_an_hour() {
    let app = app_with_users().await;
    let own = television(&app, Wanted::default()).await;
    let device = asks(&app, &own, "openid").await;
    let last = "dan@example.com";
    for email in ["cid@example.com", last] {
        app.add_account(email).await;
    }
    for email in [ANA, BEN, "cid@example.com"] {
        let mut browser = app.signed_in(email).await;
        for _ in 0..10 {
            assert_eq!(browser.post_only("/device", &[("code", "BCDF-GHJK")]).await.location(), Some("/device"));
        }
    }
    let code = [("code", &*device.shown)];
    let mut dan = app.signed_in(last).await;
    dan.post("/device", &code).await.assert_status(429);
    let mut elsewhere = app.browser().at("198.51.100.9");
    elsewhere.sign_in(last).await;
    types(&mut elsewhere, &device).await;
    app.clock.advance(Lifetime::minutes(15));
    let next = asks(&app, &own, "openid").await;
    types(&mut dan, &next).await;
}

/// Our own pages would take a proof of this age.
#[rocket::async_test]
async fn a_device_of_an_app_that_wants_a_young_proof_waits_for_one() {
    let app = app_with_users().await;
    let required = Required { strength: Strength::One, fresh_within: Some(Lifetime::minutes(2)) };
    let own = television(&app, Wanted { required, ..Wanted::default() }).await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(5));
    let device = asks(&app, &own, "openid").await;
    let question = types(&mut ana, &device).await;
    let to = answers(&mut ana, &question, "yes").await;
    assert!(to.starts_with("/step-up?"), "{to}");
    assert_eq!(hears(&app, &own, &device).await, "authorization_pending");
    ana.step_up(ANA).await;
    assert_eq!(answers(&mut ana, &question, "yes").await, question);
    app.clock.advance(Lifetime::seconds(6));
    assert_eq!(polls(&app, &own, &device).await.0, 200);
}

#[rocket::async_test]
async fn a_device_gets_what_its_user_may_have_when_it_asks() {
    let app = app_with_users().await;
    let closed = television(&app, Wanted { access: Access::default(), ..Wanted::default() }).await;
    let device = asks(&app, &closed, "openid").await;
    let mut ana = app.signed_in(ANA).await;
    let question = types(&mut ana, &device).await;
    assert_eq!(answers(&mut ana, &question, "yes").await, "/device");
    ana.get("/device").await.assert_shows("doesn’t have access to the app").assert_status(403);
    assert_eq!(hears(&app, &closed, &device).await, "authorization_pending");
    let required = Required { strength: Strength::Two, fresh_within: None };
    let strong = television(&app, Wanted { slug: "wiki", required, ..Wanted::default() }).await;
    let device = asks(&app, &strong, "openid").await;
    let question = types(&mut ana, &device).await;
    let to = answers(&mut ana, &question, "yes").await;
    assert!(!to.starts_with("/device"), "{to}");
    assert_eq!(hears(&app, &strong, &device).await, "authorization_pending");
    // The session ends between the answer and the question.
    let open = television(&app, Wanted { slug: "files", ..Wanted::default() }).await;
    let device = asks(&app, &open, "openid").await;
    let question = types(&mut ana, &device).await;
    answers(&mut ana, &question, "yes").await;
    ana.post_only("/logout", &[]).await.assert_leads_to("/login");
    assert_eq!(hears(&app, &open, &device).await, "invalid_grant");
}

/// An app of others may read no more than the page told.
#[rocket::async_test]
async fn agreeing_for_a_device_is_a_consent_to_what_the_page_told() {
    let app = app_with_users().await;
    let rules = ClientRules { is_third_party: true, ..ClientRules::new(false) };
    let own = television(&app, Wanted { rules, ..Wanted::default() }).await;
    let device = asks(&app, &own, "openid email").await;
    let mut ana = app.signed_in(ANA).await;
    let question = types(&mut ana, &device).await;
    ana.get(&question).await.assert_shows("Your email address").assert_hides("Your groups");
    answers(&mut ana, &question, "yes").await;
    let (_, tokens) = polls(&app, &own, &device).await;
    assert_eq!(text(&tokens, "scope"), "openid email");
    let account = app.account_of(ANA).await.unwrap();
    let id = own.id;
    let scopes = app.read(move |connection| db::oidc_grants::consent(connection, account.id, id)).await;
    assert_eq!(scopes.unwrap().text(), "openid email");
}

/// The app gets no refresh tokens, so that the page does not speak of them.
#[rocket::async_test]
async fn agreeing_for_a_device_is_no_consent_to_what_an_admin_allows_later() {
    let app = app_with_users().await;
    let rules = ClientRules { is_third_party: true, refreshes: Refreshes::Never, ..ClientRules::new(false) };
    let own = television(&app, Wanted { rules, ..Wanted::default() }).await;
    let device = asks(&app, &own, "openid email offline_access").await;
    let mut ana = app.signed_in(ANA).await;
    let question = types(&mut ana, &device).await;
    ana.get(&question).await.assert_shows("Your email address").assert_hides("even while you’re signed out");
    answers(&mut ana, &question, "yes").await;
    let line = app.audit().await.into_iter().find(|line| line.action.into_str() == "app_consent_given").unwrap();
    assert_eq!(line.after.as_deref(), Some("openid email"));
    let id = own.id;
    app.write(move |connection| {
        let mut client = db::oidc_clients::of_app(connection, id)?.unwrap();
        client.rules.refreshes = Refreshes::Asked;
        db::oidc_clients::update(connection, &client).map(drop)
    })
    .await;
    let scope = [("scope", "openid email offline_access")];
    ana.get(&own.path(&scope)).await.assert_shows("even while you’re signed out");
}

/// Returns two nodes, and a device whose user has agreed.
async fn agreed(app: &TestApp, own: &OidcApp) -> Device {
    let device = asks(app, own, "openid").await;
    let mut ana = app.signed_in(ANA).await;
    let question = types(&mut ana, &device).await;
    answers(&mut ana, &question, "yes").await;
    device
}

#[rocket::async_test]
async fn a_device_code_counts_once_and_a_second_use_ends_what_the_first_gave() {
    let app = app_with_users().await;
    let own = television(&app, Wanted::default()).await;
    let device = agreed(&app, &own).await;
    let (status, tokens) = polls(&app, &own, &device).await;
    assert_eq!(status, 200);
    assert_eq!(hears(&app, &own, &device).await, "invalid_grant");
    assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.0, 401);
}

#[rocket::async_test]
async fn a_device_code_that_two_nodes_redeem_at_once_gives_nothing_that_lasts() {
    let app = app_with_users().await;
    let other = setup().beside(&app).start().await;
    let own = television(&app, Wanted::default()).await;
    for _ in 0..5 {
        let device = agreed(&app, &own).await;
        let (one, two) = join(polls(&app, &own, &device), polls(&other, &own, &device)).await;
        let given: Vec<&Value> =
            [&one, &two].into_iter().filter(|(status, _)| *status == 200).map(|(_, body)| body).collect();
        assert!(given.len() <= 1, "{one:?} {two:?}");
        for tokens in given {
            assert_eq!(userinfo(&app, text(tokens, "access_token")).await.0, 401);
        }
    }
}

/// An admin turns devices off while a device's request waits for the lock of its user.
#[rocket::async_test]
async fn a_device_that_waits_for_a_lock_while_devices_are_turned_off_gets_no_tokens() {
    let app = app_with_users().await;
    let own = television(&app, Wanted::default()).await;
    let device = agreed(&app, &own).await;
    let turn_off = |tx: &mut Tx<'_>| db::settings::store(tx.connection, "device_grant_enabled", "off", tx.now);
    assert_eq!(while_it_waits(&app, turn_off, hears(&app, &own, &device)).await, "unsupported_grant_type");
    app.set("device_grant_enabled", "on").await;
    app.a_second_later();
    assert_eq!(polls(&app, &own, &device).await.0, 200, "the code still counts once");
}

/// The same with the app itself. What it gets back later is not lost.
#[rocket::async_test]
async fn a_device_that_waits_for_a_lock_while_its_app_asks_for_more_gets_no_tokens() {
    let app = app_with_users().await;
    let own = television(&app, Wanted::default()).await;
    let device = agreed(&app, &own).await;
    let id = own.id;
    let more = move |tx: &mut Tx<'_>| set_strength(tx, id, Strength::Two);
    assert_eq!(while_it_waits(&app, more, hears(&app, &own, &device)).await, "invalid_grant");
    app.transact(move |tx| set_strength(tx, id, Strength::One)).await;
    app.clock.advance(Lifetime::seconds(6));
    assert_eq!(polls(&app, &own, &device).await.0, 200, "the code still counts once");
}

/// Events that can spoil a code after its user has agreed.
const SPOILT: [&str; 6] = ["expired", "used", "signed out", "disabled", "no devices", "closed"];

async fn spoil(app: &TestApp, own: &OidcApp, (device, ana): (&Device, &mut Browser<'_>), how: &str) {
    let (id, now) = (own.id, app.services.now());
    match how {
        "expired" => app.clock.advance(Lifetime::minutes(11)),
        "used" => drop(polls(app, own, device).await),
        "signed out" => drop(ana.post_only("/logout", &[]).await),
        "disabled" => {
            let account = app.account_of(ANA).await.unwrap();
            app.transact(move |tx| people::disable(tx, &account, Giver::Operator).map(drop)).await;
        }
        "no devices" => app.write(move |connection| db::oidc_devices::allow(connection, id, false).map(drop)).await,
        "closed" => {
            app.write(move |connection| {
                let mut registered = db::apps::find(connection, id)?.unwrap();
                registered.app.access = Access::default();
                db::apps::update(connection, &registered, now).map(drop)
            })
            .await;
        }
        _ => unreachable!("{how}"),
    }
}

#[rocket::async_test]
async fn a_code_that_is_spoilt_in_one_way_or_in_two_gives_nothing() {
    for (at, one) in SPOILT.into_iter().enumerate() {
        for other in SPOILT.into_iter().take(at + 1) {
            let app = app_with_users().await;
            let own = television(&app, Wanted::default()).await;
            let device = asks(&app, &own, "openid").await;
            let mut ana = app.signed_in(ANA).await;
            let question = types(&mut ana, &device).await;
            answers(&mut ana, &question, "yes").await;
            for how in [one, other] {
                spoil(&app, &own, (&device, &mut ana), how).await;
            }
            app.clock.advance(Lifetime::seconds(6));
            let (status, body) = polls(&app, &own, &device).await;
            assert!(status == 400 && body["error"].is_string(), "{one}, {other}: {status} {body}");
            assert!(body.get("access_token").is_none(), "{one}, {other}");
        }
    }
}
