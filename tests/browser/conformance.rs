//! The modules of the OpenID Foundation's suite (tests/conformance), in Node.js. They judge a
//! certified provider, the same with one thing broken for each module, and the real binary.

use crate::{gatepost::Gatepost, port};
use std::process::Command;

const USERS: [&str; 3] = ["ana@example.com", "ben@example.com", "carl@example.com"];
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance");

/// Runs a script to its end, and returns what it said.
async fn says(script: &str, arguments: Vec<String>) -> String {
    let mut command = Command::new("node");
    command.arg(format!("{FOLDER}/{script}")).args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[tokio::test]
async fn the_modules_pass_a_certified_provider_and_each_notices_what_is_broken_for_it() {
    let Ok(folder) = std::env::var("TEST_OIDC_PROVIDER") else {
        panic!("TEST_OIDC_PROVIDER=$(scripts/oidc-provider) is missing");
    };
    let said = says("stock.mjs", vec![folder]).await;
    assert_eq!(said.matches(", broken: noticed").count(), 52, "{said}");
    assert!(said.contains("52 modules; a stock provider fails 0; a broken one is not noticed by 0"), "{said}");
}

#[tokio::test]
async fn every_module_passes_against_the_real_binary_by_email_link() {
    let gatepost = Gatepost::start().await;
    USERS.iter().for_each(|user| gatepost.add_account(user));
    let port = port::free();
    let app = format!("http://127.0.0.1:{port}");
    for slug in ["one", "other"] {
        gatepost.adds_oidc_app(slug, &format!("{app}/callback"), (true, false));
    }
    gatepost.hears_of_sign_outs("one", port);
    let arguments = [gatepost.origin.as_str(), crate::gatepost::SECRET, &port.to_string()];
    let arguments = arguments.into_iter().chain(USERS).map(str::to_owned).collect();
    let said = says("gatepost.mjs", arguments).await;
    assert!(said.contains("52 modules; failed: none"), "{said}");
    // Gatepost takes no request objects, and says so.
    assert_eq!(said.matches(": passed").count(), 51, "{said}");
}
