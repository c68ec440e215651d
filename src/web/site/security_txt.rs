//! `/.well-known/security.txt` (RFC 9116): where to report a vulnerability. It exists only where
//! the settings name an address for help.

use crate::{
    domain::{EmailAddress, Lifetime},
    services::Services,
    web::{Answer, Failure, Reply},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rocket::{Route, State, get, routes};
use std::sync::Arc;

const PATH: &str = "/.well-known/security.txt";

/// Time for which a reader may keep it, because the address may change.
const GOOD_FOR: Lifetime = Lifetime::days(30);

/// Characters of an address that a `mailto:` URI leaves as they are.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_').remove(b'~').remove(b'+');

#[get("/.well-known/security.txt")]
async fn security_txt(services: &State<Arc<Services>>) -> Answer {
    let settings = services.settings().await?;
    let contact = settings.support_address.as_ref().ok_or(Failure::NotFound)?;
    let languages: Vec<_> = services.catalogue.locales().iter().map(|locale| locale.tag().as_str()).collect();
    Ok(Reply::text(format!(
        "Contact: {}\nExpires: {}\nPreferred-Languages: {}\nCanonical: {}\n",
        mailto(contact),
        services.now().plus(GOOD_FOR).rfc3339(),
        languages.join(", "),
        services.config.base_url.join(PATH),
    )))
}

fn mailto(address: &EmailAddress) -> String {
    let (name, domain) = address.as_str().rsplit_once('@').unwrap_or((address.as_str(), ""));
    format!("mailto:{}@{domain}", utf8_percent_encode(name, PLAIN))
}

pub fn routes() -> Vec<Route> {
    routes![security_txt]
}
