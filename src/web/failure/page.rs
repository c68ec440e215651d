//! A failure as a user reads it: a page that says what they can do.

use super::Failure;
use crate::{
    domain::{Lifetime, Settings, assurance::SignInStage},
    live::CurrentUser,
    services::Services,
    web::{
        Assets, Layout, Reply,
        cookies::{Cookies, Name},
        language,
        layout::Alarm,
        request_id::RequestId,
    },
};
use askama::Template;
use rocket::{
    Request,
    http::{Method, Status},
};
use std::sync::Arc;

/// The page of an error.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    layout: Layout,
    status: u16,
    title: String,
    text: String,
    /// The right address, after a request to the wrong one.
    proper: Option<&'a str>,
    /// True if the same page may show in a moment.
    may_pass: bool,
    /// Name of the request in the log.
    reference: &'a str,
}

pub(super) fn of(failure: &Failure, request: &Request<'_>) -> Reply {
    let status = failure.status();
    match failure {
        Failure::TooMany(wait) => {
            let text = PageText { text: "too-many-requests.wait", wait: Some(wait.in_minutes_up()), ..words(status) };
            page(status, &text, request)
        }
        _ => of_status(status, request),
    }
}

/// Returns the page for a status. It needs only memory, so that it works when everything else
/// fails.
pub(super) fn of_status(status: Status, request: &Request<'_>) -> Reply {
    page(status, &words(status), request)
}

/// Texts of an error page, by their keys in the catalogue.
struct PageText {
    title: &'static str,
    text: &'static str,
    /// Time to wait, where the text names it.
    wait: Option<Lifetime>,
}

fn page(status: Status, texts: &PageText, request: &Request<'_>) -> Reply {
    let services = request.rocket().state::<Arc<Services>>();
    let assets = request.rocket().state::<Assets>();
    let reply = services.zip(assets).and_then(|known| in_words(status, texts, request, known).ok());
    reply.unwrap_or_else(|| Reply::text(format!("{status}\n")).with_status(status))
}

fn in_words(
    status: Status,
    texts: &PageText,
    request: &Request<'_>,
    (services, assets): (&Arc<Services>, &Assets),
) -> Result<Reply, Failure> {
    let reference = RequestId::of(request).as_str();
    let settings = services.settings.for_show();
    let known = signed_in(services, &settings, request);
    let account = known.as_ref().map(|known| &known.account);
    let locale = language::choose(request, services, &settings, account);
    let text = locale.say(texts.text);
    let text = texts.wait.map_or_else(|| text.to_string(), |wait| text.clone().with("wait", wait).to_string());
    let title = locale.say(texts.title).to_string();
    let layout = Layout::new(&settings, assets, Arc::clone(&locale), account).with_logo(&services.logo, &settings);
    // As on every other page of a signed-in user.
    let signed_in = known.as_ref().filter(|known| known.stage(&settings) == SignInStage::SignedIn);
    let recovery = signed_in.and_then(|known| known.recovery.as_ref());
    let layout = Layout { alarm: recovery.map(|recovery| Alarm::of(recovery, &locale)), ..layout };
    let proper = Some(services.config.base_url.origin()).filter(|_| status == Status::MisdirectedRequest);
    // A form would have to be sent again.
    let is_short = texts.wait.is_none_or(|wait| wait <= Lifetime::minutes(1));
    let may_pass = matches!(status.code, 429 | 500 | 503) && request.method() == Method::Get && is_short;
    let page = ErrorPage { layout, status: status.code, title, text, proper, may_pass, reference };
    Reply::page_with(status, &page)
}

/// Returns the user whose pages the line at the top leads to, as far as memory knows. An error says
/// no other thing to one user than to another.
fn signed_in(services: &Services, settings: &Settings, request: &Request<'_>) -> Option<CurrentUser> {
    let secret = Cookies::new(request.cookies(), &services.config.base_url).token(Name::Session)?;
    services.sessions.remembered(&secret.hash(), settings, services.now())
}

const fn words(status: Status) -> PageText {
    let (title, text) = match status.code {
        400 => ("request-unreadable", "request-unreadable.text"),
        403 => ("not-allowed", "not-allowed.text"),
        404 => ("page-not-found", "page-not-found.text"),
        405 => ("not-opened-directly", "not-opened-directly.text"),
        408 => ("took-too-long", "took-too-long.text"),
        413 => ("too-large", "too-large.text"),
        415 => ("no-form", "no-form.text"),
        421 => ("wrong-address", "wrong-address.text"),
        422 => ("form-unreadable", "form-unreadable.text"),
        429 => ("too-many-requests", "too-many-requests.text"),
        503 => ("unavailable", "unavailable.text"),
        code if code < 500 => ("unanswerable", "unanswerable.text"),
        _ => ("our-fault", "our-fault.text"),
    };
    PageText { title, text, wait: None }
}
