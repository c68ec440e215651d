//! The operator's file of places: the list of sessions names them, and nothing else does.

use crate::harness::{Setup, TestApp};
use std::{collections::BTreeMap, fs, net::Ipv4Addr};
use tempfile::TempDir;

const ANA: &str = "ana@example.com";
const HAMBURG: [u8; 3] = [203, 0, 113];

/// A value of the MaxMind DB format, in its octets.
struct Octets(Vec<u8>);

impl Octets {
    /// Returns the head of a value. Kinds above 7 have an octet of their own.
    fn head(kind: u8, size: usize) -> Vec<u8> {
        let size = u8::try_from(size).unwrap();
        assert!(size < 29, "a longer value has more octets of size");
        if kind > 7 { vec![size, kind - 7] } else { vec![(kind << 5) | size] }
    }

    fn text(text: &str) -> Self {
        Self([Self::head(2, text.len()), text.as_bytes().to_vec()].concat())
    }

    /// Returns a number of the kind for 16, 32 or 64 bits: 5, 6 or 9.
    fn number(kind: u8, number: u32) -> Self {
        let octets: Vec<u8> = number.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
        Self([Self::head(kind, octets.len()), octets].concat())
    }

    fn list(items: Vec<Self>) -> Self {
        let head = Self::head(11, items.len());
        Self(items.into_iter().fold(head, |all, item| [all, item.0].concat()))
    }

    fn map(pairs: Vec<(&str, Self)>) -> Self {
        let head = Self::head(7, pairs.len());
        Self(pairs.into_iter().fold(head, |all, (name, value)| [all, Self::text(name).0, value.0].concat()))
    }
}

/// Returns a file that knows one network of 256 addresses.
fn file_of(network: [u8; 3], entry: Octets) -> Vec<u8> {
    const NODES: u32 = 24;
    let bits = u32::from(Ipv4Addr::new(network[0], network[1], network[2], 0));
    let record = |number: u32| number.to_be_bytes()[1..].to_vec();
    let mut file = Vec::new();
    for node in 0..NODES {
        // A value of the count is "unknown". The data begin 16 above it.
        let next = if node + 1 == NODES { NODES + 16 } else { node + 1 };
        let is_right = bits & (1 << (31 - node)) != 0;
        let (left, right) = if is_right { (NODES, next) } else { (next, NODES) };
        file.extend([record(left), record(right)].concat());
    }
    file.extend([0; 16]);
    file.extend(entry.0);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    let about = Octets::map(vec![
        ("node_count", Octets::number(6, NODES)),
        ("record_size", Octets::number(5, 24)),
        ("ip_version", Octets::number(5, 4)),
        ("database_type", Octets::text("Test-City")),
        ("languages", Octets::list(vec![Octets::text("en"), Octets::text("de")])),
        ("binary_format_major_version", Octets::number(5, 2)),
        ("binary_format_minor_version", Octets::number(5, 0)),
        ("build_epoch", Octets::number(9, 1_793_000_000)),
        ("description", Octets::map(Vec::new())),
    ]);
    file.extend(about.0);
    file
}

fn names(names: &[(&str, &str)]) -> Octets {
    let names: BTreeMap<&str, &str> = names.iter().copied().collect();
    let names = names.into_iter().map(|(language, name)| (language, Octets::text(name))).collect();
    Octets::map(vec![("names", Octets::map(names))])
}

fn hamburg() -> Octets {
    let country = names(&[("en", "Germany"), ("de", "Deutschland")]);
    Octets::map(vec![("city", names(&[("en", "Hamburg")])), ("country", country)])
}

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
