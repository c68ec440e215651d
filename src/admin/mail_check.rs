//! `/admin/mail/check`: what other email servers find in the DNS about our emails.

use crate::{
    mail_doctor::{self as doctor, Finding, Outcome},
    web::{Answer, Layout, Need, Visit},
};
use askama::Template;
use rocket::{Route, get, routes};

#[derive(Template)]
#[template(path = "admin/mail_check.html")]
struct CheckPage {
    layout: Layout,
    domain: String,
    /// `None` until the admin asks.
    rows: Option<Vec<Row>>,
}

struct Row {
    /// Keys of the words.
    part: &'static str,
    outcome: &'static str,
    is_bad: bool,
    is_good: bool,
    words: String,
    publish: Option<String>,
}

/// Shows the button, and with `now` what was found. Looking takes a few seconds.
#[get("/admin/mail/check?<now>")]
async fn check(visit: Visit<'_>, now: Option<&str>) -> Answer {
    visit.require_admin()?;
    // A disabled or dismissed admin asks nothing.
    visit.read_as_admin(Need::signed_in(), |_, _| Ok(())).await?;
    let services = visit.services;
    let rows = if now.is_some() {
        let (talk, records) =
            tokio::join!(doctor::talk(&services.config), doctor::records(&services.config, &services.entropy));
        let now = services.now();
        let server = vec![doctor::server(&talk), doctor::certificate(&talk, now)];
        let found = [server, records, vec![doctor::clock(&talk, now)]].concat();
        Some(found.into_iter().map(|finding| row(&visit, finding)).collect())
    } else {
        None
    };
    let domain = services.config.mail_from.address.domain().to_owned();
    visit.page(&CheckPage { layout: visit.layout(), domain, rows })
}

fn row(visit: &Visit<'_>, finding: Finding) -> Row {
    Row {
        part: finding.part.label(),
        outcome: finding.outcome.label(),
        is_bad: finding.outcome == Outcome::Bad,
        is_good: finding.outcome == Outcome::Good,
        words: finding.words(&visit.locale),
        publish: finding.publish,
    }
}

pub(super) fn routes() -> Vec<Route> {
    routes![check]
}
