//! Questions before what cannot be undone, in both languages, and what follows a lost phone.

use super::{
    Tour,
    security::{opens_an_email_link, sets_up_an_app},
};
use crate::{patience, stage::Stage};
use std::collections::BTreeMap;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const EVE: &str = "eve@example.com";
const FAY: &str = "fay@example.com";
const PASSWORD: &str = "correct horse battery";

/// Questions that need nothing of the account.
const FIXED: [&str; 3] =
    ["/account/sessions/revoke-others", "/account/security/forget-all", "/admin/apps/client/openid/secret"];

/// Pages whose links lead to further questions. Those of users and groups are found on their lists.
const PAGES: [&str; 12] = [
    "/account/apps",
    "/account/sessions",
    "/account/security",
    "/account/password",
    "/account/totp",
    "/account/recovery-codes",
    "/account/passkeys",
    "/admin/settings/logo",
    "/admin/people/invitations",
    "/admin/apps/wiki",
    "/admin/apps/wiki/people",
    "/admin/apps/client/openid",
];

const LINKS: &str = "
    const asks = /\\/(remove|withdraw|disable|make-admin|remove-admin|sign-out|start|end|end-secret|replace|revoke-others|forget-all)$/;
    const links = [...document.querySelectorAll('main a[href]')].map(link => link.getAttribute('href'));
    return links.filter(href => asks.test(href) || PLACES.test(href));";

/// Returns where links of a page lead: to questions, and to pages of this shape.
async fn leads(browser: &crate::browser::Browser, page: &str, places: &str) -> Vec<String> {
    browser.open(page).await;
    let found = browser.run(&LINKS.replace("PLACES", places)).await;
    found.as_array().unwrap().iter().map(|href| href.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_question_and_the_pages_of_a_loss_suit_everybody() {
    let stage = Stage::new().await;
    for email in [ANA, EVE] {
        stage.gatepost.add_admin(email);
    }
    stage.gatepost.add_account(BEN);
    stage.gatepost.has_app(("wiki", "https://wiki.example.com"), "one", false);
    stage.gatepost.adds_oidc_app("client", "http://127.0.0.1:9/callback", (true, false));
    let mut tour = Tour::new("questions", &stage);
    let ana = stage.browser().await;
    opens_an_email_link(&stage, &ana, 1).await;
    ana.reads_heading("Your account").await;
    ana.open("/admin/settings").await;
    ana.ticks("Password").await;
    ana.presses("Save").await;
    ana.reads("Settings saved.").await;
    ana.open("/admin/people").await;
    ana.opens("Invite someone").await;
    ana.types("Email address", FAY).await;
    ana.presses("Invite").await;
    ana.reads("is invited. The email is").await;
    ana.open("/admin/groups").await;
    ana.types("Name", "family").await;
    ana.presses("Add group").await;
    stage.gatepost.has_given_access(ANA, "client");
    sets_up_an_app(&ana).await;
    ana.presses("I’ve saved my codes").await;
    ana.gets_an_authenticator().await;
    // A password from before the second factor would not count as a second proof of a loss.
    ana.open("/account/password").await;
    ana.types("New password", PASSWORD).await;
    ana.presses("Save password").await;
    ana.reads("Your password is set.").await;
    ana.open("/account/passkeys").await;
    ana.presses("Add a passkey").await;
    patience::until("the passkey", async || ana.has("main a[href$='/remove']").await.then_some(())).await;

    let mut questions: BTreeMap<String, String> =
        FIXED.iter().map(|path| ((*path).to_owned(), (*path).to_owned())).collect();
    let mut pages: Vec<String> = PAGES.iter().map(|page| (*page).to_owned()).collect();
    pages.extend(leads(&ana, "/admin/people", "/^.admin.people.[0-9a-f]{16}$/").await);
    pages.extend(leads(&ana, "/admin/groups", "/^.admin.groups.[0-9a-f]{16}$/").await);
    for page in pages {
        for path in leads(&ana, &page, "/^$/").await {
            let shape = |part: &str| if part.len() == 16 { "*".to_owned() } else { part.to_owned() };
            questions.insert(path.split('/').map(shape).collect::<Vec<_>>().join("/"), path);
        }
    }
    assert!(questions.len() >= 16, "{questions:#?}");
    for language in ["English", "German"] {
        if language == "German" {
            ana.reads_german().await;
        }
        for (shape, path) in &questions {
            ana.open(path).await;
            assert!(ana.has("button.danger").await, "{path} is no question: {}", ana.text().await);
            tour.glances(&ana, &format!("{} {language}", shape.trim_matches('/').replace('/', " "))).await;
        }
    }

    let lost = stage.browser().await;
    lost.open("/login/password").await;
    lost.types("Email address", ANA).await;
    lost.types("Password", PASSWORD).await;
    lost.presses("Sign in").await;
    lost.reads_heading("One more step").await;
    lost.presses("Can’t use any of these?").await;
    lost.reads("Then you’ll come back to this page.").await;
    tour.glances(&lost, "lost, with a password").await;
    lost.presses("Email me a link").await;
    lost.reads_heading("Check your inbox").await;
    lost.open(&stage.gatepost.last_link_to(ANA).await).await;
    lost.presses(&format!("Sign in as {ANA}")).await;
    lost.reads("Remove my second factors in 1 day").await;
    tour.glances(&lost, "lost, with two proofs").await;
    lost.presses("Remove my second factors in 1\u{a0}day").await;
    lost.reads_heading("Your second factors will be removed").await;
    tour.glances(&lost, "removal begun").await;
    tour.ends(&[&ana, &lost]).await;
}
