//! OpenID Connect: an app's wish for a new or stronger proof ends at a page, and then at the app.

use crate::{
    authenticator::Key,
    browser::{Browser, Page},
    harness::{Setup, TestApp},
    oidc_app::{CALLBACK, OidcApp, Wanted, claims, comes_back},
    passkey_pages::{adds_a_passkey, asks, sends, signed},
    totp::{Phone, sets_up_an_app},
};
use gatepost::domain::{
    Lifetime,
    assurance::{Required, Strength},
    oidc::client::ClientRules,
};
use serde_json::json;

const ANA: &str = "ana@example.com";

async fn app_with_ana() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app.add_account("ben@example.com").await;
    app
}

fn required(strength: Strength, minutes: Option<i64>) -> Required {
    Required { strength, fresh_within: minutes.map(Lifetime::minutes) }
}

/// Follows redirects to the page where they end, or back to the app.
pub async fn follow(browser: &mut Browser<'_>, path: &str) -> (String, Page) {
    let mut at = path.to_owned();
    for _ in 0..6 {
        let page = browser.get(&at).await;
        match page.location() {
            Some(to) if to.starts_with('/') => at = to.to_owned(),
            _ => return (at, page),
        }
    }
    panic!("{at} leads on for ever");
}

#[derive(Default)]
struct Means {
    phone: Option<Phone>,
    key: Option<Key>,
}

/// No code counts twice.
fn next_code(app: &TestApp, phone: &Phone) -> String {
    app.clock.advance(Lifetime::seconds(30));
    phone.shows(app)
}

/// Follows a request to the page that asks for a proof, gives one, and comes back with the code.
async fn proves(browser: &mut Browser<'_>, path: &str, means: &mut Means) -> String {
    let app = browser.app;
    let (at, page) = follow(browser, path).await;
    assert!(at.starts_with("/step-up?"), "{at}");
    page.assert_status(200).assert_shows("Verify it’s you");
    let then = page.hidden("then").replace("&#38;", "&");
    let page = match means {
        Means { key: Some(key), .. } => {
            let options = asks(browser, "/step-up/passkey", &json!({ "then": then })).await;
            sends(browser, "/step-up/passkey", &signed(app, key, &options, |_| {})).await.assert_status(200);
            follow(browser, &then).await.1
        }
        Means { phone: Some(phone), .. } => {
            let form = [("code", &*next_code(app, phone)), ("then", &*then)];
            let page = browser.post_only("/step-up/second-factor", &form).await;
            follow(browser, page.location().unwrap()).await.1
        }
        Means { .. } => {
            browser.post("/step-up", &[("then", &then)]).await.assert_leads_to("/login/sent");
            let link = app.mail_to(ANA).await.link();
            browser.open(&link).await;
            let page = browser.post("/auth/verify", &[]).await;
            follow(browser, page.location().unwrap()).await.1
        }
    };
    assert!(page.location().is_some_and(|to| to.starts_with(CALLBACK)), "{:?} {}", page.location(), page.text());
    comes_back(&page)["code"].clone()
}

async fn auth_time_is_now(app: &TestApp, own: &OidcApp, code: &str) {
    let (status, tokens) = own.redeem(app, code, &[]).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(claims(app, &tokens).await["auth_time"], json!(app.services.now().as_seconds()));
}

/// Our own pages would ask for nothing: the proof is young enough for them.
#[rocket::async_test]
async fn a_wish_for_a_new_proof_in_a_fresh_session_leads_to_a_page_and_through_it_to_the_app() {
    let app = app_with_ana().await;
    let any = Wanted::default().register(&app).await;
    let fresh = Wanted { slug: "bank", required: required(Strength::One, Some(2)), ..Wanted::default() };
    let fresh = fresh.register(&app).await;
    let rules = ClientRules { is_third_party: true, ..ClientRules::new(false) };
    let others = Wanted { slug: "wiki", rules, ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    for more in [("prompt", "login"), ("max_age", "0"), ("max_age", "1")] {
        app.clock.advance(Lifetime::seconds(5));
        let code = proves(&mut ana, &any.path(&[more]), &mut Means::default()).await;
        auth_time_is_now(&app, &any, &code).await;
    }
    app.clock.advance(Lifetime::minutes(3));
    let code = proves(&mut ana, &fresh.path(&[]), &mut Means::default()).await;
    auth_time_is_now(&app, &fresh, &code).await;
    // What a page of ours takes out of the request leaves it the same request.
    app.clock.advance(Lifetime::minutes(1));
    let (_, page) = follow(&mut ana, &others.path(&[("prompt", "login consent")])).await;
    let then = page.hidden("then").replace("&#38;", "&");
    ana.post("/step-up", &[("then", &then)]).await.assert_leads_to("/login/sent");
    let link = app.mail_to(ANA).await.link();
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to(&then);
    let (_, page) = follow(&mut ana, &then).await;
    page.assert_shows("Share your data with this app?");
    let (resume, account) = (page.hidden("resume").to_owned(), page.hidden("account").to_owned());
    let yes = ana.post_only("/oidc/consent", &[("resume", &resume), ("account", &account), ("answer", "yes")]).await;
    let (_, page) = follow(&mut ana, yes.location().unwrap()).await;
    assert!(comes_back(&page).contains_key("code"));
}

#[rocket::async_test]
async fn an_app_that_requires_a_passkey_asks_for_it_after_a_fresh_code() {
    let app = app_with_ana().await;
    let own = Wanted { required: required(Strength::Passkey, None), ..Wanted::default() }.register(&app).await;
    let recent = Wanted { slug: "bank", required: required(Strength::Two, Some(1)), ..Wanted::default() };
    let recent = recent.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let phone = Some(sets_up_an_app(&mut ana).await);
    app.clock.advance(Lifetime::minutes(2));
    let mut means = Means { phone, key: None };
    proves(&mut ana, &recent.path(&[]), &mut means).await;
    means.key = Some(adds_a_passkey(&mut ana).await);
    let mut other = app.browser();
    other.sign_in_to(ANA, &[]).await;
    let code = next_code(&app, means.phone.as_ref().unwrap());
    other.post("/login/second-factor", &[("code", &code)]).await.assert_status(303);
    let (at, page) = follow(&mut other, &own.path(&[])).await;
    assert!(at.ends_with("&need=passkey"), "{at}");
    page.assert_shows("Grafana asks for a passkey.");
    let code = proves(&mut other, &own.path(&[]), &mut means).await;
    assert_eq!(own.redeem(&app, &code, &[]).await.0, 200);
}

/// A remembered browser signs in by the link alone, so that the account could show more than it
/// has.
#[rocket::async_test]
async fn an_app_that_asks_for_two_factors_in_its_request_leads_to_them_and_gets_that_class() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let phone = sets_up_an_app(&mut app.signed_in(ANA).await).await;
    app.set("trusted_devices_enabled", "on").await;
    app.a_second_later();
    let mut means = Means { phone: Some(phone), key: None };
    let mut ana = app.browser();
    ana.sign_in_to(ANA, &[]).await;
    let code = next_code(&app, means.phone.as_ref().unwrap());
    ana.post("/login/second-factor", &[("code", &code), ("trust", "on")]).await.assert_status(303);
    let essential = r#"{"id_token":{"acr":{"essential":true,"value":"urn:gatepost:two"}}}"#;
    for more in [("acr_values", "urn:gatepost:two"), ("acr_values", "phr urn:gatepost:two"), ("claims", essential)] {
        ana.post("/logout", &[]).await.assert_leads_to("/login");
        app.clock.advance(Lifetime::minutes(6));
        ana.sign_in_to(ANA, &[]).await;
        let tokens = own.tokens(&mut ana, &[]).await;
        assert_eq!(claims(&app, &tokens).await["acr"], json!("urn:gatepost:one"));
        let code = proves(&mut ana, &own.path(&[more]), &mut means).await;
        let (status, tokens) = own.redeem(&app, &code, &[]).await;
        assert_eq!(status, 200, "{tokens}");
        assert_eq!(claims(&app, &tokens).await["acr"], json!("urn:gatepost:two"), "{more:?}");
    }
}

/// A sign-in that the request itself asked for is the new proof.
#[rocket::async_test]
async fn a_user_who_signs_in_for_a_request_is_not_asked_for_a_new_proof_again() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    for more in [("prompt", "login"), ("max_age", "0"), ("max_age", "1")] {
        let mut ana = app.browser();
        let (_, page) = follow(&mut ana, &own.path(&[more])).await;
        let return_to = page.hidden("return_to").replace("&#38;", "&");
        let page = ana.sign_in_to(ANA, &[("return_to", &return_to)]).await;
        app.clock.advance(Lifetime::seconds(3));
        let (_, page) = follow(&mut ana, page.location().unwrap()).await;
        let back = comes_back(&page);
        assert_eq!(own.redeem(&app, &back["code"], &[]).await.0, 200);
        // The same way back counts for no session that began before it.
        let mut old = app.signed_in(ANA).await;
        app.clock.advance(Lifetime::seconds(3));
        let (_, page) = follow(&mut app.browser(), &own.path(&[more])).await;
        let return_to = page.hidden("return_to").replace("&#38;", "&");
        assert!(follow(&mut old, &return_to).await.0.starts_with("/step-up?"), "{more:?}");
    }
}

#[rocket::async_test]
async fn the_way_back_from_a_new_proof_counts_for_its_user_and_for_ten_minutes() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::seconds(5));
    let asks = ana.get(&own.path(&[("prompt", "login")])).await.then();
    // Ben has signed in since. It was not asked of him.
    app.clock.advance(Lifetime::seconds(5));
    let mut ben = app.signed_in("ben@example.com").await;
    assert!(follow(&mut ben, &asks).await.0.starts_with("/step-up?"));
    ana.post("/step-up", &[("then", &asks)]).await.assert_leads_to("/login/sent");
    let link = app.mail_to(ANA).await.link();
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to(&asks);
    app.clock.advance(Lifetime::minutes(9));
    assert!(comes_back(&follow(&mut ana, &asks).await.1).contains_key("code"));
    app.clock.advance(Lifetime::minutes(1));
    assert!(follow(&mut ana, &asks).await.0.starts_with("/step-up?"));
}

/// The email takes its time. The user who then follows its link is not asked a second time.
#[rocket::async_test]
async fn a_proof_by_a_slow_email_counts_and_a_proof_of_long_ago_does_not() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    for more in [("prompt", "login"), ("max_age", "0")] {
        let mut ana = app.signed_in(ANA).await;
        app.clock.advance(Lifetime::seconds(5));
        let asks = ana.get(&own.path(&[more])).await.then();
        app.clock.advance(Lifetime::minutes(7));
        ana.post("/step-up", &[("then", &asks)]).await.assert_leads_to("/login/sent");
        let link = app.mail_to(ANA).await.link();
        app.clock.advance(Lifetime::minutes(7));
        ana.open(&link).await;
        ana.post("/auth/verify", &[]).await.assert_leads_to(&asks);
        assert!(comes_back(&follow(&mut ana, &asks).await.1).contains_key("code"), "{more:?}");
        // Neither the note nor the proof counts for ever.
        app.clock.advance(Lifetime::minutes(10));
        assert!(follow(&mut ana, &asks).await.0.starts_with("/step-up?"), "{more:?}");
    }
}
