//! The stage of every journey: a Gatepost, and browsers for it.

use crate::{
    browser::Browser,
    chromedriver::{Chromedriver, Traits},
    gatepost::Gatepost,
};

pub struct Stage {
    // The browsers end first, then the server.
    driver: Chromedriver,
    pub gatepost: Gatepost,
    /// True if its browsers are all of Chromium.
    is_whole: bool,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// Returns one whose server has more variables.
    pub async fn with(environment: &[(&str, &str)]) -> Self {
        Self { driver: Chromedriver::start().await, gatepost: Gatepost::start_with(environment).await, is_whole: false }
    }

    /// Returns one with all of Chromium. Tests of what is outside of a page need it. Such are
    /// caches, history, the clipboard, and the list of passkeys under a field.
    pub async fn with_all_of_chromium() -> Self {
        Self { is_whole: true, ..Self::new().await }
    }

    /// Returns a new browser.
    pub async fn browser(&self) -> Browser {
        self.browser_with(&Traits::default()).await
    }

    pub async fn browser_with(&self, traits: &Traits) -> Browser {
        let traits = Traits { is_whole: self.is_whole || traits.is_whole, ..traits.clone() };
        self.driver.browser(&self.gatepost.origin, &traits).await
    }

    /// Returns a browser signed in by a link that an operator printed: the shortest way.
    pub async fn signed_in(&self, email: &str) -> Browser {
        let browser = self.browser().await;
        self.signs_in(&browser, email).await;
        browser
    }

    pub async fn signs_in(&self, browser: &Browser, email: &str) {
        browser.open(&self.gatepost.run(&["link", email])).await;
        browser.presses(&signing_in_as(email)).await;
        browser.reads_heading("Your account").await;
    }
}

/// Returns the words of the button that signs a user in. A long address is above it.
pub fn signing_in_as(email: &str) -> String {
    if email.chars().count() > 32 { "Sign in".to_owned() } else { format!("Sign in as {email}") }
}
