//! Step-up: what it requires, and what it leaves alone. No held form or open attempt is lost on the
//! way.

use crate::{
    browser::{Browser, Page},
    harness::TestApp,
    passkey_pages::{adds_a_passkey, asks, authenticator, sends},
    phone::Phone,
    recovery_codes::codes_on,
    set_up::{console_link, console_session},
};
use gatepost::{
    db,
    domain::{Lifetime, audit::Action},
};
use serde_json::json;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

async fn app_with_admin() -> TestApp {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    app
}

/// Sends a form whose session is no longer fresh, steps up by email, and comes back to the form's
/// page.
async fn sends_steps_up_and_comes_back(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Page {
    let then = browser.post(path, fields).await.then();
    browser.post("/step-up", &[("then", &then)]).await.assert_leads_to("/login/sent");
    let link = browser.app.mail_to(ANA).await.link();
    browser.open(&link).await;
    browser.post("/auth/verify", &[]).await.assert_leads_to(&then);
    browser.get(&then).await
}

#[rocket::async_test]
async fn whatever_was_pressed_before_a_step_up_says_afterwards_that_nothing_has_been_done_yet() {
    let app = app_with_admin().await;
    let ben = app.add_account(BEN).await;
    let person = format!("/admin/people/{}", ben.id);
    let mut ana = app.signed_in(ANA).await;
    let buttons: [(&str, &[(&str, &str)]); 4] = [
        ("/admin/mail/test", &[]),
        (&format!("{person}/disable"), &[]),
        ("/account/close", &[("sure", "yes")]),
        ("/account/address", &[("new_email", "new@example.com")]),
    ];
    for (path, fields) in buttons {
        app.clock.advance(Lifetime::minutes(16));
        let page = sends_steps_up_and_comes_back(&mut ana, path, fields).await;
        let text = page.text();
        assert!(
            text.contains("Nothing has been done yet") || text.contains("Nothing has changed yet"),
            "{path}: {text}"
        );
        for (_, value) in fields {
            assert!(page.body.contains(&format!("value=\"{value}\"")), "{path}");
        }
    }
    assert!(app.account_of(BEN).await.unwrap().is_active() && app.account_of(ANA).await.is_some());
    app.clock.advance(Lifetime::minutes(16));
    let then = ana.get("/account/data").await.then();
    ana.post("/step-up", &[("then", &then)]).await.assert_leads_to("/login/sent");
    let link = app.mail_to(ANA).await.link();
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to(&then);
    ana.get(&then).await.assert_shows("Nothing has been done yet").assert_shows("Download my data");
    ana.get("/account/data").await.assert_status(200);
}

#[rocket::async_test]
async fn a_console_link_freshens_the_session_it_is_opened_in() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/admin/settings", &[("product_name", "Acme"), ("confirm", "yes")]).await;
    app.clock.advance(Lifetime::minutes(16));
    // Email links are off, so that only a console link can step up. Typed values must be there
    // afterwards.
    let then = ana.post("/admin/settings", &[("email_link_enabled", "on"), ("product_name", "Bolt")]).await.then();
    ana.submit("/step-up", &[("then", &then)]).await.assert_status(200).assert_shows("console link");
    let link = console_link(&app, ANA).await;
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    assert_eq!(app.count_sessions().await, 1, "the same session, not another one");
    ana.get(&format!("/step-up?then={}", then.replace('?', "%3F"))).await.assert_leads_to(&then);
    let page = ana.get(&then).await;
    assert!(page.body.contains("value=\"Bolt\""), "{}", page.text());
    assert!(app.audit().await.iter().any(|entry| entry.action == Action::SteppedUp));
}

#[rocket::async_test]
async fn a_console_link_for_somebody_else_still_makes_a_session_of_its_own() {
    let app = app_with_admin().await;
    app.add_account(BEN).await;
    let mut browser = app.signed_in(ANA).await;
    let link = console_link(&app, BEN).await;
    browser.open(&link).await.assert_shows("signed in as someone else");
    browser.post("/auth/verify", &[("switch", "yes")]).await.assert_leads_to("/account");
    assert!(browser.is_signed_in_as(BEN).await);
}

#[rocket::async_test]
async fn the_page_that_asks_who_one_is_has_a_way_back() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(16));
    for (then, back) in [("/account/close", "/account"), ("/admin/settings/logo", "/admin")] {
        let page = ana.get(&format!("/step-up?then={then}")).await;
        assert!(page.body.contains(&format!("<a href=\"{back}\">Cancel</a>")), "{}", page.body);
        ana.get(back).await.assert_status(200);
    }
}

#[rocket::async_test]
async fn a_step_up_by_mail_is_the_first_proof_of_a_mailbox_like_any_other() {
    let app = app_with_admin().await;
    let mut ana = console_session(&app, ANA).await;
    let mut other = console_session(&app, ANA).await;
    assert!(app.account_of(ANA).await.unwrap().proven_at.is_none());
    app.clock.advance(Lifetime::minutes(16));
    ana.step_up(ANA).await;
    assert!(app.account_of(ANA).await.unwrap().proven_at.is_some());
    app.a_second_later();
    assert!(ana.is_signed_in_as(ANA).await, "this browser showed that it reads the mailbox");
    assert!(other.is_signed_out().await, "and that one has not");
}

#[rocket::async_test]
async fn a_page_that_needs_a_verified_address_sends_the_email_that_verifies_it() {
    let app = app_with_admin().await;
    for page in ["/account", "/account/security", "/account/passkeys", "/account/totp"] {
        let mut ana = console_session(&app, ANA).await;
        let shown = ana.get(page).await;
        shown.assert_shows("Your email address isn’t verified yet").assert_shows("Send verification email");
        assert!(shown.body.contains(&format!("name=\"then\" value=\"{page}\"")), "{}", shown.body);
    }
    let mut ana = console_session(&app, ANA).await;
    ana.post("/step-up", &[("then", "/account/passkeys")]).await.assert_leads_to("/login/sent");
    let link = app.mail_to(ANA).await.link();
    ana.open(&link).await;
    let page = ana.submit("/auth/verify", &[]).await;
    page.assert_shows("Your email address is verified.").assert_hides("Nothing has been done yet");
    page.assert_hides("isn’t verified yet").assert_shows("Name of the passkey");
}

#[rocket::async_test]
async fn where_email_links_are_off_an_unverified_address_is_no_dead_button() {
    let app = app_with_admin().await;
    let mut ana = console_session(&app, ANA).await;
    app.set("email_link_enabled", "off").await;
    app.a_second_later();
    let page = ana.get("/account").await;
    page.assert_shows("so you can’t verify it now").assert_hides("Send verification email");
    // A console link shows that its reader runs the server, not that they read the mailbox.
    app.clock.advance(Lifetime::minutes(16));
    let link = console_link(&app, ANA).await;
    ana.open(&link).await;
    ana.submit("/auth/verify", &[]).await.assert_hides("Your email address is verified");
}

#[rocket::async_test]
async fn whoever_steps_up_too_often_is_told_so() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(16));
    for _ in 0..3 {
        app.clock.advance(Lifetime::seconds(1));
        ana.post("/step-up", &[]).await.assert_leads_to("/login/sent");
    }
    ana.post("/step-up", &[]).await.assert_status(429).assert_shows("You’ve asked for too many emails");
    // And an earlier email still works.
    let code = app.mail_to(ANA).await.code();
    ana.post("/login/code", &[("code", &code)]).await.assert_status(303);
}

#[rocket::async_test]
async fn a_used_step_up_link_leads_back_to_the_change() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(16));
    ana.post("/step-up", &[("then", "/admin/settings")]).await;
    let link = app.mail_to(ANA).await.link();
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/admin/settings");
    let page = ana.open(&link).await;
    page.assert_status(410).assert_shows("This link was for verifying it’s you");
    assert!(page.body.contains("href=\"/admin/settings\""));
}

#[rocket::async_test]
async fn a_form_sent_after_the_session_is_over_comes_back_to_its_page() {
    let app = app_with_admin().await;
    let ben = app.add_account(BEN).await;
    for (path, page) in [
        ("/account/name", "/account"),
        // If there is a question, back to that.
        ("/account/sessions/revoke-others", "/account/sessions/revoke-others"),
        ("/account/close", "/account/close"),
        ("/admin/settings", "/admin/settings"),
        ("/admin/mail/test", "/admin/mail"),
        (&format!("/admin/people/{}/disable", ben.id), &format!("/admin/people/{}/disable", ben.id)),
    ] {
        let mut stranger = app.browser();
        let answer = stranger.post(path, &[]).await;
        let encoded = page.replace('/', "%2F");
        answer.assert_leads_to(&format!("/login?return_to={encoded}"));
    }
}

#[rocket::async_test]
async fn only_what_was_filled_in_and_waits_is_said_to_be_kept() {
    let app = app_with_admin().await;
    app.set("password_enabled", "on").await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(16));
    for (path, fields, kept) in [
        ("/account/address", &[("new_email", "ana@new.example")][..], true),
        ("/account/close", &[("sure", "yes")], true),
        ("/account/password", &[("new_password", "correct horse battery")], false),
        ("/account/password/remove", &[], false),
        ("/admin/mail/test", &[], false),
    ] {
        let page = ana.submit(path, fields).await;
        page.assert_shows("Verify it’s you");
        assert_eq!(page.text().contains("We’ve kept what you filled in"), kept, "{path}");
    }
}

/// Attribute of a form that a page sends by itself.
pub const BY_ITSELF: &str = " data-continue>";

pub const PASSWORD: &str = "correct horse battery staple";

/// An admin with a password, whose last proof is old.
async fn admin_with_a_password(app: &TestApp) -> Browser<'_> {
    app.set("password_enabled", "on").await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/password", &[("new_password", PASSWORD)]).await.assert_status(303);
    app.clock.advance(Lifetime::minutes(16));
    ana
}

/// The fields of the form that a page sends by itself.
#[track_caller]
pub fn sent_by_itself(page: &Page) -> Vec<(String, String)> {
    let form = page.body.split(BY_ITSELF).nth(1).unwrap_or_else(|| panic!("nothing is sent: {}", page.text()));
    let form = form.split("</form>").next().unwrap();
    let value_of = |tag: &str, name: &str| {
        tag.split(&format!("{name}=\"")).nth(1).map(|rest| rest.split('"').next().unwrap().to_owned())
    };
    let chosen = |select: &str| {
        let option = select.split("<option ").find(|option| option.contains(" selected"))?;
        Some((value_of(select, "name")?, value_of(option, "value")?))
    };
    let selects: Vec<_> =
        form.split("<select ").skip(1).filter_map(|rest| chosen(rest.split("</select>").next()?)).collect();
    let written = |area: &str| {
        let (tag, text) = area.split_once('>')?;
        let text = text.split("</textarea>").next()?.trim_start_matches('\n');
        Some((value_of(tag, "name")?, text.to_owned()))
    };
    let areas: Vec<_> = form.split("<textarea ").skip(1).filter_map(written).collect();
    let inputs = form.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap());
    inputs
        .filter(|tag| {
            !(tag.contains("type=\"checkbox\"") || tag.contains("type=\"radio\"")) || tag.contains(" checked")
        })
        .filter_map(|tag| Some((value_of(tag, "name")?, value_of(tag, "value").unwrap_or_else(|| "on".into()))))
        .chain(selects)
        .chain(areas)
        .collect()
}

/// Sends what the page at `then` sends by itself; once, because the page does so only once.
async fn continues(browser: &mut Browser<'_>, then: &str) -> Page {
    let page = browser.get(then).await;
    let fields = sent_by_itself(&page);
    assert!(!browser.get(then).await.body.contains(BY_ITSELF), "a reload sends nothing");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let before = page.body.split(BY_ITSELF).next().unwrap();
    let action = before.rsplit("action=\"").next().unwrap().split('"').next().unwrap();
    browser.submit(action, &fields).await
}

#[rocket::async_test]
async fn a_held_form_is_sent_by_itself_after_each_proof_that_was_given_in_the_tab() {
    let new = [("new_email", "new@example.com")];
    for proof in ["password", "code", "app", "recovery code", "passkey"] {
        let app = app_with_admin().await;
        app.set("password_enabled", "on").await;
        let mut ana = app.signed_in(ANA).await;
        let (mut phone, mut key, mut codes) = (None, None, None);
        match proof {
            "password" => {
                ana.post("/account/password", &[("new_password", PASSWORD)]).await.assert_status(303);
            }
            "app" => phone = Some(Phone::set_up_in(&mut ana).await),
            "passkey" => key = Some(adds_a_passkey(&mut ana).await),
            "recovery code" => {
                Phone::set_up_in(&mut ana).await;
                codes = Some(codes_on(&ana.submit("/account/recovery-codes", &[]).await));
            }
            _ => {}
        }
        app.clock.advance(Lifetime::minutes(16));
        let then = ana.post("/account/address", &new).await.then();
        let fields = |name, value| [(name, value), ("then", then.as_str())];
        match proof {
            "password" => {
                let answer = ana.post("/step-up/password", &fields("password", PASSWORD)).await;
                answer.assert_leads_to(&then);
            }
            "code" => {
                ana.post("/step-up", &[("then", &then)]).await.assert_leads_to("/login/sent");
                let code = app.mail_to(ANA).await.code();
                ana.post("/login/code", &[("code", &code)]).await.assert_leads_to(&then);
            }
            "app" => {
                let code = phone.as_ref().unwrap().next_code(&app);
                ana.post("/step-up/second-factor", &fields("code", &code)).await.assert_leads_to(&then);
            }
            "recovery code" => {
                let code = codes.as_ref().unwrap()[0].clone();
                ana.post("/step-up/second-factor", &fields("code", &code)).await.assert_leads_to(&then);
            }
            _ => {
                let key = key.as_mut().unwrap();
                let options = asks(&mut ana, "/step-up/passkey", &json!({ "then": then })).await;
                let credential = authenticator(&app).get(&options, key).signed_by(key);
                let body = json!({ "credential": credential, "then": then });
                let page = sends(&mut ana, "/step-up/passkey", &body).await;
                assert!(page.body.contains(&then), "{}", page.body);
            }
        }
        let page = continues(&mut ana, &then).await;
        page.assert_shows("we’ve emailed a link there");
        assert!(app.audit().await.iter().any(|line| line.action == Action::AddressChangeAsked), "{proof}");
    }
}

#[rocket::async_test]
async fn a_link_never_sends_a_held_form_and_the_press_that_is_left_is_said() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(16));
    let new = [("new_email", "new@example.com")];
    let page = sends_steps_up_and_comes_back(&mut ana, "/account/address", &new).await;
    page.assert_shows("Nothing has changed yet: press the button to continue.").assert_hides(BY_ITSELF);
    app.clock.advance(Lifetime::minutes(16));
    let then = ana.post("/account/address", &new).await.then();
    let link = console_link(&app, ANA).await;
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    ana.get(&then).await.assert_hides(BY_ITSELF);
}

#[rocket::async_test]
async fn a_form_that_was_sent_by_itself_says_what_it_did() {
    let app = app_with_admin().await;
    let mut ana = admin_with_a_password(&app).await;
    let carl = app.add_account("carl@example.com").await.id;
    let [end, username] = ["end", "username"].map(|what| format!("/admin/people/{carl}/{what}/save"));
    type Waits<'a> = (&'a str, &'a [(&'a str, &'a str)], Option<&'a str>);
    let all: [Waits<'_>; 7] = [
        (&end, &[("ends_on", "2031-03-31")], Some("End date saved.")),
        (&username, &[("handle", "carlotta")], Some("The username is saved.")),
        ("/account/address", &[("new_email", "new@example.com")], Some("we’ve emailed a link there")),
        ("/account/totp", &[], Some("Set up an authenticator app")),
        ("/admin/people", &[("email", BEN), ("is_admin", "on")], Some("is invited. The email is")),
        (
            "/admin/settings",
            &[("email_link_enabled", "on"), ("password_enabled", "on"), ("product_name", "Acme")],
            Some("Settings saved."),
        ),
        ("/account/close", &[("sure", "yes")], None),
    ];
    for (path, fields, says) in all {
        app.clock.advance(Lifetime::minutes(16));
        let then = ana.post(path, fields).await.then();
        let proof = [("password", PASSWORD), ("then", then.as_str())];
        ana.post("/step-up/password", &proof).await.assert_leads_to(&then);
        match says {
            Some(words) => _ = continues(&mut ana, &then).await.assert_shows(words),
            None => _ = ana.get(&then).await.assert_hides(BY_ITSELF).assert_shows("Nothing has changed yet"),
        }
    }
    assert_eq!(app.stored_settings().await.product_name, "Acme");
    assert!(app.account_of(BEN).await.unwrap().is_admin);
    assert!(app.account_of("carl@example.com").await.unwrap().end().is_some());
}

/// The browser sends it as any other form. Gatepost therefore checks all that it checks after a
/// press of the button.
#[rocket::async_test]
async fn what_is_sent_by_itself_is_of_this_session_and_is_asked_everything_again() {
    let app = app_with_admin().await;
    app.add_admin(BEN).await;
    let mut ana = admin_with_a_password(&app).await;
    let fields = [("email", "new@example.com"), ("is_admin", "on")];
    let then = ana.post("/admin/people", &fields).await.then();
    // Neither another session, nor a page without the form, nor another form.
    let mut ben = app.signed_in(BEN).await;
    ben.get(&then).await.assert_hides(BY_ITSELF);
    let proof = [("password", PASSWORD), ("then", then.as_str())];
    ana.post("/step-up/password", &proof).await.assert_leads_to(&then);
    let mut thief = app.browser();
    thief.cookies.insert("gatepost_flash".into(), ana.cookies["gatepost_flash"].clone());
    thief.sign_in(BEN).await;
    thief.get(&then).await.assert_hides(BY_ITSELF);
    let carried = ana.cookies.clone();
    ana.get("/admin/people").await.assert_hides(BY_ITSELF);
    ana.cookies = carried;
    let page = ana.get(&then).await;
    let fields = sent_by_itself(&page);
    // Demoted in between.
    let id = app.account_of(ANA).await.unwrap().id;
    app.write(move |connection| db::accounts::set_admin(connection, id, false)).await;
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    ana.post("/admin/people", &fields).await.assert_status(404);
    assert!(app.account_of("new@example.com").await.is_none());
}
