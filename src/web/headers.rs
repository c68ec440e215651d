//! Finishes every answer: headers that tell the browser what it must not do, the request's name,
//! compression, the log line.

use super::{
    assets,
    cookies::Cookies,
    guarding::{Guarding, OPENER},
    on_wire::OnWire,
    request_id::RequestId,
    trouble::{self, Floods},
};
use crate::{
    config::{Config, Hsts},
    metrics::{Metrics, RequestLabels},
    services::Services,
};
use flate2::Compression;
use rocket::{
    Data, Request, Response,
    fairing::{Fairing, Info, Kind},
    http::{ContentType, Header},
};
use std::{
    io::Cursor,
    sync::Arc,
    time::{Duration, Instant},
};

/// No inline script or style, nothing from elsewhere, no framing. Forms go only to us. The page
/// itself holds its icon and a small logo (`data:`). A file would cost every new visitor a request.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The same for a page that frames previews of ours.
pub const POLICY_WITH_FRAMES: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
     trusted-types 'none'";

/// Shorter answers are not worth compressing.
const WORTH_COMPRESSING: usize = 1000;

/// Returns the policy of a page with a form for an app. The app may lead on to any other place
/// after the form, and `form-action` would stop that.
pub fn policy_for_a_form_to_an_app() -> String {
    CONTENT_SECURITY_POLICY.replace("form-action 'self'; ", "")
}

pub struct Headers {
    guarding: Vec<(&'static str, &'static str)>,
    logs_requests: bool,
    floods: Floods,
}

#[derive(Clone, Copy)]
struct Begun(Instant);

/// Notes when a request began that the server in front has worked on.
pub fn note_begin(request: &Request<'_>, begun: Instant) {
    request.local_cache(|| Begun(begun));
}

/// Returns which headers the answer gets.
fn guarding_of(request: &Request<'_>, response: &Response<'_>) -> Guarding {
    match Guarding::declared(request) {
        Guarding::All if is_popup(request, response) => Guarding::InPopup,
        declared => declared,
    }
}

impl Headers {
    pub fn new(config: &Config) -> Self {
        Self { guarding: guarding(config), logs_requests: config.log_requests, floods: Floods::default() }
    }

    /// Adds the headers of every answer, or leaves them to the server in front.
    fn protect(&self, request: &Request<'_>, response: &mut Response<'_>) {
        let (guarding, id) = (guarding_of(request, response), RequestId::of(request));
        if let Some(front) = OnWire::of(request) {
            front.leave_guarding(guarding, *id);
            return;
        }
        for (name, value) in self.guarding.iter().filter(|(name, _)| guarding.has(name)) {
            if !response.headers().contains(name) {
                response.set_header(Header::new(*name, *value));
            }
        }
        response.set_header(Header::new("X-Request-Id", id.to_string()));
    }
}

/// The pages of a sign-in. Signing out for another account is part of one: browsers cut the tie at
/// a redirect, too.
const SIGN_IN: [&str; 7] =
    ["/oidc/authorize", "/oidc/consent", "/login", "/logout", "/auth/", "/step-up", "/password/"];

/// Returns whether the page belongs to a sign-in in a window that an app opened and waits for.
/// Other pages keep apart from every window that opened them.
fn is_popup(request: &Request<'_>, response: &Response<'_>) -> bool {
    let path = request.uri().path().as_str();
    if !SIGN_IN.iter().any(|begin| path.starts_with(begin)) {
        return false;
    }
    let Some(services) = request.rocket().state::<Arc<Services>>() else { return false };
    let base_url = &services.config.base_url;
    // The answer that sets the cookie belongs to the window, too.
    Cookies::is_popup(request.cookies(), base_url)
        || response.headers().get("Set-Cookie").any(|line| Cookies::notes_popup(line, base_url))
}

/// Headers of every answer, unless its route sets others.
const GUARDING: [(&str, &str); 8] = [
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Frame-Options", "DENY"),
    ("X-Content-Type-Options", "nosniff"),
    // Not `no-referrer`: with that, browsers send `Origin: null` with our own forms. Browsers too
    // old for Sec-Fetch-Site would then look like an attacker. Other sites get no referrer either
    // way, and the token has left the URL before.
    ("Referrer-Policy", "same-origin"),
    (OPENER, "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    // Nearly every page belongs to one user.
    ("Cache-Control", "no-store"),
];

/// Returns the headers of every answer under this configuration.
pub fn guarding(config: &Config) -> Vec<(&'static str, &'static str)> {
    let transport_security = transport_security(config).map(|value| ("Strict-Transport-Security", value));
    GUARDING.into_iter().chain(transport_security).collect()
}

/// Returns what browsers are told about HTTPS. On http there is nothing to say, because they ignore
/// it there.
fn transport_security(config: &Config) -> Option<&'static str> {
    match config.hsts {
        _ if !config.base_url.is_https() => None,
        Hsts::Off => None,
        Hsts::Host => Some("max-age=63072000"),
        Hsts::Subdomains => Some("max-age=63072000; includeSubDomains"),
    }
}

/// Adds the same headers to an answer that Rocket sends without any fairing.
pub fn guard(request: &Request<'_>, response: &mut Response<'_>) {
    if let Some(services) = request.rocket().state::<Arc<Services>>() {
        Headers::new(&services.config).protect(request, response);
    }
}

#[rocket::async_trait]
impl Fairing for Headers {
    fn info(&self) -> Info {
        Info { name: "Headers", kind: Kind::Request | Kind::Response }
    }

    #[expect(clippy::disallowed_methods, reason = "measures how long the answer takes")]
    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        request.local_cache(|| Begun(Instant::now()));
    }

    #[expect(clippy::disallowed_methods, reason = "measures how long the answer takes")]
    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        self.protect(request, response);
        compress(request, response).await;

        let took = request.local_cache(|| Begun(Instant::now())).0.elapsed();
        let (method, status) = (request.method().as_str(), response.status().code);
        let route = request.route().map_or("-", |route| route.uri.path());
        let answered = Answered { id: *RequestId::of(request), method, route, status, took };
        answered.log(self.logs_requests);
        trouble::write(request, response, &self.floods);
        if let Some(services) = request.rocket().state::<Arc<Services>>() {
            answered.count(&services.metrics);
        }
    }
}

/// An answer, for log and metrics.
pub struct Answered<'a> {
    pub id: RequestId,
    pub method: &'static str,
    /// The route's pattern, never the typed path or the query, because tokens are in the query.
    pub route: &'a str,
    pub status: u16,
    pub took: Duration,
}

impl Answered<'_> {
    pub fn log(&self, logs_requests: bool) {
        let Self { id, method, route, status, took } = self;
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if logs_requests {
            tracing::info!(request = %id, method, route, status, micros, "answered");
        } else {
            tracing::debug!(request = %id, method, route, status, micros, "answered");
        }
    }

    pub fn count(&self, metrics: &Metrics) {
        let labels = RequestLabels { method: self.method, status: class(self.status) };
        metrics.requests.get_or_create(&labels).inc();
        metrics.request_seconds.observe(self.took.as_secs_f64());
    }
}

const fn class(status: u16) -> &'static str {
    match status / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

/// Compresses pages.
///
/// BREACH reads a secret from the compressed length of a page that also holds text chosen by the
/// attacker. Our few pages with a secret hold no text from others.
async fn compress(request: &Request<'_>, response: &mut Response<'_>) {
    if response.body().is_none() {
        return;
    }
    let text = response.content_type().is_some_and(|kind: ContentType| kind.is_html() || kind.is_json());
    if !text || response.headers().contains("Content-Encoding") {
        return;
    }
    response.adjoin_raw_header("Vary", "Accept-Encoding");
    let large = response.body().preset_size().is_some_and(|size| size >= WORTH_COMPRESSING);
    if !large || !assets::takes_gzip(request) {
        return;
    }
    let Ok(plain) = response.body_mut().to_bytes().await else { return };
    let gzip = assets::gzip(&plain, Compression::fast());
    response.set_raw_header("Content-Encoding", "gzip");
    response.set_sized_body(gzip.len(), Cursor::new(gzip));
}
