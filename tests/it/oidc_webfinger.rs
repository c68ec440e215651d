//! WebFinger: which server signs the users of an email domain in.

use crate::{browser::Page, harness::TestApp};
use gatepost::domain::oidc::webfinger::ISSUER;
use serde_json::{Value, json};

const ANA: &str = "ana@example.com";

async fn asks(app: &TestApp, query: &str) -> Page {
    app.browser().get(&format!("/.well-known/webfinger?{query}")).await
}

#[rocket::async_test]
async fn an_app_learns_from_an_address_which_server_signs_its_user_in() {
    let app = TestApp::new().await;
    let page =
        asks(&app, "resource=acct%3Aana%40example.com&rel=http%3A%2F%2Fopenid.net%2Fspecs%2Fconnect%2F1.0%2Fissuer")
            .await;
    page.assert_status(200);
    assert_eq!(page.header("Content-Type"), Some("application/jrd+json"));
    assert_eq!(page.header("Access-Control-Allow-Origin"), Some("*"));
    let found: Value = serde_json::from_str(&page.body).unwrap();
    let issuer = "http://localhost:8000";
    assert_eq!(found, json!({ "subject": "acct:ana@example.com", "links": [{ "rel": ISSUER, "href": issuer }] }));
    let discovery = app.browser().get("/.well-known/openid-configuration").await;
    assert_eq!(serde_json::from_str::<Value>(&discovery.body).unwrap()["issuer"], json!(issuer), "byte for byte");
    let other = asks(&app, "resource=acct:ana@example.com&rel=avatar").await;
    assert_eq!(other.body, r#"{"links":[],"subject":"acct:ana@example.com"}"#);
}

#[rocket::async_test]
async fn each_address_gets_the_same_answer_with_an_account_or_without() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let known = asks(&app, "resource=acct:ana@example.com").await;
    for other in ["ben@example.com", "ana@elsewhere.example"] {
        let page = asks(&app, &format!("resource=acct:{other}")).await;
        assert_eq!(page.status, known.status);
        assert_eq!(page.body.replace(other, ANA), known.body);
    }
}

#[rocket::async_test]
async fn a_question_without_a_resource_is_malformed_and_one_about_no_user_has_no_answer() {
    let app = TestApp::new().await;
    for (query, status) in [
        ("", 400),
        ("rel=x", 400),
        ("resource=", 400),
        ("resource=ana@example.com", 400),
        ("resource=acct:a@b.example&resource=acct:a@b.example", 400),
        ("resource=acct:%ff@b.example", 400),
        ("resource=tel:1", 404),
    ] {
        let page = asks(&app, query).await;
        page.assert_status(status);
        assert_eq!(page.header("Access-Control-Allow-Origin"), Some("*"), "{query}");
    }
    app.set("apps_enabled", "off").await;
    app.a_second_later();
    asks(&app, "resource=acct:ana@example.com").await.assert_status(404);
}
