//! The way from the waiting page to the reader's inbox.

use crate::harness::Setup;

/// Returns the links of a page that lead elsewhere.
fn links_elsewhere(body: &str) -> Vec<String> {
    let links = body.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    links.filter(|link| link.contains("://")).map(str::to_owned).collect()
}

#[rocket::async_test]
async fn an_inbox_is_offered_only_for_a_domain_of_that_very_provider() {
    // Without an email server the page leads to the mailbox for developers.
    let app = Setup::new().with("GATEPOST_MAIL_URL", "smtp://127.0.0.1:1?tls=none").start().await;
    for (domain, inbox) in [
        ("gmail.com", Some("https://mail.google.com/")),
        ("googlemail.com", Some("https://mail.google.com/")),
        ("hotmail.com", Some("https://outlook.live.com/")),
        ("gmx.de", Some("https://www.gmx.net/")),
        ("proton.me", Some("https://mail.proton.me/")),
        // Only their owners know who reads these, and where.
        ("example.com", None),
        ("lindenschule.org", None),
        ("gmail.com.evil.example", None),
        ("notgmail.com", None),
        ("mail.gmail.com", None),
        ("outlook.example", None),
    ] {
        let mut browser = app.browser();
        browser.post("/login", &[("email", &format!("ana@{domain}"))]).await.assert_leads_to("/login/sent");
        let links = links_elsewhere(&browser.get("/login/sent").await.body);
        match inbox {
            Some(inbox) => assert!(links.len() == 1 && links[0].starts_with(inbox), "{domain}: {links:?}"),
            None => assert_eq!(links, [""; 0], "{domain}"),
        }
    }
}
