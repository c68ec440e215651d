//! Pages in a browser without JavaScript that other tours pass by, in both languages. People open
//! the links of emails in mail programs that run no script.

use super::Tour;
use crate::{browser::Browser, chromedriver::Traits, stage::Stage};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

/// Pages of a signed-in admin that need nothing else.
const PAGES: [&str; 34] = [
    "/account/activity",
    "/account/activity/not-me",
    "/account/address",
    "/account/apps",
    "/account/close",
    "/account/password",
    "/account/passkeys",
    "/account/recovery-codes",
    "/account/security",
    "/account/sessions",
    "/account/totp",
    "/account/data",
    "/admin",
    "/admin/apps",
    "/admin/apps/client",
    "/admin/apps/client/change",
    "/admin/apps/client/icon",
    "/admin/apps/client/openid",
    "/admin/apps/client/openid/built-in",
    "/admin/apps/client/openid/change",
    "/admin/apps/client/openid/keys",
    "/admin/apps/client/people",
    "/admin/apps/wiki/openid",
    "/admin/groups",
    "/admin/mail/arrived",
    "/admin/mail/check",
    "/admin/people",
    "/admin/people/invitations",
    "/admin/settings/logo",
    "/apps/sign-out",
    "/device",
    "/dev/mailbox",
    "/no-such-page",
    "/oidc/authorize",
];

/// Pages of a browser in which no one is signed in.
const STRANGERS: [&str; 8] = [
    "/login/password",
    "/login/sent",
    "/password/forgot",
    "/auth/cancel",
    "/auth/invitation",
    "/auth/reset",
    "/auth/undo",
    "/auth/verify",
];

async fn plain(stage: &Stage) -> Browser {
    stage.browser_with(&Traits { without_javascript: true, ..Traits::default() }).await
}

#[tokio::test]
async fn pages_without_javascript_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    stage.gatepost.add_account(BEN);
    stage.gatepost.has_app(("wiki", "https://wiki.example.com"), "one", false);
    stage.gatepost.adds_oidc_app("client", "http://127.0.0.1:9/callback", (true, false));
    let mut tour = Tour::new("plain-pages", &stage);
    let ana = plain(&stage).await;
    stage.signs_in(&ana, ANA).await;
    ana.open("/admin/settings").await;
    ana.ticks("Password").await;
    ana.presses("Save").await;
    ana.reads("Settings saved.").await;

    // What the links of emails lead to.
    let ben = plain(&stage).await;
    ben.asks_for_mail(BEN).await;
    let mail = stage.gatepost.mail_to(BEN, 1).await;
    let other = plain(&stage).await;
    let looks =
        [(mail.link(), "This email was requested in another browser"), (mail.cancel_link(), "Cancel this request?")];
    for (link, heading) in looks {
        other.open(&link).await;
        other.reads_heading(heading).await;
        tour.glances_without_axe(&other, heading).await;
    }
    other.open(&mail.link()).await;
    other.presses("Sign in on this device instead").await;
    other.reads_heading("Sign in on this device?").await;
    tour.glances_without_axe(&other, "this device").await;
    ana.open(&mail.link()).await;
    ana.presses("Sign in on this device instead").await;
    tour.glances_without_axe(&ana, "this device while signed in").await;
    other.open(&mail.cancel_link()).await;
    other.presses("This wasn’t me: cancel it").await;
    other.reads_heading("Cancelled").await;
    tour.glances_without_axe(&other, "cancelled").await;
    other.open("/password/forgot").await;
    other.types("Email address", BEN).await;
    other.presses("Email me a reset link").await;
    let reset = stage.gatepost.mail_to(BEN, 2).await.reset_link();
    other.open(&reset).await;
    other.reads_heading("Choose a new password").await;
    tour.glances_without_axe(&other, "reset").await;

    let stranger = plain(&stage).await;
    for language in ["English", "German"] {
        if language == "German" {
            ana.reads_german().await;
            stranger.reads_german().await;
        }
        for (browser, path) in
            PAGES.iter().map(|path| (&ana, path)).chain(STRANGERS.iter().map(|path| (&stranger, path)))
        {
            browser.open(path).await;
            assert!(browser.has("h1").await, "{path}: {}", browser.text().await);
            tour.glances_without_axe(browser, &format!("{} {language}", path.trim_matches('/').replace('/', " ")))
                .await;
        }
    }
    tour.ends(&[&ana, &ben, &other, &stranger]).await;
}
