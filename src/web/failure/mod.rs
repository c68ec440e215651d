//! Everything that can keep a route from answering, and how each caller reads it: as a page, as a
//! word for a script, or as an OAuth error. The route's admission decides which.
//!
//! Refusals differ by what the visitor can do about them. Faults are ours: the visitor gets a
//! reference, and the log has all causes under the same reference.

pub mod oauth;
mod page;
mod script;

use super::{
    Note, Reply,
    admission::Admission,
    cookies::Cookies,
    flash::{self, Posted},
    form, json, pages, query,
    request_id::RequestId,
    trouble::Trouble,
};
use crate::{db, domain::Lifetime, sealing::SealFault, services::Services};
use rocket::{
    Request,
    http::Status,
    response::{self, Responder},
};
use std::{error::Error as StdError, fmt, sync::Arc};

/// Seconds until a server that is unavailable may answer again.
const SOON: &str = "5";

#[derive(Debug)]
pub enum Failure {
    /// The request makes no sense.
    BadRequest,
    /// The user, or a request from another site, is not allowed to do this.
    Forbidden,
    NotFound,
    /// A field of the form is missing, unknown or doubled.
    UnreadableForm,
    /// The body is not a form, or has another content type.
    NotAForm,
    /// Too many requests. How long to wait.
    TooMany(Lifetime),
    /// Too many wrong passwords in a row for this address. The user has to sign in another way
    /// first.
    PasswordPauses,
    /// Signing in comes first. Where to come back to.
    SignInFirst {
        return_to: String,
    },
    /// Enrolling the required second factor comes first.
    EnrolFirst,
    /// A step-up comes first. Where to come back to.
    StepUpFirst {
        then: String,
    },
    /// More slow work waits than the server can do in a moment.
    Busy,
    /// The database is unavailable at the moment.
    Unavailable(db::Error),
    /// A defect of ours.
    Fault(Box<dyn StdError + Send + Sync>),
}

impl Failure {
    pub fn fault(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Fault(error.into())
    }

    /// Returns where the failure leads, if anywhere.
    pub fn leads_to(&self) -> Option<String> {
        match self {
            Self::SignInFirst { return_to } => Some(format!("/login?return_to={}", query::encode(return_to))),
            Self::EnrolFirst => Some("/account/security".to_owned()),
            Self::StepUpFirst { then } => Some(format!("/step-up?then={}", query::encode(then))),
            _ => None,
        }
    }

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
                flash::carry(carrier, posted, (&page, note), posted.fields())
            }
            Self::PasswordPauses => {
                let page = posted.back_to(&pages::stands_on(request.rocket(), path));
                flash::carry(carrier, posted, (&page, Note::PasswordPauses), posted.fields())
            }
            Self::SignInFirst { .. } => {
                let Some(account) = posted.whose_ended() else { return plain };
                // The page that ran the script finds the values again.
                let form = if json::is_sent(request) {
                    Some(pages::stands_on(request.rocket(), path)).filter(|_| posted.has_something_typed())
                } else {
                    Some(path.to_owned()).filter(|_| form::is_sent(request))
                };
                let kept = match (form, account) {
                    (None, _) => Ok(None),
                    (Some(_), None) => Ok(Some(false)),
                    (Some(form), Some(account)) => flash::keep(carrier, posted, &form, account).map(Some),
                };
                let to = self.leads_to()?;
                kept.and_then(|kept| flash::carry(carrier, posted, (&to, Note::SessionEnded { kept }), &[]))
            }
            _ => return plain,
        };
        Some(carried.map_err(Self::from))
    }

    const fn status(&self) -> Status {
        match self {
            Self::BadRequest => Status::BadRequest,
            Self::Forbidden => Status::Forbidden,
            Self::NotFound => Status::NotFound,
            Self::UnreadableForm => Status::UnprocessableEntity,
            Self::NotAForm => Status::UnsupportedMediaType,
            Self::TooMany(_) | Self::PasswordPauses => Status::TooManyRequests,
            Self::SignInFirst { .. } | Self::EnrolFirst | Self::StepUpFirst { .. } => Status::SeeOther,
            Self::Busy | Self::Unavailable(_) => Status::ServiceUnavailable,
            Self::Fault(_) => Status::InternalServerError,
        }
    }

    /// Says when to try again, where the failure knows.
    fn with_patience(&self, reply: Reply) -> Reply {
        match self {
            Self::TooMany(wait) if reply.leads_to().is_none() => {
                reply.with_header("Retry-After", wait.as_seconds_up().to_string())
            }
            Self::Busy | Self::Unavailable(_) => reply.with_header("Retry-After", SOON),
            _ => reply,
        }
    }

    /// Notes it for the log line and the metrics, because the answer may be a redirect whose status
    /// says nothing of it.
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

impl From<db::Error> for Failure {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::TooOften(wait) => Self::TooMany(wait),
            error if error.is_unavailable() => Self::Unavailable(error),
            error => Self::fault(error),
        }
    }
}

/// A factor that cannot be unsealed is a fault for the operator, never "wrong code" and never "no
/// factor".
impl From<SealFault> for Failure {
    fn from(fault: SealFault) -> Self {
        Self::fault(fault)
    }
}

impl<'r> Responder<'r, 'static> for Failure {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        self.log(RequestId::of(request));
        self.count(request);
        let admission = Admission::of(request);
        let reply = match admission {
            Admission::Api => oauth::reply(&self),
            Admission::Page | Admission::Script | Admission::Probe => match self.lead_on(request) {
                // A script would follow a redirect before it can read it.
                Some(Ok(reply)) if admission == Admission::Script => reply.leads_to().map(json::go_to).unwrap_or(reply),
                Some(Ok(reply)) => reply,
                Some(Err(failure)) => return failure.respond_to(request),
                None if admission == Admission::Script => script::reply(&self),
                None => page::of(&self, request),
            },
        };
        self.with_patience(reply).respond_to(request)
    }
}

/// Returns the answer where no route failed, but the gate or the router refused.
pub fn answer(status: Status, request: &Request<'_>) -> Reply {
    let reply = match Admission::of(request) {
        Admission::Page | Admission::Probe => page::of_status(status, request),
        Admission::Script => script::of_status(status),
        Admission::Api => oauth::of_status(status),
    };
    if status == Status::ServiceUnavailable { reply.with_header("Retry-After", SOON) } else { reply }
}

/// An error with all its causes on one line.
pub struct Chain<'a>(pub &'a (dyn StdError + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        f.write_str(&said)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let more = error.to_string();
            if !said.contains(&more) {
                write!(f, ": {more}")?;
            }
            said = more;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
