//! The settings page follows from the table of settings.

use crate::harness::TestApp;
use gatepost::domain::settings;

const ANA: &str = "ana@example.com";

#[rocket::async_test]
async fn every_setting_has_a_field_that_says_what_is_wrong_with_it() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/admin/settings").await;
    for setting in settings::all() {
        let field = format!("name=\"{}\"", setting.name);
        assert!(page.body.contains(&field), "{field}");
        if !setting.kind.is_switch() {
            let refused = ana.post("/admin/settings", &[("email_link_enabled", "on"), (setting.name, "<b>")]).await;
            refused.assert_status(422).assert_shows("1 field needs another look");
            assert!(refused.body.contains("class=\"problem\""), "{}", setting.name);
        }
    }
}
