//! Apps that require more than one proof, or a fresh one: what is missing is asked for on the way.

use crate::{
    authenticator::{Key, base64url},
    browser::{Browser, Page},
    forward_auth::{ANA, Surfer, WIKI, change, start},
    oidc_app::{Wanted, comes_back},
    passkey_pages::{adds_a_passkey, asks, authenticator, said, sends},
    phone::Phone,
    totp::sets_up_an_app,
};
use gatepost::domain::{
    Lifetime,
    assurance::{Required, Strength},
};
use serde_json::json;

fn required(strength: Strength, minutes: Option<i64>) -> Required {
    Required { strength, fresh_within: minutes.map(Lifetime::minutes) }
}

#[rocket::async_test]
async fn an_app_that_requires_a_second_factor_asks_for_it_on_the_way_and_leads_back() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/page").await;
    change(&gatepost, 1, |app| app.app.requires = required(Strength::Two, None)).await;
    ana.as_script().check(WIKI, "/page").await.assert_status(401);
    // No second factor yet: the page says where to set one up, and leads back.
    let (url, page) = ana.as_navigation().open(WIKI, "/page").await;
    assert!(url.contains("/apps/enter?"), "{url}");
    page.assert_shows("wiki needs a second factor").assert_shows("I’ve set it up: continue to wiki");
    let phone = sets_up_an_app(&mut ana.gatepost).await;
    let (_, page) = ana.follow(url).await;
    page.assert_status(200);
    assert_eq!(page.header("Remote-Amr"), Some("email otp mfa"));
    // Fresh within ten minutes.
    change(&gatepost, 1, |app| app.app.requires = required(Strength::Two, Some(10))).await;
    gatepost.clock.advance(Lifetime::minutes(11));
    ana.as_script().check(WIKI, "/page").await.assert_status(401);
    let (url, page) = ana.as_navigation().open(WIKI, "/page").await;
    assert!(url.contains("/step-up?") && url.ends_with("&need=two"), "{url}");
    page.assert_shows("wiki asks you to verify it’s you again.");
    let then = page.hidden("then").replace("&amp;", "&").replace("&#38;", "&");
    let answer =
        ana.gatepost.post_only("/step-up/second-factor", &[("code", &phone.shows(&gatepost)), ("then", &then)]).await;
    let (url, page) = ana.follow(answer.location().unwrap().to_owned()).await;
    assert_eq!((url.as_str(), page.status.code), ("https://wiki.example.com/page", 200));
}

/// Sets an authenticator app up, and returns where its button for the saved codes leads.
async fn saves_codes(browser: &mut Browser<'_>) -> String {
    sets_up_an_app(browser).await;
    let page = browser.get("/account/recovery-codes/made").await;
    let (before, _) = page.body.split_once("I’ve saved my codes").unwrap_or_else(|| panic!("{}", page.text()));
    before.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&")
}

#[rocket::async_test]
async fn a_user_who_sets_up_a_factor_for_an_app_is_led_back_to_it() {
    let gatepost = start().await;
    change(&gatepost, 1, |app| app.app.requires = required(Strength::Two, None)).await;
    let mut ana = Surfer::new(&gatepost);
    let (url, page) = ana.sign_in_from(WIKI, "/page").await;
    assert!(url.contains("/apps/enter?"), "{url}");
    page.assert_shows("wiki needs a second factor");
    let on = saves_codes(&mut ana.gatepost).await;
    assert!(on.starts_with("/apps/enter?"), "{on}");
    let (url, page) = ana.follow(on).await;
    assert_eq!((url.as_str(), page.status.code), ("https://wiki.example.com/page", 200));
    // Once the app is open, nothing waits any more.
    let phone = ana.gatepost.post("/account/totp", &[]).await.location().unwrap().to_owned();
    let code = Phone::reading(&ana.gatepost.get(&phone).await).next_code(&gatepost);
    ana.gatepost.post(&phone, &[("code", &code)]).await.assert_leads_to("/account/totp");
}

#[rocket::async_test]
async fn a_user_who_has_to_have_a_second_factor_is_led_on_to_the_app_after_setting_it_up() {
    let gatepost = start().await;
    gatepost.set("second_factor_required", "everyone").await;
    gatepost.set("recovery_codes_enabled", "off").await;
    gatepost.a_second_later();
    let mut ana = Surfer::new(&gatepost);
    let (url, _) = ana.sign_in_from(WIKI, "/page?x=1").await;
    assert!(url.ends_with("/account/security"), "{url}");
    let at = ana.gatepost.post("/account/totp", &[]).await.location().unwrap().to_owned();
    let code = Phone::reading(&ana.gatepost.get(&at).await).next_code(&gatepost);
    let page = ana.gatepost.post(&at, &[("code", &code)]).await;
    let (url, page) = ana.follow(page.location().unwrap().to_owned()).await;
    assert_eq!((url.as_str(), page.status.code), ("https://wiki.example.com/page?x=1", 200));
    assert!(!ana.gatepost.cookies.contains_key("gatepost_way_on"));
}

#[rocket::async_test]
async fn an_app_that_speaks_openid_connect_gets_its_user_after_the_factor_is_set_up() {
    let gatepost = start().await;
    let own = Wanted { required: required(Strength::Two, None), ..Wanted::default() }.register(&gatepost).await;
    let mut ana = gatepost.signed_in(ANA).await;
    ana.get(&own.path(&[])).await.assert_status(200).assert_shows("Grafana needs a second factor");
    let on = saves_codes(&mut ana).await;
    assert!(on.starts_with("/oidc/authorize?resume="), "{on}");
    assert!(comes_back(&ana.get(&on).await).contains_key("code"));
    // Signing out forgets where the user was going.
    gatepost.add_account("ben@example.com").await;
    let mut ben = gatepost.browser();
    ben.sign_in("ben@example.com").await;
    ben.get(&own.path(&[])).await;
    assert!(ben.cookies.contains_key("gatepost_way_on"));
    ben.post("/logout", &[]).await;
    assert!(!ben.cookies.contains_key("gatepost_way_on"));
}

#[rocket::async_test]
async fn an_app_that_requires_a_fresh_proof_asks_though_our_own_pages_would_not() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    change(&gatepost, 1, |app| app.app.requires = required(Strength::One, Some(2))).await;
    gatepost.clock.advance(Lifetime::minutes(3));
    let (url, page) = ana.open(WIKI, "/page").await;
    assert!(url.ends_with("&need=one"), "{url}");
    let then = page.hidden("then").replace("&amp;", "&").replace("&#38;", "&");
    ana.gatepost.post("/step-up", &[("then", &then)]).await.assert_leads_to("/login/sent");
    let link = gatepost.mail_to(ANA).await.link();
    ana.gatepost.open(&link).await;
    let answer = ana.gatepost.post("/auth/verify", &[]).await;
    let (url, page) = ana.follow(answer.location().unwrap().to_owned()).await;
    assert_eq!((url.as_str(), page.status.code), ("https://wiki.example.com/page", 200));
}

#[rocket::async_test]
async fn an_app_that_requires_a_passkey_takes_nothing_less() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    let phone = sets_up_an_app(&mut ana.gatepost).await;
    change(&gatepost, 1, |app| app.app.requires = required(Strength::Passkey, None)).await;
    let (url, page) = ana.open(WIKI, "/page").await;
    page.assert_shows("wiki needs a passkey").assert_shows("Add a passkey");
    let account = gatepost.account_of(ANA).await.unwrap().id;
    gatepost.write(move |connection| crate::database::add_passkey(connection, 5, account)).await;
    gatepost.a_second_later();
    let (url, page) = ana.follow(url).await;
    assert!(url.ends_with("&need=passkey"), "{url}");
    page.assert_shows("wiki asks for a passkey.").assert_hides("name=\"code\"");
    let then = page.hidden("then").replace("&amp;", "&").replace("&#38;", "&");
    // A code is a proof, and not enough here.
    let form = [("code", &*phone.shows(&gatepost)), ("then", &*then)];
    let answer = ana.gatepost.post_only("/step-up/second-factor", &form).await;
    let (url, _) = ana.follow(answer.location().unwrap().to_owned()).await;
    assert!(url.ends_with("&need=passkey"), "{url}");
}

/// Returns where the page's field of a step-up leads.
fn then_of(page: &Page) -> String {
    page.hidden("then").replace("&amp;", "&").replace("&#38;", "&")
}

/// Shows the passkey at the step-up, and returns where that leads.
async fn steps_up(browser: &mut Browser<'_>, key: &mut Key, then: &str) -> String {
    let options = asks(browser, "/step-up/passkey", &json!({ "then": then })).await;
    assert_eq!(options["publicKey"]["allowCredentials"][0]["id"], base64url(&key.id));
    let answer = authenticator(browser.app).get(&options, key).signed_by(key);
    let page = sends(browser, "/step-up/passkey", &json!({ "credential": answer, "then": then })).await;
    said(&page)["location"].as_str().unwrap_or_else(|| panic!("{}", page.body)).to_owned()
}

#[rocket::async_test]
async fn a_user_who_adds_a_passkey_for_an_app_is_led_back_to_the_very_page() {
    let gatepost = start().await;
    gatepost.set("recovery_codes_enabled", "off").await;
    change(&gatepost, 1, |app| app.app.requires = required(Strength::Passkey, None)).await;
    gatepost.a_second_later();
    let mut ana = Surfer::new(&gatepost);
    let (url, page) = ana.sign_in_from(WIKI, "/page?x=1").await;
    assert!(url.contains("/apps/enter?"), "{url}");
    page.assert_shows("wiki needs a passkey").assert_shows("Add a passkey");
    ana.as_script().check(WIKI, "/page").await.assert_status(401);
    let options = asks(&mut ana.gatepost, "/account/passkeys", &json!({ "name": "" })).await;
    let (_, answer) = authenticator(&gatepost).create(&options);
    let sent = json!({ "name": "", "credential": answer.registration() });
    let page = sends(&mut ana.gatepost, "/account/passkeys", &sent).await;
    let on = said(&page)["location"].as_str().unwrap_or_else(|| panic!("{}", page.body)).to_owned();
    assert!(on.starts_with("/apps/enter?"), "{on}");
    let (url, page) = ana.as_navigation().follow(on).await;
    assert_eq!((url.as_str(), page.status.code), ("https://wiki.example.com/page?x=1", 200));
    assert!(page.header("Remote-Amr").unwrap().contains("pop"), "{:?}", page.header("Remote-Amr"));
}

#[rocket::async_test]
async fn a_user_who_has_a_passkey_shows_it_on_the_way_and_again_when_it_is_no_longer_fresh() {
    let gatepost = start().await;
    let mut key = adds_a_passkey(&mut gatepost.signed_in(ANA).await).await;
    gatepost.clock.advance(Lifetime::minutes(10));
    let mut ana = Surfer::new(&gatepost);
    // The passkey is the second factor of this sign-in, too. So the app asks again only by age.
    change(&gatepost, 1, |app| app.app.requires = required(Strength::Passkey, Some(10))).await;
    gatepost.a_second_later();
    let (_, page) = ana.open(WIKI, "/page?x=1").await;
    page.assert_shows("Sign in");
    let options = asks(&mut ana.gatepost, "/login/passkey", &json!({})).await;
    let answer = authenticator(&gatepost).get(&options, &mut key).signed_by(&key);
    let sent = json!({ "credential": answer, "return_to": page.hidden("return_to").replace("&amp;", "&").replace("&#38;", "&") });
    let page = sends(&mut ana.gatepost, "/login/passkey", &sent).await;
    let on = said(&page)["location"].as_str().unwrap_or_else(|| panic!("{}", page.body)).to_owned();
    let (url, page) = ana.follow(on).await;
    assert_eq!((url.as_str(), page.status.code), ("https://wiki.example.com/page?x=1", 200));
    gatepost.clock.advance(Lifetime::minutes(11));
    ana.as_script().check(WIKI, "/page").await.assert_status(401);
    let (url, page) = ana.as_navigation().open(WIKI, "/page?x=2").await;
    assert!(url.ends_with("&need=passkey"), "{url}");
    let on = steps_up(&mut ana.gatepost, &mut key, &then_of(&page)).await;
    let (url, page) = ana.follow(on).await;
    assert_eq!((url.as_str(), page.status.code), ("https://wiki.example.com/page?x=2", 200));
    assert!(page.header("Remote-Amr").unwrap().contains("pop"), "{:?}", page.header("Remote-Amr"));
}

/// The page would lead to one that does not exist while passkeys are turned off.
#[rocket::async_test]
async fn an_app_that_requires_what_is_turned_off_says_so_and_offers_nothing() {
    let gatepost = start().await;
    gatepost.add_admin("admin@example.com").await;
    let mut admin = crate::set_up::console_session(&gatepost, "admin@example.com").await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    gatepost.set("passkey_enabled", "off").await;
    for (strength, totp, words) in [
        (Strength::Passkey, "on", "Passkeys aren’t available here"),
        (Strength::Two, "off", "Second factors aren’t available here"),
    ] {
        gatepost.set("totp_enabled", totp).await;
        change(&gatepost, 1, move |app| app.app.requires = required(strength, None)).await;
        gatepost.a_second_later();
        let (_, page) = ana.open(WIKI, "/page").await;
        page.assert_shows(words).assert_hides("/account/passkeys").assert_hides("/account/security\"");
        admin.get("/admin/apps/wiki").await.assert_shows("isn’t available with the current settings");
    }
    gatepost.set("totp_enabled", "on").await;
    gatepost.a_second_later();
    let (_, page) = ana.open(WIKI, "/page").await;
    page.assert_shows("Set up a second factor");
    admin.get("/admin/apps/wiki").await.assert_hides("isn’t available with the current settings");
}
