//! OpenID Connect: which claims are in an ID token, and in which shape.

use crate::{
    harness::TestApp,
    oidc_app::{ANA, OidcApp, Wanted, app_with_ana, claims, text, userinfo},
};
use gatepost::{
    db,
    domain::{
        group::{Group, GroupId, GroupName},
        oidc::client::{ClientRules, GroupsShape, Refreshes},
    },
    entropy::SystemEntropy,
};
use serde_json::{Value, json};

/// Makes Ana a member of groups with these names.
async fn joins(app: &TestApp, names: Vec<String>) {
    let ana = app.account_of(ANA).await.unwrap().id;
    app.transact(move |tx| {
        for name in &names {
            let name = GroupName::parse(name).unwrap();
            let group = Group { id: GroupId::issue(&SystemEntropy), name, note: String::new() };
            db::groups::insert(tx.connection, &group, tx.now)?;
            db::groups::join(tx.connection, group.id, ana, tx.now)?;
        }
        Ok(())
    })
    .await;
}

/// Returns the claims about the user that the ID token of these tokens holds.
async fn about_the_user(app: &TestApp, tokens: &Value) -> Vec<String> {
    let claims = claims(app, tokens).await;
    let names = ["email", "email_verified", "groups", "name", "preferred_username"];
    names.into_iter().filter(|name| claims.get(name).is_some()).map(str::to_owned).collect()
}

/// OpenID Connect Core, section 5.5: a claim asked for the ID token is there, and nothing more.
#[rocket::async_test]
async fn a_small_id_token_holds_what_a_request_wants_in_it() {
    let app = app_with_ana().await;
    let rules = ClientRules { id_token_small: true, refreshes: Refreshes::Always, ..ClientRules::new(false) };
    let own = Wanted { rules, ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    for (asked, in_token, in_userinfo) in [
        (json!({}), &[][..], false),
        (json!({ "id_token": { "email": null } }), &["email", "email_verified"], true),
        (json!({ "userinfo": { "email": null } }), &[], true),
        (json!({ "userinfo": { "name": null }, "id_token": { "email": null } }), &["email", "email_verified"], true),
    ] {
        let asked = asked.to_string();
        let tokens = own.tokens(&mut ana, &[("scope", "openid"), ("claims", &asked)]).await;
        assert_eq!(about_the_user(&app, &tokens).await, in_token, "{asked}");
        let (_, info) = userinfo(&app, text(&tokens, "access_token")).await;
        assert_eq!(info.get("email").is_some(), in_userinfo, "{asked}");
        let (status, tokens) = own.refresh(&app, text(&tokens, "refresh_token"), &[]).await;
        assert_eq!(status, 200, "{tokens}");
        assert_eq!(about_the_user(&app, &tokens).await, in_token, "after a refresh: {asked}");
    }
}

#[rocket::async_test]
async fn an_app_gets_its_groups_in_the_shape_that_it_reads() {
    let app = app_with_ana().await;
    joins(&app, vec!["admins".to_owned(), "family".to_owned()]).await;
    for (shape, expected) in [
        (GroupsShape::List, json!(["admins", "family"])),
        (GroupsShape::Spaces, json!("admins family")),
        (GroupsShape::Commas, json!("admins,family")),
    ] {
        let rules = ClientRules { groups_shape: shape, ..ClientRules::new(false) };
        let own = Wanted { slug: shape.into_str(), rules, ..Wanted::default() }.register(&app).await;
        let (in_token, in_userinfo, _) = groups(&app, &own).await;
        assert_eq!((&in_token, &in_userinfo), (&expected, &expected));
    }
}

async fn groups(app: &TestApp, own: &OidcApp) -> (Value, Value, Value) {
    let mut ana = app.signed_in(ANA).await;
    let tokens = own.tokens(&mut ana, &[("scope", "openid groups")]).await;
    let (_, info) = userinfo(app, text(&tokens, "access_token")).await;
    (claims(app, &tokens).await["groups"].clone(), info["groups"].clone(), tokens)
}

/// Otherwise an ID token could grow until Gatepost itself refuses it as a hint.
#[rocket::async_test]
async fn an_id_token_holds_all_groups_or_none_and_userinfo_holds_all() {
    let app = app_with_ana().await;
    let own = Wanted::default().register(&app).await;
    joins(&app, (0..30).map(|n| format!("{n:02}-{}", "g".repeat(60))).collect()).await;
    let (in_token, in_userinfo, _) = groups(&app, &own).await;
    assert_eq!((in_token.as_array().unwrap().len(), in_userinfo.as_array().unwrap().len()), (30, 30));
    joins(&app, (30..130).map(|n| format!("{n}-{}", "g".repeat(60))).collect()).await;
    let (in_token, in_userinfo, tokens) = groups(&app, &own).await;
    assert_eq!((in_token, in_userinfo.as_array().unwrap().len()), (Value::Null, 130));
    let hint = text(&tokens, "id_token");
    let silent = own.path(&[("prompt", "none"), ("id_token_hint", hint)]);
    assert!(crate::oidc_app::comes_back(&app.signed_in(ANA).await.get(&silent).await).contains_key("code"));
    let page = app.browser().get(&format!("/oidc/logout?id_token_hint={hint}")).await;
    page.assert_status(200);
}
