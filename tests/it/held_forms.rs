//! Every form that waits for a step-up, and every button that was pressed before one. Afterwards the
//! page says that one press is left.

use crate::{
    acting::{ACTED, Body, Cell, Has, Request, Scene, Takes, leads},
    browser::{Browser, Page},
    step_up::BY_ITSELF,
};
use Body::Form;
use Has::Password;
use Takes::FreshAdmin;
use gatepost::domain::Lifetime;

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

/// Not sent: the settings are above, the code of a device has expired by then, and the
/// page of the dark logo has no form before there is a light one.
const LEFT_OUT: [&str; 3] = ["/admin/settings", "/device/decide", "/admin/settings/logo/dark"];

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

/// Sends a request with an old proof. Returns where the user comes back to.
async fn waits(ana: &mut Browser<'_>, request: &Request) -> String {
    ana.app.clock.advance(Lifetime::minutes(11));
    let page = request.send(ana).await;
    let to = leads(&page).unwrap_or_else(|| panic!("{}: {}", request.path, page.text()));
    let query = to.strip_prefix("/step-up?").unwrap_or_else(|| panic!("{}: {to}", request.path));
    let (_, then) = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "then").unwrap();
    then.into_owned()
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
    let mut wrong = Vec::new();
    for (path, request) in &all {
        let then = waits(&mut ana, request).await;
        if then.contains("held=") {
            continue;
        }
        verifies_by_password(&mut ana, &then).await;
        let text = ana.get(&then).await.text();
        if !text.contains("Nothing has been done yet") {
            wrong.push(format!("{path} at {then}: {text}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
