//! The way on from the end of a sign-in or a step-up. It leads to a page of ours, or to an app.
//!
//! Chromium applies `form-action 'self'` to every redirect after a form. A redirect to an app's
//! origin would end there, without a word. The answer is therefore a page that leads on by itself.
//! It needs no script, and shows the user where they are going (ASVS 5.0, 3.7.3).

use crate::{
    domain::{AppUrl, Destination, oidc::AppAnswer},
    web::{Answer, Layout, Reply, Visit},
};
use askama::Template;
use rocket::{
    Request,
    request::{FromRequest, Outcome},
};
use std::convert::Infallible;

#[derive(Template)]
#[template(path = "leaving.html")]
struct LeavingPage<'a> {
    layout: Layout,
    url: &'a str,
    /// Host of the app, in the reader's script where no look-alike can hide.
    host: String,
}

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPage<'a> {
    layout: Layout,
    url: &'a str,
    fields: &'a [(String, String)],
    /// Host of the app, in the reader's script where no look-alike can hide.
    host: String,
}

/// Way by which a browser came here, as far as it matters for the way on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// From a page of ours, perhaps after a form. A redirect to an app could end unseen.
    FromOurPage,
    /// From an app, a bookmark or another place.
    FromElsewhere,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Arrival {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        let headers = request.headers();
        let is_ours = match headers.get_one("Sec-Fetch-Site") {
            Some(site) => site == "same-origin",
            // An older browser. The policy for referrers lets it name our pages to us alone.
            None => headers.get_one("Referer").is_some(),
        };
        Outcome::Success(if is_ours { Self::FromOurPage } else { Self::FromElsewhere })
    }
}

impl Visit<'_> {
    /// Leads to a page of ours by a redirect, to an app by a page. Only a [`Destination`] leads to
    /// another origin: no text of a request makes one for an app.
    pub fn lead_to(&self, destination: &Destination) -> Answer {
        match destination {
            Destination::Local(path) => Ok(Reply::see_other(path.as_str())),
            Destination::App { url, .. } => self.leave_for(url),
        }
    }

    /// Leads to an app by a redirect, for a user who comes from there. No form of ours began the
    /// way.
    pub fn lead_back_to(&self, destination: &Destination) -> Answer {
        match destination {
            Destination::Local(path) => Ok(Reply::see_other(path.as_str())),
            Destination::App { url, .. } => Ok(Reply::found(url.as_str())),
        }
    }

    fn leave_for(&self, url: &AppUrl) -> Answer {
        let mut host = self.locale.domain(url.host());
        if let Some(port) = url.port() {
            host = format!("{host}:{port}");
        }
        self.leaving_page(url.as_str(), host)
    }

    /// Brings an app its answer: by a page if the browser comes from one of ours, else by a
    /// redirect.
    pub fn answer_app(&self, answer: &AppAnswer, arrival: Arrival) -> Answer {
        if !answer.fields().is_empty() {
            return self.form_page(answer);
        }
        match arrival {
            Arrival::FromElsewhere => Ok(Reply::see_other(answer.url())),
            Arrival::FromOurPage => {
                let is_host = answer.is_web();
                let place = if is_host { self.locale.domain(answer.place()) } else { answer.place().to_owned() };
                self.leaving_page(answer.url(), place)
            }
        }
    }

    /// Brings an app its answer in a form. A script sends it; without one, the user presses the
    /// button.
    fn form_page(&self, answer: &AppAnswer) -> Answer {
        let place = if answer.is_web() { self.locale.domain(answer.place()) } else { answer.place().to_owned() };
        let (layout, url, fields) = (self.plain_layout(), answer.url(), answer.fields());
        let page = FormPage { layout, url, fields, host: place };
        Ok(Reply::page(&page)?.leaving_for(url).with_form_to_an_app())
    }

    fn leaving_page(&self, url: &str, host: String) -> Answer {
        let page = LeavingPage { layout: self.plain_layout(), url, host };
        Ok(Reply::page(&page)?.leaving_for(url))
    }
}
