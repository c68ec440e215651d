//! Every form that waits for a step-up, and every button that was pressed before one. Afterwards
//! the page says that one press is left.

use crate::{
    acting::{ACTED, Body, Cell, Has, Request, Scene, Takes, leads},
    architecture::files_below,
    browser::{Browser, Page},
    pressed::asked,
    step_up::{BY_ITSELF, sent_by_itself},
};
use Body::Form;
use Has::Password;
use Takes::FreshAdmin;
use gatepost::domain::Lifetime;
use std::fs;

const ANA: &str = "ana@example.com";
const PASSWORD: &str = "correct horse battery staple";

/// Leaves passwords on, but turns off what the other forms need.
const SETTINGS: Cell = Cell(
    "/admin/settings",
    FreshAdmin,
    Password,
    Form(&[("email_link_enabled", "on"), ("password_enabled", "on"), ("product_name", "Acme")]),
);

/// Second forms of a page in the table of `acting.rs`.
const MORE: &[Cell] = &[
    Cell("/admin/groups/{group}", FreshAdmin, Password, Form(&[("note", "Our family")])),
    Cell(
        "/admin/people/several",
        FreshAdmin,
        Password,
        Form(&[("deed", "end"), ("users", "{ben} {carl}"), ("ends_on", "2031-03-31")]),
    ),
    Cell("/admin/apps/{client}/openid/keys", FreshAdmin, Password, Form(&[("jwks", ""), ("jwks_uri", "")])),
];

/// Not sent: the settings are above, and the code of a device has expired by then.
const LEFT_OUT: [&str; 2] = ["/admin/settings", "/device/decide"];

/// Each form that its page sends by itself: template, path, and what the page after it says.
const BY_THEMSELVES: &[(&str, &str, &str)] = &[
    ("account/overview.html", "/account/username", "The username is saved."),
    ("account/address.html", "/account/address", "we’ve emailed a link there"),
    ("account/totp.html", "/account/totp", "Set up an authenticator app"),
    ("admin/people.html", "/admin/people", "is invited. The email is"),
    ("admin/invitations.html", "/admin/people/invitations", "1 user is invited."),
    ("admin/person.html", "/admin/people/{ben}/end/save", "End date saved."),
    ("admin/person.html", "/admin/people/{ben}/username/save", "The username is saved."),
    ("admin/groups.html", "/admin/groups", "friends"),
    ("admin/group.html", "/admin/groups/{group}", "carl@example.com"),
    ("admin/group.html", "/admin/groups/{group}", "The note is saved."),
    ("admin/app_new.html", "/admin/new-app", "Notes"),
    ("admin/app_change.html", "/admin/apps/{wiki}/change", "Our wiki"),
    ("admin/app_icon.html", "/admin/apps/{wiki}/icon", "saved"),
    ("admin/app_people.html", "/admin/apps/{wiki}/people", "carl@example.com"),
    ("admin/ask.html", "/admin/asks/{ask}/until", "carl@example.com"),
    ("admin/client_add.html", "/admin/apps/{wiki}/openid", "secret"),
    ("admin/client_change.html", "/admin/apps/{client}/openid/change", "saved"),
    ("admin/client_own_keys.html", "/admin/apps/{client}/openid/keys", "saved"),
    ("admin/logo.html", "/admin/settings/logo", "The logo is saved."),
    ("admin/logo.html", "/admin/settings/logo/dark", "The logo is saved."),
    ("admin/settings.html", "/admin/settings", "Settings saved."),
];

/// Held forms that no page sends by itself. The browser makes a passkey only after a press. Closing
/// an account, acting on several users and ending a secret are questions: only a press answers
/// them.
const ONLY_BY_A_PRESS: [&str; 4] =
    ["/account/close", "/account/passkeys/options", "/admin/people/several", "/admin/apps/{client}/openid/keys"];

/// Buttons that their page presses again. They remove and grant nothing, and their act can be
/// undone or repeated. `pressed.rs` presses them.
const PRESSED_AGAIN: [&str; 7] = [
    "/account/data",
    "/admin/apps/{client}/openid/add-uri",
    "/admin/mail/arrived",
    "/admin/mail/code-first",
    "/admin/mail/test",
    "/admin/mail/{mail}/retry",
    "/admin/people/{ben}/invitation/send",
];

/// Forms with `data-continue` that wait for no proof: the answer of an app's sign-in.
const NOT_HELD: [&str; 1] = ["form_post.html"];

/// Returns a scene and what Ana sends there after a proof has become too old.
async fn scene() -> (Scene, Vec<(&'static str, Request)>) {
    let mut scene = Scene::new(Password).await;
    let mut all = Vec::new();
    let is_sent =
        |cell: &&Cell| matches!(cell.1, Takes::Fresh | FreshAdmin) && cell.2 == Password && !LEFT_OUT.contains(&cell.0);
    // The table removes things at its end, which the forms before need.
    for cell in ACTED.iter().filter(is_sent).chain(MORE).rev().chain([&SETTINGS]) {
        all.push((cell.0, scene.prepare(cell).await));
    }
    (scene, all)
}

/// Sends a request with an old proof. Returns where the user comes back to, or `None` if it is
/// refused for another reason.
async fn may_wait(ana: &mut Browser<'_>, request: &Request) -> Option<String> {
    ana.app.clock.advance(Lifetime::minutes(11));
    let to = leads(&request.send(ana).await)?;
    let query = to.strip_prefix("/step-up?")?;
    let (_, then) = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "then")?;
    Some(then.into_owned())
}

async fn waits(ana: &mut Browser<'_>, request: &Request) -> String {
    may_wait(ana, request).await.unwrap_or_else(|| panic!("{} waits for no proof", request.path))
}

async fn verifies_by_password(ana: &mut Browser<'_>, then: &str) {
    ana.post("/step-up/password", &[("password", PASSWORD), ("then", then)]).await.assert_leads_to(then);
}

/// Returns what is wrong with a page that has to say that one press is left.
fn lacks_the_press(path: &str, page: &Page) -> Option<String> {
    let text = page.text();
    let words = ["Nothing has changed yet", "nothing has changed yet", "Nothing is saved yet", "hasn’t been sent yet"];
    let says = page.status.code == 200 && words.iter().any(|words| text.contains(words));
    (!says || page.body.contains(BY_ITSELF)).then(|| format!("{path}: {} {text}", page.status))
}

#[rocket::async_test]
async fn every_page_of_a_held_form_says_after_a_link_that_a_press_is_left() {
    let (scene, all) = scene().await;
    let mut ana = scene.ana(&scene.app);
    let (mut held, mut wrong) = (0, Vec::new());
    for (path, request) in &all {
        let then = waits(&mut ana, request).await;
        if !then.contains("held=") {
            continue;
        }
        held += 1;
        ana.post("/step-up", &[("then", &then)]).await.assert_leads_to("/login/sent");
        let link = scene.app.mail_to(ANA).await.link();
        ana.open(&link).await;
        ana.post("/auth/verify", &[]).await.assert_leads_to(&then);
        wrong.extend(lacks_the_press(path, &ana.get(&then).await));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(held > 20, "only {held} forms waited");
}

#[rocket::async_test]
async fn every_button_that_was_pressed_before_a_password_says_that_nothing_has_been_done_yet() {
    let (scene, all) = scene().await;
    let mut ana = scene.ana(&scene.app);
    let (mut wrong, mut pressed) = (Vec::new(), Vec::new());
    for (path, request) in &all {
        let then = waits(&mut ana, request).await;
        if then.contains("held=") {
            continue;
        }
        verifies_by_password(&mut ana, &then).await;
        let page = ana.get(&then).await;
        let text = page.text();
        if !text.contains("Nothing has been done yet") {
            wrong.push(format!("{path} at {then}: {text}"));
        }
        if let Some(asked) = asked(&page) {
            assert!(asked.starts_with(&format!("{}?", request.path)), "{path} presses {asked}");
            pressed.push(*path);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    pressed.sort_unstable();
    assert_eq!(pressed, PRESSED_AGAIN);
}

/// Sends what a page sends by itself, as a browser does. Returns the page after it.
async fn sends_by_itself(ana: &mut Browser<'_>, page: &Page) -> Page {
    let fields = sent_by_itself(page);
    let tag = page.body.split(BY_ITSELF).next().unwrap().rsplit("<form ").next().unwrap();
    let action = tag.split("action=\"").nth(1).unwrap().split('"').next().unwrap();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if !tag.contains("multipart/form-data") {
        return ana.submit(action, &fields).await;
    }
    // A file field in which the user chose none.
    let fields: Vec<_> = fields.into_iter().filter(|(name, _)| *name != "logo").collect();
    let answer = ana.upload_with(action, &fields, ("logo", b"")).await;
    let to = answer.location().unwrap_or_else(|| panic!("{action}: {}", answer.text())).to_owned();
    ana.open(&to).await
}

#[rocket::async_test]
async fn every_held_form_is_sent_by_itself_after_a_password_and_says_what_it_did() {
    let (scene, all) = scene().await;
    let mut ana = scene.ana(&scene.app);
    let (mut sent, mut pressed, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    // The settings turn off what the other forms need.
    let (settings, others) = all.split_last().unwrap();
    for (path, request) in others.iter().rev().chain([settings]) {
        // A form before may have removed what a button acts on.
        let Some(then) = may_wait(&mut ana, request).await.filter(|then| then.contains("held=")) else { continue };
        verifies_by_password(&mut ana, &then).await;
        let page = ana.get(&then).await;
        if !page.body.contains(BY_ITSELF) {
            pressed.push(*path);
            continue;
        }
        if ana.get(&then).await.body.contains(BY_ITSELF) {
            wrong.push(format!("{path}: a reload sends it again"));
        }
        let after = sends_by_itself(&mut ana, &page).await;
        let text = after.text();
        let mut rows = BY_THEMSELVES.iter().filter(|row| row.1 == *path && text.contains(row.2)).peekable();
        if after.status.code != 200 || rows.peek().is_none() {
            wrong.push(format!("{path}: {} {text}", after.status));
        }
        sent.extend(rows.copied());
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let missing: Vec<_> = BY_THEMSELVES.iter().filter(|row| !sent.contains(row)).collect();
    assert!(missing.is_empty(), "not sent: {missing:#?}");
    pressed.sort_unstable();
    pressed.dedup();
    let mut expected = ONLY_BY_A_PRESS;
    expected.sort_unstable();
    assert_eq!(pressed, expected);
}

#[test]
fn every_form_of_the_templates_that_is_sent_by_itself_has_a_row() {
    let mut wrong = Vec::new();
    for file in files_below("templates", "html") {
        let name = file.strip_prefix("templates").unwrap().to_str().unwrap();
        let text = fs::read_to_string(&file).unwrap();
        let forms = text.matches(" data-continue{% endif %}").count() + text.matches(" data-continue>").count();
        let rows = BY_THEMSELVES.iter().filter(|row| row.0 == name).count();
        // The page of the logo is for a light ground and for a dark one.
        let pages = if name == "admin/logo.html" { 2 } else { 1 };
        if !NOT_HELD.contains(&name) && rows != forms * pages {
            wrong.push(format!("{name}: {forms} forms, {rows} rows"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
