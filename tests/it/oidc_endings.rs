//! OpenID Connect: what ends an app's access ends all of it, and tells the app once, in time.

use crate::{
    browser::Browser,
    harness::{Setup, TestApp},
    oidc_app::{OidcApp, Wanted, comes_back, text, userinfo},
    receiver::Receiver,
};
use gatepost::{
    db,
    domain::{
        Lifetime, Timestamp,
        oidc::{Scopes, client::ClientRules},
        outbound::OutboundUri,
        recovery::AskedBy,
    },
    notices, people,
};

const ANA: &str = "ana@example.com";

async fn app_with_ana() -> TestApp {
    let setup = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").with("GATEPOST_OUTBOUND_PRIVATE", "on");
    let app = setup.start().await;
    app.add_account(ANA).await;
    app
}

async fn that_hears(app: &TestApp, receiver: &Receiver) -> OidcApp {
    let own = Wanted::default().register(app).await;
    let (id, uri) = (own.id, OutboundUri::parse(&receiver.url("/back")).unwrap());
    app.write(move |connection| db::oidc_reach::set_logout_uri(connection, id, Some(&uri))).await;
    own
}

/// Returns how many logout tokens have come.
async fn told(app: &TestApp, receiver: &Receiver) -> usize {
    notices::round(&app.services).await.unwrap();
    receiver.taken().len()
}

async fn purges(app: &TestApp, before: Timestamp) {
    app.write(move |connection| db::oidc_grants::purge(connection, before)).await;
}

async fn signs_out_of(ana: &mut Browser<'_>, own: &OidcApp) {
    ana.post_only("/account/apps/sign-out", &[("app", &own.id.to_string())]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn an_app_hears_of_a_sign_out_from_it_alone_at_once_and_never_again() {
    let app = app_with_ana().await;
    let receiver = Receiver::start().await;
    let own = that_hears(&app, &receiver).await;
    for more in [&[][..], &[("scope", "openid offline_access")]] {
        let mut ana = app.signed_in(ANA).await;
        let before = own.tokens(&mut ana, more).await;
        signs_out_of(&mut ana, &own).await;
        assert_eq!(userinfo(&app, text(&before, "access_token")).await.0, 401);
        assert_eq!(told(&app, &receiver).await, 1, "{more:?}: at once");
        // The user signs in again. Housekeeping forgets what ended, a day later.
        let path = own.path(more);
        let again = [("app", "grafana"), ("return_to", path.as_str())];
        ana.post_only("/apps/again", &again).await.assert_status(303);
        app.clock.advance(Lifetime::seconds(1));
        own.tokens(&mut ana, more).await;
        app.clock.advance(Lifetime::hours(25));
        purges(&app, app.services.now().minus(Lifetime::days(1))).await;
        assert_eq!(told(&app, &receiver).await, 0, "{more:?}: not a day later");
        let account = app.account_of(ANA).await.unwrap().id;
        app.transact(move |tx| db::sessions::delete_all(tx.connection, account)).await;
        assert_eq!(told(&app, &receiver).await, 1, "{more:?}: of the second sign-in alone");
    }
}

#[rocket::async_test]
async fn an_app_that_gave_its_token_back_is_not_told_of_it_by_housekeeping() {
    let app = app_with_ana().await;
    let receiver = Receiver::start().await;
    let own = that_hears(&app, &receiver).await;
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[("scope", "openid offline_access")]).await;
    assert_eq!(own.post(&app, "/oidc/revoke", &[("token", text(&tokens, "refresh_token"))]).await.0, 200);
    app.clock.advance(Lifetime::hours(25));
    purges(&app, app.services.now().minus(Lifetime::days(1))).await;
    assert_eq!(told(&app, &receiver).await, 0);
}

#[rocket::async_test]
async fn an_app_whose_grant_is_over_still_hears_of_the_end_of_the_session() {
    let app = app_with_ana().await;
    let receiver = Receiver::start().await;
    let own = that_hears(&app, &receiver).await;
    let mut ana = app.signed_in(ANA).await;
    own.tokens(&mut ana, &[]).await;
    // Longer than any refresh token, while the session goes on.
    let late = app.services.now().plus(Lifetime::days(400));
    purges(&app, late).await;
    assert_eq!(told(&app, &receiver).await, 0, "housekeeping ends nothing");
    ana.post_only("/logout", &[]).await.assert_leads_to("/login");
    assert_eq!(told(&app, &receiver).await, 1);
    purges(&app, late).await;
    assert_eq!(told(&app, &receiver).await, 0);
}

/// "It asks again the next time you sign in there", also for an app that asks for no consent.
#[rocket::async_test]
async fn after_end_access_no_code_no_silence_and_no_device_leads_back_in() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let id = own.id;
    app.write(move |connection| db::oidc_devices::allow(connection, id, true)).await;
    let mut ana = app.signed_in(ANA).await;
    own.tokens(&mut ana, &[("scope", "openid offline_access")]).await;
    let code = own.code(&mut ana, &[]).await;
    let (_, asks) = own.post(&app, "/oidc/device_authorization", &[("scope", "openid")]).await;
    let page = ana.post_only("/device", &[("code", text(&asks, "user_code"))]).await;
    let ticket = page.location().unwrap().split_once("ticket=").unwrap().1.to_owned();
    ana.post_only("/device/decide", &[("ticket", &ticket), ("answer", "yes")]).await;
    app.clock.advance(Lifetime::seconds(1));
    ana.submit("/account/apps/grafana/end", &[]).await.assert_shows("The app no longer has access.");
    app.a_second_later();
    let (status, body) = own.redeem(&app, &code, &[]).await;
    assert_eq!((status, text(&body, "error")), (400, "invalid_grant"));
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let fields = [("grant_type", grant), ("device_code", text(&asks, "device_code"))];
    let (status, body) = own.post(&app, "/oidc/token", &fields).await;
    assert_eq!((status, text(&body, "error")), (400, "invalid_grant"));
    let back = comes_back(&ana.get(&own.path(&[("prompt", "none")])).await);
    assert_eq!(back["error"], "interaction_required");
    let page = ana.get(&own.path(&[])).await;
    page.assert_status(200);
    assert!(page.location().is_none(), "a page asks first");
}

#[rocket::async_test]
async fn who_agrees_again_after_end_access_is_asked_once() {
    let app = app_with_ana().await;
    let rules = ClientRules { is_third_party: true, ..ClientRules::new(false) };
    let own = Wanted { rules, ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get(&own.path(&[])).await;
    let agree = [("resume", page.hidden("resume")), ("account", page.hidden("account")), ("answer", "yes")];
    ana.post_only("/oidc/consent", &agree).await;
    own.tokens(&mut ana, &[]).await;
    app.clock.advance(Lifetime::seconds(1));
    ana.submit("/account/apps/grafana/end", &[]).await.assert_shows("The app no longer has access.");
    app.clock.advance(Lifetime::seconds(1));
    let page = ana.get(&own.path(&[])).await;
    page.assert_shows("Share your data with this app?");
    let agree = [("resume", page.hidden("resume")), ("account", page.hidden("account")), ("answer", "yes")];
    let next = ana.post_only("/oidc/consent", &agree).await;
    let back = comes_back(&ana.get(next.location().unwrap()).await);
    assert_eq!(own.redeem(&app, &back["code"], &[]).await.0, 200);
}

async fn agrees(app: &TestApp, own: &OidcApp) {
    let (account, id) = (app.account_of(ANA).await.unwrap().id, own.id);
    let note = move |tx: &mut db::Tx<'_>| {
        db::oidc_grants::note_consent(tx.connection, (account, id), &Scopes::parse("openid"), tx.now)
    };
    app.transact(note).await;
}

async fn has_agreed(app: &TestApp, own: &OidcApp) -> bool {
    let (account, id) = (app.account_of(ANA).await.unwrap().id, own.id);
    app.read(move |connection| db::oidc_grants::consent(connection, account, id)).await.is_some()
}

/// A thief may have agreed for an app of their own.
#[rocket::async_test]
async fn what_was_agreed_to_during_a_theft_ends_with_a_recovery_and_what_is_older_stays() {
    let app = app_with_ana().await;
    let old = Wanted { slug: "old", ..Wanted::default() }.register(&app).await;
    let young = Wanted { slug: "young", ..Wanted::default() }.register(&app).await;
    let during = Wanted { slug: "during", ..Wanted::default() }.register(&app).await;
    let ana = app.account_of(ANA).await.unwrap();
    let id = ana.id;
    app.write(move |connection| crate::database::add_passkey(connection, 901, id)).await;
    agrees(&app, &old).await;
    app.clock.advance(Lifetime::days(60));
    agrees(&app, &young).await;
    app.clock.advance(Lifetime::hours(1));
    let account = ana.clone();
    app.transact(move |tx| people::begin_recovery(tx, &account, AskedBy::Admin)).await;
    agrees(&app, &during).await;
    app.clock.advance(Lifetime::days(10));
    assert!(app.transact(move |tx| people::finish_recovery(tx, &ana)).await);
    assert!(has_agreed(&app, &old).await);
    assert!(!has_agreed(&app, &young).await && !has_agreed(&app, &during).await);
}

/// The sign-in outlasts its session, of whose end the app was told.
#[rocket::async_test]
async fn an_app_that_heard_of_a_sign_out_hears_of_the_end_of_what_outlasted_it() {
    let app = app_with_ana().await;
    let receiver = Receiver::start().await;
    let own = that_hears(&app, &receiver).await;
    let id = app.account_of(ANA).await.unwrap().id;
    for is_deleted in [false, true] {
        let mut ana = app.signed_in(ANA).await;
        own.tokens(&mut ana, &[("scope", "openid offline_access")]).await;
        ana.post_only("/logout", &[]).await.assert_status(303);
        assert_eq!(told(&app, &receiver).await, 1, "deleted: {is_deleted}: of the sign-out");
        let now = app.services.now();
        if is_deleted {
            app.write(move |connection| db::oidc_grants::end_offline(connection, id, None)).await;
        } else {
            let held = app.read(move |connection| db::oidc_held::grants_of(connection, id, now)).await;
            let device = held.first().unwrap().grant.id;
            let mut ana = app.signed_in(ANA).await;
            ana.post_only(&format!("/account/apps/devices/{device}/end"), &[]).await.assert_status(303);
        }
        assert_eq!(told(&app, &receiver).await, 1, "deleted: {is_deleted}: of what outlasted it");
        assert_eq!(told(&app, &receiver).await, 0, "deleted: {is_deleted}: once");
    }
}
