//! Apps that have a client id and a secret built in: an admin types both.

use crate::{
    clients_pages::{adds_grafana, app_with_admin, counts, secret_on},
    oidc_app::{OidcApp, VERIFIER, Wanted, claims},
};
use gatepost::{
    db::oidc_clients::{self, SecretId},
    domain::{
        Lifetime,
        oidc::{ClientId, client_secret},
    },
    entropy::SystemEntropy,
};

const ANA: &str = "ana@example.com";
const PAGE: &str = "/admin/apps/grafana/openid/built-in";
const ID: &str = "vK7wQbT3Zn5cPzR1mJx8yE";
const SECRET: &str = "pW4nXr8sTz2LkQ6vYb3JmH9dCf7GaUe5WiBo1NtR";

#[rocket::async_test]
async fn an_admin_types_the_client_id_and_the_secret_that_an_app_has_built_in() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let (_, made) = adds_grafana(&mut ana).await;
    ana.get("/admin/apps/grafana/openid").await.assert_shows("The app has a client ID and a secret built in");
    ana.get(PAGE).await.assert_status(200).assert_shows("Built-in client ID and secret");
    let page = ana.submit(PAGE, &[("client_id", ID), ("client_secret", SECRET)]).await;
    page.assert_shows("The settings are saved.").assert_shows(ID);
    assert!(counts(&app, ID, SECRET).await && counts(&app, ID, &made).await, "the one before counts for a day");
    assert!(!counts(&app, "grafana", SECRET).await && !counts(&app, "grafana", &made).await);
    assert!(!counts(&app, ID, &SECRET.to_lowercase()).await && !counts(&app, ID, &SECRET[..39]).await);
    app.clock.advance(Lifetime::hours(25));
    assert!(counts(&app, ID, SECRET).await && !counts(&app, ID, &made).await);
    // Without a secret in the form, the app's stays.
    let mut ana = app.signed_in(ANA).await;
    ana.submit(PAGE, &[("client_id", "other"), ("client_secret", "")]).await.assert_shows("The settings are saved.");
    assert!(counts(&app, "other", SECRET).await && !counts(&app, ID, SECRET).await);
    let stored = app.dump().await;
    assert!(!stored.contains(SECRET), "only a hash is stored");
}

#[rocket::async_test]
async fn a_client_id_of_another_app_and_a_secret_that_can_be_guessed_are_refused() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let (_, made) = adds_grafana(&mut ana).await;
    Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await;
    let repeated = "a".repeat(64);
    for (id, secret, why) in [
        ("wiki", SECRET, "Another app has this client ID."),
        ("no id", SECRET, "Enter 1 to 100 letters"),
        ("", SECRET, "Enter 1 to 100 letters"),
        (ID, "short", "It needs 32 to 256 random characters"),
        (ID, repeated.as_str(), "A secret that can be guessed protects nothing."),
    ] {
        let page = ana.submit(PAGE, &[("client_id", id), ("client_secret", secret)]).await;
        page.assert_status(422).assert_shows(why);
        assert!(secret.len() < 32 || !page.body.contains(secret), "{}", page.body);
    }
    assert!(counts(&app, "grafana", &made).await && !counts(&app, "wiki", SECRET).await);
}

/// The other app took that id when there was no app of this short name.
#[rocket::async_test]
async fn an_app_whose_short_name_is_the_built_in_id_of_another_gets_an_id_with_a_number() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    adds_grafana(&mut ana).await;
    ana.submit(PAGE, &[("client_id", "wiki"), ("client_secret", SECRET)]).await.assert_shows("The settings are saved.");
    let wiki = [("name", "Wiki"), ("hosts", "wiki.example.com"), ("who", "everyone")];
    ana.submit("/admin/new-app", &wiki).await.assert_shows("Wiki");
    let typed = [("preset", "other"), ("redirect_uris", "https://wiki.example.com/callback")];
    let page = ana.submit("/admin/apps/wiki/openid", &typed).await;
    page.assert_status(200).assert_shows("wiki-2");
    let made = secret_on(&page);
    assert!(counts(&app, "wiki-2", &made).await && !counts(&app, "wiki", &made).await);
    assert!(counts(&app, "wiki", SECRET).await, "the other app keeps its id");
    let told =
        app.audit().await.into_iter().filter_map(|line| (line.subject == "wiki").then_some(line.after).flatten());
    assert!(told.into_iter().any(|after| after.contains("wiki-2")), "the audit log names the id");
}

#[rocket::async_test]
async fn the_form_is_never_held_so_that_no_secret_is_stored_while_its_admin_verifies() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    adds_grafana(&mut ana).await;
    app.clock.advance(Lifetime::minutes(16));
    assert_eq!(ana.get(PAGE).await.then(), PAGE);
    let page = ana.post_only(PAGE, &[("client_id", ID), ("client_secret", SECRET)]).await;
    assert!(page.location().unwrap().starts_with("/step-up"), "{:?}", page.location());
    assert_eq!(page.then(), PAGE);
    assert!(!app.dump().await.contains(SECRET));
}

/// Its secret is published, so that it proves nothing: PKCE does.
#[rocket::async_test]
async fn a_program_with_a_published_secret_needs_pkce_and_may_send_that_secret_only() {
    let app = app_with_admin().await;
    let own = Wanted::public().register(&app).await;
    let (id, hash) = (own.id, client_secret::judge(SECRET).unwrap());
    app.write(move |connection| {
        let now = gatepost::domain::Timestamp::from_millis(0);
        oidc_clients::set_id(connection, id, &ClientId::parse(ID).unwrap())?;
        oidc_clients::add_secret(connection, (SecretId::issue(&SystemEntropy), id), (&hash, ""), now)
    })
    .await;
    let own = OidcApp { client_id: ID.to_owned(), ..own };
    let with_secret = OidcApp { id, client_id: ID.to_owned(), secret: Some(SECRET.to_owned()) };
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get(&own.path(&[("code_challenge", ""), ("code_challenge_method", "")])).await;
    assert!(page.location().unwrap().contains("error=invalid_request"), "{:?}", page.location());
    let code = own.code(&mut ana, &[]).await;
    let (status, tokens) = with_secret.redeem(&app, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!((status, claims(&app, &tokens).await["aud"].as_str()), (200, Some(ID)), "{tokens}");
    let code = own.code(&mut ana, &[]).await;
    let wrong = OidcApp { id, client_id: ID.to_owned(), secret: Some(format!("{SECRET}x")) };
    assert_eq!(wrong.redeem(&app, &code, &[("code_verifier", VERIFIER)]).await.0, 401);
    let (status, _) = with_secret.post(&app, "/oidc/introspect", &[("token", "x")]).await;
    assert_eq!(status, 401, "a published secret lets no one ask about tokens");
    assert_eq!(own.redeem(&app, &code, &[]).await.0, 200);
}
