//! `/account/activity`: what happened to this account in the last 30 days. It says what to do if
//! that was another person.

use super::relative::ago;
use crate::{
    db::{
        self,
        audit_pages::{Line, Place, Start},
    },
    domain::{AccountId, AuditFilter, Lifetime, Timestamp, audit::Actor},
    locale::{Ago, Locale},
    telling::audit::{Words, names_browser},
    web::{Answer, Layout, Need, Visit},
};
use askama::{Template, filters::Safe};
use rocket::{Route, get, routes};
use std::collections::HashSet;

/// Span before now that the page covers.
const SPAN: Lifetime = Lifetime::days(30);
/// Lines of a page.
const MAX: usize = 100;

#[derive(Template)]
#[template(path = "account/activity.html")]
struct ActivityPage {
    layout: Layout,
    rows: Vec<Row>,
    span: Lifetime,
    /// True on the first page.
    is_newest: bool,
    /// Address of the page with older events, if there are any.
    older: Option<String>,
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
    at: Ago,
    /// Name of the actor, unless it was the owner.
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
            at: ago(locale, entry.at, now),
            browser: browser.map(|browser| locale.browser(browser)),
            client: entry.client.filter(|_| is_shown).map(|client| client.to_string()),
        }
    }
}

#[get("/account/activity?<before>")]
async fn activity(visit: Visit<'_>, before: Option<&str>) -> Answer {
    let own = visit.require()?.account.id;
    let since = visit.now.minus(SPAN);
    let start = before.and_then(Place::parse).map_or(Start::Newest, Start::OlderThan);
    let read = visit.read_as_account(Need::signed_in(), move |tx, me| {
        let account = Some(me.account.id);
        let filter = AuditFilter { account, is_of_owner: true, since: Some(since), ..AuditFilter::default() };
        db::audit_pages::find(tx.connection, &filter, start, MAX)
    });
    let found = read.await?;
    let rows = found.lines.iter().map(|line| Row::new(line, own, &visit.locale, visit.now)).collect();
    let is_newest = start == Start::Newest;
    let older = found.rest.map(|place| format!("/account/activity?before={place}"));
    visit.page(&ActivityPage { layout: visit.layout(), rows, span: SPAN, is_newest, older })
}

/// Shows the first steps to take if it was someone else.
#[get("/account/activity/not-me")]
fn not_me(visit: Visit<'_>) -> Answer {
    visit.require()?;
    let support = visit.settings.support_address.as_ref().map(|address| address.as_str());
    let has_password = visit.settings.password_enabled;
    visit.page(&NotMePage { layout: visit.layout(), support, has_password })
}

pub(super) fn routes() -> Vec<Route> {
    routes![activity, not_me]
}
