//! Admins who save settings on two nodes in the same tick.

use crate::{
    browser::{Browser, Page},
    harness::Setup,
};
use gatepost::domain::audit::Action;
use rocket::futures::future::join_all;

const ANA: &str = "ana@example.com";
const EVE: &str = "eve@example.com";

fn node() -> Setup {
    Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").with("GATEPOST_LIMITS_GLOBAL", "1000/1s")
}

/// Returns the product name on the settings page.
async fn shown_name(browser: &mut Browser<'_>) -> String {
    let page = browser.get("/admin/settings").await;
    let field = page.body.split("name=\"product_name\"").nth(1).unwrap_or_else(|| panic!("{}", page.text()));
    field.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn saves(mut browser: Browser<'_>, version: String, name: String) -> Page {
    let fields = [("email_link_enabled", "on"), ("product_name", &name), ("version", &version)];
    browser.submit("/admin/settings", &fields).await
}

#[rocket::async_test]
async fn of_saves_in_one_tick_on_two_nodes_one_counts_and_both_nodes_end_with_it() {
    let app = node().start().await;
    let other = node().beside(&app).start().await;
    for email in [ANA, EVE] {
        app.add_admin(email).await;
    }
    let (mut ana, mut eve) = (app.signed_in(ANA).await, other.signed_in(EVE).await);
    for round in 0..8 {
        let version = ana.get("/admin/settings").await.hidden("version").to_owned();
        let all = (0..6).map(|n| {
            let by = if n % 2 == 0 { &ana } else { &eve };
            let browser = Browser { cookies: by.cookies.clone(), ..by.app.browser() };
            saves(browser, version.clone(), format!("Name {round}-{n}"))
        });
        let pages = join_all(all).await;
        let saved = pages.iter().filter(|page| page.text().contains("Settings saved.")).count();
        let overtaken = pages.iter().filter(|page| page.text().contains("Someone else changed the settings")).count();
        assert_eq!((saved, overtaken), (1, 5), "{:?}", pages.iter().map(Page::text).collect::<Vec<_>>());
        // In the same tick: the pages read the database.
        let stored = app.stored_settings().await.product_name;
        assert!(stored.starts_with(&format!("Name {round}-")), "{stored}");
        assert_eq!((shown_name(&mut ana).await, shown_name(&mut eve).await), (stored.clone(), stored.clone()));
        // A second later it counts everywhere.
        app.a_second_later();
        for node in [&app, &other] {
            node.browser().get("/login").await.assert_shows(&stored);
        }
    }
    // No save overwrote one that it had not seen.
    let audit = app.audit().await;
    let mut chain: Vec<_> =
        audit.iter().filter(|line| line.action == Action::SettingChanged && line.subject == "product_name").collect();
    chain.sort_by_key(|line| line.at);
    assert_eq!(chain.len(), 8);
    assert!(chain.windows(2).all(|pair| pair[0].after == pair[1].before), "{chain:?}");
}
