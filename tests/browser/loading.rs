//! What a page loads over the network, on a phone that has never been here.

use crate::{
    browser::Browser,
    stage::Stage,
    traffic::{event, strangers},
};
use serde_json::{Value, json};

const ANA: &str = "ana@example.com";
const MOST_REQUESTS: usize = 3;
const MOST_BYTES: f64 = 30_000.0;

/// What pages loaded since this was last called: addresses, and bytes over the network. What a script
/// asks for later is no part of loading.
async fn loaded(browser: &Browser) -> (Vec<String>, f64) {
    let events: Vec<Value> = browser.log("performance").await.iter().map(event).collect();
    let asked = events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
    let asked: Vec<_> = asked.map(|event| &event["params"]).filter(|asked| asked["type"] != "Fetch").collect();
    // The browser asks for these by itself, in the background, when it has shown the page.
    let later = ["/favicon.ico", "/manifest.webmanifest", "-icon.svg"];
    let is_of_page = |url: &str| url.starts_with("http") && !later.iter().any(|end| url.ends_with(end));
    let ours = |asked: &&&Value| asked["request"]["url"].as_str().is_some_and(is_of_page);
    let asked: Vec<_> = asked.iter().filter(ours).collect();
    let bytes =
        events.iter().filter(|event| event["method"] == "Network.loadingFinished").map(|event| &event["params"]);
    let bytes = bytes.filter(|end| asked.iter().any(|asked| asked["requestId"] == end["requestId"]));
    let bytes = bytes.map(|end| end["encodedDataLength"].as_f64().unwrap()).sum();
    (asked.iter().map(|asked| asked["request"]["url"].as_str().unwrap().to_owned()).collect(), bytes)
}

fn is_light((asked, bytes): &(Vec<String>, f64), page: &str) {
    assert_eq!(asked.len(), MOST_REQUESTS, "{page}: {asked:?}");
    assert!((1000.0..=MOST_BYTES).contains(bytes), "{page} takes {bytes} bytes: {asked:?}");
}

#[tokio::test]
async fn a_page_on_a_cold_cache_takes_three_requests_and_thirty_kilobytes_at_most() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    for path in ["/login", "/no-such-page"] {
        let browser = stage.browser().await;
        loaded(&browser).await;
        browser.open(path).await;
        browser.find("h1").await;
        is_light(&loaded(&browser).await, path);
    }
    let ana = stage.signed_in(ANA).await;
    for path in ["/account", "/account/security", "/admin", "/admin/settings"] {
        ana.devtools("Network.clearBrowserCache", json!({})).await;
        loaded(&ana).await;
        ana.open(path).await;
        ana.find("h1").await;
        is_light(&loaded(&ana).await, path);
        // The next one has the rest already.
        ana.open("/account/passkeys").await;
        ana.find("h1").await;
    }
    assert_eq!(strangers(&ana, &stage.gatepost.origin).await, [""; 0]);
}
