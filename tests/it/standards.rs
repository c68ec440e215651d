//! Requirements of OWASP ASVS 5.0 that Gatepost meets by leaving something out. Each test notices
//! when it is added.

use crate::harness::TestApp;
use gatepost::domain::Lifetime;
use std::{
    fs,
    path::{Path, PathBuf},
};

fn files_below(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(folder).to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

/// The lines of `[dependencies]` in Cargo.toml.
fn dependencies() -> Vec<String> {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap().to_owned();
    section.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// Rows 1.2.9, 1.3.6, 1.3.12, 4.2.3, 4.2.4, 13.2.4 and 15.3.2.
#[test]
fn no_regular_expression_no_http_client_and_no_http_2_is_built_in() {
    let dependencies = dependencies();
    assert!(dependencies.len() > 20);
    for name in ["regex", "fancy-regex", "reqwest", "ureq", "isahc", "curl", "h2", "openidconnect"] {
        assert!(!dependencies.iter().any(|line| line.starts_with(&format!("{name} "))), "{name}");
    }
    let lock = fs::read_to_string("Cargo.lock").unwrap();
    for name in ["h2", "reqwest", "ureq", "curl"] {
        assert!(!lock.contains(&format!("name = \"{name}\"\n")), "{name}");
    }
}

/// Rows 6.4.2 and 6.6.1.
#[test]
fn no_account_has_a_hint_a_secret_question_or_a_phone_number() {
    let schema = fs::read_to_string("src/db/schema.rs").unwrap();
    // The last characters of an app's secret, for an admin.
    let schema = schema.replacen("        hint -> Text,\n", "", 1);
    for word in ["hint", "question", "phone", "sms", "birth", "maiden"] {
        assert!(!schema.contains(word), "{word}");
    }
}

/// Row 6.2.7.
#[test]
fn every_password_field_is_open_to_paste_and_to_password_managers() {
    let mut fields = 0;
    for path in files_below("templates") {
        let text = fs::read_to_string(&path).unwrap_or_default();
        assert!(!text.contains("onpaste"), "{}", path.display());
        for field in text.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
            if field.contains("type=\"password\"") {
                fields += 1;
                let named = ["autocomplete=\"current-password\"", "autocomplete=\"new-password\""];
                assert!(named.iter().any(|name| field.contains(name)), "{}: {field}", path.display());
            }
        }
    }
    assert!(fields >= 3, "{fields}");
}

/// A section is a landmark of the page, which screen readers list by its heading.
#[test]
fn every_section_of_a_page_has_a_heading() {
    let mut sections = 0;
    for path in files_below("templates") {
        let text = fs::read_to_string(&path).unwrap_or_default();
        for tag in text.split("<section").skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
            sections += 1;
            assert!(tag.contains("aria-labelledby=") || tag.contains("aria-label="), "{}: {tag}", path.display());
        }
    }
    assert!(sections > 50, "{sections}");
}

/// Row 6.2.10.
#[rocket::async_test]
async fn a_password_does_not_expire() {
    let app = TestApp::new().await;
    app.set("password_enabled", "on").await;
    app.add_account("ana@example.com").await;
    let mut ana = app.signed_in("ana@example.com").await;
    let password = "correct horse battery";
    ana.post("/account/password", &[("new_password", password)]).await.assert_status(303);
    app.clock.advance(Lifetime::days(800));
    let mut browser = app.browser();
    browser
        .post("/login/password", &[("email", "ana@example.com"), ("password", password)])
        .await
        .assert_leads_to("/account");
}

/// Rows 11.3.1, 11.3.5 and 11.2.1.
#[test]
fn one_cipher_seals_and_it_is_authenticated() {
    let mut ciphers = Vec::new();
    for path in [files_below("src"), files_below("crates")].concat() {
        let text = fs::read_to_string(&path).unwrap_or_default();
        for name in ["AES_128_GCM", "AES_256_GCM", "CHACHA20_POLY1305", "chacha20", "aes_", "Cipher"] {
            if text.contains(name) {
                ciphers.push((path.display().to_string(), name));
            }
        }
    }
    assert_eq!(ciphers, [("src/sealing/sealed.rs".to_owned(), "CHACHA20_POLY1305")]);
}

/// Rows 3.2.3, 3.5.5 and 3.5.6.
#[test]
fn scripts_leave_no_global_name_and_hear_no_other_window() {
    for path in files_below("static").into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "js")) {
        let text = fs::read_to_string(&path).unwrap();
        for forbidden in ["window.name", "\"message\"", "'message'", "\nvar ", "globalThis", "jsonp", "document.domain"]
        {
            assert!(!text.contains(forbidden), "{} has {forbidden}", path.display());
        }
    }
}

/// Row 3.5.7.
#[rocket::async_test]
async fn scripts_and_styles_are_the_same_for_everyone() {
    let app = TestApp::new().await;
    app.add_admin("ana@example.com").await;
    let mut ana = app.signed_in("ana@example.com").await;
    let page = ana.get("/account").await;
    let paths: Vec<String> = page
        .body
        .split('"')
        .filter(|part| part.starts_with('/') && (part.contains(".js") || part.contains(".css")))
        .map(str::to_owned)
        .collect();
    assert!(paths.len() > 1, "{paths:?}");
    let mut stranger = app.browser();
    for path in paths {
        assert_eq!(ana.get(&path).await.body, stranger.get(&path).await.body, "{path}");
    }
}

/// Row 15.4.1.
#[test]
fn nothing_global_changes() {
    for path in [files_below("src"), files_below("crates")].concat() {
        let text = fs::read_to_string(&path).unwrap_or_default();
        for forbidden in ["static mut", "lazy_static", "static LOCK", "thread_local"] {
            assert!(!text.contains(forbidden), "{} has {forbidden}", path.display());
        }
    }
}
