//! The sign-in page shows the address of the user who chose so in this browser, until a button
//! forgets it.

use crate::{
    alike::{chooses, masked, spoken},
    harness::{Setup, TestApp},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// No page names it as an example.
const ANA: &str = "ana@linden.example";
const COOKIE: &str = "gatepost_address";

async fn app_with_ana() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app
}

#[rocket::async_test]
async fn an_address_is_kept_only_where_its_user_chose_so_and_a_button_forgets_it() {
    let app = app_with_ana().await;
    let shown = format!("value=\"{ANA}\"");
    let mut ana = app.browser();
    ana.sign_in(ANA).await;
    assert!(!ana.cookies.contains_key(COOKIE));
    ana.post("/logout", &[]).await;
    ana.get("/login").await.assert_hides(ANA).assert_hides("Forget me");

    let page = ana.sign_in_to(ANA, &[("remember", "on")]).await;
    let cookie = page.set_cookies().into_iter().find(|line| line.starts_with(COOKIE)).unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Max-Age"), "{cookie}");
    ana.post("/logout", &[]).await;
    let page = ana.get("/login?return_to=/account/close").await;
    page.assert_shows("We also remember your email address here").assert_shows("Forget me on this device");
    assert!(page.body.contains(&shown) && page.body.contains("value=\"on\" checked"), "{}", page.body);
    app.browser().get("/login").await.assert_hides(ANA);
    let page = ana.post("/login/forget", &[("return_to", "/account/close")]).await;
    page.assert_leads_to("/login?return_to=%2Faccount%2Fclose");
    assert!(!ana.cookies.contains_key(COOKIE));
    ana.get("/login").await.assert_hides(ANA).assert_hides("Forget me");
}

#[rocket::async_test]
async fn the_last_sign_in_decides_what_is_kept() {
    let app = app_with_ana().await;
    app.add_account("ben@example.com").await;
    let mut shared = app.browser();
    shared.sign_in_to(ANA, &[("remember", "on")]).await;
    assert!(shared.cookies.contains_key(COOKIE));
    shared.post("/logout", &[]).await;
    shared.sign_in("ben@example.com").await;
    assert!(!shared.cookies.contains_key(COOKIE), "neither has chosen it");
    // An account that is closed is not remembered.
    shared.post("/logout", &[]).await;
    shared.sign_in_to("ben@example.com", &[("remember", "on")]).await;
    shared.post("/account/close", &[("sure", "yes")]).await.assert_leads_to("/login");
    assert!(!shared.cookies.contains_key(COOKIE));
}

/// The page reads back what this browser was given. It asks nothing of the database, so that it
/// tells nothing of accounts.
#[rocket::async_test]
async fn a_kept_address_tells_nothing_of_who_has_an_account() {
    let app = app_with_ana().await;
    for (language, own) in spoken() {
        chooses(&app, ANA, own).await;
        let mut pages = Vec::new();
        for email in [ANA, "eve@linden.example"] {
            let mut browser = app.browser().speaking(language);
            browser.cookies.insert(COOKIE.to_owned(), URL_SAFE_NO_PAD.encode(email));
            let page = browser.get("/login").await;
            assert!(page.body.contains(&format!("value=\"{email}\"")));
            assert!(page.body.contains(&format!("<html lang=\"{language}\"")), "{}", page.body);
            pages.push(masked(&page, email));
        }
        assert_eq!(pages[0], pages[1], "in {language}, the account in {own:?}");
    }
    for planted in ["", "x", "\"><b>", &URL_SAFE_NO_PAD.encode("<script>"), &URL_SAFE_NO_PAD.encode("ana")] {
        let mut browser = app.browser();
        browser.cookies.insert(COOKIE.to_owned(), planted.to_owned());
        browser.get("/login").await.assert_status(200).assert_hides("Forget me").assert_hides("<script>");
    }
}
