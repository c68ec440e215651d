//! Signing out of one app, the line about a first visit, and what admins see of refused checks.

use crate::{
    forward_auth::{ANA, BLOG, FAMILIES, Surfer, WIKI, ask, change, leads_to, setup, start},
    harness::local,
};
use gatepost::{
    db,
    domain::{
        Lifetime,
        apps::AppId,
        audit::{Action, Actor},
    },
};
use std::collections::BTreeMap;

const ADMIN: &str = "boss@example.com";

fn id(n: i64) -> String {
    AppId::from_i64(n).to_string()
}

#[rocket::async_test]
async fn signing_out_of_one_app_ends_it_on_every_node_and_the_next_way_in_asks() {
    let gatepost = start().await;
    let other = setup().beside(&gatepost).start().await;
    for family in FAMILIES {
        gatepost.clock.advance(Lifetime::minutes(10));
        let mut ana = Surfer { family, ..Surfer::new(&gatepost) };
        ana.sign_in_from(WIKI, "/").await;
        ana.open(BLOG, "/").await;
        let mut elsewhere = Surfer { cookies: ana.cookies.clone(), family, ..Surfer::new(&other) };
        assert_eq!(elsewhere.user_at(WIKI).await.as_deref(), Some("ana"));
        gatepost.services.uses.write(&gatepost.services.db, &gatepost.services.context(Actor::Gatepost)).await.unwrap();
        ana.gatepost.get("/account").await.assert_shows("Used since you signed in");
        let page = ana.gatepost.submit("/account/apps/sign-out", &[("app", &id(1))]).await;
        page.assert_shows("You’re signed out of this app.");
        assert_eq!(page.body.matches("/account/apps/sign-out").count(), 1, "only the blog is open: {}", page.text());
        gatepost.a_second_later();
        for surfer in [&mut ana, &mut elsewhere] {
            surfer.as_script().check(WIKI, "/").await.assert_status(401);
            surfer.as_navigation();
            assert_eq!(surfer.user_at(BLOG).await.as_deref(), Some("ana"), "other apps go on");
        }
        assert!(ana.gatepost.is_signed_in_as(ANA).await, "and so does the session");
        let (url, page) = ana.open(WIKI, "/page").await;
        assert!(url.contains("/apps/enter?"), "{url}");
        page.assert_status(200).assert_shows("Open wiki again?");
        let return_to = page.hidden("return_to").replace("&amp;", "&").replace("&#38;", "&");
        let answer = ana.gatepost.post_only("/apps/again", &[("app", "wiki"), ("return_to", &return_to)]).await;
        let (url, page) = ana.follow(answer.location().unwrap().to_owned()).await;
        assert_eq!((url.as_str(), page.status.code), ("https://wiki.example.com/page", 200));
        // The cookie from before stays ended.
        gatepost.a_second_later();
        elsewhere.as_script().check(WIKI, "/").await.assert_status(401);
    }
    let lines = gatepost.audit().await;
    assert_eq!(lines.iter().filter(|line| line.action == Action::SignedOutOfApp && line.subject == "wiki").count(), 2);
    gatepost.browser().post_only("/account/apps/sign-out", &[("app", &id(1))]).await.assert_status(303);
}

#[rocket::async_test]
async fn who_comes_back_on_a_node_that_is_behind_gets_in_at_once() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    gatepost.clock.advance(Lifetime::seconds(4));
    ana.gatepost.post_only("/account/apps/sign-out", &[("app", &id(1))]).await.assert_leads_to("/account");
    gatepost.clock.set_back(Lifetime::seconds(4));
    gatepost.a_second_later();
    let (_, page) = ana.open(WIKI, "/page").await;
    page.assert_shows("Open wiki again?");
    let return_to = page.hidden("return_to").replace("&amp;", "&").replace("&#38;", "&");
    let answer = ana.gatepost.post_only("/apps/again", &[("app", "wiki"), ("return_to", &return_to)]).await;
    let (url, page) = ana.follow(answer.location().unwrap().to_owned()).await;
    assert_eq!((url.as_str(), page.status.code), ("https://wiki.example.com/page", 200));
}

#[rocket::async_test]
async fn a_way_in_that_was_made_before_the_sign_out_leads_nowhere() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.gatepost.sign_in(ANA).await;
    let enter = local(&leads_to(&ana.check(WIKI, "/page").await).unwrap());
    let callback = local(&leads_to(&ana.gatepost.get(&enter).await).unwrap());
    ana.gatepost.post_only("/account/apps/sign-out", &[("app", &id(1))]).await.assert_leads_to("/account");
    gatepost.a_second_later();
    let page = ana.check(WIKI, &callback).await;
    assert!(page.set_cookies().is_empty(), "{:?}", page.set_cookies());
}

#[rocket::async_test]
async fn a_user_s_first_visit_to_an_app_is_a_line_of_the_audit_log() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    for _ in 0..2 {
        assert_eq!(ana.user_at(WIKI).await.as_deref(), Some("ana"));
        gatepost.services.uses.write(&gatepost.services.db, &gatepost.services.context(Actor::Gatepost)).await.unwrap();
        gatepost.clock.advance(Lifetime::minutes(2));
    }
    let mut lines = gatepost.audit().await;
    lines.retain(|line| line.action == Action::SignedInToApp);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].subject, "wiki");
    let account = gatepost.account_of(ANA).await.unwrap();
    assert_eq!(lines[0].actor, Actor::of(&account));
}

#[rocket::async_test]
async fn refused_checks_are_shown_with_their_mend_and_no_word_of_a_visitor() {
    let gatepost = start().await;
    gatepost.add_admin(ADMIN).await;
    change(&gatepost, 2, |app| app.look.is_hidden = true).await;
    let none = BTreeMap::new();
    let whole = [
        ("X-Forwarded-Method", "GET"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "evil-words.example.net"),
        ("X-Forwarded-Uri", "/more-evil-words"),
    ];
    let before = gatepost.dump().await;
    ask(&gatepost, "/forward-auth", (&whole, &none)).await.assert_status(403);
    ask(&gatepost, "/forward-auth", (&[&whole[..2], &whole[3..]].concat(), &none)).await.assert_status(400);
    ask(&gatepost, "/forward-auth/nginx", (&[("X-Original-Method", "GET")], &none)).await.assert_status(400);
    let twice = [&whole[..], &whole[..1]].concat();
    ask(&gatepost, "/forward-auth", (&twice, &none)).await.assert_status(400);
    gatepost.browser().get("/forward-auth").await.assert_status(403);
    assert_eq!(gatepost.dump().await, before, "a check writes nothing");
    let mut boss = gatepost.signed_in(ADMIN).await;
    let shows = async |boss: &mut crate::browser::Browser<'_>| {
        for path in ["/admin/apps", "/admin/apps/wiki"] {
            let page = boss.get(path).await;
            page.assert_shows("Refused requests")
                .assert_shows("The proxy sent no X-Forwarded-Host.")
                .assert_shows("http-request set-header X-Forwarded-Host %[req.fhdr(host)]")
                .assert_shows("-- apache-gatepost.lua")
                .assert_shows("= r.hostname or")
                .assert_shows("Caddy and Traefik send this header by themselves.")
                .assert_shows("The proxy sent no X-Original-URL.")
                .assert_shows("The proxy sent a header twice.")
                .assert_shows("The proxy asked about a host that belongs to no app.")
                .assert_shows("GATEPOST_TRUSTED_PROXIES")
                .assert_hides("evil");
        }
    };
    shows(&mut boss).await;
    gatepost.services.troubles.write(&gatepost.services.db).await.unwrap();
    assert!(gatepost.services.troubles.waiting().is_empty());
    shows(&mut boss).await;
    // One row for each kind, however many strangers ask.
    for n in 0..50 {
        let host = format!("host{n}.example.net");
        let headers = [whole[0], whole[1], ("X-Forwarded-Host", host.as_str()), whole[3]];
        ask(&gatepost, "/forward-auth", (&headers, &none)).await.assert_status(403);
    }
    assert_eq!(gatepost.services.troubles.waiting().len(), 1);
    gatepost.services.troubles.write(&gatepost.services.db).await.unwrap();
    assert_eq!(gatepost.read(db::apps::troubles).await.len(), 5);
    let later = gatepost.services.now().plus(Lifetime::days(8));
    gatepost.write(move |connection| db::apps::purge_troubles(connection, later)).await;
    boss.get("/admin/apps").await.assert_hides("Refused requests");
}

#[rocket::async_test]
async fn a_browser_without_cookies_is_a_trouble_of_that_app_alone() {
    let gatepost = start().await;
    gatepost.add_admin(ADMIN).await;
    let mut ana = Surfer::new(&gatepost);
    ana.gatepost.sign_in(ANA).await;
    let enter = local(&leads_to(&ana.check(WIKI, "/page").await).unwrap());
    for _ in 0..5 {
        ana.gatepost.get(&enter).await;
    }
    let mut boss = gatepost.signed_in(ADMIN).await;
    boss.get("/admin/apps/wiki").await.assert_shows("A browser didn’t keep this app’s cookie.");
    boss.get("/admin/apps/blog").await.assert_hides("Refused requests");
    boss.get("/admin/apps").await.assert_hides("Refused requests");
}
