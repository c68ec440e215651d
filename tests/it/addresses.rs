//! Addresses with a domain in another script, on pages, in forms and in lists for admins.

use crate::{browser::Page, german::opens, harness::TestApp};
use gatepost::domain::Lifetime;

const ANA: &str = "ana@xn--mnchen-3ya.de";
const SHOWN: &str = "ana@münchen.de";
const BEN: &str = "ben@example.com";

/// Pages on which the owner of an address reads it.
async fn owners_pages(app: &TestApp) -> Vec<(String, Page)> {
    let mut ana = app.browser();
    ana.submit("/login", &[("email", SHOWN)]).await;
    let mut pages = vec![("/login/sent".to_owned(), ana.get("/login/sent").await)];
    app.deliver().await;
    pages.push(("the link".to_owned(), ana.open(&app.mail_to(ANA).await.link()).await));
    let mut elsewhere = app.browser();
    pages.push(("the link, elsewhere".to_owned(), elsewhere.open(&app.mail_to(ANA).await.link()).await));
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::hours(1));
    for path in ["/account", "/account/address", "/account/close", "/account/security", "/step-up"] {
        pages.push((path.to_owned(), ana.get(path).await));
        pages.push((format!("{path}, in German"), opens(&mut ana, path).await));
    }
    pages
}

#[rocket::async_test]
async fn owners_read_their_address_in_their_own_script_on_every_page() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.set("support_address", "hilfe@münchen.de").await;
    for (name, page) in owners_pages(&app).await {
        let text = page.text().replace(" @", "@");
        assert!(text.contains(SHOWN), "{name}: {text}");
        assert!(text.contains("hilfe@münchen.de"), "{name}: {text}");
        assert!(!text.contains("xn--"), "{name}: {text}");
    }
}

#[rocket::async_test]
async fn a_form_that_shows_an_address_in_its_script_takes_it_back() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    ana.post("/login/other-address", &[]).await.assert_leads_to("/login");
    let page = ana.get("/login").await;
    let field = page.body.split("id=\"email\"").nth(1).and_then(|rest| rest.split('>').next()).unwrap();
    let value = field.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert_eq!(value, SHOWN);
    ana.post("/login", &[("email", value)]).await.assert_leads_to("/login/sent");
    app.deliver().await;
    let link = app.mail_to(ANA).await.link();
    ana.open(&link).await.assert_shows(&format!("Sign in as {SHOWN}"));
}

#[rocket::async_test]
async fn a_domain_that_imitates_another_keeps_its_a_labels() {
    let app = TestApp::new().await;
    for (imitation, shown) in [
        ("ceo@ex\u{430}mple.com", "ceo@xn--exmple-4nf.com"), // a Cyrillic a among Latin letters
        ("ceo@аррӏе.com", "ceo@xn--80ak6aa92e.com"),         // all Cyrillic
        ("ceo@p\u{131}zza.example", "ceo@xn--pzza-lza.example"), // a dotless i
    ] {
        let mut browser = app.browser();
        browser.post("/login", &[("email", imitation)]).await.assert_leads_to("/login/sent");
        browser.get("/login/sent").await.assert_shows(shown);
        opens(&mut browser, "/login/sent").await.assert_shows(shown);
    }
}

#[rocket::async_test]
async fn what_admins_compare_and_what_is_typed_elsewhere_stays_in_ascii() {
    let app = TestApp::new().await;
    let ana = app.add_account(ANA).await;
    app.add_admin(BEN).await;
    let mut ben = app.signed_in(BEN).await;
    for path in ["/admin/people".to_owned(), format!("/admin/people/{}", ana.id)] {
        ben.get(&path).await.assert_shows(ANA);
    }
    let mut ana = app.signed_in(ANA).await;
    assert!(ana.get("/account/data").await.body.contains(ANA));
    app.set("email_link_enabled", "off").await;
    app.clock.advance(Lifetime::hours(1));
    ana.get("/step-up").await.assert_shows(&format!("gatepost link {ANA}"));
}
