//! Pages about requests that say nothing an app may be told.

use crate::web::{Answer, Layout, Reply, Visit};
use askama::Template;
use rocket::http::Status;

/// Problem of a request, by the keys of its texts.
#[derive(Clone, Copy)]
pub(super) enum Problem {
    UnknownApp,
    /// The address is missing.
    NoAddress,
    /// The address is not registered. It is shown, so that an admin can add it.
    WrongAddress,
    TooLong,
    Unreadable,
}

impl Problem {
    const fn key(self) -> &'static str {
        match self {
            Self::UnknownApp => "oidc-unknown-app",
            Self::NoAddress => "oidc-no-address",
            Self::WrongAddress => "oidc-wrong-address",
            Self::TooLong => "oidc-too-long",
            Self::Unreadable => "oidc-unreadable",
        }
    }
}

#[derive(Template)]
#[template(path = "oidc/problem.html")]
struct ProblemPage<'a> {
    layout: Layout,
    text: &'static str,
    app: &'a str,
    address: &'a str,
}

/// Shows what is wrong. `app` and `address` are empty where they do not matter.
pub(super) fn page(visit: &Visit<'_>, problem: Problem, (app, address): (&str, &str)) -> Answer {
    let page = ProblemPage { layout: visit.plain_layout(), text: problem.key(), app, address };
    Reply::page_with(Status::BadRequest, &page)
}
