//! The offer of a passkey after a sign-in, and what the user says to it. Also what the browser is
//! told of an account's passkeys.

use crate::{
    authenticator::{UV, base64url},
    browser::{Browser, Page},
    harness::{Setup, TestApp},
    passkey_pages::{adds_a_passkey, asks, authenticator, said, sends, shows},
    phone::{Phone, with_phone},
};
use gatepost::{
    apps, db,
    domain::{Lifetime, apps::registered::AppOrigin, passkey::UserHandle},
};
use serde_json::json;
use std::{collections::BTreeSet, fs};

const ANA: &str = "ana@example.com";
const PASSWORD: &str = "correct horse battery staple";
const ADD: &str = "/account/passkeys";
const CARD: &str = "Sign in without waiting for an email";
const SILENT: &str = "data-passkey-silent";

/// Some of these tests ask for more emails than people do.
async fn app_with_ana() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app
}

async fn says(browser: &mut Browser<'_>, answer: &str) {
    browser.post_only("/account/passkeys/offer", &[("answer", answer)]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn a_card_offers_a_passkey_after_a_sign_in_by_email_until_there_is_one() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/account").await;
    page.assert_shows(CARD).assert_shows("Not now").assert_shows("Don’t ask again");
    // Without the script a link leads to the page of passkeys, and the button stays away.
    let body = page.body.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(body.contains("href=\"/account/passkeys\" data-passkey-plain>"), "{body}");
    assert!(body.contains("data-finish=\"/account/passkeys\" hidden>"), "{body}");
    for path in ["/account/security", ADD] {
        ana.get(path).await.assert_hides(CARD);
    }
    app.clock.advance(Lifetime::hours(1));
    ana.get("/account").await.assert_hides(CARD);
    let mut again = app.signed_in(ANA).await;
    again.get("/account").await.assert_shows(CARD);
    adds_a_passkey(&mut again).await;
    again.get("/account").await.assert_hides(CARD);
}

/// The apps are why a user comes here. The offer follows them.
#[rocket::async_test]
async fn the_account_page_begins_with_the_apps_and_then_offers_a_passkey() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let order = |page: &Page| {
        let at = |mark: &str| page.body.find(&format!("aria-labelledby=\"{mark}\""));
        let mut found: Vec<_> =
            ["apps", "offer", "you", "account"].into_iter().filter_map(|mark| Some((at(mark)?, mark))).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, mark)| mark).collect::<Vec<_>>()
    };
    assert_eq!(order(&ana.get("/account").await), ["offer", "account"]);
    app.transact(|tx| {
        let mut wiki = crate::apps_stored::app(1, "wiki", &["wiki.example.com"]);
        wiki.app.access.everyone = true;
        db::Stop::commit(apps::add(tx, &wiki, AppOrigin::Admin)).map(Result::unwrap)
    })
    .await;
    app.a_second_later();
    assert_eq!(order(&ana.get("/account").await), ["apps", "offer", "you"]);
}

#[rocket::async_test]
async fn not_now_holds_for_thirty_days_and_never_for_ever_in_every_browser() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    ana.get("/account").await.assert_shows(CARD);
    says(&mut ana, "later").await;
    ana.get("/account").await.assert_hides(CARD);
    app.clock.advance(Lifetime::days(29));
    app.signed_in(ANA).await.get("/account").await.assert_hides(CARD);
    app.clock.advance(Lifetime::days(1));
    let mut later = app.signed_in(ANA).await;
    later.get("/account").await.assert_shows(CARD);
    says(&mut later, "never").await;
    app.clock.advance(Lifetime::days(3_650));
    app.signed_in(ANA).await.get("/account").await.assert_hides(CARD);
    later.post_only("/account/passkeys/offer", &[("answer", "yes")]).await;
}

#[rocket::async_test]
async fn nothing_is_offered_where_passkeys_are_off_or_the_sign_in_was_another() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    app.set("passkey_enabled", "off").await;
    app.a_second_later();
    ana.get("/account").await.assert_hides(CARD);
    app.set("passkey_enabled", "on").await;
    app.set("password_enabled", "on").await;
    app.a_second_later();
    ana.get("/account").await.assert_shows(CARD);
    ana.post("/account/password", &[("new_password", PASSWORD)]).await;
    let mut by_password = app.browser();
    by_password
        .post_only("/login/password", &[("email", ANA), ("password", PASSWORD)])
        .await
        .assert_leads_to("/account");
    let page = by_password.get("/account").await;
    page.assert_hides(CARD);
    // The first second factor changes how she signs in everywhere, so none is made unasked.
    assert!(!page.body.contains(SILENT));
    let options = sends(&mut by_password, "/account/passkeys/options", &json!({ "quiet": "on" })).await;
    assert_eq!(options.status.code, 403);
}

/// Ana, in a browser that has just shown her password and her app.
async fn by_password_and_app<'a>(app: &'a TestApp) -> (Browser<'a>, Phone) {
    app.set("password_enabled", "on").await;
    app.a_second_later();
    let (mut ana, phone) = with_phone(app, ANA).await;
    ana.post("/account/password", &[("new_password", PASSWORD)]).await.assert_status(303);
    let mut browser = app.browser();
    browser.post_only("/login/password", &[("email", ANA), ("password", PASSWORD)]).await;
    let code = phone.next_code(app);
    browser.post_only("/login/second-factor", &[("code", &code)]).await.assert_leads_to("/account");
    (browser, phone)
}

async fn makes_one_unasked(browser: &mut Browser<'_>, flags: u8) -> Page {
    let options = asks(browser, ADD, &json!({ "quiet": "on" })).await;
    assert_eq!(options["publicKey"]["authenticatorSelection"]["userVerification"], "required");
    let (_, mut answer) = authenticator(browser.app).create(&options);
    answer.flags &= flags;
    sends(browser, ADD, &json!({ "quiet": "on", "credential": answer.registration() })).await
}

#[rocket::async_test]
async fn right_after_a_password_and_a_second_factor_the_browser_may_make_one_by_itself() {
    let app = app_with_ana().await;
    let (mut ana, _) = by_password_and_app(&app).await;
    let page = ana.get("/account").await;
    page.assert_hides(CARD);
    assert!(page.body.contains(SILENT) && page.body.contains("data-passkey-signals"), "{}", page.body);
    // Made without asking its user for a finger or a PIN, it would be weaker than any other.
    let refused = makes_one_unasked(&mut ana, !UV).await;
    assert_eq!((refused.status.code, said(&refused)), (422, json!({ "problem": "refused" })));
    let id = app.account_of(ANA).await.unwrap().id;
    assert!(app.read(move |connection| db::passkeys::of_account(connection, id)).await.is_empty());

    let made = makes_one_unasked(&mut ana, !0).await;
    let ids = app.read(move |connection| db::passkeys::credential_ids(connection, id)).await;
    assert_eq!(ids.len(), 1);
    assert_eq!((made.status.code, said(&made)), (200, json!({ "ids": base64url(&ids[0]) })));
    assert!(app.mail_to(ANA).await.subject.contains("A passkey was added"));
    assert!(ana.is_signed_in_as(ANA).await);
    assert!(!ana.get("/account").await.body.contains(SILENT));
}

#[rocket::async_test]
async fn none_is_made_unasked_later_or_after_a_no() {
    let app = app_with_ana().await;
    let (mut ana, _) = by_password_and_app(&app).await;
    says(&mut ana, "later").await;
    assert!(!ana.get("/account").await.body.contains(SILENT));
    let refused = sends(&mut ana, "/account/passkeys/options", &json!({ "quiet": "on" })).await;
    assert_eq!(refused.status.code, 403);

    let app = app_with_ana().await;
    let (mut ana, _) = by_password_and_app(&app).await;
    app.clock.advance(Lifetime::minutes(2));
    assert!(!ana.get("/account").await.body.contains(SILENT));
    let refused = sends(&mut ana, "/account/passkeys/options", &json!({ "quiet": "on" })).await;
    assert_eq!(refused.status.code, 403);
}

/// A value that the page gives to the signals.
fn told(page: &Page, name: &str) -> Option<String> {
    let signals = page.body.split_once("data-passkey-signals")?.1.split_once('>')?.0;
    let value = signals.split_once(&format!("{name}=\""))?.1.split_once('"')?.0;
    Some(value.to_owned())
}

#[rocket::async_test]
async fn the_browser_is_told_of_each_change_of_the_passkeys_and_of_the_name() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let id = app.account_of(ANA).await.unwrap().id;
    assert_eq!(told(&ana.get(ADD).await, "data-ids").as_deref(), Some(""));
    let options = asks(&mut ana, ADD, &json!({})).await;
    let (first, answer) = authenticator(&app).create(&options);
    let added = said(&sends(&mut ana, ADD, &json!({ "credential": answer.registration() })).await);
    // Its codes come next, or an app that waits. So the script is told before it leads on.
    let names = json!({
        "rpId": "localhost",
        "userId": base64url(UserHandle::of(id).as_bytes()),
        "ids": base64url(&first.id),
        "name": ANA,
        "displayName": ANA,
    });
    assert_eq!(added, json!({ "location": "/account/recovery-codes/made", "signals": names }));
    let mut second = adds_a_passkey(&mut ana).await;
    let page = ana.get(ADD).await;
    let ids = told(&page, "data-ids").unwrap();
    let ids: BTreeSet<_> = ids.split(' ').map(str::to_owned).collect();
    assert_eq!(ids, BTreeSet::from([base64url(&first.id), base64url(&second.id)]));
    assert_eq!(told(&page, "data-rp-id").as_deref(), Some("localhost"));
    assert_eq!(told(&page, "data-user-id"), Some(base64url(UserHandle::of(id).as_bytes())));
    assert_eq!((told(&page, "data-name"), told(&page, "data-display-name")), (Some(ANA.into()), Some(ANA.into())));
    let passkey = app.read(move |connection| db::passkeys::find_by_credential_id(connection, &first.id)).await;
    ana.post(&format!("{ADD}/{}/remove", passkey.unwrap().passkey.id), &[]).await;
    assert_eq!(told(&ana.get(ADD).await, "data-ids"), Some(base64url(&second.id)));

    app.clock.advance(Lifetime::hours(1));
    assert_eq!(told(&ana.get("/account").await, "data-name"), None);
    let named = ana.post("/account/name", &[("name", "Ana María")]).await;
    assert_eq!(named.status.code, 303);
    let page = ana.get("/account").await;
    assert_eq!(
        (told(&page, "data-name"), told(&page, "data-display-name")),
        (Some(ANA.into()), Some("Ana María".into()))
    );
    let page = shows(&mut ana, "/step-up/passkey", &mut second, |_| {}).await;
    assert_eq!(page.status.code, 200, "{}", page.body);
    ana.post("/account/address", &[("new_email", "new@example.com")]).await.assert_leads_to("/account");
    ana.open(&app.mail_to("new@example.com").await.link()).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    assert_eq!(told(&ana.get("/account").await, "data-name").as_deref(), Some("new@example.com"));
}

/// Opens the newest undo link in another browser, which is not signed in, and presses its button.
async fn undoes(app: &TestApp) {
    let mut reader = app.browser();
    reader.open(&app.mail_to(ANA).await.undo_link()).await;
    reader.submit("/auth/undo", &[]).await.assert_status(200);
    app.a_second_later();
}

#[rocket::async_test]
async fn after_a_sign_in_the_browser_is_told_of_what_was_undone_elsewhere() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let key = adds_a_passkey(&mut ana).await;
    let page = ana.get("/account").await;
    assert_eq!(told(&page, "data-ids"), Some(base64url(&key.id)));
    undoes(&app).await;
    assert!(ana.is_signed_out().await);
    ana.sign_in(ANA).await;
    assert_eq!(told(&ana.get("/account").await, "data-ids").as_deref(), Some(""));

    ana.post("/account/address", &[("new_email", "new@example.com")]).await.assert_leads_to("/account");
    ana.open(&app.mail_to("new@example.com").await.link()).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    assert_eq!(told(&ana.get("/account").await, "data-name").as_deref(), Some("new@example.com"));
    undoes(&app).await;
    assert!(ana.is_signed_out().await);
    ana.sign_in(ANA).await;
    // Until an hour later, on this page alone.
    app.clock.advance(Lifetime::minutes(59));
    assert_eq!(told(&ana.get("/account").await, "data-name").as_deref(), Some(ANA));
    assert_eq!(told(&ana.get("/account/security").await, "data-name"), None);
    app.clock.advance(Lifetime::minutes(1));
    assert_eq!(told(&ana.get("/account").await, "data-name"), None);
}

#[rocket::async_test]
async fn where_no_user_is_signed_in_no_page_tells_of_passkeys_and_no_script_of_a_single_one() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    adds_a_passkey(&mut ana).await;
    ana.post("/logout", &[]).await;
    for path in ["/login", "/login/sent", "/login/second-factor", "/password/forgot"] {
        assert!(!ana.get(path).await.body.contains("data-passkey-signals"), "{path}");
    }
    for file in fs::read_dir("static").unwrap() {
        let text = String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap()).into_owned();
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        assert!(!code.contains("signalUnknownCredential"), "{code}");
    }
}
