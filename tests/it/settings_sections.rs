//! Settings, one section at a time: what a button saves, what is kept, what a preview shows.

use crate::{admin::PNG, harness::TestApp};
use gatepost::domain::{Lifetime, logo::Logo};

const ANA: &str = "ana@example.com";
const PAGE: &str = "/admin/settings";

#[rocket::async_test]
async fn a_button_saves_its_section_and_keeps_what_is_typed_in_others() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let typed = [
        ("section", "look"),
        ("product_name", "Linden School"),
        ("email_link_enabled", "on"),
        ("link_lifetime", "nonsense"),
        ("terms_link", "https://example.com/terms"),
    ];
    let page = ana.post(PAGE, &typed).await;
    let stored = app.stored_settings().await;
    assert_eq!((stored.product_name.as_str(), stored.terms_link.clone()), ("Linden School", None));
    assert_eq!(stored.link_lifetime, Lifetime::minutes(10));
    let page = ana.get(page.location().unwrap()).await;
    page.assert_status(200).assert_shows("This section is saved.");
    for kept in ["value=\"nonsense\"", "value=\"https://example.com/terms\"", "value=\"Linden School\""] {
        assert!(page.body.contains(kept), "{kept}");
    }
    // The form is not out of date by its own change.
    let version = page.hidden("version").to_owned();
    let links = [("version", version.as_str()), ("section", "links"), ("terms_link", "https://example.com/terms")];
    ana.post(PAGE, &links).await;
    assert!(app.stored_settings().await.terms_link.is_some());
    // Of the other sections, even switches that are not sent stay as they are.
    assert!(app.stored_settings().await.email_link_enabled);
}

#[rocket::async_test]
async fn a_section_waits_for_the_step_up_with_the_others_and_only_it_is_saved() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(11));
    let typed = [
        ("section", "links"),
        ("email_link_enabled", "on"),
        ("product_name", "Acme"),
        ("help_link", "https://a.example/"),
    ];
    let then = ana.post(PAGE, &typed).await.then();
    ana.step_up(ANA).await;
    let page = ana.get(&then).await;
    assert!(page.body.contains("name=\"section\" value=\"links\" data-continues"), "{}", page.body);
    assert!(page.body.contains("value=\"Acme\"") && page.body.contains("value=\"https://a.example/\""));
}

#[rocket::async_test]
async fn a_contradiction_between_sections_is_found_when_either_is_saved() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.post(PAGE, &[("section", "join"), ("join_policy", "allowed_domains")]).await;
    page.assert_status(422).assert_shows("Enter at least one domain");
    assert_eq!(app.stored_settings().await.get("join_policy"), "invited");
}

#[rocket::async_test]
async fn a_picker_changes_the_colour_as_its_code_does() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get(PAGE).await;
    assert!(page.body.contains("name=\"accent_colour_pick\" type=\"color\""), "{}", page.body);
    let look = [("section", "look"), ("email_link_enabled", "on"), ("accent_colour", "#1f5f4f")];
    let picked = [("accent_colour_was", "#1f5f4f"), ("accent_colour_pick", "#aa0000")];
    ana.post(PAGE, &[&look[..], &picked].concat()).await;
    assert_eq!(app.stored_settings().await.get("accent_colour"), "#aa0000");
}

#[rocket::async_test]
async fn links_are_below_pages_and_emails_and_an_empty_one_is_not() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    app.browser().get("/login").await.assert_hides("<footer>");
    let links = [
        ("section", "links"),
        ("privacy_link", "https://example.com/privacy?a=b&c=d"),
        ("help_link", "http://intranet"),
    ];
    ana.post(PAGE, &links).await.assert_status(303);
    for mut browser in [app.browser(), app.signed_in(ANA).await] {
        let page = browser.get("/account/no-such-page").await;
        for shown in [
            "href=\"https://example.com/privacy?a=b&#38;c=d\"",
            ">Privacy policy</a>",
            "href=\"http://intranet/\"",
            ">Help</a>",
        ] {
            assert!(page.body.contains(shown), "{shown}: {}", page.body);
        }
        page.assert_hides("Imprint").assert_hides("Terms of use");
    }
    app.browser().post("/login", &[("email", ANA)]).await;
    let mail = app.mail_to(ANA).await;
    assert!(mail.text.contains("Privacy policy: https://example.com/privacy?a=b&c=d"), "{}", mail.text);
    assert!(mail.html.contains(">Help</a>") && !mail.html.contains("Imprint"), "{}", mail.html);
    let wrong = [("section", "links"), ("imprint_link", "javascript:alert(1)")];
    let page = ana.post(PAGE, &wrong).await;
    page.assert_status(422).assert_shows("Enter the address of a page");
}

#[rocket::async_test]
async fn a_preview_shows_what_is_typed_and_saves_nothing() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let before = app.stored_settings().await;
    let typed = [
        ("preview", "yes"),
        ("email_link_enabled", "on"),
        ("product_name", "Acme Works"),
        ("accent_colour", "#aa0000"),
    ];
    let page = ana.post(PAGE, &typed).await;
    let page = ana.get(page.location().unwrap()).await;
    page.assert_status(200).assert_shows("Nothing is saved yet.");
    assert!(page.header("Content-Security-Policy").unwrap().contains("frame-src 'self'"));
    let frames: Vec<String> = page
        .body
        .split("<iframe ")
        .skip(1)
        .map(|frame| frame.split(" src=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&"))
        .collect();
    assert_eq!(frames.len(), 4);
    for frame in &frames {
        let shown = ana.get(frame).await;
        shown.assert_status(200).assert_shows("Acme Works");
        assert!(shown.body.contains("#aa0000"), "{frame}: {}", shown.body);
        assert!(!shown.body.contains("prefers-color-scheme: dark") && !shown.body.contains("<script"), "{frame}");
        let policy = shown.header("Content-Security-Policy").unwrap();
        assert!(
            policy.starts_with("sandbox; default-src 'none'") && policy.ends_with("frame-ancestors 'self'"),
            "{policy}"
        );
        assert_eq!(shown.header("X-Frame-Options"), Some("SAMEORIGIN"));
        app.browser().get(frame).await.assert_status(303);
    }
    assert_eq!(app.stored_settings().await, before);
    // A wrong value, and a setting that no preview shows, leave what is saved.
    let shown = ana.get("/admin/settings/preview/sign-in?product_name=&passkey_enabled=off").await;
    shown.assert_shows("Sign in to Gatepost").assert_shows("passkey");
}

#[rocket::async_test]
async fn a_logo_for_dark_mode_is_shown_beside_the_one_for_light() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let dark = "/admin/settings/logo/dark";
    ana.get(dark).await.assert_shows("Add the logo for light mode first.");
    ana.upload("/admin/settings/logo", "logo", PNG).await.assert_leads_to("/admin/settings/logo");
    app.browser().get("/login").await.assert_hides("<picture>");
    let blue = include_bytes!("../../static/icon.png");
    ana.upload(dark, "logo", blue).await.assert_leads_to(dark);
    let saved = ana.get(dark).await;
    saved.assert_shows("The logo is saved.");
    assert!(saved.body.contains("logos on-dark"), "{}", saved.body);
    let page = app.browser().get("/login").await;
    let source = page.body.split("<source srcset=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // A browser keeps the place of either free, so that nothing moves when the picture comes.
    let (width, height) = Logo::from_file(blue.to_vec()).unwrap().pixels();
    let sizes = format!("media=\"(prefers-color-scheme: dark)\" width=\"{width}\" height=\"{height}\">");
    assert!(page.body.contains(&format!("{sizes}<img class=\"logo\" src=\"data:")), "{}", page.body);
    assert!(page.body.contains("alt=\"\" width=\"1\" height=\"1\"></picture>"), "{}", page.body);
    if source.starts_with("/logo.png") {
        app.browser().get(&source).await.assert_status(200);
    }
    app.browser().post("/login", &[("email", ANA)]).await;
    let mail = app.mail_to(ANA).await;
    assert_eq!(mail.source.matches("Content-ID: <logo.").count(), 2, "{}", mail.source);
    assert!(mail.source.contains("logo-dark.png") && !mail.source.contains("cid:logo-dark"));
    let preview = ana.get("/admin/mail/preview/sign_in").await;
    assert_eq!(preview.body.matches("src=\"data:image/png").count(), 2);
    // It needs one for a light ground beside it.
    ana.post("/admin/settings/logo/remove", &[]).await.assert_status(303);
    app.browser().get("/login").await.assert_hides("<picture>").assert_hides("class=\"logo\"");
    ana.post("/admin/settings/logo/dark/remove", &[]).await.assert_leads_to(dark);
    assert_eq!(app.stored_settings().await.logo_dark, None);
}
