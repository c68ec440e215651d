//! By keyboard alone.

use crate::{browser::Browser, stage::Stage};
use fantoccini::key::Key;
use serde_json::json;

#[tokio::test]
async fn the_keyboard_alone_gets_to_the_inbox_and_in() {
    let stage = Stage::new().await;
    stage.gatepost.add_account("ana@example.com");
    let ana = stage.browser().await;
    ana.open("/login").await;
    assert_eq!(focused(&ana).await, "Email address", "the first field has the focus");
    ana.presses_keys("ana@example.com").await;
    tab_to(&ana, "Email me a link").await;
    assert_focus_shows(&ana).await;
    tab_to(&ana, "Keep me signed in on this device for 30\u{a0}days").await;
    assert_focus_shows(&ana).await;
    ana.presses_key(Key::Enter).await;
    ana.reads_heading("Check your inbox").await;

    let code = stage.gatepost.mail_to("ana@example.com", 1).await.code();
    assert_eq!(focused(&ana).await, "Code from the email", "the code has the focus");
    ana.presses_keys(&code).await;
    ana.reads_heading("Your account").await;
}

#[tokio::test]
async fn the_first_stop_on_every_page_skips_to_the_content() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin("ana@example.com");
    let ana = stage.signed_in("ana@example.com").await;
    for path in ["/account", "/account/address", "/admin", "/admin/settings", "/admin/mail", "/no-such-page"] {
        ana.open(path).await;
        ana.presses_key(Key::Tab).await;
        assert_eq!(focused(&ana).await, "Skip to content", "{path}");
        assert_focus_shows(&ana).await;
        ana.presses_key(Key::Enter).await;
        assert_eq!(ana.run("return document.activeElement.id").await, json!("content"), "{path}");
        // The next stop is in the content, not in the navigation before it.
        ana.presses_key(Key::Tab).await;
        assert_eq!(ana.run("return !!document.activeElement.closest('main')").await, json!(true), "{path}");
    }
}

#[tokio::test]
async fn every_stop_of_the_keyboard_is_visible() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin("ana@example.com");
    let ana = stage.signed_in("ana@example.com").await;
    for path in ["/account", "/admin/people", "/admin/settings", "/admin/audit"] {
        ana.open(path).await;
        let mut stops = 0;
        loop {
            ana.presses_key(Key::Tab).await;
            if ana.run("return document.activeElement === document.body").await == json!(true) {
                break;
            }
            stops += 1;
            assert_focus_shows(&ana).await;
        }
        assert!(stops > 5, "{path} has {stops} stops");
    }
}

#[tokio::test]
async fn after_an_error_the_wrong_field_has_the_focus() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin("ana@example.com");
    let ana = stage.signed_in("ana@example.com").await;
    for (path, label, wrong, button) in [
        ("/account", "Name", "An\u{202e}a", "Save name"),
        ("/account/address", "New email address", "ana@example", "Send confirmation email"),
        ("/admin/people", "Email address", "ben@example", "Invite"),
        ("/admin/new-app", "Address", "wiki.example.com/path", "Add app"),
    ] {
        ana.open(path).await;
        if path == "/admin/new-app" {
            ana.types("Name", "Wiki").await;
        }
        ana.types(label, wrong).await;
        ana.presses(button).await;
        assert_eq!(focused(&ana).await, label, "{path}");
        assert_eq!(ana.run("return document.activeElement.value").await, json!(wrong), "{path}");
    }
    // Several fields may be wrong here. A list of links to them has the focus.
    ana.open("/admin/settings").await;
    ana.types("Link lifetime", "soon").await;
    ana.presses("Save").await;
    assert_eq!(ana.run("return document.activeElement.role ?? ''").await, json!("alert"));
}

/// Enter must not do what cannot be undone, and "no" must lose nothing.
#[tokio::test]
async fn a_question_gives_the_focus_to_no_answer_and_after_a_no_the_page_begins_at_its_start() {
    let set = "{\"keys\":[\n{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ES256\",\
               \"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\",\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}]}";
    let stage = Stage::new().await;
    stage.gatepost.add_admin("ana@example.com");
    let ana = stage.signed_in("ana@example.com").await;
    ana.open("/admin/new-app").await;
    ana.types("Name", "Grafana").await;
    ana.types("Address", "grafana.example.com").await;
    ana.opens("For apps with OpenID Connect").await;
    ana.chooses("OpenID Connect", "grafana").await;
    ana.presses("Add app").await;
    ana.open("/admin/apps/grafana/openid/keys").await;
    ana.types("Public keys", set).await;
    ana.presses("Save").await;
    ana.reads_heading("Use the app’s own keys?").await;
    assert_eq!(ana.run("return document.activeElement === document.body").await, json!(true));
    tab_to(&ana, "Cancel").await;
    ana.presses_key(Key::Enter).await;
    ana.reads_heading("The app’s own keys").await;
    assert_eq!(ana.run("return document.getElementById('jwks').value").await, json!(set));
    ana.presses_key(Key::Tab).await;
    assert_eq!(focused(&ana).await, "Skip to content");
}

async fn tab_to(browser: &Browser, label: &str) {
    for _ in 0..30 {
        if focused(browser).await.starts_with(label) {
            return;
        }
        browser.presses_key(Key::Tab).await;
    }
    panic!("no way to {label}");
}

/// Returns what has the focus, by its label or its text.
async fn focused(browser: &Browser) -> String {
    let script = "
        const element = document.activeElement;
        const label = element.labels && element.labels[0];
        return (label || element).innerText.trim();";
    browser.run(script).await.as_str().unwrap().to_owned()
}

/// Asserts that the focus is visible: an outline, on the screen, on something that is not hidden.
async fn assert_focus_shows(browser: &Browser) {
    let script = "
        const element = document.activeElement;
        const style = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        const is_seen = box.width > 0 && box.height > 0 && box.right > 0 && box.bottom > 0
            && box.left < innerWidth && box.top < innerHeight;
        const is_outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
        return is_seen && is_outlined ? '' : element.outerHTML + ' ' + style.outline + ' ' + JSON.stringify(box);";
    assert_eq!(browser.run(script).await, json!(""));
}
