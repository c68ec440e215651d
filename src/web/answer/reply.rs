//! Answers of a route: a page or a redirect.

use crate::{
    domain::assurance::Strength,
    locale::keep_whole,
    web::{failure::Failure, on_wire::OnWire, query},
};
use askama::Template;
use rocket::{
    Request,
    http::{Header, Status},
    response::{self, Responder, Response},
};
use std::io::Cursor;

/// An answer. The functions below make it, so that each has its content type.
#[derive(Debug)]
pub struct Reply {
    status: Status,
    body: Option<(&'static str, Vec<u8>)>,
    headers: Vec<(&'static str, String)>,
    /// Address to which a page leads on by itself.
    leaves_for: Option<String>,
}

impl Reply {
    pub fn page(page: &impl Template) -> Result<Self, Failure> {
        Self::page_with(Status::Ok, page)
    }

    pub fn page_with(status: Status, page: &impl Template) -> Result<Self, Failure> {
        let html = page.render().map_err(Failure::fault)?;
        Ok(Self::with_body(status, "text/html; charset=utf-8", keep_whole(&html)))
    }

    /// Answers 303: the browser goes to `to` with GET. `to` is a path of ours.
    pub fn see_other(to: impl Into<String>) -> Self {
        let headers = vec![("Location", to.into())];
        Self { status: Status::SeeOther, body: None, headers, leaves_for: None }
    }

    /// Leads the user to step up and then to `path`, where nothing has been filled in yet. `need`
    /// is what an app requires.
    pub fn to_step_up(path: &str, need: Option<Strength>) -> Self {
        let need = need.map(|need| format!("&need={}", need.into_str())).unwrap_or_default();
        Self::see_other(format!("/step-up?then={}{need}", query::encode(path)))
    }

    /// Notes that the page leads on to an app by itself, so that a script can go there without it.
    pub(in crate::web) fn leaving_for(self, url: &str) -> Self {
        Self { leaves_for: Some(url.to_owned()), ..self }
    }

    /// Answers 302 with the address of an app's page: proxies hand it on as it is.
    pub fn found(to: impl Into<String>) -> Self {
        Self::bare(Status::Found).with_header("Location", to)
    }

    /// Answers with a status and no body.
    pub const fn bare(status: Status) -> Self {
        Self { status, body: None, headers: Vec::new(), leaves_for: None }
    }

    fn with_body(status: Status, kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: Some((kind, body.into())), headers: Vec::new(), leaves_for: None }
    }

    pub fn json(value: &serde_json::Value) -> Self {
        Self::with_body(Status::Ok, "application/json", value.to_string())
    }

    /// JSON in many lines, for a file that people read.
    pub fn indented_json(value: &serde_json::Value) -> Self {
        Self::with_body(Status::Ok, "application/json", format!("{value:#}\n"))
    }

    /// A description of a resource (RFC 7033, section 4.4).
    pub fn jrd(value: &serde_json::Value) -> Self {
        Self::with_body(Status::Ok, "application/jrd+json", value.to_string())
    }

    pub fn text(text: impl Into<String>) -> Self {
        Self::with_body(Status::Ok, "text/plain; charset=utf-8", text.into())
    }

    pub fn html(html: impl Into<String>) -> Self {
        Self::with_body(Status::Ok, "text/html; charset=utf-8", html.into())
    }

    /// A file to save. The name is one of ours.
    pub fn file(content_type: &'static str, body: String, name: &str) -> Self {
        let attached = format!("attachment; filename=\"{name}\"");
        Self::with_body(Status::Ok, content_type, body).with_header("Content-Disposition", attached)
    }

    /// Returns where it leads, if anywhere.
    pub fn leads_to(&self) -> Option<&str> {
        let location = self.headers.iter().find(|(name, _)| *name == "Location").map(|(_, to)| to.as_str());
        location.or(self.leaves_for.as_deref())
    }

    /// Lets a form of the page lead to an app, and on from there to any page of the app.
    #[must_use]
    pub fn with_form_to_an_app(self) -> Self {
        self.with_header("Content-Security-Policy", crate::web::headers::policy_for_a_form_to_an_app())
    }

    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl<'r> Responder<'r, 'static> for Reply {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let mut response = Response::build();
        response.status(self.status);
        if let Some((content_type, bytes)) = self.body {
            response.raw_header("Content-Type", content_type).sized_body(bytes.len(), Cursor::new(bytes));
        }
        match OnWire::of(request) {
            Some(front) => front.leave(self.headers),
            None => {
                for (name, value) in self.headers {
                    response.header_adjoin(Header::new(name, value));
                }
            }
        }
        response.ok()
    }
}
