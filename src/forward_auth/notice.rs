//! Two small pages that a check shows on an app's host. They load nothing, because our stylesheet is
//! on another origin.

use crate::{
    locale::Locale,
    services::Services,
    web::{Reply, language},
};
use askama::Template;
use rocket::{Request, http::Status};
use std::sync::Arc;

/// Pages of other apps may frame this one: it holds a link and nothing else.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'";

#[derive(Template)]
#[template(path = "forward_auth/notice.html")]
struct Notice<'a> {
    locale: Arc<Locale>,
    title: &'static str,
    text: &'static str,
    link: &'static str,
    href: &'a str,
    /// Where the link opens.
    target: &'static str,
}

/// Leads a page inside another one out of it: Gatepost's pages are shown in no frame.
pub(super) fn link(request: &Request<'_>, to: &str) -> Reply {
    page(request, ["app-in-frame", "app-in-frame.text", "app-in-frame.link"], (to, "_top"))
}

/// A redirect would lose the form. The user signs in elsewhere and sends it again.
pub(super) fn lost_form(request: &Request<'_>, to: &str) -> Reply {
    page(request, ["app-form-waits", "app-form-waits.text", "app-form-waits.link"], (to, "_blank"))
}

fn page(request: &Request<'_>, [title, text, link]: [&'static str; 3], (href, target): (&str, &'static str)) -> Reply {
    let bare = || Reply::bare(Status::Unauthorized);
    let Some(services) = request.rocket().state::<Arc<Services>>() else { return bare() };
    let locale = language::of(request, services);
    let notice = Notice { locale, title, text, link, href, target };
    let page = Reply::page_with(Status::Unauthorized, &notice).unwrap_or_else(|_| bare());
    page.with_header("WWW-Authenticate", "Gatepost").with_header("Content-Security-Policy", POLICY)
}
