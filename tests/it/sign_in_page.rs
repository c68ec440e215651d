//! The sign-in page, for each set of ways that are turned on.

use crate::harness::TestApp;

/// Ways in: email links, passwords, passkeys.
const WAYS: [[&str; 3]; 5] =
    [["on", "on", "on"], ["on", "off", "off"], ["off", "on", "on"], ["off", "on", "off"], ["off", "off", "on"]];

async fn app_with([email_links, passwords, passkeys]: [&'static str; 3]) -> TestApp {
    let app = TestApp::new().await;
    app.set("email_link_enabled", email_links).await;
    app.set("password_enabled", passwords).await;
    app.set("passkey_enabled", passkeys).await;
    app.a_second_later();
    app
}

#[rocket::async_test]
async fn the_sign_in_page_says_nothing_of_ways_that_are_turned_off() {
    for ways in WAYS {
        let app = app_with(ways).await;
        let page = app.browser().get("/login").await;
        page.assert_status(200);
        // The script's own sentences are in attributes, for a passkey that is refused later.
        assert!(!page.text().contains("turned off"), "{ways:?}: {}", page.text());
        let has = |words: &str| page.text().contains(words);
        let shown = [has("Email me a link"), has("Sign in with a password"), has("Sign in with a passkey")];
        assert_eq!(shown, ways.map(|way| way == "on"), "{ways:?}: {}", page.text());
    }
}

#[rocket::async_test]
async fn the_tick_box_is_below_the_buttons_of_its_form() {
    for ways in WAYS {
        let app = app_with(ways).await;
        for path in ["/login", "/login/password"] {
            let page = app.browser().get(path).await;
            let Some((before, after)) = page.body.split_once("name=\"remember\"") else { continue };
            let form = |text: &str| text.contains("<button class=\"full");
            assert!(form(before), "{path} with {ways:?}: no button is above it");
            let rest = after.split("</form>").next().unwrap().split("<details>").next().unwrap();
            let is_large = |tag: &str| tag.split('>').next().unwrap().contains(" full");
            let below = rest.split("<button").skip(1).find(|tag| tag.contains("class=\"full") || is_large(tag));
            assert_eq!(below, None, "{path} with {ways:?}: a button is below it");
        }
    }
}
