//! Turns a failure into an answer, as the route's admission says, and notes it.

use super::{Chain, Failure, oauth, page, script};
use crate::{
    services::Services,
    web::{
        Note, Reply, admission::Admission, cookies::Cookies, flash, form, json, pages, posted::Posted,
        request_id::RequestId, trouble::Trouble,
    },
};
use rocket::{
    Request,
    http::Status,
    response::{self, Responder},
};
use std::sync::Arc;

/// Seconds until a server that is unavailable may answer again.
const SOON: &str = "5";

/// Endpoints that apps' scripts ask in the browser.
const FOR_SCRIPTS: [&str; 4] = ["/oidc/token", "/oidc/userinfo", "/oidc/revoke", "/oidc/device_authorization"];

impl Failure {
    /// Returns the redirect, with what the next page says. A refused form leads back to its page,
    /// so that a reload sends nothing.
    fn lead_on(&self, request: &Request<'_>) -> Option<Result<Reply, Self>> {
        let plain = self.leads_to().map(Reply::see_other).map(Ok);
        let Some(services) = request.rocket().state::<Arc<Services>>() else { return plain };
        let cookies = Cookies::new(request.cookies(), &services.config.base_url);
        let (posted, path) = (request.local_cache(Posted::default), request.uri().path().as_str());
        let carrier = (&**services, &cookies);
        let carried = match self {
            Self::TooMany(wait) if form::is_sent(request) => {
                let note = Note::TooOften { until: services.now().plus(*wait).as_millis() };
                let page = posted.back_to(&pages::stands_on(request.rocket(), path));
                flash::carry(carrier, posted, (&page, note), flash::Typed::Here(posted.fields()))
            }
            Self::PasswordPauses => {
                let page = posted.back_to(&pages::stands_on(request.rocket(), path));
                flash::carry(carrier, posted, (&page, Note::PasswordPauses), flash::Typed::Here(posted.fields()))
            }
            Self::SignInFirst { .. } => {
                let Some(account) = posted.whose_ended() else { return plain };
                let is_sent = form::is_sent(request) || json::is_sent(request);
                let form = pages::filled_in_again(path).filter(|_| is_sent);
                let kept = match (form, account) {
                    _ if !posted.has_something_typed() => Ok(None),
                    (Some(form), Some(account)) => flash::keep(carrier, posted, &form, account).map(Some),
                    _ => Ok(Some(false)),
                };
                let to = self.leads_to()?;
                kept.and_then(|kept| {
                    flash::carry(carrier, posted, (&to, Note::SessionEnded { kept }), flash::Typed::Here(&[]))
                })
            }
            _ => return plain,
        };
        Some(carried.map_err(Self::from))
    }

    /// Says when to try again, where the failure knows.
    fn with_timeouts(&self, reply: Reply) -> Reply {
        match self {
            Self::TooMany(wait) if reply.leads_to().is_none() => {
                reply.with_header("Retry-After", wait.as_seconds_up().to_string())
            }
            Self::Busy | Self::Unavailable(_) => reply.with_header("Retry-After", SOON),
            _ => reply,
        }
    }

    /// Notes it for the log line and the metrics. The answer may be a redirect, whose status says
    /// nothing of it.
    fn count(&self, request: &Request<'_>) {
        match self {
            Self::Busy => Trouble::of(request).wrong("busy", None),
            Self::TooMany(_) | Self::PasswordPauses => Trouble::of(request).wrong("limited", None),
            Self::Forbidden => Trouble::of(request).wrong("forbidden", None),
            Self::Unavailable(_) => {
                if let Some(services) = request.rocket().state::<Arc<Services>>() {
                    services.metrics.database_unavailable.inc();
                }
            }
            _ => {}
        }
    }

    fn log(&self, reference: &RequestId) {
        match self {
            Self::Fault(error) => tracing::error!(request = %reference, error = %Chain(&**error), "fault"),
            Self::Unavailable(error) => tracing::warn!(request = %reference, error = %Chain(error), "unavailable"),
            // `web::trouble` writes the line.
            Self::Forbidden
            | Self::Busy
            | Self::TooMany(_)
            | Self::PasswordPauses
            | Self::BadRequest
            | Self::NotFound
            | Self::UnreadableForm
            | Self::NotAForm
            | Self::SignInFirst { .. }
            | Self::EnrolFirst
            | Self::StepUpFirst { .. } => {}
        }
    }
}

impl<'r> Responder<'r, 'static> for Failure {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        self.log(RequestId::of(request));
        self.count(request);
        let admission = Admission::of(request);
        let reply = match admission {
            Admission::Api => readable(oauth::reply(&self), request),
            Admission::Page | Admission::Script | Admission::Probe | Admission::Asset => match self.lead_on(request) {
                // A script would follow a redirect before it can read it.
                Some(Ok(reply)) if admission == Admission::Script => reply.leads_to().map(json::go_to).unwrap_or(reply),
                Some(Ok(reply)) => reply,
                Some(Err(failure)) => return failure.respond_to(request),
                None if admission == Admission::Script => script::reply(&self),
                None => page::of(&self, request),
            },
        };
        self.with_timeouts(reply).respond_to(request)
    }
}

/// Returns the answer where no route failed, but the gate or the router refused.
pub fn answer(status: Status, request: &Request<'_>) -> Reply {
    let reply = match Admission::of(request) {
        Admission::Page | Admission::Probe | Admission::Asset => page::of_status(status, request),
        Admission::Script => script::of_status(status),
        Admission::Api => readable(oauth::of_status(status), request),
    };
    if status == Status::ServiceUnavailable { reply.with_header("Retry-After", SOON) } else { reply }
}

/// Lets any page's script read that its app's request failed, and when to try again. The answer
/// holds fixed words, and no cookie is read on these routes. Which page is an app's is not known
/// while the database is away.
fn readable(reply: Reply, request: &Request<'_>) -> Reply {
    if !FOR_SCRIPTS.contains(&request.uri().path().as_str()) || request.headers().get_one("Origin").is_none() {
        return reply;
    }
    reply.with_header("Access-Control-Allow-Origin", "*").with_header("Access-Control-Expose-Headers", "Retry-After")
}
