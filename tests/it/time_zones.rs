//! The time zone of an account, and of the installation.

use crate::{browser::Browser, harness::TestApp};
use gatepost::domain::audit::Action;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

/// Returns the text of an email that has a link.
async fn sign_in_email(app: &TestApp, address: &str) -> String {
    app.browser().post("/login", &[("email", address)]).await;
    app.mail_to(address).await.text
}

async fn chooses(browser: &mut Browser<'_>, zone: &str) {
    browser.post("/account/time-zone", &[("time_zone", zone)]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn times_are_in_the_time_zone_that_the_user_chose_on_pages_and_in_emails() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.add_account(BEN).await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/account").await;
    page.assert_shows("22 Nov 2026, 14:03 UTC");
    assert!(page.body.contains("<option value=\"\" selected>Same as the browser</option>"), "{}", page.body);
    assert!(page.body.contains("<optgroup label=\"Europe\">"), "{}", page.body);
    assert!(!page.body.contains("data-keeps-times"), "{}", page.body);

    ana.submit("/account/time-zone", &[("time_zone", "Europe/Berlin")]).await.assert_shows("Your time zone is saved.");
    let page = ana.get("/account").await;
    page.assert_shows("22 Nov 2026, 15:03 UTC+1");
    assert!(page.body.contains("<option value=\"Europe/Berlin\" selected>Berlin</option>"), "{}", page.body);
    // The browser's script leaves these times as they are.
    assert!(page.body.contains("data-keeps-times"), "{}", page.body);
    ana.get("/account/activity").await.assert_shows("UTC+1").assert_hides("UTC)");
    assert!(sign_in_email(&app, ANA).await.contains("22 November 2026 at 15:03 UTC+1"));
    assert!(sign_in_email(&app, BEN).await.contains("22 November 2026 at 14:03 UTC"));

    ana.post("/account/language", &[("language", "de")]).await.assert_leads_to("/account");
    ana.get("/account").await.assert_shows("22. Nov. 2026, 15:03 UTC+1");
    let data: serde_json::Value = serde_json::from_str(&ana.get("/account/data").await.body).unwrap();
    assert_eq!((&data["account"]["time_zone"], &data["account"]["language"]), (&"Europe/Berlin".into(), &"de".into()));

    chooses(&mut ana, "").await;
    assert_eq!(app.account_of(ANA).await.unwrap().time_zone, None);
    let lines = app.audit().await.into_iter().filter(|line| line.action == Action::TimeZoneChanged);
    let mut lines: Vec<_> = lines.map(|line| (line.before.unwrap(), line.after.unwrap())).collect();
    lines.sort();
    let berlin = || "Europe/Berlin".to_owned();
    assert_eq!(lines, [(String::new(), berlin()), (berlin(), String::new())]);
}

#[rocket::async_test]
async fn without_a_choice_times_are_in_the_time_zone_of_the_installation() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.set("time_zone", "Asia/Kolkata").await;
    app.a_second_later();
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/account").await;
    page.assert_shows("UTC+5:30").assert_shows("If you don’t choose one, emails use Asia/Kolkata.");
    assert!(!page.body.contains("data-keeps-times"), "{}", page.body);
    assert!(sign_in_email(&app, ANA).await.contains("UTC+5:30"));
    // A user may prefer UTC to it.
    chooses(&mut ana, "UTC").await;
    ana.get("/account").await.assert_shows("22 Nov 2026, 14:03 UTC").assert_hides("UTC+5:30");
    assert!(sign_in_email(&app, ANA).await.contains("14:03 UTC"));
}

#[rocket::async_test]
async fn only_a_time_zone_that_the_form_offers_is_taken() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    for typed in ["Europe/Nowhere", "europe/berlin", "CET", "US/Eastern", "<b>", "+01:00"] {
        ana.post("/account/time-zone", &[("time_zone", typed)]).await.assert_status(400);
    }
    ana.post("/account/time-zone", &[]).await.assert_status(422);
    assert_eq!(app.account_of(ANA).await.unwrap().time_zone, None);
}
