//! Apps as clients of OpenID Connect on the pages of admins.

use crate::{
    browser::{Browser, Page},
    harness::{Setup, TestApp},
    oidc_app::{OidcApp, claims, comes_back, encode, userinfo},
};
use gatepost::{
    db,
    domain::{
        Lifetime,
        apps::{AppSlug, preset::Preset},
        audit::Action,
        oidc::{
            Scope, SigningAlg,
            client::{AccessTokens, GroupsShape, Refreshes},
        },
    },
    rotation,
};
use rocket::http::Method;
use serde_json::Value;
use std::path::Path;

const ANA: &str = "ana@example.com";
const GRAFANA: [(&str, &str); 4] =
    [("name", "Grafana"), ("hosts", "grafana.example.com"), ("who", "everyone"), ("preset", "grafana")];

pub async fn app_with_admin() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_admin(ANA).await;
    rotation::keep_up(&app.services).await.unwrap();
    app
}

async fn client(app: &TestApp, slug: &'static str) -> db::oidc_clients::Client {
    let slug = AppSlug::parse(slug).unwrap();
    app.read(move |connection| {
        let id = db::apps::find_by_slug(connection, &slug)?.unwrap().app.id;
        db::oidc_clients::of_app(connection, id)
    })
    .await
    .unwrap()
}

pub fn secret_on(page: &Page) -> String {
    let rest = page.body.split("data-codes><code>").nth(1).unwrap_or_else(|| panic!("no secret: {}", page.text()));
    // Some hyphens are within an element that keeps a word whole.
    rest.split("</code>").next().unwrap().replace("<span class=\"whole\">", "").replace("</span>", "")
}

/// Returns whether the token endpoint knows the client by this secret.
pub async fn counts(app: &TestApp, client_id: &str, secret: &str) -> bool {
    let fields = [("grant_type", "x"), ("client_id", client_id), ("client_secret", secret)];
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let page = app.browser().with(&headers).request(Method::Post, "/oidc/token", Some(&encode(&fields))).await;
    let answer: Value = serde_json::from_str(&page.body).unwrap();
    match answer["error"].as_str() {
        Some("unsupported_grant_type") => true,
        Some("invalid_client") => false,
        other => panic!("{other:?}"),
    }
}

pub async fn adds_grafana(ana: &mut Browser<'_>) -> (Page, String) {
    let page = ana.submit("/admin/new-app", &GRAFANA).await;
    page.assert_status(200).assert_shows("OpenID Connect");
    let secret = secret_on(&page);
    (page, secret)
}

#[rocket::async_test]
async fn a_known_app_is_added_by_its_address_and_its_page_has_all_that_the_app_needs() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    ana.get("/admin/new-app").await.assert_shows("Audiobookshelf").assert_shows("Yes: another app");
    let (page, secret) = adds_grafana(&mut ana).await;
    for shown in [
        "What Grafana needs to know",
        "http://localhost:8000/.well-known/openid-configuration",
        "https://grafana.example.com/login/generic_oauth",
        "Configuration of Grafana",
        "[auth.generic_oauth]",
        "token_url = http://localhost:8000/oidc/token",
        "root_url = https://grafana.example.com/",
        "RS256: in use since",
        "ES256: in use since",
    ] {
        page.assert_shows(shown);
    }
    page.assert_shows(&format!("client_secret = {secret}"));
    // A button for each address, and one for the configuration. Without the script they stay
    // hidden.
    let buttons = page.body.matches("data-copy aria-describedby").count();
    assert_eq!((buttons, page.body.matches("<span data-codes>").count()), (5, 4));
    assert!(counts(&app, "grafana", &secret).await);
    let stored = client(&app, "grafana").await;
    assert!(stored.rules.pkce_required && stored.rules.refreshes == Refreshes::Asked && !stored.rules.is_third_party);
    // A reload shows it again; leaving the page does not.
    ana.get("/admin/apps/grafana/openid").await.assert_shows(&secret);
    let page = ana.get("/admin/apps/grafana").await;
    page.assert_shows("This app signs users in with OpenID Connect.").assert_hides(&secret);
    let page = ana.get("/admin/apps/grafana/openid").await;
    page.assert_hides(&secret).assert_shows("client_secret = CLIENT_SECRET");
    assert!(!app.dump().await.contains(&secret), "only its hash is stored");
    let lines = app.audit().await;
    let told = |action| lines.iter().any(|line| line.action == action && line.subject == "grafana");
    assert!(told(Action::AppAdded) && told(Action::AppSecretMade) && told(Action::AppChanged));
}

#[rocket::async_test]
async fn the_page_of_a_known_app_names_where_it_hears_of_sign_outs() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    for (slug, path) in [
        ("nextcloud", Some("/apps/user_oidc/backchannel-logout/gatepost")),
        ("synapse", Some("/_synapse/client/oidc/backchannel_logout")),
        ("grafana", None),
    ] {
        let host = format!("{slug}.example.com");
        ana.submit("/admin/new-app", &[("name", slug), ("hosts", &host), ("who", "everyone"), ("preset", slug)]).await;
        let page = ana.get(&format!("/admin/apps/{slug}/openid/change")).await;
        match path {
            Some(path) => page.assert_shows(&format!("For this app: https://{host}{path}")),
            None => page.assert_shows("Optional.").assert_hides("For this app"),
        };
    }
}

#[rocket::async_test]
async fn an_app_in_no_list_needs_its_redirect_uri_and_each_wrong_one_is_explained() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let notes = [("name", "Notes"), ("who", "everyone"), ("preset", "other")];
    ana.submit("/admin/new-app", &notes).await.assert_status(422).assert_shows("Enter at least one redirect URI.");
    for (uri, why) in [
        ("http://notes.example.com/cb", "isn’t encrypted"),
        ("https://*.example.com/cb", "contains *"),
        ("https://notes.example.com/cb#x", "contains #"),
        ("https://ana@notes.example.com/cb", "contains a username"),
        ("https://Notes.example.com/cb", "Browsers would spell"),
        ("javascript:/alert(1)", "its scheme isn’t an app’s own"),
        ("<b>notes</b>", "isn’t a complete web address"),
    ] {
        let page = ana.submit("/admin/new-app", &[&notes[..], &[("redirect_uris", uri)]].concat()).await;
        page.assert_status(422).assert_shows(why);
        assert!(!page.body.contains("<b>notes"), "{}", page.body);
    }
    let many: String = (0..21).map(|n| format!("https://notes.example.com/{n} ")).collect();
    let page = ana.submit("/admin/new-app", &[&notes[..], &[("redirect_uris", &many)]].concat()).await;
    page.assert_status(422).assert_shows("Enter at most 20 addresses.");
    let unknown = [("name", "Notes"), ("hosts", "notes.example.com"), ("who", "everyone"), ("preset", "nothing")];
    ana.submit("/admin/new-app", &unknown).await.assert_status(422).assert_shows("Choose an app from the list.");
    // A known app needs its address instead.
    let nowhere = [("name", "Grafana"), ("who", "everyone"), ("preset", "grafana")];
    ana.submit("/admin/new-app", &nowhere).await.assert_status(422).assert_shows("Enter the app’s address.");
    assert!(app.read(db::apps::all).await.is_empty(), "nothing is stored by halves");

    let phone = [("redirect_uris", "https://notes.example.com/cb\nnotes.app:/cb"), ("public", "on")];
    let page = ana.submit("/admin/new-app", &[&notes[..], &phone].concat()).await;
    page.assert_status(200).assert_shows("OpenID Connect is set up.").assert_shows("has no secret");
    let stored = client(&app, "notes").await;
    assert!(stored.rules.is_public && stored.rules.needs_pkce() && stored.sign_in_uris.len() == 2);
    ana.get("/admin/apps/notes/openid/secret").await.assert_status(404);
}

#[rocket::async_test]
async fn an_app_behind_a_proxy_becomes_a_client_later() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let wiki = [("name", "Wiki"), ("hosts", "wiki.example.com"), ("who", "everyone")];
    ana.submit("/admin/new-app", &wiki).await.assert_shows("Set up OpenID Connect");
    let page = ana.get("/admin/apps/wiki/openid").await;
    page.assert_shows("Wiki then sends users here to sign in, and learns who they are.");
    // That it is no app behind a proxy is answered already.
    page.assert_shows("Which app is it?")
        .assert_shows("Another app")
        .assert_hides("behind a proxy")
        .assert_hides("Yes:");
    ana.get("/admin/new-app").await.assert_shows("No: behind a proxy").assert_shows("Yes: another app");
    let page = ana.submit("/admin/apps/wiki/openid", &[("preset", "outline")]).await;
    page.assert_shows("https://wiki.example.com/auth/oidc.callback");
    assert!(counts(&app, "wiki", &secret_on(&page)).await);
    // Twice makes no second one.
    ana.post("/admin/apps/wiki/openid", &[("preset", "outline")]).await.assert_status(404);
    ana.get("/admin/apps/unknown/openid").await.assert_status(404);
}

#[rocket::async_test]
async fn redirect_uris_and_options_are_changed_and_the_log_says_what_differs() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    adds_grafana(&mut ana).await;
    let path = "/admin/apps/grafana/openid/change";
    ana.get(path).await.assert_shows("Sign ID tokens with ES256");
    let all = [
        ("redirect_uris", "https://grafana.example.com/login/generic_oauth\nhttps://old.example.com/cb"),
        ("sign_out_uris", "https://grafana.example.com/"),
        ("third_party", "on"),
        ("es256", "on"),
        ("small", "on"),
        ("groups_claim", "roles"),
        ("groups_shape", "spaces"),
        ("name_claim", "username"),
        ("jwt", "on"),
        ("refreshes", "never"),
        ("rotates", "on"),
    ];
    ana.submit(path, &all).await.assert_shows("The settings are saved.").assert_shows("https://old.example.com/cb");
    let stored = client(&app, "grafana").await;
    assert_eq!((stored.sign_in_uris.len(), stored.sign_out_uris.len()), (2, 1));
    let rules = &stored.rules;
    assert!(rules.is_third_party && rules.id_token_small && !rules.pkce_required && !rules.is_public && rules.rotates);
    assert_eq!((rules.id_token_alg, rules.groups_claim.as_str()), (SigningAlg::Es256, "roles"));
    assert_eq!((rules.name_claim.as_deref(), rules.access_tokens), (Some("username"), AccessTokens::Jwt));
    assert_eq!(rules.groups_shape, GroupsShape::Spaces);
    assert_eq!((rules.refreshes, stored.preset.as_deref()), (Refreshes::Never, Some("grafana")));
    let page = ana.get(path).await;
    for shown in [
        "https://old.example.com/cb",
        "value=\"roles\"",
        "value=\"username\"",
        "value=\"never\" selected",
        "value=\"spaces\" selected",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    // The same again is no change.
    ana.submit(path, &all).await.assert_shows("The settings are saved.");
    let lines = app.audit().await;
    let changes: Vec<_> = lines.iter().filter(|line| line.action == Action::AppChanged).collect();
    let before: Vec<_> = changes.iter().filter_map(|line| line.before.as_deref()).collect();
    let told = "redirect URIs: https://grafana.example.com/login/generic_oauth; PKCE required: yes; ID token: RS256; \
                groups claim: groups; refresh tokens: asked";
    assert_eq!(before.iter().filter(|before| **before == told).count(), 1, "{before:?}");
    assert!(changes.iter().any(|line| line.after.as_deref().is_some_and(|after| after.contains("rotates: yes"))));
    for (field, value, why) in [
        ("redirect_uris", "", "Enter at least one redirect URI."),
        ("sign_out_uris", "http://grafana.example.com/", "isn’t encrypted"),
        ("groups_claim", "email", "no name that tokens use for something else"),
        ("name_claim", "roles", "not the claim for groups"),
        ("name_claim", "sub", "not the claim for groups"),
    ] {
        let wrong: Vec<_> = all.iter().map(|pair| if pair.0 == field { (field, value) } else { *pair }).collect();
        ana.submit(path, &wrong).await.assert_status(422).assert_shows(why);
    }
    assert_eq!(client(&app, "grafana").await.rules, stored.rules);
}

#[rocket::async_test]
async fn a_new_secret_leaves_the_previous_one_a_day_and_a_button_ends_it() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let (_, first) = adds_grafana(&mut ana).await;
    ana.get("/admin/apps/grafana/openid/secret").await.assert_shows("Create a new secret?").assert_hides("still stops");
    let page = ana.submit("/admin/apps/grafana/openid/secret", &[]).await;
    let second = secret_on(&page);
    page.assert_shows("Works until").assert_shows("End the previous secret now");
    ana.get("/admin/apps/grafana/openid/secret").await.assert_shows("The previous secret still stops working on ");
    assert!(first != second && counts(&app, "grafana", &first).await && counts(&app, "grafana", &second).await);
    ana.get("/admin/apps/grafana/openid/end-secret").await.assert_shows("End the previous secret?");
    let page = ana.submit("/admin/apps/grafana/openid/end-secret", &[]).await;
    page.assert_shows("The previous secret no longer works.").assert_hides("Works until");
    assert!(!counts(&app, "grafana", &first).await && counts(&app, "grafana", &second).await);
    let page = ana.submit("/admin/apps/grafana/openid/secret", &[]).await;
    let third = secret_on(&page);
    app.clock.advance(Lifetime::hours(25));
    assert!(!counts(&app, "grafana", &second).await && counts(&app, "grafana", &third).await);
}

/// Returns a JSON object that a page shows below a heading.
fn shown_json(page: &Page, heading: &str) -> Value {
    let rest = page.body.split(&format!("<h3>{heading}</h3>")).nth(1).unwrap();
    let text = rest.split("<code>").nth(1).unwrap().split("</code>").next().unwrap();
    let text = text.replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[rocket::async_test]
async fn what_try_it_shows_is_what_the_app_gets() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let uris =
        [("name", "Grafana"), ("who", "everyone"), ("preset", "other"), ("redirect_uris", crate::oidc_app::CALLBACK)];
    let page = ana.submit("/admin/new-app", &uris).await;
    let id = client(&app, "grafana").await.app;
    let grafana = OidcApp { id, client_id: "grafana".to_owned(), secret: Some(secret_on(&page)) };
    let scopes = [Scope::OpenId, Scope::Profile, Scope::Email, Scope::Groups].map(Scope::as_str).join(" ");
    let tokens = grafana.tokens(&mut ana, &[("scope", &scopes)]).await;
    // The first sign-in gives the username.
    let page = ana.get("/admin/apps/grafana/openid").await;
    let mut gets = claims(&app, &tokens).await;
    for name in ["iat", "exp", "sid", "at_hash", "nonce"] {
        assert!(gets.as_object_mut().unwrap().remove(name).is_some(), "{name}");
    }
    assert_eq!(shown_json(&page, "ID token"), gets);
    let (_, info) = userinfo(&app, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(shown_json(&page, "Userinfo"), info);
    // Small tokens are small here, too.
    let fields = [("redirect_uris", crate::oidc_app::CALLBACK), ("small", "on"), ("groups_claim", "roles")];
    let page = ana.submit("/admin/apps/grafana/openid/change", &fields).await;
    assert_eq!(shown_json(&page, "ID token").get("email"), None);
    assert_eq!(shown_json(&page, "Userinfo")["roles"], Value::Array(Vec::new()));
}

#[rocket::async_test]
async fn a_refused_request_is_shown_with_its_cause_and_only_an_address_of_the_app_has_a_button() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let (_, secret) = adds_grafana(&mut ana).await;
    // Leaves the page that shows the secret.
    ana.get("/admin/apps").await.assert_status(200);
    let page = ana.get("/admin/apps/grafana/openid").await;
    page.assert_shows("No requests from this app were refused in the last 7 days.");
    let asks = |uri: &str| {
        let pairs = [("client_id", "grafana"), ("redirect_uri", uri), ("response_type", "code"), ("scope", "openid")];
        format!("/oidc/authorize?{}", encode(&pairs))
    };
    let right = "https://grafana.example.com/login/generic_oauth";
    let mut stranger = app.browser();
    for uri in [
        "https://evil.example/<script>alert(1)</script>",
        "https://evil.example/cb",
        "http://grafana.example.com/login/generic_oauth",
        "https://grafana.example.com/other",
        &format!("{right}/"),
        &format!("{right}/"),
    ] {
        stranger.get(&asks(uri)).await.assert_status(400);
    }
    assert_eq!(comes_back(&stranger.get(&asks(right)).await)["error"], "invalid_request");
    assert!(!counts(&app, "grafana", "wrong").await);
    let page = ana.get("/admin/apps/grafana/openid").await;
    for shown in [
        "The redirect URI isn’t registered.",
        "It differs only by the slash at the end.",
        "2 times, last on",
        "has another path",
        "It begins with http://.",
        "It leads to a host that doesn’t belong to this app.",
        "This client needs PKCE: code_challenge is missing.",
        "The client secret was wrong or missing.",
    ] {
        page.assert_shows(shown);
    }
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    assert_eq!(page.body.matches("/openid/add-uri\"").count(), 2, "one for each address of the app");
    page.assert_hides(&secret);
    let path = "/admin/apps/grafana/openid/add-uri";
    for foreign in ["https://evil.example/cb", "http://grafana.example.com/login/generic_oauth", "x"] {
        ana.post(path, &[("uri", foreign)]).await.assert_status(404);
    }
    let page = ana.submit(path, &[("uri", &format!("{right}/"))]).await;
    page.assert_shows("The redirect URI is added.")
        .assert_shows("No requests from this app were refused in the last 7 days.");
    assert_eq!(client(&app, "grafana").await.sign_in_uris.len(), 2);
    stranger.get(&asks(&format!("{right}/"))).await;
    let code = [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", right)];
    let grafana =
        OidcApp { id: client(&app, "grafana").await.app, client_id: "grafana".to_owned(), secret: Some(secret) };
    grafana.post(&app, "/oidc/token", &code).await;
    ana.get("/admin/apps/grafana/openid").await.assert_shows("A code was used twice, too late");
}

#[rocket::async_test]
async fn a_client_has_at_most_twenty_redirect_uris() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    adds_grafana(&mut ana).await;
    let uris = |most| (0..most).map(|n| format!("https://grafana.example.com/{n}\n")).collect::<String>();
    let path = "/admin/apps/grafana/openid/change";
    let page = ana.submit(path, &[("redirect_uris", &uris(21))]).await;
    page.assert_shows("Enter at most 20 addresses.");
    assert_eq!(client(&app, "grafana").await.sign_in_uris.len(), 1);
    let fields = [("redirect_uris", uris(20)), ("groups_claim", "groups".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    ana.submit(path, &fields).await.assert_status(200);
    assert_eq!(client(&app, "grafana").await.sign_in_uris.len(), 20);
}

#[rocket::async_test]
async fn how_an_app_s_server_is_reached_is_set_on_a_page_and_each_wrong_address_is_explained() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    adds_grafana(&mut ana).await;
    let change = "/admin/apps/grafana/openid/change";
    let own = [("redirect_uris", "https://grafana.example.com/login/generic_oauth"), ("groups_claim", "groups")];
    for wrong in ["grafana.example.com/logout", "ftp://grafana.example.com/", "https://a:b@grafana.example.com/", "x"] {
        let page = ana.submit(change, &[&own[..], &[("logout_uri", wrong)]].concat()).await;
        page.assert_status(422).assert_shows("Enter an address that begins with https:// or http://");
    }
    let more = [("logout_uri", " https://grafana.example.com/logout "), ("devices", "on")];
    let page = ana.submit(change, &[&own[..], &more].concat()).await;
    page.assert_shows("The settings are saved.").assert_shows("https://grafana.example.com/logout");
    page.assert_shows("This app signs in devices with a code.");
    let reach = async || {
        let id = client(&app, "grafana").await.app;
        app.read(move |connection| db::oidc_reach::reach(connection, id)).await
    };
    let stored = reach().await;
    assert_eq!(stored.logout_uri.unwrap().as_str(), "https://grafana.example.com/logout");
    assert!(stored.signs_in_devices);
    let page = ana.get(change).await;
    assert!(page.body.contains("value=\"https://grafana.example.com/logout\""), "{}", page.body);
    ana.submit(change, &own).await.assert_shows("The settings are saved.").assert_hides("signs in devices");
    let stored = reach().await;
    assert!(stored.logout_uri.is_none() && !stored.signs_in_devices);
    let told =
        app.audit().await.into_iter().filter(|line| line.action == Action::AppChanged).filter_map(|line| line.after);
    let told: Vec<String> = told.collect();
    assert!(told.iter().any(|to| to.contains("sign-out messages: https://grafana.example.com/logout")), "{told:?}");
}

#[rocket::async_test]
async fn a_button_adds_no_redirect_uri_beyond_the_most() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    adds_grafana(&mut ana).await;
    let many: String = (0..20).map(|n| format!("https://grafana.example.com/{n} ")).collect();
    let change = "/admin/apps/grafana/openid/change";
    ana.submit(change, &[("redirect_uris", &many), ("groups_claim", "groups")]).await.assert_status(200);
    let add = [("uri", "https://grafana.example.com/more")];
    ana.submit("/admin/apps/grafana/openid/add-uri", &add).await.assert_shows("Enter at most 20 addresses.");
    assert_eq!(client(&app, "grafana").await.sign_in_uris.len(), 20);
}

#[rocket::async_test]
async fn what_one_node_refuses_is_shown_by_every_node_and_forgotten_on_all_when_the_app_changes() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    adds_grafana(&mut ana).await;
    let other = Setup::new().beside(&app).start().await;
    let id = client(&app, "grafana").await.app;
    let store = async |node: &TestApp| node.services.refused.write(&node.services.db).await.unwrap();
    for (node, times) in [(&app, 2), (&other, 3)] {
        for _ in 0..times {
            assert!(!counts(node, "grafana", "wrong").await);
        }
        let uris = (0..20).map(|n| format!("https://grafana.example.com/{times}/{n}"));
        for uri in uris.take(5) {
            let asks = [("client_id", "grafana"), ("redirect_uri", &*uri), ("response_type", "code")];
            node.browser().get(&format!("/oidc/authorize?{}", encode(&asks))).await.assert_status(400);
        }
        store(node).await;
        assert!(node.services.refused.waiting(id).is_empty());
    }
    let page = ana.get("/admin/apps/grafana/openid").await;
    page.assert_shows("5 times, last on").assert_shows("https://grafana.example.com/2/4");
    page.assert_shows("https://grafana.example.com/3/4");
    // A flood keeps few rows.
    for n in 0..40 {
        let uri = format!("https://grafana.example.com/flood/{n}");
        let asks = [("client_id", "grafana"), ("redirect_uri", &*uri), ("response_type", "code")];
        other.browser().get(&format!("/oidc/authorize?{}", encode(&asks))).await.assert_status(400);
    }
    store(&other).await;
    assert_eq!(app.read(move |connection| db::apps::refusals(connection, id)).await.len(), 12);
    let change = [("redirect_uris", "https://grafana.example.com/cb"), ("groups_claim", "groups")];
    let page = ana.submit("/admin/apps/grafana/openid/change", &change).await;
    page.assert_shows("No requests from this app were refused in the last 7 days.");
    assert!(!counts(&other, "grafana", "wrong").await);
    store(&other).await;
    let later = app.services.now().plus(Lifetime::seconds(1));
    app.write(move |connection| db::apps::purge_refusals(connection, later)).await;
    assert!(app.read(move |connection| db::apps::refusals(connection, id)).await.is_empty());
}

#[rocket::async_test]
async fn an_app_that_is_known_to_use_a_popup_keeps_its_opener_however_it_is_added() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let popup = async |slug: String| {
        let slug = AppSlug::parse(&slug).unwrap();
        app.read(move |connection| db::apps::find_by_slug(connection, &slug)).await.unwrap().popup
    };
    for (n, preset) in Preset::all().enumerate() {
        let (name, host) = (format!("Known {n}"), format!("known-{n}.example.com"));
        let fields = [("name", &*name), ("hosts", &host), ("who", "everyone"), ("preset", preset.slug)];
        ana.submit("/admin/new-app", &fields).await.assert_status(200);
        assert_eq!(popup(format!("known-{n}")).await, preset.popup, "{}", preset.slug);
        let file = format!(
            "[[apps]]\nslug = \"file-{n}\"\nname = \"File\"\nhosts = [\"file-{n}.example.com\"]\n\
             [apps.oidc]\npreset = \"{}\"\n",
            preset.slug
        );
        let wanted = gatepost::declared::Wanted::read(&file, "http://localhost:8000", Path::new(".")).unwrap();
        app.transact(move |tx| Ok(db::Stop::commit(gatepost::declared::apply(tx, &wanted, false))?.is_ok())).await;
        assert_eq!(popup(format!("file-{n}")).await, preset.popup, "{}", preset.slug);
    }
    // An app behind a proxy that becomes such an app.
    let proxied = [("name", "Photos"), ("hosts", "photos.example.com"), ("who", "everyone")];
    ana.submit("/admin/new-app", &proxied).await.assert_status(200);
    assert!(!popup("photos".to_owned()).await);
    ana.submit("/admin/apps/photos/openid", &[("preset", "komga")]).await.assert_status(200);
    assert!(popup("photos".to_owned()).await);
}
