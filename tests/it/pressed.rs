//! Buttons that do no harm and were pressed before a step-up. Their page presses them again.

use crate::{
    browser::{Browser, Page},
    clients_pages::{adds_grafana, app_with_admin},
    harness::TestApp,
    oidc_app::encode,
    phone::Phone,
    step_up::PASSWORD,
};
use diesel::connection::SimpleConnection;
use gatepost::{
    db,
    domain::{Lifetime, mail::MailState},
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const CALLBACK: &str = "https://grafana.example.com/login/generic_oauth";
const DATA: &str = "/account/data";

/// Returns what the page's script sends: a form's action and its fields.
pub fn asked(page: &Page) -> Option<String> {
    Some(plain(page.body.split_once(" data-press=\"")?.1.split_once('"')?.0))
}

fn plain(text: &str) -> String {
    text.replace("&#38;", "&").replace("&amp;", "&")
}

fn value_of(tag: &str, name: &str) -> Option<String> {
    Some(plain(tag.split_once(&format!("{name}=\""))?.1.split_once('"')?.0))
}

/// Returns a form's action and the fields that a script finds in it.
fn of_form(form: &str) -> (String, Vec<(String, String)>) {
    let inputs = form.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap());
    let fields = inputs.filter_map(|tag| Some((value_of(tag, "name")?, value_of(tag, "value").unwrap_or_default())));
    (value_of(form, "action").unwrap(), fields.collect())
}

/// Sends what the page's script sends. Returns the page after it.
async fn presses(browser: &mut Browser<'_>, page: &Page) -> Page {
    let asked = asked(page).unwrap_or_else(|| panic!("nothing is pressed: {}", page.text()));
    let forms = page.body.split("<form ").skip(1).map(|rest| rest.split("</form>").next().unwrap());
    let (action, fields) = forms
        .map(of_form)
        .find(|(action, fields)| {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            asked == format!("{action}?{}", encode(&fields))
        })
        .unwrap_or_else(|| panic!("no form sends {asked}: {}", page.body));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.submit(&action, &fields).await
}

async fn verifies(browser: &mut Browser<'_>, then: &str) -> Page {
    browser.post("/step-up/password", &[("password", PASSWORD), ("then", then)]).await.assert_leads_to(then);
    browser.get(then).await
}

/// Presses a button with an old proof, and verifies. Returns the page after the script has pressed
/// it again.
async fn again(ana: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Page {
    ana.app.clock.advance(Lifetime::minutes(11));
    let then = ana.post(path, fields).await.then();
    let page = verifies(ana, &then).await;
    // Where no script runs, one press is left.
    page.assert_shows("Nothing has been done yet");
    assert_eq!(asked(&ana.get(&then).await), None, "{path}: a reload presses nothing");
    presses(ana, &page).await
}

async fn has_a_password(browser: &mut Browser<'_>) {
    browser.post("/account/password", &[("new_password", PASSWORD)]).await.assert_status(303);
}

/// An app with an admin, Ana, who has a password.
async fn app_with_passwords() -> TestApp {
    let app = app_with_admin().await;
    app.set("password_enabled", "on").await;
    app.set("code_first_domains", "contoso.example").await;
    app.a_second_later();
    app
}

#[rocket::async_test]
async fn a_button_that_does_no_harm_is_pressed_again_and_says_what_it_did() {
    let app = app_with_passwords().await;
    let mut ana = app.signed_in(ANA).await;
    has_a_password(&mut ana).await;
    adds_grafana(&mut ana).await;
    ana.submit("/admin/people", &[("email", BEN)]).await.assert_shows("is invited.");
    let ben = app.account_of(BEN).await.unwrap().id;
    let uri = format!("{CALLBACK}/");
    let pairs = [("client_id", "grafana"), ("redirect_uri", &*uri), ("response_type", "code"), ("scope", "openid")];
    app.browser().get(&format!("/oidc/authorize?{}", encode(&pairs))).await.assert_status(400);

    again(&mut ana, "/admin/mail/test", &[]).await.assert_shows("The test email is on its way.");
    again(&mut ana, "/admin/mail/arrived", &[]).await.assert_shows("Email works: your test email arrived");
    app.deliver().await;
    app.write(|connection| {
        Ok(connection.batch_execute("UPDATE outbox SET state = 'dead', settled_at = due_at WHERE kind = 'test'")?)
    })
    .await;
    let dead = app.read(|connection| db::outbox::newest(connection, &[MailState::Dead], 9)).await;
    assert_eq!(dead.len(), 1);
    let retry = format!("/admin/mail/{}/retry", dead[0].id);
    again(&mut ana, &retry, &[]).await.assert_shows("The email will be sent again.");
    let first = [("domain", "contoso.example"), ("first", "no")];
    again(&mut ana, "/admin/mail/code-first", &first).await.assert_shows("have their button again");
    let add = "/admin/apps/grafana/openid/add-uri";
    again(&mut ana, add, &[("uri", &uri)]).await.assert_shows("The redirect URI is added.");
    let send = format!("/admin/people/{ben}/invitation/send");
    again(&mut ana, &send, &[]).await.assert_shows("is invited.");
}

#[rocket::async_test]
async fn recovery_codes_are_made_again_where_there_are_none() {
    let app = app_with_passwords().await;
    let mut ana = app.signed_in(ANA).await;
    let phone = Phone::set_up_in(&mut ana).await;
    for (path, is_pressed) in [("/account/recovery-codes/replace", false), ("/account/recovery-codes", true)] {
        if is_pressed {
            ana.submit("/account/recovery-codes/remove", &[]).await.assert_shows("removed");
        }
        app.clock.advance(Lifetime::minutes(11));
        let then = ana.post(path, &[]).await.then();
        let code = phone.next_code(&app);
        ana.post("/step-up/second-factor", &[("code", &code), ("then", &then)]).await.assert_leads_to(&then);
        let page = ana.get(&then).await;
        assert_eq!(asked(&page).is_some(), is_pressed, "{path}");
        if is_pressed {
            presses(&mut ana, &page).await.assert_shows("Your recovery codes");
        }
    }
}

/// A page of another site can lead to the download, and would have the user's data written to the
/// disk. It cannot press the button.
#[rocket::async_test]
async fn a_download_goes_on_only_if_our_own_button_began_it() {
    let app = app_with_passwords().await;
    let mut ana = app.signed_in(ANA).await;
    has_a_password(&mut ana).await;
    let before = app.dump().await;
    ana.post_only(DATA, &[]).await.assert_leads_to(DATA);
    assert_eq!(app.dump().await, before);
    again(&mut ana, DATA, &[]).await.assert_status(200).assert_shows(ANA);
    app.clock.advance(Lifetime::minutes(11));
    let then = ana.get(DATA).await.then();
    let page = verifies(&mut ana, &then).await;
    page.assert_shows("Download my data");
    assert_eq!(asked(&page), None);
}

#[rocket::async_test]
async fn only_a_button_of_this_session_is_pressed_and_never_after_a_link() {
    let app = app_with_passwords().await;
    app.add_admin(BEN).await;
    let (mut ana, mut ben) = (app.signed_in(ANA).await, app.signed_in(BEN).await);
    has_a_password(&mut ana).await;
    has_a_password(&mut ben).await;
    app.clock.advance(Lifetime::minutes(11));
    let then = ana.post("/admin/mail/test", &[]).await.then();
    assert!(then.starts_with("/admin/mail?pressed="), "{then}");
    // Not in another session, and nothing that the address itself says.
    for address in [&*then, "/admin/mail?pressed=/admin/mail/test?", "/admin/mail"] {
        let page = verifies(&mut ben, address).await;
        assert_eq!(asked(&page), None, "{address}");
    }
    // A form is no button.
    let form = ana.post("/account/address", &[("new_email", "new@example.com")]).await.then();
    let page = verifies(&mut ana, &form.replace("held=", "pressed=")).await;
    assert_eq!(asked(&page), None);
    app.clock.advance(Lifetime::minutes(11));
    let then = ana.post("/admin/mail/test", &[]).await.then();
    ana.post("/step-up", &[("then", &then)]).await.assert_leads_to("/login/sent");
    let mails = app.mails_to(ANA).await;
    let mail = mails.iter().rev().find(|mail| mail.text.contains("/auth/verify?token=")).unwrap();
    ana.open(&mail.link()).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to(&then);
    let page = ana.get(&then).await;
    page.assert_shows("Nothing has been done yet");
    assert_eq!(asked(&page), None);
}
