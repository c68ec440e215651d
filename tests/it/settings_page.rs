//! The settings page: sections, numbers with units, defaults, and links to what is wrong.

use crate::harness::TestApp;
use gatepost::domain::Lifetime;

const ANA: &str = "ana@example.com";

#[rocket::async_test]
async fn a_number_and_a_unit_are_one_setting() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/admin/settings").await;
    for part in [
        "name=\"link_lifetime\" type=\"text\" inputmode=\"numeric\"",
        "name=\"link_lifetime_unit\"",
        "name=\"limits_per_mailbox_span\"",
        "<option value=\"m\" selected>minutes</option>",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
    page.assert_hides("Default: ");
    let fields = [
        ("email_link_enabled", "on"),
        ("link_lifetime", " 20 "),
        ("link_lifetime_unit", "m"),
        ("session_idle_lifetime", "2"),
        ("session_idle_lifetime_unit", "d"),
        ("limits_per_mailbox", "7"),
        ("limits_per_mailbox_span", "2"),
        ("limits_per_mailbox_unit", "h"),
        // As a program may still send it.
        ("browser_session_lifetime", "1h"),
        ("browser_session_lifetime_unit", "d"),
    ];
    ana.post("/admin/settings", &fields).await.assert_leads_to("/admin/settings");
    let stored = app.stored_settings().await;
    assert_eq!((stored.link_lifetime, stored.session_idle_lifetime), (Lifetime::minutes(20), Lifetime::days(2)));
    assert_eq!(
        (stored.get("limits_per_mailbox").as_str(), stored.browser_session_lifetime),
        ("7/2h", Lifetime::hours(1))
    );
    let page = ana.get("/admin/settings").await;
    page.assert_shows("Default: 10 minutes.").assert_hides("Default: Gatepost.");
    // What is no number comes back as it was typed.
    let wrong = [("email_link_enabled", "on"), ("limits_per_mailbox", "three"), ("limits_per_mailbox_span", "2")];
    let page = ana.post("/admin/settings", &wrong).await;
    assert!(page.body.contains("value=\"three\""), "{}", page.body);
}

#[rocket::async_test]
async fn only_a_section_with_something_to_save_has_a_main_button() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let main = |page: &str| page.matches("<button name=\"section\"").count();
    let page = ana.get("/admin/settings").await;
    assert_eq!(main(&page.body), 0, "{}", page.body);
    assert!(page.body.contains("<button class=\"second\" name=\"section\" value=\"look\""), "{}", page.body);
    // What was refused waits to be saved.
    let page = ana.post("/admin/settings", &[("email_link_enabled", "on"), ("support_address", "ana@")]).await;
    assert!(page.body.contains("<button name=\"section\" value=\"look\""), "{}", page.body);
    assert!(page.body.contains("<button class=\"second\" name=\"section\" value=\"links\""), "{}", page.body);
}

#[rocket::async_test]
async fn radios_say_their_default_as_fields_do() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let other = [("email_link_enabled", "on"), ("second_factor_required", "everyone"), ("join_policy", "anyone")];
    let page = app.signed_in(ANA).await.post("/admin/settings", &other).await;
    for name in ["second_factor_required", "join_policy"] {
        let group = page.body.split(&format!("<fieldset class=\"field\" id=\"{name}\"")).nth(1).expect(name);
        let (tag, group) = group.split_once('>').unwrap();
        assert!(tag.contains(&format!("aria-describedby=\"{name}-hint")), "{tag}");
        let hint = group.split(&format!("id=\"{name}-hint\">")).nth(1).expect(name);
        assert!(hint.split("</p>").next().unwrap().contains("Default: "), "{hint}");
    }
}

#[rocket::async_test]
async fn a_section_that_cannot_be_saved_lists_the_mistakes_of_the_others_too() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let wrong =
        [("section", "look"), ("email_link_enabled", "on"), ("link_lifetime", "soon"), ("accent_colour", "red")];
    let page = ana.submit("/admin/settings", &wrong).await;
    page.assert_status(422).assert_shows("2 fields need another look. Nothing is saved yet, in any section.");
    for (name, label) in [("link_lifetime", "Link lifetime"), ("accent_colour", "Button colour")] {
        assert!(page.body.contains(&format!("<a href=\"#{name}\">{label}</a>")), "{name}");
    }
}

#[rocket::async_test]
async fn what_is_wrong_is_linked_from_the_top_which_has_the_focus() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let wrong = [("email_link_enabled", "on"), ("link_lifetime", "soon"), ("accent_colour", "red")];
    let page = ana.post("/admin/settings", &wrong).await;
    page.assert_status(422).assert_shows("2 fields need another look.");
    assert!(page.body.contains("role=\"alert\" tabindex=\"-1\" autofocus"), "{}", page.body);
    for (name, label) in [("link_lifetime", "Link lifetime"), ("accent_colour", "Button colour")] {
        assert!(page.body.contains(&format!("<a href=\"#{name}\">{label}</a>")), "{name}");
        assert!(page.body.contains(&format!("id=\"{name}\"")), "{name}");
    }
    let sections = page.body.split("class=\"side\"").nth(1).unwrap().split("</nav>").next().unwrap();
    assert_eq!(sections.matches("<a href=\"#").count(), page.body.matches("<section class=\"card\"").count());
    assert_eq!(page.body.matches(">Save</button>").count(), page.body.matches("<section class=\"card\"").count());
}
