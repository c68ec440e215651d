//! `/admin/audit`: who did what, newest first, as a page and as files.

use super::{
    ROWS,
    audit_asked::Asked,
    audit_files as files,
    audit_lines::{Shown, named},
};
use crate::{
    db::{
        self,
        audit_pages::{Found, Place, Start},
    },
    domain::{AuditKind, Timestamp},
    telling::audit::{self as words, Words},
    web::{Answer, Layout, Need, Reply, Visit},
};
use askama::{Template, filters::Safe};
use rocket::{Route, get, routes};
use strum::VariantArray;

const PATH: &str = "/admin/audit";

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage<'a> {
    layout: Layout,
    rows: Vec<Row>,
    text: &'a str,
    /// The account that the page is limited to: its id, its address, and the page without that
    /// limit.
    user: Option<(String, String, String)>,
    kinds: Vec<(&'static str, &'static str, bool)>,
    days: (&'a str, &'a str),
    is_filtered: bool,
    /// True if the list is filtered by more than its user.
    is_filtered_further: bool,
    links: Links,
    /// Up to when a search without a match has looked.
    looked_to: Option<Timestamp>,
    csv: String,
    json: String,
}

struct Row {
    at: Timestamp,
    /// With links to users.
    sentence: Safe<String>,
    browser: Option<String>,
    client: Option<String>,
}

#[derive(Default)]
struct Links {
    newest: Option<String>,
    newer: Option<String>,
    older: Option<String>,
}

#[get("/admin/audit?<asked..>")]
async fn audit(visit: Visit<'_>, asked: Asked<'_>) -> Answer {
    let (address, user, start) = (asked.address(), asked.user(), asked.start());
    let named = named(&visit, address).await?;
    let filter = asked.filter(named);
    let read = visit.read_as_admin(Need::signed_in(), move |tx, _| {
        let user = user.map(|user| db::accounts::find(tx.connection, user)).transpose()?.flatten();
        Ok((user, Shown::read(tx, &filter, start, ROWS)?))
    });
    let (user, shown) = read.await?;
    let said = Words { locale: &visit.locale, accounts: &shown.accounts, owner: None };
    let rows = shown.found.lines.iter().map(|line| Row {
        at: line.entry.at,
        sentence: said.html(line),
        browser: line
            .entry
            .browser
            .as_ref()
            .filter(|_| !words::names_browser(&line.entry))
            .map(|browser| visit.locale.browser(browser)),
        client: line.entry.client.map(|client| client.to_string()),
    });
    let rest = shown.found.rest.filter(|_| shown.found.lines.is_empty());
    visit.page(&AuditPage {
        layout: visit.layout(),
        rows: rows.collect(),
        text: asked.text(),
        user: asked.user().map(|id| {
            let email = user.map_or_else(|| id.to_string(), |account| account.email.as_str().to_owned());
            (id.to_string(), email, asked.href(PATH, ("user", "")))
        }),
        kinds: kinds(asked.kind()),
        days: (asked.first_day(), asked.last_day()),
        is_filtered: asked.is_filtered(),
        is_filtered_further: asked.is_filtered_further(),
        links: links(&asked, &shown.found),
        looked_to: rest.map(|place| place.at),
        csv: asked.href("/admin/audit.csv", ("", "")),
        json: asked.href("/admin/audit.json", ("", "")),
    })
}

fn kinds(chosen: Option<AuditKind>) -> Vec<(&'static str, &'static str, bool)> {
    let kind = |kind: &AuditKind| (kind.as_str(), kind_key(*kind), Some(*kind) == chosen);
    AuditKind::VARIANTS.iter().map(kind).collect()
}

const fn kind_key(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::SignIns => "audit-kind.sign-ins",
        AuditKind::Warnings => "audit-kind.warnings",
        AuditKind::Methods => "audit-kind.methods",
        AuditKind::Accounts => "audit-kind.accounts",
        AuditKind::Recoveries => "audit-kind.recoveries",
        AuditKind::Settings => "audit-kind.settings",
        AuditKind::Apps => "audit-kind.apps",
        AuditKind::Server => "audit-kind.server",
    }
}

/// Returns where the links below the list lead. A page that has just been reached from a newer one
/// leads back there.
fn links(asked: &Asked<'_>, found: &Found) -> Links {
    let before = |place: Place| asked.href(PATH, ("before", &place.to_string()));
    let after = |place: Place| asked.href(PATH, ("after", &place.to_string()));
    let (first, last) = (found.lines.first(), found.lines.last());
    let (first, last) = (first.map(|line| Place::of(&line.entry)), last.map(|line| Place::of(&line.entry)));
    let newest = Some(asked.href(PATH, ("", "")));
    match asked.start() {
        Start::Newest => Links { older: found.rest.map(before), ..Links::default() },
        Start::OlderThan(_) => Links { newest, newer: first.map(after), older: found.rest.map(before) },
        Start::NewerThan(_) => Links { newest, newer: found.rest.map(after), older: last.map(before) },
    }
}

#[get("/admin/audit.csv?<asked..>")]
async fn csv(visit: Visit<'_>, asked: Asked<'_>) -> Answer {
    let export = files::read(&visit, &asked).await?;
    Ok(Reply::file("text/csv; charset=utf-8", files::csv(&visit.locale, &export), "gatepost-audit.csv"))
}

#[get("/admin/audit.json?<asked..>")]
async fn json(visit: Visit<'_>, asked: Asked<'_>) -> Answer {
    let export = files::read(&visit, &asked).await?;
    let next = export.rest.map(|place| {
        let href = asked.href("/admin/audit.json", ("before", &place.to_string()));
        visit.services.config.base_url.join(&href).to_string()
    });
    let body = files::json(&visit.locale, &export, next);
    Ok(Reply::file("application/json", body.to_string(), "gatepost-audit.json"))
}

pub(super) fn routes() -> Vec<Route> {
    routes![audit, csv, json]
}
