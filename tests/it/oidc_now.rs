//! OpenID Connect: tokens that were given before count only while the user may still have them.

use crate::{
    browser::Browser,
    harness::TestApp,
    oidc_app::{ANA, OidcApp, Wanted, app_with_ana, comes_back, set_strength, text, userinfo, while_it_waits},
    totp::sets_up_an_app,
};
use gatepost::{
    db::{self, Tx},
    domain::{
        Lifetime,
        apps::{Access, AppSlug},
        assurance::Strength,
        group::{Group, GroupId, GroupName},
        oidc::client::{ClientRules, Refreshes},
    },
    entropy::SystemEntropy,
};
use serde_json::{Value, json};

const OFFLINE: [(&str, &str); 1] = [("scope", "openid offline_access")];

async fn requires(app: &TestApp, own: &OidcApp, strength: Strength) {
    let id = own.id;
    app.transact(move |tx| set_strength(tx, id, strength)).await;
}

/// Returns whether userinfo and introspection accept an access token. They never differ.
async fn counts(app: &TestApp, own: &OidcApp, tokens: &Value) -> bool {
    let token = text(tokens, "access_token");
    let (status, told) = own.post(app, "/oidc/introspect", &[("token", token)]).await;
    assert_eq!(status, 200);
    let is_active = told["active"] == json!(true);
    assert_eq!(userinfo(app, token).await.0, if is_active { 200 } else { 401 });
    assert!(is_active || told == json!({ "active": false }), "{told}");
    is_active
}

async fn refreshes(app: &TestApp, own: &OidcApp, tokens: &Value) -> bool {
    let (status, body) = own.refresh(app, text(tokens, "refresh_token"), &[]).await;
    assert!(status == 200 || text(&body, "error") == "invalid_grant", "{body}");
    status == 200
}

async fn tokens(own: &OidcApp, ana: &mut Browser<'_>, is_offline: bool) -> Value {
    own.tokens(ana, if is_offline { &OFFLINE } else { &[] }).await
}

/// Tries what happens after the tokens were given, in a session and beyond it.
#[rocket::async_test]
async fn userinfo_introspection_and_refresh_agree_on_who_may_still_open_the_app() {
    let app = app_with_ana().await;
    let group =
        Group { id: GroupId::issue(&SystemEntropy), name: GroupName::parse("family").unwrap(), note: String::new() };
    let id = group.id;
    app.transact(move |tx| db::groups::insert(tx.connection, &group, tx.now)).await;
    let ana_id = app.account_of(ANA).await.unwrap().id;
    app.transact(move |tx| db::groups::join(tx.connection, id, ana_id, tx.now)).await;
    let rules = ClientRules { refreshes: Refreshes::Always, rotates: false, ..ClientRules::new(false) };
    let access = Access { groups: vec![id], ..Access::default() };
    let own = Wanted { access, rules, ..Wanted::default() }.register(&app).await;
    for is_offline in [false, true] {
        let mut ana = app.signed_in(ANA).await;
        let given = tokens(&own, &mut ana, is_offline).await;
        assert!(counts(&app, &own, &given).await && refreshes(&app, &own, &given).await);
        app.write(move |connection| db::groups::leave(connection, id, ana_id)).await;
        assert!(!counts(&app, &own, &given).await, "left the group, offline: {is_offline}");
        assert!(!refreshes(&app, &own, &given).await);
        app.transact(move |tx| db::groups::join(tx.connection, id, ana_id, tx.now)).await;
        assert!(counts(&app, &own, &given).await && refreshes(&app, &own, &given).await, "came back");
        requires(&app, &own, Strength::Two).await;
        assert!(!counts(&app, &own, &given).await, "the app requires more, offline: {is_offline}");
        assert!(!refreshes(&app, &own, &given).await);
        requires(&app, &own, Strength::One).await;
        app.set("second_factor_required", "everyone").await;
        app.a_second_later();
        assert!(!counts(&app, &own, &given).await, "the server requires more, offline: {is_offline}");
        assert!(!refreshes(&app, &own, &given).await);
        app.set("second_factor_required", "nobody").await;
        app.a_second_later();
        assert!(counts(&app, &own, &given).await && refreshes(&app, &own, &given).await, "offline: {is_offline}");
    }
}

/// An app comes to require more while its own request waits for the lock of its user.
#[rocket::async_test]
async fn a_code_and_a_refresh_token_count_only_as_the_app_is_after_a_wait_for_a_lock() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let given = tokens(&own, &mut ana, true).await;
    let code = own.code(&mut ana, &[]).await;
    let id = own.id;
    let more = move |tx: &mut Tx<'_>| set_strength(tx, id, Strength::Two);
    let (status, body) = while_it_waits(&app, more, own.redeem(&app, &code, &[])).await;
    assert_eq!((status, text(&body, "error")), (400, "invalid_grant"), "{body}");
    requires(&app, &own, Strength::One).await;
    assert!(!while_it_waits(&app, more, refreshes(&app, &own, &given)).await);
    requires(&app, &own, Strength::One).await;
    assert!(refreshes(&app, &own, &given).await, "a refusal ends nothing");
}

/// An admin replaces a secret at once, while a request that showed it waits for the lock.
#[rocket::async_test]
async fn a_secret_that_was_replaced_since_it_was_shown_gets_no_tokens() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let code = own.code(&mut ana, &[]).await;
    let replace = move |tx: &mut Tx<'_>| {
        gatepost::apps::new_secret(tx, &AppSlug::parse("grafana").unwrap(), Lifetime::millis(0)).map(drop)
    };
    let (status, body) = while_it_waits(&app, replace, own.redeem(&app, &code, &[])).await;
    assert_eq!((status, text(&body, "error")), (401, "invalid_client"), "{body}");
    let own = Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await;
    let later = tokens(&own, &mut ana, true).await;
    let replace = move |tx: &mut Tx<'_>| {
        gatepost::apps::new_secret(tx, &AppSlug::parse("wiki").unwrap(), Lifetime::millis(0)).map(drop)
    };
    let refresh = own.refresh(&app, text(&later, "refresh_token"), &[]);
    assert_eq!(while_it_waits(&app, replace, refresh).await.0, 401);
}

/// Only the session can be idle, and what outlasts it cannot.
#[rocket::async_test]
async fn an_access_token_of_an_idle_session_does_not_count() {
    let app = app_with_ana().await;
    let rules = ClientRules { access_lifetime: Lifetime::hours(24), ..ClientRules::new(false) };
    let own = Wanted { rules, ..Wanted::default() }.register(&app).await;
    app.set("session_idle_lifetime", "1h").await;
    app.a_second_later();
    let mut ana = app.browser();
    ana.sign_in_to(ANA, &[("remember", "on")]).await;
    let of_session = tokens(&own, &mut ana, false).await;
    let offline = tokens(&own, &mut ana, true).await;
    app.clock.advance(Lifetime::minutes(59));
    assert!(counts(&app, &own, &of_session).await);
    app.clock.advance(Lifetime::minutes(2));
    assert!(!counts(&app, &own, &of_session).await);
    assert!(counts(&app, &own, &offline).await);
}

/// Once the account has a second factor, what was shown before is not enough for anything.
#[rocket::async_test]
async fn an_offline_grant_goes_on_only_with_what_its_user_had_shown_for_it() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let weak = tokens(&own, &mut ana, true).await;
    sets_up_an_app(&mut ana).await;
    assert!(!counts(&app, &own, &weak).await && !refreshes(&app, &own, &weak).await);
    let strong = tokens(&own, &mut ana, true).await;
    ana.post_only("/logout", &[]).await.assert_leads_to("/login");
    requires(&app, &own, Strength::Two).await;
    app.set("second_factor_required", "everyone").await;
    app.a_second_later();
    assert!(counts(&app, &own, &strong).await && refreshes(&app, &own, &strong).await);
    requires(&app, &own, Strength::Passkey).await;
    assert!(!counts(&app, &own, &strong).await && !refreshes(&app, &own, &strong).await);
}

/// Agreeing to less later takes nothing from what was given before.
#[rocket::async_test]
async fn a_user_who_agrees_to_less_does_not_end_what_agreed_to_more() {
    let app = app_with_ana().await;
    let rules = ClientRules { is_third_party: true, rotates: false, ..ClientRules::new(false) };
    let own = Wanted { rules, ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let mut given = Vec::new();
    for scope in ["openid profile email offline_access", "openid"] {
        let page = ana.get(&own.path(&[("scope", scope), ("prompt", "consent")])).await;
        let (resume, account) = (page.hidden("resume").to_owned(), page.hidden("account").to_owned());
        let yes =
            ana.post_only("/oidc/consent", &[("resume", &resume), ("account", &account), ("answer", "yes")]).await;
        let back = crate::oidc_app::comes_back(&ana.get(yes.location().unwrap()).await);
        let (status, tokens) = own.redeem(&app, &back["code"], &[]).await;
        assert_eq!(status, 200, "{tokens}");
        given.push(tokens);
    }
    assert!(refreshes(&app, &own, &given[0]).await && counts(&app, &own, &given[0]).await);
}

/// A thief uses an old token while its user may not open the app. The user comes back, the family
/// does not.
#[rocket::async_test]
async fn a_reused_refresh_token_ends_its_family_although_its_user_may_get_nothing() {
    let app = app_with_ana().await;
    let rules = ClientRules { rotates: true, ..ClientRules::new(false) };
    let own = Wanted { rules, ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let first = tokens(&own, &mut ana, true).await;
    let (_, second) = own.refresh(&app, text(&first, "refresh_token"), &[]).await;
    app.clock.advance(Lifetime::seconds(31));
    requires(&app, &own, Strength::Two).await;
    assert!(!refreshes(&app, &own, &first).await);
    requires(&app, &own, Strength::One).await;
    assert!(!refreshes(&app, &own, &second).await && !counts(&app, &own, &second).await);
}

#[rocket::async_test]
async fn a_code_from_before_the_user_signed_out_of_the_app_gives_nothing() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let before = own.code(&mut ana, &[]).await;
    ana.post_only("/account/apps/sign-out", &[("app", &own.id.to_string())]).await.assert_leads_to("/account");
    let (status, body) = own.redeem(&app, &before, &[]).await;
    assert_eq!((status, text(&body, "error")), (400, "invalid_grant"));
    app.clock.advance(Lifetime::seconds(1));
    // The next way in asks, as for an app behind a proxy.
    let back = comes_back(&ana.get(&own.path(&[("prompt", "none")])).await);
    assert_eq!(back["error"], "interaction_required");
    let page = ana.get(&own.path(&[])).await;
    page.assert_status(200).assert_shows("Open Grafana again?");
    let return_to = page.hidden("return_to").replace("&amp;", "&").replace("&#38;", "&");
    let answer = ana.post_only("/apps/again", &[("app", "grafana"), ("return_to", &return_to)]).await;
    assert!(comes_back(&ana.get(answer.location().unwrap()).await).contains_key("code"));
    own.tokens(&mut ana, &[("prompt", "none")]).await;
    assert_eq!(own.redeem(&app, &before, &[]).await.0, 400, "the code from before stays ended");
}
