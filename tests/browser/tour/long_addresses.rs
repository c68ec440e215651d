//! Pages that name an address which no line of a phone holds: a company's, and the longest that
//! there is.

use super::Tour;
use crate::stage::{Stage, signing_in_as};

/// 45 letters.
const COMPANY: &str = "maximiliane.oberhuber@klinikum-heidelberg.com";

/// 254 letters (RFC 5321), without a place where a word ends.
fn longest() -> String {
    let (name, label) = ("m".repeat(64), "w".repeat(62));
    format!("{name}@{label}w.{label}.{label}")
}

#[tokio::test]
async fn a_long_address_fits_every_page_that_names_it() {
    let stage = Stage::new().await;
    let mut tour = Tour::new("long-addresses", &stage);
    let longest = longest();
    assert_eq!((COMPANY.len(), longest.len()), (45, 254));
    stage.gatepost.add_admin(COMPANY);
    stage.gatepost.add_account(&longest);
    for email in [COMPANY, &longest] {
        let phone = stage.browser().await;
        phone.asks_for_mail(email).await;
        tour.stops(&phone, "sent", "Check your inbox").await;
        let link = stage.gatepost.mail_to(email, 1).await.link();
        let other = stage.browser().await;
        other.open(&link).await;
        tour.stops(&other, "asked in another browser", "This email was requested in another browser").await;
        other.presses("Sign in on this device instead").await;
        tour.stops(&other, "on this device", "Sign in on this device?").await;
        phone.open(&link).await;
        tour.stops(&phone, "the button", "Sign in to Gatepost").await;
        phone.presses(&signing_in_as(email)).await;
        tour.stops(&phone, "account", "Your account").await;
        phone.open("/account/address").await;
        tour.stops(&phone, "another address", "Change your email address").await;
        phone.open("/account/close").await;
        tour.stops(&phone, "closing", "Close your account").await;
    }
    let ana = stage.signed_in(COMPANY).await;
    ana.open(&stage.gatepost.run(&["link", &longest])).await;
    tour.stops(&ana, "someone else", "You’re signed in as someone else").await;
    ana.open("/admin/people").await;
    tour.stops(&ana, "list", "Users").await;
    ana.presses(&longest).await;
    tour.stops(&ana, "one user", &longest).await;
    ana.open("/admin/mail").await;
    tour.stops(&ana, "emails", "Email").await;
    tour.ends(&[&ana]).await;
}
