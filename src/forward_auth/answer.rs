//! Answer of a check, in the form that the proxy understands.
//!
//! Most proxies hand every answer without 2xx on to the browser. nginx knows three: 2xx, 401 and
//! 403. A redirect is therefore a 401 with a `Location` there, and nothing is ever "not found".

use super::notice;
use crate::{
    domain::{
        EmailAddress,
        apps::{
            forwarded::{Family, Malformed},
            identity,
            trouble::Trouble,
        },
    },
    web::{Reply, guarding::Guarding},
};
use rocket::{Request, http::Status};

/// Outcome of the check.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The app gets the request and these headers.
    Admit([(&'static str, String); 6]),
    /// The same, without this user's groups: they do not fit into a header.
    AdmitWithoutGroups([(&'static str, String); 6], EmailAddress),
    /// The app gets the request, and learns of no user.
    AdmitUnknown,
    /// The browser is led on.
    Lead(Lead),
    /// A page inside another one shows a link that opens the whole window.
    ShowLink(String),
    SayFormIsLost(String),
    Unauthorized,
    Forbidden,
    NotFound,
    /// No app is at this host.
    UnknownHost,
    /// An admin has turned apps off.
    AppsOff,
    Malformed(Malformed),
    /// No proxy of ours asks.
    NotAProxy,
    /// The database is unavailable, and memory cannot tell.
    Unavailable,
    Fault,
}

/// A redirect. Proxies hand on one cookie at most.
#[derive(Debug)]
pub(super) struct Lead {
    pub to: String,
    pub cookie: Option<String>,
}

impl Outcome {
    /// The name in the metrics.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Admit(_) | Self::AdmitWithoutGroups(..) => "admitted",
            Self::AdmitUnknown => "public",
            Self::Lead(_) | Self::ShowLink(_) => "led",
            Self::SayFormIsLost(_) | Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::UnknownHost => "unknown_host",
            Self::AppsOff => "apps_off",
            Self::Malformed(_) => "malformed",
            Self::NotAProxy => "not_a_proxy",
            Self::Unavailable => "unavailable",
            Self::Fault => "fault",
        }
    }

    /// Returns what the operator should know, and whose account it is about.
    pub(super) fn trouble(&self) -> Option<(Trouble, Option<&EmailAddress>)> {
        match self {
            Self::AdmitWithoutGroups(_, user) => Some((Trouble::GroupsTooLong, Some(user))),
            Self::Malformed(malformed) => Some((Trouble::from(*malformed), None)),
            Self::NotAProxy => Some((Trouble::NotAProxy, None)),
            Self::UnknownHost => Some((Trouble::UnknownHost, None)),
            _ => None,
        }
    }

    pub(super) fn reply(self, family: Family, request: &Request<'_>) -> Reply {
        self.guarding().declare(request);
        match self {
            Self::Admit(headers) | Self::AdmitWithoutGroups(headers, _) => with_headers(headers),
            Self::AdmitUnknown => with_headers(identity::unknown()),
            Self::Lead(Lead { to, cookie }) => {
                let reply = match family {
                    Family::Forwarded => Reply::found(to),
                    Family::Original => Reply::bare(Status::Unauthorized).with_header("Location", to),
                };
                cookie.into_iter().fold(reply, |reply, line| reply.with_header("Set-Cookie", line))
            }
            Self::ShowLink(to) => notice::link(request, &to),
            Self::SayFormIsLost(to) => notice::lost_form(request, &to),
            Self::Unauthorized => Reply::bare(Status::Unauthorized).with_header("WWW-Authenticate", "Gatepost"),
            Self::Forbidden => Reply::bare(Status::Forbidden),
            Self::NotFound => Reply::bare(match family {
                Family::Forwarded => Status::NotFound,
                Family::Original => Status::Forbidden,
            }),
            Self::UnknownHost => for_operators(
                Status::Forbidden,
                "No app of this Gatepost has this host. Add it on the page of the app, or take it out of the proxy's configuration.",
            ),
            Self::AppsOff => notice::apps_off(request),
            Self::Malformed(malformed) => {
                let line = Trouble::from(malformed).line("").map(|line| format!("\n{line}")).unwrap_or_default();
                for_operators(Status::BadRequest, &format!("{malformed}{line}"))
            }
            Self::NotAProxy => for_operators(
                Status::Forbidden,
                "This address is only for proxies whose network GATEPOST_TRUSTED_PROXIES lists.",
            ),
            Self::Unavailable => Reply::bare(Status::ServiceUnavailable).with_header("Retry-After", "5"),
            Self::Fault => Reply::bare(Status::InternalServerError),
        }
    }

    const fn guarding(&self) -> Guarding {
        match self {
            Self::Admit(_) | Self::AdmitWithoutGroups(..) | Self::AdmitUnknown => Guarding::ForProxy,
            Self::NotAProxy => Guarding::All,
            _ => Guarding::ForApp,
        }
    }
}

fn with_headers(headers: [(&'static str, String); 6]) -> Reply {
    headers.into_iter().fold(Reply::bare(Status::Ok), |reply, (name, value)| reply.with_header(name, value))
}

fn for_operators(status: Status, text: &str) -> Reply {
    Reply::text(format!("{text}\n")).with_status(status)
}
