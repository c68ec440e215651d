//! "Open the app again?": the user has signed out of one app, and the next way in asks. Proxies and
//! OpenID Connect lead here alike.

use crate::{
    domain::apps::App,
    web::{Answer, Layout, Visit},
};
use askama::Template;

#[derive(Template)]
#[template(path = "come_back.html")]
struct ComeBackPage<'a> {
    layout: Layout,
    app: &'a str,
    slug: &'a str,
    /// The page of ours that leads to the app.
    again: &'a str,
}

/// Asks a user who signed out of the app. The button of the page leads on to `again`.
pub fn page(visit: &Visit<'_>, App { name, slug, .. }: &App, again: &str) -> Answer {
    visit.page(&ComeBackPage { layout: visit.layout(), app: name.as_str(), slug: slug.as_str(), again })
}
