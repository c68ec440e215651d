//! The pages of an account: its navigation, its sessions, its activity, and signing out.

use crate::harness::TestApp;
use gatepost::domain::{
    Lifetime,
    audit::{Action, Actor},
};

const ANA: &str = "ana@example.com";

#[rocket::async_test]
async fn every_page_of_an_account_is_one_press_from_every_other() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let pages = ["/account", "/account/security", "/account/sessions", "/account/activity", "/account/your-data"];
    for page in pages {
        let body = ana.get(page).await.body;
        let nav = body.split("<nav class=\"sections\" aria-label=\"Account\">").nth(1).expect(page);
        let nav = nav.split("</nav>").next().unwrap();
        for other in pages {
            assert!(nav.contains(&format!("href=\"{other}\"")), "{page} to {other}");
        }
        assert!(nav.contains(&format!("href=\"{page}\" aria-current=\"page\"")), "{page}: {nav}");
    }
}

#[rocket::async_test]
async fn a_session_says_whether_it_is_active_or_how_long_it_is_not() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut old = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::hours(3));
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/account/sessions").await;
    page.assert_shows("This browser").assert_shows("Last active 3 hours ago").assert_hides("Active now");
    // The exact time: on hover, for a script that knows the reader's zone, and for a screen reader.
    let exact = "<span data-at=\"2026-11-22T14:03:00Z\" title=\"22 Nov 2026, 14:03 UTC\">3 hours ago</span>\
        <span class=\"unseen\"> (<time dir=\"ltr\" datetime=\"2026-11-22T14:03:00Z\">22 Nov 2026, 14:03 UTC</time>)";
    assert!(page.body.replace('\u{A0}', " ").contains(exact), "{}", page.body);
    old.get("/account").await;
    app.services.sessions.write_seen(&app.services.db).await.unwrap();
    ana.get("/account/sessions").await.assert_shows("Active now").assert_hides("Last active 3 hours ago");
}

#[rocket::async_test]
async fn activity_is_of_the_account_itself_and_names_neither_its_owner_nor_an_admin() {
    let app = TestApp::new().await;
    let boss = app.add_admin("boss@example.com").await;
    let ben = app.add_account("ben@example.com").await;
    app.add_account(ANA).await;
    let mut bens = app.browser().at("198.51.100.5");
    bens.sign_in("boss@example.com").await;
    bens.post(&format!("/admin/people/{}/sign-out", ben.id), &[]).await.assert_status(303);
    app.transact(move |tx| {
        tx.log(&tx.line_by(Actor::of(&boss), Action::SettingChanged, "product_name").from_to("a", "b"))
    })
    .await;
    let mut admin = app.signed_in("boss@example.com").await;
    let page = admin.get("/account/activity").await;
    page.assert_shows("Signed in with an email link from").assert_hides("ben@example.com").assert_hides("product");
    page.assert_hides("boss@example.com signed in");
    let mut ben = app.signed_in("ben@example.com").await;
    let page = ben.get("/account/activity").await;
    page.assert_shows("Signed out everywhere")
        .assert_shows("An admin")
        .assert_hides("boss@")
        .assert_hides("198.51.100.5")
        .assert_shows("Wasn’t me");
    app.clock.advance(Lifetime::days(31));
    let mut ben = app.signed_in("ben@example.com").await;
    ben.get("/account/activity").await.assert_hides("An admin").assert_shows("Signed in with");
    let page = ben.get("/account/activity/not-me").await;
    page.assert_shows("Sign out everywhere else").assert_shows("Ask an admin");
    app.browser().get("/account/activity").await.assert_status(303);
}

#[rocket::async_test]
async fn what_an_admin_did_to_others_pushes_nothing_out_of_the_own_activity() {
    let app = TestApp::new().await;
    let boss = app.add_admin("boss@example.com").await;
    app.add_account("ben@example.com").await;
    let mut admin = app.signed_in("boss@example.com").await;
    app.a_second_later();
    let by = Actor::of(&boss);
    app.transact(move |tx| {
        for _ in 0..250 {
            tx.log(&tx.line_by(by.clone(), Action::AccountDisabled, "ben@example.com"))?;
            tx.log(&tx.line_by(by.clone(), Action::SettingChanged, "product_name").from_to("a", "b"))?;
        }
        Ok(())
    })
    .await;
    let page = admin.get("/account/activity").await;
    page.assert_shows("Signed in with an email link from").assert_hides("ben@example.com").assert_hides("Older");
    let by = Actor::of(&boss);
    app.a_second_later();
    app.transact(move |tx| {
        (0..201).try_for_each(|_| tx.log(&tx.line_by(by.clone(), Action::SignedOut, "boss@example.com")))
    })
    .await;
    let mut seen = Vec::new();
    let mut next = Some("/account/activity".to_owned());
    while let Some(path) = next {
        let page = admin.get(&path).await;
        seen.push((page.body.matches("Signed out").count(), page.body.contains("Signed in with an email link")));
        assert_eq!(page.body.contains(">Newest</a>"), seen.len() > 1, "{}", page.body);
        next = page.body.split("<a href=\"/account/activity?before=").nth(1).map(|rest| {
            let (place, link) = rest.split_once('"').unwrap();
            assert!(link.starts_with(">Older</a>"), "{link}");
            format!("/account/activity?before={place}")
        });
    }
    assert_eq!(seen, [(100, false), (100, false), (1, true)]);
}

#[rocket::async_test]
async fn who_signs_out_is_told_so_once() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    ana.post_only("/logout", &[]).await.assert_leads_to("/login");
    ana.get("/login").await.assert_shows("You’re signed out.");
    ana.get("/login").await.assert_hides("You’re signed out.");
}

#[rocket::async_test]
async fn a_signed_in_user_keeps_the_way_back_on_a_page_of_an_error_in_the_language_of_the_account() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let way_back = "<header class=\"top\">";
    // Such a page asks no database. It shows what memory knows.
    ana.get("/account").await;
    for path in ["/no-such-page", "/admin", "/admin/people"] {
        let page = ana.get(path).await;
        assert!(page.status.code == 404 && page.body.contains(way_back), "{path}: {}", page.text());
        assert!(!page.body.contains("href=\"/admin\""), "{path}");
        assert!(!app.browser().get(path).await.body.contains(way_back), "{path}");
    }
    ana.post("/account/language", &[("language", "de")]).await;
    ana.get("/account").await;
    ana.get("/no-such-page").await.assert_shows("Seite nicht gefunden");
    // As after any change: memory asks the database once more before it decides.
    app.services.sessions.note_change(app.account_of(ANA).await.unwrap().id);
    let page = ana.get("/no-such-page").await;
    assert!(page.body.contains(way_back), "{}", page.text());
    ana.post("/logout", &[]).await;
    let page = ana.get("/no-such-page").await;
    assert!(!page.body.contains(way_back), "{}", page.text());
}
