//! `/admin/audit`: who did what, newest first.

use super::audit_words as words;
use crate::{
    db,
    domain::{AuditEntry, Timestamp},
    locale::Locale,
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
    /// The key of what was done.
    action: &'static str,
    subject: String,
    facts: Vec<String>,
    client: Option<String>,
}

impl Row {
    fn new(locale: &Locale, entry: &AuditEntry) -> Self {
        Self {
            at: entry.at,
            actor: words::actor(locale, &entry.actor),
            action: words::action(entry.action),
            subject: words::subject(locale, entry),
            facts: words::facts(locale, entry),
            client: entry.client.map(|client| client.to_string()),
        }
    }
}

#[get("/admin/audit?<page>")]
async fn audit(visit: Visit<'_>, page: Option<u32>) -> Answer {
    let page = i64::from(page.unwrap_or(0));
    // One row more than the page shows tells whether there is a next page.
    let read =
        visit.read_as_admin(Need::signed_in(), move |tx, _| db::audit::page(tx.connection, page * PAGE, PAGE + 1));
    let mut entries = read.await?;
    let more = i64::try_from(entries.len()).is_ok_and(|count| count > PAGE);
    entries.truncate(usize::try_from(PAGE).unwrap_or(0));
    Reply::page(&AuditPage {
        layout: visit.layout(),
        entries: entries.iter().map(|entry| Row::new(&visit.locale, entry)).collect(),
        previous: (page > 0).then(|| page - 1),
        next: more.then(|| page + 1),
    })
}

pub fn routes() -> Vec<Route> {
    routes![audit]
}
