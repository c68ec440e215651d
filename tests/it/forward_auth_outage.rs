//! Checks while the database is away, or something of ours is spoilt. Known users come in for a
//! while, and no one else.

use crate::{
    apps_stored::app,
    forward_auth::{ANA, BLOG, Surfer, WIKI, add, leads_to, open_to_all, prepare, prepare_apps, setup},
    harness::local,
    outage::Outage,
};
use gatepost::{domain::Lifetime, live::GRACE};
use std::{collections::BTreeMap, fs};

const PASS: &str = "__Host-gatepost_app";

#[rocket::async_test]
async fn while_the_database_is_away_known_users_keep_their_apps_for_the_grace_and_no_one_is_let_in() {
    let outage = Outage::prepare().await;
    let gatepost = setup().impatient().on(outage.database()).start().await;
    prepare(&gatepost).await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    ana.gatepost.get("/account").await.assert_status(200);
    let mut ben = Surfer::new(&gatepost);
    gatepost.add_account("ben@example.com").await;
    ben.gatepost.sign_in("ben@example.com").await;
    let waiting = leads_to(&ben.check(WIKI, "/").await).unwrap();
    let callback = local(&leads_to(&ben.gatepost.get(&local(&waiting)).await).unwrap());

    outage.begin().await;
    gatepost.a_second_later();
    assert_eq!(ana.user_at(WIKI).await.as_deref(), Some("ana"));
    gatepost.clock.advance(Lifetime::millis(GRACE.as_millis() - 5000));
    assert_eq!(ana.user_at(WIKI).await.as_deref(), Some("ana"));
    // No request of Ben's has reached an app before: no memory knows his session by its id.
    let page = ben.check(WIKI, &callback).await;
    assert!(page.set_cookies().is_empty(), "{:?}", page.set_cookies());
    let mut stranger = Surfer::new(&gatepost);
    stranger.as_script().check(WIKI, "/").await.assert_status(401);
    let (_, page) = stranger.as_navigation().open(WIKI, "/").await;
    assert_ne!(page.header("Remote-User"), Some("ana"));

    gatepost.clock.advance(Lifetime::seconds(10));
    for surfer in [&mut ana, &mut stranger] {
        surfer.as_script();
        for host in [WIKI, BLOG] {
            let page = surfer.check(host, "/").await;
            assert_eq!((page.status.code, page.header("Retry-After")), (503, Some("5")), "{host}");
        }
    }

    outage.end().await;
    gatepost.a_second_later();
    assert_eq!(ana.user_at(WIKI).await.as_deref(), Some("ana"), "and it heals");
    assert!(ana.gatepost.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn without_its_key_file_a_node_lets_no_unknown_key_in_and_no_known_user_out() {
    let gatepost = setup().start().await;
    prepare(&gatepost).await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    fs::remove_file(gatepost.services.keys.path()).unwrap();
    assert_eq!(ana.user_at(WIKI).await.as_deref(), Some("ana"), "memory has the key");
    // The first octets name the key. The node looks for an unknown one in the file.
    let mut foreign = ana.cookies[WIKI][PASS].clone();
    foreign.replace_range(..2, if foreign.starts_with("AA") { "BB" } else { "AA" });
    let mut eve = Surfer::new(&gatepost);
    for host in [WIKI, BLOG] {
        eve.cookies.insert(host.to_owned(), BTreeMap::from([(PASS.to_owned(), foreign.clone())]));
        eve.as_script().check(host, "/").await.assert_status(401);
    }
    fs::write(gatepost.services.keys.path(), "not a key file").unwrap();
    eve.check(WIKI, "/").await.assert_status(401);
    assert_eq!(ana.user_at(WIKI).await.as_deref(), Some("ana"));
}

#[rocket::async_test]
async fn a_setting_that_cannot_be_read_lets_no_request_through() {
    let gatepost = setup().start().await;
    prepare(&gatepost).await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    gatepost.set("email_link_enabled", "perhaps").await;
    gatepost.a_second_later();
    let mut stranger = Surfer::new(&gatepost);
    for surfer in [&mut ana, &mut stranger] {
        surfer.as_script();
        for uri in ["/", "/.gatepost/callback?code=x", "/.gatepost/sign-out"] {
            let page = surfer.check(WIKI, uri).await;
            assert_eq!(page.status.code, 500, "{uri}");
            assert!(page.header("Remote-User").is_none() && page.location().is_none(), "{uri}");
        }
    }
}

/// A newer version may have left a value that this one does not know.
#[rocket::async_test]
async fn an_app_that_cannot_be_read_is_closed_and_closes_no_other() {
    for spoilt in [
        "UPDATE apps SET requires = 'nonsense' WHERE slug = 'blog'",
        "UPDATE apps SET launch_url = 'nowhere' WHERE slug = 'blog'",
        "UPDATE app_hosts SET host = 'no host' WHERE app_id = (SELECT id FROM apps WHERE slug = 'blog')",
        "UPDATE app_public_paths SET prefix = 'none' WHERE app_id = (SELECT id FROM apps WHERE slug = 'blog')",
    ] {
        let gatepost = setup().start().await;
        gatepost.add_admin(ANA).await;
        prepare_apps(&gatepost).await;
        if !spoilt.contains("no host") {
            // Its wildcard does not cover the closed app's host.
            add(&gatepost, open_to_all(app(3, "all", &["*.other.example"]))).await;
        }
        let mut ana = Surfer::new(&gatepost);
        ana.sign_in_from(WIKI, "/").await;
        gatepost
            .spoil("INSERT INTO app_public_paths (app_id, prefix) SELECT id, '/open' FROM apps WHERE slug = 'blog'")
            .await;
        gatepost.spoil(spoilt).await;
        gatepost.a_second_later();
        ana.as_script();
        assert_eq!(ana.check(WIKI, "/").await.status.code, 200, "{spoilt}");
        for uri in ["/", "/open", "/.gatepost/callback?code=x"] {
            let page = ana.check(BLOG, uri).await;
            assert_eq!(page.status.code, 403, "{spoilt}: {uri}");
            assert!(page.header("Remote-User").is_none(), "{spoilt}");
        }
        for page in ["/account", "/admin/apps"] {
            ana.gatepost.get(page).await.assert_status(200);
        }
    }
}
