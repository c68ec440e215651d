//! Everything that a requester can see is the same for every state of the address, in every
//! language.

use crate::{
    browser::Page,
    harness::TestApp,
    passkey_pages::{adds_a_passkey, said, sends},
};
use gatepost::{
    db,
    domain::{LanguageTag, Lifetime},
    locale::Catalogue,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// As long as each other, so that no length differs by what was typed.
const KNOWN: &str = "known@example.com";
const UNKNOWN: &str = "stran@example.com";
const DISABLED: &str = "disab@example.com";
const LIMITED: &str = "limit@example.com";
const LIMITED_STRANGER: &str = "limst@example.com";

#[rocket::async_test]
async fn known_unknown_disabled_and_limited_addresses_answer_byte_for_byte_alike() {
    for spoken in spoken() {
        for form in ["/login", "/password/forgot"] {
            answer_alike(spoken, form).await;
        }
    }
}

/// A browser's language, and the one that the owner of the account chose.
pub type Spoken = (&'static str, Option<&'static str>);

/// Returns each language of a browser: with no choice of the owner, and with each other language.
pub fn spoken() -> Vec<Spoken> {
    let tags: Vec<&'static str> = crate::catalogue::language_tags().into_iter().map(|tag| &*tag.leak()).collect();
    let own = |tag: &'static str| {
        let others = tags.iter().copied().filter(move |other| *other != tag);
        std::iter::once(None).chain(others.map(Some))
    };
    tags.iter().flat_map(|&tag| own(tag).map(move |own| (tag, own))).collect()
}

/// Gives an account the language that its owner chose.
pub async fn chooses(app: &TestApp, email: &str, language: Option<&str>) {
    let id = app.account_of(email).await.unwrap().id;
    let language = language.and_then(LanguageTag::parse);
    app.write(move |connection| db::accounts::set_language(connection, id, language.as_ref())).await;
}

async fn answer_alike((language, own): Spoken, form: &str) {
    let app = TestApp::new().await;
    app.set("password_enabled", "on").await;
    app.add_account(KNOWN).await;
    app.add_account(LIMITED).await;
    let disabled = app.add_account(DISABLED).await;
    let now = app.services.now();
    app.write(move |connection| db::accounts::set_disabled(connection, disabled.id, Some(now))).await;
    for email in [KNOWN, LIMITED, DISABLED] {
        chooses(&app, email, own).await;
    }
    for n in 0..3 {
        app.browser().at(&format!("198.51.100.{n}")).post(form, &[("email", LIMITED)]).await;
        app.browser().at(&format!("198.51.101.{n}")).post(form, &[("email", LIMITED_STRANGER)]).await;
    }
    let [known, unknown, disabled, limited, limited_stranger] = [
        seen(&app, language, form, KNOWN).await,
        seen(&app, language, form, UNKNOWN).await,
        seen(&app, language, form, DISABLED).await,
        seen(&app, language, form, LIMITED).await,
        seen(&app, language, form, LIMITED_STRANGER).await,
    ];
    let has = |words: &str| known.iter().any(|page| page.contains(words));
    assert!(has(&format!("<html lang=\"{language}\"")), "{language}: {known:?}");
    let case = format!("{form} in {language}, the account in {own:?}");
    assert_eq!(known, unknown, "{case}");
    assert_eq!(known, disabled, "{case}");
    assert_eq!(limited, limited_stranger, "{case}: over the limit, with an account and without");
    // The countdown is the truth for a mailbox over its limit, and that has nothing to do with
    // accounts.
    assert_ne!(known, limited, "{case}: the limit is reached");
    assert_eq!(without_countdown(&known), without_countdown(&limited), "{case}");
}

/// Every answer from the form to a dead code.
async fn seen(app: &TestApp, language: &'static str, form: &str, email: &str) -> Vec<String> {
    let mut browser = app.browser().speaking(language);
    let mut pages = vec![browser.post_only(form, &[("email", email)]).await];
    app.deliver().await;
    pages.push(browser.get("/login/sent").await);
    pages.push(browser.get("/login/state").await);
    pages.push(browser.post_only("/login/resend", &[]).await);
    pages.push(browser.get("/login/sent").await);
    for _ in 0..6 {
        pages.push(browser.post_only("/login/code", &[("code", "000-000")]).await);
        pages.push(browser.get("/login/sent").await);
    }
    pages.push(browser.post_only("/login/other-address", &[]).await);
    pages.push(browser.get(form).await);
    pages.iter().map(|page| masked(page, email)).collect()
}

/// An answer without what differs by chance or by what was typed.
pub fn masked(page: &Page, email: &str) -> String {
    let by_chance = |name: &str| name.eq_ignore_ascii_case("x-request-id") || name.eq_ignore_ascii_case("set-cookie");
    let headers = page.headers.iter().filter(|(name, _)| !by_chance(name));
    let headers: Vec<String> = headers.map(|(name, value)| format!("{name}: {value}")).collect();
    let cookies = page.set_cookies().into_iter().map(|cookie| {
        let (name, rest) = cookie.split_once('=').unwrap();
        let (value, attributes) = rest.split_once(';').unwrap();
        format!("{name}={} chars;{attributes}", value.len())
    });
    let mut cookies: Vec<String> = cookies.collect();
    // Rocket writes them in an order of chance.
    cookies.sort();
    let mut body = page.body.replace(email, "EMAIL");
    if body.contains("name=\"attempt\"") {
        body = body.replace(page.hidden("attempt"), "ATTEMPT");
    }
    format!("{} {headers:?} {cookies:?} {body}", page.status)
}

/// The answers without the time until the next email, and without numbers that follow from its
/// length.
fn without_countdown(pages: &[String]) -> Vec<String> {
    let is_count = |word: &&str| word.chars().all(|c| c.is_ascii_digit() || matches!(c, '"' | ',' | '='));
    let catalogue = Catalogue::embedded().unwrap();
    let spans = [Lifetime::seconds(30), Lifetime::minutes(15)];
    let spans =
        catalogue.locales().iter().flat_map(|locale| spans.map(|span| locale.span(span).replace('\u{a0}', " ")));
    let countdowns: Vec<String> = spans.chain(["data-wait=\"30\"".into(), "data-wait=\"900\"".into()]).collect();
    let pages = pages.iter().map(|page| {
        let page = page.replace('\u{a0}', " ");
        let page = countdowns.iter().fold(page, |page, words| page.replace(words, ""));
        page.split_whitespace().filter(|word| !is_count(word)).collect::<Vec<_>>().join(" ")
    });
    pages.collect()
}

#[rocket::async_test]
async fn over_the_limit_of_a_network_or_after_another_email_no_page_claims_that_one_was_sent() {
    let app = TestApp::new().await;
    app.set("password_enabled", "on").await;
    app.set("limits_per_client", "3/15m").await;
    app.add_account(KNOWN).await;
    let mut browser = app.browser();
    for _ in 0..3 {
        browser.post("/login", &[("email", KNOWN)]).await;
    }
    for (form, email, words) in [
        ("/login", UNKNOWN, "Look for our newest email to"),
        ("/login", DISABLED, "We only send an email if this address can be used here."),
        ("/password/forgot", KNOWN, "We only send an email if this address has an account here."),
    ] {
        browser.post_only(form, &[("email", email)]).await;
        browser.get("/login/sent").await.assert_shows(words).assert_hides("We’ve emailed").assert_hides("you’ll find");
    }
    assert_eq!(app.mails_to(KNOWN).await.len(), 3, "only the emails for signing in");
}

/// The name of the app is that of the way back, for each address.
#[rocket::async_test]
async fn on_the_way_to_an_app_known_and_unknown_addresses_answer_alike_too() {
    for spoken in spoken() {
        answer_alike_on_the_way_to_an_app(spoken).await;
    }
}

async fn answer_alike_on_the_way_to_an_app((language, own): Spoken) {
    let app = TestApp::new().await;
    app.set("password_enabled", "on").await;
    app.add_account(KNOWN).await;
    chooses(&app, KNOWN, own).await;
    let grafana = crate::oidc_app::Wanted::default().register(&app).await;
    let mut all = Vec::new();
    for email in [KNOWN, UNKNOWN] {
        let mut browser = app.browser().speaking(language);
        let login = browser.get(&grafana.path(&[])).await.location().unwrap().to_owned();
        let (_, return_to) = login.split_once("return_to=").unwrap();
        let return_to =
            url::form_urlencoded::parse(format!("to={return_to}").as_bytes()).next().unwrap().1.into_owned();
        let fields = [("email", email), ("password", "not the password"), ("return_to", return_to.as_str())];
        let refused = browser.post_only("/login/password", &fields).await;
        let again = browser.get(refused.location().unwrap()).await;
        again.assert_shows("Grafana");
        let sent = browser.post_only("/login", &[fields[0], fields[2]]).await;
        app.deliver().await;
        let pages = [browser.get(&login).await, refused, again, sent, browser.get("/login/sent").await];
        pages[0].assert_shows("Grafana");
        assert!(pages[0].body.contains(&format!("<html lang=\"{language}\"")), "{}", pages[0].body);
        all.push(pages.iter().map(|page| masked(page, email)).collect::<Vec<_>>());
    }
    assert_eq!(all[0], all[1], "in {language}, the account in {own:?}");
}

/// Random ids and the number of passkeys follow from the address. The rest is the same.
#[rocket::async_test]
async fn passkey_options_are_alike_for_every_address_in_every_language() {
    for (language, own) in spoken() {
        let app = TestApp::new().await;
        app.add_account(KNOWN).await;
        app.add_account(LIMITED).await;
        adds_a_passkey(&mut app.signed_in(KNOWN).await).await;
        for email in [KNOWN, LIMITED] {
            chooses(&app, email, own).await;
        }
        let mut all = Vec::new();
        for email in [KNOWN, LIMITED, UNKNOWN] {
            let mut browser = app.browser().speaking(language);
            let page = sends(&mut browser, "/login/passkey/options", &json!({ "email": email })).await;
            page.assert_status(200);
            let mut options = said(&page);
            let of_address = options["publicKey"]["allowCredentials"].take();
            assert!(!of_address.as_array().unwrap().is_empty(), "{email}");
            options["publicKey"]["challenge"].take();
            let headers = masked(&Page { body: String::new(), ..page }, email);
            all.push((headers, options, kinds_of(&of_address)));
        }
        assert!(all.iter().all(|one| *one == all[0]), "in {language}, the account in {own:?}: {all:#?}");
    }
}

/// Returns what passkeys are, without their ids.
fn kinds_of(passkeys: &Value) -> BTreeSet<String> {
    let kind = |passkey: &Value| {
        let mut passkey = passkey.clone();
        passkey["id"].take();
        passkey.to_string()
    };
    passkeys.as_array().unwrap().iter().map(kind).collect()
}
