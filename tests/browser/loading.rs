//! Counts what a page loads over the network, on a phone that has never been here. It includes what
//! the browser asks for by itself, such as icons.

use crate::{
    browser::Browser,
    stage::Stage,
    traffic::{event, strangers},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs};
use tempfile::TempDir;

const ANA: &str = "ana@example.com";
const MAX_REQUESTS: usize = 3;
const MAX_BYTES: f64 = 30_000.0;

/// Requests of pages since this was last called.
struct Loaded {
    paths: Vec<String>,
    bytes: f64,
}

impl Loaded {
    /// Reads the browser's log, in which an answer from its cache is no request. What a script asks
    /// for later is no part of loading.
    async fn since_last(browser: &Browser) -> Self {
        // Leaves the page, so that the log has all that it requested.
        browser.open("about:blank").await;
        let events: Vec<Value> = browser.log("performance").await.iter().map(event).collect();
        let of = |method: &'static str| events.iter().filter(move |event| event["method"] == method);
        let answers = of("Network.responseReceived").map(|event| &event["params"]);
        let cached = answers.filter(|answer| answer["response"]["fromDiskCache"] == true);
        let cached: BTreeSet<&str> = of("Network.requestServedFromCache")
            .map(|event| &event["params"])
            .chain(cached)
            .filter_map(|params| params["requestId"].as_str())
            .collect();
        let is_of_page = |asked: &&Value| {
            let url = asked["request"]["url"].as_str().unwrap();
            let id = asked["requestId"].as_str().unwrap();
            asked["type"] != "Fetch" && url.starts_with("http") && !cached.contains(id)
        };
        let asked: Vec<&Value> =
            of("Network.requestWillBeSent").map(|event| &event["params"]).filter(is_of_page).collect();
        let ends = of("Network.loadingFinished").map(|event| &event["params"]);
        let ours = ends.filter(|end| asked.iter().any(|asked| asked["requestId"] == end["requestId"]));
        let path = |asked: &&Value| {
            let url = asked["request"]["url"].as_str().unwrap();
            format!("/{}", url.splitn(4, '/').nth(3).unwrap_or_default())
        };
        Self {
            paths: asked.iter().map(path).collect(),
            bytes: ours.map(|end| end["encodedDataLength"].as_f64().unwrap()).sum(),
        }
    }

    fn is_light(&self, page: &str, requests: usize) {
        assert_eq!(self.paths.len(), requests, "{page}: {:?}", self.paths);
        assert!((500.0..=MAX_BYTES).contains(&self.bytes), "{page} takes {} bytes: {:?}", self.bytes, self.paths);
    }
}

/// Opens a page in a browser that has nothing of it, and returns what it loads.
async fn cold(browser: &Browser, path: &str) -> Loaded {
    browser.open("about:blank").await;
    browser.devtools("Network.clearBrowserCache", json!({})).await;
    Loaded::since_last(browser).await;
    browser.open(path).await;
    browser.find("h1").await;
    Loaded::since_last(browser).await
}

#[tokio::test]
async fn a_page_on_a_cold_cache_takes_three_requests_and_thirty_kilobytes_at_most() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_admin(ANA);
    let phone = stage.browser().await;
    for path in ["/login", "/no-such-page"] {
        cold(&phone, path).await.is_light(path, MAX_REQUESTS);
    }
    phone.asks_for_mail(ANA).await;
    cold(&phone, "/login/sent").await.is_light("check your inbox", MAX_REQUESTS);
    let mail = stage.gatepost.mail_to(ANA, 1).await;
    phone.open(&mail.link()).await;
    cold(&phone, "/auth/verify").await.is_light("the button", MAX_REQUESTS);
    let ana = stage.signed_in(ANA).await;
    for path in ["/account", "/account/security", "/account/passkeys", "/admin", "/admin/settings"] {
        cold(&ana, path).await.is_light(path, MAX_REQUESTS);
    }
    // This page alone names the manifest, which brings an icon. It does so for a user who comes
    // from a page of ours. That page has loaded the stylesheet and the script.
    ana.open("/account/security").await;
    ana.find("h1").await;
    ana.log("performance").await;
    ana.presses("Account").await;
    ana.reads_heading("Your account").await;
    let account = Loaded::since_last(&ana).await;
    account.is_light("/account", MAX_REQUESTS);
    assert!(account.paths.iter().any(|path| path == "/manifest.webmanifest"), "{:?}", account.paths);
    assert_eq!(strangers(&ana, &stage.gatepost.origin).await, [""; 0]);
}

#[tokio::test]
async fn a_logo_costs_no_request() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_admin(ANA);
    let ana = stage.signed_in(ANA).await;
    let phone = stage.browser().await;
    // About 4 kB, and about 63 kB. A page itself holds a logo of up to 6 KiB, made from a larger
    // one.
    for side in [36, 145] {
        uploads(&ana, &logo_of(side)).await;
        cold(&phone, "/login").await.is_light("/login with a logo", MAX_REQUESTS);
        for path in ["/account", "/account/security", "/admin/settings"] {
            cold(&ana, path).await.is_light(path, MAX_REQUESTS);
        }
    }
}

/// The rule's exception: pages would be too large if they held the icons of all apps. A browser
/// keeps an icon, so that it asks once.
#[tokio::test]
async fn an_icon_of_an_app_takes_one_request_and_none_the_next_time() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_admin(ANA);
    stage.gatepost.has_app(("wiki", "https://wiki.example.com"), "one", true);
    let ana = stage.signed_in(ANA).await;
    let _file = chooses(&ana, "/admin/apps/wiki/icon", &logo_of(36)).await;
    ana.presses("Use this icon").await;
    ana.reads("The app is saved.").await;
    for path in ["/account", "/admin/apps", "/admin/apps/wiki"] {
        let loaded = cold(&ana, path).await;
        let (icons, others): (Vec<String>, Vec<String>) =
            loaded.paths.iter().cloned().partition(|path| path.starts_with("/apps/icons/"));
        assert_eq!(icons.len(), 1, "{path}: {icons:?}");
        assert_eq!(others.len(), MAX_REQUESTS, "{path}: {others:?}");
        loaded.is_light(path, MAX_REQUESTS + 1);
        ana.open(path).await;
        ana.find("img.app-icon").await;
        assert_eq!(Loaded::since_last(&ana).await.paths, [path], "the next time");
    }
}

async fn uploads(browser: &Browser, logo: &[u8]) {
    let _file = chooses(browser, "/admin/settings/logo", logo).await;
    browser.presses("Save").await;
    browser.reads("The logo is saved.").await;
}

/// Opens the page of a picture and chooses a file for it. The browser reads the file when it sends
/// the form.
async fn chooses(browser: &Browser, page: &str, picture: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("picture.png");
    fs::write(&file, picture).unwrap();
    browser.open(page).await;
    browser.field("Picture").await.send_keys(file.to_str().unwrap()).await.unwrap();
    folder
}

/// A picture of noise, which no compression makes smaller, with this many pixels a side.
fn logo_of(side: u32) -> Vec<u8> {
    let noise = std::iter::successors(Some(1_u32), |x| Some(x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)));
    let noise: Vec<u8> = noise.map(|x| x.to_be_bytes()[0]).take((side * side * 3) as usize).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().unwrap().write_image_data(&noise).unwrap();
    file
}
