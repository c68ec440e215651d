//! Makes settings, groups and apps as a file wants them, in one transaction.

use super::{
    client::{client, owns_secret},
    outcome::{Applied, ApplyRefusal},
    wanted::{Wanted, WantedApp},
};
use crate::{
    apps,
    db::{self, Error, Stop, Tx, declared::Kind},
    domain::{
        Settings,
        apps::{
            AppId, Registered,
            fact::{AppFact, differences},
            host::AppHost,
            registered::AppOrigin,
        },
        audit::Action,
        group::GroupId,
        settings::SettingProblem,
        ways_in::{Loss, WaysOn},
    },
    people,
};
use std::collections::HashMap;

/// Does it all, or nothing after a refusal. A rehearsal does the same and undoes it, so that it
/// cannot differ.
pub fn apply(tx: &mut Tx<'_>, wanted: &Wanted, is_rehearsal: bool) -> Result<Applied, Stop<ApplyRefusal>> {
    tx.all_or_nothing(is_rehearsal, |tx| all(tx, wanted))
}

fn all(tx: &mut Tx<'_>, wanted: &Wanted) -> Result<Applied, Stop<ApplyRefusal>> {
    let mut applied = Applied::default();
    settings(tx, wanted, &mut applied)?;
    for (name, note) in &wanted.groups {
        if let Some(group) = apps::add_group(tx, name, note)? {
            applied.note((Kind::Group, group.name.as_str()), "", "added");
        } else if let Some(group) = db::groups::find_by_name(tx.connection, name)?
            && group.note != *note
        {
            apps::change_group(tx, group.id, note)?;
            applied.note((Kind::Group, name.as_str()), group.note, note.as_str());
        }
    }
    for app in &wanted.apps {
        self::app(tx, app, &mut applied)?;
    }
    own(tx, wanted, &mut applied)?;
    Ok(applied)
}

fn settings(tx: &mut Tx<'_>, wanted: &Wanted, applied: &mut Applied) -> Result<(), Stop<ApplyRefusal>> {
    if wanted.settings.is_empty() {
        return Ok(());
    }
    tx.lock_name("settings")?;
    let before = tx.settings()?;
    let mut after = Settings::clone(&before);
    for (name, value) in &wanted.settings {
        after.set(name, value).map_err(|problem| Stop::Refused(ApplyRefusal::Setting(name, problem)))?;
        if *name == "passkey_enabled" && value == "on" && !before.passkeys_possible {
            return Err(Stop::Refused(ApplyRefusal::Setting(name, SettingProblem::NoHostName)));
        }
    }
    if let Some((name, problem)) = after.contradiction() {
        return Err(Stop::Refused(ApplyRefusal::Setting(name, problem)));
    }
    let changed: Vec<&str> =
        wanted.settings.iter().map(|(name, _)| *name).filter(|name| before.get(name) != after.get(name)).collect();
    if changed.is_empty() {
        return Ok(());
    }
    // An installation without any admin has no way in to lose.
    let has_admin = !db::ways_in::of_admins(tx.connection)?.is_empty();
    if has_admin && people::locked_by(tx, Loss::Switches(WaysOn::under(&after)))?.is_some() {
        return Err(Stop::Refused(ApplyRefusal::LastWayIn));
    }
    for name in changed {
        let (was, is) = (before.get(name), after.get(name));
        tx.store_setting(name, &is)?;
        tx.log(&tx.line(Action::SettingChanged, name).from_to(was.clone(), is.clone()))?;
        applied.note((Kind::Setting, name), was, is);
    }
    Ok(())
}

type Names = HashMap<GroupId, String>;

fn app(tx: &mut Tx<'_>, wanted: &WantedApp, applied: &mut Applied) -> Result<(), Stop<ApplyRefusal>> {
    let slug = &wanted.app.app.slug;
    let mut app = wanted.app.clone();
    for name in &wanted.groups {
        if apps::add_group(tx, name, "")?.is_some() {
            applied.note((Kind::Group, name.as_str()), "", "added");
        }
        app.app.access.groups.push(apps::group_for(tx, name)?);
    }
    app.app.access.groups.sort_by_key(|group| group.as_i64());
    app.app.access.groups.dedup();
    let names = apps::group_names(tx)?;
    let taken = |refused| match refused {
        apps::AppRefusal::HostTaken { host, by } => ApplyRefusal::HostTaken { app: slug.clone(), host, by },
        // It was looked for under the same lock.
        apps::AppRefusal::SlugTaken => ApplyRefusal::ClientIdTaken(slug.clone()),
    };
    match db::apps::find_by_slug(tx.connection, slug)? {
        None => {
            app.app.id = AppId::issue(tx.entropy);
            apps::add(tx, &app, AppOrigin::CommandLine).map_err(|stop| stop.map(taken))?;
            applied.note((Kind::App, slug.as_str()), "", app.facts(&names).told());
        }
        Some(before) => {
            let app = kept(&mut app, &before);
            if let Some((was, is)) = difference(&before, app, &names) {
                apps::change(tx, app).map_err(|stop| stop.map(taken))?;
                applied.note((Kind::App, slug.as_str()), was, is);
            }
        }
    }
    client(tx, (wanted, app.app.id), applied)
}

/// Takes over what no file says: the id, the users and the icon.
fn kept<'a>(app: &'a mut Registered, before: &Registered) -> &'a Registered {
    app.app.id = before.app.id;
    app.app.access.people.clone_from(&before.app.access.people);
    app.look.icon.clone_from(&before.look.icon);
    app
}

fn difference(before: &Registered, after: &Registered, names: &Names) -> Option<(String, String)> {
    let facts = |app: &Registered| {
        // The database returns lists in an order that is not the file's.
        let mut app = app.clone();
        app.hosts.sort_by_key(AppHost::to_string);
        app.public_paths.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        let mut facts = app.facts(names);
        facts.push(AppFact::Position, app.look.position.to_string());
        facts
    };
    let (was, is) = (facts(before), facts(after));
    (was != is).then(|| differences(&was, &is))
}

/// Notes what the file owns, and releases what it names no longer.
fn own(tx: &mut Tx<'_>, wanted: &Wanted, applied: &mut Applied) -> Result<(), Error> {
    let named = [
        (Kind::Setting, wanted.settings.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>()),
        (Kind::Group, wanted.groups.iter().map(|(name, _)| name.to_string()).collect()),
        (Kind::App, wanted.apps.iter().map(|app| app.app.app.slug.to_string()).collect()),
        (Kind::Secret, wanted.apps.iter().filter(owns_secret).map(|app| app.app.app.slug.to_string()).collect()),
    ];
    for (kind, named) in named {
        let owned = db::declared::names(tx.connection, kind)?;
        for name in named.iter().filter(|name| !owned.contains(name)) {
            db::declared::insert(tx.connection, kind, name)?;
        }
        for name in owned.into_iter().filter(|name| !named.contains(name)) {
            db::declared::delete(tx.connection, kind, &name)?;
            applied.released.push((kind, name));
        }
    }
    Ok(())
}
