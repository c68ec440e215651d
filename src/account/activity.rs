//! `/account/activity`: what happened to this account in the last 30 days, and what to do if it was
//! not its owner.

use super::relative::ago;
use crate::{
    db::{
        self,
        audit_pages::{Line, Start},
    },
    domain::{AccountId, AuditFilter, AuditKind, Lifetime, Timestamp, audit::Actor},
    locale::Locale,
    telling::audit::{Words, names_browser},
    web::{Answer, Layout, Need, Visit},
};
use askama::{Template, filters::Safe};
use rocket::{Route, get, routes};
use std::collections::HashSet;

/// How far back the page looks.
const SPAN: Lifetime = Lifetime::days(30);
/// Most lines that the page reads.
const MOST: usize = 200;

#[derive(Template)]
#[template(path = "account/activity.html")]
struct ActivityPage {
    layout: Layout,
    rows: Vec<Row>,
    span: Lifetime,
}

#[derive(Template)]
#[template(path = "account/not_me.html")]
struct NotMePage<'a> {
    layout: Layout,
    support: Option<&'a str>,
    has_password: bool,
}

struct Row {
    sentence: Safe<String>,
    at: Timestamp,
    ago: String,
    /// Who it was, unless it was the owner.
    by: Option<String>,
    browser: Option<String>,
    client: Option<String>,
}

impl Row {
    fn new(line: &Line, own: AccountId, locale: &Locale, now: Timestamp) -> Self {
        let (none, entry) = (HashSet::new(), &line.entry);
        let words = Words { locale, accounts: &none, owner: Some(own) };
        // Where an admin was is not the owner's affair.
        let is_shown = entry.actor.account() == Some(own) || entry.actor == Actor::Visitor;
        let browser = entry.browser.as_ref().filter(|_| is_shown && !names_browser(entry));
        let (sentence, by) = words.for_owner(line, own);
        Self {
            sentence,
            by,
            at: entry.at,
            ago: ago(locale, entry.at, now),
            browser: browser.map(|browser| locale.browser(browser)),
            client: entry.client.filter(|_| is_shown).map(|client| client.to_string()),
        }
    }
}

/// Returns whether a line is about the account itself, and not about what an admin did to others.
fn is_of(line: &Line, own: AccountId) -> bool {
    let kind = AuditKind::of(line.entry.action);
    line.about == Some(own)
        || line.about.is_none()
            && kind != AuditKind::Settings
            && kind != AuditKind::Server
            && kind != AuditKind::Accounts
}

#[get("/account/activity")]
async fn activity(visit: Visit<'_>) -> Answer {
    let own = visit.require()?.account.id;
    let since = visit.now.minus(SPAN);
    let read = visit.read_as_account(Need::signed_in(), move |tx, me| {
        let filter = AuditFilter { account: Some(me.account.id), since: Some(since), ..AuditFilter::default() };
        Ok(db::audit_pages::find(tx.connection, &filter, Start::Newest, MOST)?.lines)
    });
    let lines = read.await?;
    let rows = lines.iter().filter(|line| is_of(line, own)).map(|line| Row::new(line, own, &visit.locale, visit.now));
    visit.page(&ActivityPage { layout: visit.layout(), rows: rows.collect(), span: SPAN })
}

/// What to do first if it was someone else.
#[get("/account/activity/not-me")]
fn not_me(visit: Visit<'_>) -> Answer {
    visit.require()?;
    let support = visit.settings.support_address.as_ref().map(|address| address.as_str());
    let has_password = visit.settings.password_enabled;
    visit.page(&NotMePage { layout: visit.layout(), support, has_password })
}

pub fn routes() -> Vec<Route> {
    routes![activity, not_me]
}
