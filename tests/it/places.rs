//! The operator's file of places: the list of sessions names them, and nothing else does.

use crate::{
    harness::{Setup, TestApp},
    places_file::{Octets, file_of, hamburg, names},
};
use std::fs;
use tempfile::TempDir;

const ANA: &str = "ana@example.com";
const HAMBURG: [u8; 3] = [203, 0, 113];

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
    let told = app.new_browsers_told_to(ANA).await;
    assert!(!told.is_empty() && told.iter().all(|mail| !mail.text.contains("Hamburg")), "emails name the address only");
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
