//! What a route answers: a page or a redirect.

use super::failure::Failure;
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
    headers: Vec<Header<'static>>,
}

impl Reply {
    pub fn page(page: &impl Template) -> Result<Self, Failure> {
        Self::page_with(Status::Ok, page)
    }

    pub fn page_with(status: Status, page: &impl Template) -> Result<Self, Failure> {
        let html = page.render().map_err(Failure::fault)?;
        Ok(Self { status, body: Some(("text/html; charset=utf-8", html.into_bytes())), headers: Vec::new() })
    }

    /// Answers 303: the browser goes to `to` with GET. `to` is a path of ours.
    pub fn see_other(to: impl Into<String>) -> Self {
        Self { status: Status::SeeOther, body: None, headers: vec![Header::new("Location", to.into())] }
    }

    pub fn json(value: &serde_json::Value) -> Self {
        Self {
            status: Status::Ok,
            body: Some(("application/json", value.to_string().into_bytes())),
            headers: Vec::new(),
        }
    }

    pub fn text(text: impl Into<String>) -> Self {
        Self {
            status: Status::Ok,
            body: Some(("text/plain; charset=utf-8", text.into().into_bytes())),
            headers: Vec::new(),
        }
    }

    pub fn html(html: impl Into<String>) -> Self {
        Self {
            status: Status::Ok,
            body: Some(("text/html; charset=utf-8", html.into().into_bytes())),
            headers: Vec::new(),
        }
    }

    /// Returns where it leads, if anywhere.
    pub fn leads_to(&self) -> Option<&str> {
        self.headers.iter().find(|header| header.name == "Location").map(Header::value)
    }

    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push(Header::new(name, value.into()));
        self
    }
}

impl<'r> Responder<'r, 'static> for Reply {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let mut response = Response::build();
        response.status(self.status);
        if let Some((content_type, bytes)) = self.body {
            response.raw_header("Content-Type", content_type).sized_body(bytes.len(), Cursor::new(bytes));
        }
        for header in self.headers {
            response.header_adjoin(header);
        }
        response.ok()
    }
}
