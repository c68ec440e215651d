//! Apps: add, change, remove.

use crate::{
    db::{self, Error, Stop, Tx, declared::Kind},
    domain::{
        apps::{AppSlug, Registered, fact::differences, host::AppHost, registered::AppOrigin},
        audit::Action,
        group::GroupId,
        logo::Logo,
    },
};
use std::collections::HashMap;

/// The lock under which apps and groups change, so that two admins take turns.
pub(super) const LOCK: &str = "apps";

/// Keeps apps and groups as they are until the end of the transaction.
pub fn lock(tx: &mut Tx<'_>) -> Result<(), Error> {
    tx.lock_name(LOCK)
}

/// Why an app is not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppRefusal {
    SlugTaken,
    HostTaken { host: AppHost, by: AppSlug },
}

/// Returns whether an app would have Gatepost's own name. Cookies are for all ports of a host, so
/// that the app would receive every user's session.
pub fn is_own(host: &AppHost, origin: &str) -> bool {
    AppHost::parse(origin).is_ok_and(|own| own.name == host.name) && !host.is_wildcard
}

/// Returns why an app cannot be added.
pub fn refusal(tx: &mut Tx<'_>, app: &Registered) -> Result<Option<AppRefusal>, Error> {
    tx.lock_name(LOCK)?;
    if db::apps::find_by_slug(tx.connection, &app.app.slug)?.is_some() {
        return Ok(Some(AppRefusal::SlugTaken));
    }
    rival(tx, app)
}

/// Adds an app.
pub fn add(tx: &mut Tx<'_>, app: &Registered, origin: AppOrigin) -> Result<(), Stop<AppRefusal>> {
    if let Some(refused) = refusal(tx, app)? {
        return Err(Stop::Refused(refused));
    }
    db::apps::insert(tx.connection, app, origin, tx.now)?;
    let after = app.facts(&group_names(tx)?).told();
    Ok(tx.log(&tx.line(Action::AppAdded, app.app.slug.as_str()).to(after))?)
}

/// Stores an app that exists, under the slug that it has. Returns `false` if it is gone.
pub fn change(tx: &mut Tx<'_>, app: &Registered) -> Result<bool, Stop<AppRefusal>> {
    tx.lock_name(LOCK)?;
    let Some(before) = db::apps::find(tx.connection, app.app.id)? else { return Ok(false) };
    if let Some(refused) = rival(tx, app)? {
        return Err(Stop::Refused(refused));
    }
    db::apps::update(tx.connection, app, tx.now)?;
    log_change(tx, &before)?;
    Ok(true)
}

/// Gives an app an icon, or removes it. Returns `false` if the app is gone.
pub fn set_icon(tx: &mut Tx<'_>, slug: &AppSlug, icon: Option<&Logo>) -> Result<bool, Error> {
    tx.lock_name(LOCK)?;
    let Some(before) = db::apps::find_by_slug(tx.connection, slug)? else { return Ok(false) };
    db::apps::set_icon(tx.connection, before.app.id, icon)?;
    log_change(tx, &before)?;
    Ok(true)
}

/// Removes an app, even one that cannot be read. Returns `false` if it does not exist.
pub fn remove(tx: &mut Tx<'_>, slug: &str) -> Result<bool, Error> {
    tx.lock_name(LOCK)?;
    let (id, before) = match db::apps::find_stored(tx.connection, slug)? {
        Some(Ok(app)) => (app.app.id, app.facts(&group_names(tx)?).told()),
        // The log cannot tell what cannot be read.
        Some(Err(unread)) => (unread.id, String::new()),
        None => return Ok(false),
    };
    db::apps::delete(tx.connection, id)?;
    // No file owns another app of this name.
    db::declared::delete(tx.connection, Kind::App, slug)?;
    db::declared::delete(tx.connection, Kind::Secret, slug)?;
    tx.log(&tx.line(Action::AppRemoved, slug).from_to(before, ""))?;
    Ok(true)
}

/// Returns the names of all groups.
pub fn group_names(tx: &mut Tx<'_>) -> Result<HashMap<GroupId, String>, Error> {
    let groups = db::groups::all(tx.connection)?;
    Ok(groups.into_iter().map(|group| (group.id, group.name.to_string())).collect())
}

fn rival(tx: &mut Tx<'_>, app: &Registered) -> Result<Option<AppRefusal>, Error> {
    let found = db::apps::find_rival(tx.connection, &app.hosts, app.app.id)?;
    Ok(found.map(|(host, by)| AppRefusal::HostTaken { host, by }))
}

/// Writes what differs from `before`, unless nothing does.
fn log_change(tx: &mut Tx<'_>, before: &Registered) -> Result<(), Error> {
    let Some(after) = db::apps::find(tx.connection, before.app.id)? else { return Ok(()) };
    let groups = group_names(tx)?;
    let (was, is) = (before.facts(&groups), after.facts(&groups));
    if was == is {
        return Ok(());
    }
    let (was, is) = differences(&was, &is);
    tx.log(&tx.line(Action::AppChanged, before.app.slug.as_str()).from_to(was, is))
}
