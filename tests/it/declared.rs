//! Pages show what a file of the operator owns, and do not change it.

use crate::harness::TestApp;
use gatepost::{
    db::{self, declared::Kind},
    domain::audit::Actor,
};
use std::fs;

const ANA: &str = "ana@example.com";
const FILE: &str = "[settings]\nproduct_name = \"Acme\"\npassword_enabled = true\ncode_first_domains = [\"acme.example\"]\n[[groups]]\nname = \"family\"\nnote = \"Ours\"\n\
                    [[apps]]\nslug = \"wiki\"\nname = \"Wiki\"\nhosts = [\"wiki.example.com\"]\n\
                    [apps.oidc]\nredirect_uris = [\"https://wiki.example.com/back\"]\nsecret_file = \"secret\"\n";
const SECRET: &str = "Zk3-xS0vV9cQm2TqB7yLr5hJ8wN1aEfGuP4dIoXtY6M";

async fn with_file() -> TestApp {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret"), SECRET).unwrap();
    let wanted = gatepost::declared::Wanted::read(FILE, "http://localhost:8000", folder.path()).unwrap();
    let apply = move |tx: &mut db::Tx<'_>| Ok(db::Stop::commit(gatepost::declared::apply(tx, &wanted, false))?.is_ok());
    assert!(app.services.transact(Actor::CommandLine, apply).await.unwrap());
    app.a_second_later();
    app
}

#[rocket::async_test]
async fn what_a_file_owns_is_shown_and_not_changed() {
    let app = with_file().await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/admin/apps/wiki").await;
    page.assert_shows("A file on the server sets this app up");
    for address in ["/admin/apps/wiki/change", "/admin/apps/wiki/remove"] {
        assert!(!page.body.contains(address), "{address}: {}", page.text());
    }
    let app_fields = [("name", "Other"), ("hosts", "wiki.example.com"), ("who", "everyone"), ("requires", "one")];
    ana.post_only("/admin/apps/wiki/change", &app_fields).await.assert_leads_to("/admin/apps/wiki");
    ana.get("/admin/apps/wiki").await.assert_shows("Nothing was changed").assert_shows("Wiki");
    ana.post_only("/admin/apps/wiki/remove", &[]).await.assert_leads_to("/admin/apps/wiki");
    ana.get("/admin/apps/wiki").await.assert_shows("Nothing was changed").assert_shows("At a glance");

    let page = ana.get("/admin/apps/wiki/openid").await;
    page.assert_shows("A file on the server sets this app up").assert_shows("The secret comes from a file");
    for address in ["/openid/change", "/openid/secret"] {
        assert!(!page.body.contains(address), "{address}: {}", page.text());
    }
    let uri = ("redirect_uris", "https://wiki.example.com/other");
    for (path, fields) in [("change", &[uri, ("groups_claim", "groups")][..]), ("secret", &[])] {
        let path = format!("/admin/apps/wiki/openid/{path}");
        ana.post_only(&path, fields).await.assert_leads_to("/admin/apps/wiki/openid");
        ana.get("/admin/apps/wiki/openid").await.assert_shows("Nothing was changed");
    }
    let uri = [("uri", "https://wiki.example.com/other")];
    ana.post_only("/admin/apps/wiki/openid/add-uri", &uri).await.assert_leads_to("/admin/apps/wiki/openid");
    let page = ana.get("/admin/apps/wiki/openid").await;
    assert!(page.body.contains("https://wiki.example.com/back") && !page.body.contains("/other"), "{}", page.text());

    let group = app.read(|connection| Ok(db::groups::all(connection)?.remove(0))).await;
    let path = format!("/admin/groups/{}", group.id);
    let page = ana.get(&path).await;
    page.assert_shows("A file on the server sets this group up").assert_shows("Ours");
    assert!(!page.body.contains("/remove\""), "{}", page.body);
    ana.post_only(&path, &[("note", "Mine")]).await.assert_leads_to(&path);
    ana.post_only(&format!("{path}/remove"), &[]).await.assert_leads_to(&path);
    let kept = app.read(|connection| Ok(db::groups::all(connection)?.remove(0))).await;
    assert_eq!(kept, group);
    ana.post_only(&path, &[("email", ANA)]).await.assert_leads_to(&path);
    ana.get(&path).await.assert_shows(ANA);
}

#[rocket::async_test]
async fn a_setting_that_a_file_owns_keeps_its_value_also_when_a_form_says_otherwise() {
    let app = with_file().await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/admin/settings").await;
    page.assert_shows("Set by a file on the server").assert_shows("Acme");
    assert!(!page.body.contains("name=\"product_name\"") && !page.body.contains("name=\"password_enabled\""));
    // Without the boxes of switches: all that no file owns are turned off, except the way in.
    let fields = [("product_name", "Other"), ("email_link_enabled", "on"), ("code_in_subject", "on")];
    ana.post("/admin/settings", &fields).await.assert_leads_to("/admin/settings");
    app.a_second_later();
    let settings = app.services.settings().await.unwrap();
    assert_eq!((settings.product_name.as_str(), settings.password_enabled), ("Acme", true));
    assert!(settings.code_in_subject && !settings.totp_enabled, "what no file owns follows the form");
    let owned = app.read(|connection| db::declared::names(connection, Kind::Setting)).await;
    assert_eq!(owned, ["code_first_domains", "password_enabled", "product_name"]);
}

/// An admin may have kept the address, or follow a link from elsewhere.
#[rocket::async_test]
async fn the_address_of_a_form_leads_to_the_page_that_shows_what_a_file_owns() {
    let app = with_file().await;
    let mut ana = app.signed_in(ANA).await;
    let group = app.read(|connection| Ok(db::groups::all(connection)?.remove(0))).await;
    let group = format!("/admin/groups/{}", group.id);
    for (form, page) in [
        ("/admin/apps/wiki/change", "/admin/apps/wiki"),
        ("/admin/apps/wiki/remove", "/admin/apps/wiki"),
        ("/admin/apps/wiki/openid/change", "/admin/apps/wiki/openid"),
        ("/admin/apps/wiki/openid/keys", "/admin/apps/wiki/openid"),
        ("/admin/apps/wiki/openid/secret", "/admin/apps/wiki/openid"),
        ("/admin/apps/wiki/openid/built-in", "/admin/apps/wiki/openid"),
        (format!("{group}/remove").as_str(), group.as_str()),
    ] {
        ana.get(form).await.assert_leads_to(page);
        ana.get(page).await.assert_shows("A file on the server");
    }
    ana.get("/admin/apps/wiki/people").await.assert_shows("Wiki");
}

#[rocket::async_test]
async fn domains_that_a_file_lists_have_no_switch_on_the_page_of_emails() {
    let app = with_file().await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/admin/mail").await;
    page.assert_shows("acme.example").assert_shows("Set by a file on the server");
    assert!(!page.body.contains("/admin/mail/code-first"), "{}", page.body);
    for switch in [[("domain", "acme.example"), ("first", "no")], [("domain", "other.example"), ("first", "yes")]] {
        ana.post_only("/admin/mail/code-first", &switch).await.assert_leads_to("/admin/mail");
        ana.get("/admin/mail").await.assert_shows("Nothing was changed");
    }
    app.a_second_later();
    let settings = app.services.settings().await.unwrap();
    assert_eq!(settings.get("code_first_domains"), "acme.example");
}
