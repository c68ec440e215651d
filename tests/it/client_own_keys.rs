//! Apps that sign by their own keys. The keys end the client's secret, so that saving them asks
//! first.

use crate::{
    browser::Page,
    clients_pages::{adds_grafana, app_with_admin, counts, secret_on},
    step_up::PASSWORD,
};
use gatepost::{
    apps,
    domain::{Lifetime, apps::AppSlug, oidc::SigningAlg},
    entropy::SystemEntropy,
    signing,
};

const ANA: &str = "ana@example.com";
const KEYS: &str = "/admin/apps/grafana/openid/keys";
const QUESTION: &str = "Use the app’s own keys?";

/// Returns a set of so many public keys, a key in each line.
fn set_of(keys: usize) -> String {
    let own: Vec<_> = (0..keys).map(|_| signing::make(SigningAlg::Es256, &SystemEntropy).unwrap().jwk).collect();
    format!("{{\"keys\":[\n{}]}}", own.join(",\n"))
}

/// Returns a text of the page's source as a browser reads it.
fn read(source: &str) -> String {
    source.replace("&#34;", "\"").replace("&#38;", "&")
}

/// Returns the text of the form's field for the set.
fn typed_set(page: &Page) -> String {
    let field = page.body.split("name=\"jwks\"").nth(1).unwrap_or_else(|| panic!("no field: {}", page.text()));
    read(field.split_once('>').unwrap().1.split("</textarea>").next().unwrap().trim())
}

/// Returns the fields that the question's button sends.
fn sent_by(question: &Page) -> [(&str, String); 3] {
    ["jwks", "jwks_uri", "confirm"].map(|name| (name, read(question.hidden(name))))
}

/// Returns where the question's "no" leads.
fn cancel(question: &Page) -> String {
    let before = question.body.split(">Cancel</a>").next().unwrap();
    read(before.rsplit("href=\"").next().unwrap().trim_end_matches('"'))
}

/// Otherwise the secret would count as soon as the keys are removed.
#[rocket::async_test]
async fn an_app_with_keys_of_its_own_gets_no_secret_even_while_it_is_turned_off() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    adds_grafana(&mut ana).await;
    ana.post(KEYS, &[("jwks", &set_of(1)), ("jwks_uri", ""), ("confirm", "yes")]).await.assert_status(303);
    let off = [("name", "Grafana"), ("hosts", "grafana.example.com"), ("who", "everyone"), ("disabled", "on")];
    ana.submit("/admin/apps/grafana/change", &off).await.assert_shows("The app is saved.");
    let slug = AppSlug::parse("grafana").unwrap();
    assert!(app.transact(move |tx| apps::new_secret(tx, &slug, Lifetime::hours(1))).await.is_none());
}

#[rocket::async_test]
async fn an_app_with_keys_of_its_own_has_no_secret_and_an_old_one_never_comes_back() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let (_, secret) = adds_grafana(&mut ana).await;
    let keys = "/admin/apps/grafana/openid/keys";
    ana.get(keys).await.assert_status(200).assert_shows("The app’s own keys");
    let own = signing::make(SigningAlg::Es256, &SystemEntropy).unwrap();
    let set = format!("{{\"keys\":[{}]}}", own.jwk);
    let at = "https://grafana.example.com/keys";
    let private = r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#;
    for (set, uri, why) in [
        ("{}", "", "Enter a key set (JWKS)"),
        (private, "", "Enter a key set (JWKS)"),
        (&*set, at, "Enter either the keys or their address."),
        ("", "grafana.example.com", "Enter an address that begins with"),
    ] {
        let page = ana.submit(keys, &[("jwks", set), ("jwks_uri", uri)]).await;
        page.assert_status(422).assert_shows(why);
    }
    assert!(counts(&app, "grafana", &secret).await);
    let page = ana.submit(keys, &[("jwks", &set), ("jwks_uri", ""), ("confirm", "yes")]).await;
    page.assert_shows("The keys are saved.").assert_shows("signs its requests with its own keys");
    page.assert_shows("as Grafana’s documentation says").assert_hides("CLIENT_SECRET");
    assert!(!counts(&app, "grafana", &secret).await);
    ana.get("/admin/apps/grafana/openid/secret").await.assert_status(404);
    ana.submit(keys, &[("jwks", ""), ("jwks_uri", at)]).await.assert_shows(at);
    let page = ana.submit(keys, &[("jwks", ""), ("jwks_uri", "")]).await;
    page.assert_shows("Create a secret for the app.");
    assert!(!counts(&app, "grafana", &secret).await, "the secret from before stays ended");
    let page = ana.submit("/admin/apps/grafana/openid/secret", &[]).await;
    assert!(counts(&app, "grafana", &secret_on(&page)).await);
    // A program on users' devices can keep neither.
    let phone = [("name", "Phone"), ("who", "everyone"), ("preset", "other"), ("redirect_uris", "phone.app:/cb")];
    ana.submit("/admin/new-app", &[&phone[..], &[("public", "on")]].concat()).await.assert_status(200);
    ana.get("/admin/apps/phone/openid/keys").await.assert_status(404);
}

#[rocket::async_test]
async fn keys_that_would_end_a_secret_ask_first_and_a_no_loses_nothing_that_was_typed() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let (_, secret) = adds_grafana(&mut ana).await;
    // The second set is too long for a cookie.
    for set in [set_of(1), set_of(30)] {
        let page = ana.submit(KEYS, &[("jwks", &set), ("jwks_uri", "")]).await;
        page.assert_status(200).assert_shows(QUESTION).assert_shows("The client secret stops working at once.");
        assert!(page.body.contains("<button class=\"danger"), "{}", page.body);
        assert_eq!(sent_by(&page)[0].1, set);
        assert!(counts(&app, "grafana", &secret).await, "asking does nothing");
        let page = ana.get(&cancel(&page)).await;
        page.assert_hides(QUESTION).assert_shows("The app’s own keys");
        assert_eq!(typed_set(&page), set);
    }
    let uri = "https://grafana.example.com/keys";
    let question = ana.submit(KEYS, &[("jwks", ""), ("jwks_uri", uri)]).await;
    let fields = sent_by(question.assert_shows(QUESTION));
    let page = ana.submit(KEYS, &fields.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    page.assert_shows("The keys are saved.").assert_shows(uri);
    assert!(!counts(&app, "grafana", &secret).await);
}

#[rocket::async_test]
async fn a_yes_that_waits_for_a_step_up_comes_back_as_the_question_and_can_still_be_a_no() {
    let app = app_with_admin().await;
    app.set("password_enabled", "on").await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/password", &[("new_password", PASSWORD)]).await.assert_status(303);
    let (_, secret) = adds_grafana(&mut ana).await;
    let set = set_of(30);
    app.clock.advance(Lifetime::minutes(16));
    let question = ana.submit(KEYS, &[("jwks", &set), ("jwks_uri", "")]).await;
    let fields = sent_by(question.assert_shows(QUESTION));
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let then = ana.post_only(KEYS, &fields).await.then();
    let again = ana.submit("/step-up/password", &[("password", PASSWORD), ("then", &then)]).await;
    assert_eq!(sent_by(again.assert_shows(QUESTION))[0].1, set);
    assert!(!again.body.contains("data-continue"), "what cannot be undone is never sent by itself");
    assert!(counts(&app, "grafana", &secret).await);
    let page = ana.get(&cancel(&again)).await;
    assert_eq!(typed_set(page.assert_hides(QUESTION)), set);
    assert!(!page.body.contains("data-continue"), "a no is no yes");
    ana.submit(KEYS, &fields).await.assert_shows("The keys are saved.");
    assert!(!counts(&app, "grafana", &secret).await);
}

#[rocket::async_test]
async fn keys_that_end_no_secret_are_saved_without_a_question() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let (_, secret) = adds_grafana(&mut ana).await;
    ana.submit(KEYS, &[("jwks", ""), ("jwks_uri", "")]).await.assert_shows("The settings are saved.");
    assert!(counts(&app, "grafana", &secret).await);
    ana.submit(KEYS, &[("jwks", &set_of(1)), ("jwks_uri", ""), ("confirm", "yes")]).await;
    let other = [("jwks", ""), ("jwks_uri", "https://grafana.example.com/keys")];
    ana.submit(KEYS, &other).await.assert_shows("The keys are saved.");
    ana.submit(KEYS, &[("jwks", ""), ("jwks_uri", "")]).await.assert_shows("Create a secret for the app.");
    ana.submit(KEYS, &other).await.assert_shows("The keys are saved.");
}
