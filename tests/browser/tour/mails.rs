//! Emails in a program that is a browser, as most email programs are.

use super::{Look, SCHEMES, SCREENS, Screen, Tour, shows};
use crate::{browser::Browser, letters::Press, stage::Stage};
use ::gatepost::domain::mail::MailKind;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use strum::VariantArray;

#[tokio::test]
async fn no_mail_is_wider_than_a_phone() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin("ana@example.com");
    let mut tour = Tour::new("mails", &stage);
    let ana = stage.signed_in("ana@example.com").await;
    let kinds = MailKind::VARIANTS.iter().map(|kind| kind.as_str());
    for language in ["English", "German"] {
        if language == "German" {
            ana.reads_german().await;
        }
        for kind in kinds.clone() {
            ana.open(&format!("/admin/mail/preview/{kind}")).await;
            looks_at(&mut tour, &ana, &format!("{kind} {language}"), &SCREENS).await;
            ana.open(&format!("/admin/mail/preview/{kind}?part=text")).await;
            // A browser shows bare text on a phone as on a desk, only smaller.
            looks_at(&mut tour, &ana, &format!("{kind} {language} text"), &SCREENS[1..]).await;
        }
    }
    tour.ends(&[&ana]).await;
}

async fn looks_at(tour: &mut Tour<'_>, browser: &Browser, state: &str, screens: &[Screen]) {
    tour.stops += 1;
    for (screen, width, height) in screens {
        for scheme in SCHEMES {
            shows(browser, (screen, *width, *height), scheme).await;
            // No script runs in an email, not even a measuring one.
            let layout = browser.devtools("Page.getLayoutMetrics", json!({})).await;
            let content = layout["cssContentSize"]["width"].as_f64().unwrap();
            if content > f64::from(*width) {
                tour.problems.push(format!("{state}, {screen}: {content} wide"));
            }
            tour.takes_picture(browser, state, Look { screen: (screen, *width, *height), scheme }).await;
        }
    }
}

/// A wide logo. Another image format will do, because only its size matters here.
const LOGO: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1024\" height=\"64\"><rect width=\"1024\" height=\"64\" fill=\"#1c3f6e\"/></svg>";

/// Distance by which the logo reaches beyond its line.
const BEYOND_ITS_LINE: &str = "
    const logo = document.querySelector('.logo');
    return logo.getBoundingClientRect().right - logo.parentElement.getBoundingClientRect().right;
";

/// With the longest texts that users have, on the smallest phones, in a program that drops
/// `word-break` as several do.
#[tokio::test]
async fn long_names_and_addresses_fit_a_small_phone() {
    let stage = Stage::new().await;
    let mut tour = Tour::new("long mails", &stage);
    let browser = stage.browser().await;
    let support_address = ::gatepost::domain::EmailAddress::parse(crate::letters::LONG_ADDRESS).ok();
    let presses = Press::each("Berufsbildendes Lindenschulzentrum Süd-1")
        .map(|press| Press { support_address: support_address.clone(), ..press });
    for (lang, letter, mail) in presses.flat_map(|press| {
        let lang = press.locale.tag().to_string();
        press.all().into_iter().map(move |(letter, mail)| (lang.clone(), letter, mail))
    }) {
        let logo = format!(
            "<img src=\"data:image/svg+xml;base64,{}\" alt=\"\" height=\"40\" class=\"logo\" style=\"display:block;max-height:40px;max-width:100%;height:auto;width:auto;border:0;\"><p class=\"quiet\"",
            STANDARD.encode(LOGO)
        );
        let html = mail.wording.html.replace("word-break:break-all;", "").replacen("<p class=\"quiet\"", &logo, 1);
        browser.open(&format!("data:text/html;base64,{}", STANDARD.encode(html))).await;
        tour.stops += 1;
        for width in [320, 375, 1280] {
            for scheme in SCHEMES {
                let screen = if width < 1000 { "phone" } else { "desk" };
                let screen = (screen, width, 700);
                shows(&browser, screen, scheme).await;
                let layout = browser.devtools("Page.getLayoutMetrics", json!({})).await;
                let content = layout["cssContentSize"]["width"].as_f64().unwrap();
                let name = format!("{} {lang} {width}", letter.kind().as_str());
                if content > f64::from(width) {
                    tour.problems.push(format!("{name}, {}: {content} wide", mail.wording.subject));
                }
                // On a dark card the logo has a plate, which must not reach into the card's margin.
                let beyond = browser.run(BEYOND_ITS_LINE).await.as_f64().unwrap();
                if beyond > 0.5 {
                    tour.problems.push(format!("{name}, {scheme}: the logo reaches {beyond} pixels too far"));
                }
                tour.takes_picture(&browser, &name, Look { screen, scheme }).await;
            }
        }
    }
    tour.ends(&[]).await;
}
