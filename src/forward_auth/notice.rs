//! Three small pages that a check shows on an app's host. They load nothing, because our stylesheet
//! is on another origin. Their few styles are part of the page.

use crate::{
    locale::Locale,
    services::Services,
    web::{Reply, language},
};
use askama::{Template, filters::Safe};
use base64::{Engine, engine::general_purpose::STANDARD};
use rocket::{Request, http::Status};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The ground has a colour, because checks of contrast cannot judge text on one without a colour.
const STYLES: &str = "html{background:Canvas}\
body{margin:0;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}\
main{max-width:25rem;margin:2rem auto;padding:1.25rem;border:1px solid #8888;border-radius:.75rem}\
h1{font-size:1.5rem;line-height:1.25}\
p:first-child{margin-top:0;font-weight:600}\
p:last-child{margin-bottom:0}\
a{display:block;padding:.75rem 1.25rem;border-radius:.5rem;background:CanvasText;color:Canvas;font-weight:600;text-align:center;text-decoration:none}";

/// Pages of other apps may frame this one: it holds at most a link. No other styles than these
/// count.
fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLES));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

#[derive(Template)]
#[template(path = "forward_auth/notice.html")]
struct Notice<'a> {
    locale: Arc<Locale>,
    styles: Safe<&'static str>,
    product: &'a str,
    title: &'static str,
    text: &'static str,
    link: Option<Link<'a>>,
}

struct Link<'a> {
    text: &'static str,
    href: &'a str,
    /// Window in which it opens.
    target: &'static str,
}

/// Leads a page inside another one out of it: Gatepost's pages are shown in no frame.
pub(super) fn link(request: &Request<'_>, to: &str) -> Reply {
    let link = Link { text: "app-in-frame.link", href: to, target: "_top" };
    sign_in(request, ["app-in-frame", "app-in-frame.text"], link)
}

/// A redirect would lose the form. The user signs in elsewhere and sends it again.
pub(super) fn lost_form(request: &Request<'_>, to: &str) -> Reply {
    let link = Link { text: "app-form-waits.link", href: to, target: "_blank" };
    sign_in(request, ["app-form-waits", "app-form-waits.text"], link)
}

/// Says that no app can be opened. It leads nowhere, because no user can change that.
pub(super) fn apps_off(request: &Request<'_>) -> Reply {
    page(request, Status::Forbidden, (["apps-turned-off", "apps-turned-off.text"], None))
}

fn sign_in(request: &Request<'_>, words: [&'static str; 2], link: Link<'_>) -> Reply {
    page(request, Status::Unauthorized, (words, Some(link))).with_header("WWW-Authenticate", "Gatepost")
}

fn page(request: &Request<'_>, status: Status, ([title, text], link): ([&'static str; 2], Option<Link<'_>>)) -> Reply {
    let bare = || Reply::bare(status);
    let Some(services) = request.rocket().state::<Arc<Services>>() else { return bare() };
    let locale = language::of(request, services);
    let settings = services.settings.for_show();
    let notice = Notice { locale, styles: Safe(STYLES), product: &settings.product_name, title, text, link };
    let page = Reply::page_with(status, &notice).unwrap_or_else(|_| bare());
    page.with_header("Content-Security-Policy", policy())
}
