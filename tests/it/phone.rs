//! An authenticator app, set up as users do it: with the secret on the page.

use crate::{
    browser::{Browser, Page},
    harness::TestApp,
};
use gatepost::domain::{Clock, Lifetime};

pub struct Phone(totp_rs::Totp);

impl Phone {
    /// Sets an app up in a browser that is signed in and fresh.
    pub async fn set_up_in(browser: &mut Browser<'_>) -> Self {
        let begun = browser.post("/account/totp", &[]).await;
        let path = begun.location().unwrap().to_owned();
        let phone = Self::reading(&browser.get(&path).await);
        let code = phone.next_code(browser.app);
        let done = browser.post(&path, &[("code", &code), ("name", "My phone")]).await;
        assert_eq!(done.status.code, 303, "{}", done.text());
        phone
    }

    /// Reads the secret from a page.
    pub fn reading(page: &Page) -> Self {
        let secret =
            page.body.split_once("<code class=\"key\">").unwrap().1.split_once('<').unwrap().0.replace(' ', "");
        let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
        Self(totp_rs::Builder::new().with_secret(secret).build().unwrap())
    }

    /// Waits for the next code and reads it.
    pub fn next_code(&self, app: &TestApp) -> String {
        app.clock.advance(Lifetime::seconds(30));
        let now = u64::try_from(app.clock.now().as_millis() / 1000).unwrap();
        self.0.generate(now).to_string()
    }
}

/// Returns a browser signed in by email link, with a second factor set up.
pub async fn with_phone<'a>(app: &'a TestApp, email: &str) -> (Browser<'a>, Phone) {
    let mut browser = app.signed_in(email).await;
    let phone = Phone::set_up_in(&mut browser).await;
    (browser, phone)
}

/// Returns a browser that has opened an email link and is asked for a second factor.
pub async fn at_the_second_factor<'a>(app: &'a TestApp, email: &str) -> Browser<'a> {
    // This test is not about the limits on emails.
    app.clock.advance(Lifetime::minutes(6));
    let mut browser = app.browser();
    browser.sign_in_to(email, &[]).await.assert_leads_to("/login/second-factor");
    browser
}
