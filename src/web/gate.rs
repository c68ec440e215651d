//! Refuses, before any route, what no route should see:
//!
//! - a request for another host: links and checks go by the configured base URL, and whoever comes by another name is lost or
//!   playing with it;
//! - a method in disguise: Rocket turns a POSTed form whose first field is `_method` into that method before anything else
//!   runs, so a "GET" could carry a form and a form could skip the next check;
//! - a change asked for by another site: `Sec-Fetch-Site` must say same-origin, or where a browser does not send it, `Origin`
//!   must be ours. Neither present means refused. A sibling host is another site here.
//!
//! Decided by the method on the wire, for all routes at once, so that no new route can forget it.

use super::{Reply, client, failure::error_page};
use crate::{config::BaseUrl, metrics::kind, services::Services};
use rocket::{
    Data, Request, Route,
    fairing::{Fairing, Info, Kind},
    get,
    http::{Method, Status, uri::Origin},
    request::{FromRequest, Outcome},
    routes,
};
use std::{convert::Infallible, sync::Arc};

pub struct Gate(pub BaseUrl);

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Host,
    /// More than one Host, or none.
    HostCount,
    MethodOverride,
    CrossSite,
    Forwarding,
}

impl Refusal {
    const fn status(self) -> Status {
        match self {
            Self::Host => Status::MisdirectedRequest,
            Self::HostCount | Self::MethodOverride | Self::Forwarding => Status::BadRequest,
            Self::CrossSite => Status::Forbidden,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Host | Self::HostCount => "host",
            Self::MethodOverride => "method_override",
            Self::CrossSite => "cross_site",
            Self::Forwarding => "forwarding",
        }
    }
}

/// Where refused requests end. Its name cannot be asked for by accident.
const REFUSED: &str = "/-/refused";

#[rocket::async_trait]
impl Fairing for Gate {
    fn info(&self) -> Info {
        Info { name: "Gate", kind: Kind::Request }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        let Some(refusal) = refusal(request, &self.0) else { return };
        let services = request.rocket().state::<Arc<Services>>();
        if let Some(services) = services {
            services.metrics.refused.get_or_create(&kind(refusal.as_str())).inc();
        }
        tracing::warn!(request = %super::request_id::RequestId::of(request), reason = refusal.as_str(), "refused at the gate");
        request.local_cache(|| Some(refusal));
        request.set_method(Method::Get);
        request.set_uri(Origin::path_only(REFUSED));
    }
}

fn refusal(request: &Request<'_>, base_url: &BaseUrl) -> Option<Refusal> {
    let headers = request.headers();
    // Probes ask by address, not by name, and get nothing but "ok".
    if !request.uri().path().starts_with("/health/") {
        let mut hosts = headers.get("Host");
        match (hosts.next(), hosts.next()) {
            (Some(host), None) if base_url.is_authority(host) => {}
            (Some(_), None) => return Some(Refusal::Host),
            _ => return Some(Refusal::HostCount),
        }
    }
    if client::address(request).is_err() {
        return Some(Refusal::Forwarding);
    }
    let is_form = request.content_type().is_some_and(|kind| kind.is_form() || kind.is_form_data());
    if is_form && request.method() != Method::Post {
        return Some(Refusal::MethodOverride);
    }
    if matches!(request.method(), Method::Get | Method::Head | Method::Options | Method::Trace) {
        return None;
    }
    // Each header once: what a proxy and a server read differently is nobody's honest request.
    let once = |name| {
        let mut values = headers.get(name);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(Refusal::CrossSite),
        }
    };
    let same = match (once("Sec-Fetch-Site"), once("Origin")) {
        (Ok(Some(site)), Ok(_)) => site == "same-origin",
        (Ok(None), Ok(Some(origin))) => base_url.is_origin(origin),
        _ => false,
    };
    (!same).then_some(Refusal::CrossSite)
}

/// The refusal of this request; none if somebody simply asked for this path.
struct Refused(Option<Refusal>, Reply);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Refused {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        let refusal: Option<Refusal> = *request.local_cache(|| None);
        let status = refusal.map_or(Status::NotFound, Refusal::status);
        Outcome::Success(Self(refusal, error_page(status, request)))
    }
}

#[get("/-/refused")]
fn refused(refused: Refused) -> Reply {
    let Refused(refusal, page) = refused;
    // A connection that carries disguises may carry more of them.
    if refusal == Some(Refusal::HostCount) { page.with_header("Connection", "close") } else { page }
}

pub fn routes() -> Vec<Route> {
    routes![refused]
}
