//! Post, redirect, get, for every form: no POST is answered with a page. The next page says what
//! was wrong, beside what was typed, or once what was done. A form without a cell below fails a
//! test.

use crate::{
    acting::{ACTED, Body, Cell, Has, Scene, shape},
    browser::{Browser, Page},
    gate::is_for_programs,
    harness::{Setup, TestApp},
};
use Has::{Factors, Password};
use gatepost::signin;
use rocket::http::Method;
use std::collections::BTreeSet;

const ANA: &str = "ana@example.com";
const PASSWORD: &str = "correct horse battery staple";
/// A character that no name may have.
const BAD_NAME: &str = "An\u{202e}a";

/// A form with a mistake in it, and what its page then says.
struct Wrong(&'static str, Has, &'static [(&'static str, &'static str)], &'static str);

/// Forms of a signed-in user with a field to fill in.
const WRONG: &[Wrong] = &[
    Wrong("/account/name", Password, &[("name", BAD_NAME)], "invisible character"),
    Wrong("/account/username", Password, &[("handle", "a b")], "Use 1 to 32 lowercase letters"),
    Wrong("/account/username", Password, &[("handle", "root")], "Only an admin can give it."),
    Wrong("/account/address", Password, &[("new_email", "ana@")], "Enter an email address"),
    Wrong("/account/address", Password, &[("new_email", ANA)], "already your address"),
    Wrong("/account/close", Password, &[], "Tick the box if you’re sure."),
    Wrong("/account/password", Password, &[("new_password", "sh0rt")], "characters"),
    Wrong("/account/totp/{begun}", Factors, &[("name", BAD_NAME), ("code", "123456")], "invisible character"),
    Wrong("/account/totp/{begun}", Factors, &[("code", "12")], "That code is incomplete"),
    Wrong("/account/passkeys/{passkey}/rename", Factors, &[("name", BAD_NAME)], "invisible character"),
    Wrong("/step-up/password", Password, &[("password", "n0t mine")], "Wrong password"),
    Wrong("/step-up/second-factor", Factors, &[("code", "12")], "That code is incomplete"),
    Wrong(
        "/admin/settings",
        Password,
        &[("product_name", "Acme"), ("link_lifetime", "soon")],
        "1 field needs another look",
    ),
    Wrong("/admin/people/invitations", Password, &[("emails", "ben@")], "Enter at least one email address"),
    Wrong("/admin/people", Password, &[("email", "ben@")], "Enter an email address"),
    Wrong("/admin/people", Password, &[("email", "ben@example.com")], "already has an account"),
    Wrong("/admin/people", Password, &[("email", "new@example.com"), ("ends_on", "2020-01-01")], "isn’t over yet"),
    Wrong("/admin/people/{ben}/end/save", Password, &[("ends_on", "soon")], "Enter a date such as"),
    Wrong("/admin/people/{ben}/username/save", Password, &[("handle", "@ben")], "Use 1 to 32 lowercase letters"),
    Wrong("/admin/groups", Password, &[("name", "a,b")], "Use only lowercase letters"),
    Wrong("/admin/groups", Password, &[("name", "family")], "There’s already a group with this name."),
    Wrong("/admin/groups/{group}", Password, &[("email", "new@example.com")], "No user has this email address."),
    Wrong("/admin/groups/{group}", Password, &[("email", "ben@example.com")], "already in the group"),
    Wrong("/admin/new-app", Password, &[("name", ""), ("hosts", "notes.example.com")], "Enter a name"),
    Wrong("/admin/new-app", Password, &[("name", "Notes"), ("hosts", "notes.example.com/x")], "without a path"),
    Wrong("/admin/new-app", Password, &[("name", "Notes"), ("hosts", "http://localhost:9000")], "own address"),
    Wrong(
        "/admin/new-app",
        Password,
        &[("name", "Notes"), ("hosts", "garden.example.com")],
        "belongs to the app garden",
    ),
    Wrong("/admin/apps/{wiki}/change", Password, &[("name", "Wiki"), ("link", "wiki")], "Enter a web address"),
    Wrong(
        "/admin/apps/{wiki}/openid",
        Password,
        &[("preset", "other"), ("redirect_uris", "https://*.example.com/cb")],
        "Enter each address by itself",
    ),
    Wrong(
        "/admin/apps/{client}/openid/change",
        Password,
        &[("redirect_uris", "http://app.example.com/callback")],
        "isn’t encrypted",
    ),
    Wrong(
        "/admin/apps/{client}/openid/keys",
        Password,
        &[("jwks", ""), ("jwks_uri", "app.example.com/keys")],
        "Enter an address that begins with",
    ),
    Wrong(
        "/admin/apps/{client}/openid/built-in",
        Password,
        &[("client_secret", "short"), ("client_id", "own-id")],
        "It needs 32 to 256 random characters",
    ),
    Wrong("/admin/apps/{wiki}/people", Password, &[("email", "ben@")], "Enter an email address"),
    Wrong("/admin/apps/{wiki}/people", Password, &[("until", "soon"), ("email", "ben@example.com")], "Choose a date"),
    Wrong("/admin/asks/{ask}/until", Password, &[("until", "soon")], "Choose a date"),
    Wrong("/device", Password, &[("code", "BCDF-GHJK")], "That code is wrong or has expired"),
];

/// Forms of strangers with a field to fill in: [`at`] brings a browser to each.
const STRANGE: &[Wrong] = &[
    Wrong("/login", Password, &[("email", "ana@")], "Enter an email address like"),
    Wrong("/login/code", Password, &[("code", "12")], "That code is incomplete"),
    Wrong("/login/code", Password, &[("code", "000-000")], "That code is wrong or has expired"),
    Wrong("/login/password", Password, &[("email", ANA), ("password", "n0t mine")], "Wrong email address or password"),
    Wrong("/login/second-factor", Factors, &[("code", "12")], "That code is incomplete"),
    Wrong("/password/forgot", Password, &[("email", "ana@")], "Enter an email address"),
    Wrong("/auth/reset", Password, &[("new_password", "sh0rt")], "characters"),
    Wrong("/setup", Password, &[("email", "ana@")], "Enter an email address"),
];

/// Forms that the page has filled in, so that nothing can be typed wrongly. They are sent with an
/// unknown field, and with none.
const BUTTONS: &[&str] = &[
    // The test mailbox.
    "/dev/mailbox/clear",
    // A list to choose from.
    "/account/language",
    "/account/time-zone",
    "/admin/mail/code-first",
    // One of two answers.
    "/account/passkeys/offer",
    "/account/security/forget",
    "/account/sessions/revoke",
    // A file: a test below.
    "/admin/settings/logo",
    "/admin/settings/logo/dark",
    // Boxes to tick in a list.
    "/admin/people/several",
    "/admin/apps/{wiki}/icon",
    "/admin/groups/{group}/leave",
    "/auth/again",
    "/auth/cancel",
    "/auth/invitation",
    "/auth/invitation/opened",
    "/auth/new-browser",
    "/auth/recovery",
    "/auth/undo",
    "/auth/verify",
    "/login/forget",
    "/login/other-address",
    "/login/resend",
    "/login/second-factor/lost",
    // What the page has filled in: an app, or an address that a refused request named.
    "/account/apps/sign-out",
    "/admin/apps/{client}/openid/add-uri",
    "/apps/again",
    "/apps/ask",
    // One of two answers.
    "/device/decide",
    // An app's request, which the page has filled in.
    "/oidc/consent",
    "/oidc/logout/confirm",
    "/step-up",
];

/// Paths at which our scripts send and read. No browser shows the answer.
const JSON: &[&str] = &[
    "/account/passkeys",
    "/account/passkeys/options",
    "/login/passkey",
    "/login/passkey/options",
    "/login/second-factor/passkey",
    "/login/second-factor/passkey/options",
    "/step-up/passkey",
    "/step-up/passkey/options",
];

const fn is_button(cell: &Cell) -> bool {
    matches!(cell.3, Body::Form([]))
}

fn forms(app: &TestApp) -> Vec<String> {
    let routes = app.client.rocket().routes().filter(|route| route.method == Method::Post);
    let paths = routes.map(|route| route.uri.path().to_string());
    paths.filter(|path| !JSON.contains(&path.as_str()) && !is_for_programs(app, path)).collect()
}

#[rocket::async_test]
async fn every_form_has_a_cell() {
    let app = TestApp::new().await;
    let typed = WRONG.iter().chain(STRANGE).map(|wrong| wrong.0);
    let buttons = ACTED.iter().filter(|cell| is_button(cell)).map(|cell| cell.0).chain(BUTTONS.iter().copied());
    let cells: BTreeSet<_> = typed.chain(buttons).map(shape).collect();
    assert_eq!(forms(&app).iter().map(|path| shape(path)).collect::<BTreeSet<_>>(), cells);
}

/// Asserts that a reload sends nothing again: the answer leads on, or the server read nothing of
/// the form.
#[track_caller]
pub fn is_no_page(answer: &Page, what: &str) {
    match answer.status.code {
        303 => assert!(answer.body.is_empty(), "{what} is answered with a body"),
        code => assert!((400..500).contains(&code), "{what}: {code}"),
    }
}

#[rocket::async_test]
async fn no_form_is_answered_with_a_page() {
    for has in [Password, Factors] {
        let scene = Scene::new(has).await;
        let mut sent = 0;
        for path in forms(&scene.app) {
            let cell = ACTED.iter().find(|cell| cell.2 == has && shape(cell.0) == shape(&path));
            // A form without fields does its work when nothing is sent: the next test but one.
            let acts_on_nothing = cell.map_or(path == "/logout", is_button);
            let path = match cell {
                Some(cell) => scene.fill(cell.0),
                None => path.replace("<id>", "0000000000000001").replace("<deed>", "disable"),
            };
            let fields: [&[(&str, &str)]; 3] = [&[("other", "x")], &[("email", ""), ("code", "")], &[]];
            for fields in &fields[..if acts_on_nothing { 2 } else { 3 }] {
                for mut browser in [scene.ana(&scene.app), scene.app.browser()] {
                    let answer = browser.post_only(&path, fields).await;
                    is_no_page(&answer, &format!("{path} with {fields:?}"));
                    sent += 1;
                }
            }
        }
        assert!(sent > 100, "{sent}");
    }
}

/// Asserts that reloads say the same. A form that is accepted, or ten minutes, end it
/// (`pages_tell`).
async fn says_what_is_wrong(browser: &mut Browser<'_>, path: &str, wrong: &Wrong) {
    let what = format!("{path} with {:?}", wrong.2);
    let answer = browser.post_only(path, wrong.2).await;
    is_no_page(&answer, &what);
    let to = answer.location().unwrap_or_else(|| panic!("{what}: {} {}", answer.status, answer.text())).to_owned();
    for _ in 0..2 {
        let page = browser.get(&to).await;
        assert!(page.text().contains(wrong.3), "{what} leads to {to}, {}: {}", page.status, page.text());
        for (name, value) in wrong.2 {
            // Only an incomplete code is shown again, where that helps.
            if *name != "code" {
                let is_secret = ["password", "new_password", "client_secret"].contains(name);
                let is_shown = page.body.contains(&format!("value=\"{value}\""))
                    || page.body.contains(&format!(">{value}</textarea>"))
                    || page.body.contains(&format!(">\n{value}</textarea>"));
                assert_eq!(is_shown, !is_secret, "{what}: {name} in {}", page.body);
            }
        }
        assert!(!page.body.contains("message good"), "{what}: {}", page.text());
    }
}

#[rocket::async_test]
async fn the_page_of_a_form_says_what_was_wrong_beside_what_was_typed() {
    for has in [Password, Factors] {
        let scene = Scene::new(has).await;
        for wrong in WRONG.iter().filter(|wrong| wrong.1 == has) {
            says_what_is_wrong(&mut scene.ana(&scene.app), &scene.fill(wrong.0), wrong).await;
        }
    }
}

/// Returns a browser without a signed-in user, at a form.
async fn at<'a>(app: &'a TestApp, path: &str) -> Browser<'a> {
    let mut browser = app.browser();
    match path {
        "/login/code" => {
            browser.post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
        }
        "/login/second-factor" => {
            let fields = [("email", ANA), ("password", PASSWORD)];
            browser.post("/login/password", &fields).await.assert_leads_to("/login/second-factor");
        }
        "/auth/reset" => {
            browser.post("/password/forgot", &[("email", ANA)]).await.assert_status(303);
            let mails = app.mails_to(ANA).await;
            let words = mails.iter().rev().flat_map(|mail| mail.text.split_whitespace());
            let link = words.into_iter().find(|word| word.contains("/auth/reset?token=")).map(crate::harness::local);
            browser.open(&link.unwrap()).await.assert_status(200);
        }
        "/setup" => {
            let link = signin::print_set_up_link(&app.services).await.unwrap().unwrap();
            browser.open(&crate::harness::local(&link)).await.assert_status(200);
        }
        _ => {}
    }
    browser
}

#[rocket::async_test]
async fn the_page_of_a_strangers_form_says_what_was_wrong_beside_what_was_typed() {
    let new = TestApp::new().await;
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/password", &[("new_password", PASSWORD)]).await.assert_status(303);
    for wrong in STRANGE.iter().filter(|wrong| wrong.1 == Password) {
        let app = if wrong.0 == "/setup" { &new } else { &app };
        says_what_is_wrong(&mut at(app, wrong.0).await, wrong.0, wrong).await;
    }
    crate::totp::sets_up_an_app(&mut ana).await;
    for wrong in STRANGE.iter().filter(|wrong| wrong.1 == Factors) {
        says_what_is_wrong(&mut at(&app, wrong.0).await, wrong.0, wrong).await;
    }
}

#[rocket::async_test]
async fn what_is_no_logo_is_said_by_the_page_of_the_logo() {
    let scene = Scene::new(Password).await;
    let mut ana = scene.ana(&scene.app);
    let answer = ana.upload("/admin/settings/logo", "logo", b"no picture").await;
    answer.assert_leads_to("/admin/settings/logo");
    for _ in 0..2 {
        ana.get("/admin/settings/logo").await.assert_status(422).assert_shows("Choose a PNG or WebP file.");
    }
}
