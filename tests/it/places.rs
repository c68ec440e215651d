//! The operator's file of places: the list of sessions and emails name them, and nothing else.

use crate::{
    harness::{Mail, Setup, TestApp},
    places_file::{Octets, file_of, hamburg, names},
};
use gatepost::domain::Lifetime;
use std::fs;
use tempfile::TempDir;

const ANA: &str = "ana@example.com";
const HAMBURG: [u8; 3] = [203, 0, 113];
/// Some address there, and one that no file here knows.
const THERE: &str = "203.0.113.9";
const UNKNOWN: &str = "198.51.100.5";
const LINE: &str = "IP address: 203.0.113.9 (probably Hamburg, Germany)";

fn with_file(bytes: &[u8]) -> (Setup, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("places.mmdb");
    fs::write(&path, bytes).unwrap();
    (Setup::new().with("GATEPOST_PLACES_FILE", path.to_str().unwrap()), folder)
}

async fn app_with(bytes: &[u8]) -> (TestApp, TempDir) {
    let (setup, folder) = with_file(bytes);
    let app = setup.start().await;
    app.add_account(ANA).await;
    (app, folder)
}

#[rocket::async_test]
async fn a_session_names_the_place_of_its_address_in_the_reader_s_language() {
    let (app, _folder) = app_with(&file_of(HAMBURG, hamburg())).await;
    let mut away = app.browser().at("198.51.100.5");
    away.sign_in(ANA).await;
    let mut ana = app.browser().at("203.0.113.9");
    ana.sign_in(ANA).await;
    let page = ana.get("/account/sessions").await;
    page.assert_shows("203.0.113.9 ( Hamburg, Germany )").assert_shows("For phones and VPNs, it’s often wrong.");
    page.assert_shows("198.51.100.5").assert_hides("198.51.100.5 (");
    ana.post("/account/language", &[("language", "de")]).await.assert_status(303);
    ana.get("/account/sessions").await.assert_shows("203.0.113.9 ( Hamburg, Deutschland )");
}

#[rocket::async_test]
async fn a_file_of_countries_names_the_country_and_a_damaged_entry_nothing() {
    let country = Octets::map(vec![("country", names(&[("en", "Germany")]))]);
    let (app, _folder) = app_with(&file_of(HAMBURG, country)).await;
    let mut ana = app.browser().at("203.0.113.9");
    ana.sign_in(ANA).await;
    ana.get("/account/sessions").await.assert_shows("203.0.113.9 ( Germany )");
    let (app, _folder) = app_with(&file_of(HAMBURG, Octets::map(vec![("city", Octets::number(5, 7))]))).await;
    let mut ana = app.browser().at("203.0.113.9");
    ana.sign_in(ANA).await;
    ana.get("/account/sessions").await.assert_status(200).assert_shows("203.0.113.9").assert_hides("203.0.113.9 (");
}

#[rocket::async_test]
async fn a_city_that_is_a_country_is_named_once() {
    let singapore = || names(&[("en", "Singapore")]);
    let entry = Octets::map(vec![("city", singapore()), ("country", singapore())]);
    let (app, _folder) = app_with(&file_of(HAMBURG, entry)).await;
    let mut ana = app.browser().at(THERE);
    ana.sign_in(ANA).await;
    ana.get("/account/sessions").await.assert_shows("203.0.113.9 ( Singapore )");
}

#[rocket::async_test]
async fn without_a_file_no_session_names_a_place() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.browser().at("203.0.113.9");
    ana.sign_in(ANA).await;
    ana.get("/account/sessions").await.assert_shows("203.0.113.9").assert_hides("203.0.113.9 (").assert_hides("VPNs");
}

#[rocket::async_test]
async fn what_is_no_file_of_places_stops_the_start_and_says_what_to_do() {
    let (setup, _folder) = with_file(b"not a file of places");
    let why = setup.try_start().await.err().unwrap();
    assert!(why.contains("GATEPOST_PLACES_FILE is") && why.contains("MaxMind DB format (.mmdb)"), "{why}");
}

/// Asks for a sign-in email from this address, by a browser in this language.
async fn asks(app: &TestApp, ip: &str, language: &'static str) -> Mail {
    app.a_second_later();
    let mut browser = app.browser().at(ip).speaking(language);
    browser.post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    app.mail_to(ANA).await
}

/// Looks for a whole line in both parts of an email.
fn assert_says(mail: &Mail, line: &str) {
    let html = mail.html.contains(&format!("<br>{line}<br>"));
    assert!(html && mail.text.lines().any(|one| one == line), "{}: {line}: {}", mail.subject, mail.text);
}

#[rocket::async_test]
async fn an_email_names_city_and_country_in_its_language_and_calls_them_probable() {
    let (app, _folder) = app_with(&file_of(HAMBURG, hamburg())).await;
    assert_says(&asks(&app, THERE, "en").await, LINE);
    let german = asks(&app, THERE, "de").await;
    assert_says(&german, "IP-Adresse: 203.0.113.9 (vermutlich Hamburg, Deutschland)");
}

#[rocket::async_test]
async fn an_email_names_the_address_alone_if_the_file_does_not_know_it() {
    let (app, _folder) = app_with(&file_of(HAMBURG, hamburg())).await;
    let mail = asks(&app, UNKNOWN, "en").await;
    assert_says(&mail, "IP address: 198.51.100.5");
    assert!(!mail.text.contains("probably") && !mail.html.contains("probably"), "{}", mail.text);
}

#[rocket::async_test]
async fn every_email_about_what_a_browser_did_names_its_place() {
    const NEW: &str = "ana.lopez@example.org";
    const BEN: &str = "ben@example.com";
    let (setup, _folder) = with_file(&file_of(HAMBURG, hamburg()));
    // The limits on emails are not what is looked at here.
    let app = setup.with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    app.browser().at(UNKNOWN).sign_in(ANA).await;
    let mut ana = app.browser().at(THERE);
    ana.sign_in(ANA).await;
    assert_says(&app.new_browsers_told_to(ANA).await.pop().unwrap(), LINE);
    app.clock.advance(Lifetime::minutes(11));
    ana.step_up(ANA).await;
    assert_says(&app.mail_to(ANA).await, LINE);
    app.browser().at(THERE).post("/password/forgot", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    let mail = app.mail_to(ANA).await;
    assert!(mail.text.contains("/auth/reset?token="), "{}", mail.text);
    assert_says(&mail, LINE);
    ana.post("/account/address", &[("new_email", NEW)]).await.assert_status(303);
    assert_says(&app.mail_to(NEW).await, LINE);
    ana.submit("/account/close", &[("sure", "yes")]).await.assert_status(200);
    let mail = app.mail_to(ANA).await;
    assert!(mail.text.contains("Your account at Gatepost is closed"), "{}", mail.text);
    assert_says(&mail, LINE);
    let mut ben = app.browser().at(THERE);
    app.add_account(BEN).await;
    ben.sign_in(BEN).await;
    ben.post("/account/password", &[("new_password", "correct horse battery staple")]).await.assert_status(303);
    let mail = app.mail_to(BEN).await;
    assert!(mail.subject.contains("assword"), "{}", mail.subject);
    assert_says(&mail, LINE);
}

#[rocket::async_test]
async fn a_name_from_right_to_left_turns_nothing_around_it() {
    let country = names(&[("en", "Israel")]);
    let entry = Octets::map(vec![("city", names(&[("en", "חיפה")])), ("country", country)]);
    let (app, _folder) = app_with(&file_of(HAMBURG, entry)).await;
    let mail = asks(&app, THERE, "en").await;
    for part in [&mail.text, &mail.html] {
        assert!(part.contains("203.0.113.9 (probably \u{2068}\u{2068}חיפה\u{2069}, Israel\u{2069})"), "{part}");
    }
}

/// Operators wrote these before emails could name a city.
#[rocket::async_test]
async fn an_operator_s_template_of_before_the_places_keeps_its_words() {
    let folder = tempfile::tempdir().unwrap();
    for (name, template) in [
        (
            "layout/where_text.txt.j2",
            "{% macro where(browser, address, at) %}{{ browser }}; {{ address }}; {{ at }}{% endmacro %}",
        ),
        (
            "sign_in/html.html.j2",
            "{% from \"layout/where\" import where %}{{ code }} {{ link }} {{ cancel_link }}
            {{ where(browser, client, asked_at) }}",
        ),
    ] {
        fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
        fs::write(folder.path().join(name), template).unwrap();
    }
    let (setup, _places) = with_file(&file_of(HAMBURG, hamburg()));
    let app = setup.with("GATEPOST_MAIL_TEMPLATES", folder.path().to_str().unwrap()).start().await;
    app.add_account(ANA).await;
    let mail = asks(&app, THERE, "en").await;
    assert!(mail.html.contains("IP address: 203.0.113.9<br>"), "{}", mail.html);
    // Its frame gets the place from our templates.
    assert!(mail.words().contains("; 203.0.113.9 (probably Hamburg, Germany); "), "{}", mail.text);
}
