//! OpenID Connect: an app of others gets in with its user's consent, and never without.

use crate::{
    browser::{Browser, Page},
    harness::TestApp,
    oidc_app::{ANA, OidcApp, Wanted, app_with_ana, comes_back, text, userinfo},
};
use gatepost::{
    db,
    domain::{Lifetime, oidc::client::ClientRules},
};
use serde_json::json;

async fn app_of_others(app: &TestApp) -> OidcApp {
    let rules = ClientRules { is_third_party: true, rotates: false, ..ClientRules::new(false) };
    Wanted { rules, ..Wanted::default() }.register(app).await
}

/// Says yes on the page that asks, and returns where that leads.
async fn agrees(browser: &mut Browser<'_>, page: &Page) -> Page {
    page.assert_status(200).assert_shows("Share your data with this app?");
    let (resume, account) = (page.hidden("resume").to_owned(), page.hidden("account").to_owned());
    let yes = [("resume", resume.as_str()), ("account", account.as_str()), ("answer", "yes")];
    let to = browser.post_only("/oidc/consent", &yes).await;
    browser.get(to.location().unwrap()).await
}

/// It learns the user's id, by introspection at least.
#[rocket::async_test]
async fn an_app_of_others_that_asks_for_no_known_scope_asks_its_user_too() {
    let app = app_with_ana().await;
    let own = app_of_others(&app).await;
    let mut ana = app.signed_in(ANA).await;
    for scope in ["", "unknown"] {
        let silent = own.path(&[("scope", scope), ("prompt", "none")]);
        for path in [silent.clone(), format!("{silent}&scope=")] {
            let back = comes_back(&ana.get(&path).await);
            let is_double = scope == "unknown" && path != silent;
            assert_eq!(back["error"], if is_double { "invalid_request" } else { "consent_required" }, "{path}");
        }
        let page = ana.get(&own.path(&[("scope", scope)])).await;
        page.assert_shows("Share your data with this app?").assert_hides("Your email address");
    }
    let page = ana.get(&own.path(&[("scope", "unknown")])).await;
    let back = comes_back(&agrees(&mut ana, &page).await);
    assert_eq!(own.redeem(&app, &back["code"], &[]).await.0, 200);
    for scope in ["", "unknown"] {
        let code = own.code(&mut ana, &[("scope", scope), ("prompt", "none")]).await;
        assert_eq!(own.redeem(&app, &code, &[]).await.0, 200, "{scope:?}");
    }
    // Agreeing to that is agreeing to no more.
    for scope in ["openid", "profile"] {
        let back = comes_back(&ana.get(&own.path(&[("scope", scope), ("prompt", "none")])).await);
        assert_eq!(back["error"], "consent_required", "{scope}");
    }
}

/// The consent alone is gone. The grants are as they were.
#[rocket::async_test]
async fn without_its_user_s_consent_an_app_of_others_gets_nothing_by_what_it_holds() {
    let app = app_with_ana().await;
    let own = app_of_others(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get(&own.path(&[("scope", "openid profile email offline_access")])).await;
    assert!(comes_back(&agrees(&mut ana, &page).await).contains_key("code"));
    let in_session = own.tokens(&mut ana, &[]).await;
    let offline = own.tokens(&mut ana, &[("scope", "openid offline_access")]).await;
    // Nothing to read, and nothing by which an empty consent could be wide enough.
    let bare = own.tokens(&mut ana, &[("scope", "unknown")]).await;
    let code = own.code(&mut ana, &[]).await;
    let held = [("session", &in_session), ("offline", &offline), ("bare", &bare)];
    let is_active = async |token: &str| {
        let (_, told) = own.post(&app, "/oidc/introspect", &[("token", token)]).await;
        told["active"] == json!(true)
    };
    for (name, tokens) in held {
        assert!(is_active(text(tokens, "access_token")).await, "{name}");
    }
    let (account, id) = (app.account_of(ANA).await.unwrap().id, own.id);
    assert!(app.write(move |connection| db::oidc_held::withdraw_consent(connection, account, id)).await);
    for (name, tokens) in held {
        let token = text(tokens, "access_token");
        assert!(!is_active(token).await, "{name}");
        assert_eq!(userinfo(&app, token).await.0, 401, "{name}");
    }
    let (status, body) = own.refresh(&app, text(&offline, "refresh_token"), &[]).await;
    assert_eq!((status, text(&body, "error")), (400, "invalid_grant"));
    let (status, body) = own.redeem(&app, &code, &[]).await;
    assert_eq!((status, text(&body, "error")), (400, "invalid_grant"));
    // Less than what a grant has is not enough either.
    let page = ana.get(&own.path(&[("scope", "openid")])).await;
    agrees(&mut ana, &page).await;
    app.clock.advance(Lifetime::seconds(1));
    assert!(!is_active(text(&in_session, "access_token")).await);
    assert_eq!(own.refresh(&app, text(&offline, "refresh_token"), &[]).await.0, 400);
}
