//! `/admin/audit`: who did what, newest first.

use crate::{
    db,
    domain::{AuditEntry, Timestamp, audit::Actor},
    web::{Answer, Layout, Need, Reply, Visit},
};
use askama::Template;
use rocket::{Route, get, routes};

const PAGE: i64 = 100;

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage {
    layout: Layout,
    entries: Vec<Row>,
    previous: Option<i64>,
    next: Option<i64>,
}

struct Row {
    at: Timestamp,
    actor: String,
    action: String,
    subject: String,
    before: Option<String>,
    after: Option<String>,
    client: Option<String>,
}

impl Row {
    fn new(entry: AuditEntry) -> Self {
        Self {
            at: entry.at,
            actor: match entry.actor {
                Actor::Account { email, .. } => email.as_str().to_owned(),
                Actor::CommandLine => "command line".to_owned(),
                Actor::Gatepost => "Gatepost itself".to_owned(),
                Actor::Visitor => "not signed in".to_owned(),
            },
            action: entry.action.as_str().replace('_', " "),
            subject: entry.subject,
            before: entry.before,
            after: entry.after,
            client: entry.client.map(|client| client.to_string()),
        }
    }
}

#[get("/admin/audit?<page>")]
async fn audit(visit: Visit<'_>, page: Option<u32>) -> Answer {
    let page = i64::from(page.unwrap_or(0));
    // One more than is shown tells whether there is a next page.
    let read =
        visit.read_as_admin(Need::signed_in(), move |tx, _| db::audit::page(tx.connection, page * PAGE, PAGE + 1));
    let mut entries = read.await?;
    let more = i64::try_from(entries.len()).is_ok_and(|count| count > PAGE);
    entries.truncate(usize::try_from(PAGE).unwrap_or(0));
    Reply::page(&AuditPage {
        layout: visit.layout(),
        entries: entries.into_iter().map(Row::new).collect(),
        previous: (page > 0).then(|| page - 1),
        next: more.then(|| page + 1),
    })
}

pub fn routes() -> Vec<Route> {
    routes![audit]
}
