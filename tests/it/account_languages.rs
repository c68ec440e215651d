//! The language of an account, and the pages of an account in German.

use crate::{
    acting::{Has, Scene},
    browser::Browser,
    german::{is_german, opens},
    harness::TestApp,
};
use gatepost::{
    db,
    domain::{Gain, GainId, Gained, Lifetime, Token, audit::Action, recovery::AskedBy},
    people,
};
use rocket::http::Method;
use strum::VariantArray;

const ANA: &str = "ana@example.com";

#[rocket::async_test]
async fn pages_come_in_the_chosen_language_whatever_the_browser_asks_for() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/account").await;
    assert!(page.body.contains("<option value=\"\" selected>Same as the browser</option>"), "{}", page.body);
    assert!(page.body.contains("<option value=\"de\" lang=\"de\">Deutsch</option>"), "{}", page.body);

    ana.submit("/account/language", &[("language", "de")]).await.assert_status(200);
    let language = |name| [("Accept-Language", name)];
    for asked in ["en", "fr, en;q=0.5", "de"] {
        let page = ana.with(&language(asked)).request(Method::Get, "/account", None).await;
        is_german(&page, "Ihr Konto");
        assert!(page.body.contains("<option value=\"de\" lang=\"de\" selected>Deutsch</option>"), "{}", page.body);
    }
    let data: serde_json::Value = serde_json::from_str(&ana.get("/account/data").await.body).unwrap();
    assert_eq!(data["account"]["language"], "de");
    // Pages without a signed-in user stay in the browser's language.
    let page = app.browser().with(&language("en")).request(Method::Get, "/login", None).await;
    assert!(page.body.contains("<html lang=\"en\""), "{}", page.body);

    ana.post("/account/language", &[("language", "")]).await.assert_leads_to("/account");
    let page = ana.with(&language("en")).request(Method::Get, "/account", None).await;
    page.assert_shows("Your account");
    let data: serde_json::Value = serde_json::from_str(&ana.get("/account/data").await.body).unwrap();
    assert!(data["account"]["language"].is_null());
    let lines = app.audit().await.into_iter().filter(|line| line.action == Action::LanguageChanged);
    let mut lines: Vec<_> = lines.map(|line| (line.before.unwrap(), line.after.unwrap())).collect();
    lines.sort();
    assert_eq!(lines, [(String::new(), "de".to_owned()), ("de".to_owned(), String::new())]);
}

#[rocket::async_test]
async fn only_a_language_that_the_form_offers_is_taken() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    for typed in ["tlh", "DE", "de-AT", "<b>", "*"] {
        ana.post("/account/language", &[("language", typed)]).await.assert_status(400);
    }
    ana.post("/account/language", &[]).await.assert_status(422);
    assert_eq!(app.account_of(ANA).await.unwrap().language, None);
}

#[rocket::async_test]
async fn the_pages_of_an_account_are_german_for_who_asks_for_german() {
    let scene = Scene::new(Has::Factors).await;
    scene.app.set("trusted_devices_enabled", "on").await;
    scene.app.a_second_later();
    let begun = scene.fill("/account/totp/{begun}");
    let (app, passkey) = (scene.fill("/account/totp/{app}/remove"), scene.fill("/account/passkeys/{passkey}/remove"));
    let mut ana = scene.ana(&scene.app);
    for (path, heading) in [
        ("/account", "Ihr Konto"),
        ("/account/address", "E-Mail-Adresse ändern"),
        ("/account/close", "Konto schließen"),
        ("/account/security", "Sicherheit"),
        ("/account/password", "Passwort festlegen"),
        ("/account/password/remove", "Ihr Passwort entfernen?"),
        ("/account/totp", "Authenticator-Apps"),
        (&begun, "Authenticator-App einrichten"),
        (&app, "Diese Authenticator-App entfernen?"),
        ("/account/passkeys", "Passkeys"),
        (&passkey, "Diesen Passkey entfernen?"),
        ("/account/recovery-codes", "Wiederher\u{AD}stellungs\u{AD}codes"),
        ("/account/recovery-codes/replace", "Neue Codes erstellen?"),
        ("/account/recovery-codes/remove", "Wiederher\u{ad}stellungs\u{ad}codes entfernen?"),
        ("/account/security/forget-all", "Alle Browser vergessen?"),
        ("/account/sessions/revoke-others", "Alle anderen Sitzungen beenden?"),
    ] {
        let page = opens(&mut ana, path).await;
        page.assert_status(200);
        is_german(&page, heading);
    }
    ana.post("/account/recovery-codes/replace", &[]).await.assert_leads_to("/account/recovery-codes/made");
    is_german(&opens(&mut ana, "/account/recovery-codes/made").await, "Ihre Wiederher\u{AD}stellungs\u{AD}codes");
    // The refusals of forms.
    ana.post("/account/close", &[]).await;
    is_german(&opens(&mut ana, "/account/close").await, "Konto schließen");
}

#[rocket::async_test]
async fn the_pages_of_an_account_with_nothing_are_german_too() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    app.a_second_later();
    let mut ana = app.signed_in(ANA).await;
    for (path, heading) in [
        ("/account/security", "Sicherheit"),
        ("/account/totp", "Authenticator-Apps"),
        ("/account/passkeys", "Passkeys"),
        ("/account/recovery-codes", "Wiederher\u{AD}stellungs\u{AD}codes"),
    ] {
        is_german(&opens(&mut ana, path).await, heading);
    }
    app.set("second_factor_required", "everyone").await;
    app.a_second_later();
    is_german(&opens(&mut ana, "/account").await, "Sicherheit");
}

/// Makes a gain, and returns the link that undoes it.
async fn gains(app: &TestApp, kind: Gain) -> String {
    let account = app.account_of(ANA).await.unwrap();
    let (entropy, now) = (app.services.entropy.clone(), app.services.now());
    let token = Token::issue(&*entropy);
    let hash = token.hash();
    app.write(move |connection| {
        let id = GainId::issue(&*entropy);
        let gained_at = db::gains::next_moment(connection, account.id, now)?;
        let (account_id, told) = (account.id, account.email.clone());
        let gained = Gained { id, account_id, kind, thing: None, told, gained_at, undone_at: None };
        db::gains::insert(connection, &gained, None)?;
        db::gains::mint(connection, id, &hash)
    })
    .await;
    format!("/auth/undo?token={}", token.reveal())
}

#[rocket::async_test]
async fn the_pages_that_undo_a_change_are_german_for_who_asks_for_german() {
    for (kind, heading) in [
        (Gain::Passkey, "Den neuen Passkey entfernen?"),
        (Gain::App, "Die neue Authenticator-App entfernen?"),
        (Gain::RecoveryCodes, "Die neuen Wiederher\u{ad}stellungs\u{ad}codes zurücknehmen?"),
        (Gain::RememberedBrowser, "Den gespeicherten Browser entfernen?"),
        (Gain::Password, "Die Passwortänderung rückgängig machen?"),
        (Gain::AdminRights, "Die Adminrechte zurücknehmen?"),
    ] {
        let app = TestApp::new().await;
        app.add_account(ANA).await;
        let link = gains(&app, kind).await;
        for &later in Gain::VARIANTS.iter().filter(|later| **later != Gain::Address) {
            gains(&app, later).await;
        }
        let mut owner = app.browser();
        is_german(&opens(&mut owner, &link).await, heading);
        owner.post("/auth/undo", &[]).await.assert_leads_to("/auth/undo");
        is_german(&opens(&mut owner, "/auth/undo").await, "Änderung rückgängig gemacht");
        app.clock.advance(Lifetime::days(8));
        is_german(&opens(&mut app.browser(), "/auth/undo").await, "Dieser Link ist ungültig");
    }
}

#[rocket::async_test]
async fn the_pages_that_undo_a_move_are_german_for_who_asks_for_german() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut thief = app.signed_in(ANA).await;
    thief.post("/account/address", &[("new_email", "ana@new.example")]).await.assert_leads_to("/account");
    let link = app.mail_to("ana@new.example").await.link();
    thief.open(&link).await;
    thief.post("/auth/verify", &[]).await.assert_leads_to("/account");
    let undo = app.mail_to(ANA).await.undo_link();
    let mut owner: Browser<'_> = app.browser();
    is_german(&opens(&mut owner, &undo).await, "Die Änderung der Adresse rückgängig machen?");
    owner.post("/auth/undo", &[]).await.assert_leads_to("/auth/undo");
    is_german(&opens(&mut owner, "/auth/undo").await, "Ihr Konto ist wiederhergestellt");
}

#[rocket::async_test]
async fn the_pages_of_a_recovery_are_german_for_who_asks_for_german() {
    let scene = Scene::new(Has::Factors).await;
    let app = &scene.app;
    is_german(&opens(&mut app.browser(), "/auth/recovery").await, "Dieser Link ist ungültig");
    let account = app.account_of(ANA).await.unwrap();
    let token = Token::issue(&*app.services.entropy);
    let hash = token.hash();
    app.transact(move |tx| {
        people::cancel_recovery(tx, &account)?;
        people::begin_recovery(tx, &account, AskedBy::Admin)?;
        let begun = db::recoveries::under_way(tx.connection, account.id)?.unwrap();
        db::recoveries::mint_cancel(tx.connection, begun.id, &hash)
    })
    .await;
    let mut owner = app.browser();
    let link = format!("/auth/recovery?token={}", token.reveal());
    is_german(&opens(&mut owner, &link).await, "Ihre zweiten Faktoren behalten?");
    owner.post("/auth/recovery", &[]).await;
    is_german(&opens(&mut owner, "/auth/recovery").await, "Es wurde nichts entfernt");
    is_german(&opens(&mut owner, "/auth/recovery").await, "Es wurde nichts entfernt");
}

#[rocket::async_test]
async fn the_address_where_browsers_look_leads_to_the_page_that_changes_a_password() {
    let app = TestApp::new().await;
    app.browser().get("/.well-known/change-password").await.assert_status(404);
    app.set("password_enabled", "on").await;
    app.a_second_later();
    app.browser().get("/.well-known/change-password").await.assert_leads_to("/account/password");
}
