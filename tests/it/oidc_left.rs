//! OpenID Connect: what apps have beyond a sign-out ends when the owner says that it was not them.

use crate::{
    browser::Browser,
    harness::{TestApp, local},
    oidc_app::{ANA, OidcApp, Wanted, app_with_ana, text, userinfo},
};
use gatepost::{domain::Lifetime, housekeeping};
use serde_json::Value;

const OFFLINE: [(&str, &str); 1] = [("scope", "openid offline_access")];

/// A browser of another make, in another place.
fn elsewhere(app: &TestApp) -> Browser<'_> {
    let mut browser = app.browser().at("198.51.100.77");
    browser.user_agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0.0.0".into();
    browser
}

/// Gives an app access that outlasts the session, and signs out.
async fn leaves_something(own: &OidcApp, thief: &mut Browser<'_>) -> Value {
    let tokens = own.tokens(thief, &OFFLINE).await;
    thief.post_only("/logout", &[]).await.assert_leads_to("/login");
    let (status, tokens) = own.refresh(thief.app, text(&tokens, "refresh_token"), &[]).await;
    assert_eq!(status, 200, "it outlasts the sign-out: {tokens}");
    tokens
}

async fn has_ended(app: &TestApp, own: &OidcApp, tokens: &Value) {
    let (status, body) = own.refresh(app, text(tokens, "refresh_token"), &[]).await;
    assert_eq!((status, text(&body, "error")), (400, "invalid_grant"));
    assert_eq!(userinfo(app, text(tokens, "access_token")).await.0, 401);
}

#[rocket::async_test]
async fn the_link_about_a_new_browser_ends_what_a_thief_left_at_apps_before_signing_out() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let hers = own.tokens(&mut ana, &OFFLINE).await;
    let mut thief = elsewhere(&app);
    thief.sign_in(ANA).await;
    let mail = app.new_browsers_told_to(ANA).await.pop().unwrap();
    let link = local(mail.text.split_whitespace().find(|word| word.contains("/auth/new-browser?token=")).unwrap());
    let tokens = leaves_something(&own, &mut thief).await;
    let mut anywhere = app.browser();
    anywhere.open(&link).await.assert_status(200).assert_shows("Sign out the new browser?");
    anywhere.submit("/auth/new-browser", &[]).await.assert_shows("The new browser is signed out");
    has_ended(&app, &own, &tokens).await;
    assert!(app.audit().await.iter().any(|line| line.action.into_str() == "session_revoked"));
    anywhere.open(&link).await.assert_shows("The new browser is signed out");
    assert_eq!(own.refresh(&app, text(&hers, "refresh_token"), &[]).await.0, 200, "her own stays");
}

#[rocket::async_test]
async fn the_link_not_me_ends_what_a_thief_left_at_apps_before_signing_out() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let hers = own.tokens(&mut ana, &OFFLINE).await;
    let mut thief = elsewhere(&app);
    thief.post("/login", &[("email", ANA)]).await;
    let mail = app.mail_to(ANA).await;
    thief.open(&mail.link()).await;
    thief.post("/auth/verify", &[]).await.assert_status(303);
    let tokens = leaves_something(&own, &mut thief).await;
    app.clock.advance(Lifetime::minutes(1));
    ana.open(&mail.cancel_link()).await.assert_shows("Cancel this request?");
    ana.post("/auth/cancel", &[]).await.assert_status(303);
    has_ended(&app, &own, &tokens).await;
    assert_eq!(own.refresh(&app, text(&hers, "refresh_token"), &[]).await.0, 200, "her own stays");
}

/// A thief's access lasts for months, and so does the way to end it.
#[rocket::async_test]
async fn the_link_not_me_works_as_long_as_an_app_has_what_a_thief_left() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut thief = elsewhere(&app);
    thief.post("/login", &[("email", ANA)]).await;
    let mail = app.mail_to(ANA).await;
    thief.open(&mail.link()).await;
    thief.post("/auth/verify", &[]).await.assert_status(303);
    let tokens = leaves_something(&own, &mut thief).await;
    app.clock.advance(Lifetime::days(2));
    housekeeping::tidy(&app.services).await.unwrap();
    let mut ana = app.browser();
    ana.open(&mail.cancel_link()).await.assert_shows("Cancel this request?");
    ana.post("/auth/cancel", &[]).await.assert_status(303);
    has_ended(&app, &own, &tokens).await;
    app.clock.advance(Lifetime::days(2));
    housekeeping::tidy(&app.services).await.unwrap();
    app.browser().open(&mail.cancel_link()).await.assert_status(404);
}

/// The thief signs in again where they have signed out, and the owner ends what she sees.
#[rocket::async_test]
async fn ending_a_session_from_elsewhere_ends_what_earlier_ones_in_its_browser_left_at_apps() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut thief = elsewhere(&app);
    thief.sign_in(ANA).await;
    let tokens = leaves_something(&own, &mut thief).await;
    thief.sign_in(ANA).await;
    let session = crate::acting::session_of(&app, &thief.cookies).await.session.id.to_string();
    let mut ana = app.signed_in(ANA).await;
    ana.post_only("/account/sessions/revoke", &[("session", &session)]).await.assert_status(303);
    has_ended(&app, &own, &tokens).await;
}

/// One of the two who had the code stole it. So the grant ends, also when the session has ended
/// since.
#[rocket::async_test]
async fn a_second_use_of_a_code_after_the_sign_out_ends_what_the_first_one_left() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let code = own.code(&mut ana, &OFFLINE).await;
    let (_, tokens) = own.redeem(&app, &code, &[]).await;
    ana.post_only("/logout", &[]).await.assert_leads_to("/login");
    assert_eq!(own.redeem(&app, &code, &[]).await.0, 400);
    has_ended(&app, &own, &tokens).await;
    assert!(app.audit().await.iter().any(|line| line.action.into_str() == "app_token_replayed"));
}
