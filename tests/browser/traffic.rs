//! Requests of a browser over the network, and the lines of its console.

use crate::browser::Browser;
use serde_json::Value;

/// Lines of the console that are no complaint.
const NOTES: [&str; 2] =
    ["Failed to load resource: the server responded with a status of 4", "Clear-Site-Data header on "];

/// Returns the DevTools event in a line of the performance log.
pub fn event(line: &Value) -> Value {
    let message: Value = serde_json::from_str(line["message"].as_str().unwrap()).unwrap();
    message["message"].clone()
}

/// Returns addresses elsewhere that were requested since the last call.
pub async fn strangers(browser: &Browser, origin: &str) -> Vec<String> {
    let asked = browser.log("performance").await;
    let urls = asked.iter().map(event).filter(|event| event["method"] == "Network.requestWillBeSent");
    let urls = urls.map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned());
    // The browser's own pages are not requests.
    let is_ours = |url: &String| {
        [&format!("{origin}/"), "data:", "chrome:", "about:"].iter().any(|start| url.starts_with(*start))
    };
    urls.filter(|url| !is_ours(url)).collect()
}

/// Returns what the console complains about since the last call: errors, warnings, violated
/// policies. A page with 404, 422 or the like is no complaint, and neither is what a sign-out
/// clears.
pub async fn complaints(browser: &Browser) -> Vec<String> {
    let lines = browser.log("browser").await;
    let texts = lines.iter().map(|line| line["message"].as_str().unwrap().to_owned());
    let is_note = |text: &String| NOTES.iter().any(|note| text.contains(note));
    texts.filter(|text| !is_note(text)).collect()
}
