//! The pages of signing in and of errors, for a browser that asks for German.

use crate::{
    browser::Browser,
    german::is_german,
    harness::TestApp,
    passwords::reset_link,
    set_up::{console_link, set_up_link},
    totp::sets_up_an_app,
};
use gatepost::domain::Lifetime;

const ANA: &str = "ana@example.com";
const GOOD: &str = "cobalt orchid ferry lantern";

async fn app() -> TestApp {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    app.a_second_later();
    app
}

fn german(app: &TestApp) -> Browser<'_> {
    app.browser().speaking("de-AT,de;q=0.9,en;q=0.5")
}

#[rocket::async_test]
async fn the_way_by_a_link_is_in_german() {
    let app = app().await;
    let (mut ana, mut other) = (german(&app), german(&app));
    is_german(&ana.get("/login").await, "Bei Gatepost anmelden");
    is_german(&ana.get("/login/sent").await, "Hier läuft gerade keine Anmeldung");
    is_german(&ana.post("/login", &[("email", "ana@")]).await, "Bei Gatepost anmelden");
    is_german(&ana.submit("/login", &[("email", ANA)]).await, "Prüfen Sie Ihr Postfach");
    is_german(&ana.submit("/login/resend", &[]).await, "Prüfen Sie Ihr Postfach");
    is_german(&ana.post("/login/code", &[("code", "AAA-AAA")]).await, "Prüfen Sie Ihr Postfach");
    is_german(&ana.get("/auth/verify").await, "Dieser Link funktioniert nicht");
    let mail = app.mail_to(ANA).await;
    is_german(&other.open(&mail.link()).await, "Diese E-Mail wurde in einem anderen Browser angefordert");
    let page = other.submit("/auth/verify", &[]).await;
    is_german(&page, "Auf diesem Gerät anmelden?");
    page.assert_shows("Browser: Firefox unter Linux");
    is_german(&other.get("/auth/cancel").await, "Es gibt nichts abzubrechen");
    is_german(&ana.open(&mail.link()).await, "Bei Gatepost anmelden");
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    is_german(&ana.get("/auth/verify").await, "Sie sind angemeldet");
    is_german(&other.open(&mail.link()).await, "Dieser Link gilt nicht mehr");
    is_german(&other.open(&mail.cancel_link()).await, "Diesen Vorgang abbrechen?");
    is_german(&other.submit("/auth/cancel", &[]).await, "Abgebrochen");
    app.add_account("ben@example.com").await;
    let mut ben = app.signed_in("ben@example.com").await.speaking("de");
    ben.post("/login", &[("email", ANA)]).await;
    is_german(&ben.open(&app.mail_to(ANA).await.link()).await, "Sie sind mit einem anderen Konto angemeldet");
    app.set("email_link_enabled", "off").await;
    app.a_second_later();
    is_german(&ben.get("/auth/verify").await, "Anmeldelinks sind ausgeschaltet");
    is_german(&german(&app).get("/login").await, "Bei Gatepost anmelden");
}

#[rocket::async_test]
async fn passwords_are_in_german() {
    let app = app().await;
    let mut ana = german(&app);
    is_german(&ana.get("/login/password").await, "Bei Gatepost anmelden");
    let wrong = [("email", ANA), ("password", "wrong")];
    is_german(&ana.post("/login/password", &wrong).await, "Bei Gatepost anmelden");
    is_german(&ana.get("/password/forgot").await, "Passwort zurücksetzen");
    is_german(&ana.submit("/password/forgot", &[("email", ANA)]).await, "Prüfen Sie Ihr Postfach");
    let mail = app.mail_to(ANA).await;
    is_german(&ana.open(&reset_link(&mail)).await, "Neues Passwort wählen");
    is_german(&ana.post("/auth/reset", &[("new_password", "short")]).await, "Neues Passwort wählen");
    is_german(&ana.submit("/auth/reset", &[("new_password", GOOD)]).await, "Bei Gatepost anmelden");
    is_german(&ana.get("/auth/reset").await, "Dieser Link gilt nicht mehr");
}

#[rocket::async_test]
async fn a_second_factor_and_verifying_oneself_are_in_german() {
    let app = app().await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(16));
    let mut before = Browser { cookies: ana.cookies.clone(), ..german(&app) };
    is_german(&before.get("/step-up").await, "Identität bestätigen");
    is_german(&before.submit("/step-up", &[]).await, "Prüfen Sie Ihr Postfach");
    is_german(&before.open(&app.mail_to(ANA).await.link()).await, "Identität bestätigen");
    app.clock.advance(Lifetime::minutes(1));
    ana.step_up(ANA).await;
    let phone = sets_up_an_app(&mut ana).await;
    app.clock.advance(Lifetime::minutes(16));
    let mut after = Browser { cookies: ana.cookies.clone(), ..german(&app) };
    is_german(&after.get("/step-up").await, "Identität bestätigen");
    let wrong = phone.wrong(&app);
    is_german(&after.post("/step-up/second-factor", &[("code", &wrong)]).await, "Identität bestätigen");
    let mut waiting = german(&app);
    waiting.open(&console_link(&app, ANA).await).await;
    waiting.post("/auth/verify", &[]).await.assert_leads_to("/login/second-factor");
    is_german(&waiting.get("/login/second-factor").await, "Noch ein Schritt");
    let lost = "/login/second-factor/lost";
    is_german(&waiting.get(lost).await, "Handy oder Codes verloren?");
    waiting.post("/login", &[("email", ANA)]).await;
    let mails = app.mails_to(ANA).await;
    let mail = mails.iter().rfind(|mail| mail.text.contains("/auth/verify?token=")).unwrap();
    waiting.open(&mail.link()).await;
    waiting.post("/auth/verify", &[]).await.assert_leads_to(lost);
    is_german(&waiting.get(lost).await, "Handy oder Codes verloren?");
    is_german(&waiting.submit(lost, &[]).await, "Ihre zweiten Faktoren werden entfernt");
}

#[rocket::async_test]
async fn the_first_start_errors_and_the_test_mailbox_are_in_german() {
    let app = TestApp::new().await;
    let mut ana = german(&app).at("127.0.0.1");
    let link = set_up_link(&app).await.unwrap();
    is_german(&ana.open(&link).await, "Willkommen");
    ana.post("/setup", &[("email", ANA)]).await.assert_leads_to("/admin");
    is_german(&ana.open(&link).await, "Dieser Einrichtungslink gilt nicht mehr");
    is_german(&ana.get("/no-such-page").await, "Seite nicht gefunden");
    is_german(&ana.post("/login", &[("phone", "1")]).await, "Wir konnten dieses Formular nicht lesen");
    is_german(&ana.get("/dev/mailbox").await, "Testpostfach");
    german(&app).post("/login", &[("email", ANA)]).await;
    app.deliver().await;
    assert!(ana.get("/dev/mailbox").await.body.contains("An ana@example.com"));
    let english = app.browser().at("127.0.0.1").get("/dev/mailbox").await;
    assert!(english.body.contains("<pre lang=\"de\">"), "the email keeps its language");
}

/// The address travels in a sealed cookie. The page shows it, and the page's own address does not.
#[rocket::async_test]
async fn a_different_address_begins_with_the_one_that_was_typed() {
    let app = app().await;
    let mut ana = app.browser();
    let asked = [("email", "ana@exmaple.com"), ("remember", "on"), ("return_to", "/account/close")];
    ana.submit("/login", &asked).await.assert_shows("Use a different address");
    let page = ana.post_only("/login/other-address", &[]).await;
    page.assert_leads_to("/login?return_to=%2Faccount%2Fclose");
    let page = ana.get("/login?return_to=%2Faccount%2Fclose").await;
    page.assert_status(200);
    assert!(page.body.contains("value=\"ana@exmaple.com\""), "{}", page.body);
    assert!(page.body.contains("value=\"on\" checked"), "{}", page.body);
    ana.submit("/password/forgot", &[("email", "ben@exmaple.com")]).await.assert_shows("Check your inbox");
    ana.post_only("/login/other-address", &[]).await.assert_leads_to("/password/forgot");
    assert!(ana.get("/password/forgot").await.body.contains("value=\"ben@exmaple.com\""));
}

#[rocket::async_test]
async fn where_users_are_invited_the_first_page_says_whom_to_ask() {
    let app = app().await;
    app.browser().get("/login").await.assert_shows("By invitation only. No invitation yet? Ask an admin.");
    app.set("support_address", "help@example.com").await;
    app.a_second_later();
    app.browser().get("/login").await.assert_shows("No invitation yet? Ask help@example.com");
    app.set("join_policy", "anyone").await;
    app.a_second_later();
    app.browser().get("/login").await.assert_hides("By invitation only");
}
