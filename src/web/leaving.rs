//! The way on from the end of a sign-in or a step-up: to a page of ours, or to an app.
//!
//! Chromium applies `form-action 'self'` to every redirect after a form. A redirect to an app's
//! origin would end there, without a word. The answer is therefore a page that leads on by itself.
//! It needs no script, and shows the user where they are going (ASVS 5.0, 3.7.3).

use super::{Answer, Layout, Reply, Visit};
use crate::domain::{AppUrl, Destination};
use askama::Template;

#[derive(Template)]
#[template(path = "leaving.html")]
struct LeavingPage<'a> {
    layout: Layout,
    url: &'a AppUrl,
    /// Host of the app, in the reader's script where no look-alike can hide.
    host: String,
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

    fn leave_for(&self, url: &AppUrl) -> Answer {
        let mut host = self.locale.domain(url.host());
        if let Some(port) = url.port() {
            host = format!("{host}:{port}");
        }
        let page = LeavingPage { layout: self.plain_layout(), url, host };
        Ok(Reply::page(&page)?.leaving_for(url))
    }
}
