//! The end of a sign-in for an app. A page leads to the app, and to nothing that a request names.

use crate::{
    browser::{Browser, Page},
    german::is_german,
    harness::TestApp,
    passkey_pages::{adds_a_passkey, leads_to, shows},
    totp::{sets_up_an_app, waits_after_a_link},
};
use diesel::connection::SimpleConnection;
use gatepost::{
    db,
    domain::{Destination, HeldFormId, Lifetime, ReturnTo, session::HeldForm},
    entropy::SystemEntropy,
};

const ANA: &str = "ana@example.com";
const WIKI: &str = "https://wiki.example.com/callback?code=x&state=y";
const ELSEWHERE: [&str; 2] = ["app:0000000000000001:https://evil.example/", "https://evil.example/"];

async fn app_with_ana() -> TestApp {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app
}

/// Has what is in progress lead to this destination, as a row of ours says it.
async fn leads(app: &TestApp, stored: &str) {
    let stored = stored.replace('\'', "''");
    let change =
        format!("UPDATE attempts SET return_to = '{stored}'; UPDATE pending_sign_ins SET return_to = '{stored}';");
    app.write(move |connection| Ok(connection.batch_execute(&change)?)).await;
}

fn for_app(url: &str) -> String {
    format!("app:0123456789abcdef:{url}")
}

#[track_caller]
fn leaves_for(page: &Page, url: &str) {
    page.assert_status(200).assert_shows("Continue to the app");
    let escaped = url.replace('&', "&#38;");
    assert!(
        page.body.contains(&format!("<meta http-equiv=\"refresh\" content=\"0; url={escaped}\">")),
        "{}",
        page.body
    );
    assert!(page.body.contains(&format!("href=\"{escaped}\"")), "{}", page.body);
    assert!(page.location().is_none());
    assert!(page.header("Content-Security-Policy").unwrap().contains("form-action 'self'"));
    assert_eq!(page.header("Referrer-Policy"), Some("same-origin"), "the app does not learn our address");
}

/// Asks for an email in a new browser whose attempt leads to the app.
async fn asks_for_the_app(app: &TestApp) -> Browser<'_> {
    app.clock.advance(Lifetime::minutes(5));
    let mut browser = app.browser();
    browser.post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    leads(app, &for_app(WIKI)).await;
    browser
}

#[rocket::async_test]
async fn every_sign_in_for_an_app_ends_on_the_page_that_leads_there() {
    let app = app_with_ana().await;

    let mut by_code = asks_for_the_app(&app).await;
    let code = app.mail_to(ANA).await.code();
    let mut other_tab = Browser { cookies: by_code.cookies.clone(), ..app.browser() };
    leaves_for(&by_code.post_only("/login/code", &[("code", &code)]).await, WIKI);
    assert!(by_code.is_signed_in_as(ANA).await);
    other_tab.cookies.extend(by_code.cookies.clone());
    leaves_for(&other_tab.get("/login/sent").await, WIKI);

    let mut by_link = asks_for_the_app(&app).await;
    by_link.open(&app.mail_to(ANA).await.link()).await;
    leaves_for(&by_link.post_only("/auth/verify", &[]).await, WIKI);
    assert!(by_link.is_signed_in_as(ANA).await);

    let phone = sets_up_an_app(&mut by_link).await;
    let mut with_a_factor = waits_after_a_link(&app, ANA).await;
    leads(&app, &for_app(WIKI)).await;
    leaves_for(&with_a_factor.post_only("/login/second-factor", &[("code", &phone.shows(&app))]).await, WIKI);
    assert!(with_a_factor.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn a_destination_outlives_the_wait_for_a_second_factor() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    app.deliver().await;
    let mut browser = asks_for_the_app(&app).await;
    browser.open(&app.mail_to(ANA).await.link()).await;
    browser.post("/auth/verify", &[]).await.assert_leads_to("/login/second-factor");
    leaves_for(&browser.post_only("/login/second-factor", &[("code", &phone.shows(&app))]).await, WIKI);
}

#[rocket::async_test]
async fn a_step_up_for_an_app_ends_there_too() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(16));
    ana.post("/step-up", &[]).await.assert_leads_to("/login/sent");
    leads(&app, &for_app(WIKI)).await;
    ana.open(&app.mail_to(ANA).await.link()).await;
    leaves_for(&ana.post_only("/auth/verify", &[]).await, WIKI);
}

/// A script goes there itself: no form is sent, so that no policy is in its way.
#[rocket::async_test]
async fn a_script_gets_the_app_s_address() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let mut key = adds_a_passkey(&mut ana).await;
    let mut browser = waits_after_a_link(&app, ANA).await;
    leads(&app, &for_app(WIKI)).await;
    leads_to(&shows(&mut browser, "/login/second-factor/passkey", &mut key, |_| {}).await, WIKI);
}

#[rocket::async_test]
async fn the_page_says_where_the_user_goes_in_their_language_and_shows_no_look_alike() {
    let app = app_with_ana().await;
    for (url, shown) in [
        (WIKI, "wiki.example.com"),
        ("https://xn--mnchen-3ya.de/", "münchen.de"),
        ("https://xn--exmple-4nf.com:8443/", "xn--exmple-4nf.com:8443"),
        ("https://wiki.example.com:8443/x", "wiki.example.com:8443"),
    ] {
        let mut ana = asks_for_the_app(&app).await;
        leads(&app, &for_app(url)).await;
        let code = app.mail_to(ANA).await.code();
        let page = ana.post_only("/login/code", &[("code", &code)]).await;
        leaves_for(&page, url);
        assert!(page.body.contains(&format!("<bdi>{shown}</bdi>")), "{}", page.body);
        let page = ana.speaking("de").get("/login/sent").await;
        is_german(&page, "Sie verlassen Gatepost");
        assert!(page.body.contains(&format!("<bdi>{shown}</bdi>")), "{}", page.body);
    }
}

/// Rows from before hold a path. Anything that we did not write leads to the account page.
#[rocket::async_test]
async fn older_rows_lead_to_their_page_and_damaged_ones_to_the_account_page() {
    let app = app_with_ana().await;
    for (stored, to) in [
        ("/account?done=name", "/account?done=name"),
        ("app:0123456789abcdef:http://evil.example/", "/account"),
        ("app:0123456789abcdef:javascript:alert(1)", "/account"),
        ("app:x:https://evil.example/", "/account"),
        ("https://evil.example/", "/account"),
        ("//evil.example", "/account"),
        ("", "/account"),
    ] {
        let mut ana = asks_for_the_app(&app).await;
        leads(&app, stored).await;
        let code = app.mail_to(ANA).await.code();
        ana.post_only("/login/code", &[("code", &code)]).await.assert_leads_to(to);
    }
}

#[rocket::async_test]
async fn nothing_that_a_request_says_leads_to_an_app() {
    let app = app_with_ana().await;
    app.set("password_enabled", "on").await;
    app.a_second_later();
    let mut ana = app.signed_in(ANA).await;
    for hostile in ELSEWHERE {
        let encoded: String = url::form_urlencoded::byte_serialize(hostile.as_bytes()).collect();
        for path in ["/login?return_to=", "/login/password?return_to=", "/step-up?then="] {
            ana.get(&format!("{path}{encoded}")).await.assert_leads_to("/account");
        }
        ana.post_only("/login/forget", &[("return_to", hostile)]).await.assert_leads_to("/login");
        app.clock.advance(Lifetime::minutes(5));
        let mut stranger = app.browser();
        stranger.sign_in_to(ANA, &[("return_to", hostile)]).await.assert_leads_to("/account");
        let rows = app.dump().await;
        assert!(!rows.contains("evil.example"), "{rows}");
    }
}

#[rocket::async_test]
async fn a_held_form_keeps_its_destination() {
    let app = app_with_ana().await;
    app.signed_in(ANA).await;
    let id = app.account_of(ANA).await.unwrap().id;
    let now = app.services.now();
    app.write(move |connection| {
        let session_id = db::sessions::of_account(connection, id)?.remove(0).id;
        let page = Destination::from(ReturnTo::parse("/account/address"));
        for destination in [Destination::from_stored(&for_app(WIKI)), page] {
            let form = HeldForm {
                id: HeldFormId::issue(&SystemEntropy),
                session_id,
                destination: destination.clone(),
                fields: vec![("name".to_owned(), "Ana".to_owned())],
            };
            db::held_forms::insert(connection, &form, now)?;
            let found = db::held_forms::find(connection, form.id, session_id, now)?.unwrap();
            assert_eq!(found.field("name"), Some("Ana"));
            assert_eq!(found.destination, destination);
        }
        Ok(())
    })
    .await;
}
