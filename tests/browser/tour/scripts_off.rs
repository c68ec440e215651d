//! Pages with JavaScript off, in the tab of a tour.

use super::{NARROWEST, Tour, shows, too_wide};
use crate::browser::Browser;
use serde_json::json;

/// Returns the heading, and buttons that are shown and do nothing without a script.
const SEES_DEAD_BUTTONS: &str = "
    const dead = [...document.querySelectorAll('button[type=button]')].filter((button) => button.checkVisibility());
    return {
        heading: document.querySelector('h1')?.textContent,
        dead: dead.map((button) => button.textContent.trim()).join(' and '),
    };";

impl Tour<'_> {
    /// Opens the page of this tab again with JavaScript off, as it is on the narrowest phone. It is
    /// the same page, and shows no button that would need a script.
    pub(super) async fn looks_without_javascript(&mut self, browser: &Browser, state: &str) {
        let (address, heading) = (browser.address().await, browser.run(SEES_DEAD_BUTTONS).await["heading"].clone());
        runs_scripts(browser, false).await;
        browser.open(&address).await;
        let seen = browser.run(SEES_DEAD_BUTTONS).await;
        let place = format!("{state}, without JavaScript");
        if browser.address().await != address || seen["heading"] != heading {
            self.problems.push(format!("{place}: it is another page: {}", seen["heading"]));
        }
        if seen["dead"] != "" {
            self.problems.push(format!("{place}: buttons without a use: {}", seen["dead"]));
        }
        shows(browser, NARROWEST, "light").await;
        self.problems.extend(too_wide(browser, NARROWEST.1, "light").await.map(|text| format!("{place}: {text}")));
        runs_scripts(browser, true).await;
    }
}

/// Turns JavaScript of the pages in this tab on or off. A test can look at a page in both cases.
async fn runs_scripts(browser: &Browser, are_on: bool) {
    browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !are_on })).await;
}
