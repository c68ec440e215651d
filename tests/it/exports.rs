//! "Download my data" holds what belongs to the account, and nothing that the worker or a former
//! owner knows.

use crate::{
    browser::Browser,
    harness::{TestApp, local},
    passkey_pages::adds_a_passkey,
};
use gatepost::domain::Lifetime;
use serde_json::Value;

/// Returns an export without random values and times, with these addresses replaced by names.
fn masked(export: &Value, names: &[(&str, &str)]) -> Value {
    match export {
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| {
                let is_random = ["at", "id", "username"].contains(&key.as_str()) || key.ends_with("_at");
                let value = if is_random { value.is_null().into() } else { masked(value, names) };
                (key.clone(), value)
            })
            .collect(),
        Value::Array(array) => array.iter().map(|value| masked(value, names)).collect(),
        Value::String(text) => {
            names.iter().fold(text.clone(), |text, (address, name)| text.replace(address, name)).into()
        }
        other => other.clone(),
    }
}

async fn export(browser: &mut Browser<'_>) -> Value {
    let page = browser.get("/account/data").await;
    page.assert_status(200);
    serde_json::from_str(&page.body).unwrap()
}

#[rocket::async_test]
async fn an_export_does_not_tell_whether_another_address_has_an_account() {
    let app = TestApp::new().await;
    for email in ["ana@example.com", "eva@example.com", "taken@example.com"] {
        app.add_account(email).await;
    }
    let mut ana = app.signed_in("ana@example.com").await;
    let mut eva = app.browser().at("198.51.100.2");
    eva.sign_in("eva@example.com").await;
    let asked = [
        ("taken@example.com", "ASKED"),
        ("vacant@example.com", "ASKED"),
        ("ana@", "OWN@"),
        ("eva@", "OWN@"),
        ("203.0.113.7", "CLIENT"),
        ("198.51.100.2", "CLIENT"),
    ];
    // Rows of one moment come in random order.
    app.clock.advance(Lifetime::seconds(1));
    ana.post("/account/address", &[("new_email", "taken@example.com")]).await;
    eva.post("/account/address", &[("new_email", "vacant@example.com")]).await;
    for step in ["asked", "delivered", "the owner acted", "a day later"] {
        match step {
            "delivered" => app.deliver().await,
            "the owner acted" => {
                // This ends what is open at that address.
                app.browser().at("198.51.100.3").sign_in("taken@example.com").await;
                let link = app.mail_to("vacant@example.com").await.cancel_link();
                let mut stranger = app.browser();
                stranger.open(&link).await;
                stranger.submit("/auth/cancel", &[]).await.assert_status(200);
            }
            "a day later" => {
                app.clock.advance(Lifetime::hours(25));
                gatepost::housekeeping::tidy(&app.services).await.unwrap();
                for (browser, email) in [(&mut ana, "ana@example.com"), (&mut eva, "eva@example.com")] {
                    browser.sign_in(email).await;
                }
            }
            _ => {}
        }
        let (of_ana, of_eva) = (export(&mut ana).await, export(&mut eva).await);
        assert_eq!(masked(&of_ana, &asked), masked(&of_eva, &asked), "{step}");
        let text = of_ana.to_string();
        assert!(!text.contains("dropped") && !text.contains("superseded"), "{step}: {text}");
    }
}

#[rocket::async_test]
async fn the_next_owner_of_an_address_gets_nothing_of_the_last_one() {
    let app = TestApp::new().await;
    app.add_account("ana@example.com").await;
    let mut former = app.browser().at("198.51.100.77");
    former.user_agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0".into();
    former.sign_in("ana@example.com").await;
    former.post("/account/name", &[("name", "The former Ana")]).await.assert_status(303);
    former.submit("/account/close", &[("sure", "yes")]).await.assert_status(200);
    app.deliver().await;
    app.clock.advance(Lifetime::minutes(16));
    // Another account has the address now, and a third one an address that was never used.
    app.add_account("ana@example.com").await;
    app.add_account("new@example.com").await;
    let mut next = app.signed_in("ana@example.com").await;
    let mut first = app.signed_in("new@example.com").await;
    let (of_next, of_first) = (export(&mut next).await, export(&mut first).await);
    let names = [("ana@", "OWN@"), ("new@", "OWN@")];
    assert_eq!(masked(&of_next, &names), masked(&of_first, &names));
    for trace in ["198.51.100.77", "Mac", "The former Ana", "account_closed"] {
        assert!(!of_next.to_string().contains(trace), "{trace}: {of_next}");
    }
}

#[rocket::async_test]
async fn exports_are_bounded_in_size_and_number() {
    let app = TestApp::new().await;
    let ana = app.add_account("ana@example.com").await;
    let mut browser = app.signed_in("ana@example.com").await;
    app.transact(move |tx| {
        use gatepost::domain::audit::{Action, Actor};
        (0..5000).try_for_each(|_| tx.log(&tx.line_by(Actor::of(&ana), Action::SteppedUp, "ana@example.com")))
    })
    .await;
    assert_eq!(export(&mut browser).await["audit"].as_array().unwrap().len(), 1000);
    for _ in 1..10 {
        browser.get("/account/data").await.assert_status(200);
    }
    browser.get("/account/data").await.assert_status(429);
}

#[rocket::async_test]
async fn an_export_says_what_can_be_undone_and_until_when_and_holds_no_secret() {
    let app = TestApp::new().await;
    let ben = app.add_account("ben@example.com").await;
    app.add_admin("ana@example.com").await;
    app.set("password_enabled", "on").await;
    app.a_second_later();
    let mut ana = app.signed_in("ana@example.com").await;
    for password in ["correct horse battery", "staple every other word"] {
        ana.post("/account/password", &[("new_password", password)]).await.assert_status(303);
    }
    adds_a_passkey(&mut ana).await;
    ana.post(&format!("/admin/people/{}/make-admin", ben.id), &[]).await.assert_status(303);
    let gains = export(&mut ana).await["gains"].clone();
    let kinds: Vec<_> = gains.as_array().unwrap().iter().map(|gain| gain["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["admin_rights", "recovery_codes", "passkey", "password", "password"], "newest first");
    for gain in gains.as_array().unwrap() {
        let names: Vec<_> = gain.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["at", "can_be_undone", "kind", "told", "undone_at", "until"]);
        assert_eq!((gain["told"].as_str(), gain["can_be_undone"].as_bool()), (Some("ana@example.com"), Some(true)));
        let (at, until) = (gain["at"].as_str().unwrap(), gain["until"].as_str().unwrap());
        assert!(at.starts_with("2026-11-22T") && until.starts_with("2026-11-29T"), "{at} {until}");
    }
    // Neither the former value, nor a link, nor the new admin.
    let text = gains.to_string();
    assert!(!text.contains("argon2") && !text.contains("token") && !text.contains("ben@example.com"), "{text}");

    // After undoing, the page says so, and that it cannot be undone again.
    let mails = app.mails_to("ana@example.com").await;
    let link_in = |text: &str| text.split_whitespace().find(|word| word.contains("/auth/undo?token=")).map(local);
    let mut told = mails.iter().filter(|mail| mail.subject.contains("passkey was added"));
    let link = told.find_map(|mail| link_in(&mail.text)).unwrap();
    let mut owner = app.browser();
    owner.open(&link).await;
    owner.post("/auth/undo", &[]).await.assert_leads_to("/auth/undo");
    app.a_second_later();
    let mut ana = app.signed_in("ana@example.com").await;
    let gains = export(&mut ana).await["gains"].clone();
    let undone = gains.as_array().unwrap().iter().filter(|gain| !gain["undone_at"].is_null()).count();
    let open = gains.as_array().unwrap().iter().filter(|gain| gain["can_be_undone"] == true).count();
    assert_eq!((undone, open), (3, 2), "the passkey, its codes, and the admin rights that came after");
    app.clock.advance(Lifetime::days(7));
    let mut ana = app.signed_in("ana@example.com").await;
    let gains = export(&mut ana).await["gains"].clone();
    assert!(gains.as_array().unwrap().iter().all(|gain| gain["can_be_undone"] == false), "{gains}");
}

#[rocket::async_test]
async fn an_export_does_not_tell_where_an_admin_was_who_acted() {
    let app = TestApp::new().await;
    app.add_admin("eve@example.com").await;
    let id = app.add_account("ana@example.com").await.id;
    let mut eve = app.browser().at("198.51.100.5");
    eve.sign_in("eve@example.com").await;
    eve.post(&format!("/admin/people/{id}/sign-out"), &[]).await.assert_status(303);
    let mut ana = app.signed_in("ana@example.com").await;
    let export = export(&mut ana).await.to_string();
    assert!(export.contains("another user"), "{export}");
    assert!(!export.contains("198.51.100.5") && !export.contains("eve@"), "{export}");
}
