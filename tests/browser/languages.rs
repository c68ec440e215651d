//! A browser whose language has a calendar and digits that differ from English ones.

use crate::{browser::Browser, stage::Stage};
use serde_json::json;

const ANA: &str = "ana@example.com";

struct Place {
    locale: &'static str,
    zone: &'static str,
    /// Characters that its keyboard types for 0 to 9.
    digits: [char; 10],
}

const PLACES: [Place; 2] = [
    Place {
        locale: "fa-IR", zone: "Asia/Tehran", digits: ['۰', '۱', '۲', '۳', '۴', '۵', '۶', '۷', '۸', '۹']
    },
    Place {
        locale: "ar-EG", zone: "Africa/Cairo", digits: ['٠', '١', '٢', '٣', '٤', '٥', '٦', '٧', '٨', '٩']
    },
];

impl Place {
    async fn browser(&self, stage: &Stage) -> Browser {
        let browser = stage.browser().await;
        browser.open("/login").await;
        browser.devtools("Emulation.setLocaleOverride", json!({ "locale": self.locale })).await;
        browser.devtools("Emulation.setTimezoneOverride", json!({ "timezoneId": self.zone })).await;
        let header = json!({ "headers": { "Accept-Language": self.locale } });
        browser.devtools("Network.setExtraHTTPHeaders", header).await;
        let date = browser.run("return new Date(0).toLocaleDateString()").await;
        let is_local = date.as_str().unwrap().chars().any(|c| self.digits.contains(&c));
        assert!(is_local, "the browser writes dates as this place does: {date}");
        browser
    }

    fn types(&self, text: &str) -> String {
        let local = |c: char| c.to_digit(10).map_or(c, |digit| self.digits[digit as usize]);
        text.chars().map(local).collect()
    }
}

/// Returns every date on the page, and whether the page's script has written it.
async fn dates(browser: &Browser) -> Vec<(String, bool)> {
    let read = "return [...document.querySelectorAll('time')].map((time) => [time.textContent, time.title !== ''])";
    serde_json::from_value(browser.run(read).await).unwrap()
}

#[tokio::test]
async fn a_persian_and_an_arabic_browser_read_english_dates_and_may_type_their_own_digits() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    for (n, place) in PLACES.iter().enumerate() {
        let ana = place.browser(&stage).await;
        ana.asks_for_mail(ANA).await;
        let code = stage.gatepost.mail_to(ANA, n + 1).await.code();
        ana.enters_code("Code from the email", &place.types(&code)).await;
        ana.reads_heading("Your account").await;

        let dates = dates(&ana).await;
        assert!(!dates.is_empty());
        for (date, is_written) in dates {
            assert!(is_written && date.replace('\u{a0}', " ").is_ascii(), "{}: {date}", place.locale);
            let mut words = date.split(|c: char| !c.is_ascii_alphanumeric());
            let is_gregorian = words.any(|word| word.len() == 4 && word.starts_with("20"));
            assert!(is_gregorian, "{}: {date}", place.locale);
        }
        // In one direction, next to any text.
        let directions = "return [...document.querySelectorAll('time')].every((time) => getComputedStyle(time).direction === 'ltr' && getComputedStyle(time).unicodeBidi === 'isolate')";
        assert_eq!(ana.run(directions).await, json!(true));
    }
}

#[tokio::test]
async fn an_app_s_code_counts_in_the_digits_of_the_keyboard() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let place = &PLACES[0];
    let ana = place.browser(&stage).await;
    ana.asks_for_mail(ANA).await;
    ana.open(&stage.gatepost.mail_to(ANA, 1).await.link()).await;
    ana.presses(&format!("Sign in as {ANA}")).await;
    ana.open("/account/security").await;
    ana.presses("Set up an app").await;
    let secret = ana.find("code.key").await.text().await.unwrap();
    let code = crate::tour::security::code_in(0, &ana, &secret).await;
    ana.types("Code shown in the app", &place.types(&code)).await;
    ana.presses("Turn on").await;
    ana.reads("Your second factor is set up.").await;
}
