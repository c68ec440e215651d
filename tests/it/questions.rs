//! An act that cannot be undone asks first: a single press never does it.

use crate::acting::{ACTED, Has, Scene};

/// Acts that cannot be undone, as the table of acting routes names it.
const FINAL: [&str; 23] = [
    "/account/sessions/revoke-others",
    "/account/password/remove",
    "/account/totp/{app}/remove",
    "/account/recovery-codes/replace",
    "/account/recovery-codes/remove",
    "/account/security/forget-all",
    "/account/passkeys/{passkey}/remove",
    "/admin/settings/logo/remove",
    "/admin/settings/logo/dark/remove",
    "/admin/people/{ben}/disable",
    "/admin/people/{ben}/make-admin",
    "/admin/people/{eve}/remove-admin",
    "/admin/people/{ben}/sign-out",
    "/admin/people/{ben}/recovery/start",
    "/admin/people/{fay}/invitation/withdraw",
    "/admin/groups/{group}/remove",
    "/admin/apps/{wiki}/remove",
    "/admin/apps/{wiki}/icon/remove",
    "/admin/apps/{client}/openid/secret",
    "/admin/apps/{client}/openid/end-secret",
    "/account/apps/devices/{grant}/end",
    "/account/apps/{client}/end",
    "/admin/apps/{wiki}/people/{ben}/remove",
];

/// The pages with the buttons that lead to the questions.
const PAGES: [&str; 17] = [
    "/account",
    "/account/apps",
    "/admin/apps/{client}/openid",
    "/account/sessions",
    "/account/security",
    "/account/password",
    "/account/totp",
    "/account/recovery-codes",
    "/account/passkeys",
    "/admin/settings",
    "/admin/people/invitations",
    "/admin/people/{ben}",
    "/admin/people/{eve}",
    "/admin/groups/{group}",
    "/admin/apps/{wiki}",
    "/admin/apps/{wiki}/icon",
    "/admin/apps/{wiki}/people",
];

#[rocket::async_test]
async fn what_cannot_be_undone_asks_first() {
    let mut asked = 0;
    for has in [Has::Password, Has::Factors] {
        let scene = Scene::new(has).await;
        let mut ana = scene.ana(&scene.app);
        let paths: Vec<String> = ACTED
            .iter()
            .filter(|cell| cell.2 == has && FINAL.contains(&cell.0))
            .map(|cell| scene.fill(cell.0))
            .collect();
        for path in &paths {
            let before = scene.app.dump().await;
            let page = ana.get(path).await;
            page.assert_status(200);
            let button = format!("<form method=\"post\" action=\"{path}\"><button class=\"danger");
            assert!(page.body.contains(&button), "{path}: {}", page.text());
            assert_eq!(scene.app.dump().await, before, "{path}: asking does nothing");
        }
        for page in PAGES.map(|page| scene.fill(page)) {
            let body = ana.get(&page).await.body;
            for path in &paths {
                assert!(!body.contains(&format!("action=\"{path}\"")), "{page} has a button that does {path} at once");
            }
        }
        asked += paths.len();
    }
    assert_eq!(asked, FINAL.len(), "each is in the table of acting routes");
}
