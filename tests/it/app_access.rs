//! Access of apps to facts about a user: the list on the account's pages, and how it ends.

use crate::{
    harness::{Setup, TestApp},
    oidc_app::{OidcApp, Wanted, text, userinfo},
    receiver::{Receiver, Says},
};
use gatepost::{
    db,
    domain::{
        Lifetime,
        audit::Action,
        oidc::{
            client::{ClientRules, Refreshes},
            notice::NoticeState,
        },
        outbound::OutboundUri,
    },
    notices,
};
use serde_json::Value;

const ANA: &str = "ana@example.com";
const AFTER: &str = "/account/apps/after";
const BEN: &str = "ben@example.com";
const OFFLINE: (&str, &str) = ("scope", "openid profile offline_access");

async fn app_with_users() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app.add_account(BEN).await;
    app
}

async fn of_others(app: &TestApp) -> OidcApp {
    let rules = ClientRules { is_third_party: true, refreshes: Refreshes::Asked, ..ClientRules::new(false) };
    Wanted { rules, ..Wanted::default() }.register(app).await
}

/// Agrees for this account without the page, which another test covers.
async fn agrees(app: &TestApp, own: &OidcApp, email: &str) {
    let (account, id) = (app.account_of(email).await.unwrap().id, own.id);
    app.transact(move |tx| {
        let scopes = gatepost::domain::oidc::Scopes::parse("openid profile offline_access");
        db::oidc_grants::note_consent(tx.connection, (account, id), &scopes, tx.now)
    })
    .await;
}

#[rocket::async_test]
async fn apps_with_access_are_listed_with_devices_and_each_is_ended_by_a_button_that_asks() {
    let app = app_with_users().await;
    let own = of_others(&app).await;
    agrees(&app, &own, ANA).await;
    let mut ana = app.signed_in(ANA).await;
    ana.get("/account/apps")
        .await
        .assert_shows("Your account ID Your name and username All of this, even while you’re signed out");
    let first = own.tokens(&mut ana, &[OFFLINE]).await;
    app.clock.advance(Lifetime::minutes(5));
    let second = own.tokens(&mut ana, &[OFFLINE]).await;
    let page = ana.get("/account/apps").await;
    page.assert_shows("Grafana").assert_shows("Also while you’re signed out").assert_shows("Last used");
    let ends: Vec<String> =
        page.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect();
    let devices: Vec<&String> = ends.iter().filter(|href| href.starts_with("/account/apps/devices/")).collect();
    assert_eq!(devices.len(), 2, "{ends:?}");
    // The newest first: ending it leaves the other.
    ana.get(devices[0]).await.assert_shows("End the access on this device?").assert_shows("Grafana");
    ana.submit(devices[0], &[]).await.assert_shows("no longer has access on that device");
    assert_eq!(userinfo(&app, text(&second, "access_token")).await.0, 401);
    assert_eq!(userinfo(&app, text(&first, "access_token")).await.0, 200);
    ana.post(devices[0], &[]).await.assert_status(404);
    ana.get("/account/apps/grafana/end").await.assert_shows("End this app’s access?");
    ana.submit("/account/apps/grafana/end", &[]).await.assert_shows("The app no longer has access.");
    assert_eq!(userinfo(&app, text(&first, "access_token")).await.0, 401);
    let (status, answer) = own.refresh(&app, text(&first, "refresh_token"), &[]).await;
    assert_eq!((status, text(&answer, "error")), (400, "invalid_grant"));
    ana.get("/account/apps").await.assert_shows("No app has access right now.");
    // It asks again.
    ana.get(&own.path(&[OFFLINE])).await.assert_shows("Share your data with this app?");
    let ended: Vec<_> = app.audit().await.into_iter().filter(|line| line.action == Action::AppAccessEnded).collect();
    assert_eq!(ended.len(), 2);
    assert!(ended.iter().all(|line| line.subject == ANA && line.after.as_deref() == Some("grafana")));
}

#[rocket::async_test]
async fn no_user_ends_what_another_has_given() {
    let app = app_with_users().await;
    let own = of_others(&app).await;
    agrees(&app, &own, ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[OFFLINE]).await;
    let page = ana.get("/account/apps").await;
    let device = page.body.split("/account/apps/devices/").nth(1).unwrap().split('"').next().unwrap();
    let device = format!("/account/apps/devices/{device}");
    let mut ben = app.signed_in(BEN).await;
    for path in [device.as_str(), "/account/apps/grafana/end", "/account/apps/unknown/end"] {
        ben.get(path).await.assert_status(404);
        ben.post(path, &[]).await.assert_status(404);
    }
    assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.0, 200);
}

#[rocket::async_test]
async fn the_download_of_an_account_names_what_apps_were_allowed() {
    let app = app_with_users().await;
    let own = of_others(&app).await;
    agrees(&app, &own, ANA).await;
    let mut ana = app.signed_in(ANA).await;
    own.tokens(&mut ana, &[OFFLINE]).await;
    let data: Value = serde_json::from_str(&ana.get("/account/data").await.body).unwrap();
    let access = &data["app_access"][0];
    assert_eq!((text(access, "app"), text(access, "allowed")), ("Grafana", "openid profile offline_access"));
    assert_eq!(access["devices"][0]["outlasts_the_session"], Value::Bool(true));
}

#[rocket::async_test]
async fn after_signing_out_everywhere_each_app_is_told_about() {
    let app = app_with_users().await;
    let (grafana, ana_id) = (Wanted::default().register(&app).await, app.account_of(ANA).await.unwrap().id);
    let wiki = crate::apps_stored::app(7, "our-wiki", &["wiki.example.com"]);
    app.transact(move |tx| {
        let origin = gatepost::domain::apps::registered::AppOrigin::Admin;
        db::Stop::commit(gatepost::apps::add(tx, &wiki, origin))?.unwrap();
        db::apps::note_use(tx.connection, ana_id, wiki.app.id, tx.now)
    })
    .await;
    let mut there = app.signed_in(ANA).await;
    let tokens = grafana.tokens(&mut there, &[]).await;
    app.clock.advance(Lifetime::minutes(1));
    let mut here = app.signed_in(ANA).await;
    let page = here.submit("/account/sessions/revoke-others", &[]).await;
    page.assert_shows("All your other browsers are signed out.").assert_shows("It asks us before each page.");
    page.assert_shows("We can’t tell Grafana that you signed out.");
    assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.0, 401);
}

async fn tells(app: &TestApp, receiver: &Receiver) {
    notices::round(&app.services).await.unwrap();
    receiver.taken();
}

#[rocket::async_test]
async fn after_signing_out_everywhere_an_app_that_hears_of_it_is_told_about_as_it_answers() {
    let setup = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").with("GATEPOST_OUTBOUND_PRIVATE", "on");
    let app = setup.start().await;
    app.add_account(ANA).await;
    let receiver = Receiver::start().await;
    let own = Wanted::default().register(&app).await;
    let (id, uri) = (own.id, OutboundUri::parse(&receiver.url("/back")).unwrap());
    app.write(move |connection| db::oidc_reach::set_logout_uri(connection, id, Some(&uri))).await;
    let mut here = app.signed_in(ANA).await;
    own.tokens(&mut here, &[]).await;
    app.signed_in(ANA).await;
    // It is open in this browser alone, and stays so.
    here.submit("/account/sessions/revoke-others", &[]).await.assert_hides("Grafana");
    let mut there = app.signed_in(ANA).await;
    own.tokens(&mut there, &[]).await;
    receiver.answers(Says::status(500));
    let page = here.submit("/account/sessions/revoke-others", &[]).await;
    page.assert_shows("Grafana : Hasn’t answered yet. We’ll keep trying.");
    tells(&app, &receiver).await;
    here.get(AFTER).await.assert_shows("Grafana : Hasn’t answered yet.");
    receiver.answers(Says::status(204));
    app.clock.advance(Lifetime::seconds(11));
    tells(&app, &receiver).await;
    here.get(AFTER).await.assert_shows("Grafana : Signed out");
    app.clock.advance(Lifetime::minutes(11));
    here.get(AFTER).await.assert_hides("Grafana");
    let mut there = app.signed_in(ANA).await;
    own.tokens(&mut there, &[]).await;
    receiver.answers(Says::status(404));
    here.submit("/account/sessions/revoke-others", &[]).await.assert_shows("Grafana : Hasn’t answered yet.");
    let has_given_up = async || {
        let notices = app.read(move |connection| db::logout_notices::of_app(connection, id, 9)).await;
        notices.iter().any(|notice| notice.state == NoticeState::GaveUp)
    };
    for _ in 0..30 {
        if !has_given_up().await {
            app.clock.advance(Lifetime::hours(1));
            tells(&app, &receiver).await;
        }
    }
    let mut here = app.signed_in(ANA).await;
    here.get(AFTER).await.assert_shows("Grafana : Didn’t answer. Sign out in the app, too.");
    app.clock.advance(Lifetime::minutes(11));
    here.get(AFTER).await.assert_hides("Grafana");
}
