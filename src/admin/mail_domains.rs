//! Domains whose scanners open links, on `/admin/mail`, and the switch that puts the code first.

use super::declared::{refuse, unless_declared};
use crate::{
    db::{self, Tx, declared::Kind, openings::OfDomain},
    domain::{Settings, Timestamp, audit::Action},
    web::{Answer, Failure, Fields, Need, Note, Visit, held_form::Stale},
};
use rocket::{Route, post, routes};

const PATH: &str = "/admin/mail";
/// The setting that this page switches for one domain.
pub(super) const SETTING: &str = "code_first_domains";

/// A domain on the page.
pub(super) struct Row {
    pub domain: String,
    /// The domain in the reader's script.
    pub shown: String,
    pub has_code_first: bool,
    /// Links that were opened, those that a scanner opened, and since when they are counted.
    pub counts: Option<(i64, i64, Timestamp)>,
}

/// Returns the domains that scanners are at, then the others that have the code first.
pub(super) fn rows(visit: &Visit<'_>, scanned: Vec<OfDomain>) -> Vec<Row> {
    let row = |domain: String, counts| Row {
        shown: visit.locale.domain(&domain),
        has_code_first: visit.settings.has_code_first(&domain),
        domain,
        counts,
    };
    let listed = visit.settings.code_first_domains.iter();
    let others: Vec<_> = listed.filter(|domain| scanned.iter().all(|of| of.domain != **domain)).cloned().collect();
    let scanned = scanned.into_iter().map(|of| row(of.domain, Some((of.opened, of.scanned, of.since))));
    scanned.chain(others.into_iter().map(|domain| row(domain, None))).collect()
}

#[post("/admin/mail/code-first", data = "<form>")]
async fn switch(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require_admin()?;
    form.only(&["domain", "first"])?;
    let domain = form.required("domain")?.to_owned();
    let first = form.required("first")?;
    let is_on = match first {
        "yes" => true,
        "no" => false,
        _ => return Err(Failure::BadRequest),
    };
    switched(&visit.settings, &domain, is_on)?;
    let stale = Stale::press(PATH, visit.path(), &[("domain", &domain), ("first", first)]);
    let need = Need::signed_in().fresh(stale).changing_settings();
    let stored = visit
        .as_admin(need, move |tx, _| unless_declared(tx, (Kind::Setting, SETTING), |tx| store(tx, (&domain, is_on))));
    match stored.await? {
        None => refuse(&visit, PATH),
        Some(false) => Err(Failure::BadRequest),
        Some(true) => visit.say(PATH, if is_on { Note::CodeFirst } else { Note::LinkFirst }),
    }
}

/// Returns `false` if the list has no room: another admin may have filled it since.
fn store(tx: &mut Tx<'_>, (domain, is_on): (&str, bool)) -> Result<bool, db::Error> {
    let current = tx.settings()?;
    let Ok(wanted) = switched(&current, domain, is_on) else { return Ok(false) };
    let (before, after) = (current.get(SETTING), wanted.get(SETTING));
    if before != after {
        tx.store_setting(SETTING, &after)?;
        tx.log(&tx.line(Action::SettingChanged, SETTING).from_to(before, after))?;
    }
    Ok(true)
}

/// Returns the settings with this domain in the list, or without it.
fn switched(settings: &Settings, domain: &str, is_on: bool) -> Result<Settings, Failure> {
    let others = settings.code_first_domains.iter().map(String::as_str).filter(|listed| *listed != domain);
    let domains: Vec<_> = others.chain(is_on.then_some(domain)).collect();
    let mut wanted = settings.clone();
    wanted.set(SETTING, &domains.join("\n")).map_err(|_| Failure::BadRequest)?;
    Ok(wanted)
}

pub(super) fn routes() -> Vec<Route> {
    routes![switch]
}
