//! The admin pages in German, the installation's language, and `/.well-known/security.txt`.

use crate::{
    acting::{Has, Scene},
    browser::Page,
    german::{is_german, opens},
    harness::TestApp,
};
use gatepost::domain::{AuditEntry, Lifetime, audit::Action, audit::Actor};
use rocket::http::Method;
use strum::VariantArray;

const ANA: &str = "ana@example.com";

#[rocket::async_test]
async fn every_admin_page_is_german_for_a_browser_that_asks_for_german() {
    let scene = Scene::new(Has::Factors).await;
    let mut ana = scene.ana(&scene.app);
    ana.post("/admin/mail/test", &[]).await.assert_status(303);
    for (path, heading) in [
        ("/admin", "Übersicht"),
        ("/admin/settings", "Einstellungen"),
        ("/admin/settings/logo", "Logo"),
        ("/admin/settings/logo/remove", "Logo entfernen?"),
        ("/admin/settings/logo/dark", "Logo für die dunkle Darstellung"),
        ("/admin/settings/logo/dark/remove", "Logo für die dunkle Darstellung entfernen?"),
        ("/admin/people", "Personen"),
        ("/admin/people?q=eve", "Personen"),
        ("/admin/people?q=missing", "Personen"),
        ("/admin/mail", "E-Mail"),
        ("/admin/audit", "Protokoll"),
        ("/admin/people/{ben}/disable", "Dieses Konto deaktivieren?"),
        ("/admin/people/{ben}/make-admin", "Diese Person zum Admin machen?"),
        ("/admin/people/{eve}/remove-admin", "Adminrechte entziehen?"),
        ("/admin/people/{ben}/sign-out", "Diese Person überall abmelden?"),
        ("/admin/people/{ben}/recovery/start", "Wiederherstellung beginnen?"),
        ("/admin/groups", "Gruppen"),
        ("/admin/groups/{group}", "family"),
        ("/admin/groups/{group}/remove", "Diese Gruppe entfernen?"),
        ("/admin/apps", "Apps"),
        ("/admin/new-app", "Neue App"),
        ("/admin/apps/{wiki}/change", "garden ändern"),
        ("/admin/apps/{wiki}/icon", "Symbol von garden"),
        ("/admin/apps/{wiki}/remove", "Diese App entfernen?"),
    ] {
        let page = opens(&mut ana, &scene.fill(path)).await;
        page.assert_status(200);
        is_german(&page, heading);
    }
    for (name, shown) in [
        ("{ana}", "Ein Admin hat am"),
        ("{ben}", "Wiederherstellung beginnen"),
        ("{carl}", "Wiederherstellung abbrechen"),
        ("{dan}", "Deaktiviert"),
        ("{eve}", "Adminrechte entziehen"),
    ] {
        let page = opens(&mut ana, &scene.fill(&format!("/admin/people/{name}"))).await;
        let heading = page.body.split("<h1>").nth(1).unwrap().split("</h1>").next().unwrap().to_owned();
        page.assert_status(200).assert_shows(shown);
        is_german(&page, &heading);
    }
}

#[rocket::async_test]
async fn what_an_admin_fills_in_wrongly_is_said_in_german() {
    let scene = Scene::new(Has::Factors).await;
    let mut ana = scene.ana(&scene.app);
    for (fields, said) in [
        (&[("email_link_enabled", "on"), ("link_lifetime", "soon")][..], "Mindestens 1 Minute, höchstens 1 Stunde."),
        (&[("email_link_enabled", "on"), ("limits_global", "many"), ("accent_colour", "red")], "Prüfen Sie 2 Felder."),
        (&[("email_link_enabled", "on"), ("product_name", "<b>")], "ohne &#60; &#62; &#34; und @"),
        (&[("product_name", "Acme")], "Kein Admin könnte sich mehr anmelden"),
        (&[("email_link_enabled", "on"), ("version", "0123456789abcdef")], "Jemand anderes hat die Einstellungen"),
    ] {
        let to = ana.post_only("/admin/settings", fields).await.location().unwrap().to_owned();
        let page = opens(&mut ana, &to).await;
        page.assert_shows(said);
    }
}

/// One line of each kind, with typical values.
#[rocket::async_test]
async fn every_line_of_the_audit_log_is_said_in_both_languages() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    app.transact(move |tx| {
        for &action in Action::VARIANTS {
            let line = tx.line_by(Actor::Visitor, action, "eve@example.com");
            let line = match action {
                Action::SettingChanged => {
                    AuditEntry { subject: "join_policy".to_owned(), ..line }.from_to("invited", "anyone")
                }
                Action::SignedIn => line.to("email_code + recovery_code"),
                Action::AccountAdded => line.to("account"),
                Action::AdminGranted => line.from_to("account", "admin"),
                Action::AccountDisabled => line.from_to("active", "disabled"),
                Action::RecoveryBegun => line.to(tx.now.rfc3339()),
                Action::RecoveryCancelled => line.to("mailed link"),
                Action::RecoveryDone => line.to("1 authenticator app, 2 passkeys, the new password"),
                Action::SessionRevoked => line.to("mailed link"),
                Action::RecoveryCodeUsed => line.to("3 left"),
                Action::GainUndone => line.from_to("passkey, admin_rights", ""),
                Action::DeviceTrusted => line.to("Firefox on Windows"),
                Action::NameChanged => line.from_to("", "Eve"),
                _ => line,
            };
            tx.log(&line)?;
        }
        Ok(())
    })
    .await;
    let page = opens(&mut ana, "/admin/audit").await;
    is_german(&page, "Protokoll");
    let (mut german, mut page) = (page.text(), page);
    while let Some(older) = older(&page) {
        page = opens(&mut ana, &older).await;
        german.push_str(&page.text());
    }
    for shown in [
        "Jemand ohne Anmeldung hat „Wer ein Konto bekommt“ von „Eingeladene“ auf „Alle mit einer E-Mail-Adresse“ geändert",
        "mit einem Code aus einer E-Mail und einem Wiederherstellungscode angemeldet",
        "hat eve@example.com hinzugefügt",
        "hat eve@example.com deaktiviert",
        "mit einem Link aus einer E-Mail die Wiederherstellung von eve@example.com abgebrochen",
        "Entfernt: 1 Authenticator-App, 2 Passkeys und das neue Passwort",
        "einen Wiederherstellungscode verwendet. 3 sind übrig",
        "Entfernt: Passkey und Adminrechte für ein anderes Konto",
        "einen gespeicherten Browser hinzugefügt: Firefox unter Windows",
        "den Namen „Eve“ eingetragen",
    ] {
        assert!(german.contains(shown), "{shown}: {german}");
    }
    let mut page = ana.get("/admin/audit").await;
    let mut english = page.text();
    while let Some(older) = older(&page) {
        page = ana.get(&older).await;
        english.push_str(&page.text());
    }
    for shown in ["Someone not signed in changed “Who can join” from", "entered the name “Eve”"] {
        assert!(english.contains(shown), "{shown}: {english}");
    }
    for &action in Action::VARIANTS {
        let word = action.into_str();
        assert!(!word.contains('_') || !english.contains(word), "{word} is no word for people");
    }
    assert!(!english.contains("audit-"), "{english}");
}

/// Returns where the older lines are: one page does not hold a line of each kind.
fn older(page: &Page) -> Option<String> {
    let query = page.body.split("/admin/audit?before=").nth(1)?.split('"').next()?;
    Some(format!("/admin/audit?before={query}"))
}

#[rocket::async_test]
async fn the_language_of_the_installation_is_one_that_the_catalogue_has() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/admin/settings").await;
    assert!(page.body.contains("<option value=\"en\" lang=\"en\" selected>English</option>"), "{}", page.body);
    for wrong in ["tlh", "de-AT", "DE", "<b>", ""] {
        let fields = [("email_link_enabled", "on"), ("language", wrong)];
        ana.post("/admin/settings", &fields).await.assert_status(422).assert_shows("Choose one of the languages");
        assert_eq!(app.stored_settings().await.language.as_str(), "en", "{wrong}");
    }
    ana.post("/admin/settings", &[("email_link_enabled", "on"), ("language", "de")]).await.assert_status(303);
    app.a_second_later();
    let asks = async |language| {
        app.browser().with(&[("Accept-Language", language)]).request(Method::Get, "/login", None).await
    };
    for (asked, lang) in [("tlh", "de"), ("", "de"), ("en", "en")] {
        let page = asks(asked).await;
        assert!(page.body.contains(&format!("<html lang=\"{lang}\"")), "{asked}: {}", page.body);
    }
    // A language that an older version stored may stay, and the form can still be saved.
    app.set("language", "tlh").await;
    app.a_second_later();
    ana.post("/admin/settings", &[("email_link_enabled", "on")]).await.assert_leads_to("/admin/settings");
    assert_eq!(app.stored_settings().await.language.as_str(), "tlh");
}

#[rocket::async_test]
async fn security_txt_names_the_address_for_help_and_is_missing_without_one() {
    let app = TestApp::new().await;
    app.browser().get("/.well-known/security.txt").await.assert_status(404);
    app.set("support_address", "help+security&co@example.com").await;
    app.a_second_later();
    let file = app.browser().get("/.well-known/security.txt").await;
    file.assert_status(200);
    assert_eq!(file.header("Content-Type"), Some("text/plain; charset=utf-8"));
    let expires = app.services.now().plus(Lifetime::days(30)).rfc3339();
    let canonical = format!("{}/.well-known/security.txt", app.base_url);
    let languages: Vec<_> = app.services.catalogue.locales().iter().map(|locale| locale.tag().as_str()).collect();
    let languages = languages.join(", ");
    assert!(languages.starts_with("en, "), "{languages}");
    assert_eq!(
        file.body,
        format!(
            "Contact: mailto:help+security%26co@example.com\nExpires: {expires}\nPreferred-Languages: {languages}\nCanonical: {canonical}\n"
        )
    );
}
