//! Refuses, before any route, what no route should see:
//!
//! - A request for another host. Links and checks follow the configured base URL. A GET under
//!   another loopback name is led to the base URL.
//! - A method in disguise. Rocket turns a POSTed form whose first field is `_method` into that
//!   method before anything else runs. A "GET" could then carry a form, and a form could skip the
//!   next check.
//! - A change from another site, which includes sibling hosts. `Sec-Fetch-Site` must say
//!   same-origin; where a browser does not send it, `Origin` must be ours. A request with neither
//!   is refused.
//! - Another spelling of a path: `//admin`, `/%61dmin` and `/admin/` are not `/admin`. A proxy
//!   compares letters, so that a second spelling would go past its rules.
//! - A request for a part that an admin has turned off.
//!
//! The gate decides by the method on the wire. It guards all routes at once, so that no new route
//! can forget it. A route that needs another rule declares it: see [`Admission`].

use super::{Reply, admission::Admission, client, failure, pages, turned_off};
use crate::{
    config::{BackChannelUrl, BaseUrl},
    metrics::kind,
    services::Services,
};
use rocket::{
    Data, Request, Route,
    fairing::{Fairing, Info, Kind},
    get,
    http::{Method, Status, uri::Origin},
    request::{FromRequest, Outcome},
    routes,
};
use std::{convert::Infallible, sync::Arc};

pub struct Gate {
    base_url: BaseUrl,
    /// A second address, for the endpoints that apps' servers ask and for nothing else.
    back_channel: Option<BackChannelUrl>,
}

/// Endpoints that apps' servers may ask under the second address.
const BACK_CHANNEL: [&str; 6] = [
    "/oidc/token",
    "/oidc/userinfo",
    "/oidc/jwks.json",
    "/oidc/introspect",
    "/oidc/revoke",
    "/oidc/device_authorization",
];

impl Gate {
    pub const fn new(base_url: BaseUrl, back_channel: Option<BackChannelUrl>) -> Self {
        Self { base_url, back_channel }
    }

    /// Returns whether a request may come under this `Host`.
    fn is_ours(&self, host: &str, request: &Request<'_>) -> bool {
        let is_for_apps = || BACK_CHANNEL.contains(&request.uri().path().as_str());
        let is_second = |own: &BackChannelUrl| own.is_authority(host) && is_for_apps();
        self.base_url.is_authority(host) || self.back_channel.as_ref().is_some_and(is_second)
    }
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateRefusal {
    /// The body did not come in time.
    SlowBody,
    /// The body broke off or was malformed.
    BrokenBody,
    /// Too many bodies wait, of this client or of all.
    NoRoom,
    Host,
    /// The request has no Host header, or several.
    HostCount,
    MethodOverride,
    CrossSite,
    Forwarding,
    Spelling,
    /// An admin has turned this part off.
    TurnedOff,
}

/// Outcome of a request that no route sees.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Detour {
    Refused(GateRefusal),
    /// It is led to the canonical spelling of its address.
    Led(String),
}

impl GateRefusal {
    const fn status(self) -> Status {
        match self {
            Self::SlowBody => Status::RequestTimeout,
            Self::NoRoom => Status::ServiceUnavailable,
            Self::Host => Status::MisdirectedRequest,
            Self::BrokenBody | Self::HostCount | Self::MethodOverride | Self::Forwarding => Status::BadRequest,
            Self::CrossSite => Status::Forbidden,
            Self::Spelling | Self::TurnedOff => Status::NotFound,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::SlowBody => "slow_body",
            Self::BrokenBody => "broken_body",
            Self::NoRoom => "no_room",
            Self::Host | Self::HostCount => "host",
            Self::MethodOverride => "method_override",
            Self::CrossSite => "cross_site",
            Self::Forwarding => "forwarding",
            Self::Spelling => "spelling",
            Self::TurnedOff => "turned_off",
        }
    }

    /// Returns whether the connection has to close. The server could take the rest of a body for
    /// the next request, or further requests may carry disguises.
    const fn ends_connection(self) -> bool {
        matches!(self, Self::SlowBody | Self::BrokenBody | Self::NoRoom | Self::HostCount)
    }
}

/// Refusal by the server in front, before Rocket saw the request.
#[derive(Clone, Copy)]
struct Foreseen(Option<GateRefusal>);

/// Refuses a request for what the server in front of Rocket's routes found. The answer is then like
/// every other refusal's.
pub fn refuse(request: &Request<'_>, refusal: GateRefusal) {
    request.local_cache(|| Foreseen(Some(refusal)));
}

/// Path at which refused requests end. No client asks for this name by accident.
const REFUSED: &str = "/-/refused";

#[rocket::async_trait]
impl Fairing for Gate {
    fn info(&self) -> Info {
        Info { name: "Gate", kind: Kind::Request }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        // Before the request gets the address where refused ones end.
        let admission = Admission::of(request);
        let Foreseen(foreseen) = *request.local_cache(|| Foreseen(None));
        let detour = match under_another_name(request, &self.base_url, admission).filter(|_| foreseen.is_none()) {
            Some(to) => Detour::Led(to),
            None => match foreseen.or_else(|| refusal(request, self, admission)) {
                Some(refusal) => {
                    note(request, refusal);
                    Detour::Refused(refusal)
                }
                None => match (canonical(request), turned_off::is_turned_off(request).await) {
                    (Some(to), _) => Detour::Led(to),
                    (None, true) => {
                        note(request, GateRefusal::TurnedOff);
                        Detour::Refused(GateRefusal::TurnedOff)
                    }
                    (None, false) => return,
                },
            },
        };
        request.local_cache(|| Some(detour));
        request.set_method(Method::Get);
        request.set_uri(Origin::path_only(REFUSED));
    }
}

fn note(request: &Request<'_>, refusal: GateRefusal) {
    if let Some(services) = request.rocket().state::<Arc<Services>>() {
        services.metrics.refused.get_or_create(&kind(refusal.as_str())).inc();
    }
    super::trouble::Trouble::of(request).wrong(refusal.as_str(), None);
}

/// Returns the canonical spelling of an address with an extra slash at its end, where such a page
/// exists.
fn canonical(request: &Request<'_>) -> Option<String> {
    let (path, query) = (request.uri().path().as_str(), request.uri().query());
    let path = path.strip_suffix('/').filter(|path| !path.is_empty())?;
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("{path}{query}"))
}

/// Returns whether a path is a second spelling. Our paths have no percent-encoded octet and no
/// empty segment.
fn is_misspelt(request: &Request<'_>) -> bool {
    let path = request.uri().path().as_str();
    if !path.starts_with('/') || path.contains('%') || path.contains("//") {
        return true;
    }
    let Some(canonical) = path.strip_suffix('/').filter(|path| !path.is_empty()) else { return false };
    // A link with an extra slash is led on. Our forms never have one.
    let is_led = matches!(request.method(), Method::Get | Method::Head);
    !(is_led && pages::methods(request.rocket(), canonical).contains(&Method::Get))
}

/// Returns the page's address under the base URL after a request under another loopback name. Only
/// loopback names count, so that this is no open redirect.
fn under_another_name(request: &Request<'_>, base_url: &BaseUrl, admission: Admission) -> Option<String> {
    let is_look = matches!(request.method(), Method::Get | Method::Head) && request.content_type().is_none();
    let mut hosts = request.headers().get("Host");
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return None };
    if !is_look || !base_url.is_alias(host) || !admission.leads_to_our_host() {
        return None;
    }
    Some(base_url.join(&request.uri().to_string()))
}

fn refusal(request: &Request<'_>, gate: &Gate, admission: Admission) -> Option<GateRefusal> {
    let headers = request.headers();
    if admission.is_of_our_host() {
        let mut hosts = headers.get("Host");
        match (hosts.next(), hosts.next()) {
            (Some(host), None) if gate.is_ours(host, request) => {}
            (Some(_), None) => return Some(GateRefusal::Host),
            _ => return Some(GateRefusal::HostCount),
        }
    }
    if is_misspelt(request) {
        return Some(GateRefusal::Spelling);
    }
    if admission.is_of_our_host() && client::address(request).is_err() {
        return Some(GateRefusal::Forwarding);
    }
    let is_form = request.content_type().is_some_and(|kind| kind.is_form() || kind.is_form_data());
    let is_look = matches!(request.method(), Method::Get | Method::Head);
    let may_look_like_a_form = is_look && admission.takes_looks_that_look_like_forms();
    if is_form && request.method() != Method::Post && !may_look_like_a_form {
        return Some(GateRefusal::MethodOverride);
    }
    if is_look || matches!(request.method(), Method::Options | Method::Trace) {
        return None;
    }
    if !admission.takes_changes_only_from_our_pages() {
        return None;
    }
    // Each header once: an attacker doubles headers that a proxy and a server read differently.
    let once = |name| {
        let mut values = headers.get(name);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(GateRefusal::CrossSite),
        }
    };
    let same = match (once("Sec-Fetch-Site"), once("Origin")) {
        (Ok(Some(site)), Ok(_)) => site == "same-origin",
        (Ok(None), Ok(Some(origin))) => gate.base_url.is_origin(origin),
        _ => false,
    };
    (!same).then_some(GateRefusal::CrossSite)
}

/// The answer to a request that no route sees; 404 if a visitor simply asked for this path.
struct RefusedReply(Reply);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for RefusedReply {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        let detour: &Option<Detour> = request.local_cache(|| None);
        Outcome::Success(Self(match detour {
            None => failure::answer(Status::NotFound, request),
            Some(Detour::Led(to)) => Reply::see_other(to.as_str()),
            Some(Detour::Refused(refusal)) if refusal.ends_connection() => {
                failure::answer(refusal.status(), request).with_header("Connection", "close")
            }
            Some(Detour::Refused(refusal)) => failure::answer(refusal.status(), request),
        }))
    }
}

#[get("/-/refused")]
fn refused(refused: RefusedReply) -> Reply {
    refused.0
}

pub fn routes() -> Vec<Route> {
    routes![refused]
}
