//! Forward-auth: a proxy asks about each request for an app. Gatepost says whether the app gets it
//! and whose it is.
//!
//! The way in, each step a redirect and none a write:
//!
//! 1. The check finds no pass. It gives the browser a secret on the app's host. It leads the
//!    browser to `/apps/enter` with the hash of the secret.
//! 2. Gatepost signs the user in, and asks for what the app requires. It leads back to the app's
//!    host with a sealed code ([`enter`]).
//! 3. The check opens the code. The code must be for this app, this host and this browser, and at
//!    most half a minute old. The check sets the app's cookie, a sealed pass that only names the
//!    session.
//! 4. The check opens the pass, looks the session up in memory and judges it anew each time.
//!
//! The app receives its cookie, and nothing that Gatepost or another app accepts.

mod answer;
mod ask;
mod check;
mod enter;
mod loops;
mod notice;
mod pages;
mod proxy_request;
mod sealed;
mod user;

pub(crate) use check::{Judged, judge_early};
pub(crate) use loops::Loops;
pub(crate) use proxy_request::OnWire;
#[cfg(test)]
pub(crate) use proxy_request::ProxyRequest;

use crate::web::Doors;
use rocket::routes;

pub(crate) fn doors() -> Doors {
    let checks = routes![check::forwarded, check::original];
    let pages = routes![enter::enter, enter::again, pages::refused, pages::access, pages::sign_out, ask::ask];
    Doors::probes(checks).tried_first().and(Doors::pages(pages))
}
