//! "Set up a second factor first": an app requires one that its user does not have. Proxies and
//! OpenID Connect lead here alike, and adding the factor leads on to the app.

use crate::{
    domain::assurance::Strength,
    web::{Answer, Failure, Layout, Visit},
};
use askama::Template;

#[derive(Template)]
#[template(path = "enrol_first.html")]
struct EnrolPage<'a> {
    layout: Layout,
    app: &'a str,
    needs_passkey: bool,
    /// No user can set up what the app requires, because it is turned off or the address allows no
    /// passkeys.
    is_impossible: bool,
    /// The way to the app.
    again: &'a str,
}

/// Shows the page. `again` is the page of ours that leads to the app.
pub fn page(visit: &Visit<'_>, (app, needs_passkey): (&str, bool), again: &str) -> Answer {
    let required = if needs_passkey { Strength::Passkey } else { Strength::Two };
    let is_impossible = !required.is_offered(&visit.settings);
    if !is_impossible {
        visit.cookies.set_way_on(again);
    }
    visit.page(&EnrolPage { layout: visit.layout(), app, needs_passkey, is_impossible, again })
}

/// Notes the way to the app where a user has to set up a second factor for Gatepost itself.
pub fn note_way_on<T>(visit: &Visit<'_>, result: Result<T, Failure>, again: &str) -> Result<T, Failure> {
    if matches!(result, Err(Failure::EnrolFirst)) {
        visit.cookies.set_way_on(again);
    }
    result
}
