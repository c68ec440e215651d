//! A whole sign-in to an app, by email link in Chromium. The app is a small server around
//! openid-client, a client that others wrote. It checks signature, issuer, nonce, times and
//! hashes by itself.

use crate::{chromedriver::Traits, gatepost::SECRET, port, program::Program, stage::Stage};
use std::process::Command;

const ANA: &str = "ana@example.com";

#[tokio::test]
async fn a_client_of_others_signs_its_users_in_with_javascript_and_without() {
    let Ok(folder) = std::env::var("TEST_OPENID_CLIENT") else {
        panic!("TEST_OPENID_CLIENT=$(scripts/openid-client) is missing");
    };
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let port = port::free();
    let app = format!("http://127.0.0.1:{port}");
    stage.gatepost.adds_oidc_app("demo", &format!("{app}/callback"), (true, false));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/app.mjs");
    let mut command = Command::new("node");
    command.args([script, &folder, &stage.gatepost.origin, "demo", SECRET, &port.to_string()]);
    let mut program = Program::start(&mut command);
    program.hear("the app to listen", |line| line.starts_with("listening on ").then_some(())).await;

    for (n, without_javascript) in [false, true].into_iter().enumerate() {
        let ana = stage.browser_with(&Traits { without_javascript, ..Traits::default() }).await;
        ana.open(&format!("{app}/login")).await;
        ana.reads_heading("Sign in to Gatepost").await;
        ana.types("Email address", ANA).await;
        ana.presses("Email me a link").await;
        ana.reads_heading("Check your inbox").await;
        ana.open(&stage.gatepost.mail_to(ANA, n + 1).await.link()).await;
        ana.presses(&format!("Sign in as {ANA}")).await;
        ana.reads_heading("The app").await;
        ana.reads(&format!("{ANA} verified true; acr urn:gatepost:one; same user true; active true and then false"))
            .await;

        // Signed in here, the second time goes without a page.
        ana.open(&format!("{app}/login?prompt=none")).await;
        ana.reads_heading("The app").await;
        ana.presses("Sign out").await;
        ana.reads_heading("Sign out?").await;
        ana.presses("Sign out").await;
        ana.reads_heading("You’re signed out").await;
        ana.open(&format!("{app}/login?prompt=none")).await;
        ana.reads("login_required").await;
    }
}
